// SPDX-License-Identifier: MIT
// App commands of payloads: serial over LAN is activated, taken away, looked at and allowed here.
// Spec: IPMI 2.0 revision 1.1, sections 24.1 to 24.9.
import { activateSol, deactivateSol, SOL_INSTANCES, SOL_PAYLOAD_BYTES, solInstance } from "../channels/lan/sol.ts";
import { fullProtection } from "../channels/lan/session-packet.ts";
import type { Context } from "../context.ts";
import { findSession } from "../sessions.ts";
import { FORCE_AUTHENTICATION, FORCE_ENCRYPTION } from "../sol-config.ts";
import { PAYLOAD_BIT_SOL, payloadsOf } from "../users.ts";
import { CHANNEL_LAN, channelOf } from "./channels.ts";
import { CC_INSUFFICIENT_PRIVILEGE, CC_INVALID_FIELD, CC_OUT_OF_RANGE } from "./completion-code.ts";
import { ADMINISTRATOR, command, OPERATOR, USER } from "./command.ts";
import { NETFN_APP, padded } from "./message.ts";
import { octets, u16, u32, u8 } from "./shape.ts";

const TYPE_SOL = 1;
const TYPE_MASK = 0x3f;
const WANT_ENCRYPTION = 0x80;
const WANT_AUTHENTICATION = 0x40;
const CC_ALREADY = 0x80;
const CC_DISABLED = 0x81;
const CC_LIMIT = 0x82;
const CC_NO_ENCRYPTION = 0x83;
const CC_ENCRYPTION_REQUIRED = 0x84;
const CC_NOT_ON_CHANNEL = 0x80;
const NO_VLAN = 0xffff;
const VERSION_1_0 = 0x10;
/** Messages and serial over LAN; then the six payloads that open sessions. */
const STANDARD_PAYLOADS = 0x0003;
const SETUP_PAYLOADS = 0x003f;

const netFn = NETFN_APP;

/** The completion code that refuses an instance of a payload, or undefined. */
function refusal({ state }: Context, type: number, instance: number, privilege: number): number | undefined {
  if ((type & TYPE_MASK) !== TYPE_SOL) return CC_INVALID_FIELD;
  if (!state.sol.enabled) return CC_DISABLED;
  if (privilege < (state.sol.authentication & 0x0f)) return CC_INSUFFICIENT_PRIVILEGE;
  if (instance < 1 || instance > SOL_INSTANCES) return CC_INVALID_FIELD;
  return undefined;
}

