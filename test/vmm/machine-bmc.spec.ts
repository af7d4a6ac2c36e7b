// SPDX-License-Identifier: MIT
// The BMC beside a machine: power, reset and console act on the machine, and both come back together.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCoreModule } from "../../host/node/core.ts";
import { createMachine } from "../../vmm/create-machine.ts";
import { POST_STEPS } from "../../firmware/post/steps.ts";
import { SENSOR_BOOT_PROGRESS, SENSOR_RESTART } from "../../vbmc/sensor-list.ts";
import { Machine } from "../../vmm/machine.ts";

const SECOND = 1_000_000_000;
const OWNER = { channel: 0x0f, privilege: 4 };
const core = loadCoreModule();
const kernel = readFileSync(join(import.meta.dirname, "../../guest-images/first-guest/first-guest.elf"));
const make = (): Machine => createMachine({ core, kernel, memory: "32M" });

function ask(machine: Machine, ...request: number[]): readonly number[] {
  let given: readonly number[] = [];
  machine.bmc!.station.request(OWNER, request, (answer) => (given = answer));
  return given;
}

const CHASSIS = 0x00;
const SENSOR = 0x10; // network functions are shifted to where a message has them
const APP = 0x18;
const GET_DEVICE_GUID = 0x08;
const GET_SYSTEM_GUID = 0x37;
const FIRMWARE_PROGRESS = 0x0f; // sensor types
const SYSTEM_RESTART = 0x1d;
const COMMAND = 0x01; // restart causes
const RESET_BUTTON = 0x02;
const POWER_BUTTON = 0x03;
const SOFT_RESET = 0x0a;
const control = (machine: Machine, verb: number) => ask(machine, CHASSIS, 0x02, verb)[2];
const isOn = (machine: Machine): boolean => (ask(machine, CHASSIS, 0x01)[3]! & 1) === 1;

