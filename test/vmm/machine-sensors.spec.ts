// SPDX-License-Identifier: MIT
// Sensors of a machine follow what its guest does, second by second of virtual time, however the run is cut.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import fc from "fast-check";
import { SECTOR_BYTES } from "../../devices/core/block-backend.ts";
import { loadCoreModule } from "../../host/node/core.ts";
import { readingOf } from "../../vbmc/sensor-maths.ts";
import * as S from "../../vbmc/sensor-list.ts";
import type { Happening } from "../../vbmc/station.ts";
import { createMachine } from "../../vmm/create-machine.ts";
import { MemoryDisk } from "../../vmm/disks/memory-disk.ts";
import { FaultyDisk } from "../../vmm/disks/faulty-disk.ts";
import { MeteredDisk } from "../../vmm/disks/metered-disk.ts";
import { meterOf } from "../../vmm/machine-bmc.ts";
import { MachineSensors } from "../../vmm/machine-sensors.ts";
import type { Machine } from "../../vmm/machine.ts";
import { VirtualClock } from "../../vmm/time/virtual-clock.ts";
import type { WrittenMemory } from "../../vmm/written-memory.ts";
import { hex, out, runPastPost, tinyGuest } from "../harness/tiny-guest.ts";

const SECOND = 1_000_000_000;
const OWNER = { channel: 0x0f, privilege: 4 };
const SET_FAN = [0xc0, 0x02]; // network function 30h
const POWER_OFF = [0x00, 0x02, 0x00];
const POWER_ON = [0x00, 0x02, 0x01];
/** Sensor types. */
const TEMPERATURE_EVENT = 0x01;
const FAN_EVENT = 0x04;
const DRIVE_EVENT = 0x0d;
const GUEST_EVENT = 0x20;
/** A microsecond an instruction: seconds go by fast. */
const SHIFT = 10;

const MASK_ALL = [...out(0x21, 0xff), ...out(0xa1, 0xff)];
/** With interrupts on that nobody raises. */
const SLEEP = [...MASK_ALL, ...hex("fb f4 eb fc")]; // sleep: sti; hlt; jmp sleep

/** Works for about four seconds at SHIFT, a new page every 2^12 rounds, then sleeps. */
const WORK_THEN_SLEEP = [
  ...MASK_ALL,
  ...hex("b9 00 00 20 00"), // mov ecx, 200000h
  ...hex("89 c8 c1 e0 03 0d 00 00 00 01 88 08"), // work: mov eax, ecx; shl eax, 3; or eax, 1000000h; mov [rax], cl
  ...hex("ff c9 75 f0"), // dec ecx; jnz work
  ...SLEEP,
];
const WORK = hex("eb fe");

/** The reading in the sensor's unit; undefined: there is none. */
function reading(machine: Machine, number: number): number | undefined {
  const { raw } = machine.bmc!.station.bmc.state.sensors.find((each) => each.number === number)!;
  return raw === null ? undefined : readingOf(S.findSensor(number)!.factors ?? {}, raw);
}

const states = (machine: Machine, number: number): number =>
  machine.bmc!.station.bmc.state.sensors.find((each) => each.number === number)!.states;

const records = (machine: Machine): (readonly number[])[] => machine.bmc!.station.bmc.state.sel.records;
const events = (machine: Machine, type: number): (readonly number[])[] =>
  records(machine)
    .filter((record) => record[10] === type)
    .map((record) => record.slice(10));

function ask(machine: Machine, request: readonly number[]): readonly number[] {
  let given: readonly number[] = [];
  machine.bmc!.station.request(OWNER, request, (answer) => (given = answer));
  return given.slice(2);
}

const pass = (machine: Machine, seconds: number): void => void machine.run({ until: machine.nanos + seconds * SECOND });

/** What the BMC knows of the machine. */
const truth = (machine: Machine): unknown => {
  const { sensors, sel, cooling } = machine.bmc!.station.bmc.state;
  return { sensors, sel, cooling, at: machine.nanos, retired: machine.retired };
};

function booted(code: readonly number[]): Machine {
  const machine = tinyGuest(code, { bmc: true, icountShift: SHIFT });
  runPastPost(machine);
  return machine;
}

