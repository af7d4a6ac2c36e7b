// SPDX-License-Identifier: MIT
// App commands of sessions: what a console asks before it logs in, the privilege it works with, the end, and who is there.
// Spec: IPMI 2.0 revision 1.1, sections 22.13, 22.15, 22.18 to 22.20, 22.25.
import { suiteRecords } from "../channels/lan/cipher-suites.ts";
import { keyOf, NO_ACCESS } from "../users.ts";
import { activeSessions, closeSession, findSession, SESSION_LIMIT, type Session } from "../sessions.ts";
import type { BmcState } from "../state.ts";
import { CHANNEL_LAN, channelOf } from "./channels.ts";
import { CC_INVALID_FIELD, CC_NOT_PRESENT, CC_OUT_OF_RANGE, CC_REQUEST_LENGTH } from "./completion-code.ts";
import { ADMINISTRATOR, ANYONE, CALLBACK, command, USER } from "./command.ts";
import { NETFN_APP, padded } from "./message.ts";
import { littleEndian, optional, rest, u24, u32, u8 } from "./shape.ts";

const WANT_EXTENDED = 0x80;
const EXTENDED = 0x80;
const TYPE_MD5 = 1 << 2;
const SUPPORTS_1_5 = 0x01;
const SUPPORTS_2_0 = 0x02;
const STATUS_CHANNEL_KEY = 1 << 5;
const STATUS_NAMES = 1 << 2;
const STATUS_NO_NAMES = 1 << 1;
const CC_NOT_ALLOWED = 0x81;
const CC_NO_SESSION = 0x87;
const CC_NO_HANDLE = 0x88;
const BY_SUITE = 0x80;
const RECORDS_AT_ONCE = 16;
const THIS_SESSION = 0x00;
const BY_HANDLE = 0xfe;
const BY_ID = 0xff;
const RMCP_PLUS = 0x10;
const CHANNEL_KEY = 1;
const KEY_BYTES = 20;
const KEY_READ = 0;
const KEY_SET = 1;
const CC_KEY_LOCKED = 0x80;
const CC_KEY_SHORT = 0x81;
const CC_KEY_LONG = 0x82;
const CC_KEY_UNUSED = 0x84;

const netFn = NETFN_APP;

