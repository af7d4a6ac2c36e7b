// SPDX-License-Identifier: MIT
// Sensor and event commands: readings, thresholds, hysteresis, event enables, types, Platform Event messages.
// Spec: IPMI 2.0 revision 1.1, sections 29.3 and 35.7 to 35.16.
import type { Context } from "../context.ts";
import { logEvent } from "../sel.ts";
import { findSensor, isThreshold } from "../sensor-list.ts";
import { factorBytes } from "../sensor-maths.ts";
import {
  compare,
  eventOffsets,
  isUnavailable,
  possibleEvents,
  sensorState,
  setReading,
  type SensorState,
} from "../sensors.ts";
import { CC_ILLEGAL_FOR_SENSOR, CC_INVALID_FIELD, CC_NOT_PRESENT, CC_REQUEST_LENGTH } from "./completion-code.ts";
import { ADMINISTRATOR, command, OPERATOR, SYSTEM_INTERFACE, USER } from "./command.ts";
import { BMC_ADDRESS, NETFN_SENSOR_EVENT, type Bytes } from "./message.ts";
import { octets, optional, rest, u16, u8 } from "./shape.ts";

const STATUS_EVENTS = 0x80;
const STATUS_SCANNING = 0x40;
const STATUS_UNAVAILABLE = 0x20;
/** Reserved bits of the state bytes read as ones. */
const THRESHOLD_RESERVED = 0xc0;
const DISCRETE_RESERVED = 0x80;
const EVENT_BYTES = 7;
/** What Set Sensor Event Enable does to the selected events. */
const SELECTED_ON = 1;
const SELECTED_OFF = 2;
/** What Set Sensor Reading does to the reading and to the states. */
const WRITE_READING = 1;
const STATES_WRITE = 1;
const STATES_CLEAR = 2;
const STATES_SET = 3;

const netFn = NETFN_SENSOR_EVENT;

/** The sensor's state and definition, or the completion code to answer: absent, or not of the threshold kind. */
function thresholdSensor(context: Context, number: number) {
  const sensor = sensorState(context, number);
  if (!sensor) return CC_NOT_PRESENT;
  return isThreshold(number) ? sensor : CC_ILLEGAL_FOR_SENSOR;
}

/** Events and scanning on, and whether there is no reading. */
function statusBits(sensor: SensorState): number {
  const { events, scanning } = sensor;
  const unavailable = isUnavailable(sensor);
  return (events ? STATUS_EVENTS : 0) | (scanning ? STATUS_SCANNING : 0) | (unavailable ? STATUS_UNAVAILABLE : 0);
}

/** The events re-arm themselves; what is beyond its threshold now is told once more. */
function rearm(context: Context, sensor: SensorState): void {
  sensor.gone = 0;
  if (!isThreshold(sensor.number)) return;
  sensor.states = 0;
  compare(context, sensor);
}

