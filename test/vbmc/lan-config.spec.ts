// SPDX-License-Identifier: MIT
// Configuration over the commands of the transport and App groups: LAN and SOL parameters, keys, users' payloads.
import { describe, expect, test } from "vitest";
import { Door, hex } from "./door.ts";

describe("LAN parameters", () => {
  test.each([
    ["an address", "0c 01 01 03 0a 00 00 02", "0c 02 01 03 00 00", "00 11 0a 00 00 02"],
    ["a community", `0c 01 01 10 61 ${"00 ".repeat(17)}`, "0c 02 01 10 00 00", `00 11 61 ${"00 ".repeat(17).trim()}`],
    ["a destination", "0c 01 01 12 02 00 05 03", "0c 02 01 12 02 00", "00 11 02 00 05 03"],
    [
      "the limit of suite 3",
      `0c 01 01 18 00 00 30 ${"00 ".repeat(6)}`,
      "0c 02 01 18 00 00",
      `00 11 00 00 30 ${"00 ".repeat(6).trim()}`,
    ],
  ])("%s is kept", (_, set, get, told) => {
    const door = new Door();
    expect(door.ask(set)).toBe("00");
    expect(door.ask(get)).toBe(told);
  });

  test.each([
    ["0c 01 01 01 ff", "82", "authentication types are read-only"],
    ["0c 01 01 08 6f 02", "82", "the port is the host's"],
    ["0c 01 01 63 00", "80", "unknown"],
    ["0c 01 01 03 0a 00 00", "c7", "too short"],
    ["0c 01 01 12 09 00 00 00", "c9", "no such destination"],
    [`0c 01 01 18 00 04 ${"00 ".repeat(7)}`, "cc", "suite 0 cannot be enabled"],
    ["0c 01 01 33 02", "cc", "there is no IPv6"],
    ["0c 01 00 03 0a 00 00 02", "cc", "no such channel"],
    ["0c 02 01 c8 00 00", "80", "unknown"],
  ])("%s is refused with %s: %s", (request, code) => {
    expect(new Door().ask(request)).toBe(code);
  });

  test("only the revision is told on request; a second set in progress is refused", () => {
    const door = new Door();
    expect(door.ask("0c 02 81 03 00 00")).toBe("00 11");
    expect([door.ask("0c 01 01 00 01"), door.ask("0c 01 01 00 01"), door.ask("0c 01 01 00 00")]).toEqual([
      "00",
      "81",
      "00",
    ]);
  });
});

describe("SOL parameters", () => {
  test.each([
    ["0c 21 01 01 00", "0c 22 01 01 00 00", "00 11 00"],
    ["0c 21 01 02 84", "0c 22 01 02 00 00", "00 11 84"],
    ["0c 21 01 03 0a 20", "0c 22 01 03 00 00", "00 11 0a 20"],
    ["0c 21 01 04 ff 10", "0c 22 01 04 00 00", "00 11 07 10"],
    ["0c 21 01 06 06", "0c 22 01 06 00 00", "00 11 06"],
  ])("%s is kept", (set, get, told) => {
    const door = new Door();
    expect([door.ask(set), door.ask(get)]).toEqual(["00", told]);
  });

  test.each([
    ["0c 21 01 07 01", "82"],
    ["0c 21 01 08 6f 02", "82"],
    ["0c 21 01 09 00", "80"],
    ["0c 21 01 02 c1", "cc"],
    ["0c 21 01 05 0b", "cc"],
    ["0c 21 01 03 01", "c7"],
  ])("%s is refused with %s", (request, code) => {
    expect(new Door().ask(request)).toBe(code);
  });
});

test("the channel's key can be set and cleared, and never read", () => {
  const door = new Door();
  const key = "4b ".repeat(20).trim();
  expect(door.ask("06 56 01 00 01")).toBe(`00 01 ${"00 ".repeat(20).trim()}`);
  expect(door.ask(`06 56 01 01 01 ${key}`)).toBe("00 01");
  expect(door.ask("06 56 01 00 01")).toBe("80");
  expect(door.ask("06 38 81 04").split(" ")[3]).toBe("20");
  expect(door.ask("06 56 01 01 01 4b")).toBe("81");
  expect(door.ask(`06 56 01 01 01 ${"00 ".repeat(20)}`)).toBe("00 01");
  expect(door.ask("06 56 01 00 01")).toMatch(/^00 01 00/);
  expect(door.ask(`06 56 01 01 00 ${key}`)).toBe("84");
});

test("a user's payloads are switched one by one", () => {
  const door = new Door();
  expect(door.ask("06 4d 01 02")).toBe("00 02 00 00 00");
  expect(door.ask("06 4c 01 42 02 00 00 00")).toBe("00");
  expect(door.ask("06 4d 01 02")).toBe("00 00 00 00 00");
  expect(door.ask("06 4c 01 02 02 00 00 00")).toBe("00");
  expect(door.ask("06 4d 01 02")).toBe("00 02 00 00 00");
  expect([door.ask("06 4d 01 0b"), door.ask("06 4c 01 82 02 00 00 00")]).toEqual(["cc", "cc"]);
});

describe("records of the repository", () => {
  const record = "00 00 51 c0 03 00 00 00"; // an OEM record
  test("are added whole or in parts, read back, deleted and cleared", () => {
    const door = new Door();
    const [one, other] = [1, 2].map((n) => hex([door.bmc.state.sdr.records.length + n]));
    expect(door.ask(`0a 24 ${record}`)).toBe(`00 ${one} 00`);
    expect(door.ask(`0a 23 00 00 ${one} 00 00 ff`)).toBe(`00 ff ff ${one} 00 51 c0 03 00 00 00`);
    expect(door.ask("0a 24 00 00 51 c0 04 00 00 00")).toBe("80");
    const reserve = () => door.ask("0a 22").slice(3);
    const first = reserve();
    expect(door.ask(`0a 25 ${first} 00 00 00 00 00 00 51 c0 03`)).toBe(`00 ${other} 00`);
    expect(door.ask(`0a 25 ${first} ${other} 00 05 01 00 00 00`)).toBe(`00 ${other} 00`);
    expect(door.ask(`0a 26 ${first} ${other} 00`)).toBe("c5");
    expect(door.ask(`0a 26 ${reserve()} ${other} 00`)).toBe(`00 ${other} 00`);
    expect(door.ask(`0a 27 ${reserve()} 43 4c 52 aa`)).toBe("00 01");
    expect(door.ask("0a 20").split(" ").slice(2, 4)).toEqual(["00", "00"]);
  });

  test("are bounded", () => {
    const door = new Door();
    for (let i = 0; i < 300; i++) door.ask(`0a 24 ${record}`);
    expect(door.ask(`0a 24 ${record}`)).toBe("c4");
    expect(door.bmc.state.sdr.records.length).toBe(256);
  });
});
