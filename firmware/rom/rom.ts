// SPDX-License-Identifier: MIT
// The firmware's ROM as the processor sees it: 64 KiB at the top of 4 GiB and, until the chipset shadows it, at F0000. It
// holds the block of rom.asm, a label, the reset vector, and the date, model and checksum bytes of every ROM BIOS since the
// first.
// Spec: IBM PC AT Technical Reference, "ROM BIOS"; Intel SDM vol. 3A 9.1.4.
import { labelRom, ROM_BYTES, ROM_VERSION } from "../../common/rom-label.ts";
import { ConfigError } from "../../common/errors.ts";
import { FIRMWARE } from "../version.ts";
import { ROM_BLOCK } from "./rom-image.ts";

export { ROM_BYTES, sumOf } from "../../common/rom-label.ts";
export const ROM_SEGMENT = 0xf000;
/** Where the segment F000 sees it. */
export const ROM_SHADOW = 0xf0000;

/** What rom.asm and the firmware agree on. */
export const TRAP_PORT = 0xe8;
export const TRAP_BEGIN = 0;
export const TRAP_STEP = 1;
/** Offset of CLI; HLT in an endless loop. */
export const HALT_OFFSET = 0xe0f0;
/** Offsets of interrupt service routines: the timer's, which counts, and those that only end the interrupt. */
export const TIMER_OFFSET = 0xe100;
export const IRQ_OFFSET = 0xe110;
export const IRQ8_OFFSET = 0xe120;
export const IRET_OFFSET = 0xe130;
/** Where the ROM is empty: room for tables in its shadow. */
export const ROM_FREE = { first: 0x0000, last: 0xdfff } as const;

const BLOCK_OFFSET = 0xe05b;
const RESET_VECTOR = 0xfff0;
const DATE = 0xfff5; // MM/DD/YY
const MODEL = 0xfffe;
const MODEL_AT = 0xfc;
const JMP_FAR = 0xea;

const DATE_BYTES = 8;

/** A ROM of this firmware, as it is delivered or under another version of the form of ROM_VERSION. */
export function buildRom(version: string = FIRMWARE.version): Uint8Array {
  if (!ROM_VERSION.test(version)) {
    throw new ConfigError(`version ${version}: two numbers like 0.3, or 0.3-trial, are possible`);
  }
  const rom = new Uint8Array(ROM_BYTES);
  rom.set(
    ROM_BLOCK.match(/../g)!.map((digits) => parseInt(digits, 16)),
    BLOCK_OFFSET,
  );
  const far = [BLOCK_OFFSET & 0xff, BLOCK_OFFSET >> 8, ROM_SEGMENT & 0xff, ROM_SEGMENT >> 8];
  rom.set([JMP_FAR, ...far], RESET_VECTOR);
  const [month, day, year] = FIRMWARE.date.split("/");
  const date = `${month}/${day}/${year!.slice(2)}`;
  rom.set(
    Array.from(date, (character) => character.charCodeAt(0)),
    DATE,
  );
  rom[MODEL] = MODEL_AT;
  labelRom(rom, version);
  return rom;
}

/** The date inside of a ROM: MM/DD/20YY. */
export function romDate(rom: Uint8Array): string {
  const text = String.fromCharCode(...rom.subarray(DATE, DATE + DATE_BYTES));
  return `${text.slice(0, 6)}20${text.slice(6)}`;
}
