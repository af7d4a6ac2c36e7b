// SPDX-License-Identifier: MIT
// What the firmware says of itself in every table that asks.

export interface FirmwareVersion {
  readonly vendor: string;
  readonly version: string;
  readonly major: number;
  readonly minor: number;
  /** MM/DD/YYYY. */
  readonly date: string;
}

export const FIRMWARE = {
  vendor: "Glass86",
  version: "0.2",
  major: 0,
  minor: 2,
  date: "11/22/2026",
} as const satisfies FirmwareVersion;
