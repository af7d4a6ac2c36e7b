// SPDX-License-Identifier: MIT
// ROMs for machines as files: this firmware's own under any version, and wrapped up for upgrade tools.
// Spec: PICMG HPM.1 R1.0, section 4.
import { buildRom } from "../firmware/rom/rom.ts";
import { hpmImage } from "../vbmc/hpm-image.ts";

/** The bytes of this firmware's ROM; a ConfigError says what a version must look like. */
export function ownRom(version?: string): Uint8Array {
  return buildRom(version);
}

/** A ROM as an HPM.1 image for the BMCs of our machines, made at `seconds` since 1970; a ConfigError refuses other bytes. */
export function hpmFile(rom: Uint8Array, seconds: number): Uint8Array {
  return hpmImage(rom, { seconds });
}
