// SPDX-License-Identifier: MIT
// What the system's firmware does, as a sensor: POST's progress is a reading, and only what failed is logged.
// Spec: IPMI 2.0 revision 1.1, table 42-3 (sensor type 0Fh, System Firmware Progress), 29.7 (event data).
import type { Context } from "./context.ts";
import { SENSOR_BOOT_PROGRESS } from "./sensor-list.ts";
import { EXTENSION_IN_DATA2, raiseOffset, sensorState, setOffset } from "./sensors.ts";

const FIRMWARE_ERROR = 0;
const FIRMWARE_PROGRESS = 2;

/** POST did a step; `code` is event data 2 of an error. */
export function firmwareStep(context: Context, failed: boolean, code: number): void {
  setOffset(context, SENSOR_BOOT_PROGRESS, FIRMWARE_PROGRESS, true);
  if (failed) raiseOffset(context, SENSOR_BOOT_PROGRESS, FIRMWARE_ERROR, { kind: EXTENSION_IN_DATA2, data2: code });
}

/** The machine starts afresh or is off: nothing of the last POST holds any more. */
export function forgetFirmware(context: Context): void {
  if (!sensorState(context, SENSOR_BOOT_PROGRESS)!.known) return;
  for (const offset of [FIRMWARE_ERROR, FIRMWARE_PROGRESS]) setOffset(context, SENSOR_BOOT_PROGRESS, offset, false);
}
