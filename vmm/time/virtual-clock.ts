// SPDX-License-Identifier: MIT
// Virtual time: retired instructions times a rate, plus what the bus and HLT add. Alarms sit in one queue; the next due
// one is the deadline at which the CPU must stop.
import type { Alarm, Clock } from "../../devices/core/clock.ts";

/** The processor's side of time. */
export interface TimeSource {
  /** Retired instructions since power-on. */
  readonly retired: number;
}

interface Entry {
  readonly name: string;
  readonly order: number;
  readonly ring: () => void;
  readonly quiet: boolean;
  /** Infinity while it is not pending. */
  due: number;
}

export interface ClockState {
  shift: number;
  idle: number;
  alarms: Record<string, number>;
}

export class VirtualClock implements Clock {
  readonly name = "clock";
  readonly version = 1;
  readonly #source: TimeSource;
  readonly #entries: Entry[] = [];
  /** Nanoseconds an instruction. */
  #rate: number;
  #shift: number;
  /** Nanoseconds beside the instructions' at the present rate: halts, bus charges, changes of the rate. */
  #idle = 0;
  /** The entry that is due first; undefined: to be looked for. Every bus access asks, few change it. */
  #first: Entry | undefined;
  readonly #never: Entry = { name: "", order: Infinity, ring: () => {}, quiet: true, due: Infinity };

  /** `shift`: nanoseconds an instruction as a power of two, as in `-icount shift=N`. */
  constructor(source: TimeSource, shift = 3) {
    this.#source = source;
    this.#shift = shift;
    this.#rate = 2 ** shift;
  }

  get nanos(): number {
    return this.#source.retired * this.#rate + this.#idle;
  }

  get idle(): number {
    return this.#idle;
  }

  get shift(): number {
    return this.#shift;
  }

  /** Another rate from now on; the time stays what it is. */
  setShift(shift: number): void {
    const { nanos } = this;
    this.#shift = shift;
    this.#rate = 2 ** shift;
    this.#idle = nanos - this.#source.retired * this.#rate;
  }

  /** Lets time pass while no instruction runs. */
  pass(nanos: number): void {
    this.#idle += nanos;
  }

  /** `quiet`: it is nothing that could wake the guest. */
  createAlarm(name: string, ring: () => void, { quiet = false }: { quiet?: boolean } = {}): Alarm {
    if (this.#entries.some((entry) => entry.name === name)) throw new Error(`two alarms are called ${name}`);
    const entry: Entry = { name, ring, quiet, order: this.#entries.length, due: Infinity };
    this.#entries.push(entry);
    return {
      schedule: (nanos) => this.#set(entry, this.nanos + Math.max(0, Math.ceil(nanos))),
      scheduleAt: (nanos) => this.#set(entry, Math.max(this.nanos, Math.ceil(nanos))),
      cancel: () => this.#set(entry, Infinity),
      get due() {
        return entry.due === Infinity ? undefined : entry.due;
      },
    };
  }

  #set(entry: Entry, due: number): void {
    entry.due = due;
    const first = this.#first;
    if (first === undefined) return;
    if (entry === first || first === this.#never) this.#first = undefined;
    else if (due < first.due || (due === first.due && entry.order < first.order)) this.#first = entry;
  }

  /** The earliest pending alarm; a machine has few, so a scan beats a heap. */
  #next(): Entry {
    if (this.#first) return this.#first;
    let first = this.#never;
    for (const entry of this.#entries) if (entry.due < first.due) first = entry;
    this.#first = first;
    return first;
  }

  /** Time of the next alarm, Infinity when none is pending. */
  get deadline(): number {
    return this.#next().due;
  }

  /** An alarm is pending that could wake the guest. */
  get isExpectant(): boolean {
    return this.#entries.some(({ quiet, due }) => !quiet && due !== Infinity);
  }

  /** Instructions that may run before the next alarm is due, at least 0. */
  instructionsToDeadline(): number {
    return this.instructionsTo(this.deadline);
  }

  instructionsTo(nanos: number): number {
    return Math.max(0, Math.ceil((nanos - this.nanos) / this.#rate));
  }

  /** Rings everything that is due, in order of time, then of making. */
  ringDue(): void {
    for (;;) {
      const next = this.#next();
      if (next.due > this.nanos) return;
      next.due = Infinity;
      this.#first = undefined;
      next.ring();
    }
  }

  snapshot(): ClockState {
    const alarms: Record<string, number> = {};
    for (const { name, due } of this.#entries) if (due !== Infinity) alarms[name] = due;
    return { shift: this.#shift, idle: this.#idle, alarms };
  }

  restore({ shift, idle, alarms }: ClockState): void {
    this.#shift = shift;
    this.#rate = 2 ** shift;
    this.#idle = idle;
    this.#first = undefined;
    for (const entry of this.#entries) entry.due = alarms[entry.name] ?? Infinity;
  }
}
