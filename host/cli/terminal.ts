// SPDX-License-Identifier: MIT
// The terminal as a guest's console and the monitor's: raw while the machine runs, as it was afterwards. What comes from a
// file or a pipe is no person: it all goes to whoever has the terminal, without keys of ours.
import { INPUT_ROOM } from "../node/line.ts";
import { EscapeKeys, KEY_HELP } from "./escape-keys.ts";
import { LineEditor } from "./line-editor.ts";
import { GREETING, PROMPT } from "./monitor-port.ts";

export interface TerminalUser {
  /** Undefined: no serial port has the terminal. */
  type: ((bytes: number[]) => void) | undefined;
  /** Characters typed that the guest has not taken yet. */
  waiting(): number;
  sendBreak(): void;
  quit(): void;
  /** A line for the monitor; gives what it answers. Undefined: there is no monitor here. */
  command: ((line: string) => string) | undefined;
  /** No more input will come. */
  end(): void;
}

export class Terminal {
  readonly #input = process.stdin;
  readonly #restore = (): void => void (this.interactive && this.#input.setRawMode(false));
  /** A person types. */
  readonly interactive = process.stdin.isTTY === true;
  readonly #lost = (error: NodeJS.ErrnoException): void => {
    if (this.#broken) return;
    this.#broken = true;
    if (error.code === "EPIPE") this.#user?.quit();
    else this.say(`\nglass86: standard output: ${error.message}; what follows is lost\n`);
  };
  /** Standard output takes nothing any more. Where nobody reads it, as behind `head`, the machine ends. */
  #broken = false;
  #user: TerminalUser | undefined;
  #atMonitor = false;
  #output: number[] = [];

  open(user: TerminalUser): void {
    this.#user = user;
    process.stdout.on("error", this.#lost);
    process.stderr.on("error", () => {}); // nowhere to say it
    const keys = new EscapeKeys();
    const editor = new LineEditor({
      echo: (text) => void (this.interactive && this.#put(text)),
      line: (line) => this.#answer(user, line),
    });
    if (this.interactive) {
      this.#input.setRawMode(true);
      process.on("exit", this.#restore);
    }
    const give = (bytes: number[]): void => {
      if (this.#atMonitor) editor.feed(bytes);
      else user.type?.(bytes);
    };
    const command = {
      quit: () => user.quit(),
      break: () => user.sendBreak(),
      help: () => this.say(KEY_HELP),
      switch: () => this.#switch(user),
    };
    this.#input.on("data", (data: Buffer) => {
      if (!this.interactive) return give([...data]);
      for (const byte of data) {
        const { bytes, commands } = keys.feed([byte]);
        if (bytes.length > 0) give(bytes);
        for (const each of commands) command[each]();
      }
    });
    this.#input.on("end", () => user.end());
    this.#input.resume();
    if (!user.type && user.command) this.#switch(user);
  }

  /** Guest output, shown by the next flush; silent while the monitor has the terminal. */
  write(byte: number): void {
    if (!this.#atMonitor) this.#output.push(byte);
  }

  flush(): void {
    if (this.#output.length > 0) this.#put(Uint8Array.from(this.#output));
    this.#output = [];
    // A long text that is pasted or comes from a pipe waits where it is.
    if (!this.#user || this.#input.readableEnded) return;
    if (this.#user.waiting() >= INPUT_ROOM && !this.#atMonitor) this.#input.pause();
    else if (this.#input.isPaused()) this.#input.resume();
  }

  /** Text of the program itself, on standard error so that the guest's output stays the guest's. */
  say(text: string): void {
    process.stderr.write(this.interactive ? text.replaceAll(/\r?\n/g, "\r\n") : text);
  }

  close(): void {
    this.#user = undefined;
    this.#restore();
    this.#input.pause();
    this.#input.unref?.();
  }

  #switch(user: TerminalUser): void {
    if (this.#atMonitor && user.type) {
      this.#atMonitor = false;
      this.#print("\n");
    } else if (user.command) {
      this.#atMonitor = true;
      this.#print(`\n${GREETING}${user.type ? ", Ctrl-a c goes back" : ""}.\n${PROMPT}`);
    }
  }

  #answer(user: TerminalUser, line: string): void {
    const answer = user.command?.(line) ?? "";
    this.#print(answer === "" ? PROMPT : `${answer}\n${PROMPT}`);
  }

  #print(text: string): void {
    this.#put(this.interactive ? text.replaceAll("\n", "\r\n") : text);
  }

  #put(data: string | Uint8Array): void {
    if (!this.#broken) process.stdout.write(data);
  }
}
