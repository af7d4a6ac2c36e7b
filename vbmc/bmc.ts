// SPDX-License-Identifier: MIT
// The BMC: one state, one function that takes an event and gives effects. It has no clock and no I/O: time comes with the
// events, and whoever drives it wakes it at `due`.
// Spec: IPMI 2.0 revision 1.1; the parts with their sections.
import { SnapshotError } from "../common/errors.ts";
import { mixIn } from "./crypto/random.ts";
import { noteRestart, pressButton, setIdentify, setPowered } from "./chassis.ts";
import { receiveDatagram } from "./channels/lan/lan-channel.ts";
import { pumpSol, ringSol, solDue } from "./channels/lan/sol.ts";
import { attachViewer, detachViewer, sendBreak, setSerialRoom, showOutput, viewerInput } from "./console/console.ts";
import type { Context, Effect, Event } from "./context.ts";
import { ACCESS } from "./ipmi/app-access.ts";
import { messagingCommands } from "./ipmi/app-messaging.ts";
import { SYSTEM_INFO } from "./ipmi/app-system-info.ts";
import { WATCHDOG } from "./ipmi/app-watchdog.ts";
import { APP } from "./ipmi/app.ts";
import { FLAG_RECEIVE } from "./ipmi/bridging.ts";
import { CHASSIS } from "./ipmi/chassis.ts";
import { PAYLOADS } from "./ipmi/app-payload.ts";
import { SESSIONS_15 } from "./ipmi/app-session15.ts";
import { SESSIONS } from "./ipmi/app-session.ts";
import { CommandTable, type Origin } from "./ipmi/command.ts";
import { CC_REQUEST_LENGTH } from "./ipmi/completion-code.ts";
import { decodeRequest, encodeResponse, type Bytes, type Request } from "./ipmi/message.ts";
import { OEM_FAN } from "./ipmi/oem-fan.ts";
import { DCMI } from "./ipmi/group-dcmi.ts";
import { HPM } from "./ipmi/group-hpm.ts";
import { PEF } from "./ipmi/pef.ts";
import { SENSOR_EVENT } from "./ipmi/sensor-event.ts";
import { LAN_PARAMETERS } from "./ipmi/transport-lan.ts";
import { SOL_PARAMETERS } from "./ipmi/transport-sol.ts";
import { SDR_FRU } from "./ipmi/storage-sdr.ts";
import { SEL } from "./ipmi/storage-sel.ts";
import type { LanOptions } from "./lan-config.ts";
import { alertsDue, ringAlerts } from "./alerts.ts";
import { firmwareStep, forgetFirmware } from "./firmware-progress.ts";
import { FLAG_EVENT_BUFFER } from "./sel.ts";
import { delayPef, pefDue, ringPef } from "./pef.ts";
import { powerLimitDue, readMeter, ringPowerLimit } from "./power-meter.ts";
import { pauseTrial, proveRom, ringTrial, startRom, trialDue } from "./rom-bank.ts";
import { ringSessions, sessionsDue } from "./sessions.ts";
import { setReading } from "./sensors.ts";
import { newState, STATE_VERSION, type BmcState, type Identity } from "./state.ts";
import { forgetGuest, noteDriveFault, setGuest, takeTelemetry } from "./telemetry.ts";
import { FLAG_PRETIMEOUT, ringWatchdog, watchdogDue } from "./watchdog.ts";

const ENABLE_RECEIVE_INTERRUPT = 1 << 0;
const ENABLE_EVENT_INTERRUPT = 1 << 1;

/** Every command that the BMC knows. */
export const COMMANDS: CommandTable = new CommandTable([
  ...APP,
  ...WATCHDOG,
  ...messagingCommands(execute),
  ...SYSTEM_INFO,
  ...ACCESS,
  ...SESSIONS,
  ...SESSIONS_15,
  ...PAYLOADS,
  ...CHASSIS,
  ...SENSOR_EVENT,
  ...PEF,
  ...SDR_FRU,
  ...SEL,
  ...LAN_PARAMETERS,
  ...SOL_PARAMETERS,
  ...OEM_FAN,
  ...DCMI,
  ...HPM,
]);

/** Completion code and data, for channels that have addresses of their own around them. */
function execute(context: Context, request: Request, origin: Origin): Bytes {
  return COMMANDS.dispatch(context, request, origin).slice(2);
}

export class Bmc {
  #state: BmcState;

  constructor(identity: Partial<Identity> = {}, lan: Partial<LanOptions> = {}) {
    this.#state = newState(identity, lan);
  }

  /** The state as it is; to look at, not to change. */
  get state(): BmcState {
    return this.#state;
  }

