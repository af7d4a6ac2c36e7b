// SPDX-License-Identifier: MIT
// Messages inside of LAN packets, whatever the packets around them are: what comes back for one.
// Spec: IPMI 2.0 revision 1.1, section 13.8 (message format), 6.13 (bridging).
import type { Context } from "../../context.ts";
import { takeBridged, toSoftware } from "../../ipmi/bridging.ts";
import { CHANNEL_LAN } from "../../ipmi/channels.ts";
import type { Origin } from "../../ipmi/command.ts";
import { BMC_ADDRESS, decodeIpmb, encodeIpmbResponse, type Bytes, type IpmbRequest } from "../../ipmi/message.ts";
import type { Session } from "../../sessions.ts";

/** The commands: completion code and data for a request. */
export type Dispatch = (context: Context, request: IpmbRequest, origin: Origin) => Bytes;

/** undefined: it is none for the BMC. */
export function answerMessage(
  context: Context,
  message: Bytes,
  origin: Origin,
  dispatch: Dispatch,
): number[] | undefined {
  const request = decodeIpmb(message);
  if (!request || request.responder !== BMC_ADDRESS || request.netFn & 1) return undefined;
  return encodeIpmbResponse(request, dispatch(context, request, origin));
}

/** The answer, and behind one to Send Message that of whoever was asked through it. */
export function answerInSession(
  context: Context,
  session: Session,
  message: Bytes,
  dispatch: Dispatch,
): number[][] | undefined {
  const queued = toSoftware(context, session, message);
  if (queued) return queued;
  const origin = { channel: CHANNEL_LAN, privilege: session.privilege, session: session.id };
  const answer = answerMessage(context, message, origin, dispatch);
  return answer && [answer, ...takeBridged(context, decodeIpmb(message)!)];
}
