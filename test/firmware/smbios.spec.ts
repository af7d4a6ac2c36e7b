// SPDX-License-Identifier: MIT
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { concat, u32, u64, u8, withChecksum, zeros, text } from "../../firmware/bytes.ts";
import type { MachineDescription } from "../../firmware/description.ts";
import { buildFirmwareTables, defaultPlacement } from "../../firmware/tables.ts";
import { hasTool } from "../harness/missing-tool.ts";
import { anyMachine, PC, Q35, without } from "./machine-descriptions.ts";
import { latin1, Memory, sum, view } from "./table-reader.ts";

const ANCHORS = { first: 0xf0000, last: 0xf2fff };

interface Found {
  type: number;
  handle: number;
  fields: Uint8Array;
  strings: string[];
}

function memoryOf(machine: MachineDescription): Memory {
  return new Memory(buildFirmwareTables(machine, defaultPlacement(machine, ANCHORS)).writes);
}

/** The structures as the 3.x anchor leads to them. */
function structures(machine: MachineDescription): { list: Found[]; bytes: Uint8Array } {
  const memory = memoryOf(machine);
  const anchor = memory.find("_SM3_", 0xf0000)!;
  expect(sum(memory.at(anchor, 24))).toBe(0);
  const bytes = memory.at(memory.u64(anchor + 16), memory.u32(anchor + 12));
  const list: Found[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes[at + 1]!;
    let end = at + length;
    while (bytes[end] !== 0 || bytes[end + 1] !== 0) end++;
    const strings = latin1(bytes.subarray(at + length, end)).split("\0");
    const fields = bytes.subarray(at, at + length);
    list.push({ type: bytes[at]!, handle: view(fields).getUint16(2, true), fields, strings });
    at = end + 2;
  }
  return { list, bytes };
}

describe("SMBIOS", () => {
  test("both anchors lead to the same structures", () => {
    const memory = memoryOf(PC);
    const anchor = memory.find("_SM_", 0xf0000)!;
    const old = memory.at(anchor, 31);
    expect([sum(old), sum(old.subarray(16)), latin1(old.subarray(16, 21))]).toEqual([0, 0, "_DMI_"]);
    const { list, bytes } = structures(PC);
    expect([view(old).getUint16(22, true), view(old).getUint16(28, true)]).toEqual([bytes.length, list.length]);
    expect(view(old).getUint32(24, true)).toBe(memory.u64(memory.find("_SM3_", 0xf0000)! + 16));
  });

  test("has the types that the machine has parts for, each handle once, 127 last", () => {
    const types = structures(PC).list.map(({ type }) => type);
    expect(types).toEqual([0, 1, 2, 3, 4, 7, 7, 7, 9, 9, 16, 17, 19, 32, 38, 127]);
    const less = without(PC, "kcs", "pci", "processorModel");
    const two = structures({ ...less, processors: [{ apicId: 0 }, { apicId: 1 }] }).list;
    expect(two.map(({ type }) => type)).toEqual([0, 1, 2, 3, 4, 4, 16, 17, 19, 32, 127]);
    expect(new Set(two.map(({ handle }) => handle)).size).toBe(two.length);
  });

  test("type 38 names the KCS ports as ports, and an interrupt if there is one", () => {
    const ipmi = (machine: MachineDescription) => [...structures(machine).list.find(({ type }) => type === 38)!.fields];
    expect(ipmi(PC)).toEqual([38, 18, 0, 38, 1, 0x20, 0x20, 0xff, 0xa3, 0x0c, 0, 0, 0, 0, 0, 0, 0b1010, 15]);
    // IRQ 5 is level and high by PC's override.
    expect(ipmi({ ...PC, kcs: { port: 0xca2, irq: 5 } }).slice(16)).toEqual([0b1011, 5]);
    expect(ipmi({ ...PC, kcs: { port: 0xca3 } }).slice(8, 18)).toEqual([0xa3, 0x0c, 0, 0, 0, 0, 0, 0, 0b10000, 0]);
  });

  test("type 38 names the BT ports where the machine has these", () => {
    const machine: MachineDescription = { ...without(PC, "kcs"), bt: { port: 0xe4, irq: 10 } };
    const { list, bytes } = structures(machine);
    const { fields } = list.find(({ type }) => type === 38)!;
    expect([...fields].slice(4)).toEqual([3, 0x20, 0x20, 0xff, 0xe5, 0, 0, 0, 0, 0, 0, 0, 0b1011, 10]);
    if (hasTool("dmidecode", "SMBIOS structures through dmidecode"))
      expect(dmidecode(bytes)).toMatch(/Interface Type: BT \(Block Transfer\)[^]*Base Address: 0x0*E4 \(I\/O\)/);
  });

  test("holds for any machine: sizes, handles that are there, strings that fields number", () => {
    const property = fc.property(anyMachine, (machine) => {
      const { list } = structures(machine);
      const handles = new Set(list.map(({ handle }) => handle));
      expect(handles.size).toBe(list.length);
      for (const { type, fields } of list) {
        const references = { 4: [26, 28, 30], 17: [4], 19: [12], 2: [11] }[type] ?? [];
        for (const at of references) {
          const handle = view(fields).getUint16(at, true);
          if (handle !== 0xffff) expect(handles.has(handle), `type ${type} names ${handle}`).toBe(true);
        }
      }
      const mapped = view(list.find(({ type }) => type === 19)!.fields);
      expect(mapped.getUint32(8, true)).toBe(machine.memoryBytes / 1024 - 1);
    });
    fc.assert(property, { numRuns: 50, seed: 5 });
  });

  const tool = it.runIf(hasTool("dmidecode", "SMBIOS structures through dmidecode"));
  tool.each([PC, Q35].map((machine) => [machine.board, machine] as const))(
    "%s: dmidecode agrees",
    (_board, machine) => {
      const said = dmidecode(structures(machine).bytes);
      expect(said).not.toMatch(/OUT OF SPEC|BAD INDEX|TRUNCATED|Wrong|Invalid|broken/i);
      for (const line of [
        "UUID: 00112233-4455-6677-8899-aabbccddeeff",
        "Manufacturer: Glass86",
        "Serial Number: G86-0001",
        "Interface Type: KCS (Keyboard Control Style)",
        "Specification Version: 2.0",
        "Base Address: 0x0000000000000CA2 (I/O)",
        "Register Spacing: Successive Byte Boundaries",
        `Maximum Capacity: ${machine.memoryBytes >= 2 ** 30 ? `${machine.memoryBytes / 2 ** 30} GB` : "256 MB"}`,
        "Version: Glass86 x86-64-v2",
        "Installed Size: 32 kB",
        "Installed Size: 4 MB",
        "Status: No errors detected",
        "System is a virtual machine",
      ])
        expect(said).toContain(line);
    },
  );
});

/** What dmidecode says of structures, which it takes from a dump with an anchor in front. */
function dmidecode(table: Uint8Array): string {
  const start = 32;
  const head = concat(text("_SM3_"), u8(0, 24, 3, 1, 0, 1, 0), u32(table.length), u64(start));
  const folder = mkdtempSync(join(tmpdir(), "smbios-"));
  try {
    const file = join(folder, "dump");
    writeFileSync(file, concat(withChecksum(head, 5), zeros(start - head.length), table));
    return execFileSync("dmidecode", ["--from-dump", file], { encoding: "utf8" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
