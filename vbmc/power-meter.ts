// SPDX-License-Identifier: MIT
// What the machine draws, as its sensor says; the statistics of that, and the limit that somebody set. A limit is watched and reported, or ends in power-off; the processor is not slowed down.
// Spec: DCMI 1.5, sections 6.6.1 to 6.6.4 (power reading and limit); IPMI 2.0 revision 1.1, table 42-2 (limit exceeded).
import { SECOND, type Context } from "./context.ts";
import { logEvent } from "./sel.ts";
import { findSensor, SENSOR_POWER_DRAW } from "./sensor-list.ts";
import { readingOf } from "./sensor-maths.ts";
import type { BmcState } from "./state.ts";

const MILLISECOND = 1_000_000;
const POWER_UNIT = 0x09; // sensor type
const LIMIT_EVENT = 0x05; // event type: limit (not) exceeded
const LIMIT_EXCEEDED = 0x01;

export const ACTION_NONE = 0x00;
export const ACTION_POWER_OFF = 0x01;
export const ACTION_LOG = 0x11;

export interface PowerLimit {
  active: boolean;
  action: number;
  watts: number;
  /** Milliseconds that the draw may lie above it. */
  correction: number;
  /** Seconds; kept for whoever set it. */
  sampling: number;
  /** When the time above it is up. */
  due: number | null;
  /** It was up, and the draw has not been below since. */
  told: boolean;
}

export interface PowerMeter {
  /** When it began, and when the draw changed last. */
  since: number;
  changed: number;
  watts: number;
  least: number;
  most: number;
  /** Up to the last change. */
  wattNanos: number;
  limit: PowerLimit;
}

export function newPowerMeter(at = 0): PowerMeter {
  const limit = {
    active: false,
    action: ACTION_NONE,
    watts: 500,
    correction: 1000,
    sampling: 1,
    due: null,
    told: false,
  };
  return { since: at, changed: at, watts: 0, least: 0, most: 0, wattNanos: 0, limit };
}

/** Watts; null: the machine has told nothing. */
function draw({ sensors }: BmcState): number | null {
  const raw = sensors.find((each) => each.number === SENSOR_POWER_DRAW)?.raw ?? null;
  return raw === null ? null : Math.round(readingOf(findSensor(SENSOR_POWER_DRAW)?.factors ?? {}, raw));
}

/** There is something to measure. */
export function isMeasuring(state: BmcState): boolean {
  return draw(state) !== null;
}

/** Looks at the meter: to be called whenever its sensor may have changed. */
export function readMeter({ state }: Context): void {
  const { at, powerMeter: meter } = state;
  const watts = draw(state) ?? 0;
  if (watts !== meter.watts) {
    meter.wattNanos += meter.watts * (at - meter.changed);
    // Before anything was drawn there is nothing to compare with.
    meter.least = meter.most === 0 ? watts : Math.min(meter.least, watts);
    meter.most = Math.max(meter.most, watts);
    Object.assign(meter, { watts, changed: at });
  }
  const { limit } = meter;
  if (!limit.active) return;
  if (watts <= limit.watts) Object.assign(limit, { due: null, told: false });
  else if (!limit.told) limit.due ??= at + limit.correction * MILLISECOND;
}

export function averageWatts({ at, powerMeter }: BmcState): number {
  const { since, changed, watts, wattNanos } = powerMeter;
  return at > since ? Math.round((wattNanos + watts * (at - changed)) / (at - since)) : watts;
}

export function powerLimitDue({ limit }: PowerMeter): number | null {
  return limit.due;
}

export function ringPowerLimit(context: Context): void {
  const { at, powerMeter } = context.state;
  const { limit, watts } = powerMeter;
  if (limit.due === null || limit.due > at) return;
  limit.told = true;
  limit.due = null;
  if (limit.action === ACTION_NONE) return;
  logEvent(context, {
    sensorType: POWER_UNIT,
    sensor: 0,
    eventType: LIMIT_EVENT,
    assertion: true,
    data: [LIMIT_EXCEEDED, Math.min(0xff, watts), Math.min(0xff, limit.watts)],
  });
  if (limit.action === ACTION_POWER_OFF) context.effects.push({ kind: "machine", action: "power-off" });
}

/** Milliseconds that the statistics reach back. */
export function meteredMilliseconds({ at, powerMeter }: BmcState): number {
  return Math.min(0xffffffff, Math.floor(((at - powerMeter.since) * 1000) / SECOND));
}
