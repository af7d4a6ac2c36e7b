// SPDX-License-Identifier: MIT
// Platform event filtering: events that a filter fits make the BMC act on the machine.
// Spec: IPMI 2.0 revision 1.1, section 17 (PEF), table 17-2 (event filter table entry), 17.8 (comparison of event data),
// table 42-3 (sensor type 12h, offset 4), 30.2 (postpone timer).
import { raiseAlert } from "./alerts.ts";
import { SECOND, type Context, type MachineAction } from "./context.ts";
import { padded, type Bytes } from "./ipmi/message.ts";
import { logEvent } from "./sel.ts";
import { EVENT_SENSOR_SPECIFIC } from "./sensor-list.ts";
import { EXTENSION_IN_DATA2 } from "./sensors.ts";
import type { BmcState } from "./state.ts";

export const FILTERS = 8;
export const FILTER_BYTES = 20;
export const POLICIES = 4;
export const STRINGS = 3;
const FILTER_ENABLED = 0x80;
const CONTROL_ENABLED = 1 << 0;
const CONTROL_EVENTS = 1 << 1;
const CONTROL_DELAY = 1 << 2;
const CONTROL_ALERT_DELAY = 1 << 3;
const ANY = 0xff;
const POSTPONE_DISABLE = 0xfe;
/** Events that wait; what comes beyond is in the log only. */
const HELD_LIMIT = 64;
const TYPE_SYSTEM_EVENT = 0x12;
const OFFSET_PEF_ACTION = 4;
/** Under this number our own actions are logged; it has no record in the repository. */
const SENSOR_PEF = 0xfe;
const ALERT = 1 << 0;

/** Bits of a filter's action byte that we carry out, the gravest first; the same bits enable them for all filters. */
const ACTIONS: readonly (readonly [bit: number, action: MachineAction, cause?: number])[] = [
  [1 << 1, "power-off"],
  [1 << 3, "power-cycle", 0x0a],
  [1 << 2, "reset", 0x09],
  [1 << 5, "nmi"],
];
export const SUPPORTED_ACTIONS = ACTIONS.reduce((bits, [bit]) => bits | bit, ALERT);

export interface PefState {
  progress: number;
  control: number;
  actions: number;
  startupDelay: number;
  alertDelay: number;
  /** Of 20, 3 and 2 bytes; alert strings by set, as many bytes as were written. */
  filters: number[][];
  policies: number[][];
  stringKeys: number[][];
  strings: number[][];
  /** Whether it is used, and the GUID. */
  guid: number[];
  /** Software looks after events until then, or until it says something else. */
  postponedUntil: number | null;
  disabled: boolean;
  /** A machine that starts is given so much time before filters, and before alerts. */
  heldUntil: number | null;
  alertsHeldUntil: number | null;
  /** Records that wait for the filters. */
  held: number[][];
  /** Record identifiers that software and the BMC have dealt with. */
  processedBySoftware: number;
  processedByBmc: number;
}

/** Filters that fit everything, none of them enabled. */
export function newPef(): PefState {
  const fits = [0, 0, 0, 0, ANY, ANY, ANY, ANY, ANY, 0xff, 0xff];
  return {
    progress: 0,
    control: 0,
    actions: 0,
    startupDelay: 0,
    alertDelay: 0,
    filters: Array.from({ length: FILTERS }, () => padded(fits, FILTER_BYTES)),
    policies: Array.from({ length: POLICIES }, () => [0, 0, 0]),
    stringKeys: Array.from({ length: STRINGS + 1 }, () => [0, 0]),
    strings: Array.from({ length: STRINGS + 1 }, () => []),
    guid: padded([], 17),
    postponedUntil: null,
    disabled: false,
    heldUntil: null,
    alertsHeldUntil: null,
    held: [],
    processedBySoftware: 0,
    processedByBmc: 0,
  };
}

/** The machine is on, or starts afresh: filters and alerts may wait for what runs on it. */
export function delayPef({ state }: Context): void {
  const { pef, at } = state;
  const delay = (bit: number, seconds: number) => (pef.control & bit ? at + seconds * SECOND : null);
  pef.heldUntil = delay(CONTROL_DELAY, pef.startupDelay);
  pef.alertsHeldUntil = delay(CONTROL_ALERT_DELAY, pef.alertDelay);
}

/** Software says for how long it looks after events itself: seconds, 0 not at all, FEh until it says something else. */
export function postponePef(context: Context, seconds: number): void {
  const { pef, at } = context.state;
  pef.disabled = seconds === POSTPONE_DISABLE;
  pef.postponedUntil = seconds === 0 || pef.disabled ? null : at + seconds * SECOND;
  releaseHeld(context);
}

/** Seconds that are left. */
export function postponedSeconds({ pef, at }: BmcState): number {
  if (pef.disabled) return POSTPONE_DISABLE;
  return pef.postponedUntil === null ? 0 : Math.max(0, Math.ceil((pef.postponedUntil - at) / SECOND));
}

