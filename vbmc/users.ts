// SPDX-License-Identifier: MIT
// Users: names, keys made of passwords, what each may do on each channel, and the lock behind wrong passwords.
// Spec: IPMI 2.0 revision 1.1, sections 22.26 to 22.33, table 23-4 (parameter 26, bad password threshold).
import { sameKey, sealKey, type SealedKey } from "./crypto/sealed-key.ts";
import { padded, type Bytes } from "./ipmi/message.ts";

export const USER_COUNT = 10;
export const NAME_BYTES = 16;
export const PASSWORD_BYTES = 20;
export const NO_ACCESS = 0x0f;
/** Bits of an access byte above the privilege limit. */
export const ACCESS_MESSAGING = 1 << 4;
/** Standard payload that is enabled: serial over LAN. */
export const PAYLOAD_BIT_SOL = 1 << 1;

export interface UserState {
  /** 16 bytes, padded with zeros. */
  name: number[];
  /** What RAKP needs of the password; null: there is none, so nobody gets in. */
  key: SealedKey | null;
  /** Set as a 20-byte password, so unfit for IPMI 1.5. */
  long: boolean;
  /** The password itself, 16 bytes: kept only where the owner has sessions of IPMI 1.5, which cannot do without. */
  password15: number[] | null;
  enabled: boolean;
  /** By channel: callback only, link authentication, messaging (bits 6 to 4) and the privilege limit. */
  access: Record<number, number>;
  /** By channel: how many sessions at once; 0: as many as there are. */
  sessions: Record<number, number>;
  /** By channel: standard payloads, then OEM payloads, as Set User Payload Access has them. */
  payloads: Record<number, number[]>;
  badPasswords: number;
  lastBadPassword: number;
  lockedUntil: number | null;
}

/** Position 0 is user 1, whose name is empty for ever. */
export function newUsers(): UserState[] {
  return Array.from({ length: USER_COUNT }, () => ({
    name: padded([], NAME_BYTES),
    key: null,
    long: false,
    password15: null,
    enabled: false,
    access: {},
    sessions: {},
    payloads: {},
    badPasswords: 0,
    lastBadPassword: 0,
    lockedUntil: null,
  }));
}

/** Zeros alone are no password. */
export function keyOf(password: Bytes): SealedKey | null {
  const any = password.reduce((bits, each) => bits | each, 0);
  return any === 0 ? null : sealKey(padded(password, PASSWORD_BYTES));
}

export function isPassword({ key }: UserState, password: Bytes): boolean {
  const given = keyOf(password);
  return key && given ? sameKey(key, given) : !key && !given;
}

export function payloadsOf(user: UserState, channel: number): number[] {
  return user.payloads[channel] ?? [PAYLOAD_BIT_SOL, 0, 0, 0];
}

/** Whether the user may open sessions on a channel now. */
export function mayLogIn(user: UserState, channel: number, at: number): boolean {
  const access = user.access[channel] ?? NO_ACCESS;
  const limit = access & 0x0f;
  const open = limit !== 0 && limit !== NO_ACCESS && (access & ACCESS_MESSAGING) !== 0;
  return open && user.enabled && user.key !== null && !isLocked(user, at);
}

function isLocked({ lockedUntil }: UserState, at: number): boolean {
  return lockedUntil !== null && at < lockedUntil;
}

export interface LockPolicy {
  /** Wrong passwords until the lock; 0: none. */
  threshold: number;
  /** How long a wrong password counts, and how long the lock holds; 0: until the password or the user is set anew. */
  resetNanos: number;
  lockNanos: number;
}

/** Somebody gave a wrong password; true: that was one too many. */
export function countBadPassword(
  user: UserState,
  at: number,
  { threshold, resetNanos, lockNanos }: LockPolicy,
): boolean {
  if (threshold === 0) return false;
  if (resetNanos > 0 && at - user.lastBadPassword >= resetNanos) user.badPasswords = 0;
  user.badPasswords++;
  user.lastBadPassword = at;
  if (user.badPasswords < threshold) return false;
  user.badPasswords = 0;
  user.lockedUntil = lockNanos > 0 ? at + lockNanos : Number.MAX_SAFE_INTEGER;
  return true;
}

export function unlock(user: UserState): void {
  user.badPasswords = 0;
  user.lockedUntil = null;
}
