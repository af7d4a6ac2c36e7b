// SPDX-License-Identifier: MIT
// Sessions for what both boards have between the devices: the small ports, who answers below 1 MiB, and on q35 configuration
// space in memory. Nothing that would end QEMU's run or reset it is written.
// Spec: Intel 82371SB (PIIX3, 290550); Intel 82441FX (290549); Intel 3 Series Express Chipset Family (316966); Intel I/O
// Controller Hub 9 (316972); QEMU documentation, isa-debug-exit, isa-debugcon and pvpanic.
import { RCBA } from "../../../devices/ich9/ich9-lpc.ts";
import type { RegisterWindow } from "../../../devices/core/device.ts";
import { type OracleCase, read, type Step, write } from "../device-oracle.ts";
import { benchMachine, memoryOf, portsOf } from "../oracle-machine.ts";
import { askQemuProcessor, ASSEMBLER } from "../oracle-processor.ts";
import { CONFADD, CONFDATA } from "../qtest.ts";

type Random = (below: number) => number;
const word32 = (random: Random): number => random(0x10000) * 0x10000 + random(0x10000);
const pick = <Value>(random: Random, values: readonly Value[]): Value => values[random(values.length)]!;

const PORTS = 0;
const MEMORY = 1;
const HOST = 2;
const LPC = 3;
const inb = (port: number, except = 0): Step => read(PORTS, port, 1, except);
const outb = (port: number, value: number): Step => write(PORTS, port, 1, value);

const PORT_B = 0x61;
/** Refresh, and what enables parity and channel checks. */
const PORT_B_OTHERS = 0x1c;
const PORT_A = 0x92;
const FAST_RESET = 1 << 0;
const PORT_A_RESERVED = 0xfc;
const RESET_CONTROL = 0xcf9;
const RESET_GO = 1 << 2;
const CONFADD_RESERVED = 0x7f00_0003;
const PIT_CONTROL = 0x43;
const PIT_COUNTER_2 = 0x42;
const COUNTER_2_ONCE = 0xb0;
const PANIC = 0x505;
const PANIC_EVENTS = 3;
const DEBUG_EXIT = 0x501;
const DEBUG_CONSOLE = 0xe9;

interface Chipset {
  readonly board: "pc" | "q35";
  readonly pam: number;
  readonly smram: number;
}

function smallPorts(random: Random): Step[] {
  switch (random(7)) {
    case 0:
      return [outb(PORT_B, random(256)), inb(PORT_B, PORT_B_OTHERS)];
    case 1:
      return [outb(PORT_A, random(256) & ~FAST_RESET), inb(PORT_A, PORT_A_RESERVED)];
    case 2:
      return [outb(RESET_CONTROL, random(256) & ~RESET_GO), inb(RESET_CONTROL)];
    case 3: // bytes there are other registers, and do not disturb the address
      return [
        write(PORTS, CONFADD, 4, word32(random)),
        read(PORTS, CONFADD, 4, CONFADD_RESERVED),
        outb(RESET_CONTROL, 0),
        read(PORTS, CONFADD, 4, CONFADD_RESERVED),
      ];
    case 4:
      return [outb(PANIC, random(256) & ~PANIC_EVENTS), inb(PANIC)];
    case 5:
      return [read(PORTS, DEBUG_EXIT, pick(random, [1, 2] as const))];
    default:
      return [outb(DEBUG_CONSOLE, random(256)), inb(DEBUG_CONSOLE)];
  }
}

const SEGMENTS = 0xc0000;
const SEGMENT_BYTES = 0x4000;
const READ = 1;
const WRITE = 2;

