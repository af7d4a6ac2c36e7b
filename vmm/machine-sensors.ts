// SPDX-License-Identifier: MIT
// What a machine measures of itself for its BMC, once a second of virtual time while it is on: how long its processor was
// halted, how much memory was written to, what went over disks and consoles, and whether its guest still takes interrupts.
// Nothing of it reaches the guest: the alarm ends slices, which nobody sees, and keeps no halted machine awake.
// Spec: none (own interface).
import type { Alarm } from "../devices/core/clock.ts";
import type { Happening } from "../vbmc/station.ts";
import type { GuestState } from "../vbmc/telemetry.ts";
import type { VirtualClock } from "./time/virtual-clock.ts";
import type { WrittenMemory } from "./written-memory.ts";

const SECOND = 1_000_000_000;
/** A guest that has taken so many interrupts lives by them; without any for so many seconds of work it is stuck. */
const ALIVE_INTERRUPTS = 1000;
const STUCK_SECONDS = 10;

/** Counted since the machine was switched on or reset. */
interface Counts {
  /** Nanoseconds. */
  halted: number;
  interrupts: number;
  /** Bytes. */
  disk: number;
  network: number;
  printed: number;
}

interface SensorsState {
  counts: Counts;
  /** As they were at the last sample, and when that was. */
  last: Counts;
  at: number;
  /** When the next one is. */
  due: number;
  /** Seconds of work without an interrupt. */
  silent: number;
  written: Uint8Array;
}

export interface MachineSensorsOptions {
  clock: VirtualClock;
  written: WrittenMemory;
  hasDisks: boolean;
  hasNetwork: boolean;
  tell: (happening: Happening) => void;
}

export class MachineSensors {
  readonly name = "sensors";
  readonly version = 1;
  readonly #options: MachineSensorsOptions;
  readonly #alarm: Alarm;
  #counts = noCounts();
  #last = noCounts();
  #at = 0;
  #due = 0;
  #silent = 0;

  constructor(options: MachineSensorsOptions) {
    this.#options = options;
    this.#alarm = options.clock.createAlarm("sensors", () => this.#sample(), { quiet: true });
  }

  /** The machine was switched on, or starts afresh; with memory that is empty or as it was. */
  start(emptyMemory: boolean): void {
    if (emptyMemory) this.#options.written.reset();
    this.#counts = noCounts();
    this.#last = noCounts();
    this.#silent = 0;
    this.#at = this.#options.clock.nanos;
    this.#due = this.#at + SECOND;
    this.#alarm.scheduleAt(this.#due);
  }

  stop(): void {
    this.#alarm.cancel();
  }

  /** The processor was halted for so long. */
  halted(nanos: number): void {
    this.#counts.halted += nanos;
  }

  /** The processor takes an interrupt. */
  interrupted(): void {
    this.#counts.interrupts++;
  }

  /** Bytes went over a disk, a network or a console. */
  transferred(kind: "disk" | "network" | "printed", bytes: number): void {
    this.#counts[kind] += bytes;
  }

  driveFailed(disk: number): void {
    this.#options.tell({ kind: "drive-fault", disk });
  }

  /** The guest says, or shows, what became of it. */
  guest(guest: GuestState): void {
    this.#options.tell({ kind: "guest", guest });
  }

  snapshot(): SensorsState {
    return {
      counts: { ...this.#counts },
      last: { ...this.#last },
      at: this.#at,
      due: this.#due,
      silent: this.#silent,
      written: this.#options.written.snapshot(),
    };
  }

  restore({ counts, last, at, due, silent, written }: SensorsState): void {
    this.#counts = { ...counts };
    this.#last = { ...last };
    this.#at = at;
    this.#due = due;
    this.#silent = silent;
    this.#options.written.restore(written);
  }

  #sample(): void {
    const { clock, written, hasDisks, hasNetwork, tell } = this.#options;
    // An instruction or a bus cycle may end behind the second; the next one ends where it would have ended anyway.
    const passed = clock.nanos - this.#at;
    const since = (kind: keyof Counts): number => this.#counts[kind] - this.#last[kind];
    const rate = (kind: keyof Counts): number => Math.round((since(kind) * SECOND) / passed);
    const telemetry = {
      load: Math.round((1000 * Math.max(0, passed - since("halted"))) / passed),
      memory: written.share,
      disk: hasDisks ? rate("disk") : null,
      network: hasNetwork ? rate("network") : null,
      printed: rate("printed"),
    };
    this.#watchGuest(since("interrupts"), since("halted"));
    this.#last = { ...this.#counts };
    this.#at = clock.nanos;
    this.#due += SECOND * Math.ceil((this.#at + 1 - this.#due) / SECOND);
    this.#alarm.scheduleAt(this.#due);
    tell({ kind: "telemetry", telemetry });
  }

  #watchGuest(interrupts: number, halted: number): void {
    const wasStuck = this.#silent >= STUCK_SECONDS;
    const silent = interrupts === 0 && halted === 0 && this.#counts.interrupts >= ALIVE_INTERRUPTS;
    this.#silent = silent ? Math.min(STUCK_SECONDS, this.#silent + 1) : 0;
    const isStuck = this.#silent >= STUCK_SECONDS;
    if (isStuck !== wasStuck) this.guest(isStuck ? "stuck" : "running");
  }
}

function noCounts(): Counts {
  return { halted: 0, interrupts: 0, disk: 0, network: 0, printed: 0 };
}
