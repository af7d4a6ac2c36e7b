// SPDX-License-Identifier: MIT
// The real program in a process of its own: arguments and input in, output and exit code out.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import { program } from "../../host/cli/program.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Outcome {
  code: number | null;
  out: string;
  error: string;
}

/** As an input: nobody reads the output any more. */
export const CLOSE = Symbol("close");

/** `input`: what comes on standard input; each further piece when the text before it has been seen on standard output. */
export function glass86(
  words: readonly string[],
  input: readonly (string | RegExp | typeof CLOSE)[] = [],
): Promise<Outcome> {
  const child = spawn(process.execPath, ["--import", "tsx", "host/cli/main.ts", ...words], { cwd: ROOT });
  const outcome: Outcome = { code: null, out: "", error: "" };
  let next = 0;
  let seen = 0;
  const feed = (): void => {
    for (let piece = input[next]; piece !== undefined; piece = input[next]) {
      if (typeof piece === "string") child.stdin.write(piece);
      else if (piece === CLOSE) child.stdout.destroy();
      else {
        const match = piece.exec(outcome.out.slice(seen));
        if (!match) return;
        seen += match.index + match[0].length;
      }
      next++;
    }
    child.stdin.end();
  };
  child.stdin.on("error", () => {}); // the program may end before it has read everything
  child.stdout.on("data", (data: Buffer) => {
    outcome.out += data.toString("latin1");
    feed();
  });
  child.stderr.on("data", (data: Buffer) => (outcome.error += data.toString("latin1")));
  feed();
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...outcome, code }));
  });
}

/** The same words in this process, which takes no second to start: for what ends before a machine runs. */
export async function glass86Here(words: readonly string[]): Promise<Outcome> {
  const outcome: Outcome = { code: null, out: "", error: "" };
  const hear =
    (stream: "out" | "error", end = "") =>
    (text: unknown) => {
      outcome[stream] += String(text) + end;
      return true;
    };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(hear("out")),
    vi.spyOn(process.stderr, "write").mockImplementation(hear("error")),
    vi.spyOn(console, "error").mockImplementation(hear("error", "\n")),
  ];
  try {
    outcome.code = await program(words);
    return outcome;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** The program while it runs: for tests that come to it from outside. */
export class Running {
  readonly #child;
  out = "";
  error = "";
  #heard: () => void = () => {};
  readonly ended: Promise<number | null>;

  constructor(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const args = ["--import", "tsx", "host/cli/main.ts", ...words];
    this.#child = spawn(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...env } });
    this.#child.stdin.on("error", () => {});
    this.#child.stdout.on("data", (data: Buffer) => this.#hear("out", data));
    this.#child.stderr.on("data", (data: Buffer) => this.#hear("error", data));
    this.ended = new Promise((resolve) => this.#child.on("close", resolve));
    void this.ended.then(() => this.#heard());
  }

  get pid(): number {
    return this.#child.pid!;
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** No more will be typed. */
  hangUp(): void {
    this.#child.stdin.end();
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Waits until the stream says something that it had not said before; gives the match. */
  async says(pattern: RegExp, stream: "out" | "error" = "out"): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this[stream]);
      if (found) {
        this[stream] = this[stream].slice(found.index + found[0].length);
        return found;
      }
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`the program ended before ${pattern}: ${this.out}${this.error}`);
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
  }

  #hear(stream: "out" | "error", data: Buffer): void {
    this[stream] += data.toString("latin1");
    this.#heard();
  }
}
