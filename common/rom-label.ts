// SPDX-License-Identifier: MIT
// The label inside every ROM of the machine's firmware: what the ROM is called, which interface to the firmware's code its
// own code uses, and a hash of all of it. The firmware writes it; whoever accepts a new ROM reads it.
// Spec: none (own format). At E000h of 64 KiB: "GLASS86R", interface number, 7 bytes of 0, version in 16 bytes of ASCII
// padded with zeros, SHA-256 of the ROM with the hash itself and the checksum at FFFFh taken as 0.
import { sha256 } from "@noble/hashes/sha2.js";

export const ROM_BYTES = 0x10000;
/** Ports and offsets that a ROM and the firmware's code agree on; another number, another agreement. */
export const ROM_INTERFACE = 1;
/** What a version looks like: two numbers, and a word behind a hyphen where one is wanted. */
export const ROM_VERSION = /^(\d{1,2})\.(\d{1,2})(-[\w.]{1,10})?$/;

const LABEL = 0xe000;
const MAGIC = [..."GLASS86R"].map((each) => each.charCodeAt(0));
const INTERFACE = LABEL + 0x08;
const VERSION = LABEL + 0x10;
const VERSION_BYTES = 16;
const HASH = LABEL + 0x20;
const HASH_BYTES = 32;
const CHECKSUM = ROM_BYTES - 1;

export interface RomLabel {
  /** As text: `0.2`. */
  readonly version: string;
  readonly major: number;
  readonly minor: number;
  /** Two decimal digits in BCD, as IPMI has them: those of 0.2 are 20h. */
  readonly minorBcd: number;
  /** 64 digits of SHA-256. */
  readonly hash: string;
}

/** Labels a ROM that is complete but for its hash and checksum. The version has the form of ROM_VERSION. */
export function labelRom(rom: Uint8Array, version: string): void {
  const text = [...version].map((each) => each.charCodeAt(0));
  rom.fill(0, LABEL, HASH + HASH_BYTES);
  rom.set(MAGIC, LABEL);
  rom[INTERFACE] = ROM_INTERFACE;
  rom.set(text.slice(0, VERSION_BYTES), VERSION);
  rom.set(hashOf(rom), HASH);
  rom[CHECKSUM] = 0;
  rom[CHECKSUM] = -sumOf(rom) & 0xff;
}

/** The label of a sound ROM; a text says what is wrong with any other bytes. */
export function readRomLabel(rom: Uint8Array): RomLabel | string {
  if (rom.length !== ROM_BYTES) return `${rom.length} bytes: a ROM has ${ROM_BYTES}`;
  if (MAGIC.some((each, i) => rom[LABEL + i] !== each)) return "no label of a Glass86 ROM";
  if (rom[INTERFACE] !== ROM_INTERFACE) return `interface ${rom[INTERFACE]}: this firmware has ${ROM_INTERFACE}`;
  if (sumOf(rom) !== 0) return "the bytes do not add up to 0";
  if (hashOf(rom).some((each, i) => rom[HASH + i] !== each)) return "the hash is not that of the bytes";
  const version = String.fromCharCode(...rom.subarray(VERSION, VERSION + VERSION_BYTES)).replace(/\0+$/, "");
  const [, major, minor] = ROM_VERSION.exec(version) ?? [];
  if (major === undefined || minor === undefined) return "the version is none";
  const minorBcd = parseInt(minor.padEnd(2, "0"), 16);
  return { version, major: Number(major), minor: Number(minor), minorBcd, hash: digits(hashOf(rom)) };
}

/** A sound ROM's bytes add up to 0. */
export function sumOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0);
}

function hashOf(rom: Uint8Array): Uint8Array {
  const covered = rom.slice();
  covered.fill(0, HASH, HASH + HASH_BYTES);
  covered[CHECKSUM] = 0;
  return sha256(covered);
}

function digits(bytes: Uint8Array): string {
  return [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
}
