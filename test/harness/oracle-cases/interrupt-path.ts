// SPDX-License-Identifier: MIT
// The way of an interrupt through a whole board: COM1's transmitter as a source that the steps raise and drop, the 8259As and
// the I/O APIC beside each other, the local APIC, and the processor that takes what comes. Carried out by a processor.
// Spec: Intel SDM vol. 3A, "Handling Interrupts"; Intel 82093AA (290566), I/O redirection table; Intel 8259A (231468).
import * as L from "../../../devices/lapic/registers.ts";
import * as I from "../../../devices/ioapic/registers.ts";
import { type OracleCase, read, type Step, write } from "../device-oracle.ts";
import { benchMachine, memoryOf, portsOf } from "../oracle-machine.ts";
import { askQemuProcessor, ASSEMBLER } from "../oracle-processor.ts";

type Random = (below: number) => number;
const pick = <Value>(random: Random, values: readonly Value[]): Value => values[random(values.length)]!;

const PORTS = 0;
const MEMORY = 1;
const TAKEN = 2;
const IOAPIC_AT = 0xfec0_0000;
const IRQ = 4;
const ENTRY = I.REDIRECTION + 2 * IRQ;

const COM1 = 0x3f8;
const IER = COM1 + 1;
const IIR = COM1 + 2;
const MCR = COM1 + 4;
const IER_THRE = 2;
const MCR_OUT2 = 8;
const PIC = 0x20;
const PIC_BASE = 0x40;
const PIC_MASK = 0x21;
const EOI = 0x20;

const outb = (port: number, value: number): Step => write(PORTS, port, 1, value);
const inb = (port: number): Step => read(PORTS, port, 1);
const lapic = (register: number): Step => read(MEMORY, L.BASE_DEFAULT + (register << 4), 4);
const setLapic = (register: number, value: number): Step => write(MEMORY, L.BASE_DEFAULT + (register << 4), 4, value);
const select = (register: number): Step => write(MEMORY, IOAPIC_AT + I.IOREGSEL, 4, register);
const setEntry = (low: number, high: number): Step[] => [
  select(ENTRY + 1),
  write(MEMORY, IOAPIC_AT + I.IOWIN, 4, high),
  select(ENTRY),
  write(MEMORY, IOAPIC_AT + I.IOWIN, 4, low >>> 0),
];
const entry = (): Step[] => [select(ENTRY), read(MEMORY, IOAPIC_AT + I.IOWIN, 4, ~ENTRY_BITS)];
const ENTRY_BITS = 0x1_ffff;
/** Lowest priority: of one processor the only choice. */
const LOWEST = 1 << 8;

const raise = (): Step[] => [outb(IER, IER_THRE), inb(IIR), outb(IER, 0), outb(IER, IER_THRE)];
const drop = (): Step[] => [inb(IIR), inb(IIR)];
const take = (): Step => read(TAKEN, 0, 4);
const endOfInterrupt = (): Step => setLapic(L.EOI, 0);

/** Vectors of one class, so that what is taken holds back what comes. */
const VECTORS = [0x50, 0x53, 0x5f, 0x80, 0xef];
const LOGICAL_ID = 0x02;
const TARGETS = [
  { bits: 0, high: 0 },
  { bits: 0, high: 0xff00_0000 },
  { bits: I.RTE_LOGICAL, high: LOGICAL_ID << 24 },
] as const;
const NOBODY = { bits: I.RTE_LOGICAL, high: 0x04 << 24 };

/** An entry of the I/O APIC, and what may happen to its input and to the local APIC in any order. */
function throughApics(random: Random): Step[] {
  const vector = pick(random, VECTORS);
  const level = random(2) * I.RTE_LEVEL;
  // Nobody ends a level's service that QEMU believes begun.
  const { bits, high } = pick(random, level ? TARGETS : [...TARGETS, NOBODY]);
  const low = vector | bits | level | (random(2) * LOWEST);
  const look = (): Step[] => [
    lapic(L.IRR + (vector >> 5)),
    lapic(L.ISR + (vector >> 5)),
    lapic(L.TMR + (vector >> 5)),
    ...entry(),
  ];
  const steps: Step[] = [outb(IER, 0), ...drop(), ...setEntry(low | (random(2) * I.RTE_MASKED), high)];
  for (let i = 3 + random(6); i > 0; i--) {
    const acts = [raise, drop, () => [take()], () => [endOfInterrupt()]];
    acts.push(() => setEntry(low | (random(2) * I.RTE_MASKED), high));
    acts.push(() => [setLapic(L.TPR, random(3) * 0x30)]);
    steps.push(...pick(random, acts)(), ...look());
  }
  return [...steps, ...rest(low, high)];
}

/** Back to where nothing waits and nothing is served. */
function rest(low: number, high: number): Step[] {
  return [
    outb(IER, 0),
    ...drop(),
    setLapic(L.TPR, 0),
    ...[0, 1, 2].flatMap(() => [take(), endOfInterrupt()]),
    ...setEntry(low | I.RTE_MASKED, high),
    take(),
    endOfInterrupt(),
    ...entry(),
  ];
}

/** Through the first 8259A and LINT0; an edge is held until it is taken. */
function throughPic(random: Random): Step[] {
  const late = random(2) === 0;
  const open = setLapic(L.LVT_LINT0, 0x700);
  const closed = setLapic(L.LVT_LINT0, 0x700 | L.LVT_MASKED);
  return [
    late ? closed : open,
    outb(PIC_MASK, 0xff & ~(1 << IRQ)),
    ...raise(),
    take(),
    ...(late ? [open, take()] : []),
    outb(PIC, 0x0b),
    inb(PIC),
    ...drop(),
    take(),
    outb(PIC, EOI),
    take(),
    outb(PIC_MASK, 0xff),
    closed,
    outb(IER, 0),
  ];
}

export const interruptPath: OracleCase = {
  name: "interrupt-path",
  machine: "pc",
  tools: [ASSEMBLER],
  ask: askQemuProcessor,
  options: ["-serial", "null"],
  regions: [
    { space: "io", address: 0 },
    { space: "memory", address: 0 },
    { space: "acknowledge", address: 0 },
  ],
  bench: () => {
    const machine = benchMachine("pc");
    return [portsOf(machine), memoryOf(machine), { read: () => machine.board.acknowledge() >>> 0, write() {} }];
  },
  opening: [
    outb(PIC, 0x11),
    outb(PIC_MASK, PIC_BASE),
    outb(PIC_MASK, 4),
    outb(PIC_MASK, 1),
    outb(PIC_MASK, 0xff),
    outb(MCR, MCR_OUT2),
    setLapic(L.SVR, L.SVR_ENABLE | 0xff),
    setLapic(L.LVT_LINT0, L.LVT_MASKED),
    setLapic(L.LDR, LOGICAL_ID << 24),
    setLapic(L.DFR, 0xffff_ffff),
  ],
  next: (random) => (random(4) ? throughApics(random) : throughPic(random)),
  differences: [
    { why: "82093AA, Remote IRR: is set when a local APIC accepts a level; QEMU sets it though nobody does" },
    { why: "8259A, Interrupt Request Register: an edge must be held until acknowledged; QEMU latches it for good" },
  ],
};
