// SPDX-License-Identifier: MIT
// Resource templates: the descriptors that _CRS and _PRS give.
// Spec: ACPI 6.5, 6.4.2 (small items), 6.4.3 (large items).
import { concat, u16, u32, u64, u8 } from "../../bytes.ts";
import { buffer, type Aml } from "./data.ts";

/** A descriptor; `resources` makes a term of several. */
export type Resource = Uint8Array;

export function resources(...items: readonly Resource[]): Aml {
  const noChecksum = u8(0x79, 0x00);
  return buffer(concat(...items, noChecksum));
}

/** `count` ports from `port`, 16 address bits decoded. */
export function io(port: number, count: number): Resource {
  return concat(u8(0x47, 1), u16(port, port), u8(1, count));
}

export interface InterruptMode {
  readonly trigger: "edge" | "level";
  readonly polarity: "high" | "low";
  readonly shared: boolean;
}

const EDGE_HIGH: InterruptMode = { trigger: "edge", polarity: "high", shared: false };

/** ISA interrupts, one of them if there are several. Edge, high and exclusive needs no flags. */
export function irq(lines: readonly number[], mode: InterruptMode = EDGE_HIGH): Resource {
  const mask = u16(lines.reduce((bits, line) => bits | (1 << line), 0));
  const { trigger, polarity, shared } = mode;
  if (trigger === "edge" && polarity === "high" && !shared) return concat(u8(0x22), mask);
  return concat(
    u8(0x23),
    mask,
    u8(Number(trigger === "edge") | (Number(polarity === "low") << 3) | (Number(shared) << 4)),
  );
}

/** DMA channels, one of them if there are several: bytes or words, at the speed of the AT, bus master. */
export function dmaChannels(channels: readonly number[]): Resource {
  const anyWidth = 1;
  const busMaster = 1 << 2;
  return u8(
    0x2a,
    channels.reduce((bits, channel) => bits | (1 << channel), 0),
    anyWidth | busMaster,
  );
}

/** Inputs of the I/O APICs. */
export function interrupts(gsis: readonly number[], { trigger, polarity, shared }: InterruptMode): Resource {
  const consumer = 1;
  const flags =
    consumer | (Number(trigger === "edge") << 1) | (Number(polarity === "low") << 2) | (Number(shared) << 3);
  return concat(u8(0x89), u16(2 + 4 * gsis.length), u8(flags, gsis.length), u32(...gsis));
}

/** Where the first number of an `interrupts` descriptor lies in it. */
export const INTERRUPT_NUMBER = 5;

export function memory32(address: number, bytes: number): Resource {
  const writable = 1;
  return concat(u8(0x86), u16(9), u8(writable), u32(address, bytes));
}

const MEMORY = 0;
const PORTS = 1;
const BUSES = 2;
/** Both ends fixed, positive decode, handed down to the devices behind the bridge. */
const WINDOW = 0b1100;
const WHOLE_PORT_RANGE = 3;
const WRITABLE = 1;
const CACHEABLE = 1 << 1;

export function busNumbers(first: number, last: number): Resource {
  return concat(u8(0x88), u16(13), u8(BUSES, WINDOW, 0), u16(0, first, last, 0, last - first + 1));
}

export function portWindow(first: number, last: number): Resource {
  return concat(u8(0x88), u16(13), u8(PORTS, WINDOW, WHOLE_PORT_RANGE), u16(0, first, last, 0, last - first + 1));
}

export function memoryWindow(first: number, last: number, kind: "device" | "cacheable" = "device"): Resource {
  const flags = WRITABLE | (kind === "cacheable" ? CACHEABLE : 0);
  return concat(u8(0x87), u16(23), u8(MEMORY, WINDOW, flags), u32(0, first, last, 0, last - first + 1));
}

export function memoryWindow64(first: number, last: number): Resource {
  return concat(u8(0x8a), u16(43), u8(MEMORY, WINDOW, WRITABLE | CACHEABLE), u64(0, first, last, 0, last - first + 1));
}
