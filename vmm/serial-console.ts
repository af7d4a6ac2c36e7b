// SPDX-License-Identifier: MIT
// A serial port for scripts: type, wait for an answer, read lines. Waiting is in virtual time, so a script that worked
// once works always.
import type { Input } from "./input.ts";
import type { RunEnd, RunOptions } from "./machine-types.ts";
import { utf8 } from "./serial-port.ts";
import type { Transcript } from "./transcript.ts";

export interface ExpectOptions {
  /** Virtual nanoseconds to wait at most. */
  within?: number;
}

/** The text did not come: the message tells why the wait ended and what was there instead. */
export class ExpectationError extends Error {
  override name = "ExpectationError";
}

interface Runner {
  readonly nanos: number;
  run(options: RunOptions): RunEnd;
  stop(): void;
  input(input: Input): void;
}

/** The far end of a line, of whatever kind. */
export interface ConsoleLine {
  /** Characters on their way to the guest. */
  readonly waiting: number;
  /** What the guest sent. */
  readonly sent: Transcript;
  onByte(listener: (byte: number) => void): () => void;
}

/** How what is typed becomes an input of the machine. */
export interface ConsoleInputs {
  type(bytes: readonly number[]): Input;
  /** Absent: the line knows no break condition. */
  readonly break?: Input;
}

const DEFAULT_WITHIN = 10_000_000_000;
const TAIL = 400;

export class SerialConsole {
  readonly #machine: Runner;
  readonly #port: ConsoleLine;
  readonly #inputs: ConsoleInputs;
  /** Characters behind which the next expectation begins to look: those that the last one found, and all before. */
  #seen = 0;

  constructor(machine: Runner, port: ConsoleLine, inputs: ConsoleInputs) {
    this.#machine = machine;
    this.#port = port;
    this.#inputs = inputs;
  }

  /** Types text (as UTF-8) or bytes. */
  write(data: string | Uint8Array): void {
    const bytes = typeof data === "string" ? utf8(data) : [...data];
    this.#machine.input(this.#inputs.type(bytes));
  }

  sendBreak(): void {
    if (this.#inputs.break) this.#machine.input(this.#inputs.break);
  }

  onByte(listener: (byte: number) => void): () => void {
    return this.#port.onByte(listener);
  }

  /** Characters that the guest has not taken yet: who types more than a few thousand ahead had better wait. */
  get waiting(): number {
    return this.#port.waiting;
  }

  /** What was sent so far, a character a byte; of very much only the last millions. */
  get text(): string {
    return this.#port.sent.text;
  }

  /** The complete lines of it, without their ends. */
  lines(): string[] {
    return this.#port.sent.lines();
  }

  /** Runs the machine until the guest has sent `wanted`; returns what matched. */
  expect(wanted: string | RegExp, { within = DEFAULT_WITHIN }: ExpectOptions = {}): string {
    const until = this.#machine.nanos + within;
    let found = this.#find(wanted);
    const stopListening = this.#port.onByte(() => {
      found ??= this.#find(wanted);
      if (found !== undefined) this.#machine.stop();
    });
    try {
      while (found === undefined) {
        const end = this.#machine.run({ until });
        if (found === undefined && end.reason !== "stop") throw this.#failure(wanted, end);
      }
      return found;
    } finally {
      stopListening();
    }
  }

  #find(wanted: string | RegExp): string | undefined {
    const { text, dropped } = this.#port.sent;
    this.#seen = Math.max(this.#seen, dropped);
    const rest = text.slice(this.#seen - dropped);
    if (typeof wanted === "string") {
      const at = rest.indexOf(wanted);
      if (at < 0) return undefined;
      this.#seen += at + wanted.length;
      return wanted;
    }
    const match = new RegExp(wanted.source, wanted.flags.replace(/[gy]/g, "")).exec(rest);
    if (!match) return undefined;
    this.#seen += match.index + match[0].length;
    return match[0];
  }

  #failure(wanted: string | RegExp, end: RunEnd): ExpectationError {
    const what = typeof wanted === "string" ? JSON.stringify(wanted) : String(wanted);
    const why = end.reason === "time" ? "the time was up" : `the run ended with "${end.reason}"`;
    return new ExpectationError(`${what} did not come, ${why}; the console ended in:\n${this.text.slice(-TAIL)}`);
  }
}
