// SPDX-License-Identifier: MIT
// Sessions for the I/O APIC, the HPET and ACPI power management of both chipsets, with the clock standing still.
// Spec: Intel 82093AA (290566); IA-PC HPET Specification 1.0a; Intel 82371AB (290562); Intel I/O Controller Hub 9 (316972).
import { AcpiPm } from "../../../devices/acpi-pm/acpi-pm.ts";
import { noIrq } from "../../../devices/core/irq-line.ts";
import { TestClock } from "../../../devices/core/test-clock.ts";
import { Hpet } from "../../../devices/hpet/hpet.ts";
import { IoApic } from "../../../devices/ioapic/ioapic.ts";
import { type OracleCase, read, write } from "../device-oracle.ts";

type Random = (below: number) => number;
const word32 = (random: Random): number => random(0x10000) * 0x10000 + random(0x10000);
const pick = <Value>(random: Random, values: readonly Value[]): Value => values[random(values.length)]!;
const configAddress = (device: number, func: number, register: number): number =>
  (0x80000000 | (device << 11) | (func << 8) | register) >>> 0;

const IOREGSEL = 0x00;
const IOWIN = 0x10;
export const ioapic: OracleCase = {
  name: "ioapic",
  machine: "pc",
  regions: [{ space: "memory", address: 0xfec0_0000 }],
  bench: () => [new IoApic({ send: () => false }).window],
  next: (random) => {
    const kind = random(10);
    if (kind === 8) {
      const at = 4 * random(0x40);
      const place = at === IOREGSEL || at === IOWIN ? 0x20 : at;
      return random(2) ? read(0, place, 4) : write(0, place, 4, word32(random));
    }
    if (kind === 9) {
      const narrow = pick(random, [1, 2] as const);
      return random(2) ? read(0, IOWIN, narrow) : write(0, IOWIN, narrow, word32(random));
    }
    if (kind < 3) return write(0, IOREGSEL, 4, random(4) ? random(0x40) : random(0x100));
    if (kind < 5) return write(0, IOWIN, 4, word32(random));
    return kind < 7 ? read(0, IOWIN, 4) : read(0, IOREGSEL, 4);
  },
  differences: [
    {
      bits: ({ offset }, written) => {
        const index = written(IOREGSEL) & 0xff;
        if (offset !== IOWIN || index < 0x10 || index >= 0x40) return 0;
        return index & 1 ? 0x00ff_ffff : 0xfffe_0000;
      },
      why: "82093AA 3.2.4: bits 17 to 55 of an entry are reserved; QEMU keeps what was written there",
    },
  ],
};

const PM_TMR = 8;
interface PowerChip {
  readonly name: string;
  readonly machine: "pc" | "q35";
  /** Registers of the chip that switch the ports on: device, function, offset, value. */
  readonly prepare: readonly (readonly [device: number, func: number, offset: number, value: number])[];
  readonly gpe: { readonly port: number; readonly bytes: number };
  readonly commands: { readonly enableCommand: number; readonly disableCommand: number };
}

