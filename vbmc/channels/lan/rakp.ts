// SPDX-License-Identifier: MIT
// How a session is opened: the suite is agreed on, then both sides prove with four messages that they know the user's key.
// Spec: IPMI 2.0 revision 1.1, sections 13.17 to 13.24 and 13.31 to 13.33, table 13-15 (status codes).
import type { Context, Peer } from "../../context.ts";
import { draw } from "../../crypto/random.ts";
import { hmacSealed, keyedHash, sameSecret, type SealedKey } from "../../crypto/sealed-key.ts";
import type { Bytes } from "../../ipmi/message.ts";
import { CHANNEL_LAN } from "../../ipmi/channels.ts";
import { littleEndian } from "../../ipmi/shape.ts";
import { badPasswordPolicy, noteLockout } from "../../lan-config.ts";
import { activeSessions, closeSession, findSession, keepAlive, openSession, type Session } from "../../sessions.ts";
import { countBadPassword, mayLogIn, NAME_BYTES, unlock, type UserState } from "../../users.ts";
import { enabledSuites, findSuite, type CipherSuite } from "./cipher-suites.ts";
import { PAYLOAD_OPEN_RESPONSE, PAYLOAD_RAKP_2, PAYLOAD_RAKP_4 } from "./session-packet.ts";

export const STATUS_OK = 0x00;
export const STATUS_NO_RESOURCES = 0x01;
export const STATUS_INVALID_SESSION = 0x02;
export const STATUS_INVALID_PAYLOAD = 0x03;
export const STATUS_INVALID_AUTHENTICATION = 0x04;
export const STATUS_INVALID_INTEGRITY = 0x05;
export const STATUS_INVALID_ROLE = 0x09;
export const STATUS_UNAUTHORIZED_ROLE = 0x0a;
export const STATUS_NO_RESOURCES_AT_ROLE = 0x0b;
export const STATUS_INVALID_NAME_LENGTH = 0x0c;
export const STATUS_UNAUTHORIZED_NAME = 0x0d;
export const STATUS_INVALID_INTEGRITY_VALUE = 0x0f;
export const STATUS_INVALID_CONFIDENTIALITY = 0x10;
export const STATUS_NO_SUITE = 0x11;
export const STATUS_ILLEGAL_PARAMETER = 0x12;

const RANDOM_BYTES = 16;
const ROLE_NAME_ONLY = 0x10;
const HIGHEST = 0;
const SUITE_MANDATORY = 3;
const ADMINISTRATOR = 4;
const KEY_CONSTANT_BYTES = 20;
const AES_KEY_BYTES = 16;
const PROPOSAL_BYTES = 8;

/** A payload to answer with; undefined: silence. */
export type Answer = { type: number; payload: number[] } | undefined;
type Proposal = "any" | number;

export function answerOpenSession(context: Context, request: Bytes, peer: Peer, port: number): Answer {
  if (request.length < 8) return undefined;
  const { state } = context;
  const [tag = 0, role = 0] = request;
  const consoleId = number(request.slice(4, 8));
  const refuse = (status: number): Answer => ({
    type: PAYLOAD_OPEN_RESPONSE,
    payload: [tag, status, 0, 0, ...littleEndian(consoleId, 4)],
  });
  const proposals = [0, 1, 2].map((kind) => proposal(request.slice(8 + kind * PROPOSAL_BYTES), kind));
  const [authentication, integrity, confidentiality] = proposals;
  if (request.length !== 32 || consoleId === 0) return refuse(STATUS_ILLEGAL_PARAMETER);
  if (authentication === undefined) return refuse(STATUS_INVALID_AUTHENTICATION);
  if (integrity === undefined) return refuse(STATUS_INVALID_INTEGRITY);
  if (confidentiality === undefined) return refuse(STATUS_INVALID_CONFIDENTIALITY);
  const asked = role & 0x0f;
  if (asked > 5) return refuse(STATUS_INVALID_ROLE);
  const fits = (wanted: Proposal, offered: number) => wanted === "any" || wanted === offered;
  const fitting = enabledSuites(state).filter(
    ([each, limit]) =>
      limit >= Math.max(asked, 1) &&
      fits(authentication, each.authentication) &&
      fits(integrity, each.integrity) &&
      fits(confidentiality, each.confidentiality),
  );
  // The strongest comes last. A console that leaves the choice to us knows at least the suite that is mandatory.
  const mandatory = authentication === "any" ? fitting.find(([each]) => each.id === SUITE_MANDATORY) : undefined;
  const [suite, suiteLimit] = mandatory ?? fitting.at(-1) ?? [];
  if (!suite || suiteLimit === undefined) return refuse(STATUS_NO_SUITE);
  const limit = Math.min(suiteLimit, state.lanAccess.active.privilege & 0x0f, ADMINISTRATOR);
  if (asked !== HIGHEST && asked > limit) return refuse(STATUS_UNAUTHORIZED_ROLE);
  const granted = asked === HIGHEST ? limit : asked;
  const session = openSession(context, {
    consoleId,
    channel: CHANNEL_LAN,
    peer,
    port,
    suite: suite.id,
    limit: granted,
  });
  if (!session) return refuse(STATUS_NO_RESOURCES);
  const chosen = [suite.authentication, suite.integrity, suite.confidentiality];
  return {
    type: PAYLOAD_OPEN_RESPONSE,
    payload: [
      tag,
      STATUS_OK,
      granted,
      0,
      ...littleEndian(consoleId, 4),
      ...littleEndian(session.id, 4),
      ...chosen.flatMap((algorithm, kind) => [kind, 0, 0, PROPOSAL_BYTES, algorithm, 0, 0, 0]),
    ],
  };
}

