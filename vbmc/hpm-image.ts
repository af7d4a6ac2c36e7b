// SPDX-License-Identifier: MIT
// A ROM wrapped up as the file that upgrade tools send: for whom it is, what is done with it, and a hash of all of it.
// Spec: PICMG HPM.1 R1.0, section 4 (upgrade image format: header, action records, MD5).
import { md5 } from "@noble/hashes/legacy.js";
import { readRomLabel } from "../common/rom-label.ts";
import { ConfigError } from "../common/errors.ts";
import { COMPONENT_ROM } from "./ipmi/group-hpm.ts";
import { checksum, padded } from "./ipmi/message.ts";
import { littleEndian } from "./ipmi/shape.ts";
import { romImage, TRIAL_SECONDS } from "./rom-bank.ts";
import { DEFAULT_IDENTITY, type Identity } from "./state.ts";

const SIGNATURE = "PICMGFWU";
const FORMAT = 0;
const SELF_TEST = 1 << 7;
const AUTOMATIC_ROLLBACK = 1 << 6;
const MANUAL_ROLLBACK = 1 << 5;
const COMPONENTS = 1 << COMPONENT_ROM;
const DESCRIPTION_BYTES = 21;
const PREPARE = 1;
const UPLOAD = 2;

export interface HpmImageOptions {
  /** The machine's BMC that it is for. */
  identity?: Partial<Identity>;
  /** Seconds since 1970; 0: not told. */
  seconds?: number;
}

/** Throws a ConfigError for bytes that are no ROM of ours. */
export function hpmImage(rom: Uint8Array, { identity = {}, seconds = 0 }: HpmImageOptions = {}): Uint8Array {
  const label = readRomLabel(rom);
  if (typeof label === "string") throw new ConfigError(`no ROM of Glass86: ${label}`);
  const { deviceId, manufacturer, product } = { ...DEFAULT_IDENTITY, ...identity };
  const { version } = romImage(label, null);
  const header = [
    ascii(SIGNATURE),
    [FORMAT, deviceId],
    littleEndian(manufacturer, 3),
    littleEndian(product, 2),
    littleEndian(seconds, 4),
    [SELF_TEST | AUTOMATIC_ROLLBACK | MANUAL_ROLLBACK, COMPONENTS],
    [0, TRIAL_SECONDS / 5, 0], // self test, rollback, inaccessibility
    [0, 0], // any earlier revision can be upgraded from
    version,
    littleEndian(0, 2), // no OEM data
  ].flat();
  const record = (action: number): number[] => [action, COMPONENTS, checksum([action, COMPONENTS])];
  const body = [
    ...header,
    checksum(header),
    ...record(PREPARE),
    ...record(UPLOAD),
    ...version,
    ...padded(ascii(`Glass86 ROM ${label.version}`), DESCRIPTION_BYTES),
    ...littleEndian(rom.length, 4),
    ...rom,
  ];
  return Uint8Array.from([...body, ...md5(Uint8Array.from(body))]);
}

function ascii(text: string): number[] {
  return [...text].map((each) => each.charCodeAt(0));
}
