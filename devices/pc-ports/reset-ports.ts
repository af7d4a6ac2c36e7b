// SPDX-License-Identifier: MIT
// The two chipset ports that reset a PC: system control port A (92h: fast A20 and fast reset) and the reset control
// register (CF9h).
// Spec: Intel 82371SB (PIIX3) 2.5.7 (port 92h) and 2.5.9 (RC, reset control register); Intel ICH9 (316972), RST_CNT.
import { byteWindow, type Device, type RegisterWindow } from "../core/device.ts";

const FAST_RESET = 1 << 0; // pulses INIT when it goes from 0 to 1
const FAST_A20 = 1 << 1;

export interface Port92State {
  value: number;
}

export class Port92 implements Device<Port92State> {
  readonly name = "port92";
  readonly version = 1;
  readonly window: RegisterWindow;
  readonly #setA20: (open: boolean) => void;
  #value = FAST_A20;

  /** A20 is open after a reset, as firmware hands it over. */
  constructor({ setA20, reset }: { setA20: (open: boolean) => void; reset: () => void }) {
    this.#setA20 = setA20;
    this.window = byteWindow(
      () => this.#value,
      (_offset, value) => {
        const rises = (value & ~this.#value & FAST_RESET) !== 0;
        this.#value = value & (FAST_A20 | FAST_RESET);
        setA20((value & FAST_A20) !== 0);
        if (rises) reset();
      },
    );
  }

  reset(): void {
    this.restore({ value: FAST_A20 });
  }

  snapshot(): Port92State {
    return { value: this.#value };
  }

  restore({ value }: Port92State): void {
    this.#value = value;
    this.#setA20((value & FAST_A20) !== 0);
  }
}

const RC_HARD = 1 << 1; // SRST: hard rather than soft reset
const RC_GO = 1 << 2; // RCPU: the reset happens when it goes from 0 to 1
const RC_FULL = 1 << 3; // the power goes too; kept for reading

export interface ResetControlState {
  value: number;
}

export class ResetControl implements Device<ResetControlState> {
  readonly name = "reset-control";
  readonly version = 1;
  readonly window: RegisterWindow;
  #value = 0;

  /** `full`: there is a bit for the full reset, as the ICH has it. */
  constructor({ reset, full }: { reset: (hard: boolean) => void; full: boolean }) {
    const bits = RC_HARD | RC_GO | (full ? RC_FULL : 0);
    this.window = byteWindow(
      () => this.#value,
      (_offset, value) => {
        const rises = (value & ~this.#value & RC_GO) !== 0;
        this.#value = value & bits;
        if (rises) reset((value & RC_HARD) !== 0);
      },
    );
  }

  reset(): void {
    this.#value = 0;
  }

  snapshot(): ResetControlState {
    return { value: this.#value };
  }

  restore({ value }: ResetControlState): void {
    this.#value = value;
  }
}
