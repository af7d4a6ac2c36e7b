// SPDX-License-Identifier: MIT
// What the firmware is to leave in memory, made from the machine's description: what is booted once for all, the tables for
// each ROM, since they tell its version.
import type { MachineDescription } from "../firmware/description.ts";
import { type BootPlanner, prepareHandover } from "../firmware/handover.ts";
import type { BootPlan, MemoryWrite } from "../firmware/loaders/entry-state.ts";
import { FIRMWARE, type FirmwareVersion } from "../firmware/version.ts";

export interface FirmwareContents {
  readonly plan: BootPlan | undefined;
  tables(firmware: FirmwareVersion): readonly MemoryWrite[];
}

export function firmwareContents(
  description: MachineDescription,
  boot: BootPlanner | undefined,
  { longMode, seed }: { longMode: boolean; seed: bigint },
): FirmwareContents {
  const first = prepareHandover({ ...description, firmware: FIRMWARE }, longMode, seed);
  return {
    plan: boot?.(first.handover),
    tables: (firmware) =>
      firmware === FIRMWARE ? first.writes : prepareHandover({ ...description, firmware }, longMode, seed).writes,
  };
}
