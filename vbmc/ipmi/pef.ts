// SPDX-License-Identifier: MIT
// Sensor/Event commands of platform event filtering: capabilities, configuration parameters, what was processed.
// Spec: IPMI 2.0 revision 1.1, sections 30.1 to 30.8, table 30-6 (configuration parameters).
import { acknowledge, alertNow, STATUS_NONE } from "../alerts.ts";
import {
  FILTER_BYTES,
  FILTERS,
  forgetHeld,
  POLICIES,
  postponedSeconds,
  postponePef,
  STRINGS,
  SUPPORTED_ACTIONS,
  type PefState,
} from "../pef.ts";
import { recordId, selTime } from "../sel.ts";
import { CHANNEL_LAN, channelOf } from "./channels.ts";
import { CC_INVALID_FIELD, CC_OUT_OF_RANGE, CC_REQUEST_LENGTH } from "./completion-code.ts";
import { ADMINISTRATOR, ANYONE, command, OPERATOR, USER } from "./command.ts";
import { NETFN_SENSOR_EVENT, padded, type Bytes } from "./message.ts";
import {
  CC_PARAMETER,
  CC_READ_ONLY,
  PARAMETER_PROGRESS,
  PARAMETER_REVISION,
  REVISION_ONLY,
  setProgress,
} from "./parameters.ts";
import { littleEndian, octets, optional, rest, u16, u32, u8 } from "./shape.ts";

const PEF_VERSION = 0x51;
const BLOCK_BYTES = 16;
const STRING_BLOCKS = 4;
const PARAMETER_GUID = 10;
const PARAMETER_STRINGS = 13;
const READ_COUNTDOWN = 0xff;
const SET_BY_SOFTWARE = 0;
/** What Alert Immediate does, in the upper bits of the destination. */
const ALERT_START = 0;
const ALERT_STATUS = 1;
const ALERT_CLEAR = 2;
const CC_ALERT_UNDER_WAY = 0x81;
const EVENT_BYTES = 8;

const PLAIN = { 1: "control", 2: "actions", 3: "startupDelay", 4: "alertDelay" } as const;
const COUNTS: Readonly<Record<number, number>> = { 5: FILTERS, 8: POLICIES, 11: STRINGS };

interface Table {
  rows: number[][];
  /** Number of the first row. */
  first: number;
  mask: number;
  size: number;
}

/** Parameters in sets. Parameter 7 is the first byte of parameter 6. */
function table({ filters, policies, stringKeys }: PefState, selector: number): Table | undefined {
  if (selector === 6) return { rows: filters, first: 1, mask: 0x7f, size: FILTER_BYTES };
  if (selector === 7) return { rows: filters, first: 1, mask: 0x7f, size: 1 };
  if (selector === 9) return { rows: policies, first: 1, mask: 0x7f, size: 3 };
  if (selector === 12) return { rows: stringKeys, first: 0, mask: 0x7f, size: 2 };
  return undefined;
}

function getParameter(pef: PefState, selector: number, set: number, block: number): Bytes | number {
  if (selector === PARAMETER_PROGRESS) return [pef.progress];
  if (selector in PLAIN) return [pef[PLAIN[selector as keyof typeof PLAIN]]];
  if (selector in COUNTS) return [COUNTS[selector]!];
  if (selector === PARAMETER_GUID) return pef.guid;
  if (selector === PARAMETER_STRINGS) {
    const text = pef.strings[set & 0x7f];
    if (!text || block < 1 || block > STRING_BLOCKS) return CC_OUT_OF_RANGE;
    const part = padded(text.slice((block - 1) * BLOCK_BYTES, block * BLOCK_BYTES), BLOCK_BYTES);
    return [set & 0x7f, block, ...part];
  }
  const found = table(pef, selector);
  if (!found) return CC_PARAMETER;
  const number = set & found.mask;
  const row = found.rows[number - found.first];
  return row ? [number, ...row.slice(0, found.size)] : CC_OUT_OF_RANGE;
}

/** Gives a completion code. */
function setParameter(pef: PefState, selector: number, data: Bytes): number {
  const [first = 0, second = 0] = data;
  if (selector in COUNTS) return CC_READ_ONLY;
  if (selector === PARAMETER_PROGRESS || selector in PLAIN) {
    if (data.length !== 1) return CC_REQUEST_LENGTH;
    if (selector === PARAMETER_PROGRESS) return setProgress(pef, first);
    pef[PLAIN[selector as keyof typeof PLAIN]] = first;
    return 0;
  }
  if (selector === PARAMETER_GUID) {
    if (data.length !== pef.guid.length) return CC_REQUEST_LENGTH;
    pef.guid = [...data];
    return 0;
  }
  if (selector === PARAMETER_STRINGS) {
    const text = pef.strings[first & 0x7f];
    if (data.length < 3 || data.length > 2 + BLOCK_BYTES) return CC_REQUEST_LENGTH;
    if (!text || second < 1 || second > STRING_BLOCKS) return CC_OUT_OF_RANGE;
    const start = (second - 1) * BLOCK_BYTES;
    const before = padded(text, Math.max(text.length, start + BLOCK_BYTES));
    before.splice(start, BLOCK_BYTES, ...padded(data.slice(2), BLOCK_BYTES));
    pef.strings[first & 0x7f] = before;
    return 0;
  }
  const found = table(pef, selector);
  if (!found) return CC_PARAMETER;
  if (data.length !== 1 + found.size) return CC_REQUEST_LENGTH;
  const row = found.rows[(first & found.mask) - found.first];
  if (!row) return CC_OUT_OF_RANGE;
  row.splice(0, found.size, ...data.slice(1));
  return 0;
}

