// SPDX-License-Identifier: MIT
// The shape of a request or an answer: named fields in wire order. The decoder, the length check and the documentation
// come from it, and so do the TypeScript types that a command's code sees.
// Spec: IPMI 2.0 revision 1.1, section 5.2 (multi-byte fields least significant byte first).
import type { Bytes } from "./message.ts";

export interface Field<T> {
  /** Bytes on the wire; undefined: all that is left. */
  readonly size: number | undefined;
  readonly optional: boolean;
  decode(bytes: Bytes): T;
  encode(value: T): Bytes;
}

// Any field fits a shape; its own type comes back through Values.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Shape = Readonly<Record<string, Field<any>>>;
export type Values<S extends Shape> = { -readonly [K in keyof S]: S[K] extends Field<infer T> ? T : never };

function unsigned(size: number): Field<number> {
  return {
    size,
    optional: false,
    decode: (bytes) => bytes.reduceRight((value, each) => value * 256 + each, 0),
    encode: (value) => littleEndian(value, size),
  };
}

export const u8 = unsigned(1);
export const u16 = unsigned(2);
export const u24 = unsigned(3);
export const u32 = unsigned(4);

/** Exactly `size` bytes. */
export function octets(size: number): Field<Bytes> {
  return { size, optional: false, decode: (bytes) => bytes, encode: (value) => value };
}

/** All that is left, possibly nothing. */
export const rest: Field<Bytes> = {
  size: undefined,
  optional: false,
  decode: (bytes) => bytes,
  encode: (value) => value,
};

/** A field that may be missing, with all that follows it. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    size: field.size,
    optional: true,
    decode: (bytes) => field.decode(bytes),
    encode: (value) => (value === undefined ? [] : field.encode(value)),
  };
}

/** The low `size` bytes of a whole number. */
export function littleEndian(value: number, size: number): number[] {
  const bytes: number[] = [];
  for (let left = Math.floor(value); bytes.length < size; left = Math.floor(left / 256)) bytes.push(left % 256);
  return bytes;
}

/** The values of the fields; undefined when the length does not fit the shape. */
export function decodeShape<S extends Shape>(shape: S, data: Bytes): Values<S> | undefined {
  const values: Record<string, unknown> = {};
  let offset = 0;
  for (const [name, field] of Object.entries(shape)) {
    const size = field.size ?? data.length - offset;
    if (field.optional && offset === data.length) {
      values[name] = undefined;
      continue;
    }
    if (offset + size > data.length) return undefined;
    values[name] = field.decode(data.slice(offset, offset + size));
    offset += size;
  }
  return offset === data.length ? (values as Values<S>) : undefined;
}

export function encodeShape<S extends Shape>(shape: S, values: Values<S>): number[] {
  const bytes: number[] = [];
  for (const name in shape) bytes.push(...shape[name]!.encode(values[name]));
  return bytes;
}
