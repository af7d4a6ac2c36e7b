// SPDX-License-Identifier: MIT
// What a guest sent over a line, for scripts that look at it. Only so much is kept that a guest which never stops talking
// does not fill the host's memory; what came before is gone, and counted.

/** Characters that are kept for certain; up to twice as many may be there. */
const KEPT = 1 << 22;
/** Characters are joined to the text in pieces: one by one they would take many times their size. */
const PIECE = 1024;

export class Transcript {
  #text = "";
  #fresh: number[] = [];
  #dropped = 0;

  append(byte: number): void {
    if (this.#fresh.push(byte) >= PIECE) this.#join();
  }

  /** All that is kept, a character a byte. */
  get text(): string {
    this.#join();
    return this.#text;
  }

  /** Characters before those that are kept. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The complete lines, without their ends. */
  lines(): string[] {
    return this.text
      .split("\n")
      .slice(0, -1)
      .map((line) => line.replace(/\r+$/, ""));
  }

  #join(): void {
    this.#text += String.fromCharCode(...this.#fresh);
    this.#fresh = [];
    if (this.#text.length < 2 * KEPT) return;
    this.#dropped += this.#text.length - KEPT;
    this.#text = this.#text.slice(-KEPT);
  }
}