const netFn = NETFN_SENSOR_EVENT;

export const PEF = [
  command({
    netFn,
    command: 0x10,
    name: "Get PEF Capabilities",
    privilege: USER,
    request: {},
    response: { version: u8, actions: u8, filters: u8 },
    execute: () => ({ version: PEF_VERSION, actions: SUPPORTED_ACTIONS, filters: FILTERS }),
  }),
  command({
    netFn,
    command: 0x11,
    name: "Arm PEF Postpone Timer",
    privilege: ADMINISTRATOR,
    request: { seconds: u8 },
    response: { present: u8 },
    execute(context, { seconds }) {
      if (seconds !== READ_COUNTDOWN) postponePef(context, seconds);
      return { present: postponedSeconds(context.state) };
    },
  }),
  command({
    netFn,
    command: 0x12,
    name: "Set PEF Configuration Parameters",
    privilege: ADMINISTRATOR,
    request: { parameter: u8, data: rest },
    response: {},
    execute: ({ state: { pef } }, { parameter, data }) => setParameter(pef, parameter & 0x7f, data) || {},
  }),
  command({
    netFn,
    command: 0x13,
    name: "Get PEF Configuration Parameters",
    privilege: OPERATOR,
    request: { parameter: u8, set: u8, block: u8 },
    response: { revision: u8, data: rest },
    execute({ state: { pef } }, { parameter, set, block }) {
      const data = getParameter(pef, parameter & 0x7f, set, block);
      if (typeof data === "number") return data;
      return { revision: PARAMETER_REVISION, data: parameter & REVISION_ONLY ? [] : data };
    },
  }),
  command({
    netFn,
    command: 0x14,
    name: "Set Last Processed Event ID",
    privilege: ADMINISTRATOR,
    request: { which: u8, record: u16 },
    response: {},
    execute({ state }, { which, record }) {
      const { pef } = state;
      if (which > 1) return CC_INVALID_FIELD;
      if (which === SET_BY_SOFTWARE) pef.processedBySoftware = record;
      else pef.processedByBmc = record;
      forgetHeld(state, record);
      return {};
    },
  }),
  command({
    netFn,
    command: 0x15,
    name: "Get Last Processed Event ID",
    privilege: ADMINISTRATOR,
    request: {},
    response: { lastAdded: u32, last: u16, bySoftware: u16, byBmc: u16 },
    execute({ state: { pef, sel } }) {
      const last = sel.records.at(-1);
      return {
        lastAdded: sel.lastAdded,
        last: last ? recordId(last) : 0xffff,
        bySoftware: pef.processedBySoftware,
        byBmc: pef.processedByBmc,
      };
    },
  }),
  command({
    netFn,
    command: 0x16,
    name: "Alert Immediate",
    privilege: ADMINISTRATOR,
    request: { channel: u8, destination: u8, string: u8, event: rest },
    response: { status: optional(u8) },
    execute(context, { channel, destination, string, event }, origin) {
      const { alerts } = context.state;
      if (channelOf(channel, origin) !== CHANNEL_LAN) return CC_INVALID_FIELD;
      const operation = destination >> 6;
      if (operation === ALERT_STATUS) return { status: alerts.status };
      if (operation === ALERT_CLEAR) {
        if (alerts.immediate) return CC_ALERT_UNDER_WAY;
        alerts.status = STATUS_NONE;
        return { status: undefined };
      }
      if (operation !== ALERT_START) return CC_INVALID_FIELD;
      if (event.length !== 0 && event.length !== EVENT_BYTES) return CC_REQUEST_LENGTH;
      const [generator = 0, ...body] = event.length === 0 ? padded([], EVENT_BYTES) : event;
      const record = [0, 0, 0x02, ...littleEndian(selTime(context), 4), generator, 0, ...body];
      return alertNow(context, destination & 0x0f, string, record) ? { status: undefined } : CC_ALERT_UNDER_WAY;
    },
  }),
  command({
    netFn,
    command: 0x17,
    name: "PET Acknowledge",
    privilege: ANYONE,
    request: { sequence: u16, timestamp: u32, source: u8, device: u8, sensor: u8, data: octets(3) },
    response: {},
    execute(context, { sequence }) {
      acknowledge(context, sequence);
      return {};
    },
  }),
];
