// SPDX-License-Identifier: MIT
// A new ROM for a machine through its BMC: it runs from the next reset on, the guest sees it, and one that does not come
// through its self test goes again by itself.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { labelRom, ROM_BYTES } from "../../common/rom-label.ts";
import { buildRom } from "../../firmware/rom/rom.ts";
import { loadCoreModule } from "../../host/node/core.ts";
import { createMachine } from "../../vmm/create-machine.ts";
import type { Machine } from "../../vmm/machine.ts";
import * as L from "../../vmm-core/layout.ts";

const SECOND = 1_000_000_000;
const OWNER = { channel: 0x0f, privilege: 4 };
const GROUP = 0x2c << 2;
const BLOCK = 200;
const core = loadCoreModule();
const kernel = readFileSync(join(import.meta.dirname, "../../guest-images/first-guest/first-guest.elf"));
const make = (): Machine => createMachine({ core, kernel, memory: "32M" });
const boot = (machine: Machine, seconds = 5): void =>
  void machine.serial(0).expect("first-guest> ", { within: seconds * SECOND });

/** Completion code and what follows the body code. */
function ask(machine: Machine, command: number, ...data: number[]): number[] {
  let given: readonly number[] = [];
  machine.bmc!.station.request(OWNER, [GROUP, command, 0, ...data], (answer) => (given = answer));
  return [given[2]!, ...given.slice(4)];
}

function upload(machine: Machine, rom: Uint8Array, bytes = rom.length): void {
  expect(ask(machine, 0x31, 2, 2)).toEqual([0]);
  for (let at = 0, number = 0; at < bytes; at += BLOCK, number++) {
    expect(ask(machine, 0x32, number & 0xff, ...rom.subarray(at, Math.min(bytes, at + BLOCK)))).toEqual([0]);
  }
}

const finish = (machine: Machine, bytes = ROM_BYTES): number =>
  ask(machine, 0x33, 1, bytes & 0xff, (bytes >> 8) & 0xff, bytes >> 16, 0)[0]!;
const activate = (machine: Machine): number => ask(machine, 0x35)[0]!;

function install(machine: Machine, rom: Uint8Array): void {
  upload(machine, rom);
  expect(finish(machine)).toBe(0);
  expect(activate(machine)).toBe(0);
}

/** What SMBIOS type 0 says the version is, as a guest finds it. */
function smbiosVersion(machine: Machine): string {
  const area = Buffer.from(machine.core.ram(0xf0000, 0x10000));
  const anchor = area.indexOf("_SM_");
  const table = machine.core.ram(area.readUInt32LE(anchor + 0x18), 0x100);
  expect(table[0]).toBe(0);
  return Buffer.from(table.subarray(table[1]!)).toString("latin1").split("\0")[table[5]! - 1]!;
}

/** The ROM below 4 GiB. */
const romOf = (machine: Machine): Buffer =>
  Buffer.from(machine.core.bytes.slice(L.RAM + machine.core.memoryBytes, L.RAM + machine.core.memoryBytes + ROM_BYTES));

/** A sound ROM, by its label, whose code is something else. */
function broken(code: readonly number[]): Uint8Array {
  const rom = buildRom("0.4");
  rom.set(code, 0xe05b);
  labelRom(rom, "0.4");
  return rom;
}
const HANGS = [0xfa, 0xf4]; // cli; hlt
const TRIPLE_FAULT = [0x2e, 0x0f, 0x01, 0x1e, 0x00, 0x00, 0xcc]; // lidt cs:[0]; int3