/** A byte in RAM behind a segment, then looked at with reads alone sent there: it can be read and not written. */
function segment(random: Random, { pam }: Chipset): Step[] {
  const index = random(12);
  const register = pam + 1 + (index >> 1);
  const shift = index & 1 ? 4 : 0;
  const at = SEGMENTS + index * SEGMENT_BYTES + 4 * random(SEGMENT_BYTES / 4);
  const junk = random(256) & 0xcc;
  const attributes = (bits: number): Step[] => [
    write(HOST, register, 1, (bits << shift) | junk),
    read(HOST, register, 1, 0xcc),
  ];
  return [
    ...attributes(READ | WRITE),
    write(MEMORY, at, 4, word32(random)),
    read(MEMORY, at, 4),
    ...attributes(READ),
    write(MEMORY, at, pick(random, [1, 2, 4] as const), word32(random)),
    read(MEMORY, at, 4),
    ...attributes(0),
    write(MEMORY, at, 4, word32(random)),
    ...attributes(READ | WRITE),
    read(MEMORY, at, 4),
    ...(random(2) ? attributes(0) : []),
  ];
}

const VIDEO = 0xa0000;
const VIDEO_BYTES = 0x20000;
const SMRAM_CLOSED = 0x0a;
const SMRAM_OPEN = 0x4a;

/** The RAM behind the video window, which only an open SMRAM shows; never locked. */
function systemManagement(random: Random, { smram }: Chipset): Step[] {
  const at = VIDEO + 4 * random(VIDEO_BYTES / 4);
  return [
    write(HOST, smram, 1, SMRAM_OPEN),
    read(HOST, smram, 1),
    write(MEMORY, at, 4, word32(random)),
    read(MEMORY, at, 4),
    write(HOST, smram, 1, SMRAM_CLOSED),
    read(HOST, smram, 1),
    write(MEMORY, at, 4, word32(random)),
    write(HOST, smram, 1, SMRAM_OPEN),
    read(MEMORY, at, 4),
    write(HOST, smram, 1, SMRAM_CLOSED),
  ];
}

// ---- q35 -------------------------------------------------------------------------------------------------------------------

const PCIEXBAR = 0x60;
const WINDOWS = [0xb000_0000, 0xe000_0000];
/** Lengths 256, 128 and 64 MiB, enabled. */
const LENGTHS = [1, 3, 5];
const SKPD = 0xdc;
const LPC_PAGE = 0x1f << 15;
const PIRQ = [0x60, 0x61, 0x62, 0x63, 0x68, 0x69, 0x6a, 0x6b];
const CHIPSET_REGISTERS = 0xfed1_c000;
const ROUTES = [0x3140, 0x3142, 0x3144, 0x3146, 0x3148, 0x314c, 0x3150];
/** Functions that neither has. */
const NOTHING_THERE = [3 << 15, (4 << 15) | (3 << 12), 9 << 15];

function memoryMapped(random: Random): Step[] {
  const window = pick(random, WINDOWS);
  const steps = [
    write(HOST, PCIEXBAR + 4, 4, 0),
    write(HOST, PCIEXBAR, 4, window + pick(random, LENGTHS)),
    read(HOST, PCIEXBAR, 4),
    read(MEMORY, window, 4),
    read(MEMORY, window + LPC_PAGE, pick(random, [1, 2, 4] as const)),
    read(MEMORY, window + pick(random, NOTHING_THERE) + 4 * random(0x40), 4),
  ];
  const at = SKPD + random(4);
  const size = at % 4 === 0 ? 4 : at % 2 === 0 ? 2 : 1;
  const pirq = pick(random, PIRQ);
  return [
    ...steps,
    write(MEMORY, window + at, size, word32(random)),
    read(MEMORY, window + SKPD, 4),
    read(HOST, SKPD, 4),
    write(MEMORY, window + LPC_PAGE + pirq, 1, random(256)),
    read(LPC, pirq, 1, 0x70),
  ];
}

function chipsetRegisters(random: Random): Step[] {
  const route = pick(random, ROUTES);
  return [
    write(LPC, RCBA, 4, CHIPSET_REGISTERS + 1),
    read(LPC, RCBA, 4),
    write(MEMORY, CHIPSET_REGISTERS + route, 2, random(0x10000)),
    read(MEMORY, CHIPSET_REGISTERS + route, 2, 0x8888),
  ];
}

