// SPDX-License-Identifier: MIT
// Machine descriptions for tests: both boards as they are, and any machine that a board could be without some of its parts.
import fc from "fast-check";
import type { MachineDescription } from "../../firmware/description.ts";

const MIB = 1 << 20;

const common = {
  identity: {
    manufacturer: "Glass86",
    product: "Glass86 PC",
    version: "1",
    serial: "G86-0001",
    uuid: [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff],
  },
  memoryBytes: 256 * MIB,
  processors: [{ apicId: 0 }],
  processorModel: {
    vendor: "GenuineIntel",
    brand: "Glass86 x86-64-v2",
    signature: 0x306a9,
    features: 0x0f8bfbff,
    megahertz: 1000,
    longMode: true,
    caches: [
      { level: 1, kind: "data", bytes: 32 << 10, ways: 8 },
      { level: 1, kind: "instruction", bytes: 32 << 10, ways: 8 },
      { level: 2, kind: "unified", bytes: 4 << 20, ways: 16 },
    ],
  },
  localApic: { address: 0xfee00000 },
  ioApic: { id: 0, address: 0xfec00000, inputs: 24 },
  hpet: { address: 0xfed00000, timers: 3 },
  serialPorts: [
    { port: 0x3f8, irq: 4 },
    { port: 0x2f8, irq: 3 },
    { port: 0x3e8, irq: 4 },
    { port: 0x2e8, irq: 3 },
  ],
  console: 0,
  dma: { cascade: 4 },
  keyboardController: { keyboardIrq: 1, mouseIrq: 12 },
  rtc: { port: 0x70, irq: 8 },
  kcs: { port: 0xca2, irq: 15 },
  video: true,
  fwCfg: { port: 0x510 },
  pvpanic: { port: 0x505 },
  virtioMmio: [],
  rom: { first: 0xfffc0000, last: 0xffffffff },
} satisfies Partial<MachineDescription>;

const possible = [3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15];
const level = (irq: number) => ({ irq, gsi: irq, trigger: "level", polarity: "high" }) as const;
const timer = { irq: 0, gsi: 2, trigger: "edge", polarity: "high" } as const;

export const PC: MachineDescription = {
  ...common,
  board: "pc",
  interruptOverrides: [timer, ...[5, 9, 10, 11].map(level)],
  power: {
    sciIrq: 9,
    eventPort: 0x600,
    controlPort: 0x604,
    timerPort: 0x608,
    gpePort: 0xafe0,
    gpeBytes: 4,
    commandPort: 0xb2,
    enableCommand: 0xf1,
    disableCommand: 0xf0,
    sleepTypes: { s5: 0 },
  },
  pci: {
    functions: [
      { device: 0, function: 0, name: "host" },
      { device: 1, function: 0, name: "isa" },
      { device: 1, function: 3, name: "pm" },
      { device: 3, function: 0, name: "virtio-blk" },
    ],
    slots: [
      { device: 3, used: true },
      { device: 4, used: false },
    ],
    router: { device: 1, function: 0 },
    links: [10, 10, 11, 11].map((irq, index) => ({
      name: `LNK${"ABCD"[index]}`,
      register: 0x60 + index,
      irq,
      possible,
      gsi: irq,
    })),
    swizzle: "rotate",
    memoryAttributes: 0x59,
    setup: [],
    ioWindow: { first: 0xc000, last: 0xffff },
    memoryWindow: { first: 0xc0000000, last: 0xfebfffff },
  },
};

export const Q35: MachineDescription = {
  ...common,
  board: "q35",
  memoryBytes: 2048 * MIB,
  interruptOverrides: [timer, level(9)],
  power: { ...PC.power!, gpePort: 0x620, gpeBytes: 16, enableCommand: 2, disableCommand: 3 },
  pci: {
    ...PC.pci!,
    functions: [
      { device: 0, function: 0, name: "host" },
      { device: 2, function: 0, name: "virtio-blk" },
      { device: 0x1f, function: 0, name: "lpc" },
    ],
    router: { device: 0x1f, function: 0 },
    links: Array.from({ length: 8 }, (_, index) => ({
      name: `LNK${"ABCDEFGH"[index]}`,
      register: index < 4 ? 0x60 + index : 0x64 + index,
      irq: index & 1 ? 11 : 10,
      possible,
      gsi: 16 + index,
    })),
    swizzle: "ich9",
    ecam: { address: 0xe0000000, buses: 256 },
    memoryWindow: { first: 0xc0000000, last: 0xdfffffff },
  },
};

/** The machine without some of its parts. */
export function without(machine: MachineDescription, ...parts: (keyof MachineDescription)[]): MachineDescription {
  const rest = Object.entries(machine).filter(([key]) => !parts.includes(key as keyof MachineDescription));
  return Object.fromEntries(rest) as unknown as MachineDescription;
}

const OPTIONAL = [
  "localApic",
  "ioApic",
  "hpet",
  "pci",
  "kcs",
  "fwCfg",
  "pvpanic",
  "dma",
  "keyboardController",
  "processorModel",
  "console",
] as const;

const optional = <Value>(value: Value) => fc.option(fc.constant(value), { nil: undefined });

/** Without the parts that are undefined. */
function present(parts: Record<string, unknown>): Partial<MachineDescription> {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}

/** A machine with some of a board's parts, several processors and any amount of memory. */
export const anyMachine: fc.Arbitrary<MachineDescription> = fc.constantFrom(PC, Q35).chain((board) => {
  const { localApic, ioApic, hpet, pci, kcs, fwCfg, pvpanic, dma, keyboardController, processorModel } = board;
  const rest = without(board, ...OPTIONAL);
  return fc
    .record({
      memoryBytes: fc.integer({ min: 4, max: 3072 }).map((mib) => mib * MIB),
      processors: fc
        .integer({ min: 1, max: 9 })
        .map((count) => Array.from({ length: count }, (_, apicId) => ({ apicId }))),
      processorModel: optional(processorModel),
      apics: fc.constantFrom({ localApic, ioApic }, { localApic }, {}),
      hpet: optional(hpet),
      pci: optional(pci),
      serialPorts: fc.integer({ min: 0, max: 4 }).map((count) => common.serialPorts.slice(0, count)),
      console: optional(0),
      dma: optional(dma),
      keyboardController: optional(keyboardController),
      kcs: fc.constantFrom(undefined, kcs, { port: 0xca2, irq: 5 }, { port: 0xca3 }),
      video: fc.boolean(),
      fwCfg: optional(fwCfg),
      pvpanic: optional(pvpanic),
      virtioMmio: fc
        .integer({ min: 0, max: 3 })
        .map((count) =>
          Array.from({ length: count }, (_, i) => ({ address: 0xfeb00000 + i * 512, bytes: 512, gsi: 20 + i })),
        ),
    })
    .map(({ apics, ...parts }) => ({ ...rest, ...present({ ...apics, ...parts }) }) as MachineDescription);
});
