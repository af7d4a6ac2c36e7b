// SPDX-License-Identifier: MIT
// Keys that are good for HMAC and nothing else. What is kept of a password is where the two hashes of HMAC stand after
// the padded key, which is all that RAKP needs; the password itself cannot be read back.
// Spec: RFC 2104 sections 2 and 4 (the intermediate results may be kept in place of the key), FIPS 180-4.
import type { Bytes } from "../ipmi/message.ts";
import { BLOCK_BYTES, resumeHash, type HashName } from "./resumable-hash.ts";

export type { HashName } from "./resumable-hash.ts";

interface HalfKey {
  inner: number[];
  outer: number[];
}
export type SealedKey = Record<HashName, HalfKey>;

const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

function half(name: HashName, key: Bytes): HalfKey {
  const absorb = (pad: number) =>
    resumeHash(name).absorb(Array.from({ length: BLOCK_BYTES }, (_, i) => (key[i] ?? 0) ^ pad)).words;
  return { inner: absorb(INNER_PAD), outer: absorb(OUTER_PAD) };
}

/** Seals a key of at most 64 bytes. */
export function sealKey(key: Bytes): SealedKey {
  return { sha1: half("sha1", key), sha256: half("sha256", key) };
}

export function hmacSealed(name: HashName, key: SealedKey, message: Bytes): number[] {
  return code(name, key[name], message);
}

/**
 * Where the hashes stand behind keys that are in use. It goes by the array of a key, which is never changed in its place: a
 * state that was restored has other arrays, for which it is found anew.
 */
const IN_USE = { sha1: new WeakMap<Bytes, HalfKey>(), sha256: new WeakMap<Bytes, HalfKey>() };

/** The first `size` bytes, or all, of the HMAC of a message by a key of at most 64 bytes. */
export function keyedHash(name: HashName, key: Bytes, message: Bytes, size?: number): number[] {
  let known = IN_USE[name].get(key);
  if (!known) IN_USE[name].set(key, (known = half(name, key)));
  return code(name, known, message, size);
}

function code(name: HashName, { inner, outer }: HalfKey, message: Bytes, size?: number): number[] {
  const digest = resumeHash(name, inner, BLOCK_BYTES).absorb(message).finish();
  return resumeHash(name, outer, BLOCK_BYTES).absorb(digest).finish(size);
}

/** Equality of keys, in a time that does not tell where they differ. */
export function sameKey(one: SealedKey, other: SealedKey): boolean {
  return sameSecret([...one.sha256.inner, ...one.sha256.outer], [...other.sha256.inner, ...other.sha256.outer]);
}

/** Equality in a time that does not tell where two secrets differ. */
export function sameSecret(one: Bytes, other: Bytes): boolean {
  let difference = one.length ^ other.length;
  for (let i = 0; i < one.length; i++) difference |= one[i]! ^ (other[i] ?? 0);
  return difference === 0;
}
