// SPDX-License-Identifier: MIT
// The BMC's hashes, codes and ciphers give what Node's own cryptography gives, whatever was computed with them before.
import { createCipheriv, createHash, createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { decryptCbc, encryptCbc } from "../../vbmc/crypto/aes-cbc.ts";
import { resumeHash } from "../../vbmc/crypto/resumable-hash.ts";
import { hmacSealed, keyedHash, sealKey } from "../../vbmc/crypto/sealed-key.ts";

const HASHES = ["sha1", "sha256"] as const;
/** Bytes that differ from one length and seed to the next. */
const bytesOf = (length: number, seed = 0): number[] =>
  Array.from({ length }, (_, i) => (i * 167 + seed * 59 + length) & 0xff);
const LENGTHS = Array.from({ length: 200 }, (_, i) => i);

test.each(HASHES)("%s of every length around its blocks, one after the other", (name) => {
  for (const length of LENGTHS) {
    const bytes = bytesOf(length);
    const expected = [...createHash(name).update(Buffer.from(bytes)).digest()];
    expect(resumeHash(name).absorb(bytes).finish()).toEqual(expected);
    const parts = resumeHash(name).absorb(bytes.slice(0, length >> 1));
    expect(parts.absorb(bytes.slice(length >> 1)).finish(7)).toEqual(expected.slice(0, 7));
  }
});

test.each(HASHES)("a hash of %s goes on from where another one stood, which was left in the middle", (name) => {
  const bytes = bytesOf(150);
  const words = resumeHash(name).absorb(bytes.slice(0, 128)).words;
  resumeHash(name).absorb(bytes.slice(0, 33));
  const expected = [...createHash(name).update(Buffer.from(bytes)).digest()];
  expect(resumeHash(name, words, 128).absorb(bytes.slice(128)).finish()).toEqual(expected);
});

test.each(HASHES)("HMAC by %s: a key in use, the same key in another array, a sealed one", (name) => {
  const keys = [0, 16, 20, 32, 64].map((length) => bytesOf(length, 1));
  for (const length of LENGTHS) {
    for (const key of keys) {
      const message = bytesOf(length);
      const expected = [...createHmac(name, Buffer.from(key)).update(Buffer.from(message)).digest()];
      expect(keyedHash(name, key, message)).toEqual(expected);
      expect(keyedHash(name, [...key], message, 12)).toEqual(expected.slice(0, 12));
      expect(hmacSealed(name, sealKey(key), message)).toEqual(expected);
    }
  }
});

test("AES-CBC of any number of blocks by several keys in turn, there and back", () => {
  const keys = [1, 2, 3].map((seed) => bytesOf(16, seed));
  for (let blocks = 0; blocks < 20; blocks++) {
    for (const [seed, key] of keys.entries()) {
      const [vector, plain] = [bytesOf(16, blocks), bytesOf(16 * blocks, seed)];
      const cipher = createCipheriv("aes-128-cbc", Buffer.from(key), Buffer.from(vector)).setAutoPadding(false);
      const expected = [...vector, ...cipher.update(Buffer.from(plain)), ...cipher.final()];
      expect(encryptCbc(key, vector, plain)).toEqual(expected);
      expect(decryptCbc(key, expected)).toEqual(plain);
    }
  }
});
