// SPDX-License-Identifier: MIT
// What a machine tells of itself, and the sensors that follow from it. A machine that tells nothing, as QEMU's, leaves them
// without a reading; so does one that is off, but for the power that it does not draw.
// Spec: IPMI 2.0 revision 1.1, table 42-3 (sensor types 0Dh, 20h), 29.7 (event data).
import { SECOND, type Context } from "./context.ts";
import { heat, powerUp } from "./cooling.ts";
import * as S from "./sensor-list.ts";
import { readingOf } from "./sensor-maths.ts";
import { measure, OEM_IN_DATA2, raiseOffset, sensorState, setOffset } from "./sensors.ts";

/** Measured over the last second while the machine is on. */
export interface Telemetry {
  /** Thousandths: of the time in which the processor was not halted, of the memory that the guest has written to. */
  load: number;
  memory: number;
  /** Bytes to and from disks and networks; null: there are none. */
  disk: number | null;
  network: number | null;
  /** Characters that the guest has printed. */
  printed: number;
}

/** Why a guest does not go on: event data 2 of its sensor. */
export const GUEST_STOPS = { panicked: 1, halted: 2, stuck: 3 } as const;
export type GuestState = keyof typeof GUEST_STOPS | "running" | "switched-off";

const DRIVE_PRESENT = 0;
const DRIVE_FAULT = 1;
const CRITICAL_STOP = 1;
const GRACEFUL_SHUTDOWN = 3;

/** What there is to measure of a machine that is on. */
const MEASURED = [
  S.SENSOR_CPU_LOAD,
  S.SENSOR_MEMORY_USE,
  S.SENSOR_TEMPERATURE,
  S.SENSOR_FAN,
  S.SENSOR_DISK,
  S.SENSOR_NETWORK,
  S.SENSOR_CONSOLE,
];

/** Any traffic at all shows as the least that the sensor can. */
function traffic(context: Context, number: number, bytes: number | null, unit: number): void {
  const step = readingOf(S.findSensor(number)!.factors ?? {}, 1);
  measure(context, number, bytes === null ? null : Math.ceil(bytes / unit / step) * step);
}

/** A second of a machine that is on. */
export function takeTelemetry(context: Context, { load, memory, disk, network, printed }: Telemetry): void {
  const { cooling, chassis } = context.state;
  if (!chassis.powered) return;
  heat(cooling, load, (disk ?? 0) > 0);
  measure(context, S.SENSOR_CPU_LOAD, load / 10);
  measure(context, S.SENSOR_MEMORY_USE, memory / 10);
  traffic(context, S.SENSOR_DISK, disk, 1000);
  traffic(context, S.SENSOR_NETWORK, network, 1000);
  traffic(context, S.SENSOR_CONSOLE, printed, 1);
  measure(context, S.SENSOR_TEMPERATURE, cooling.temperature / 1000);
  measure(context, S.SENSOR_FAN, cooling.rpm);
  measure(context, S.SENSOR_POWER_DRAW, cooling.power / 1000);
  sensorState(context, S.SENSOR_GUEST)!.known = true;
  if (disk !== null) setOffset(context, S.SENSOR_DRIVE, DRIVE_PRESENT, true);
}

/** A disk did not do what the guest asked of it: told once, the disk's number beside it. */
export function noteDriveFault(context: Context, disk: number): void {
  const failed = (sensorState(context, S.SENSOR_DRIVE)!.states & (1 << DRIVE_FAULT)) !== 0;
  if (!failed) raiseOffset(context, S.SENSOR_DRIVE, DRIVE_FAULT, { kind: OEM_IN_DATA2, data2: disk });
}

/** The machine was switched on or off. */
export function followPower(context: Context, powered: boolean): void {
  const { state } = context;
  if (powered) powerUp(state.cooling, Math.floor((state.at - state.chassis.offSince) / SECOND));
  else {
    state.cooling.rpm = state.cooling.power = 0;
    // Only who has told before is known to draw nothing now.
    if (sensorState(context, S.SENSOR_POWER_DRAW)!.raw !== null) measure(context, S.SENSOR_POWER_DRAW, 0);
    for (const number of MEASURED) measure(context, number, null);
  }
}

/** The guest has come to an end, or goes on after all. */
export function setGuest(context: Context, guest: GuestState): void {
  if (guest === "switched-off") return raiseOffset(context, S.SENSOR_GUEST, GRACEFUL_SHUTDOWN);
  const stopped = (sensorState(context, S.SENSOR_GUEST)!.states & (1 << CRITICAL_STOP)) !== 0;
  if (guest === "running") return setOffset(context, S.SENSOR_GUEST, CRITICAL_STOP, false);
  if (!stopped) raiseOffset(context, S.SENSOR_GUEST, CRITICAL_STOP, { kind: OEM_IN_DATA2, data2: GUEST_STOPS[guest] });
}

/** The machine starts afresh: nothing of its last guest holds any more. */
export function forgetGuest(context: Context): void {
  if (sensorState(context, S.SENSOR_DRIVE)!.known) setOffset(context, S.SENSOR_DRIVE, DRIVE_FAULT, false);
  if (!sensorState(context, S.SENSOR_GUEST)!.known) return;
  for (const offset of [CRITICAL_STOP, GRACEFUL_SHUTDOWN]) setOffset(context, S.SENSOR_GUEST, offset, false);
}