/** Kind, reserved, length (0: any algorithm will do), algorithm. */
function proposal([kind, , , length, algorithm = 0]: Bytes, expected: number): Proposal | undefined {
  if (kind !== expected || (length !== PROPOSAL_BYTES && length !== 0)) return undefined;
  return length === 0 ? "any" : algorithm & 0x3f;
}

export function answerRakp1(context: Context, request: Bytes, peer: Peer): Answer {
  if (request.length < 28) return undefined;
  const { state } = context;
  const session = findSession(state, number(request.slice(4, 8)));
  const refuse = (status: number): Answer => {
    if (session) closeSession(context, session);
    return {
      type: PAYLOAD_RAKP_2,
      payload: [request[0]!, status, 0, 0, ...littleEndian(session?.consoleId ?? 0, 4)],
    };
  };
  if (session && (session.phase === "active" || session.ipmi15 || !isFrom(session, peer))) return undefined;
  if (!session) return refuse(STATUS_INVALID_SESSION);
  const role = request[24]!;
  const nameBytes = request[27]!;
  const name = request.slice(28);
  if (nameBytes > NAME_BYTES || name.length !== nameBytes) return refuse(STATUS_INVALID_NAME_LENGTH);
  const privilege = role & 0x0f;
  if (privilege === 0 || privilege > 5) return refuse(STATUS_INVALID_ROLE);
  const found = findUser(context, name, (role & ROLE_NAME_ONLY) === 0 ? privilege : undefined);
  if (!found) return refuse(STATUS_UNAUTHORIZED_NAME);
  const [userNumber, user] = found;
  if (privilege > session.limit || privilege > userLimit(user)) return refuse(STATUS_UNAUTHORIZED_ROLE);
  const most = user.sessions[CHANNEL_LAN] ?? 0;
  if (most > 0 && activeSessions(state).filter((each) => each.user === userNumber).length >= most) {
    return refuse(STATUS_NO_RESOURCES_AT_ROLE);
  }
  // A console that missed the answer asks again: it gets the same number, so that both stay agreed.
  const consoleRandom = request.slice(8, 24);
  const again = session.phase === "challenged" && sameSecret(session.consoleRandom, consoleRandom);
  if (!again) session.bmcRandom = draw(state.random, RANDOM_BYTES);
  Object.assign(session, { phase: "challenged", user: userNumber, role, name: [...name], consoleRandom, privilege });
  keepAlive(state, session);
  const { id, consoleId, bmcRandom } = session;
  const proof = hmacSealed(findSuite(session.suite).hash, user.key!, [
    ...littleEndian(consoleId, 4),
    ...littleEndian(id, 4),
    ...consoleRandom,
    ...bmcRandom,
    ...state.identity.systemGuid,
    ...roleAndName(session),
  ]);
  return {
    type: PAYLOAD_RAKP_2,
    payload: [
      request[0]!,
      STATUS_OK,
      0,
      0,
      ...littleEndian(consoleId, 4),
      ...bmcRandom,
      ...state.identity.systemGuid,
      ...proof,
    ],
  };
}

