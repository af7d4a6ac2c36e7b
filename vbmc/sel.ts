// SPDX-License-Identifier: MIT
// The system event log and the BMC's clock.
// Spec: IPMI 2.0 revision 1.1, sections 31 and 32.1 (record formats), 29.7 (event data), 37 (timestamps).
import { SECOND, type Context } from "./context.ts";
import { BMC_ADDRESS, type Bytes } from "./ipmi/message.ts";
import { littleEndian } from "./ipmi/shape.ts";
import { filterEvent } from "./pef.ts";
import { SENSOR_EVENT_LOG } from "./sensor-list.ts";
import { EXTENSION_IN_DATA3, raiseOffset, sensorState, setOffset } from "./sensors.ts";

export const SEL_CAPACITY = 1024;
const ALMOST_PERCENT = 90;
const ALMOST_FULL = Math.ceil((SEL_CAPACITY * ALMOST_PERCENT) / 100);
/** Offsets of the sensor type Event Logging Disabled. */
const LOG_CLEARED = 2;
const LOG_FULL = 4;
const LOG_ALMOST_FULL = 5;
export const SEL_RECORD_BYTES = 16;
const RECORD_SYSTEM_EVENT = 0x02;
const FIRST_UNSTAMPED_TYPE = 0xe0; // OEM records without timestamp
const EVENT_MESSAGE_REVISION = 0x04;
export const ENABLE_SEL_LOGGING = 1 << 3;
const ENABLE_EVENT_BUFFER = 1 << 2;
export const FLAG_EVENT_BUFFER = 1 << 1;

export interface LoggedEvent {
  generator?: number;
  sensorType: number;
  sensor: number;
  eventType: number;
  assertion: boolean;
  data: Bytes;
}

/** The BMC's clock in seconds. */
export function selTime({ state }: Context): number {
  return (Math.floor(state.at / SECOND) + state.sel.timeOffset) % 2 ** 32;
}

export function setSelTime({ state }: Context, seconds: number): void {
  state.sel.timeOffset = seconds - Math.floor(state.at / SECOND);
}

/** An event from the BMC itself or from a Platform Event message: to the log and to the event buffer. */
export function logEvent(context: Context, event: LoggedEvent): void {
  const { state } = context;
  const { generator = BMC_ADDRESS, sensorType, sensor, eventType, assertion, data } = event;
  const record = [
    [0, 0, RECORD_SYSTEM_EVENT],
    littleEndian(selTime(context), 4),
    littleEndian(generator, 2),
    [EVENT_MESSAGE_REVISION, sensorType, sensor, (assertion ? 0 : 0x80) | eventType],
    [data[0] ?? 0xff, data[1] ?? 0xff, data[2] ?? 0xff],
  ].flat();
  const logged = state.globalEnables & ENABLE_SEL_LOGGING ? addRecord(context, record) : undefined;
  filterEvent(context, [...littleEndian(logged ?? 0, 2), ...record.slice(2)]);
  if (state.globalEnables & ENABLE_EVENT_BUFFER && !state.eventBuffer) {
    state.eventBuffer = [...littleEndian(logged ?? 0xffff, 2), ...record.slice(2)];
    state.messageFlags |= FLAG_EVENT_BUFFER;
  }
}

/** Appends a record with the next identifier (and the time, where its type has one); undefined when the log is full. */
export function addRecord(context: Context, record: Bytes): number | undefined {
  const { sel } = context.state;
  if (sel.records.length >= SEL_CAPACITY) {
    sel.overflow = true;
    return undefined;
  }
  while (sel.nextId === 0 || sel.nextId === 0xffff || sel.records.some((each) => recordId(each) === sel.nextId)) {
    sel.nextId = (sel.nextId + 1) & 0xffff;
  }
  const id = sel.nextId;
  sel.nextId = (id + 1) & 0xffff;
  const now = selTime(context);
  const stamped = record[2]! < FIRST_UNSTAMPED_TYPE;
  const body = stamped ? [record[2]!, ...littleEndian(now, 4), ...record.slice(7)] : record.slice(2);
  sel.records.push([...littleEndian(id, 2), ...body]);
  sel.lastAdded = now;
  noteFullness(context);
  return id;
}

export function recordId(record: Bytes): number {
  return record[0]! | (record[1]! << 8);
}

/** Position of a record; 0000h is the first, FFFFh the last. -1: there is none. */
export function findRecord(records: readonly Bytes[], id: number): number {
  if (id === 0) return records.length > 0 ? 0 : -1;
  if (id === 0xffff) return records.length - 1;
  return records.findIndex((each) => recordId(each) === id);
}

export function deleteRecord(context: Context, index: number): number {
  const { sel } = context.state;
  const [gone] = sel.records.splice(index, 1);
  noteErased(context);
  return recordId(gone!);
}

export function clearLog(context: Context): void {
  const { sel } = context.state;
  sel.records = [];
  sel.nextId = 1;
  sel.overflow = false;
  noteErased(context);
}

/** Whoever holds a reservation must not trust identifiers that it saw before. */
function noteErased(context: Context): void {
  const { sel } = context.state;
  sel.lastErased = selTime(context);
  sel.reserved = false;
  noteFullness(context);
}

/** The sensor of the log follows it; that it is almost full is the last event for which there is room for certain. */
export function noteFullness(context: Context): void {
  const count = context.state.sel.records.length;
  const { states } = sensorState(context, SENSOR_EVENT_LOG)!;
  setOffset(context, SENSOR_EVENT_LOG, LOG_CLEARED, count === 0);
  setOffset(context, SENSOR_EVENT_LOG, LOG_FULL, count >= SEL_CAPACITY);
  setOffset(context, SENSOR_EVENT_LOG, LOG_ALMOST_FULL, count >= ALMOST_FULL);
  if (count >= ALMOST_FULL && !(states & (1 << LOG_ALMOST_FULL)))
    raiseOffset(context, SENSOR_EVENT_LOG, LOG_ALMOST_FULL, { kind: EXTENSION_IN_DATA3, data3: ALMOST_PERCENT });
}

export interface Reservations {
  reservation: number;
  reserved: boolean;
}

/** A new reservation, which cancels the one before: never 0, and never the same twice in a row. */
export function reserve(store: Reservations): number {
  store.reserved = true;
  return (store.reservation = (store.reservation % 0xffff) + 1);
}

/** Whether a request may go on; 0 stands for "none", which is enough where nothing can go wrong halfway. */
export function isReserved({ reservation, reserved }: Reservations, given: number): boolean {
  return reserved && given === reservation;
}
