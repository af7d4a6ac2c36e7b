// SPDX-License-Identifier: MIT
// Sensors as such: readings and raw bytes, what is not known, what a machine's telemetry makes of them, and events that are
// enabled one by one.
// Spec: IPMI 2.0 revision 1.1, sections 35.8 to 35.14, 36.3, 43.1; tables 42-2, 42-3.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeSensors } from "../../vbmc/describe-sensors.ts";
import * as S from "../../vbmc/sensor-list.ts";
import { factorBytes, rawOf, readingOf, stepsOf } from "../../vbmc/sensor-maths.ts";
import type { Telemetry } from "../../vbmc/telemetry.ts";
import { bytes, Door, hex } from "./door.ts";

const UNAVAILABLE = 0x20;
const BUSY: Telemetry = { load: 1000, memory: 305, disk: 1_000_000, network: null, printed: 51 };
const IDLE: Telemetry = { load: 0, memory: 305, disk: 0, network: null, printed: 0 };

/** Lets seconds of a machine pass. */
function live(door: Door, telemetry: Telemetry, seconds: number): void {
  for (let i = 0; i < seconds; i++) {
    door.at += 1e9;
    door.bmc.step({ kind: "telemetry", at: door.at, telemetry });
  }
}

const two = (number: number): string => hex([number]);
/** Completion code, raw reading, status, states. */
const ask = (door: Door, number: number): number[] => bytes(door.ask(`04 2d ${two(number)}`));
const isUnavailable = (door: Door, number: number): boolean => (ask(door, number)[2]! & UNAVAILABLE) !== 0;

/** The reading as a console makes it, from the record in the repository. */
function decoded(door: Door, number: number): number {
  let id = 0;
  for (;;) {
    const answer = bytes(door.ask(`0a 23 00 00 ${hex([id & 0xff, id >> 8])} 00 ff`));
    const record = answer.slice(3);
    if (record[3] === 0x01 && record[7] === number) {
      const signed = (value: number, bits: number) => (value >= 2 ** (bits - 1) ? value - 2 ** bits : value);
      const m = signed(record[24]! | ((record[25]! & 0xc0) << 2), 10);
      const b = signed(record[26]! | ((record[27]! & 0xc0) << 2), 10);
      const [k1, k2] = [signed(record[29]! & 0x0f, 4), signed(record[29]! >> 4, 4)];
      const raw = ask(door, number)[1]!;
      return (m * raw + b * 10 ** k1) * 10 ** k2;
    }
    id = answer[1]! | (answer[2]! << 8);
    if (id === 0xffff) throw new Error(`no record for sensor ${number}`);
  }
}

describe("readings and raw bytes", () => {
  const factors = fc.record({
    m: fc.oneof(fc.integer({ min: 1, max: 511 }), fc.integer({ min: -512, max: -1 })),
    b: fc.integer({ min: -512, max: 511 }),
    bExponent: fc.integer({ min: -8, max: 7 }),
    exponent: fc.integer({ min: -8, max: 7 }),
  });

  test("go to and fro", () => {
    fc.assert(
      fc.property(factors, fc.nat(255), (given, raw) => {
        // Where B is far greater than M the difference is lost in any arithmetic.
        fc.pre(Math.abs(given.b * 10 ** given.bExponent) < 1e9);
        expect(rawOf(given, readingOf(given, raw))).toBe(raw);
      }),
      { numRuns: 2000, seed: 86 },
    );
  });

  test("end at the ends", () => {
    expect([rawOf({}, -5), rawOf({}, 300), rawOf({ m: 4, exponent: 1 }, 2411)]).toEqual([0, 255, 60]);
    expect([stepsOf({ m: 4, exponent: 1 }, 80), stepsOf({ m: 4, exponent: 1 }, 1), stepsOf({}, 0)]).toEqual([2, 1, 0]);
    expect(hex(factorBytes({ m: -2, b: -3, bExponent: -1, exponent: 2 }))).toBe("fe c0 fd c0 00 2f");
  });

  test("are what a console makes of the record", () => {
    const door = new Door();
    door.machine(true);
    live(door, BUSY, 30);
    expect(decoded(door, S.SENSOR_CPU_LOAD)).toBe(100);
    expect(decoded(door, S.SENSOR_MEMORY_USE)).toBe(31);
    expect(decoded(door, S.SENSOR_DISK)).toBe(1200); // 1000 and what is missing to the step
    expect(decoded(door, S.SENSOR_CONSOLE)).toBe(100);
    expect(decoded(door, S.SENSOR_POWER_DRAW)).toBeGreaterThan(95);
    expect(decoded(door, S.SENSOR_FAN) % 40).toBe(0);
    expect(door.ask("04 23 04 00")).toBe("00 00 04 00 00 00 00 10");
  });
});

