// SPDX-License-Identifier: MIT
// What one engine says of one boot, and when a boot is over: at the shell's prompt on the serial console.

export const PROMPT = "guest# ";

export interface BootRequest {
  kernel: string;
  initrd: string;
  memoryMib: number;
  commandLine: string;
  /** Ours: nothing is compiled. */
  interpreted?: boolean;
  /** Long mode is there: which of QEMU's programs runs it. */
  is64: boolean;
}

export interface BootResult {
  /** From the start of the machine to the prompt. */
  wallMs: number;
  cpuMs: number;
  instructions?: number;
  virtualMs?: number;
  /** Milliseconds of wall time by place, and how often. */
  where?: { name: string; ms: number; count: number }[];
}

/** Calls `found` once, when the prompt has come. */
export class PromptWatch {
  readonly #found: () => void;
  #matched = 0;
  #tail = "";

  constructor(found: () => void) {
    this.#found = found;
  }

  byte(value: number): void {
    const character = String.fromCharCode(value);
    this.#tail = (this.#tail + character).slice(-2000);
    if (this.#matched === PROMPT.length) return;
    this.#matched = character === PROMPT[this.#matched] ? this.#matched + 1 : Number(character === PROMPT[0]);
    if (this.#matched === PROMPT.length) this.#found();
  }

  /** The last words, for errors. */
  get tail(): string {
    return this.#tail;
  }
}
