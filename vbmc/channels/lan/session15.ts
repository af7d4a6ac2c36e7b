// SPDX-License-Identifier: MIT
// Packets and sessions of IPMI 1.5. Its form also carries messages outside of sessions, which is all that is left of it
// unless the owner wants its sessions too: they have no encryption, and their MD5 code needs the password itself, which is
// kept for it then. There is no session without a code.
// Spec: IPMI 2.0 revision 1.1, tables 13-8 (packet format), 22.17.1 (code), sections 6.12.8 and 6.12.13 (sequence numbers).
import { md5 } from "@noble/hashes/legacy.js";
import { sameSecret } from "../../crypto/sealed-key.ts";
import type { Bytes } from "../../ipmi/message.ts";
import { littleEndian } from "../../ipmi/shape.ts";
import { nextSequence, type Session } from "../../sessions.ts";
import type { BmcState } from "../../state.ts";
import { RMCP_HEADER } from "./session-packet.ts";

export const AUTH_NONE = 0x00;
export const AUTH_MD5 = 0x02;
const CODE_BYTES = 16;
const HEADER_BYTES = 9;

/** A packet behind its RMCP header. */
export interface Packet15 {
  type: number;
  sequence: number;
  session: number;
  /** Empty where the type is none. */
  code: Bytes;
  payload: Bytes;
}

export function decodePacket15(bytes: Bytes): Packet15 | undefined {
  const [type] = bytes;
  if (type !== AUTH_NONE && type !== AUTH_MD5) return undefined;
  const end = HEADER_BYTES + (type === AUTH_NONE ? 0 : CODE_BYTES);
  const length = bytes[end];
  // Some consoles add a byte behind packets of unlucky lengths.
  if (length === undefined || bytes.length < end + 1 + length) return undefined;
  return {
    type,
    sequence: number(bytes.slice(1, 5)),
    session: number(bytes.slice(5, 9)),
    code: bytes.slice(HEADER_BYTES, end),
    payload: bytes.slice(end + 1, end + 1 + length),
  };
}

export function encodeSessionless15(payload: Bytes): number[] {
  return [...RMCP_HEADER, AUTH_NONE, ...littleEndian(0, 8), payload.length, ...payload];
}

/** A packet of the session; undefined: its user has no password for this any more. */
export function encodeInSession15(state: BmcState, session: Session, payload: Bytes): number[] | undefined {
  const sequence = nextSequence(session, true);
  const code = codeOf(state, session, sequence, payload);
  if (!code) return undefined;
  const head = [AUTH_MD5, ...littleEndian(sequence, 4), ...littleEndian(session.id, 4)];
  return [...RMCP_HEADER, ...head, ...code, payload.length, ...payload];
}

export function isAuthentic15(state: BmcState, session: Session, { type, sequence, code, payload }: Packet15): boolean {
  const right = type === AUTH_MD5 ? codeOf(state, session, sequence, payload) : undefined;
  return right !== undefined && sameSecret(right, code);
}

function codeOf({ users }: BmcState, session: Session, sequence: number, payload: Bytes): number[] | undefined {
  const password = users[session.user - 1]?.password15;
  if (!password) return undefined;
  const text = [...password, ...littleEndian(session.id, 4), ...payload, ...littleEndian(sequence, 4), ...password];
  return [...md5(Uint8Array.from(text))];
}

function number(bytes: Bytes): number {
  return bytes.reduceRight((value, each) => value * 256 + each, 0);
}