describe("what is not known", () => {
  const told = S.SENSORS.filter(({ thresholds, told }) => thresholds ?? told).map(({ number }) => number);

  test("has no reading: all that a machine would have to tell", () => {
    const door = new Door();
    door.machine(true);
    door.wait(100);
    for (const { number, name } of S.SENSORS) expect(isUnavailable(door, number), name).toBe(told.includes(number));
  });

  test("is known when it is told, and not what there is not", () => {
    const door = new Door();
    door.machine(true);
    live(door, BUSY, 1);
    const missing = [S.SENSOR_NETWORK, S.SENSOR_BOOT_PROGRESS];
    for (const { number, name } of S.SENSORS) expect(isUnavailable(door, number), name).toBe(missing.includes(number));
  });

  test("is the machine when it is off, but for the power that it draws not", () => {
    const door = new Door();
    door.machine(true);
    live(door, BUSY, 3);
    door.machine(false);
    live(door, BUSY, 3); // says nothing any more
    expect(ask(door, S.SENSOR_POWER_DRAW).slice(1, 3)).toEqual([0, 0xc0]);
    for (const number of [S.SENSOR_CPU_LOAD, S.SENSOR_TEMPERATURE, S.SENSOR_FAN, S.SENSOR_DISK])
      expect(isUnavailable(door, number)).toBe(true);
    expect(ask(door, S.SENSOR_POWER_UNIT)[3]).toBe(1);
    expect(door.bmc.state.sel.records.filter((each) => each[10] === 0x04)).toEqual([]); // no fan that stands
  });
});

describe("warmth", () => {
  test("comes with work and goes with rest, and more of it when the fan is slow", () => {
    const degrees = (telemetry: Telemetry, percent?: number): number => {
      const door = new Door();
      door.machine(true);
      if (percent !== undefined) expect(door.ask(`30 02 01 ${two(percent)}`)).toBe("00");
      live(door, telemetry, 600);
      return ask(door, S.SENSOR_TEMPERATURE)[1]!;
    };
    const [rest, work] = [degrees(IDLE), degrees(BUSY)];
    expect(rest).toBeLessThan(50);
    expect(work).toBeGreaterThan(rest + 10);
    expect(work).toBeLessThan(80);
    const slow = [100, 50, 20, 0].map((percent) => degrees(BUSY, percent));
    expect([...slow].sort((a, b) => a - b)).toEqual(slow);
    expect(slow[3]).toBeGreaterThanOrEqual(95);
  });

  test("is lost while the machine is off", () => {
    const after = (seconds: number): number => {
      const door = new Door();
      door.machine(true);
      live(door, BUSY, 300);
      door.machine(false);
      door.wait(seconds);
      door.machine(true);
      live(door, IDLE, 1);
      return ask(door, S.SENSOR_TEMPERATURE)[1]!;
    };
    expect(after(1)).toBeGreaterThan(60);
    expect(after(30)).toBeLessThan(50);
    expect(after(1e6)).toBeLessThan(30);
  });

  test("the fan's speed is set within its bounds, and given back", () => {
    const door = new Door();
    door.machine(true);
    live(door, IDLE, 60);
    expect(door.ask("30 01")).toMatch(/^00 00 /);
    expect(door.ask("30 02 01 32")).toBe("00");
    live(door, IDLE, 30);
    expect(door.ask("30 01")).toBe("00 01 32 ac 0d");
    expect([door.ask("30 02 01 65"), door.ask("30 02 02 00")]).toEqual(["c9", "cc"]);
    expect(door.ask("30 02 00")).toBe("00");
    expect(door.ask("30 01")).toMatch(/^00 00 /);
  });
});

