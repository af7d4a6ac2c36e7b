// SPDX-License-Identifier: MIT
// App commands of the message channel: flags, queue, event buffer, what the interface can.
// Spec: IPMI 2.0 revision 1.1, sections 22.3 to 22.6, 22.8, 22.10, table 22-12 (interface capabilities).
import { FLAG_EVENT_BUFFER } from "../sel.ts";
import { FLAG_PRETIMEOUT } from "../watchdog.ts";
import { CC_INVALID_COMMAND, CC_INVALID_FIELD } from "./completion-code.ts";
import { FLAG_RECEIVE, sendMessageCommand, type Loopback } from "./bridging.ts";
import { ADMINISTRATOR, command, USER } from "./command.ts";
import { NETFN_APP } from "./message.ts";
import { octets, rest, u8 } from "./shape.ts";

const FLAGS = FLAG_RECEIVE | FLAG_EVENT_BUFFER | FLAG_PRETIMEOUT;
const CC_NO_MESSAGE = 0x80;
/** Longest message either way; Linux and QEMU buffer that much. */
const MAX_MESSAGE = 0xff;
/** Requests that a BT interface takes before their answers are read. */
export const BT_OUTSTANDING = 4;

export function messagingCommands(loopback: Loopback) {
  const netFn = NETFN_APP;
  return [
    command({
      netFn,
      command: 0x30,
      name: "Clear Message Flags",
      privilege: ADMINISTRATOR,
      systemInterfaceOnly: true,
      request: { flags: u8 },
      response: {},
      execute({ state }, { flags }) {
        if (flags & FLAG_RECEIVE) state.receiveQueue = [];
        if (flags & FLAG_EVENT_BUFFER) state.eventBuffer = null;
        state.messageFlags &= ~flags;
        return {};
      },
    }),
    command({
      netFn,
      command: 0x31,
      name: "Get Message Flags",
      privilege: ADMINISTRATOR,
      systemInterfaceOnly: true,
      request: {},
      response: { flags: u8 },
      execute: ({ state }) => ({ flags: state.messageFlags & FLAGS }),
    }),
    command({
      netFn,
      command: 0x33,
      name: "Get Message",
      privilege: ADMINISTRATOR,
      systemInterfaceOnly: true,
      request: {},
      response: { channel: u8, message: rest },
      execute({ state }) {
        const next = state.receiveQueue.shift();
        if (!next) return CC_NO_MESSAGE;
        if (state.receiveQueue.length === 0) state.messageFlags &= ~FLAG_RECEIVE;
        return { channel: next[0]!, message: next.slice(1) };
      },
    }),
    sendMessageCommand(loopback),
    command({
      netFn,
      command: 0x35,
      name: "Read Event Message Buffer",
      privilege: ADMINISTRATOR,
      systemInterfaceOnly: true,
      request: {},
      response: { event: octets(16) },
      execute({ state }) {
        const event = state.eventBuffer;
        if (!event) return CC_NO_MESSAGE;
        state.eventBuffer = null;
        state.messageFlags &= ~FLAG_EVENT_BUFFER;
        return { event };
      },
    }),
    command({
      netFn,
      command: 0x36,
      name: "Get BT Interface Capabilities",
      privilege: USER,
      request: {},
      response: { outstanding: u8, input: u8, output: u8, seconds: u8, retries: u8 },
      execute: ({ state: { identity } }) =>
        identity.systemInterface === "bt"
          ? { outstanding: BT_OUTSTANDING, input: MAX_MESSAGE, output: MAX_MESSAGE, seconds: 1, retries: 1 }
          : CC_INVALID_COMMAND,
    }),
    command({
      netFn,
      command: 0x57,
      name: "Get System Interface Capabilities",
      privilege: USER,
      request: { type: u8 },
      response: { reserved: u8, version: u8, limit: u8 },
      execute({ state }, { type }) {
        const kcs = (type & 0x0f) === 1; // KCS or SMIC; BT has a command of its own
        if (!kcs || state.identity.systemInterface !== "kcs") return CC_INVALID_FIELD;
        return { reserved: 0, version: 0, limit: MAX_MESSAGE };
      },
    }),
  ];
}
