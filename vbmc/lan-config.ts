// SPDX-License-Identifier: MIT
// How the LAN channel is set up: addresses and the other configuration parameters, cipher suites, the channel's key, and
// what it counted.
// Spec: IPMI 2.0 revision 1.1, section 23 and table 23-4 (configuration parameters), 22.25 (K_g).
import { SECOND, type Context } from "./context.ts";
import type { SealedKey } from "./crypto/sealed-key.ts";
import { littleEndian } from "./ipmi/shape.ts";
import { logEvent } from "./sel.ts";
import type { BmcState } from "./state.ts";
import type { LockPolicy } from "./users.ts";

export const RMCP_PORT = 623;
export const PARAMETER_BAD_PASSWORD = 26;
const PARAMETER_PORT = 8;
const UNIT = 10 * SECOND;
const AUDIT_SENSOR_TYPE = 0x2a;
const AUDIT_BAD_PASSWORDS = 3;

/** How the channel is set up from the start. */
export interface LanOptions {
  /** Whether consoles get in at all. */
  enabled: boolean;
  /** Cipher suites, the weakest first. */
  suites: readonly number[];
  /** Sessions of IPMI 1.5 too: without encryption, and with passwords of 16 bytes that the state keeps as they are. */
  ipmi15: boolean;
  /** IPv4 addresses of 4 bytes and the MAC address of 6. */
  address: readonly number[];
  mask: readonly number[];
  mac: readonly number[];
  port: number;
  /** Wrong passwords until a user is locked out, 0: never; and for how many seconds, in steps of ten; 0: for good. */
  badPasswords: number;
  lockSeconds: number;
}

export const DEFAULT_LAN: LanOptions = {
  enabled: false,
  suites: [3, 17],
  ipmi15: false,
  address: [127, 0, 0, 1],
  mask: [255, 0, 0, 0],
  mac: [0x52, 0x54, 0x00, 0x86, 0x00, 0x01],
  port: RMCP_PORT,
  badPasswords: 10,
  lockSeconds: 60,
};

/** Datagrams by what became of them, since the BMC started or they were cleared. */
export interface LanHost {
  port?: number | undefined;
  ipmi15?: boolean | undefined;
}

export interface LanCounters {
  received: number;
  sent: number;
  /** With an RMCP header that is one. */
  valid: number;
  dropped: number;
}

export interface LanState {
  suites: { id: number; limit: number }[];
  ipmi15: boolean;
  /** K_g; null: one key, the user's, does both. */
  channelKey: SealedKey | null;
  progress: number;
  /** By selector, and set by set where there are several. */
  parameters: Record<number, number[]>;
  sets: Record<number, number[][]>;
  counters: LanCounters;
}

export const DESTINATIONS = 4;
const SOURCE_STATIC = 1;

export function newLan(given: Partial<LanOptions> = {}): LanState {
  const { suites, ipmi15, address, mask, mac, port, badPasswords, lockSeconds } = { ...DEFAULT_LAN, ...given };
  const lock = [...littleEndian(lockSeconds / 10, 2), ...littleEndian(lockSeconds / 10, 2)];
  const every = (make: (index: number) => number[]) => Array.from({ length: DESTINATIONS + 1 }, (_, i) => make(i));
  return {
    suites: suites.map((id) => ({ id, limit: 4 })),
    ipmi15,
    channelKey: null,
    progress: 0,
    parameters: {
      2: [0, 0, 0, 0, 0],
      3: [...address],
      4: [SOURCE_STATIC],
      5: [...mac],
      6: [...mask],
      7: [64, 0x40, 0x10], // time to live, don't fragment, minimise delay
      [PARAMETER_PORT]: littleEndian(port, 2),
      9: littleEndian(664, 2),
      10: [0x02], // answers ARP requests
      11: [0],
      12: [0, 0, 0, 0],
      13: [0, 0, 0, 0, 0, 0],
      14: [0, 0, 0, 0],
      15: [0, 0, 0, 0, 0, 0],
      16: [..."public\0\0\0\0\0\0\0\0\0\0\0\0"].map((each) => each.charCodeAt(0)),
      20: [0, 0],
      21: [0],
      [PARAMETER_BAD_PASSWORD]: [0, badPasswords, ...lock],
    },
    sets: {
      18: every((i) => [i, 0, 0, 0]),
      19: every((i) => [i, ...Array.from({ length: 12 }, () => 0)]),
      25: every((i) => [i, 0, 0, 0]),
    },
    counters: newCounters(),
  };
}

/** What is the host's to choose, so that no command sets it: the port that consoles are told of, and sessions of IPMI 1.5. */
export function setLanHost({ lan }: BmcState, { port, ipmi15 = false }: LanHost): void {
  if (port !== undefined) lan.parameters[PARAMETER_PORT] = littleEndian(port, 2);
  lan.ipmi15 = ipmi15;
}

export function newCounters(): LanCounters {
  return { received: 0, sent: 0, valid: 0, dropped: 0 };
}

/** Flags, threshold, then the time that a bad password counts and the time of the lock, in tens of seconds. */
export function badPasswordPolicy({ lan }: BmcState): LockPolicy {
  const [, threshold = 0, reset = 0, resetHigh = 0, lock = 0, lockHigh = 0] = lan.parameters[PARAMETER_BAD_PASSWORD]!;
  return {
    threshold,
    resetNanos: (reset | (resetHigh << 8)) * UNIT,
    lockNanos: (lock | (lockHigh << 8)) * UNIT,
  };
}

/** Logs that a user was locked out, where the configuration asks for it. */
export function noteLockout(context: Context, user: number): void {
  if (!(context.state.lan.parameters[PARAMETER_BAD_PASSWORD]![0]! & 1)) return;
  logEvent(context, {
    sensorType: AUDIT_SENSOR_TYPE,
    sensor: 0,
    eventType: 0x6f,
    assertion: true,
    data: [0xa0 | AUDIT_BAD_PASSWORDS, user, 0x01],
  });
}
