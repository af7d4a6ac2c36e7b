// SPDX-License-Identifier: MIT
// The chassis: power as the machine reports it, the identify light, buttons, power-on time.
// Spec: IPMI 2.0 revision 1.1, sections 28.2, 28.5, 28.11, 28.14.
import type { Context, MachineAction } from "./context.ts";
import { SENSOR_POWER, SENSOR_POWER_UNIT } from "./sensor-list.ts";
import { raiseOffset, setOffset } from "./sensors.ts";
import type { BmcState } from "./state.ts";
import { followPower } from "./telemetry.ts";

const STATE_S0 = 0;
const STATE_S5 = 5;
const POWER_DOWN = 0;
const CAUSE_RESET_BUTTON = 0x02;
const CAUSE_POWER_BUTTON = 0x03;

/** Bits of Set Front Panel Enables. */
const BUTTON_BITS: Readonly<Record<string, number>> = { power: 1 << 0, reset: 1 << 1, nmi: 1 << 2 };

/** The machine says what it is: on or off. */
export function setPowered(context: Context, powered: boolean, cause?: number): void {
  const { state } = context;
  const { chassis } = state;
  if (cause !== undefined) chassis.restartCause = cause;
  showPower(context, powered);
  if (chassis.powered === powered) return;
  followPower(context, powered);
  if (powered) chassis.poweredSince = state.at;
  else {
    chassis.offSince = state.at;
    chassis.poweredNanos = poweredNanos(state);
    // Nobody is left to serve the timer, and a stopped machine needs no action.
    state.watchdog.due = null;
  }
  chassis.powered = powered;
  state.acpi = powered ? { system: STATE_S0, device: 0 } : { system: STATE_S5, device: 3 };
  raiseOffset(context, SENSOR_POWER, powered ? STATE_S0 : STATE_S5);
}

/** The sensors of power say what is so. */
export function showPower(context: Context, powered: boolean): void {
  setOffset(context, SENSOR_POWER, STATE_S0, powered);
  setOffset(context, SENSOR_POWER, STATE_S5, !powered);
  setOffset(context, SENSOR_POWER_UNIT, POWER_DOWN, !powered);
}

/** How long the machine has been on in all. */
export function poweredNanos({ at, chassis }: BmcState): number {
  return chassis.poweredNanos + (chassis.powered ? at - chassis.poweredSince : 0);
}

/** 0 off, 1 until `due`, 2 until told otherwise. */
export function setIdentify({ state: { chassis }, effects }: Context, mode: number, due: number | null): void {
  if ((chassis.identify === 0) !== (mode === 0)) effects.push({ kind: "identify", on: mode !== 0 });
  chassis.identify = mode;
  chassis.identifyDue = due;
}

/** Somebody presses a button on the case. */
export function pressButton(context: Context, button: "power" | "reset" | "identify" | "nmi"): void {
  const { chassis } = context.state;
  if (chassis.buttonsDisabled & (BUTTON_BITS[button] ?? 0)) return;
  const act = (action: MachineAction, cause?: number) => {
    if (cause !== undefined) chassis.restartCause = cause;
    context.effects.push({ kind: "machine", action });
  };
  if (button === "identify") setIdentify(context, chassis.identify === 0 ? 2 : 0, null);
  else if (button === "power" && !chassis.powered) act("power-on", CAUSE_POWER_BUTTON);
  else if (!chassis.powered) return;
  else if (button === "power") act("soft-off");
  else if (button === "reset") act("reset", CAUSE_RESET_BUTTON);
  else act("nmi");
}