describe("a machine's BMC", () => {
  it("answers the guest at the registers that the firmware's tables name", () => {
    const machine = make();
    machine.serial(0).expect(/bmc: KCS at ports ca2h and ca3h, says SPMI; device 20h/, { within: 5 * SECOND });
  });

  it("switches the machine off and on, resets it, and stays the same BMC", () => {
    const machine = make();
    machine.serial(0).expect("first-guest> ", { within: 5 * SECOND });
    expect(isOn(machine)).toBe(true);
    expect(control(machine, 0)).toBe(0);
    machine.run({ until: machine.nanos + SECOND / 10 });
    expect([machine.isOn, isOn(machine)]).toEqual([false, false]);
    expect(control(machine, 1)).toBe(0);
    machine.serial(0).expect("first-guest> ", { within: 5 * SECOND });
    expect(isOn(machine)).toBe(true);
    const causes: string[] = [];
    machine.events.on("reset", (cause) => causes.push(cause));
    expect(control(machine, 3)).toBe(0);
    machine.serial(0).expect("first-guest> ", { within: 5 * SECOND });
    expect(causes).toEqual(["BMC"]);
    expect(control(machine, 2)).toBe(0);
    machine.serial(0).expect("first-guest> ", { within: 5 * SECOND });
    expect(machine.bmc!.station.bmc.state.sel.records.length).toBeGreaterThan(3);
  });

  it("logs every restart with its cause, and knows its own orders from buttons and software", () => {
    const machine = make();
    const prompt = (): void => void machine.serial(0).expect("first-guest> ", { within: 5 * SECOND });
    prompt();
    const acts: [act: () => void, cause: number][] = [
      [() => void control(machine, 3), COMMAND],
      [() => machine.reset(), RESET_BUTTON],
      [() => machine.serial(0).write("reboot\r"), SOFT_RESET],
      [() => void control(machine, 2), COMMAND],
      [() => (control(machine, 1), control(machine, 3)), COMMAND], // it is on already
    ];
    for (const [act] of acts) {
      act();
      prompt();
    }
    machine.powerOff();
    machine.powerButton();
    prompt();
    const { records } = machine.bmc!.station.bmc.state.sel;
    const restarts = records.filter((record) => record[10] === SYSTEM_RESTART).map((record) => record.slice(11, 15));
    const causes = [...acts.map(([, cause]) => cause), POWER_BUTTON];
    expect(restarts).toEqual(causes.map((cause) => [SENSOR_RESTART, 0x6f, 0xc7, cause]));
  });

  it("has the console that SPCR names: a viewer joins late, types, and sees every byte once", () => {
    const machine = make();
    machine.serial(0).expect("first-guest> ", { within: 5 * SECOND });
    let seen = "";
    const seat = machine.bmc!.station.watch("test", { show: (bytes) => (seen += String.fromCharCode(...bytes)) });
    expect(seen).toContain("first-guest>");
    seen = "";
    seat.type(Array.from("echo seventeen\r", (character) => character.charCodeAt(0)));
    machine.run({ until: machine.nanos + SECOND });
    expect(seen).toBe(machine.serial(0).text.slice(-seen.length));
    expect(seen.match(/seventeen/g)?.length).toBe(2);
  });

  it("has the machine's UUID, as IPMI orders its bytes", () => {
    const machine = make();
    const uuid = machine.board.description.identity.uuid;
    for (const command of [GET_DEVICE_GUID, GET_SYSTEM_GUID])
      expect(ask(machine, APP, command).slice(3)).toEqual([...uuid].reverse());
  });

  it("shows how far POST is until the machine starts afresh, and logs only what failed", () => {
    const failed = (machine: Machine): (readonly number[])[] =>
      machine.bmc!.station.bmc.state.sel.records.filter((record) => record[10] === FIRMWARE_PROGRESS);
    const reading = (machine: Machine): number => ask(machine, SENSOR, 0x2d, SENSOR_BOOT_PROGRESS)[5]!;
    const sound = make();
    expect(reading(sound) & 7).toBe(0);
    sound.serial(0).expect("bmc: KCS", { within: 5 * SECOND });
    expect(reading(sound) & 7).toBe(1 << 2);
    expect(failed(sound)).toEqual([]);
    control(sound, 0);
    sound.run({ until: sound.nanos + SECOND / 10 });
    expect(reading(sound) & 7).toBe(0);

    const broken = new Machine(core, { memoryBytes: 32 << 20, postFaults: ["keyboard"] });
    broken.run({ until: SECOND });
    // Nor is there anything to boot.
    const errors = ["keyboard", "boot"].map((each) => POST_STEPS.find(({ name }) => name === each)!.ipmi.error);
    expect(reading(broken) & 7).toBe((1 << 2) | (1 << 0));
    expect(failed(broken).map((record) => record.slice(11))).toEqual(
      errors.map((error) => [SENSOR_BOOT_PROGRESS, 0x6f, 0xc0, error, 0xff]),
    );
  });

  it("goes on from a snapshot as if nothing had been", () => {
    const machine = make();
    machine.serial(0).expect("bmc: KCS", { within: 5 * SECOND });
    const other = make();
    other.restore(machine.snapshot());
    for (const each of [machine, other]) each.run({ until: 3 * SECOND });
    expect(other.digest()).toBe(machine.digest());
  });

  it("interrupts by the line that the tables name once software has enabled it, and has none when it is polled", () => {
    /** A message through the registers; whether the slave 8259A has the request of its line 7, IRQ 15, on the way. */
    const transfer = (machine: Machine, ...message: number[]): boolean => {
      const { ports } = machine;
      let seen = false;
      const look = (): void => {
        ports.write(0xa0, 1, 0x0a); // OCW3: read IRR
        seen ||= (ports.read(0xa0, 1) & 0x80) !== 0;
      };
      const write = (port: number, value: number): void => {
        ports.write(port, 1, value);
        look();
        ports.read(0xca2, 1);
      };
      write(0xca3, 0x61);
      for (const [index, byte] of message.entries()) {
        if (index === message.length - 1) write(0xca3, 0x62);
        ports.write(0xca2, 1, byte);
        look();
        if (index < message.length - 1) ports.read(0xca2, 1);
      }
      for (let i = 0; ports.read(0xca3, 1) >> 6 === 1 && i < 300; i++) {
        ports.read(0xca2, 1);
        ports.write(0xca2, 1, 0x68);
        look();
      }
      ports.read(0xca2, 1);
      return seen;
    };
    const [machine, polled] = [make(), createMachine({ core, kernel, memory: "32M", bmc: "polled" })];
    for (const each of [machine, polled]) {
      each.serial(0).expect("bmc: KCS", { within: 5 * SECOND });
      expect(transfer(each, APP, 0x01)).toBe(false);
      expect(transfer(each, APP, 0x2e, 0x09)).toBe(each === machine);
      expect(transfer(each, APP, 0x01)).toBe(each === machine);
      expect(transfer(each, APP, 0x2e, 0x08)).toBe(each === machine); // until it takes effect
      expect(transfer(each, APP, 0x01)).toBe(false);
    }
    expect([machine, polled].map((each) => each.board.description.kcs)).toEqual([
      { port: 0xca2, irq: 15 },
      { port: 0xca2 },
    ]);
  });

  it("interrupts by the same line behind BT, where software has enabled it at the interface", () => {
    const machine = createMachine({ core, kernel, memory: "32M", bmc: "bt" });
    machine.serial(0).expect("bmc: ", { within: 5 * SECOND });
    const { ports, board } = machine;
    const requested = (): boolean => {
      ports.write(0xa0, 1, 0x0a); // OCW3: read IRR
      return (ports.read(0xa0, 1) & 0x80) !== 0;
    };
    const getDeviceId = (): void => {
      ports.write(0xe4, 1, 0x01); // CLR_WR_PTR
      for (const byte of [3, APP, 0, 0x01]) ports.write(0xe5, 1, byte);
      ports.write(0xe4, 1, 0x04); // H2B_ATN
    };
    const take = (): void => ports.write(0xe4, 1, 0x08); // B2H_ATN
    getDeviceId();
    expect(ports.read(0xe4, 1) & 0x08).toBe(0x08);
    expect(requested()).toBe(false);
    take();
    ports.write(0xe6, 1, 0x01); // interrupt enable
    getDeviceId();
    expect(requested()).toBe(true);
    take();
    ports.write(0xe6, 1, 0x03); // and pending cleared
    expect(requested()).toBe(false);
    expect(board.description).toMatchObject({ bt: { port: 0xe4, irq: 15 } });
    expect(board.description.kcs).toBeUndefined();
  });

  it("has an interface of a kind that there is", () => {
    const bmc = "smic" as "kcs";
    expect(() => createMachine({ core, kernel, bmc })).toThrow(
      "bmc smic: true, false, kcs, polled, bt, none are possible",
    );
  });

  it("is not there when it is not wanted: the tables do not speak of it", () => {
    const machine = createMachine({ core, kernel, memory: "32M", bmc: false });
    machine.serial(0).expect("bmc: neither SPMI nor SMBIOS tells of one", { within: 5 * SECOND });
  });
});
