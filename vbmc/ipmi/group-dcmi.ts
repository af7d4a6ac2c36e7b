// SPDX-License-Identifier: MIT
// DCMI, the data center's part of IPMI: what is supported, what the machine draws, its temperatures, and its tags.
// Spec: DCMI 1.5, sections 6.1 to 6.7; body code DCh.
import { readAssetTag, writeAssetTag } from "../asset-tag.ts";
import type { Context } from "../context.ts";
import {
  ACTION_LOG,
  ACTION_NONE,
  ACTION_POWER_OFF,
  averageWatts,
  isMeasuring,
  meteredMilliseconds,
} from "../power-meter.ts";
import { SEL_CAPACITY, selTime } from "../sel.ts";
import { SENSORS, type SensorDefinition } from "../sensor-list.ts";
import { readingOf } from "../sensor-maths.ts";
import { sensorState } from "../sensors.ts";
import type { BmcState } from "../state.ts";
import { CHANNEL_LAN } from "./channels.ts";
import { CC_INVALID_FIELD, CC_OUT_OF_RANGE, CC_OUT_OF_SPACE, CC_REQUEST_LENGTH } from "./completion-code.ts";
import { ADMINISTRATOR, ANYONE, Coded, command, OPERATOR, USER, type Command } from "./command.ts";
import { BMC_ADDRESS, NETFN_GROUP, type Bytes } from "./message.ts";
import { littleEndian, octets, rest, u16, u32, u8 } from "./shape.ts";

export const BODY_DCMI = 0xdc;
const MAJOR = 1;
const MINOR = 5;
const REVISION = 2;
const CHUNK = 16;
export const ASSET_TAG_BYTES = 63;
/** The last one is the zero at its end. */
export const ID_STRING_BYTES = 64;

const POWER_MANAGEMENT = 1 << 0;
const ACCESS_SYSTEM_INTERFACE = 1 << 0;
const ACCESS_PRIMARY_LAN = 1 << 3;
const ACCESS_SOL = 1 << 4;
const IDENTIFICATION = (1 << 0) | (1 << 2); // GUID and asset tag, no host name from DHCP
const SAMPLING_SECONDS = 1;
const NONE = 0xff;

const STATISTICS = 1;
const MEASURING = 1 << 6;

const TEMPERATURE = 0x01;
/** DCMI's entities and those of IPMI that mean the same: inlet, processor, board. */
const ENTITIES: readonly (readonly number[])[] = [
  [0x40, 0x37],
  [0x41, 0x03],
  [0x42, 0x07],
];
const MOST_SENSORS = 8;
const MINUS = 0x80;

const CC_NO_LIMIT = 0x80;
const CC_LIMIT_RANGE = 0x84;
const CC_CORRECTION_RANGE = 0x85;
const CC_SAMPLING_RANGE = 0x89;

const netFn = NETFN_GROUP;
const body = BODY_DCMI;
const ask = { body: u8 };
const selection = { body: u8, type: u8, entity: u8, instance: u8, start: u8 };

export interface DcmiState {
  /** With its zero. */
  idString: number[];
}

export function newDcmi(mac: Bytes): DcmiState {
  const text = `DCMI${mac.map((each) => each.toString(16).padStart(2, "0")).join("")}\0`;
  return { idString: [...text].map((each) => each.charCodeAt(0)) };
}