export const SENSOR_EVENT = [
  command({
    netFn,
    command: 0x00,
    name: "Set Event Receiver",
    privilege: ADMINISTRATOR,
    request: { address: u8, lun: u8 },
    response: {},
    execute(context, { address, lun }) {
      const { state } = context;
      // We receive our own events; to be told so re-arms every sensor.
      state.eventReceiver = { address, lun: lun & 3 };
      for (const sensor of state.sensors) rearm(context, sensor);
      return {};
    },
  }),
  command({
    netFn,
    command: 0x01,
    name: "Get Event Receiver",
    privilege: USER,
    request: {},
    response: { address: u8, lun: u8 },
    execute: ({ state: { eventReceiver } }) => ({ ...eventReceiver }),
  }),
  command({
    netFn,
    command: 0x02,
    name: "Platform Event",
    privilege: OPERATOR,
    request: { event: rest },
    response: {},
    execute(context, { event }, { channel }) {
      // Software on the system interface says who it is; elsewhere the address of the requester does.
      const local = channel === SYSTEM_INTERFACE;
      const body: Bytes = local ? event.slice(1) : event;
      if (body.length !== EVENT_BYTES) return CC_REQUEST_LENGTH;
      const [, sensorType = 0, sensor = 0, direction = 0, ...data] = body;
      logEvent(context, {
        generator: local ? event[0]! : BMC_ADDRESS | (channel << 12),
        sensorType,
        sensor,
        eventType: direction & 0x7f,
        assertion: !(direction & 0x80),
        data,
      });
      return {};
    },
  }),
  command({
    netFn,
    command: 0x23,
    name: "Get Sensor Reading Factors",
    privilege: USER,
    request: { sensor: u8, reading: u8 },
    response: { next: u8, factors: octets(6) },
    execute(_, { sensor: number, reading }) {
      const sensor = findSensor(number);
      if (!sensor) return CC_NOT_PRESENT;
      if (!isThreshold(number)) return CC_ILLEGAL_FOR_SENSOR;
      // All sensors are linear: the factors of one reading are those of every other.
      return { next: reading, factors: factorBytes(sensor.factors ?? {}) };
    },
  }),
  command({
    netFn,
    command: 0x24,
    name: "Set Sensor Hysteresis",
    privilege: OPERATOR,
    request: { sensor: u8, mask: u8, positive: u8, negative: u8 },
    response: {},
    execute(context, { sensor: number, positive, negative }) {
      const sensor = thresholdSensor(context, number);
      if (typeof sensor === "number") return sensor;
      sensor.hysteresis = [positive, negative];
      return {};
    },
  }),
  command({
    netFn,
    command: 0x25,
    name: "Get Sensor Hysteresis",
    privilege: USER,
    request: { sensor: u8, mask: u8 },
    response: { positive: u8, negative: u8 },
    execute(context, { sensor: number }) {
      const sensor = thresholdSensor(context, number);
      if (typeof sensor === "number") return sensor;
      const [positive, negative] = sensor.hysteresis;
      return { positive, negative };
    },
  }),
  command({
    netFn,
    command: 0x26,
    name: "Set Sensor Thresholds",
    privilege: OPERATOR,
    request: { sensor: u8, mask: u8, thresholds: octets(6) },
    response: {},
    execute(context, { sensor: number, mask, thresholds }) {
      const sensor = thresholdSensor(context, number);
      if (typeof sensor === "number") return sensor;
      if (mask & ~sensor.mask) return CC_ILLEGAL_FOR_SENSOR;
      for (let i = 0; i < 6; i++) if (mask & (1 << i)) sensor.thresholds[i] = thresholds[i]!;
      compare(context, sensor);
      return {};
    },
  }),
  command({
    netFn,
    command: 0x27,
    name: "Get Sensor Thresholds",
    privilege: USER,
    request: { sensor: u8 },
    response: { mask: u8, thresholds: octets(6) },
    execute(context, { sensor: number }) {
      const sensor = thresholdSensor(context, number);
      return typeof sensor === "number" ? sensor : { mask: sensor.mask, thresholds: [...sensor.thresholds] };
    },
  }),
  command({
    netFn,
    command: 0x28,
    name: "Set Sensor Event Enable",
    privilege: OPERATOR,
    request: { sensor: u8, enables: u8, assertions: optional(u16), deassertions: optional(u16) },
    response: {},
    execute(context, { sensor: number, enables, assertions = 0, deassertions = 0 }) {
      const sensor = sensorState(context, number);
      if (!sensor) return CC_NOT_PRESENT;
      const operation = (enables >> 4) & 3;
      if (operation === 3) return CC_INVALID_FIELD;
      sensor.events = (enables & STATUS_EVENTS) !== 0;
      sensor.scanning = (enables & STATUS_SCANNING) !== 0;
      const possible = possibleEvents(findSensor(number)!);
      if (operation === SELECTED_ON) {
        sensor.assertions |= assertions & possible.assertions;
        sensor.deassertions |= deassertions & possible.deassertions;
      } else if (operation === SELECTED_OFF) {
        sensor.assertions &= ~assertions;
        sensor.deassertions &= ~deassertions;
      }
      return {};
    },
  }),
  command({
    netFn,
    command: 0x29,
    name: "Get Sensor Event Enable",
    privilege: USER,
    request: { sensor: u8 },
    response: { enables: u8, assertions: u16, deassertions: u16 },
    execute(context, { sensor: number }) {
      const sensor = sensorState(context, number);
      if (!sensor) return CC_NOT_PRESENT;
      const { assertions, deassertions } = sensor;
      return { enables: statusBits(sensor), assertions, deassertions };
    },
  }),
  command({
    netFn,
    command: 0x2a,
    name: "Re-arm Sensor Events",
    privilege: OPERATOR,
    request: { sensor: u8, which: u8, assertions: optional(u16), deassertions: optional(u16) },
    response: {},
    execute(context, { sensor: number }) {
      const sensor = sensorState(context, number);
      if (!sensor) return CC_NOT_PRESENT;
      rearm(context, sensor);
      return {};
    },
  }),
  command({
    netFn,
    command: 0x2b,
    name: "Get Sensor Event Status",
    privilege: USER,
    request: { sensor: u8 },
    response: { status: u8, assertions: u16, deassertions: u16 },
    execute(context, { sensor: number }) {
      const sensor = sensorState(context, number);
      if (!sensor) return CC_NOT_PRESENT;
      const assertions = isThreshold(number) ? eventOffsets(sensor.states) : sensor.states;
      return { status: statusBits(sensor), assertions, deassertions: sensor.gone };
    },
  }),
  command({
    netFn,
    command: 0x2d,
    name: "Get Sensor Reading",
    privilege: USER,
    request: { sensor: u8 },
    response: { reading: u8, status: u8, low: u8, high: optional(u8) },
    execute(context, { sensor: number }) {
      const sensor = sensorState(context, number);
      if (!sensor) return CC_NOT_PRESENT;
      const threshold = isThreshold(number);
      const status = statusBits(sensor);
      return threshold
        ? { reading: sensor.raw ?? 0, status, low: THRESHOLD_RESERVED | sensor.states, high: undefined }
        : { reading: 0, status, low: sensor.states & 0xff, high: DISCRETE_RESERVED | (sensor.states >> 8) };
    },
  }),
  command({
    netFn,
    command: 0x30,
    name: "Set Sensor Reading and Event Status",
    privilege: OPERATOR,
    request: { sensor: u8, operation: u8, reading: optional(u8), assertions: optional(u16), rest },
    response: {},
    execute(context, { sensor: number, operation, reading, assertions = 0 }) {
      const sensor = sensorState(context, number);
      if (!sensor) return CC_NOT_PRESENT;
      const write = (operation & 3) === WRITE_READING;
      if (isThreshold(number)) {
        if (write && reading !== undefined) setReading(context, number, reading);
        return {};
      }
      if (write) return CC_ILLEGAL_FOR_SENSOR; // a discrete sensor has no reading but its states
      const possible = assertions & 0x7fff & possibleEvents(findSensor(number)!).assertions;
      const how = (operation >> 4) & 3;
      if (how === STATES_WRITE) sensor.states = possible;
      else if (how === STATES_SET) sensor.states |= possible;
      else if (how === STATES_CLEAR) sensor.states &= ~possible;
      return {};
    },
  }),
  command({
    netFn,
    command: 0x2f,
    name: "Get Sensor Type",
    privilege: USER,
    request: { sensor: u8 },
    response: { type: u8, eventType: u8 },
    execute(_, { sensor: number }) {
      const sensor = findSensor(number);
      return sensor ? { type: sensor.type, eventType: sensor.eventType } : CC_NOT_PRESENT;
    },
  }),
];
