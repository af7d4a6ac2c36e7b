// SPDX-License-Identifier: MIT
import { describe, expect, test } from "vitest";
import { checksum } from "../../vbmc/ipmi/message.ts";
import { SEL_CAPACITY } from "../../vbmc/sel.ts";
import { bytes, Door, hex } from "./door.ts";

const RECORD = "00 00 02 00 00 00 00 41 00 04 20 00 6f a1 62 63";

describe("the event log", () => {
  test("an empty log has no first entry", () => {
    const door = new Door();
    expect(door.ask("0a 40")).toBe("00 51 00 00 00 40 ff ff ff ff ff ff ff ff 0b");
    expect(door.ask("0a 43 00 00 00 00 00 ff")).toBe("cb");
  });

  test("entries get an identifier and the time, and are found from first to last", () => {
    const door = new Door({ epochSeconds: 0x60000000 });
    door.wait(5);
    expect(door.ask(`0a 44 ${RECORD}`)).toBe("00 01 00");
    expect(door.ask(`0a 44 ${RECORD}`)).toBe("00 02 00");
    expect(door.ask("0a 43 00 00 00 00 00 ff")).toBe("00 02 00 01 00 02 05 00 00 60 41 00 04 20 00 6f a1 62 63");
    expect(door.ask("0a 43 00 00 02 00 00 04")).toBe("00 ff ff 02 00 02 05");
    expect(door.ask("0a 43 00 00 ff ff 00 02")).toBe("00 ff ff 02 00");
    expect(door.ask("0a 43 00 00 03 00 00 ff")).toBe("cb");
    expect(door.ask("0a 43 00 00 01 00 00 11")).toBe("c9");
  });

  test("a record without timestamp keeps all its bytes", () => {
    const door = new Door();
    door.ask("0a 44 00 00 f0 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d");
    expect(door.ask("0a 43 00 00 01 00 00 ff")).toBe("00 ff ff 01 00 f0 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d");
  });

  test("what changes the log needs the latest reservation, and a deletion cancels it", () => {
    const door = new Door();
    for (let i = 0; i < 3; i++) door.ask(`0a 44 ${RECORD}`);
    expect(door.ask("0a 46 00 00 01 00")).toBe("c5");
    expect(door.ask("0a 42")).toBe("00 01 00");
    expect(door.ask("0a 42")).toBe("00 02 00");
    expect(door.ask("0a 46 01 00 01 00")).toBe("c5");
    expect(door.ask("0a 46 02 00 02 00")).toBe("00 02 00");
    expect(door.ask("0a 46 02 00 01 00")).toBe("c5");
    expect(door.ask("0a 43 02 00 01 00 04 04")).toBe("c5");
    expect(door.ask("0a 43 00 00 01 00 00 02")).toBe("00 03 00 01 00");
  });

  test("clearing starts with AA and is polled with 00", () => {
    const door = new Door();
    door.ask(`0a 44 ${RECORD}`);
    door.ask("0a 42");
    expect(door.ask("0a 47 01 00 43 4c 52 55")).toBe("cc");
    expect(door.ask("0a 47 01 00 43 4c 53 aa")).toBe("cc");
    expect(door.ask("0a 47 01 00 43 4c 52 aa")).toBe("00 01");
    expect(door.ask("0a 47 01 00 43 4c 52 00")).toBe("00 01");
    expect(door.ask("0a 40").slice(0, 11)).toBe("00 51 00 00");
  });

  test("a full log refuses, says so, and its identifiers never collide", () => {
    const door = new Door();
    const own = 1; // the log says itself that it is almost full
    for (let i = own; i < SEL_CAPACITY; i++) expect(door.ask(`0a 44 ${RECORD}`).slice(0, 2)).toBe("00");
    const almost = door.bmc.state.sel.records.filter((each) => each[7] === 0x20);
    expect(almost.map((each) => hex(each.slice(10)))).toEqual(["10 06 6f 35 ff 5a"]);
    expect(door.ask(`0a 44 ${RECORD}`)).toBe("c4");
    expect(door.ask("0a 40").slice(-2)).toBe("8b");
    expect(door.ask("04 2d 06")).toBe("00 00 c0 30 80");
  });

  test("the clock is set and runs on", () => {
    const door = new Door();
    door.ask("0a 49 78 56 34 12");
    door.wait(2);
    expect(door.ask("0a 48")).toBe("00 7a 56 34 12");
  });
});

describe("the SDR repository", () => {
  test("records are listed by their links, each as long as it says, each sensor answering", () => {
    const door = new Door({ machineName: "m" });
    const count = bytes(door.ask("0a 20"))[2]!;
    let id = 0;
    let seen = 0;
    while (id !== 0xffff) {
      const answer = bytes(door.ask(`0a 23 00 00 ${hex([id & 0xff, id >> 8])} 00 ff`));
      expect(answer[0]).toBe(0);
      const record = answer.slice(3);
      expect(record.length).toBe(5 + record[4]!);
      const idString = { 0x01: 47, 0x02: 31, 0x12: 15 }[record[3]!]!;
      expect(record.length).toBe(idString + 1 + (record[idString]! & 0x1f));
      if (record[3] !== 0x12) expect(door.ask(`04 2d ${hex([record[7]!])}`)).toMatch(/^00 /);
      id = answer[1]! | (answer[2]! << 8);
      seen++;
    }
    expect(seen).toBe(count);
  });

  test("a record read in pieces under a reservation is the record", () => {
    const door = new Door();
    const whole = bytes(door.ask("0a 23 00 00 02 00 00 ff")).slice(3);
    expect(door.ask("0a 23 00 00 02 00 05 10")).toBe("c5");
    door.ask("0a 22");
    const pieces: number[] = [];
    for (let offset = 0; offset < whole.length; offset += 16) {
      const count = Math.min(16, whole.length - offset);
      pieces.push(...bytes(door.ask(`0a 23 01 00 02 00 ${hex([offset, count])}`)).slice(3));
    }
    expect(pieces).toEqual(whole);
  });
});

describe("the inventory", () => {
  test("header and areas add up to zero and hold the machine's name", () => {
    const door = new Door({ machineName: "mill", serialNumber: "X1" });
    const [, low = 0, high = 0] = bytes(door.ask("0a 10 00"));
    const all: number[] = [];
    for (let offset = 0; offset < (low | (high << 8)); offset += 16) {
      const answer = bytes(door.ask(`0a 11 00 ${hex([offset & 0xff, offset >> 8])} 10`));
      expect(answer[1]).toBe(16);
      all.push(...answer.slice(2));
    }
    expect(checksum(all.slice(0, 8))).toBe(0);
    for (const start of all.slice(2, 5)) {
      const area = all.slice(start * 8, (start + all[start * 8 + 1]!) * 8);
      expect(checksum(area)).toBe(0);
      expect(String.fromCharCode(...area)).toContain("mill");
    }
  });

  test("what is written is read back, and nothing beyond the end", () => {
    const door = new Door();
    expect(door.ask("0a 12 00 fe 07 01 02 03")).toBe("c9");
    expect(door.ask("0a 12 00 fd 07 01 02 03")).toBe("00 03");
    expect(door.ask("0a 11 00 fc 07 10")).toBe("00 04 00 01 02 03");
    expect(door.ask("0a 11 00 00 08 10")).toBe("c9");
    expect(door.ask("0a 10 01")).toBe("cb");
  });
});
