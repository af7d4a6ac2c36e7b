// SPDX-License-Identifier: MIT
// Datagrams on their way out.
// Spec: IPMI 2.0 revision 1.1, section 13.6.
import type { Context, Peer } from "../../context.ts";
import type { Bytes } from "../../ipmi/message.ts";
import type { Session } from "../../sessions.ts";
import { encodeInSession15 } from "./session15.ts";
import { encodeInSession, type Protection } from "./session-packet.ts";

export function sendDatagram({ state, effects }: Context, peer: Peer, port: number, bytes: Bytes): void {
  state.lan.counters.sent++;
  effects.push({ kind: "datagram", peer, port, bytes: [...bytes] });
}

/** Sends a payload to the console of a session, wherever it was heard last. */
export function sendInSession(
  context: Context,
  session: Session,
  type: number,
  payload: Bytes,
  protection?: Protection,
): void {
  const { state } = context;
  const packet = session.ipmi15
    ? encodeInSession15(state, session, payload)
    : encodeInSession(session, state.random, type, payload, protection);
  if (packet) sendDatagram(context, session.peer, session.port, packet);
}