describe("a machine's sensors", () => {
  it("follow a guest that works, sleeps, is switched off and on again", () => {
    const machine = booted(WORK_THEN_SLEEP);
    expect(reading(machine, S.SENSOR_CPU_LOAD)).toBeUndefined();
    pass(machine, 12);
    expect(reading(machine, S.SENSOR_CPU_LOAD)).toBe(100);
    expect(reading(machine, S.SENSOR_MEMORY_USE)).toBeCloseTo(47, -1);
    const [warm, fast, hungry] = [S.SENSOR_TEMPERATURE, S.SENSOR_FAN, S.SENSOR_POWER_DRAW].map((each) =>
      reading(machine, each)!,
    );
    expect(warm).toBeGreaterThan(50);
    expect(hungry).toBeGreaterThan(85);

    pass(machine, 60);
    expect(reading(machine, S.SENSOR_CPU_LOAD)).toBe(0);
    expect(reading(machine, S.SENSOR_TEMPERATURE)).toBeLessThan(50);
    expect(reading(machine, S.SENSOR_FAN)).toBeLessThan(fast!);
    expect(reading(machine, S.SENSOR_POWER_DRAW)).toBeLessThan(40);
    expect(reading(machine, S.SENSOR_DISK)).toBeUndefined();
    expect(events(machine, FAN_EVENT)).toEqual([]);

    ask(machine, POWER_OFF);
    pass(machine, 1);
    expect(reading(machine, S.SENSOR_POWER_DRAW)).toBe(0);
    for (const each of [S.SENSOR_CPU_LOAD, S.SENSOR_MEMORY_USE, S.SENSOR_TEMPERATURE, S.SENSOR_FAN])
      expect(reading(machine, each)).toBeUndefined();
    expect(states(machine, S.SENSOR_POWER_UNIT)).toBe(1);

    ask(machine, POWER_ON);
    pass(machine, 2);
    expect(reading(machine, S.SENSOR_CPU_LOAD)).toBe(100);
    expect(reading(machine, S.SENSOR_MEMORY_USE)).toBeLessThan(20);
    expect(states(machine, S.SENSOR_POWER_UNIT)).toBe(0);
    expect(events(machine, FAN_EVENT)).toEqual([]);
  });

  it("cross their thresholds when the fan is stopped, and come back when it turns", () => {
    const machine = booted(WORK);
    expect(ask(machine, [...SET_FAN, 1, 0])).toEqual([0]);
    pass(machine, 150);
    expect(reading(machine, S.SENSOR_FAN)).toBe(0);
    expect(reading(machine, S.SENSOR_TEMPERATURE)).toBeGreaterThanOrEqual(95);
    expect(states(machine, S.SENSOR_TEMPERATURE)).toBe(S.UPPER_NON_CRITICAL | S.UPPER_CRITICAL);
    expect(ask(machine, [...SET_FAN, 0])).toEqual([0]);
    pass(machine, 100);
    expect(reading(machine, S.SENSOR_TEMPERATURE)).toBeLessThan(70);
    const crossings = events(machine, TEMPERATURE_EVENT);
    expect(crossings.map((each) => [...each.slice(1, 4), each[5]])).toEqual([
      [S.SENSOR_TEMPERATURE, 0x01, 0x57, 85],
      [S.SENSOR_TEMPERATURE, 0x01, 0x59, 95],
      [S.SENSOR_TEMPERATURE, 0x81, 0x59, 95],
      [S.SENSOR_TEMPERATURE, 0x81, 0x57, 85],
    ]);
    for (const [, , direction, , value, limit] of crossings)
      if (direction! & 0x80) expect(value).toBeLessThanOrEqual(limit! - 2);
      else expect(value).toBeGreaterThanOrEqual(limit!);
    expect(events(machine, FAN_EVENT).map((each) => each.slice(2, 4))).toEqual([
      [0x01, 0x50],
      [0x01, 0x52],
      [0x81, 0x50],
      [0x81, 0x52],
    ]);
  });

  it("tell the same however the run is cut, and through snapshots", () => {
    const length = 16 * SECOND;
    const uncut = tinyGuest(WORK_THEN_SLEEP, { bmc: true, icountShift: SHIFT });
    ask(uncut, [...SET_FAN, 1, 10]);
    uncut.run({ until: length });
    const expected = [truth(uncut), uncut.digest()];
    const cut = fc.tuple(fc.nat(6_000_000), fc.nat(3));
    fc.assert(
      fc.property(fc.array(cut, { minLength: 3, maxLength: 8 }), (cuts) => {
        let machine = tinyGuest(WORK_THEN_SLEEP, { bmc: true, icountShift: SHIFT });
        ask(machine, [...SET_FAN, 1, 10]);
        for (const [instructions, move] of cuts) {
          machine.run({ until: length, maxInstructions: 1 + instructions });
          if (move > 0) continue;
          const next = tinyGuest(WORK_THEN_SLEEP, { bmc: true, icountShift: SHIFT });
          next.restore(machine.snapshot());
          machine = next;
        }
        machine.run({ until: length });
        expect([truth(machine), machine.digest()]).toEqual(expected);
      }),
      { numRuns: process.env["GLASS86_FULL"] === "1" ? 40 : 3, seed: 86 },
    );
  });

  it("have measured when a run ends with the second, though the guest sleeps", () => {
    const machine = booted(SLEEP);
    const until = 2 * SECOND; // measured once a second since power-on
    const ends = [1, 2].map(() => [machine.run({ until }), truth(machine), machine.digest()]);
    expect(ends[1]).toEqual(ends[0]);
  });

  it("measure once a second, whatever the length of an instruction", () => {
    const machine = booted(WORK);
    const { station } = machine.bmc!;
    const at: number[] = [];
    const tell = station.tell.bind(station);
    station.tell = (happening) => {
      if (happening.kind === "telemetry") at.push(Math.round(machine.nanos / SECOND));
      tell(happening);
    };
    pass(machine, 20);
    expect(at).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it("cost the guest nothing: it is where it would be without a BMC's", () => {
    const run = (code: readonly number[]): unknown => {
      const machine = booted(code);
      const counts = [machine.run({ until: 9 * SECOND }).reason, machine.retired, machine.core.digest()];
      machine.bmc!.sensors.stop();
      return counts;
    };
    const without = (code: readonly number[]): unknown => {
      const machine = booted(code);
      machine.bmc!.sensors.stop();
      return [machine.run({ until: 9 * SECOND }).reason, machine.retired, machine.core.digest()];
    };
    for (const code of [WORK, WORK_THEN_SLEEP]) expect(run(code)).toEqual(without(code));
  });
});

test("a disk's traffic is what went over it, and its failures are those of a sound disk", () => {
  const noted: (number | "failed")[] = [];
  const meter = { transferred: (bytes: number) => noted.push(bytes), failed: () => noted.push("failed") };
  const sound = new MemoryDisk(64 * SECTOR_BYTES, { readOnly: true });
  const metered = new MeteredDisk(sound, meter);
  expect(metered.read(3, new Uint8Array(5 * SECTOR_BYTES))).toBe(true);
  expect(metered.write(0, new Uint8Array(2 * SECTOR_BYTES))).toBe(false); // nobody expects more of a read-only one
  expect([metered.sectors, metered.readOnly, metered.flush()]).toEqual([64, true, true]);
  const broken = new MeteredDisk(new FaultyDisk(sound, [{ on: "read" }, { on: "flush" }]), meter);
  expect([broken.read(0, new Uint8Array(SECTOR_BYTES)), broken.flush()]).toEqual([false, false]);
  expect(noted).toEqual([5 * SECTOR_BYTES, 2 * SECTOR_BYTES, SECTOR_BYTES, "failed", "failed"]);
});

test("a disk shows what goes over it, and a failure is in the log once, until the machine starts anew", () => {
  const disk = new MemoryDisk(64 * SECTOR_BYTES);
  const machine = tinyGuest(WORK, { bmc: true, icountShift: SHIFT, virtio: [{ kind: "block", disk }] });
  pass(machine, 2.5);
  expect([reading(machine, S.SENSOR_DISK), states(machine, S.SENSOR_DRIVE)]).toEqual([0, 1]);
  const meter = meterOf(() => machine.bmc, 0);
  meter.transferred(1_000_000);
  pass(machine, 1);
  expect(reading(machine, S.SENSOR_DISK)).toBe(1200); // kB a second, in steps of 400
  meter.failed();
  meter.failed();
  expect(states(machine, S.SENSOR_DRIVE)).toBe(3);
  expect(events(machine, DRIVE_EVENT)).toEqual([[DRIVE_EVENT, S.SENSOR_DRIVE, 0x6f, 0x81, 0, 0xff]]);
  machine.reset();
  pass(machine, 2);
  expect(states(machine, S.SENSOR_DRIVE)).toBe(1);
});

describe("the guest's end", () => {
  const kernel = readFileSync(join(import.meta.dirname, "../../guest-images/first-guest/first-guest.elf"));
  const firstGuest = (): Machine => {
    const machine = createMachine({ core: loadCoreModule(), kernel, memory: "32M" });
    machine.serial(0).expect("first-guest> ", { within: 5 * SECOND });
    return machine;
  };
  const type = (machine: Machine, text: string): void => {
    machine.serial(0).write(`${text}\r`);
    pass(machine, 3);
  };

  test.each([
    ["out 0x505 1", [0x81, 1]],
    ["crash divide", [0x81, 2]],
    ["poweroff", [0x03, 0xff]],
  ])("by %s is in the log", (words, [data1, data2]) => {
    const machine = firstGuest();
    type(machine, words);
    expect(events(machine, GUEST_EVENT)).toEqual([[GUEST_EVENT, S.SENSOR_GUEST, 0x6f, data1, data2, 0xff]]);
    type(machine, "");
    expect(events(machine, GUEST_EVENT).length).toBe(1);
  });

  it("is forgotten with the next one", () => {
    const machine = firstGuest();
    type(machine, "out 0x505 1");
    expect(states(machine, S.SENSOR_GUEST)).toBe(1 << 1);
    machine.reset();
    pass(machine, 1);
    expect(states(machine, S.SENSOR_GUEST)).toBe(0);
  });

  it("is not waited for where a watchdog runs: a guest that is halted for good is reset", () => {
    const machine = firstGuest();
    ask(machine, [0x18, 0x24, 4, 1, 0, 0, 50, 0]);
    ask(machine, [0x18, 0x22]);
    const causes: string[] = [];
    machine.events.on("reset", (cause) => causes.push(cause));
    type(machine, "crash divide");
    pass(machine, 4);
    expect(causes).toEqual(["BMC"]);
  });

  it("is not yet: a console that is printed on shows it, and falls silent", () => {
    const machine = firstGuest();
    machine.serial(0).write("help\r".repeat(12));
    let most = 0;
    for (let i = 0; i < 3; i++) {
      pass(machine, 1);
      most = Math.max(most, reading(machine, S.SENSOR_CONSOLE)!);
    }
    expect(most).toBeGreaterThan(500);
    expect(most).toBeLessThanOrEqual(11_550); // 115,200 baud, and the step of the sensor
    pass(machine, 4);
    expect(reading(machine, S.SENSOR_CONSOLE)).toBe(0);
  });
});

describe("a guest that takes interrupts", () => {
  const bench = () => {
    let retired = 0;
    const clock = new VirtualClock({ get retired() { return retired; } }, 0); // prettier-ignore
    const told: Happening[] = [];
    const written = {
      share: 0,
      reset() {},
      snapshot: () => new Uint8Array(),
      restore() {},
    } as unknown as WrittenMemory;
    const tell = (happening: Happening): void => void told.push(happening);
    const sensors = new MachineSensors({ clock, written, hasDisks: false, hasNetwork: false, tell });
    sensors.start(true);
    const work = (seconds: number): void => {
      for (let i = 0; i < seconds; i++) {
        retired += SECOND;
        clock.ringDue();
      }
    };
    const guests = (): unknown[] => told.flatMap((each) => (each.kind === "guest" ? [each.guest] : []));
    return { sensors, work, guests };
  };
  const interrupts = (sensors: MachineSensors, count: number): void => {
    for (let i = 0; i < count; i++) sensors.interrupted();
  };

  it("and then works on without any for ten seconds is stuck, until it takes one", () => {
    const { sensors, work, guests } = bench();
    interrupts(sensors, 1000);
    work(10);
    expect(guests()).toEqual([]);
    work(5);
    expect(guests()).toEqual(["stuck"]);
    interrupts(sensors, 1);
    work(1);
    expect(guests()).toEqual(["stuck", "running"]);
  });

  it("may sleep as long as it likes, and one that never lived by them may work", () => {
    const { sensors, work, guests } = bench();
    work(30);
    interrupts(sensors, 1000);
    for (let i = 0; i < 30; i++) {
      sensors.halted(SECOND / 2);
      work(1);
    }
    expect(guests()).toEqual([]);
  });
});