const power = ({ name, machine, prepare, gpe, commands }: PowerChip): OracleCase => ({
  name,
  machine,
  regions: [
    { space: "io", address: 0x600 },
    { space: "io", address: gpe.port },
    { space: "io", address: 0xb2 },
  ],
  prepare: prepare.flatMap(([device, func, offset, value]) => [
    [0xcf8, 4, configAddress(device, func, offset)] as const,
    [0xcfc, 4, value] as const,
  ]),
  bench: () => {
    const clock = new TestClock();
    const registers = { bytes: gpe.bytes };
    const device = new AcpiPm({ clock, sci: noIrq, gpe: registers, ...commands, s5: 0, powerOff: () => {} });
    return [device.window, device.gpeWindow, device.apmWindow];
  },
  next: (random) => {
    switch (random(8)) {
      case 0:
        return read(0, PM_TMR, 4);
      case 1:
        return write(0, pick(random, [0, 2]), 2, pick(random, [0, 0x0121, 0x0521, 0x8000, 0xffff]));
      case 2: // never SLP_EN, which would end QEMU
        return write(0, 4, 2, random(0x10000) & ~0x2000);
      case 3:
        return write(2, random(2), 1, random(3) ? random(256) : pick(random, Object.values(commands)));
      case 4:
        return random(2) ? write(1, random(gpe.bytes), 1, random(256)) : read(1, random(gpe.bytes), 1);
      case 5:
        return read(2, random(2), 1);
      case 6:
        return read(0, PM_TMR, 4);
      default:
        return read(0, pick(random, [0, 2, 4]), 2);
    }
  },
  differences: [
    {
      bits: ({ region, offset }) => (region === 0 && offset === 0 ? 1 : 0),
      why: "82371AB, PMSTS: TMROF_STS is set when the timer's top bit changes; QEMU sets it at power-on too",
    },
    {
      bits: ({ region, offset }) => (region === 0 && offset === 2 ? ~0x0521 : 0),
      why: "82371AB, PMEN: the other bits are reserved; QEMU keeps what was written there",
    },
    {
      bits: ({ region, offset }) => (region === 0 && offset === 4 ? ~0x1c03 : 0),
      why: "82371AB, PMCNTRL: the other bits are reserved or write only; QEMU keeps what was written there",
    },
  ],
});

export const pm = power({
  name: "acpi-pm",
  machine: "pc",
  prepare: [
    [1, 3, 0x40, 0x600],
    [1, 3, 0x80, 1],
  ],
  gpe: { port: 0xafe0, bytes: 4 },
  commands: { enableCommand: 0xf1, disableCommand: 0xf0 },
});

export const ich9Pm = power({
  name: "acpi-pm-ich9",
  machine: "q35",
  prepare: [
    [31, 0, 0x40, 0x600],
    [31, 0, 0x44, 0x80],
  ],
  gpe: { port: 0x620, bytes: 16 },
  commands: { enableCommand: 0x02, disableCommand: 0x03 },
});

export const hpet: OracleCase = {
  name: "hpet",
  machine: "pc",
  regions: [{ space: "memory", address: 0xfed0_0000 }],
  bench: () => {
    const clock = new TestClock();
    const options = { routes: 0x4, line: () => noIrq, legacy: [noIrq, noIrq] as const, legacyReplacement: () => {} };
    return [new Hpet({ clock, ...options }).window];
  },
  next: (random) => {
    const timer = 0x100 + 0x20 * random(3);
    switch (random(10)) {
      case 8: {
        const hole = pick(random, [0x08, 0x0c, 0x18, 0x24, 0x28, 0x30, 0xe8, 0xf8, 0x118, 0x1fc, 0x3f8]);
        return random(2) ? read(0, hole, 4) : write(0, hole, 4, word32(random));
      }
      case 9: {
        const narrow = pick(random, [1, 2] as const);
        return random(2) ? read(0, random(0x100) & ~3, narrow) : write(0, random(0x100) & ~3, narrow, word32(random));
      }
      case 0:
        return write(0, 0xf4, 4, random(0x10000));
      case 1:
        return write(0, 0x10, 4, random(4));
      case 2:
        return write(0, timer, 4, pick(random, [0x000, 0x004, 0x100, 0x104]));
      case 3: // far ahead: what lies behind the counter is listed apart
        return write(0, timer + 8, 4, 0x4000_0000 + random(0x1000_0000));
      case 4:
        return write(0, 0xf0, 4, random(0x10000));
      case 5:
        return read(0, 0xf0, 4);
      case 6:
        return read(0, pick(random, [0, 4, 0x10, 0x20, 0xf4]), 4);
      default:
        return read(0, timer + pick(random, [0, 4, 8]), 4);
    }
  },
  differences: [
    {
      bits: ({ size }) => (size === 4 ? 0 : -1),
      why: "Register Overview: accesses have 32 or 64 bits; a narrow read gives 0 in QEMU, here a part of the register",
    },
    { why: "Timer n Configuration: of timers that are not there nothing is to be seen; QEMU shows some of it" },
  ],
};
