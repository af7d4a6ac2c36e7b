// SPDX-License-Identifier: MIT
// A Debian guest on QEMU's machine with its console as a pipe: what ours is compared with, and who connects to our BMC.
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { flavour } from "../../guest-images/debian/flavours.ts";
import type { DebianGuest } from "../../guest-images/debian/recipe.ts";
import { output, PROMPT, withFiles, type DebianBoot } from "./debian-machine.ts";

const LIMIT_MS = 300_000;
const SHOWN = 2000;

export class QemuGuest {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #folder = mkdtempSync(join(tmpdir(), "glass86-qemu-"));
  readonly #timer: NodeJS.Timeout;
  readonly #ended: Promise<void>;
  #console = "";
  #heard: (() => void) | undefined;
  #isOver = false;

  constructor(guest: DebianGuest, boot: DebianBoot, words: readonly string[]) {
    const is64 = flavour(boot.flavour).architecture === "amd64";
    const initrd = this.#initrd(boot.tools ? guest.toolsInitrd : guest.initrd, boot);
    this.#process = spawn(
      is64 ? "qemu-system-x86_64" : "qemu-system-i386",
      ["-accel", "tcg,thread=single", "-cpu", "Nehalem", "-m", boot.memory ?? "128M"]
        .concat(["-nodefaults", "-vga", "none", "-display", "none", "-serial", "stdio", "-no-reboot"])
        .concat(["-kernel", guest.kernel, "-initrd", initrd, "-append", boot.append ?? ""], words),
    );
    this.#timer = setTimeout(() => this.#process.kill(), LIMIT_MS);
    this.#process.stdout.on("data", (data: Buffer) => {
      this.#console += data.toString("latin1");
      this.#heard?.();
    });
    this.#process.stderr.on("data", (data: Buffer) => (this.#console += data.toString("latin1")));
    this.#process.stdin.on("error", () => {});
    this.#ended = new Promise((resolve) =>
      this.#process.on("close", () => {
        this.#isOver = true;
        this.#heard?.();
        resolve();
      }),
    );
  }

  get console(): string {
    return this.#console;
  }

  /** Waits for the shell; `from`: what the console says behind there. */
  async toPrompt(from = 0): Promise<void> {
    while (!this.#console.slice(from).includes(PROMPT)) {
      if (this.#isOver) throw new Error(`QEMU's guest came to no prompt:\n${this.#console.slice(-SHOWN)}`);
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
  }

  type(text: string): void {
    this.#process.stdin.write(`${text}\n`);
  }

  /** Types a command; gives the lines it printed. */
  async command(text: string): Promise<string[]> {
    const from = this.#console.length;
    this.type(text);
    await this.toPrompt(from);
    return output(this.#console.slice(from), text);
  }

  /** Until QEMU has ended by itself. */
  ended(): Promise<void> {
    return this.#ended;
  }

  async end(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
    clearTimeout(this.#timer);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #initrd(image: string, boot: DebianBoot): string {
    const file = join(this.#folder, "initrd");
    writeFileSync(file, withFiles(readFileSync(image), boot));
    return file;
  }
}

/** Boots the same on QEMU and gives what a command prints there. */
export async function commandOnQemu(
  guest: DebianGuest,
  boot: DebianBoot,
  text: string,
  words: string[],
): Promise<string[]> {
  const qemu = new QemuGuest(guest, boot, words);
  try {
    await qemu.toPrompt();
    return await qemu.command(text);
  } finally {
    await qemu.end();
  }
}
