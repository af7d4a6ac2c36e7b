// SPDX-License-Identifier: MIT
// The host's clock as a device clock, for what serves machines that are not ours and so has no virtual time of its own.
import type { Alarm, Clock } from "../../vmm/external-bmc.ts";

const MILLISECOND = 1_000_000;
/** Timers cannot wait longer: they ring early and are set again. */
const LONGEST_WAIT = 2 ** 31 - 1;

export class WallClock implements Clock {
  readonly #start = process.hrtime.bigint();
  readonly #from: number;

  /** `from`: the time that it shows now. */
  constructor(from = 0) {
    this.#from = from;
  }

  get nanos(): number {
    return this.#from + Number(process.hrtime.bigint() - this.#start);
  }

  createAlarm(_name: string, ring: () => void): Alarm {
    let due: number | undefined;
    let timer: NodeJS.Timeout | undefined;
    let rings = 0;
    const arm = (): void => {
      // What is put off again and again leaves its timer to ring early.
      if (timer && rings <= due!) return;
      clearTimeout(timer);
      const wait = Math.ceil((due! - this.nanos) / MILLISECOND);
      timer = setTimeout(wake, Math.min(LONGEST_WAIT, Math.max(0, wait)));
      rings = due!;
      timer.unref();
    };
    const wake = (): void => {
      timer = undefined;
      if (due === undefined) return;
      if (this.nanos < due) return arm();
      due = undefined;
      ring();
    };
    const set = (at: number): void => {
      due = Math.max(at, this.nanos);
      arm();
    };
    return {
      schedule: (nanos) => set(this.nanos + nanos),
      scheduleAt: set,
      cancel() {
        clearTimeout(timer);
        timer = undefined;
        due = undefined;
      },
      get due() {
        return due;
      },
    };
  }
}
