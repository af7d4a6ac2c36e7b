// SPDX-License-Identifier: MIT
// Whether a machine is on, as a part of its snapshots.
import type { SnapshotPart } from "./snapshot/machine-snapshots.ts";

export function powerPart(isOn: () => boolean, set: (on: boolean) => void): SnapshotPart {
  return { name: "power", version: 1, snapshot: () => ({ on: isOn() }), restore: ({ on }: { on: boolean }) => set(on) };
}
