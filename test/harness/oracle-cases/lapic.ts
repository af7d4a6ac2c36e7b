// SPDX-License-Identifier: MIT
// Sessions for the local APIC, carried out by a processor: the frozen machine has none, and its local APIC reads as 0.
// Interrupts come from the APIC itself (interprocessor interrupts to itself, the timer) and stay pending until a step takes
// them. No x2APIC and no TSC deadline: QEMU's TCG has neither; of the MSRs there is IA32_APIC_BASE.
// Spec: Intel SDM vol. 3A, "Advanced Programmable Interrupt Controller (APIC)".
import { noIrq } from "../../../devices/core/irq-line.ts";
import { BROADCAST, FIXED, LOWEST_PRIORITY, NMI, START_UP } from "../../../devices/core/interrupt-message.ts";
import { TestClock } from "../../../devices/core/test-clock.ts";
import { Lapic } from "../../../devices/lapic/lapic.ts";
import * as R from "../../../devices/lapic/registers.ts";
import { type Difference, type OracleCase, read, type Step, write } from "../device-oracle.ts";
import { askQemuProcessor, ASSEMBLER, WAIT_NANOS } from "../oracle-processor.ts";

type Random = (below: number) => number;

const word32 = (random: Random): number => random(0x10000) * 0x10000 + random(0x10000);
const pick = <Value>(random: Random, values: readonly Value[]): Value => values[random(values.length)]!;
const get = (register: number, except = 0): Step => read(0, register << 4, 4, except);
const put = (register: number, value: number): Step => write(0, register << 4, 4, value);
const take = (): Step => read(1, 0, 4);
const wait = (): Step => write(3, 0, 4, 0);

const LVT = R.LVT_BITS.map((_, index) => R.LVT_TIMER + index);
const SETS = Array.from({ length: R.ESR - R.ISR }, (_, index) => R.ISR + index);
const PRIORITIES = [R.TPR, R.PPR];
const IPI_MODES = [FIXED, FIXED, FIXED, LOWEST_PRIORITY, NMI, START_UP, 3];
/** A count that does not change in its upper byte while a session lasts. */
const LONG = 0xff_ffff;
const ANY = -1;
/** More nanoseconds than a wait has at no divisor. */
const SHORT = 100;

const anyVector = (random: Random): number => R.FIRST_VECTOR + random(256 - R.FIRST_VECTOR);

function send(random: Random): Step[] {
  const vector = anyVector(random);
  const shorthand = random(3) ? R.SHORTHAND_SELF : random(4);
  const mode = shorthand === R.SHORTHAND_SELF ? FIXED : pick(random, IPI_MODES);
  const logical = random(2) * R.ICR_LOGICAL;
  const junk = random(4) ? 0 : word32(random) & ~R.ICR_BITS;
  const destination = logical ? random(0xf0) : pick(random, [0, 0, 1, 0xff, random(256)]);
  return [
    put(R.ICR_HIGH, destination * 2 ** 24 + (random(4) ? 0 : random(0x10000))),
    put(R.ICR_LOW, (vector | (mode << 8) | logical | R.ICR_ASSERT | (shorthand << 18) | junk) >>> 0),
    get(R.ICR_LOW),
    get(R.ICR_HIGH),
    get(R.IRR + (vector >> 5)),
  ];
}

/** Loads the timer; a short count runs out in the wait that follows, a long one stays in its upper byte. */
function timer(random: Random): Step[] {
  const short = random(2) === 0;
  const masked = random(3) ? 0 : R.LVT_MASKED;
  const periodic = short ? 0 : random(2) * R.LVT_PERIODIC;
  const initial = short ? 1 + random(SHORT) : random(256) * 2 ** 24 + LONG;
  const vector = anyVector(random);
  return [
    put(R.INITIAL_COUNT, 0),
    put(R.LVT_TIMER, vector | masked | periodic),
    put(R.DIVIDE, random(16)),
    put(R.INITIAL_COUNT, initial),
    get(R.CURRENT_COUNT, short ? ANY : LONG),
    wait(),
    get(R.CURRENT_COUNT, short ? 0 : LONG),
    get(R.INITIAL_COUNT),
    get(R.IRR + (vector >> 5)),
    ...(short ? [put(R.INITIAL_COUNT, 0)] : []),
  ];
}

/** Off and on again by the spurious vector register; entries are written anew, for the off state masks them. */
function switchOff(random: Random): Step[] {
  return [
    put(R.SVR, random(256)),
    get(R.SVR),
    ...LVT.flatMap((register) => [put(register, random(256) | R.LVT_MASKED), get(register)]),
    get(pick(random, SETS)),
    put(R.SVR, R.SVR_ENABLE | random(256)),
    get(R.PPR),
  ];
}

function entry(random: Random): Step[] {
  const register = pick(random, LVT.slice(1));
  // An error would interrupt here and not in QEMU; the pins stay low, so that their entries may be open.
  const masked = register === R.LVT_ERROR ? R.LVT_MASKED : random(2) * R.LVT_MASKED;
  return [put(register, ((word32(random) & ~R.LVT_MASKED) | masked) >>> 0), get(register)];
}

function hostile(random: Random): Step[] {
  switch (random(6)) {
    case 0:
      return [put(pick(random, [...SETS, R.PPR, R.VERSION, R.CURRENT_COUNT]), word32(random))];
    case 1: // no register there
      return [get(pick(random, [0, 1, 4, 5, 6, 7, 0x09, 0x0c, 0x29, 0x2e, 0x3a, 0x3d, 0x40 + random(0xc0)]))];
    case 2:
      return [put(pick(random, [4, 5, 6, 7, 0x29, 0x2e, 0x3a, 0x3d, 0x40 + random(0xc0)]), word32(random))];
    case 3: // narrow writes do nothing
      return [write(0, random(R.PAGE - 4) & ~1 & ~0xf, pick(random, [1, 2] as const), random(256)), get(R.TPR)];
    case 4:
      return [put(R.ESR, word32(random)), get(R.ESR)];
    default:
      return [get(pick(random, [R.ID, R.VERSION, R.EOI])), read(2, 0, 4)];
  }
}

