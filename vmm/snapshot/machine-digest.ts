// SPDX-License-Identifier: MIT
// A machine in 64 bits: processor, memory, time and devices.
import { Digest } from "../../common/digest.ts";
import type { CpuCore } from "../cpu/core.ts";
import type { SnapshotPart } from "./machine-snapshots.ts";
import { plainToBytes } from "./plain-bytes.ts";

/** The same for the same machine, images and input, however the run was cut. */
export function machineDigest(core: CpuCore, parts: readonly SnapshotPart[]): string {
  const states = Object.fromEntries(parts.map((part) => [part.name, part.snapshot()]));
  return new Digest()
    .update(plainToBytes({ core: core.digest() }))
    .update(plainToBytes(states))
    .hex();
}