const HOST_AT = 0x8000_0000;
const LPC_AT = HOST_AT + (0x1f << 11);

function bench(board: Chipset["board"]): RegisterWindow[] {
  const machine = benchMachine(board);
  const ports = portsOf(machine);
  const config = (address: number): RegisterWindow => ({
    read(offset, size) {
      ports.write(CONFADD, 4, (address + (offset & ~3)) >>> 0);
      return ports.read(CONFDATA + (offset & 3), size);
    },
    write(offset, size, value) {
      ports.write(CONFADD, 4, (address + (offset & ~3)) >>> 0);
      ports.write(CONFDATA + (offset & 3), size, value);
    },
  });
  return [ports, memoryOf(machine), config(HOST_AT), config(LPC_AT)];
}

const CHIPSETS: readonly Chipset[] = [
  { board: "pc", pam: 0x59, smram: 0x72 },
  { board: "q35", pam: 0x90, smram: 0x9d },
];

const DEBUG_DEVICES = ["pvpanic", "isa-debug-exit,iobase=0x501,iosize=2", "isa-debugcon,chardev=debug,iobase=0xe9"];

const ports: readonly OracleCase[] = CHIPSETS.map(({ board }) => ({
  name: `small-ports-${board}`,
  machine: board,
  options: DEBUG_DEVICES.flatMap((device) => ["-device", device]).concat("-chardev", "null,id=debug"),
  regions: [{ space: "io", address: 0 }],
  bench: () => bench(board),
  // Counter 2 is told to wait, so that its output is known.
  opening: [outb(PIT_CONTROL, COUNTER_2_ONCE), outb(PIT_COUNTER_2, 0xff), outb(PIT_COUNTER_2, 0xff)],
  next: smallPorts,
  differences: [
    { why: "IBM PC AT, port 61h: bit 4 turns with the refresh; QEMU's with every read" },
    { why: "82371SB, NMI Status and Control: bits 2 and 3 can be written; QEMU keeps only gate and speaker" },
    { why: "82371SB, port 92h: bits 2 to 7 are reserved; QEMU keeps what was written" },
    { why: "Port 92h: out of a reset A20 is open here, as firmware hands it over; QEMU's bit says closed" },
    { why: "290549, CONFADD: bits 0, 1 and 24 to 30 are reserved; QEMU keeps what was written" },
  ],
}));

const memory: readonly OracleCase[] = CHIPSETS.map((chipset) => ({
  name: `memory-map-${chipset.board}`,
  machine: chipset.board,
  // Only for a processor are QEMU's segments read-only. The video card answers in place of the closed SMRAM.
  tools: [ASSEMBLER],
  ask: askQemuProcessor,
  options: ["-device", "VGA"],
  regions: [
    { space: "io", address: 0 },
    { space: "memory", address: 0 },
    { space: "pci", address: HOST_AT },
    { space: "pci", address: LPC_AT },
  ],
  bench: () => bench(chipset.board),
  next(random) {
    const groups = [segment, systemManagement, ...(chipset.board === "q35" ? [memoryMapped, chipsetRegisters] : [])];
    return pick(random, groups)(random, chipset);
  },
  differences: [
    { why: "PAM: a segment may send writes alone to RAM; in QEMU they are lost" },
    { why: "PAM: of what is not sent to RAM QEMU shows a ROM from C0000h on; here it is from E0000h on" },
    { why: "PAM: the other bits are reserved; QEMU keeps what was written" },
    ...(chipset.board === "q35"
      ? [
          { why: "316972, PIRQ: bits 4 to 6 are reserved; QEMU keeps what was written" },
          { why: "316972, D31IR to D25IR: every fourth bit is reserved; QEMU keeps what was written" },
          { why: "316972: SMI, TCO, GPIO and GCS registers are not there; QEMU has those it needs" },
        ]
      : []),
  ],
}));

export const boards = [...ports, ...memory];
