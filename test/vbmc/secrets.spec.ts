// SPDX-License-Identifier: MIT
// Secrets are compared in a time that does not tell where they differ: every byte is looked at, whatever they are.
import { expect, test } from "vitest";
import { sameKey, sameSecret, sealKey } from "../../vbmc/crypto/sealed-key.ts";
import { isPassword, keyOf, newUsers } from "../../vbmc/users.ts";

const SECRET = Array.from({ length: 20 }, (_, i) => i + 1);

/** The same bytes, and how many of them were read. */
function watched(bytes: readonly number[]): { bytes: readonly number[]; reads: () => number } {
  let reads = 0;
  const proxy = new Proxy([...bytes], {
    get(target, name, receiver) {
      if (typeof name === "string" && /^\d+$/.test(name)) reads++;
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  return { bytes: proxy, reads: () => reads };
}

test("the same bytes are read wherever two secrets differ, or nowhere", () => {
  const differing = SECRET.map((_, i) => SECRET.map((each, at) => (at === i ? each ^ 0x80 : each)));
  for (const given of [SECRET, ...differing]) {
    const [one, other] = [watched(SECRET), watched(given)];
    expect(sameSecret(one.bytes, other.bytes)).toBe(given === SECRET);
    expect([one.reads(), other.reads()]).toEqual([SECRET.length, SECRET.length]);
  }
});

test("another length is another secret, and costs what the first one costs", () => {
  for (const length of [0, 1, 19, 21, 40]) {
    const one = watched(SECRET);
    expect(
      sameSecret(
        one.bytes,
        Array.from({ length }, (_, i) => SECRET[i] ?? 0),
      ),
    ).toBe(false);
    expect(one.reads()).toBe(SECRET.length);
  }
});

test("keys are the same when all of their bytes are", () => {
  const key = sealKey(SECRET);
  expect(sameKey(key, sealKey([...SECRET]))).toBe(true);
  for (let i = 0; i < SECRET.length; i++) expect(sameKey(key, sealKey(SECRET.with(i, 0xff)))).toBe(false);
});

test("a password is a user's, longer or shorter ones are not, and no password is none", () => {
  const [user] = newUsers();
  expect(isPassword(user!, [])).toBe(true);
  user!.key = keyOf(SECRET);
  expect(isPassword(user!, SECRET)).toBe(true);
  expect(isPassword(user!, SECRET.slice(0, -1))).toBe(false);
  expect(isPassword(user!, SECRET.with(0, 9))).toBe(false);
  expect(isPassword(user!, [])).toBe(false);
  expect(isPassword(user!, [0, 0, 0])).toBe(false);
});
