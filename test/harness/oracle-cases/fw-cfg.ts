// SPDX-License-Identifier: MIT
// Sessions for the firmware configuration device: items whose keys are fixed, by selector and data port and by descriptors
// in memory. The device asks for nothing but these; what it copies is looked at in memory.
// Spec: QEMU documentation, "QEMU Firmware Configuration (fw_cfg) Device".
import { FwCfg } from "../../../devices/fw-cfg/fw-cfg.ts";
import * as R from "../../../devices/fw-cfg/registers.ts";
import { type OracleCase, read, type Step, write } from "../device-oracle.ts";
import { TestMemory } from "../test-memory.ts";
import { ramWindow } from "../oracle-memory.ts";

type Random = (below: number) => number;
const pick = <Value>(random: Random, values: readonly Value[]): Value => values[random(values.length)]!;

const UUID = "00112233-4455-6677-8899-aabbccddeeff";
const UUID_KEY = 2;
const RAM_SIZE_KEY = 3;
/** What the harness gives the machine. */
const RAM_SIZE = 16 << 20;
const NOTHING_KEY = 0x3333;
const KEYS = [R.SIGNATURE, R.ID, UUID_KEY, RAM_SIZE_KEY, NOTHING_KEY];

const RAM_BASE = 0x10_0000;
const DESCRIPTOR = 0x100;
const DATA = 0x2000;
const DATA_BYTES = 40;
const NO_RAM = 0xffff_fff0;

const swap = (value: number): number =>
  new DataView(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value).buffer).getUint32(0, true);

function dma(random: Random): Step[] {
  const flags = random(32) & ~R.DMA_ERROR;
  const control = flags & R.DMA_SELECT ? pick(random, KEYS) * 0x10000 + flags : flags;
  const address = random(8) ? RAM_BASE + DATA : NO_RAM;
  const words = [control, random(DATA_BYTES + 1), 0, address];
  return [
    ...words.map((word, index) => write(1, DESCRIPTOR + 4 * index, 4, swap(word))),
    write(0, R.DMA_PORT, 4, 0),
    write(0, R.DMA_PORT + 4, 4, swap(RAM_BASE + DESCRIPTOR)),
    read(1, DESCRIPTOR, 4),
    ...Array.from({ length: DATA_BYTES / 4 }, (_, index) => read(1, DATA + 4 * index, 4)),
  ];
}

function next(random: Random): Step | Step[] {
  switch (random(8)) {
    case 0:
      return write(0, R.SELECTOR_PORT, 2, pick(random, KEYS));
    case 1: // nothing can be written, and no key in halves
      return write(0, random(2), 1, random(256));
    case 2:
      return read(0, R.DMA_PORT + 4 * random(2), 4);
    case 3:
    case 4:
      return dma(random);
    default:
      return read(0, random(4) ? 1 : 0, 1);
  }
}

export const fwCfg: OracleCase = {
  name: "fw-cfg",
  machine: "pc",
  options: ["-uuid", UUID],
  regions: [
    { space: "io", address: 0x510 },
    { space: "memory", address: RAM_BASE },
  ],
  bench: () => {
    const memory = new TestMemory(0x1_0000, RAM_BASE);
    const items = new Map([
      [UUID_KEY, Uint8Array.from(Buffer.from(UUID.replaceAll("-", ""), "hex"))],
      [RAM_SIZE_KEY, Uint8Array.from([0, 8, 16, 24, 32, 40, 48, 56], (shift) => (shift < 32 ? RAM_SIZE >>> shift : 0))],
    ]);
    return [new FwCfg({ memory, items }).window, ramWindow(memory)];
  },
  next,
  differences: [
    { why: "Data Register: it is read by bytes; a wider read is nothing here, and QEMU takes it apart" },
    { why: "Firmware Configuration Items: files have keys in the order of names here; in QEMU more files come before" },
  ],
};