export function answerRakp3(context: Context, request: Bytes, peer: Peer): Answer {
  if (request.length < 8) return undefined;
  const { state } = context;
  const session = findSession(state, number(request.slice(4, 8)));
  const answer = (status: number, proof: Bytes = []): Answer => ({
    type: PAYLOAD_RAKP_4,
    payload: [request[0]!, status, 0, 0, ...littleEndian(session?.consoleId ?? 0, 4), ...proof],
  });
  if (!session) return answer(STATUS_INVALID_SESSION);
  if (!isFrom(session, peer) || session.phase === "opened" || session.ipmi15) return undefined;
  const active = session.phase === "active";
  // The console gives up: it liked our proof as little as we shall like its next.
  if (request[1] !== STATUS_OK) {
    if (!active) closeSession(context, session);
    return undefined;
  }
  const suite = findSuite(session.suite);
  const user = state.users[session.user - 1]!;
  const key = user.key;
  const proof =
    key &&
    hmacSealed(suite.hash, key, [...session.bmcRandom, ...littleEndian(session.consoleId, 4), ...roleAndName(session)]);
  const proved = proof !== null && sameSecret(proof, request.slice(8));
  // Again after our answer was lost is fine; whatever else comes late is nobody's business.
  if (active)
    return proved && session.received.authenticated.newest === 0 ? finish(context, session, suite, answer) : undefined;
  if (!proved || !mayLogIn(user, CHANNEL_LAN, state.at)) {
    refuseSession(context, session);
    return answer(STATUS_INVALID_INTEGRITY_VALUE);
  }
  unlock(user);
  makeKeys(context, session, suite, key!);
  session.phase = "active";
  // The role is a limit: a session starts as a user's and is raised by Set Session Privilege Level.
  session.limit = session.privilege;
  session.privilege = Math.min(session.limit, 2);
  keepAlive(state, session);
  return finish(context, session, suite, answer);
}

/** Somebody did not know the password. Sessions that are there stay: else whoever knows a name could end them. */
export function refuseSession(context: Context, session: Session): void {
  const { state } = context;
  const user = state.users[session.user - 1]!;
  closeSession(context, session);
  if (countBadPassword(user, state.at, badPasswordPolicy(state))) noteLockout(context, session.user);
}

function finish(
  { state }: Context,
  session: Session,
  { hash, proofBytes }: CipherSuite,
  answer: (status: number, proof: Bytes) => Answer,
): Answer {
  const { sessionKey, consoleRandom, id } = session;
  const message = [...consoleRandom, ...littleEndian(id, 4), ...state.identity.systemGuid];
  return answer(STATUS_OK, keyedHash(hash, sessionKey, message).slice(0, proofBytes));
}

function makeKeys({ state }: Context, session: Session, { hash }: CipherSuite, userKey: SealedKey): void {
  const { consoleRandom, bmcRandom } = session;
  const secret = state.lan.channelKey ?? userKey;
  session.sessionKey = hmacSealed(hash, secret, [...consoleRandom, ...bmcRandom, ...roleAndName(session)]);
  const derive = (constant: number) =>
    keyedHash(
      hash,
      session.sessionKey,
      Array.from({ length: KEY_CONSTANT_BYTES }, () => constant),
    );
  session.integrityKey = derive(1);
  session.encryptionKey = derive(2).slice(0, AES_KEY_BYTES);
}

function roleAndName({ role, name }: Session): number[] {
  return [role, name.length, ...name];
}

/** By name; where a privilege is given, rather one of that name who has it. User 1 is who gives no name. */
export function findUser({ state }: Context, name: Bytes, privilege = 0): [number, UserState] | undefined {
  const wanted = [...name];
  while (wanted.at(-1) === 0) wanted.pop();
  const found = [...state.users.entries()].filter(([index, user]) => {
    const same = user.name.every((each, i) => each === (wanted[i] ?? 0)) && (wanted.length === 0) === (index === 0);
    return same && mayLogIn(user, CHANNEL_LAN, state.at);
  });
  const [index, user] = found.find(([, each]) => userLimit(each) >= privilege) ?? found[0] ?? [];
  return user && index !== undefined ? [index + 1, user] : undefined;
}

export function userLimit(user: UserState): number {
  return user.access[CHANNEL_LAN]! & 0x0f;
}

export function isFrom(session: Session, { address, port }: Peer): boolean {
  return session.peer.address === address && session.peer.port === port;
}

function number(bytes: Bytes): number {
  return bytes.reduceRight((value, each) => value * 256 + each, 0);
}