describe("events", () => {
  test("of a discrete sensor are logged where they are enabled, and the state shows anyway", () => {
    const door = new Door();
    door.ask("04 28 07 e0 20 00"); // without S5
    door.machine(true);
    door.machine(false);
    expect(door.bmc.state.sel.records.map((each) => hex(each.slice(10, 14)))).toEqual(["22 07 6f 00"]);
    expect(door.ask("04 2d 07")).toBe("00 00 c0 20 80");
    expect(door.ask("04 29 07")).toBe("00 c0 41 00 00 00");
  });

  test("that have come and gone are kept until they are armed again", () => {
    const door = new Door();
    door.reading(S.SENSOR_TEMPERATURE, 90);
    expect(door.ask("04 2b 03")).toBe("00 c0 80 00 00 00");
    door.reading(S.SENSOR_TEMPERATURE, 20);
    expect(door.ask("04 2b 03")).toBe("00 c0 00 00 80 00");
    door.ask("04 2a 03 00");
    expect(door.ask("04 2b 03")).toBe("00 c0 00 00 00 00");
  });

  test("of the load are possible, and off until somebody wants them", () => {
    const door = new Door();
    door.machine(true);
    const count = () => door.bmc.state.sel.records.length;
    const before = count();
    live(door, BUSY, 3);
    live(door, IDLE, 3);
    expect(count()).toBe(before);
    expect(door.ask("04 28 01 d0 80 00 80 00")).toBe("00");
    live(door, BUSY, 3);
    live(door, IDLE, 3);
    expect(door.bmc.state.sel.records.slice(before).map((each) => hex(each.slice(10)))).toEqual([
      "0b 01 01 57 64 5f",
      "0b 01 81 57 00 5f",
    ]);
  });

  test("of the guest's end come once, and go with the next guest", () => {
    const door = new Door();
    door.machine(true);
    const say = (guest: "panicked" | "stuck" | "running"): void =>
      void door.bmc.step({ kind: "guest", at: door.at, guest });
    const ends = () =>
      door.bmc.state.sel.records.filter((each) => each[10] === 0x20).map((each) => hex(each.slice(11)));
    say("stuck");
    say("panicked");
    expect(ends()).toEqual(["0d 6f 81 03 ff"]);
    expect(ask(door, S.SENSOR_GUEST)[3]).toBe(2);
    say("running");
    expect(ask(door, S.SENSOR_GUEST)[3]).toBe(0);
    say("panicked");
    expect(ends().length).toBe(2);
    door.machine(true);
    expect(ask(door, S.SENSOR_GUEST)[3]).toBe(0);
  });
});

test("a cold reset forgets thresholds and readings, not what is so", () => {
  const door = new Door();
  door.machine(true);
  live(door, BUSY, 2);
  door.ask("04 26 03 08 00 00 00 50 00 00");
  expect(door.ask("06 02")).toBe("00");
  expect(door.ask("04 27 03")).toBe("00 38 00 00 00 55 5f 69");
  expect(ask(door, S.SENSOR_POWER)[3]).toBe(1);
  expect(ask(door, S.SENSOR_EVENT_LOG)[3]).toBe(0);
  expect(isUnavailable(door, S.SENSOR_TEMPERATURE)).toBe(true);
  live(door, BUSY, 1);
  expect(isUnavailable(door, S.SENSOR_TEMPERATURE)).toBe(false);
});

test("the page of sensors is what the list says (tools/gen-ipmi-docs.ts writes it)", () => {
  const page = readFileSync(new URL("../../docs/sensors.md", import.meta.url), "utf8");
  expect(page).toBe(describeSensors(S.SENSORS));
});