export const SESSIONS = [
  command({
    netFn,
    command: 0x38,
    name: "Get Channel Authentication Capabilities",
    privilege: ANYONE,
    request: { channel: u8, privilege: u8 },
    response: { channel: u8, types: u8, status: u8, versions: u8, oem: u24, auxiliary: u8 },
    execute({ state }, { channel, privilege }, origin) {
      const number = channelOf(channel, origin);
      if (number !== CHANNEL_LAN) return CC_INVALID_FIELD;
      if ((privilege & 0x0f) === 0 || (privilege & 0x0f) > 5) return CC_INVALID_FIELD;
      const extended = (channel & WANT_EXTENDED) !== 0;
      return {
        channel: number,
        types: (extended ? EXTENDED : 0) | (state.lan.ipmi15 ? TYPE_MD5 : 0),
        status: loginStatus(state),
        versions: extended ? SUPPORTS_2_0 | (state.lan.ipmi15 ? SUPPORTS_1_5 : 0) : 0,
        oem: 0,
        auxiliary: 0,
      };
    },
  }),
  command({
    netFn,
    command: 0x3b,
    name: "Set Session Privilege Level",
    privilege: CALLBACK,
    request: { privilege: u8 },
    response: { privilege: u8 },
    execute({ state }, { privilege }, { session: id = 0, privilege: current }) {
      const session = findSession(state, id);
      const level = privilege & 0x0f;
      if (level > 5 || level === 1) return CC_INVALID_FIELD;
      if (level === 0) return { privilege: current };
      if (!session || level > session.limit) return CC_NOT_ALLOWED;
      session.privilege = level;
      return { privilege: level };
    },
  }),
  command({
    netFn,
    command: 0x3c,
    name: "Close Session",
    privilege: CALLBACK,
    request: { id: u32, handle: optional(u8) },
    response: {},
    execute(context, { id, handle }, origin) {
      const { state } = context;
      const session =
        id === 0 && handle !== undefined
          ? activeSessions(state).find((each) => each.handle === handle)
          : findSession(state, id);
      if (!session || session.phase !== "active") return handle === undefined ? CC_NO_SESSION : CC_NO_HANDLE;
      // Only an administrator ends what is not its own.
      if (session.id !== origin.session && origin.privilege < ADMINISTRATOR) return 0xd4;
      closeSession(context, session);
      return {};
    },
  }),
  command({
    netFn,
    command: 0x3d,
    name: "Get Session Info",
    privilege: USER,
    request: { which: u8, value: rest },
    response: { handle: u8, possible: u8, active: u8, session: rest },
    execute({ state }, { which, value }, { session: own = 0 }) {
      const active = activeSessions(state);
      const size = which === BY_HANDLE ? 1 : which === BY_ID ? 4 : 0;
      if (value.length !== size) return CC_REQUEST_LENGTH;
      const wanted = value.reduceRight((sum, each) => sum * 256 + each, 0);
      if (which > SESSION_LIMIT && size === 0) return CC_OUT_OF_RANGE;
      const session =
        which === THIS_SESSION
          ? active.find((each) => each.id === own)
          : which === BY_HANDLE
            ? active.find((each) => each.handle === wanted)
            : which === BY_ID
              ? active.find((each) => each.id === wanted)
              : active[which - 1];
      if (!session && (size > 0 || which === THIS_SESSION)) return CC_NOT_PRESENT;
      return {
        handle: session?.handle ?? 0,
        possible: SESSION_LIMIT,
        active: active.length,
        session: session ? describeSession(state, session) : [],
      };
    },
  }),
  command({
    netFn,
    command: 0x54,
    name: "Get Channel Cipher Suites",
    privilege: ANYONE,
    request: { channel: u8, payload: u8, index: u8 },
    response: { channel: u8, records: rest },
    execute({ state }, { channel, index }, origin) {
      const number = channelOf(channel, origin);
      if (number !== CHANNEL_LAN) return CC_INVALID_FIELD;
      const start = (index & 0x3f) * RECORDS_AT_ONCE;
      const records = suiteRecords(state, (index & BY_SUITE) !== 0).slice(start, start + RECORDS_AT_ONCE);
      return { channel: number, records };
    },
  }),
  command({
    netFn,
    command: 0x56,
    name: "Set Channel Security Keys",
    privilege: ADMINISTRATOR,
    request: { channel: u8, operation: u8, key: u8, value: rest },
    response: { lock: u8, value: rest },
    execute({ state: { lan } }, { channel, operation, key, value }, origin) {
      if (channelOf(channel, origin) !== CHANNEL_LAN) return CC_INVALID_FIELD;
      if (key > CHANNEL_KEY) return CC_INVALID_FIELD;
      // K_R is not used, which is a key of zeros.
      const sealed = key === CHANNEL_KEY ? lan.channelKey : null;
      switch (operation & 3) {
        case KEY_READ:
          // What is sealed cannot be read; that there is none can.
          return sealed ? CC_KEY_LOCKED : { lock: 1, value: padded([], KEY_BYTES) };
        case KEY_SET:
          if (value.length < KEY_BYTES) return CC_KEY_SHORT;
          if (value.length > KEY_BYTES) return CC_KEY_LONG;
          if (key === CHANNEL_KEY) lan.channelKey = keyOf(value);
          else if (value.some((each) => each !== 0)) return CC_KEY_UNUSED;
          return { lock: 1, value: [] };
        default:
          return CC_INVALID_FIELD;
      }
    },
  }),
];

/** Which kinds of names can log in; nobody can without a password. */
function loginStatus({ users, lan }: BmcState): number {
  const [nameless, ...named] = users.map(
    ({ enabled, access }) => enabled && (access[CHANNEL_LAN] ?? NO_ACCESS) !== NO_ACCESS,
  );
  return (
    (lan.channelKey ? STATUS_CHANNEL_KEY : 0) |
    (named.some(Boolean) ? STATUS_NAMES : 0) |
    (nameless ? STATUS_NO_NAMES : 0)
  );
}

/** User, privilege, channel and protocol, then the console's addresses. */
function describeSession({ lan }: BmcState, { user, privilege, channel, peer, ipmi15 }: Session): number[] {
  const address = peer.address.split(".").map(Number);
  const known = address.length === 4 && address.every((each) => each >= 0 && each <= 255);
  return [
    user,
    privilege,
    (ipmi15 ? 0 : RMCP_PLUS) | channel,
    ...(known ? address : [0, 0, 0, 0]),
    ...padded(lan.parameters[13] ?? [], 6),
    ...littleEndian(peer.port, 2),
  ];
}
