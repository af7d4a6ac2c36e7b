// SPDX-License-Identifier: MIT
// The LAN channel: a datagram comes in, and what is right is answered. Whatever is malformed, not authentic, replayed or
// for somebody else is dropped and counted, and leaves nothing behind.
// Spec: IPMI 2.0 revision 1.1, sections 13.1 to 13.8 (RMCP and packets), 6.12 (sessions), 13.28 (integrity).
import type { Context, Peer } from "../../context.ts";
import { ANYONE } from "../../ipmi/command.ts";
import { CHANNEL_LAN } from "../../ipmi/channels.ts";
import type { Bytes } from "../../ipmi/message.ts";
import { findSession, keepAlive, takeSequence } from "../../sessions.ts";
import { answerAsf } from "./asf.ts";
import { receiveSol } from "./sol.ts";
import { answerOpenSession, answerRakp1, answerRakp3, isFrom, refuseSession, type Answer } from "./rakp.ts";
import { answerInSession, answerMessage, type Dispatch } from "./lan-message.ts";
import { sendDatagram } from "./lan-send.ts";
import { AUTH_NONE, decodePacket15, encodeInSession15, encodeSessionless15, isAuthentic15 } from "./session15.ts";
import * as P from "./session-packet.ts";

const ACKNOWLEDGE = 0x80;
const CLASS_MASK = 0x1f;
const RMCP_VERSION = 0x06;
/** Longer than any packet of a console; what fills it up is not one. */
const MAX_DATAGRAM = 1024;
const MODE_DISABLED = 0;
const MODE_PRE_BOOT = 1;

/** What comes to one of the BMC's ports. */
export interface Datagram {
  peer: Peer;
  port: number;
  bytes: Bytes;
}

export function receiveDatagram(context: Context, { peer, port, bytes }: Datagram, dispatch: Dispatch): void {
  const { counters } = context.state.lan;
  counters.received++;
  const [version, , sequence, kind = 0] = bytes;
  const wellFormed = bytes.length > 4 && bytes.length <= MAX_DATAGRAM && version === RMCP_VERSION;
  if (!wellFormed || kind & ACKNOWLEDGE) {
    counters.dropped++;
    return;
  }
  counters.valid++;
  let answers: Bytes[] | undefined;
  if ((kind & CLASS_MASK) === P.RMCP_CLASS_ASF) answers = answerAsf(bytes);
  else if ((kind & CLASS_MASK) === P.RMCP_CLASS_IPMI && sequence === P.RMCP_NO_ACK && isOpen(context)) {
    answers = receivePacket(context, { peer, port, bytes: bytes.slice(4) }, dispatch);
  }
  if (!answers) counters.dropped++;
  for (const each of answers ?? []) sendDatagram(context, peer, port, each);
}

function isOpen({ state }: Context): boolean {
  const { mode } = state.lanAccess.active;
  const access = mode & 7;
  return access !== MODE_DISABLED && (access !== MODE_PRE_BOOT || !state.chassis.powered);
}

/** undefined: nobody was meant, or nobody is allowed to know. */
function receivePacket(context: Context, datagram: Datagram, dispatch: Dispatch): Bytes[] | undefined {
  if (datagram.bytes[0] !== P.AUTH_RMCP_PLUS) return receivePacket15(context, datagram, dispatch);
  const packet = P.decodePacket(datagram.bytes);
  if (!packet) return undefined;
  if (packet.session !== 0) return receiveInSession(context, datagram, packet, dispatch);
  if (packet.encrypted || packet.authenticated) return undefined;
  if (packet.type === P.PAYLOAD_IPMI) {
    const answer = answerMessage(context, packet.payload, { channel: CHANNEL_LAN, privilege: ANYONE }, dispatch);
    return answer && [P.encodeSessionless(P.PAYLOAD_IPMI, answer)];
  }
  const answer = openingStep(context, packet, datagram);
  return answer && [P.encodeSessionless(answer.type, answer.payload)];
}

function openingStep(context: Context, { type, payload }: P.Packet, { peer, port }: Datagram): Answer {
  if (type === P.PAYLOAD_OPEN_REQUEST) return answerOpenSession(context, payload, peer, port);
  if (type === P.PAYLOAD_RAKP_1) return answerRakp1(context, payload, peer);
  if (type === P.PAYLOAD_RAKP_3) return answerRakp3(context, payload, peer);
  return undefined;
}

function receiveInSession(
  context: Context,
  { peer, port }: Datagram,
  packet: P.Packet,
  dispatch: Dispatch,
): Bytes[] | undefined {
  const { state } = context;
  const session = findSession(state, packet.session);
  if (!session || session.phase !== "active" || session.ipmi15) return undefined;
  // Serial over LAN is protected as was agreed at its activation, all else as the suite has it.
  const wanted = packet.type === P.PAYLOAD_SOL && session.sol ? session.sol : P.fullProtection(session);
  if (packet.authenticated !== wanted.authenticate || packet.encrypted !== wanted.encrypt) return undefined;
  if (!packet.authenticated && !isFrom(session, peer)) return undefined;
  if (packet.authenticated && !P.isAuthentic(session, packet)) return undefined;
  const payload = packet.encrypted ? P.decryptPayload(session, packet.payload) : packet.payload;
  if (!payload) return undefined;
  const window = packet.authenticated ? session.received.authenticated : session.received.plain;
  if (!takeSequence(window, packet.sequence)) return undefined;
  // A console behind a translated address may move; its code says that it is the same.
  session.peer = peer;
  session.port = port;
  keepAlive(state, session);
  if (packet.type === P.PAYLOAD_SOL) {
    receiveSol(context, session, payload);
    return [];
  }
  if (packet.type !== P.PAYLOAD_IPMI) return undefined;
  const answers = answerInSession(context, session, payload, dispatch);
  // The keys are still at hand where the answered command closed the session.
  return answers?.map((each) => P.encodeInSession(session, state.random, P.PAYLOAD_IPMI, each));
}

/** Whose code is wrong gets no second try, and no answer. */
function receivePacket15(context: Context, datagram: Datagram, dispatch: Dispatch): Bytes[] | undefined {
  const { state } = context;
  const { peer, port, bytes } = datagram;
  const packet = decodePacket15(bytes);
  if (!packet) return undefined;
  if (packet.session === 0) {
    if (packet.type !== AUTH_NONE) return undefined;
    const origin = { channel: CHANNEL_LAN, privilege: ANYONE, peer, port };
    const answer = answerMessage(context, packet.payload, origin, dispatch);
    return answer && [encodeSessionless15(answer)];
  }
  const session = findSession(state, packet.session);
  if (!session?.ipmi15 || !state.lan.ipmi15 || !isFrom(session, peer)) return undefined;
  const opening = session.phase !== "active";
  if (!isAuthentic15(state, session, packet)) {
    if (opening) refuseSession(context, session);
    return undefined;
  }
  if (opening ? packet.sequence !== 0 : !takeSequence(session.received.authenticated, packet.sequence))
    return undefined;
  keepAlive(state, session);
  const first = { channel: CHANNEL_LAN, privilege: ANYONE, session: session.id };
  const answers = opening
    ? [answerMessage(context, packet.payload, first, dispatch)]
    : answerInSession(context, session, packet.payload, dispatch);
  const packets = answers?.map((each) => each && encodeInSession15(state, session, each));
  return packets?.filter((each) => each !== undefined);
}
