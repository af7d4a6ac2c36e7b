// SPDX-License-Identifier: MIT
// App commands about channels and users.
// Spec: IPMI 2.0 revision 1.1, sections 22.22 to 22.30.
import type { Context } from "../context.ts";
import { activeSessions, closeSessions } from "../sessions.ts";
import {
  isPassword,
  keyOf,
  NAME_BYTES,
  NO_ACCESS,
  PASSWORD_BYTES,
  unlock,
  USER_COUNT,
  type UserState,
} from "../users.ts";
import { CHANNEL_LAN, channelOf, findChannel } from "./channels.ts";
import { CC_INVALID_FIELD, CC_OUT_OF_RANGE, CC_REQUEST_LENGTH } from "./completion-code.ts";
import { ADMINISTRATOR, command, OPERATOR, SYSTEM_INTERFACE, USER } from "./command.ts";
import { NETFN_APP } from "./message.ts";
import { octets, optional, rest, u24, u8 } from "./shape.ts";

const IPMI_FORUM = 7154;
const NO_INTERRUPT = 0xff;
const CC_PASSWORD_WRONG = 0x80;
const CC_PASSWORD_SIZE = 0x81;
const CC_NO_ACCESS_MODE = 0x83;

function findUser({ state }: Context, id: number): UserState | undefined {
  return state.users[(id & 0x3f) - 1];
}

const netFn = NETFN_APP;

export const ACCESS = [
  command({
    netFn,
    command: 0x40,
    name: "Set Channel Access",
    privilege: ADMINISTRATOR,
    request: { channel: u8, access: u8, privilege: u8 },
    response: {},
    execute({ state: { lanAccess } }, { channel, access, privilege }, origin) {
      if (channelOf(channel, origin) !== CHANNEL_LAN) return CC_INVALID_FIELD;
      const mode = access & 7;
      if (mode > 3 || (privilege & 0x0f) > 5) return CC_NO_ACCESS_MODE;
      for (const [store, selector, value] of [
        ["mode", access >> 6, access & 0x3f],
        ["privilege", privilege >> 6, privilege & 0x0f],
      ] as const) {
        if (selector === 3) return CC_INVALID_FIELD;
        if (selector === 1) lanAccess.stored[store] = value;
        if (selector === 2) lanAccess.active[store] = value;
      }
      return {};
    },
  }),
  command({
    netFn,
    command: 0x41,
    name: "Get Channel Access",
    privilege: USER,
    request: { channel: u8, which: u8 },
    response: { access: u8, privilege: u8 },
    execute({ state: { lanAccess } }, { channel, which }, origin) {
      if (channelOf(channel, origin) !== CHANNEL_LAN) return CC_INVALID_FIELD;
      if (which >> 6 !== 1 && which >> 6 !== 2) return CC_INVALID_FIELD;
      const { mode, privilege } = which >> 6 === 1 ? lanAccess.stored : lanAccess.active;
      return { access: mode, privilege };
    },
  }),
  command({
    netFn,
    command: 0x42,
    name: "Get Channel Info",
    privilege: USER,
    request: { channel: u8 },
    response: { channel: u8, medium: u8, protocol: u8, sessions: u8, vendor: u24, auxiliary: octets(2) },
    execute({ state }, { channel }, origin) {
      const number = channelOf(channel, origin);
      const info = findChannel(state, number);
      if (!info) return CC_INVALID_FIELD;
      const { medium, protocol } = info;
      const sessions = info.sessions | (number === CHANNEL_LAN ? activeSessions(state).length : 0);
      const auxiliary = number === SYSTEM_INTERFACE ? [NO_INTERRUPT, NO_INTERRUPT] : [0, 0];
      return { channel: number, medium, protocol, sessions, vendor: IPMI_FORUM, auxiliary };
    },
  }),
  command({
    netFn,
    command: 0x43,
    name: "Set User Access",
    privilege: ADMINISTRATOR,
    request: { access: u8, user: u8, privilege: u8, sessions: optional(u8) },
    response: {},
    execute(context, { access, user: id, privilege, sessions }, origin) {
      const user = findUser(context, id);
      const channel = channelOf(access, origin);
      if (!user || !findChannel(context.state, channel)) return CC_INVALID_FIELD;
      const limit = privilege & 0x0f;
      if (limit === 0 || (limit > 5 && limit !== NO_ACCESS)) return CC_INVALID_FIELD;
      const before = user.access[channel] ?? NO_ACCESS;
      user.access[channel] = (access & 0x80 ? access & 0x70 : before & 0x70) | limit;
      if (sessions !== undefined) user.sessions[channel] = sessions & 0x0f;
      return {};
    },
  }),
  command({
    netFn,
    command: 0x44,
    name: "Get User Access",
    privilege: OPERATOR,
    request: { channel: u8, user: u8 },
    response: { count: u8, enabled: u8, fixed: u8, access: u8 },
    execute(context, { channel, user: id }, origin) {
      const user = findUser(context, id);
      const number = channelOf(channel, origin);
      if (!findChannel(context.state, number)) return CC_INVALID_FIELD;
      if (!user) return CC_OUT_OF_RANGE;
      const enabled = context.state.users.filter((each) => each.enabled).length;
      return {
        count: USER_COUNT,
        enabled: enabled | (user.enabled ? 0x40 : 0x80),
        fixed: 1, // user 1 is the anonymous one
        access: user.access[number] ?? NO_ACCESS,
      };
    },
  }),
  command({
    netFn,
    command: 0x45,
    name: "Set User Name",
    privilege: ADMINISTRATOR,
    request: { user: u8, name: octets(NAME_BYTES) },
    response: {},
    execute(context, { user: id, name }) {
      const user = findUser(context, id);
      if (!user || (id & 0x3f) === 1) return CC_INVALID_FIELD;
      user.name = [...name];
      return {};
    },
  }),
  command({
    netFn,
    command: 0x46,
    name: "Get User Name",
    privilege: OPERATOR,
    request: { user: u8 },
    response: { name: octets(NAME_BYTES) },
    execute(context, { user: id }) {
      const user = findUser(context, id);
      return user ? { name: user.name } : CC_OUT_OF_RANGE;
    },
  }),
  command({
    netFn,
    command: 0x47,
    name: "Set User Password",
    privilege: ADMINISTRATOR,
    request: { user: u8, operation: u8, password: rest },
    response: {},
    execute(context, { user: id, operation, password }, origin) {
      const user = findUser(context, id);
      if (!user) return CC_INVALID_FIELD;
      const long = (id & 0x80) !== 0;
      const size = long ? PASSWORD_BYTES : 16;
      switch (operation & 3) {
        case 0:
        case 1:
          user.enabled = (operation & 3) === 1;
          unlock(user);
          // Who disables itself may still hear so.
          if (!user.enabled) closeSessions(context, (each) => each.user === (id & 0x3f) && each.id !== origin.session);
          return {};
        case 2:
          if (password.length !== size) return CC_REQUEST_LENGTH;
          user.key = keyOf(password);
          user.long = long;
          user.password15 = context.state.lan.ipmi15 && !long && user.key ? [...password] : null;
          unlock(user);
          return {};
        default:
          if (password.length !== size) return CC_REQUEST_LENGTH;
          if (user.long !== long) return CC_PASSWORD_SIZE;
          return isPassword(user, password) ? {} : CC_PASSWORD_WRONG;
      }
    },
  }),
];