describe("a new ROM", () => {
  it("runs from the next reset on; until then, and after an upload alone, the old one does", () => {
    const machine = make();
    boot(machine);
    expect(smbiosVersion(machine)).toBe("0.2");
    const rom = buildRom("0.3-trial");
    upload(machine, rom);
    expect(finish(machine)).toBe(0);
    machine.reset();
    boot(machine);
    expect(smbiosVersion(machine)).toBe("0.2");
    expect(activate(machine)).toBe(0);
    expect(romOf(machine)).toEqual(Buffer.from(buildRom()));
    machine.reset();
    boot(machine);
    expect(smbiosVersion(machine)).toBe("0.3-trial");
    expect(romOf(machine)).toEqual(Buffer.from(rom));
    expect(Buffer.from(machine.core.ram(0xfe010, 9)).toString()).toBe("0.3-trial"); // in the shadow
    expect(ask(machine, 0x2f, 1, 1).slice(0, 3)).toEqual([0, 0, 0x30]);
    expect(machine.bmc!.station.bmc.state.rom!.trial).toBeNull();
  });

  it("goes back to the one before when told to, and forward again", () => {
    const machine = make();
    boot(machine);
    install(machine, buildRom("0.3"));
    expect(ask(machine, 0x38)).toEqual([0x83]);
    machine.reset();
    boot(machine);
    expect(ask(machine, 0x38)).toEqual([0]);
    expect(ask(machine, 0x37)).toEqual([0, 2]);
    machine.powerOff();
    machine.powerOn();
    boot(machine);
    expect(smbiosVersion(machine)).toBe("0.2");
    expect(romOf(machine)).toEqual(Buffer.from(buildRom()));
    expect(ask(machine, 0x2f, 1, 3).slice(0, 3)).toEqual([0, 0, 0x30]);
    expect(ask(machine, 0x38)).toEqual([0]);
    machine.reset();
    boot(machine);
    expect(smbiosVersion(machine)).toBe("0.3");
  });

  it.each([
    ["another size", () => buildRom("0.3").subarray(0, ROM_BYTES - 16)],
    ["a byte that is not what it was", () => buildRom("0.3").map((each, i) => (i === 0x8000 ? 1 : each))],
    ["bytes that only add up", () => buildRom("0.3").map((each, i) => (i === 1 ? 1 : i === 2 ? 255 : each))],
    ["no label", () => buildRom("0.3").fill(0, 0xe000, 0xe040)],
    ["another interface", () => buildRom("0.3").map((each, i) => (i === 0xe008 ? 2 : each))],
  ])("is refused with %s", (_, bytes) => {
    const machine = make();
    const rom = bytes();
    upload(machine, rom);
    expect(finish(machine, rom.length)).toBe(0x82);
    expect(activate(machine)).toBe(0xd5);
    boot(machine);
    expect(smbiosVersion(machine)).toBe("0.2");
  });

  it.each([
    ["hangs", HANGS],
    ["resets the machine again and again", TRIPLE_FAULT],
  ])("that %s is taken out again", (_, code) => {
    const machine = make();
    boot(machine);
    install(machine, broken(code));
    machine.reset();
    boot(machine, 90);
    expect(smbiosVersion(machine)).toBe("0.2");
    expect(ask(machine, 0x37)).toEqual([0, 2]);
    expect(ask(machine, 0x2f, 1, 3).slice(0, 3)).toEqual([0, 0, 0x40]);
    const versionChanges = machine.bmc!.station.bmc.state.sel.records.filter((each) => each[10] === 0x2b);
    expect(versionChanges.length).toBe(2);
  });

  it("does not come when the power is cut in any of its blocks, and a snapshot in any goes on to the end", () => {
    const machine = make();
    boot(machine);
    const rom = buildRom("0.3");
    for (const bytes of [0, BLOCK, 100 * BLOCK, ROM_BYTES]) {
      upload(machine, rom, bytes);
      const saved = machine.snapshot();
      machine.bmc!.station.request(OWNER, [0x06 << 2, 0x02], () => {}); // the BMC starts anew
      expect(finish(machine, bytes)).toBe(0xd5);
      expect(activate(machine)).toBe(0xd5);
      machine.restore(saved);
      if (bytes === ROM_BYTES) expect(finish(machine)).toBe(0);
    }
    expect(activate(machine)).toBe(0);
    const armed = machine.snapshot();
    machine.reset();
    boot(machine);
    const running = machine.snapshot();
    expect(smbiosVersion(machine)).toBe("0.3");
    machine.restore(armed);
    expect(romOf(machine)).toEqual(Buffer.from(buildRom()));
    const other = make();
    other.restore(running);
    expect(romOf(other)).toEqual(Buffer.from(rom));
    expect(other.digest()).not.toBe(machine.digest());
    other.reset();
    boot(other);
    expect(smbiosVersion(other)).toBe("0.3");
  });
});