function next(random: Random): Step | Step[] {
  switch (random(14)) {
    case 0:
      return [put(R.TPR, word32(random)), ...PRIORITIES.map((register) => get(register))];
    case 1:
      return [put(R.TPR, random(0x60)), take()];
    case 2:
      return timer(random);
    case 3:
      return random(4) ? entry(random) : switchOff(random);
    case 4:
      return hostile(random);
    case 5:
      return [put(R.LDR, word32(random)), get(R.LDR), put(R.DFR, random(2) * 0xf000_0000 + random(0x1000)), get(R.DFR)];
    case 6:
      return get(pick(random, SETS));
    case 7:
    case 8:
      return [take(), get(R.PPR)];
    case 9:
    case 10:
      return [put(R.EOI, random(2) * word32(random)), get(R.PPR), get(pick(random, SETS))];
    default:
      return send(random);
  }
}

export const lapic: OracleCase = {
  name: "lapic",
  machine: "pc",
  tools: [ASSEMBLER],
  ask: askQemuProcessor,
  regions: [
    { space: "memory", address: R.BASE_DEFAULT },
    { space: "acknowledge", address: 0 },
    { space: "msr", address: R.IA32_APIC_BASE },
    { space: "wait", address: 0 },
  ],
  bench: () => {
    const clock = new TestClock();
    const device: Lapic = new Lapic({
      clock,
      id: 0,
      bootstrap: true,
      x2apic: false,
      tscDeadline: false,
      physicalBits: 36,
      tsc: () => BigInt(clock.nanos),
      pins: { intr: noIrq, nmi() {}, smi() {}, init() {}, startUp() {} },
      send: (message, shorthand) => {
        const forMe = shorthand !== R.SHORTHAND_NONE || device.matches(message);
        if (shorthand === R.SHORTHAND_OTHERS || !forMe) return;
        device.accept(shorthand === R.SHORTHAND_NONE ? message : { ...message, destination: BROADCAST });
      },
      endOfInterrupt() {},
      acknowledgeExternal: () => 0,
      taskPriorityChanged() {},
    });
    const only = (read: () => number, write = (): void => {}) => ({ read, write });
    return [
      device.window,
      only(() => device.acknowledge() >>> 0),
      only(() => Number(device.readMsr(R.IA32_APIC_BASE))),
      only(
        () => 0,
        () => clock.advance(WAIT_NANOS),
      ),
    ];
  },
  opening: [
    ...[R.ID, R.VERSION, R.TPR, R.PPR, R.LDR, R.DFR, R.SVR, R.ICR_LOW, R.ICR_HIGH, R.INITIAL_COUNT, R.DIVIDE].map(
      (at) => get(at),
    ),
    ...SETS.map((register) => get(register)),
    ...LVT.map((register) => get(register)),
    put(R.SVR, R.SVR_ENABLE | 0xff),
    ...LVT.map((register) => put(register, R.LVT_MASKED)),
  ],
  next,
  differences: [
    at(
      R.VERSION,
      () => 1 << 24,
      "Local APIC Version Register: bit 24 says that EOI broadcasts can be suppressed; QEMU cannot",
    ),
    at(
      R.ICR_LOW,
      () => ~R.ICR_BITS,
      "Interrupt Command Register: the other bits are reserved; QEMU keeps what was written",
    ),
    at(
      R.ICR_HIGH,
      () => 0x00ff_ffff,
      "Interrupt Command Register: bits 32 to 55 are reserved; QEMU keeps what was written",
    ),
    at(R.ESR, () => ANY, "Error Status Register: a write shows the errors since the last; QEMU's writes do nothing"),
    {
      bits: ({ region, offset }) => (region === 0 ? ~(R.LVT_BITS[(offset >> 4) - R.LVT_TIMER] ?? ANY) : 0),
      why: "Local Vector Table: the other bits are reserved; QEMU keeps what was written",
    },
    { why: "ESR: an illegal register or vector raises the error entry; QEMU's never does, so that entry stays masked" },
    { why: "Valid Interrupt Vectors: 0 to 15 are illegal, sent or received; QEMU delivers them" },
    { why: "ICR, Trigger Mode: interprocessor interrupts are edges; QEMU's TMR has the level bit of the command" },
    { why: "Logical Destination Mode: cluster 15 is every cluster; QEMU looks for one of that number" },
    { why: "Local APIC State After It Has Been Software Disabled: all entries are masked; QEMU's stay as they were" },
    { why: "Local APIC State After It Has Been Software Disabled: fixed interrupts are not taken; QEMU takes them" },
    { why: "APIC Timer: a change of divisor or mode keeps the count; QEMU reckons it anew from the load" },
    { why: "Local APIC ID: not to be changed by software; it can be in QEMU" },
    {
      why: "APIC Register Address Map: registers lie at multiples of 16; QEMU answers beside them, and its offset 0 is an MSI",
    },
    { why: "APIC Register Address Map: narrow reads are undefined; QEMU gives 0, here it is a part of the register" },
  ],
};

function at(register: number, bits: () => number, why: string): Difference {
  return { bits: ({ region, offset }) => (region === 0 && offset === register << 4 ? bits() : 0), why };
}
