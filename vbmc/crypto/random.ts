// SPDX-License-Identifier: MIT
// Random numbers of the BMC: a hash chain in its state, so that a run repeats. Whoever drives the BMC mixes in a seed or
// real randomness; what was drawn cannot be found from a later state.
// Spec: none (own construction: key = SHA-256(key, what was mixed in); output = SHA-256(key, 1), next key = SHA-256(key, 0)).
import type { Bytes } from "../ipmi/message.ts";
import { resumeHash } from "./resumable-hash.ts";

export interface RandomState {
  key: number[];
}

export function newRandom(seed: Bytes): RandomState {
  return { key: digest(seed) };
}

export function mixIn(random: RandomState, bytes: Bytes): void {
  random.key = digest(random.key, bytes);
}

export function draw(random: RandomState, size: number): number[] {
  const bytes: number[] = [];
  while (bytes.length < size) {
    bytes.push(...digest(random.key, [1]));
    random.key = digest(random.key, [0]);
  }
  return bytes.slice(0, size);
}

/** A number of 32 bits, not 0. */
export function drawNumber(random: RandomState): number {
  for (;;) {
    const value = draw(random, 4).reduce((sum, each) => sum * 256 + each, 0);
    if (value !== 0) return value;
  }
}

function digest(bytes: Bytes, behind: Bytes = []): number[] {
  return resumeHash("sha256").absorb(bytes).absorb(behind).finish();
}