export const DCMI: Command[] = [
  command({
    netFn,
    command: 0x01,
    name: "Get DCMI Capabilities Info",
    privilege: ANYONE,
    body,
    request: { body: u8, selector: u8 },
    response: { body: u8, major: u8, minor: u8, revision: u8, data: rest },
    execute(_, { selector }) {
      const data = CAPABILITIES[selector];
      return data ? { body, major: MAJOR, minor: MINOR, revision: REVISION, data } : CC_INVALID_FIELD;
    },
  }),
  command({
    netFn,
    command: 0x02,
    name: "Get Power Reading",
    privilege: USER,
    body,
    request: { body: u8, mode: u8, attributes: u8, reserved: u8 },
    response: {
      body: u8,
      current: u16,
      minimum: u16,
      maximum: u16,
      average: u16,
      time: u32,
      period: u32,
      state: u8,
    },
    execute(context, { mode }) {
      if (mode !== STATISTICS) return CC_INVALID_FIELD;
      const { state } = context;
      const { watts, least, most } = state.powerMeter;
      return {
        body,
        current: watts,
        minimum: least,
        maximum: most,
        average: averageWatts(state),
        time: selTime(context),
        period: meteredMilliseconds(state),
        state: isMeasuring(state) ? MEASURING : 0,
      };
    },
  }),
  command({
    netFn,
    command: 0x03,
    name: "Get Power Limit",
    privilege: USER,
    body,
    request: { body: u8, reserved: u16 },
    response: {
      body: u8,
      reserved: u16,
      action: u8,
      watts: u16,
      correction: u32,
      reservedToo: u16,
      sampling: u16,
    },
    execute({ state: { powerMeter } }) {
      const { active, action, watts, correction, sampling } = powerMeter.limit;
      const answer = { body, reserved: 0, action, watts, correction, reservedToo: 0, sampling };
      // What is set is told even while it is not active.
      return active ? answer : new Coded(CC_NO_LIMIT, answer);
    },
  }),
  command({
    netFn,
    command: 0x04,
    name: "Set Power Limit",
    privilege: OPERATOR,
    body,
    request: {
      body: u8,
      reserved: octets(3),
      action: u8,
      watts: u16,
      correction: u32,
      reservedToo: u16,
      sampling: u16,
    },
    response: ask,
    execute({ state: { powerMeter } }, { action, watts, correction, sampling }) {
      if (![ACTION_NONE, ACTION_POWER_OFF, ACTION_LOG].includes(action)) return CC_INVALID_FIELD;
      if (watts === 0) return CC_LIMIT_RANGE;
      if (correction === 0) return CC_CORRECTION_RANGE;
      if (sampling === 0) return CC_SAMPLING_RANGE;
      Object.assign(powerMeter.limit, { action, watts, correction, sampling, due: null, told: false });
      return { body };
    },
  }),
  command({
    netFn,
    command: 0x05,
    name: "Activate/Deactivate Power Limit",
    privilege: OPERATOR,
    body,
    request: { body: u8, activate: u8, reserved: u16 },
    response: ask,
    execute({ state: { powerMeter } }, { activate }) {
      if (activate > 1) return CC_INVALID_FIELD;
      Object.assign(powerMeter.limit, { active: activate === 1, due: null, told: false });
      return { body };
    },
  }),
  command({
    netFn,
    command: 0x06,
    name: "Get Asset Tag",
    privilege: USER,
    body,
    request: { body: u8, offset: u8, count: u8 },
    response: { body: u8, total: u8, data: rest },
    execute: ({ state: { fru } }, { offset, count }) => readText(readAssetTag(fru), offset, count),
  }),
  command({
    netFn,
    command: 0x07,
    name: "Get DCMI Sensor Info",
    privilege: USER,
    body,
    request: selection,
    response: { body: u8, total: u8, count: u8, records: rest },
    execute({ state }, request) {
      const found = selectSensors(request);
      if (typeof found === "number") return found;
      const records = found.chosen.flatMap((each) => recordOf(state, each));
      return { body, total: found.total, count: records.length / 2, records };
    },
  }),
  command({
    netFn,
    command: 0x08,
    name: "Set Asset Tag",
    privilege: OPERATOR,
    body,
    request: { body: u8, offset: u8, count: u8, data: rest },
    response: { body: u8, total: u8 },
    execute({ state: { fru } }, { offset, count, data }) {
      const written = writeText(readAssetTag(fru), { offset, count, data }, ASSET_TAG_BYTES);
      if (typeof written === "number") return written;
      return writeAssetTag(fru, written) ? { body, total: written.length } : CC_OUT_OF_SPACE;
    },
  }),
  command({
    netFn,
    command: 0x09,
    name: "Get Management Controller Identifier String",
    privilege: USER,
    body,
    request: { body: u8, offset: u8, count: u8 },
    response: { body: u8, total: u8, data: rest },
    execute: ({ state: { dcmi } }, { offset, count }) => readText(dcmi.idString, offset, count),
  }),
  command({
    netFn,
    command: 0x0a,
    name: "Set Management Controller Identifier String",
    privilege: ADMINISTRATOR,
    body,
    request: { body: u8, offset: u8, count: u8, data: rest },
    response: { body: u8, total: u8 },
    execute({ state: { dcmi } }, { offset, count, data }) {
      const written = writeText(dcmi.idString, { offset, count, data }, ID_STRING_BYTES);
      if (typeof written === "number") return written;
      // The zero at the end says that the new string is complete.
      const end = written.indexOf(0, offset);
      dcmi.idString = end < 0 ? written : written.slice(0, end + 1);
      return { body, total: dcmi.idString.length };
    },
  }),
  command({
    netFn,
    command: 0x10,
    name: "Get Temperature Readings",
    privilege: USER,
    body,
    request: selection,
    response: { body: u8, total: u8, count: u8, readings: rest },
    execute(context, request) {
      const found = selectSensors(request);
      if (typeof found === "number") return found;
      const readings = found.chosen.flatMap((each, i) => [reading(context, each), found.first + i + 1]);
      return { body, total: found.total, count: readings.length / 2, readings };
    },
  }),
];