  /** The whole state, detached. */
  snapshot(): BmcState {
    return JSON.parse(JSON.stringify(this.#state)) as BmcState;
  }

  /** Takes what `snapshot` gave. */
  restore(state: BmcState): void {
    if (state.version !== STATE_VERSION) {
      throw new SnapshotError(`BMC state of version ${String(state.version)}: version ${STATE_VERSION} is possible`);
    }
    this.#state = JSON.parse(JSON.stringify(state)) as BmcState;
  }

  /** The virtual time at which the BMC wants to hear of time next. */
  get due(): number | null {
    return nextDue(this.#state);
  }

  step(event: Event): Effect[] {
    const context: Context = { state: this.#state, effects: [], bridged: [] };
    advance(context, event.at);
    handle(context, event);
    readMeter(context);
    pumpSol(context);
    settleLines(context);
    return context.effects;
  }
}

function nextDue(state: BmcState): number | null {
  const { watchdog, chassis, rom, powerMeter } = state;
  const parts = [
    watchdogDue(watchdog),
    chassis.identifyDue,
    sessionsDue(state),
    solDue(state),
    pefDue(state),
    alertsDue(state),
    trialDue(rom),
    powerLimitDue(powerMeter),
  ];
  const times = parts.filter((each) => each !== null);
  return times.length > 0 ? Math.min(...times) : null;
}

/** Lets time pass, with what falls due on the way in its order and at its own time. */
function advance(context: Context, at: number): void {
  const { state } = context;
  for (let due = nextDue(state); due !== null && due <= at; due = nextDue(state)) {
    state.at = Math.max(state.at, due);
    if (state.chassis.identifyDue !== null && state.chassis.identifyDue <= state.at) setIdentify(context, 0, null);
    ringWatchdog(context);
    ringSessions(context);
    ringSol(context);
    ringPef(context);
    ringAlerts(context);
    ringTrial(context);
    ringPowerLimit(context);
  }
  state.at = Math.max(state.at, at);
}

function handle(context: Context, event: Event): void {
  switch (event.kind) {
    case "request": {
      const message = answer(context, event.message, event.origin);
      if (!message) return;
      context.effects.push({ kind: "response", channel: event.origin.channel, tag: event.tag, message });
      return;
    }
    case "machine":
      forgetFirmware(context);
      if (event.powered) {
        forgetGuest(context);
        delayPef(context);
        startRom(context);
      } else pauseTrial(context);
      setPowered(context, event.powered, event.cause);
      return event.restarted ? noteRestart(context) : undefined;
    case "firmware":
      proveRom(context, event.failed, event.code);
      return firmwareStep(context, event.failed, event.code);
    case "sensor":
      return setReading(context, event.number, event.raw);
    case "telemetry":
      return takeTelemetry(context, event.telemetry);
    case "drive-fault":
      return noteDriveFault(context, event.disk);
    case "guest":
      return setGuest(context, event.guest);
    case "button":
      return pressButton(context, event.button);
    case "datagram":
      return receiveDatagram(context, event, execute);
    case "serial":
      return showOutput(context, event.bytes);
    case "serial-room":
      return setSerialRoom(context, event.room);
    case "viewer":
      if (event.present) attachViewer(context, event.viewer, false);
      else detachViewer(context, event.viewer, false);
      return;
    case "viewer-input":
      return viewerInput(context, event.viewer, event.bytes);
    case "viewer-break":
      return sendBreak(context);
    case "entropy":
      return mixIn(context.state.random, event.bytes);
    case "time":
      return;
  }
}

/** A lone first byte is told that it lacks the rest, so that nobody waits in vain; nothing at all has no answer. */
function answer(context: Context, bytes: Bytes, origin: Origin): number[] | undefined {
  const request = decodeRequest(bytes);
  if (request) return COMMANDS.dispatch(context, request, origin);
  const [first] = bytes;
  if (first === undefined) return undefined;
  return encodeResponse({ netFn: first >> 2, lun: first & 3, command: 0, data: [] }, CC_REQUEST_LENGTH, []);
}

/** Tells the system interface what changed of its lines. */
function settleLines({ state, effects }: Context): void {
  const { messageFlags, globalEnables } = state;
  const interrupts = (globalEnables & ENABLE_RECEIVE_INTERRUPT) !== 0;
  if (interrupts !== state.interrupts) effects.push({ kind: "interrupts", enabled: (state.interrupts = interrupts) });
  const on = (messageFlags & (FLAG_RECEIVE | FLAG_EVENT_BUFFER | FLAG_PRETIMEOUT)) !== 0;
  if (on === state.attention) return;
  state.attention = on;
  const interrupt =
    (messageFlags & FLAG_RECEIVE && globalEnables & ENABLE_RECEIVE_INTERRUPT) ||
    (messageFlags & FLAG_EVENT_BUFFER && globalEnables & ENABLE_EVENT_INTERRUPT) ||
    messageFlags & FLAG_PRETIMEOUT;
  effects.push({ kind: "attention", on, interrupt: interrupt !== 0 });
}
