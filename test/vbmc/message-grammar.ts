// SPDX-License-Identifier: MIT
// Random requests, half by the grammar of the command tables and half of any bytes, from a seed.
import { COMMANDS } from "../../vbmc/bmc.ts";

export type Random = (below: number) => number;

export interface RandomRequest {
  netFn: number;
  command: number;
  data: number[];
}

const ODD_BYTES = [0x00, 0x01, 0x02, 0x0e, 0x0f, 0x20, 0x7f, 0x80, 0xfe, 0xff];
const MAX_DATA = 40;

const byte = (random: Random): number =>
  random(3) === 0 ? random(256) : random(2) === 0 ? random(10) : ODD_BYTES[random(ODD_BYTES.length)]!;

export const randomBytes = (random: Random, most: number): number[] =>
  Array.from({ length: random(most + 1) }, () => byte(random));

export function randomRequest(random: Random): RandomRequest {
  const row = COMMANDS.rows[random(COMMANDS.rows.length)]!;
  const kind = random(8);
  if (kind === 0) return { netFn: random(32) << 1, command: random(256), data: randomBytes(random, MAX_DATA) };
  if (kind <= 2) return { netFn: row.netFn, command: row.command, data: randomBytes(random, MAX_DATA) };
  // Of the length that the command wants, so that it does something.
  const size = Object.values(row.request).reduce((sum, field) => sum + (field.size ?? random(8)), 0);
  return { netFn: row.netFn, command: row.command, data: Array.from({ length: size }, () => byte(random)) };
}