const CAPABILITIES: Readonly<Record<number, Bytes>> = {
  1: [0, POWER_MANAGEMENT, ACCESS_SYSTEM_INTERFACE | ACCESS_PRIMARY_LAN | ACCESS_SOL],
  2: [...littleEndian(SEL_CAPACITY, 2), IDENTIFICATION, 0, SAMPLING_SECONDS], // the log does not roll over
  3: [BMC_ADDRESS, 0], // who manages power
  4: [CHANNEL_LAN, NONE, NONE], // primary and secondary LAN, terminal mode
  5: [0], // no averages over rolling periods
};

function readText(text: Bytes, offset: number, count: number) {
  // None at all asks for the length.
  if (count > CHUNK || offset > text.length) return CC_OUT_OF_RANGE;
  return { body, total: text.length, data: text.slice(offset, offset + count) };
}

/** Text with a part of it written, where nothing is left out before it; what stood behind the part is gone. */
function writeText(
  text: Bytes,
  { offset, count, data }: { offset: number; count: number; data: Bytes },
  limit: number,
): number[] | number {
  if (data.length !== count) return CC_REQUEST_LENGTH;
  if (count > CHUNK || offset > text.length || offset + count > limit) return CC_OUT_OF_RANGE;
  return [...text.slice(0, offset), ...data];
}

interface Selection {
  type: number;
  entity: number;
  instance: number;
  start: number;
}

/** The sensors of an entity: one by its instance, or all from an instance on. */
function selectSensors({ type, entity, instance, start }: Selection) {
  const same = ENTITIES.find((each) => each.includes(entity));
  if (type !== TEMPERATURE || !same) return CC_INVALID_FIELD;
  const all = SENSORS.filter((each) => each.type === TEMPERATURE && same.includes(each.entity));
  const first = Math.max(0, (instance > 0 ? instance : start) - 1);
  const chosen = all.slice(first, instance > 0 ? first + 1 : first + MOST_SENSORS);
  return { total: all.length, first, chosen };
}

/** The identifier of a sensor's record; none when somebody deleted it. */
function recordOf({ sdr }: BmcState, { number }: SensorDefinition): number[] {
  const OWNED = 5; // owner, LUN, number
  const record = sdr.records.find((each) => each[3] === 0x01 && each[OWNED + 2] === number);
  return record ? record.slice(0, 2) : [];
}

/** Degrees with a sign of their own. */
function reading(context: Context, { number, factors = {} }: SensorDefinition): number {
  const degrees = Math.round(readingOf(factors, sensorState(context, number)?.raw ?? 0));
  return degrees < 0 ? MINUS | Math.min(0x7f, -degrees) : Math.min(0x7f, degrees);
}
