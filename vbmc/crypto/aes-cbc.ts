// SPDX-License-Identifier: MIT
// AES-CBC-128 of whole blocks, for keys that are used often: the key schedules are made once.
// Spec: FIPS 197, section 5.2 (key expansion); NIST SP 800-38A, section 6.2 (CBC).
// Unsafe is what has no mode around it: the mode is here.
import { unsafe as aes } from "@noble/ciphers/aes.js";
import type { Bytes } from "../ipmi/message.ts";

export const AES_BLOCK_BYTES = 16;

interface Schedules {
  encrypting: Uint32Array;
  decrypting: Uint32Array;
}

/** By the array of a key, which is never changed in its place: a state that was restored has other arrays. */
const IN_USE = new WeakMap<Bytes, Schedules>();

function schedules(key: Bytes): Schedules {
  let known = IN_USE.get(key);
  if (!known) {
    const bytes = Uint8Array.from(key);
    known = { encrypting: aes.expandKeyLE(bytes), decrypting: aes.expandKeyDecLE(bytes) };
    IN_USE.set(key, known);
  }
  return known;
}

/** The vector and behind it the blocks, encrypted. */
export function encryptCbc(key: Bytes, vector: Bytes, plain: Bytes): number[] {
  const { encrypting } = schedules(key);
  const all = vector.slice();
  for (let at = 0; at < plain.length; at += AES_BLOCK_BYTES) {
    const { s0, s1, s2, s3 } = aes.encrypt(
      encrypting,
      word(plain, at) ^ word(all, at),
      word(plain, at + 4) ^ word(all, at + 4),
      word(plain, at + 8) ^ word(all, at + 8),
      word(plain, at + 12) ^ word(all, at + 12),
    );
    pushWord(all, s0);
    pushWord(all, s1);
    pushWord(all, s2);
    pushWord(all, s3);
  }
  return all;
}

/** The blocks behind a vector, decrypted. */
export function decryptCbc(key: Bytes, all: Bytes): number[] {
  const { decrypting } = schedules(key);
  const plain: number[] = [];
  for (let at = 0; at + AES_BLOCK_BYTES < all.length; at += AES_BLOCK_BYTES) {
    const next = at + AES_BLOCK_BYTES;
    const { s0, s1, s2, s3 } = aes.decrypt(
      decrypting,
      word(all, next),
      word(all, next + 4),
      word(all, next + 8),
      word(all, next + 12),
    );
    pushWord(plain, s0 ^ word(all, at));
    pushWord(plain, s1 ^ word(all, at + 4));
    pushWord(plain, s2 ^ word(all, at + 8));
    pushWord(plain, s3 ^ word(all, at + 12));
  }
  return plain;
}

function word(bytes: Bytes, at: number): number {
  return (
    (bytes[at]! & 0xff) | ((bytes[at + 1]! & 0xff) << 8) | ((bytes[at + 2]! & 0xff) << 16) | (bytes[at + 3]! << 24)
  );
}

function pushWord(bytes: number[], word: number): void {
  bytes.push(word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24);
}
