// SPDX-License-Identifier: MIT
// The watchdog timer on virtual time: countdown, pre-timeout, expiry, and what each of them does.
// Spec: IPMI 2.0 revision 1.1, section 27.
import { SECOND, type Context, type MachineAction } from "./context.ts";
import { SENSOR_WATCHDOG } from "./sensor-list.ts";
import { EXTENSION_IN_DATA2, raiseOffset, setOffset } from "./sensors.ts";

export const TICK = SECOND / 10;
export const USE_DONT_LOG = 1 << 7;
export const USE_DONT_STOP = 1 << 6;
export const USE_MASK = 0x07;
export const ACTION_MASK = 0x07;
export const PRETIMEOUT_NONE = 0;
export const PRETIMEOUT_SMI = 1;
export const PRETIMEOUT_NMI = 2;
export const PRETIMEOUT_MESSAGE = 3;
export const FLAG_PRETIMEOUT = 1 << 3;
const CAUSE_WATCHDOG = 0x04;
const OFFSET_TIMER_INTERRUPT = 8;

export interface WatchdogState {
  /** Set since the BMC started: before that it cannot be started. */
  initialized: boolean;
  use: number;
  actions: number;
  pretimeoutSeconds: number;
  expirations: number;
  /** In ticks of 100 ms. */
  initial: number;
  /** Absolute virtual time of expiry while it runs. */
  due: number | null;
  pretimeoutDone: boolean;
}

export function newWatchdog(): WatchdogState {
  return {
    initialized: false,
    use: 0,
    actions: 0,
    pretimeoutSeconds: 0,
    expirations: 0,
    initial: 0,
    due: null,
    pretimeoutDone: false,
  };
}

export function pretimeoutKind({ actions }: WatchdogState): number {
  return (actions >> 4) & 7;
}

export function startWatchdog({ state }: Context): void {
  state.watchdog.due = state.at + state.watchdog.initial * TICK;
  state.watchdog.pretimeoutDone = false;
}

/** Ticks left; the initial count while the timer stands still. */
export function remainingTicks({ state }: Context): number {
  const { due, initial } = state.watchdog;
  return due === null ? initial : Math.max(0, Math.ceil((due - state.at) / TICK));
}

/** When the watchdog wants to be woken next. */
export function watchdogDue(watchdog: WatchdogState): number | null {
  return pretimeoutDue(watchdog) ?? watchdog.due;
}

function pretimeoutDue(watchdog: WatchdogState): number | null {
  const { due, pretimeoutDone, pretimeoutSeconds } = watchdog;
  if (due === null || pretimeoutDone || pretimeoutKind(watchdog) === PRETIMEOUT_NONE) return null;
  return due - pretimeoutSeconds * SECOND;
}

const ACTIONS: readonly (MachineAction | undefined)[] = [undefined, "reset", "power-off", "power-cycle"];

/** The time that `watchdogDue` named has come. */
export function ringWatchdog(context: Context): void {
  const { state, effects } = context;
  const { watchdog } = state;
  const early = pretimeoutDue(watchdog);
  if (early !== null && early <= state.at) {
    watchdog.pretimeoutDone = true;
    if (pretimeoutKind(watchdog) === PRETIMEOUT_NMI) effects.push({ kind: "machine", action: "nmi" });
    else state.messageFlags |= FLAG_PRETIMEOUT;
    logExpiry(context, OFFSET_TIMER_INTERRUPT);
    return;
  }
  if (watchdog.due === null || watchdog.due > state.at) return;
  watchdog.due = null;
  watchdog.expirations |= 1 << (watchdog.use & USE_MASK);
  const number = watchdog.actions & ACTION_MASK;
  const action = ACTIONS[number];
  logExpiry(context, number);
  if (!action) return;
  if (action !== "power-off") state.chassis.restartCause = CAUSE_WATCHDOG;
  effects.push({ kind: "machine", action });
}

/** Event data 2: interrupt type and timer use. */
function logExpiry(context: Context, offset: number): void {
  const { watchdog } = context.state;
  if (watchdog.use & USE_DONT_LOG) return setOffset(context, SENSOR_WATCHDOG, offset, true);
  const data2 = (pretimeoutKind(watchdog) << 4) | (watchdog.use & USE_MASK);
  raiseOffset(context, SENSOR_WATCHDOG, offset, { kind: EXTENSION_IN_DATA2, data2 });
}
