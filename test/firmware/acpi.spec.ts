// SPDX-License-Identifier: MIT
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { MachineDescription } from "../../firmware/description.ts";
import { linkOf } from "../../firmware/routing.ts";
import { buildFirmwareTables, defaultPlacement } from "../../firmware/tables.ts";
import { evaluate, expectRoundTrip, roundTrip } from "../harness/acpica.ts";
import { hasTool } from "../harness/missing-tool.ts";
import { anyMachine, PC, Q35, without } from "./machine-descriptions.ts";
import { acpiTables, Memory, view } from "./table-reader.ts";

const full = process.env["GLASS86_FULL"] === "1";
const ANCHORS = { first: 0xf0000, last: 0xf2fff };
const boards = [PC, Q35].map((machine) => [machine.board, machine] as const);

function tablesOf(machine: MachineDescription): Map<string, Uint8Array> {
  const { writes } = buildFirmwareTables(machine, defaultPlacement(machine, ANCHORS));
  return acpiTables(new Memory(writes));
}

describe("ACPI tables", () => {
  test.each(boards)("%s: RSDT and XSDT lead to the same tables", (_board, machine) => {
    const { writes } = buildFirmwareTables(machine, defaultPlacement(machine, ANCHORS));
    const memory = new Memory(writes);
    const [narrow, wide] = [acpiTables(memory, "RSDT"), acpiTables(memory)];
    const names = [...wide.keys()].slice(1);
    expect([...narrow.keys()].slice(1)).toEqual(names);
    const expected = [
      "FACP",
      "APIC",
      "HPET",
      ...(machine.pci?.ecam ? ["MCFG"] : []),
      "SPCR",
      "SPMI",
      "WAET",
      "FACS",
      "DSDT",
    ];
    expect(names).toEqual(expected);
  });

  test("FADT names the fixed hardware, twice and alike", () => {
    const fadt = view(tablesOf(PC).get("FACP")!);
    expect(fadt.byteLength).toBe(276);
    const pairs = [
      [56, 148, 88, 0x600],
      [64, 172, 89, 0x604],
      [76, 208, 91, 0x608],
      [80, 220, 92, 0xafe0],
    ] as const;
    for (const [port, extended, length, expected] of pairs) {
      expect(fadt.getUint32(port, true)).toBe(expected);
      expect(fadt.getUint8(extended)).toBe(1);
      expect(Number(fadt.getBigUint64(extended + 4, true))).toBe(expected);
      expect(fadt.getUint8(extended + 1)).toBe(8 * fadt.getUint8(length));
    }
    expect(fadt.getUint16(46, true), "SCI").toBe(9);
    expect([fadt.getUint8(116), fadt.getUint32(120, true), fadt.getUint8(128)], "reset").toEqual([1, 0xcf9, 0x0f]);
    const HW_REDUCED = 1 << 20;
    const POWER_BUTTON_IS_A_DEVICE = 1 << 4;
    expect(fadt.getUint32(112, true) & (HW_REDUCED | POWER_BUTTON_IS_A_DEVICE)).toBe(0);
    expect(fadt.getUint16(109, true), "serial ports and 8042, VGA and MSI").toBe(0b0011);
  });

  test("FADT's boot flags say what is not there", () => {
    const fadt = tablesOf({ ...without(PC, "keyboardController", "pci"), serialPorts: [], video: false }).get("FACP")!;
    expect(view(fadt).getUint16(109, true)).toBe(0b1100);
  });

  test("SPCR is the known table for COM1 at 115200 with VT-UTF8, and absent without a console", () => {
    const spcr = tablesOf(PC).get("SPCR")!;
    const body = "0000000001080001f803000000000000030404000000070001000200ffffffff000000000000000000000000";
    expect([spcr[8], Buffer.from(spcr.subarray(36)).toString("hex")]).toEqual([2, body]);
    expect(tablesOf(without(PC, "console")).has("SPCR")).toBe(false);
    expect(view(tablesOf({ ...PC, console: 1 }).get("SPCR")!).getUint32(44, true)).toBe(0x2f8);
  });

  test("MADT lists processors, I/O APIC, overrides and the NMI line", () => {
    const madt = tablesOf({ ...PC, processors: [{ apicId: 0 }, { apicId: 3 }, { apicId: 300 }] }).get("APIC")!;
    const entries: number[][] = [];
    for (let at = 44; at < madt.length; at += madt[at + 1]!) entries.push([...madt.subarray(at, at + madt[at + 1]!)]);
    expect(entries).toEqual([
      [0, 8, 0, 0, 1, 0, 0, 0],
      [0, 8, 1, 3, 1, 0, 0, 0],
      [9, 16, 0, 0, 300 & 0xff, 1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0],
      [1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0],
      [2, 10, 0, 0, 2, 0, 0, 0, 0b0101, 0],
      ...[5, 9, 10, 11].map((irq) => [2, 10, 0, irq, irq, 0, 0, 0, 0b1101, 0]),
      [4, 6, 0xff, 0, 0, 1],
      [10, 12, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0],
    ]);
  });

  test("tables that do not fit their area are a configuration error that says by how much", () => {
    const placement = { ...defaultPlacement(PC, ANCHORS), acpi: { first: 0x100000, last: 0x100fff } };
    expect(() => buildFirmwareTables(PC, placement)).toThrow(/the area for ACPI tables is \d+ bytes too small/);
  });

  it.runIf(hasTool("iasl", "ACPI tables through iasl")).each(boards)(
    "%s: iasl takes every table apart and compiles it to the same bytes without a remark",
    (_board, machine) => {
      for (const [signature, table] of tablesOf(machine)) expectRoundTrip(signature, table);
    },
  );

  it.runIf(hasTool("iasl", "ACPI tables through iasl"))("so it does for machines without some of their parts", () => {
    const property = fc.property(anyMachine, (machine) => {
      for (const [signature, table] of tablesOf(machine)) {
        if (["DSDT", "APIC", "FACP"].includes(signature)) expectRoundTrip(signature, table);
      }
    });
    fc.assert(property, { numRuns: full ? 100 : 8, seed: 3 });
  });
});

