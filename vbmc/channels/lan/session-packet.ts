// SPDX-License-Identifier: MIT
// The packets of RMCP+ sessions: header, payload, and a trailer with an authentication code; payloads in AES-CBC-128
// behind their initialisation vector.
// Spec: IPMI 2.0 revision 1.1, tables 13-8 (packet format), 13.28.4 (integrity), 13.29 (AES-CBC-128).
import { AES_BLOCK_BYTES, decryptCbc, encryptCbc } from "../../crypto/aes-cbc.ts";
import { draw, type RandomState } from "../../crypto/random.ts";
import { keyedHash, sameSecret } from "../../crypto/sealed-key.ts";
import type { Bytes } from "../../ipmi/message.ts";
import { littleEndian } from "../../ipmi/shape.ts";
import { nextSequence, type Session } from "../../sessions.ts";
import { CONFIDENTIALITY_NONE, findSuite, INTEGRITY_NONE } from "./cipher-suites.ts";

export const RMCP_CLASS_ASF = 0x06;
export const RMCP_CLASS_IPMI = 0x07;
export const RMCP_NO_ACK = 0xff;
export const RMCP_HEADER = [0x06, 0x00, RMCP_NO_ACK, RMCP_CLASS_IPMI];

export const AUTH_RMCP_PLUS = 0x06;
const NEXT_HEADER = 0x07;
const ENCRYPTED = 0x80;
const AUTHENTICATED = 0x40;
const TYPE_MASK = 0x3f;
const HEADER_BYTES = 12;

export const PAYLOAD_IPMI = 0x00;
export const PAYLOAD_SOL = 0x01;
export const PAYLOAD_OPEN_REQUEST = 0x10;
export const PAYLOAD_OPEN_RESPONSE = 0x11;
export const PAYLOAD_RAKP_1 = 0x12;
export const PAYLOAD_RAKP_2 = 0x13;
export const PAYLOAD_RAKP_3 = 0x14;
export const PAYLOAD_RAKP_4 = 0x15;

/** A packet behind its RMCP header. */
export interface Packet {
  type: number;
  encrypted: boolean;
  authenticated: boolean;
  session: number;
  sequence: number;
  payload: Bytes;
  /** From the authentication type to the end: what the code is made over, and the code. */
  whole: Bytes;
}

export function decodePacket(bytes: Bytes): Packet | undefined {
  if (bytes[0] !== AUTH_RMCP_PLUS || bytes.length < HEADER_BYTES) return undefined;
  const length = number(bytes, 10, 2);
  const type = bytes[1]!;
  const authenticated = (type & AUTHENTICATED) !== 0;
  const payload = bytes.slice(HEADER_BYTES, HEADER_BYTES + length);
  if (payload.length !== length) return undefined;
  if (!authenticated && bytes.length !== HEADER_BYTES + length) return undefined;
  return {
    type: type & TYPE_MASK,
    encrypted: (type & ENCRYPTED) !== 0,
    authenticated,
    session: number(bytes, 2, 4),
    sequence: number(bytes, 6, 4),
    payload,
    whole: bytes,
  };
}

/** A packet outside of sessions. */
export function encodeSessionless(type: number, payload: Bytes): number[] {
  return [...RMCP_HEADER, AUTH_RMCP_PLUS, type, ...littleEndian(0, 8), ...littleEndian(payload.length, 2), ...payload];
}

/** Whether the packet's code is the session's. */
export function isAuthentic(session: Session, { payload, whole }: Packet): boolean {
  const { integrity, integrityBytes, hash } = findSuite(session.suite);
  if (integrity === INTEGRITY_NONE) return false;
  const end = whole.length - integrityBytes;
  const padding = whole[end - 2] ?? 0;
  if (whole[end - 1] !== NEXT_HEADER || HEADER_BYTES + payload.length + padding + 2 !== end) return false;
  const code = keyedHash(hash, session.integrityKey, whole.slice(0, end), integrityBytes);
  return sameSecret(code, whole.slice(end));
}

export interface Protection {
  authenticate: boolean;
  encrypt: boolean;
}

/** What a session's packets have as a rule: all that the suite gives. */
export function fullProtection({ suite }: Session): Protection {
  const { integrity, confidentiality } = findSuite(suite);
  return { authenticate: integrity !== INTEGRITY_NONE, encrypt: confidentiality !== CONFIDENTIALITY_NONE };
}

export function encodeInSession(
  session: Session,
  random: RandomState,
  type: number,
  payload: Bytes,
  { authenticate, encrypt }: Protection = fullProtection(session),
): number[] {
  const body = encrypt ? encryptPayload(session, random, payload) : payload;
  const packet = [
    AUTH_RMCP_PLUS,
    type | (encrypt ? ENCRYPTED : 0) | (authenticate ? AUTHENTICATED : 0),
    ...littleEndian(session.consoleId, 4),
    ...littleEndian(nextSequence(session, authenticate), 4),
    ...littleEndian(body.length, 2),
    ...body,
  ];
  if (authenticate) {
    const { hash, integrityBytes } = findSuite(session.suite);
    // With the two bytes behind it the padding ends on a multiple of four.
    const padding = -(packet.length + 2) & 3;
    for (let i = 0; i < padding; i++) packet.push(0xff);
    packet.push(padding, NEXT_HEADER);
    packet.push(...keyedHash(hash, session.integrityKey, packet, integrityBytes));
  }
  return [...RMCP_HEADER, ...packet];
}

function encryptPayload({ encryptionKey }: Session, random: RandomState, payload: Bytes): number[] {
  const padding = -(payload.length + 1) & (AES_BLOCK_BYTES - 1);
  const padded = payload.slice();
  for (let i = 1; i <= padding; i++) padded.push(i);
  padded.push(padding);
  return encryptCbc(encryptionKey, draw(random, AES_BLOCK_BYTES), padded);
}

/** undefined: it was not encrypted with this key, or not completely. */
export function decryptPayload({ encryptionKey }: Session, payload: Bytes): number[] | undefined {
  if (payload.length < 2 * AES_BLOCK_BYTES || payload.length % AES_BLOCK_BYTES !== 0) return undefined;
  const plain = decryptCbc(encryptionKey, payload);
  const padding = plain.at(-1)!;
  const end = plain.length - 1 - padding;
  if (padding >= AES_BLOCK_BYTES || end < 0) return undefined;
  for (let i = 0; i < padding; i++) if (plain[end + i] !== i + 1) return undefined;
  return plain.slice(0, end);
}

/** A number of so many bytes, the lowest first. */
function number(bytes: Bytes, at: number, size: number): number {
  let value = 0;
  for (let i = at + size - 1; i >= at; i--) value = value * 256 + bytes[i]!;
  return value;
}
