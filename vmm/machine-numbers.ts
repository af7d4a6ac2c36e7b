// SPDX-License-Identifier: MIT
// The numbers among a machine's options, with what they are unless given.
import { ConfigError } from "../common/errors.ts";
import type { MachineOptions } from "./machine-types.ts";

export const MAX_SHIFT = 10;
const DEFAULT_SHIFT = 3;
/** 2026-01-01: a date that kernels find sensible, the same in every run. */
const DEFAULT_START = 1_767_225_600;

/** Throws a ConfigError where one is not possible. */
export function numbersOf({ shift = DEFAULT_SHIFT, startSeconds = DEFAULT_START, seed }: MachineOptions) {
  if (seed !== undefined && (!Number.isSafeInteger(seed) || seed < 0))
    throw new ConfigError(`seed ${seed}: a whole number from 0 to ${Number.MAX_SAFE_INTEGER} is possible`);
  if (!Number.isInteger(shift) || shift < 0 || shift > MAX_SHIFT)
    throw new ConfigError(`icount shift=${shift}: a whole number from 0 to ${MAX_SHIFT} is possible`);
  return { shift, startSeconds, seed };
}
