// SPDX-License-Identifier: MIT
// A BMC in its place: gives each event the virtual time, wakes the BMC when it wants, and hands its effects to the
// channels and to the machine.
// Spec: none (own interface).
import type { Alarm, Clock } from "../devices/core/clock.ts";
import type { Bmc } from "./bmc.ts";
import type { Event, Effect, MachineAction, Peer } from "./context.ts";
import type { Origin } from "./ipmi/command.ts";
import type { Bytes } from "./ipmi/message.ts";
import type { BmcState } from "./state.ts";

/** A system interface as the BMC drives it. */
export interface SystemInterface {
  setAttention(on: boolean, interrupt: boolean): void;
  enableInterrupts(enabled: boolean): void;
}

export interface Machine {
  act(action: MachineAction): void;
  identify?(on: boolean): void;
  /** Puts a ROM in; null: the one that the machine came with. */
  installRom?(rom: Uint8Array | null): void;
}

/** Where datagrams leave. */
export interface Network {
  send(peer: Peer, bytes: readonly number[], port: number): void;
}

/** The machine's UART: what is typed goes to it, never more than it said it can take. */
export interface SerialEnd {
  write(bytes: readonly number[]): void;
  sendBreak(): void;
  setLines?(lines: { clearToSend: boolean; carrier: boolean; ring: boolean }): void;
}

/** Somebody of the host's at the machine's console. */
export interface ConsoleViewer {
  show(bytes: readonly number[]): void;
  /** After `type` took less than it was given: more is possible. */
  ready?(): void;
}

export interface ConsoleSeat {
  /** Gives how many characters were taken; the rest is to be typed again when the viewer is ready. */
  type(bytes: readonly number[]): number;
  sendBreak(): void;
  leave(): void;
}

type Untimed<E> = E extends unknown ? Omit<E, "at"> : never;
/** An event without its time. */
export type Happening = Untimed<Event>;

export class Station {
  readonly bmc: Bmc;
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #machine: Machine;
  readonly #interfaces: SystemInterface[] = [];
  readonly #viewers = new Map<string, ConsoleViewer>();
  #network: Network | undefined;
  #serial: SerialEnd | undefined;

  constructor(bmc: Bmc, { clock, machine }: { clock: Clock; machine: Machine }) {
    this.bmc = bmc;
    this.#clock = clock;
    this.#machine = machine;
    this.#alarm = clock.createAlarm("vbmc", () => this.tell({ kind: "time" }));
  }

  /** A new system interface learns how things stand. */
  attach(systemInterface: SystemInterface): void {
    const { attention, interrupts } = this.bmc.state;
    this.#interfaces.push(systemInterface);
    systemInterface.enableInterrupts(interrupts);
    systemInterface.setAttention(attention, false);
  }

  detach(systemInterface: SystemInterface): void {
    const index = this.#interfaces.indexOf(systemInterface);
    if (index >= 0) this.#interfaces.splice(index, 1);
  }

  /** Where datagrams go from now on; without one they are lost, as on a cable that is not plugged in. */
  connect(network: Network | undefined): void {
    this.#network = network;
  }

  /** The UART that is the console from now on. Its output is told as "serial", its room as "serial-room". */
  connectSerial(serial: SerialEnd | undefined): void {
    this.#serial = serial;
    if (!serial) this.tell({ kind: "serial-room", room: 0 });
  }

  /** Joins the console: first the screen as it is, then every character once. A name is one viewer's. */
  watch(name: string, viewer: ConsoleViewer): ConsoleSeat {
    this.#viewers.set(name, viewer);
    this.tell({ kind: "viewer", viewer: name, present: true });
    return {
      type: (bytes) => {
        const effects = this.#step({ kind: "viewer-input", viewer: name, bytes }, () => {});
        return effects.reduce((count, each) => (each.kind === "viewer-taken" ? count + each.count : count), 0);
      },
      sendBreak: () => this.tell({ kind: "viewer-break", viewer: name }),
      leave: () => {
        if (this.#viewers.get(name) !== viewer) return;
        this.#viewers.delete(name);
        this.tell({ kind: "viewer", viewer: name, present: false });
      },
    };
  }

  /** A request and what becomes of it; a message without content has no answer. */
  request(origin: Origin, message: Bytes, respond: (answer: Bytes) => void): void {
    this.#step({ kind: "request", origin, tag: 0, message }, respond);
  }

  tell(happening: Happening): void {
    this.#step(happening, () => {});
  }

  /** Takes a BMC's state; its interfaces are restored by their own snapshots. */
  restore(state: BmcState): void {
    this.bmc.restore(state);
    this.#wakeWhenDue();
  }

  #wakeWhenDue(): void {
    const { due } = this.bmc;
    if (due === null) this.#alarm.cancel();
    else this.#alarm.scheduleAt(due);
  }

  #step(happening: Happening, respond: (answer: Bytes) => void): Effect[] {
    const at = this.#clock.nanos;
    // With its time in front an event is made in half the time; whatever it brought along, this is its time.
    const event = { at, ...happening } as Event;
    event.at = at;
    const effects = this.bmc.step(event);
    this.#wakeWhenDue();
    // The lines change before the answer comes, as on hardware where software looks at them behind it.
    for (const effect of effects) this.#apply(effect);
    for (const effect of effects) if (effect.kind === "response") respond(effect.message);
    return effects;
  }

  #apply(effect: Effect): void {
    switch (effect.kind) {
      case "attention":
        for (const each of this.#interfaces) each.setAttention(effect.on, effect.interrupt);
        return;
      case "interrupts":
        for (const each of this.#interfaces) each.enableInterrupts(effect.enabled);
        return;
      case "machine":
        return this.#machine.act(effect.action);
      case "identify":
        return this.#machine.identify?.(effect.on);
      case "rom":
        return this.#machine.installRom?.(effect.bytes);
      case "datagram":
        return this.#network?.send(effect.peer, effect.bytes, effect.port);
      case "serial":
        return this.#serial?.write(effect.bytes);
      case "serial-break":
        return this.#serial?.sendBreak();
      case "serial-lines":
        return this.#serial?.setLines?.(effect);
      case "viewer":
        return this.#viewers.get(effect.viewer)?.show(effect.bytes);
      case "viewer-ready":
        return this.#viewers.get(effect.viewer)?.ready?.();
    }
  }
}
