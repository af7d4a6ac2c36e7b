// SPDX-License-Identifier: MIT
// The machine's asset tag: a field of the product area of its inventory, so that DCMI and who reads the inventory see the
// same. Software may write any bytes there; what is no product area has no tag and takes none.
// Spec: Platform Management FRU Information Storage Definition 1.0 revision 1.3, sections 8, 12, 13; DCMI 1.5, 6.4.2.
import { area, ASCII, END } from "./fru-image.ts";
import type { Bytes } from "./ipmi/message.ts";

const UNIT = 8;
/** Of the common header: where areas begin, in units, 0 for one that is not there. */
const STARTS = [1, 2, 3, 4, 5] as const;
const PRODUCT = 4;
/** Of the area. */
const LENGTH = 1;
const LANGUAGE = 2;
const FIELDS = 3;
/** Behind maker, name, part number, version and serial number. */
const TAG = 5;
const LENGTH_BITS = 0x3f;
const BINARY = 0x00;

interface ProductArea {
  start: number;
  bytes: number;
  /** With their type and length. */
  fields: number[][];
}

/** Empty where there is none, or where it is packed as BCD or six bits a character. */
export function readAssetTag(fru: Bytes): number[] {
  const [kind = ASCII, ...text] = productArea(fru)?.fields[TAG] ?? [];
  return [ASCII, BINARY].includes(kind & ~LENGTH_BITS) ? text : [];
}

/** Up to 63 characters; false: there is no room for them, and nothing is changed. */
export function writeAssetTag(fru: number[], tag: Bytes): boolean {
  const product = productArea(fru);
  if (!product) return false;
  const { start, bytes, fields } = product;
  while (fields.length < TAG) fields.push([ASCII]);
  // One character as text would read as the end mark.
  fields[TAG] = [(tag.length === 1 ? BINARY : ASCII) | tag.length, ...tag];
  const written = area([fru[start + LANGUAGE]!, ...fields.flat()]);
  const others = STARTS.map((each) => UNIT * fru[each]!).filter((each) => each > start);
  if (start + written.length > Math.min(fru.length, ...others)) return false;
  fru.fill(0, start, start + bytes);
  fru.splice(start, written.length, ...written);
  return true;
}

function productArea(fru: Bytes): ProductArea | undefined {
  const start = UNIT * (fru[PRODUCT] ?? 0);
  const bytes = UNIT * (fru[start + LENGTH] ?? 0);
  if (start === 0 || bytes === 0 || start + bytes > fru.length) return undefined;
  const checksumAt = start + bytes - 1;
  const fields: number[][] = [];
  for (let at = start + FIELDS; at < checksumAt && fru[at] !== END;) {
    const next = at + 1 + (fru[at]! & LENGTH_BITS);
    if (next > checksumAt) return undefined;
    fields.push(fru.slice(at, next));
    at = next;
  }
  return { start, bytes, fields };
}
