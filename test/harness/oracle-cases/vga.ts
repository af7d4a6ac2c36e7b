// SPDX-License-Identifier: MIT
// Sessions for the VGA: its registers, and its memory through the planar write and read modes.
// Spec: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem" (VGA function).
import type { RegisterWindow } from "../../../devices/core/device.ts";
import * as R from "../../../devices/vga/registers.ts";
import { TestClock } from "../../../devices/core/test-clock.ts";
import { Vga } from "../../../devices/vga/vga.ts";
import { type Difference, type OracleCase, read, type Step, write } from "../device-oracle.ts";

type Random = (below: number) => number;
const pick = <Value>(random: Random, values: readonly Value[]): Value => values[random(values.length)]!;

const PORTS = 0;
const MEMORY = 1;
const PLACES = 16;
const get = (port: number, except = 0): Step => read(PORTS, port - R.FIRST_PORT, 1, except);
const put = (port: number, value: number): Step => write(PORTS, port - R.FIRST_PORT, 1, value);
const indexed = (port: number, index: number, value: number): Step[] => [put(port, index), put(port + 1, value)];

const COLOUR_CRTC = R.MONO_CRTC + R.COLOUR_OFFSET;
const COLOUR_STATUS = R.MONO_STATUS + R.COLOUR_OFFSET;
const STATUS = [R.MONO_STATUS, COLOUR_STATUS];
const READ_PORTS = [
  R.ATTRIBUTE_READ,
  R.MISC_WRITE,
  R.SEQUENCER_INDEX,
  R.SEQUENCER_DATA,
  R.FEATURE_READ,
  R.MISC_READ,
  R.GRAPHICS_INDEX,
  R.GRAPHICS_DATA,
  ...[R.MONO_CRTC, COLOUR_CRTC].flatMap((port) => [port, port + 1]),
  ...STATUS,
];
const WRITE_PORTS = [R.ATTRIBUTE, ...READ_PORTS];
/** Retrace and the diagnostic bits: where the picture is at the moment. */
const MOVING = 0x3f;
/** Behind the last register of the sequencer: on the chip a counter's reset. */
const SEQUENCER_COUNTER = 7;

function registers(random: Random): Step | Step[] {
  const kind = random(16);
  if (kind === 0) return [put(R.DAC_WRITE_INDEX, random(256)), ...[0, 1, 2].map(() => put(R.DAC_DATA, random(64)))];
  if (kind === 1)
    return [put(R.DAC_READ_INDEX, random(256)), ...[0, 1, 2].map(() => get(R.DAC_DATA)), get(R.DAC_READ_INDEX)];
  if (kind < 8) {
    const port = pick(random, WRITE_PORTS);
    const crtcIndex = port === R.MONO_CRTC || port === COLOUR_CRTC;
    const value = random(crtcIndex ? R.CRTC_REGISTERS : random(8) ? 256 : 32);
    return put(port, port === R.SEQUENCER_INDEX && (value & 7) === SEQUENCER_COUNTER ? 0 : value);
  }
  const port = pick(random, READ_PORTS);
  return get(port, STATUS.includes(port) ? MOVING : 0);
}

function memory(random: Random): Step | Step[] {
  const place = random(PLACES);
  switch (random(6)) {
    case 0:
      return indexed(R.SEQUENCER_INDEX, R.SR_MAP_MASK, random(16));
    case 1: {
      const register = random(R.GRAPHICS_MASKS.length);
      const mode = random(4) | (random(2) * R.GR_MODE_READ_1);
      const value = register === R.GR_MODE ? mode : register === R.GR_MISC ? GRAPHICS_AT_A0000 : random(256);
      return indexed(R.GRAPHICS_INDEX, register, value);
    }
    case 2:
    case 3:
      return write(MEMORY, place, 1, random(256));
    default:
      return read(MEMORY, place, 1);
  }
}

const GRAPHICS_AT_A0000 = 0x05;
const PLANAR = 0x06;

const common = {
  machine: "pc",
  options: ["-vga", "none", "-device", "isa-vga"],
  regions: [
    { space: "io", address: R.FIRST_PORT },
    { space: "memory", address: R.WINDOW.address },
  ],
  bench: (): readonly RegisterWindow[] => {
    const device = new Vga({ clock: new TestClock() });
    return [device.window, device.memoryWindow];
  },
} as const;

const DIFFERENCES: readonly Difference[] = [
  { why: "Video DAC, PEL Mask: can be read and written; QEMU has no port 3C6h" },
  {
    why: "Video DAC: one index counts for reads and writes; QEMU has two, so that colours are written and read as a whole",
  },
  { why: "Video DAC: a colour has six bits; QEMU keeps eight" },
  { why: "Input Status Register 1: display and retrace follow the picture; QEMU's bits change with every read" },
  { why: "Sequencer: register 7 resets a counter; QEMU keeps what is written" },
  { why: "Attribute Address Register: reads give the index; QEMU's give 0 while data is due" },
  { why: "CRT Controller: registers end at 18h; QEMU keeps whatever is written up to FFh" },
];

export const vgaRegisters: OracleCase = {
  ...common,
  name: "vga-registers",
  opening: [put(R.MISC_WRITE, 0x67)],
  next: registers,
  differences: DIFFERENCES,
};

export const vgaMemory: OracleCase = {
  ...common,
  name: "vga-memory",
  opening: [
    ...indexed(R.SEQUENCER_INDEX, R.SR_MEMORY_MODE, PLANAR),
    ...indexed(R.GRAPHICS_INDEX, R.GR_MISC, GRAPHICS_AT_A0000),
    ...Array.from({ length: PLACES }, (_, place) => write(MEMORY, place, 1, 0)),
  ],
  next: memory,
  differences: [],
};