export function pefDue({ pef }: BmcState): number | null {
  const times = [pef.postponedUntil, pef.heldUntil].filter((each) => each !== null);
  return times.length > 0 ? Math.min(...times) : null;
}

export function ringPef(context: Context): void {
  const { pef, at } = context.state;
  if (pef.postponedUntil !== null && pef.postponedUntil <= at) pef.postponedUntil = null;
  if (pef.heldUntil !== null && pef.heldUntil <= at) pef.heldUntil = null;
  releaseHeld(context);
}

/** Lets the filters see a logged event: the 16 bytes of its record. While they are held back, it waits. */
export function filterEvent(context: Context, record: Bytes): void {
  const { pef } = context.state;
  if (!(pef.control & CONTROL_ENABLED) || isOwn(record)) return;
  if (!isHeld(pef)) return actOn(context, record);
  if (pef.held.length < HELD_LIMIT) pef.held.push([...record]);
}

/** Software has dealt with the events up to a record: what waits of them is nobody's any more. */
export function forgetHeld({ pef }: BmcState, id: number): void {
  const last = pef.held.findLastIndex((each) => recordNumber(each) === id);
  pef.held.splice(0, last + 1);
}

function isHeld({ postponedUntil, heldUntil, disabled }: PefState): boolean {
  return postponedUntil !== null || heldUntil !== null || disabled;
}

function releaseHeld(context: Context): void {
  const { pef } = context.state;
  while (!isHeld(pef)) {
    const record = pef.held.shift();
    if (!record) return;
    actOn(context, record);
  }
}

const recordNumber = (record: Bytes): number => record[0]! | (record[1]! << 8);

/** What we log of our own actions would fit a filter for everything, without end. */
const isOwn = (record: Bytes): boolean => record[10] === TYPE_SYSTEM_EVENT && record[11] === SENSOR_PEF;

function actOn(context: Context, record: Bytes): void {
  const { state, effects } = context;
  const { pef, chassis } = state;
  const id = recordNumber(record);
  if (id !== 0) pef.processedByBmc = id;
  const matching = pef.filters.map((filter, index) => ({ filter, number: index + 1 }));
  const found = matching.filter(({ filter }) => fits(filter, record));
  const wanted = found.reduce((bits, { filter }) => bits | filter[1]!, 0) & pef.actions;
  const power = chassis.powered ? ACTIONS.find(([bit]) => wanted & bit) : undefined;
  const alerting = wanted & ALERT ? found.filter(({ filter }) => filter[1]! & ALERT) : [];
  const done = (power?.[0] ?? 0) | (alerting.length > 0 ? ALERT : 0);
  if (done !== 0 && pef.control & CONTROL_EVENTS) logAction(context, done);
  if (power) {
    const [, action, cause] = power;
    if (cause !== undefined) chassis.restartCause = cause;
    effects.push({ kind: "machine", action });
  }
  // Each policy once, however many filters name it.
  const policies = new Set<number>();
  for (const { filter, number } of alerting) {
    const policy = filter[2]! & 0x0f;
    if (policies.has(policy)) continue;
    policies.add(policy);
    raiseAlert(context, { policy, severity: filter[3]!, filter: number, record });
  }
}

function logAction(context: Context, actions: number): void {
  logEvent(context, {
    sensorType: TYPE_SYSTEM_EVENT,
    sensor: SENSOR_PEF,
    eventType: EVENT_SENSOR_SPECIFIC,
    assertion: true,
    data: [EXTENSION_IN_DATA2 | OFFSET_PEF_ACTION, actions, 0xff],
  });
}

function fits(filter: Bytes, record: Bytes): boolean {
  if (!(filter[0]! & FILTER_ENABLED)) return false;
  const [, , , , generator, channel, sensorType, sensor, trigger] = filter;
  const [, , , , , , , recordGenerator, recordChannel, , recordType, recordSensor, direction = 0, ...data] = record;
  const same = (wanted: number | undefined, given: number | undefined) => wanted === ANY || wanted === given;
  if (!same(generator, recordGenerator) || !same(channel, recordChannel)) return false;
  if (!same(sensorType, recordType) || !same(sensor, recordSensor) || !same(trigger, direction & 0x7f)) return false;
  const offsets = filter[9]! | (filter[10]! << 8);
  if (!(offsets & (1 << (data[0]! & 0x0f)))) return false;
  return [0, 1, 2].every((i) => compares(data[i]!, filter.slice(11 + 3 * i, 14 + 3 * i)));
}

/** Bits of `exact` must be those of `wanted`; of the others that `wanted` has, one at least. */
function compares(data: number, [mask = 0, exact = 0, wanted = 0]: Bytes): boolean {
  const masked = data & mask;
  const some = wanted & ~exact;
  return ((masked ^ wanted) & exact) === 0 && (some === 0 || (masked & some) !== 0);
}
