// SPDX-License-Identifier: MIT
// Alerts on their way out: an event goes to the destinations of a policy, one after the other, each as often as it says until
// somebody acknowledges it.
// Spec: IPMI 2.0 revision 1.1, 17.11 (alert policy table), 17.13 (strings), 30.7 and 30.8 (Alert Immediate, PET Acknowledge),
// table 23-4 parameters 16, 18, 19; 22.22 (alerting of a channel).
import { sendDatagram } from "./channels/lan/lan-send.ts";
import { encodeTrap, TRAP_PORT } from "./channels/lan/pet.ts";
import { SECOND, type Context } from "./context.ts";
import { CHANNEL_LAN } from "./ipmi/channels.ts";
import type { Bytes } from "./ipmi/message.ts";
import { findSensor } from "./sensor-list.ts";
import type { BmcState } from "./state.ts";

/** Alerts that wait for one that is under way; what comes beyond is lost, the log has it. */
const QUEUE_LIMIT = 16;
const TICKS_NANOS = SECOND / 100;
const POLICY_ENABLED = 0x08;
const OWN_STRING = 0x80;
const ACKNOWLEDGED = 0x80;
const TYPE_TRAP = 0;
/** Of the channel's access mode. */
const NO_ALERTING = 1 << 5;
/** What a policy does behind a destination that was reached. */
const ALWAYS = 0;
const STOP = 2;
const OTHER_CHANNEL = 3;
const OTHER_TYPE = 4;

export interface Alert {
  policy: number;
  severity: number;
  /** Number of the filter, for its strings. */
  filter: number;
  record: Bytes;
}

/** A trap that waits to be acknowledged, or to be sent once more. */
interface Sending {
  destination: number;
  sequence: number;
  severity: number;
  record: Bytes;
  text: Bytes;
  retries: number;
  due: number;
}

export interface AlertState {
  queue: Alert[];
  /** Rows of the policy table that the first alert of the queue has behind it, and how the last destination fared. */
  row: number;
  reached: { channel: number; type: number } | null;
  sending: Sending | null;
  /** Of Alert Immediate. */
  immediate: Sending | null;
  status: number;
  sequence: number;
}

export const STATUS_NONE = 0x00;
export const STATUS_DONE = 0x01;
export const STATUS_UNACKNOWLEDGED = 0x03;
export const STATUS_IN_PROGRESS = 0xff;

export function newAlerts(): AlertState {
  return { queue: [], row: 0, reached: null, sending: null, immediate: null, status: STATUS_NONE, sequence: 0 };
}

export function raiseAlert(context: Context, alert: Alert): void {
  const { alerts } = context.state;
  if (alerts.queue.length >= QUEUE_LIMIT) return;
  alerts.queue.push(alert);
  if (alerts.queue.length === 1) runAlerts(context);
}

/** When an alert wants to be tried again. */
export function alertsDue({ alerts, pef }: BmcState): number | null {
  const times = [alerts.sending?.due, alerts.immediate?.due].filter((each) => each !== undefined);
  if (pef.alertsHeldUntil !== null) times.push(pef.alertsHeldUntil);
  return times.length > 0 ? Math.min(...times) : null;
}

export function ringAlerts(context: Context): void {
  const { state } = context;
  const { alerts, pef } = state;
  if (pef.alertsHeldUntil !== null && pef.alertsHeldUntil <= state.at) pef.alertsHeldUntil = null;
  if (alerts.sending && alerts.sending.due <= state.at && !retry(context, alerts.sending)) {
    alerts.sending = null;
    alerts.reached = null;
  }
  if (alerts.immediate && alerts.immediate.due <= state.at && !retry(context, alerts.immediate)) {
    alerts.immediate = null;
    alerts.status = STATUS_UNACKNOWLEDGED;
  }
  runAlerts(context);
}

/** Goes through policies until one waits for its acknowledgement or nothing is left. */
function runAlerts(context: Context): void {
  const { alerts, pef } = context.state;
  while (!alerts.sending && pef.alertsHeldUntil === null) {
    const [alert] = alerts.queue;
    if (!alert) return;
    const entry = pef.policies[alerts.row++];
    if (!entry) {
      alerts.queue.shift();
      alerts.row = 0;
      alerts.reached = null;
      continue;
    }
    const [head = 0, where = 0, string = 0] = entry;
    if (head >> 4 !== alert.policy || !(head & POLICY_ENABLED)) continue;
    const [channel, destination] = [where >> 4, where & 0x0f];
    const type = typeOf(context.state, destination);
    const rule = head & 7;
    const { reached } = alerts;
    if (reached && rule === STOP) alerts.row = pef.policies.length;
    const passedOver =
      rule === OTHER_CHANNEL
        ? reached?.channel === channel
        : rule === OTHER_TYPE
          ? reached?.type === type
          : reached !== null && rule !== ALWAYS;
    if (passedOver) continue;
    const text = textOf(context.state, string, alert.filter);
    const sending = channel === CHANNEL_LAN && start(context, destination, alert.severity, alert.record, text);
    // What need not be acknowledged has arrived when it is sent.
    if (sending === true) alerts.reached = { channel, type };
    else if (sending) {
      alerts.sending = sending;
      alerts.reached = { channel, type };
    } else alerts.reached = null;
  }
}

