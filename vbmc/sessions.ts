// SPDX-License-Identifier: MIT
// Sessions of remote consoles: who they are, their keys, where their sequence numbers stand, and when they end.
// Spec: IPMI 2.0 revision 1.1, sections 6.12 (sessions), 6.12.13 (sequence window), 6.12.15 (inactivity), 13.17 to 13.33.
import { detachViewer } from "./console/console.ts";
import { SECOND, type Context, type Peer } from "./context.ts";
import { drawNumber } from "./crypto/random.ts";
import type { BmcState } from "./state.ts";

export const SESSION_LIMIT = 64;
const INACTIVITY = 60 * SECOND;
/** How long a console has from one message of the opening to the next. */
const OPENING = 10 * SECOND;
/** A number may be that much older or newer than the newest that was taken. */
const WINDOW_BEHIND = 15;
const WINDOW_AHEAD = 16;

/** Which numbers came already: the newest, and of the 15 before it one bit each. */
export interface SequenceWindow {
  newest: number;
  seen: number;
}

/** Serial over LAN as a session has it. */
export interface SolState {
  instance: number;
  authenticate: boolean;
  encrypt: boolean;
  /** Number of the last packet to the console, and that packet until it is acknowledged. */
  sent: number;
  pending: { sequence: number; characters: number[]; status: number; tries: number } | null;
  /** The last packet from the console, and how many of its characters were taken. */
  taken: { sequence: number; count: number };
  /** The console takes no more for now; it holds the machine's UART. */
  held: boolean;
  paused: boolean;
  /** When the packet under way is sent again, or what has gathered is sent. */
  due: number | null;
}

export interface Session {
  /** What the BMC calls it in packets, what the console calls it, and its short handle (1 to 64). */
  id: number;
  consoleId: number;
  handle: number;
  channel: number;
  peer: Peer;
  /** The BMC's port that it came to. */
  port: number;
  suite: number;
  /** A session of IPMI 1.5: it has no suite, and its code is made of the user's password. */
  ipmi15: boolean;
  /** opened: suite agreed; challenged: both random numbers are known; active: the console has proved its key. */
  phase: "opened" | "challenged" | "active";
  /** The highest privilege of suite and channel; then the role that was asked for and given. */
  limit: number;
  privilege: number;
  /** 1 to 10; 0: not known yet. */
  user: number;
  /** Role byte and name as RAKP 1 had them: they are part of what is hashed. */
  role: number;
  name: number[];
  consoleRandom: number[];
  bmcRandom: number[];
  sessionKey: number[];
  integrityKey: number[];
  encryptionKey: number[];
  /** Last numbers sent, and windows of those received: of packets with and without an authentication code. */
  sent: { authenticated: number; plain: number };
  received: { authenticated: SequenceWindow; plain: SequenceWindow };
  sol: SolState | null;
  due: number;
}

export interface SessionTable {
  list: Session[];
  /** Since the BMC started. */
  opened: number;
}

export function newSessions(): SessionTable {
  return { list: [], opened: 0 };
}

/** A place for a console that begins to log in; undefined: all are taken by active sessions. */
export function openSession(
  { state }: Context,
  given: Pick<Session, "consoleId" | "channel" | "peer" | "port" | "suite" | "limit">,
): Session | undefined {
  const { sessions } = state;
  if (sessions.list.length >= SESSION_LIMIT) {
    // Who has not logged in yet makes room, the oldest first.
    const oldest = sessions.list.findIndex((each) => each.phase !== "active");
    if (oldest < 0) return undefined;
    sessions.list.splice(oldest, 1);
  }
  let id: number;
  do id = drawNumber(state.random);
  while (findSession(state, id));
  let handle = 1;
  while (sessions.list.some((each) => each.handle === handle)) handle++;
  const session: Session = {
    id,
    handle,
    ...given,
    ipmi15: false,
    phase: "opened",
    privilege: 0,
    user: 0,
    role: 0,
    name: [],
    consoleRandom: [],
    bmcRandom: [],
    sessionKey: [],
    integrityKey: [],
    encryptionKey: [],
    sent: { authenticated: 0, plain: 0 },
    received: { authenticated: { newest: 0, seen: 0 }, plain: { newest: 0, seen: 0 } },
    sol: null,
    due: state.at + OPENING,
  };
  sessions.list.push(session);
  sessions.opened++;
  return session;
}

export function findSession({ sessions }: BmcState, id: number): Session | undefined {
  return sessions.list.find((each) => each.id === id);
}

export function activeSessions({ sessions }: BmcState): Session[] {
  return sessions.list.filter((each) => each.phase === "active");
}

/** The console was heard: its time begins anew. */
export function keepAlive({ at }: BmcState, session: Session): void {
  session.due = at + (session.phase === "active" ? INACTIVITY : OPENING);
}

export function viewerName({ id }: Session): string {
  return `sol-${id}`;
}

/** The session leaves the machine's console, if it was there. */
export function leaveConsole(context: Context, session: Session): void {
  if (session.sol?.paused)
    context.effects.push({ kind: "serial-lines", clearToSend: true, carrier: true, ring: false });
  detachViewer(context, viewerName(session), true);
  session.sol = null;
}

export function closeSession(context: Context, session: Session): void {
  const { list } = context.state.sessions;
  leaveConsole(context, session);
  const index = list.indexOf(session);
  if (index >= 0) list.splice(index, 1);
}

export function closeSessions(context: Context, which: (session: Session) => boolean): void {
  for (const each of context.state.sessions.list.filter(which)) closeSession(context, each);
}

export function sessionsDue({ sessions }: BmcState): number | null {
  return sessions.list.reduce<number | null>((due, each) => (due === null ? each.due : Math.min(due, each.due)), null);
}

export function ringSessions(context: Context): void {
  const { at } = context.state;
  closeSessions(context, ({ due }) => due <= at);
}

/** Takes a packet's number: false when it came already or lies outside the window. Numbers wrap at 32 bits. */
export function takeSequence(window: SequenceWindow, sequence: number): boolean {
  if (sequence === 0) return false;
  // Nothing was before the first one.
  if (window.newest === 0 && sequence > WINDOW_AHEAD) return false;
  const ahead = (sequence - window.newest) | 0;
  if (ahead > WINDOW_AHEAD || ahead < -WINDOW_BEHIND || ahead === 0) return false;
  if (ahead > 0) {
    window.seen = ((window.seen << ahead) | (1 << (ahead - 1))) & ((1 << WINDOW_BEHIND) - 1);
    window.newest = sequence;
    return true;
  }
  const bit = 1 << (-ahead - 1);
  if (window.seen & bit) return false;
  window.seen |= bit;
  return true;
}

/** The next number to send with; 0 is left out. */
export function nextSequence(session: Session, authenticated: boolean): number {
  const kind = authenticated ? "authenticated" : "plain";
  return (session.sent[kind] = (session.sent[kind] % 0xffffffff) + 1);
}
