// SPDX-License-Identifier: MIT
// The inventory of the machine (FRU 0): common header, chassis, board and product areas.
// Spec: Platform Management FRU Information Storage Definition 1.0 revision 1.3, sections 8, 10, 11, 12.
import { checksum, padded, type Bytes } from "./ipmi/message.ts";

export const FRU_BYTES = 2048;
const FORMAT = 0x01;
const ENGLISH = 0x19;
const CHASSIS_OTHER = 0x01;
/** Type of a field of 8-bit characters; what stands behind the last field. */
export const ASCII = 0xc0;
export const END = 0xc1;
const MAKER = "Glass86";

export function buildFru({ machineName, serialNumber }: { machineName: string; serialNumber: string }): number[] {
  const chassis = area([CHASSIS_OTHER, ...text(machineName), ...text(serialNumber)]);
  const board = area([
    ENGLISH,
    0,
    0,
    0,
    ...text(MAKER),
    ...text(machineName),
    ...text(serialNumber),
    ...text(""),
    ...text(""),
  ]);
  const product = area([
    ENGLISH,
    ...text(MAKER),
    ...text(machineName),
    ...text(""),
    ...text("1"),
    ...text(serialNumber),
    ...text(""),
    ...text(""),
  ]);
  const starts = [1, 1 + chassis.length / 8, 1 + (chassis.length + board.length) / 8];
  const header = [FORMAT, 0, ...starts, 0, 0];
  const used = [...header, checksum(header), ...chassis, ...board, ...product];
  return padded(used, FRU_BYTES);
}

/** Version, length in units of 8 bytes, fields, end mark, padding, checksum. */
export function area(fields: Bytes): number[] {
  const units = Math.ceil((2 + fields.length + 2) / 8);
  const body = [FORMAT, units, ...fields, END];
  while (body.length < units * 8 - 1) body.push(0);
  return [...body, checksum(body)];
}

/** A field: type and length, then characters. One character would read as the end mark, so it gets a space. */
function text(value: string): number[] {
  const whole = value.length === 1 ? `${value} ` : value.slice(0, 63);
  return [ASCII | whole.length, ...[...whole].map((each) => each.charCodeAt(0) & 0x7f)];
}
