// SPDX-License-Identifier: MIT
// A serial port on a pseudo terminal of the host. Node has no call that makes one, but script(1) of util-linux does: its own
// input and output are the master's, and the program it runs tells the slave's name and keeps it open.
import { type ChildProcess, spawn } from "node:child_process";
import { ConfigError } from "../../common/errors.ts";
import { INPUT_ROOM, type Line, type LinePort, OUTPUT_ROOM } from "./line.ts";

/** Ends when this process has ended, however: descriptor 3 is a pipe of ours. */
const KEEPER = "stty raw -echo; tty; exec cat <&3";
/** A busy host may take its time; a script that is not there says so at once. */
const PATIENCE_MS = 30_000;

export class PtyLine implements Line {
  /** Like /dev/pts/3. */
  readonly device: string;
  readonly #script: ChildProcess;
  #port: LinePort | undefined;
  #output: number[] = [];

  private constructor(script: ChildProcess, device: string) {
    this.#script = script;
    this.device = device;
  }

  /** Throws a ConfigError where there is no script(1). */
  static async open(): Promise<PtyLine> {
    const script = spawn("script", ["-qec", KEEPER, "/dev/null"], { stdio: ["pipe", "pipe", "ignore", "pipe"] });
    script.stdin?.on("error", () => {});
    const device = await firstLine(script);
    if (device?.startsWith("/dev/")) return new PtyLine(script, device);
    script.kill();
    throw new ConfigError(
      "pty: a pseudo terminal needs the program script of util-linux; unix:PATH,server and tcp:HOST:PORT,server need none",
    );
  }

  start(port: LinePort): void {
    this.#port = port;
    port.onByte((byte) => this.#output.push(byte));
    const { stdout } = this.#script;
    stdout?.on("data", (data: Buffer) => {
      port.write(data);
      if (port.waiting >= INPUT_ROOM) stdout.pause();
    });
  }

  pump(): void {
    const { stdin, stdout } = this.#script;
    if (stdin && this.#output.length > 0 && stdin.writableLength < OUTPUT_ROOM)
      stdin.write(Uint8Array.from(this.#output));
    this.#output = [];
    if (stdout?.isPaused() && this.#port && this.#port.waiting < INPUT_ROOM) stdout.resume();
  }

  close(): void {
    this.pump();
    this.#script.kill();
  }
}

/** undefined: it does not start, or says nothing. */
function firstLine(script: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = "";
    const end = (line: string | undefined): void => {
      clearTimeout(timer);
      script.stdout?.off("data", take);
      resolve(line);
    };
    const take = (data: Buffer): void => {
      text += data.toString("latin1");
      if (!text.includes("\n")) return;
      script.stdout?.pause();
      end(text.split(/\r?\n/)[0]);
    };
    const timer = setTimeout(() => end(undefined), PATIENCE_MS);
    script.stdout?.on("data", take);
    script.once("error", () => end(undefined));
    script.once("close", () => end(undefined));
  });
}