export const PAYLOADS = [
  command({
    netFn,
    command: 0x48,
    name: "Activate Payload",
    privilege: USER,
    request: { type: u8, instance: u8, auxiliary: octets(4) },
    response: { auxiliary: octets(4), inbound: u16, outbound: u16, port: u16, vlan: u16 },
    execute(context, { type, instance: which, auxiliary }, { session: id = 0, privilege }) {
      const { state } = context;
      const instance = which & 0x0f;
      const refused = refusal(context, type, instance, privilege);
      if (refused !== undefined) return refused;
      const session = findSession(state, id);
      // Payloads are those of a session, and of IPMI 2.0.
      if (!session || session.ipmi15) return CC_INVALID_FIELD;
      if (!(payloadsOf(state.users[session.user - 1]!, CHANNEL_LAN)[0]! & PAYLOAD_BIT_SOL)) {
        return CC_INSUFFICIENT_PRIVILEGE;
      }
      if (solInstance(state, instance)) return CC_ALREADY;
      if (session.sol) return CC_LIMIT;
      const can = fullProtection(session);
      const encrypt = (auxiliary[0]! & WANT_ENCRYPTION) !== 0;
      const authenticate = (auxiliary[0]! & WANT_AUTHENTICATION) !== 0;
      if (encrypt && !can.encrypt) return CC_NO_ENCRYPTION;
      if (!encrypt && state.sol.authentication & FORCE_ENCRYPTION) return CC_ENCRYPTION_REQUIRED;
      if (authenticate ? !can.authenticate : state.sol.authentication & FORCE_AUTHENTICATION) return CC_INVALID_FIELD;
      activateSol(context, session, instance, { authenticate, encrypt });
      return {
        auxiliary: [0, 0, 0, 0],
        inbound: SOL_PAYLOAD_BYTES,
        outbound: SOL_PAYLOAD_BYTES,
        port: session.port,
        vlan: NO_VLAN,
      };
    },
  }),
  command({
    netFn,
    command: 0x49,
    name: "Deactivate Payload",
    privilege: USER,
    request: { type: u8, instance: u8, auxiliary: octets(4) },
    response: {},
    execute(context, { type, instance: which }, { session: id = 0, privilege }) {
      const instance = which & 0x0f;
      const refused = refusal(context, type, instance, privilege);
      if (refused !== undefined) return refused;
      const session = solInstance(context.state, instance);
      if (!session) return CC_ALREADY;
      deactivateSol(context, session, session.id !== id);
      return {};
    },
  }),
  command({
    netFn,
    command: 0x4a,
    name: "Get Payload Activation Status",
    privilege: USER,
    request: { type: u8 },
    response: { capacity: u8, active: u16 },
    execute({ state }, { type }) {
      if ((type & TYPE_MASK) !== TYPE_SOL) return CC_INVALID_FIELD;
      const active = state.sessions.list.reduce((bits, { sol }) => (sol ? bits | (1 << (sol.instance - 1)) : bits), 0);
      return { capacity: SOL_INSTANCES, active };
    },
  }),
  command({
    netFn,
    command: 0x4b,
    name: "Get Payload Instance Info",
    privilege: USER,
    request: { type: u8, instance: u8 },
    response: { session: u32, information: octets(8) },
    execute({ state }, { type, instance }) {
      if ((type & TYPE_MASK) !== TYPE_SOL) return CC_INVALID_FIELD;
      if (instance < 1 || instance > SOL_INSTANCES) return CC_OUT_OF_RANGE;
      const session = solInstance(state, instance);
      // The first byte numbers the serial port.
      return { session: session?.id ?? 0, information: padded(session ? [1] : [], 8) };
    },
  }),
  command({
    netFn,
    command: 0x4c,
    name: "Set User Payload Access",
    privilege: ADMINISTRATOR,
    request: { channel: u8, user: u8, enables: octets(4) },
    response: {},
    execute({ state }, { channel, user: which, enables }, origin) {
      const user = state.users[(which & 0x3f) - 1];
      const number = channelOf(channel, origin);
      if (!user || number !== CHANNEL_LAN || which >> 6 > 1) return CC_INVALID_FIELD;
      const disable = which >> 6 === 1;
      user.payloads[number] = payloadsOf(user, number).map((before, i) =>
        disable ? before & ~enables[i]! : before | (enables[i]! & (i === 0 ? PAYLOAD_BIT_SOL : 0)),
      );
      return {};
    },
  }),
  command({
    netFn,
    command: 0x4d,
    name: "Get User Payload Access",
    privilege: OPERATOR,
    request: { channel: u8, user: u8 },
    response: { enables: octets(4) },
    execute({ state }, { channel, user: which }, origin) {
      const user = state.users[(which & 0x3f) - 1];
      const number = channelOf(channel, origin);
      if (!user || number !== CHANNEL_LAN) return CC_INVALID_FIELD;
      return { enables: payloadsOf(user, number) };
    },
  }),
  command({
    netFn,
    command: 0x4e,
    name: "Get Channel Payload Support",
    privilege: USER,
    request: { channel: u8 },
    response: { standard: u16, setup: u16, oem: u16, reserved: u16 },
    execute(_, { channel }, origin) {
      if (channelOf(channel, origin) !== CHANNEL_LAN) return CC_INVALID_FIELD;
      return { standard: STANDARD_PAYLOADS, setup: SETUP_PAYLOADS, oem: 0, reserved: 0 };
    },
  }),
  command({
    netFn,
    command: 0x4f,
    name: "Get Channel Payload Version",
    privilege: USER,
    request: { channel: u8, type: u8 },
    response: { version: u8 },
    execute(_, { channel, type }, origin) {
      if (channelOf(channel, origin) !== CHANNEL_LAN) return CC_INVALID_FIELD;
      const known = type < 0x10 ? STANDARD_PAYLOADS >> type : type < 0x20 ? SETUP_PAYLOADS >> (type - 0x10) : 0;
      return known & 1 ? { version: VERSION_1_0 } : CC_NOT_ON_CHANNEL;
    },
  }),
];