function typeOf({ lan }: BmcState, destination: number): number {
  return (lan.sets[18]?.[destination]?.[1] ?? 7) & 7;
}

/** The string that a policy names: by number, or by the filter and a set. */
function textOf({ pef }: BmcState, string: number, filter: number): Bytes {
  const wanted = string & 0x7f;
  const own = pef.stringKeys.findIndex(([key = 0, set = 0]) => (key & 0x7f) === filter && (set & 0x7f) === wanted);
  const number = string & OWN_STRING ? own : wanted;
  return textNumber(pef.strings, number > 0 ? number : -1);
}

function textNumber(strings: readonly Bytes[], number: number): Bytes {
  const text = strings[number] ?? [];
  const end = text.indexOf(0);
  return end < 0 ? text : text.slice(0, end);
}

/** Sends to a destination. true: that was all; false: there is nobody; else what waits for the acknowledgement. */
function start(context: Context, destination: number, severity: number, record: Bytes, text: Bytes): Sending | boolean {
  const { state } = context;
  const [, kind = 0, interval = 0, retries = 0] = state.lan.sets[18]?.[destination] ?? [];
  const [format = 0, , ...address] = (state.lan.sets[19]?.[destination] ?? []).slice(1, 7);
  if (state.lanAccess.active.mode & NO_ALERTING) return false;
  if ((kind & 7) !== TYPE_TRAP || format >> 4 !== 0 || address.every((each) => each === 0)) return false;
  const { alerts } = state;
  alerts.sequence = (alerts.sequence % 0xffff) + 1;
  const due = state.at + Math.max(1, interval) * SECOND;
  const sending = { destination, sequence: alerts.sequence, severity, record, text, retries: retries & 7, due };
  send(context, sending);
  return kind & ACKNOWLEDGED ? sending : true;
}

function retry(context: Context, sending: Sending): boolean {
  if (sending.retries === 0) return false;
  const [, , interval = 0] = context.state.lan.sets[18]![sending.destination]!;
  sending.retries--;
  sending.due = context.state.at + Math.max(1, interval) * SECOND;
  send(context, sending);
  return true;
}

function send(context: Context, { destination, sequence, severity, record, text }: Sending): void {
  const { state } = context;
  const { lan, identity, pef, sel } = state;
  const address = lan.sets[19]![destination]!.slice(3, 7);
  const [port = 0, portHigh = 0] = lan.parameters[8]!;
  const [useOwn = 0, ...own] = pef.guid;
  // A GUID on the wire has its most significant field first.
  const guid = useOwn & 1 ? own : [...identity.systemGuid].reverse();
  const trap = encodeTrap({
    community: textNumber([lan.parameters[16]!], 0),
    address: lan.parameters[3]!,
    upTime: Math.floor(state.at / TICKS_NANOS),
    guid,
    sequence,
    record,
    utcOffset: sel.utcOffset,
    severity,
    entity: findSensor(record[11]!)?.entity ?? 0,
    manufacturer: identity.manufacturer,
    product: identity.product,
    text,
  });
  sendDatagram(context, { address: address.join("."), port: TRAP_PORT }, port | (portHigh << 8), trap);
}

/** A console has got a trap. */
export function acknowledge(context: Context, sequence: number): void {
  const { alerts } = context.state;
  if (alerts.immediate?.sequence === sequence) {
    alerts.immediate = null;
    alerts.status = STATUS_DONE;
  }
  if (alerts.sending?.sequence !== sequence) return;
  alerts.sending = null;
  runAlerts(context);
}

/** Sends an event to a destination at once; false: one is under way. */
export function alertNow(context: Context, destination: number, string: number, record: Bytes): boolean {
  const { alerts, pef } = context.state;
  if (alerts.immediate) return false;
  const text = string & OWN_STRING ? textNumber(pef.strings, string & 0x7f) : [];
  const sending = start(context, destination, 0, record, text);
  alerts.status = sending === true ? STATUS_DONE : sending ? STATUS_IN_PROGRESS : STATUS_UNACKNOWLEDGED;
  alerts.immediate = typeof sending === "object" ? sending : null;
  return true;
}
