// SPDX-License-Identifier: MIT
// A line typed at a terminal in raw mode: echo, backspace, Ctrl-u, and the lines before with the arrow keys.

const CTRL_C = 0x03;
const BACKSPACE = 0x08;
const CTRL_U = 0x15;
const ESCAPE = 0x1b;
const DELETE = 0x7f;
const RETURN = 0x0d;
const LINE_FEED = 0x0a;
/** Longer lines, and lines longer ago, are nobody's. */
const MOST_CHARACTERS = 1024;
const MOST_LINES = 200;

export interface LineUser {
  echo(text: string): void;
  line(text: string): void;
}

export class LineEditor {
  readonly #user: LineUser;
  readonly #history: string[] = [];
  #last = 0;
  #at = 0;
  #text = "";
  /** Bytes of an escape sequence so far. */
  #escape = "";

  constructor(user: LineUser) {
    this.#user = user;
  }

  feed(bytes: Iterable<number>): void {
    for (const byte of bytes) {
      // Both together are one end of a line.
      if (byte !== LINE_FEED || this.#last !== RETURN) this.#type(byte);
      this.#last = byte;
    }
  }

  #type(byte: number): void {
    if (this.#escape !== "" || byte === ESCAPE) return this.#sequence(byte);
    if (byte === RETURN || byte === LINE_FEED) return this.#enter();
    if (byte === CTRL_U || byte === CTRL_C) return this.#replace("");
    if (byte === BACKSPACE || byte === DELETE) return this.#replace(this.#text.slice(0, -1));
    if (byte < 0x20 || this.#text.length >= MOST_CHARACTERS) return;
    this.#text += String.fromCharCode(byte);
    this.#user.echo(String.fromCharCode(byte));
  }

  #enter(): void {
    const line = this.#text;
    this.#text = "";
    if (line.trim() !== "") this.#history.push(line);
    if (this.#history.length > MOST_LINES) this.#history.shift();
    this.#at = this.#history.length;
    this.#user.echo("\r\n");
    this.#user.line(line);
  }

  /** Arrows up and down are ESC [ A and ESC [ B; other sequences are passed over. */
  #sequence(byte: number): void {
    this.#escape += String.fromCharCode(byte);
    const complete =
      this.#escape.length === 2 ? byte !== 0x5b && byte !== 0x4f : this.#escape.length > 2 && byte >= 0x40;
    if (!complete) return;
    const key = this.#escape.slice(-1);
    this.#escape = "";
    if (key !== "A" && key !== "B") return;
    this.#at = Math.max(0, Math.min(this.#history.length, this.#at + (key === "A" ? -1 : 1)));
    this.#replace(this.#history[this.#at] ?? "");
  }

  #replace(text: string): void {
    this.#user.echo("\b \b".repeat(this.#text.length) + text);
    this.#text = text;
  }
}
