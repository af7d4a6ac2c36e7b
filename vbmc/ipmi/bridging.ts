// SPDX-License-Identifier: MIT
// Messages from one channel to another. The BMC is alone on its IPMB, so a message there is for the BMC itself or for nobody;
// between a console's session and the machine's own software messages go both ways: the software's are sent into the
// session, the console's wait in the receive queue.
// Spec: IPMI 2.0 revision 1.1, sections 6.12 (BMC message bridging), 6.13.3 (tracking), 22.6 and 22.7 (formats).
import { sendInSession } from "../channels/lan/lan-send.ts";
import { PAYLOAD_IPMI } from "../channels/lan/session-packet.ts";
import type { Context } from "../context.ts";
import { activeSessions, type Session } from "../sessions.ts";
import { CHANNEL_IPMB, CHANNEL_LAN } from "./channels.ts";
import { CC_DESTINATION_UNAVAILABLE, CC_INVALID_FIELD, CC_NODE_BUSY, CC_OUT_OF_SPACE } from "./completion-code.ts";
import { command, SYSTEM_INTERFACE, USER, type Command, type Origin } from "./command.ts";
import { BMC_ADDRESS, decodeIpmb, encodeIpmbResponse, NETFN_APP, type Bytes, type IpmbRequest } from "./message.ts";
import { rest, u8 } from "./shape.ts";

export const FLAG_RECEIVE = 1 << 0;
export const QUEUE_LIMIT = 32;
/** Of the BMC's address: the machine's own software. */
const LUN_SMS = 2;
const PROTECTION = 0x30;
const TRACKED = 1;
const CC_NO_SESSION = 0x80;
const CC_NAK = 0x83;

/** How a message on IPMB that is for the BMC itself is answered: completion code and data. */
export type Loopback = (context: Context, request: IpmbRequest, origin: Origin) => Bytes;

/** An answer that follows the one to Send Message. */
export interface BridgedAnswer {
  request: IpmbRequest;
  body: Bytes;
}

/** Puts a message for the host's software into the receive queue; false: there is no room. */
function enqueue({ state }: Context, channel: number, message: Bytes): boolean {
  if (state.receiveQueue.length >= QUEUE_LIMIT) return false;
  state.receiveQueue.push([channel, ...message]);
  state.messageFlags |= FLAG_RECEIVE;
  return true;
}

export function sendMessageCommand(loopback: Loopback): Command {
  return command({
    netFn: NETFN_APP,
    command: 0x34,
    name: "Send Message",
    privilege: USER,
    request: { channel: u8, message: rest },
    response: {},
    execute(context, { channel, message }, origin) {
      // Authentication and encryption are the session's.
      const tracking = channel >> 6;
      if (channel & PROTECTION || tracking > TRACKED) return CC_INVALID_FIELD;
      const queued = (from: number, what: Bytes) => (enqueue(context, from, what) ? {} : CC_OUT_OF_SPACE);
      switch (channel & 0x0f) {
        // The host's software gets the message as it is.
        case SYSTEM_INTERFACE:
          return queued(origin.channel, message);
        case CHANNEL_LAN:
          return origin.channel === SYSTEM_INTERFACE ? toConsole(context, message) : CC_INVALID_FIELD;
        case CHANNEL_IPMB: {
          const request = decodeIpmb(message);
          // Nobody else is on this bus: the address is not acknowledged.
          if (!request || request.responder !== BMC_ADDRESS) return CC_NAK;
          if (request.netFn & 1) return {}; // an answer to nothing that the BMC has asked
          const body = loopback(context, request, origin);
          if (tracking === TRACKED && origin.session !== undefined) {
            context.bridged.push({ request, body });
            return {};
          }
          // The requester's address is left out, as Get Message has it.
          return queued(CHANNEL_IPMB, encodeIpmbResponse(request, body).slice(1));
        }
        default:
          return CC_INVALID_FIELD;
      }
    },
  });
}

/** The session's handle, then the message from the address of its receiver on. */
function toConsole(context: Context, [handle, ...message]: Bytes) {
  const session = activeSessions(context.state).find((each) => each.handle === handle);
  if (!session) return CC_NO_SESSION;
  if (!decodeIpmb(message)) return CC_INVALID_FIELD;
  sendInSession(context, session, PAYLOAD_IPMI, message);
  return {};
}

/** The answers that follow that to `outer`, in the console's own addresses. */
export function takeBridged(context: Context, outer: IpmbRequest): number[][] {
  const { requester, requesterLun } = outer;
  return context.bridged
    .splice(0)
    .map(({ request, body }) => encodeIpmbResponse({ ...request, requester, requesterLun }, body));
}

/** A console's message to the machine's software; an answer where it cannot be taken. undefined: it is none such. */
export function toSoftware(context: Context, session: Session, message: Bytes): number[][] | undefined {
  const request = decodeIpmb(message);
  if (!request || request.responder !== BMC_ADDRESS || request.lun !== LUN_SMS) return undefined;
  const refuse = (code: number) => (request.netFn & 1 ? [] : [encodeIpmbResponse(request, [code])]);
  if (!context.state.chassis.powered) return refuse(CC_DESTINATION_UNAVAILABLE);
  const channel = (session.privilege << 4) | CHANNEL_LAN;
  return enqueue(context, channel, [session.handle, ...message]) ? [] : refuse(CC_NODE_BUSY);
}