describe.runIf(hasTool("acpiexec", "the namespace in acpiexec"))("the namespace", () => {
  const dsdtOf = (machine: MachineDescription) => tablesOf(machine).get("DSDT")!;

  test.each(boards)("%s: all predefined objects are what the specification says", (_board, machine) => {
    const said = evaluate(dsdtOf(machine), ["test predefined"]);
    const results = [...said.matchAll(/^\\\S+\s+returned (\w+)/gm)].map((match) => match[1]);
    expect(new Set(results)).toEqual(new Set(["AE_OK"]));
    expect(results.length).toBeGreaterThan(80);
    expect(said).not.toMatch(/Warning|Error/i);
  });

  test.each(boards)("%s: devices have the description's ports and interrupts", (_board, machine) => {
    const [com2, , com4] = machine.serialPorts.slice(1);
    const expected: Record<string, string> = {
      DMAC: "0+16 c0+32 81+15 dma 4",
      COM1: "3f8+8 irq 4",
      COM2: `${com2!.port.toString(16)}+8 irq ${com2!.irq}`,
      COM4: `${com4!.port.toString(16)}+8 irq ${com4!.irq}`,
      KBD: "60+1 64+1 irq 1",
      MOU: "irq 12",
      RTC: "70+8 irq 8",
      BMC: "ca2+2 irq 15",
      FWCF: "510+12",
      PEVT: "505+1",
    };
    const names = Object.keys(expected);
    const said = evaluate(
      dsdtOf(machine),
      names.map((name) => `resources \\_SB.PCI0.ISA.${name}`),
    );
    const found = said.split(/^Device: /m).slice(1);
    const read = found.map((device) => {
      const ports = [...device.matchAll(/Address Minimum : (\w+)[\s\S]*?Address Length : (\w+)/g)];
      const lines = [...device.matchAll(/Interrupt List : (\w+)/g)];
      const channels = [...device.matchAll(/Channel List : (\w+)/g)];
      const text = [
        ...ports.map(([, port, length]) => `${parseInt(port!, 16).toString(16)}+${parseInt(length!, 16)}`),
        ...lines.map(([, list]) => `irq ${parseInt(list!, 16)}`),
        ...channels.map(([, list]) => `dma ${parseInt(list!, 16)}`),
      ];
      return [/ISA\.(\w+)/.exec(device)![1], text.join(" ")];
    });
    expect(Object.fromEntries(read)).toEqual(expected);
  });

  test.each(boards)("%s: _PRT gives links with the PIC, and what the wires are with the APICs", (_board, machine) => {
    const dsdt = dsdtOf(machine);
    const wired = Array.from({ length: 128 }, (_, index) => linkOf(machine.pci!, index >> 2, index & 3));
    // The package of links is too long for acpiexec to print, so it is read from the disassembly.
    const { source } = roundTrip(dsdt);
    const [links = ""] = /Name \(PRTP,[\s\S]*?\n\s*\}\)/.exec(source) ?? [];
    expect([...links.matchAll(/LNK\w/g)].map(([link]) => link)).toEqual(wired.map(({ name }) => name));
    if (wired[0]!.gsi < 16) expect(source).not.toContain("PRTA");
    else {
      const said = evaluate(dsdt, ["evaluate \\_PIC 1", "evaluate \\_SB.PCI0._PRT"]);
      const entries = said.split(/\[Package\] Contains 4 Elements/).slice(1);
      const numbers = entries.map((entry) =>
        [...entry.matchAll(/\[Integer\] = (\w+)/g)].map(([, hex]) => parseInt(hex!, 16)),
      );
      const expected = wired.map(({ gsi }, index) => [(index >> 2) * 0x10000 + 0xffff, index & 3, 0, gsi]);
      expect(numbers).toEqual(expected);
    }
  });

  test("a BMC behind BT is named with its kind, its ports and its interrupt, in the namespace as in SPMI", () => {
    const machine: MachineDescription = { ...without(PC, "kcs"), bt: { port: 0xe4, irq: 10 } };
    const said = evaluate(dsdtOf(machine), ["resources \\_SB.PCI0.ISA.BMC", "evaluate \\_SB.PCI0.ISA.BMC._IFT"]);
    expect(said).toMatch(/Address Minimum : 00E4[^]*Address Length : 03[^]*Interrupt List : A\b/);
    expect(said).toMatch(/\[Integer\] = 0*3\b/);
    const spmi = view(tablesOf(machine).get("SPMI")!);
    expect([spmi.getUint8(36), spmi.getUint32(44, true), spmi.getUint8(49)]).toEqual([3, 10, 8]);
    expect(spmi.getUint32(52, true)).toBe(0xe4);
  });

  test("without PCI the devices are there all the same", () => {
    const said = evaluate(dsdtOf(without(PC, "pci")), ["resources \\_SB.COM1", "test predefined"]);
    expect(said).toMatch(/Address Minimum : 03F8/);
    expect(said).not.toMatch(/PCI0|LNKA/);
  });
});
