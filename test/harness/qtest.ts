// SPDX-License-Identifier: MIT
// QEMU as an oracle for devices, without a guest: its processor stands still and port accesses come as text lines.
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";

export const QEMU = "qemu-system-x86_64";
/** Configuration mechanism 1. */
export const CONFADD = 0xcf8;
export const CONFDATA = 0xcfc;

export class Qtest {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting: { resolve(line: string): void; reject(error: Error): void }[] = [];
  /** Levels of interrupt lines as they changed, once intercepted. */
  readonly irqs: string[] = [];
  #errors = "";
  #ended: string | undefined;

  constructor(devices: readonly string[], { machine = "pc", runs = false } = {}) {
    const qtest = ["-accel", "tcg", ...(runs ? [] : ["-S"]), "-qtest", "stdio"];
    const base = [...qtest, "-display", "none", "-nodefaults", "-machine", machine, "-m", "16"];
    this.#process = spawn(QEMU, [...base, ...devices]);
    this.#process.stderr.on("data", (text) => (this.#errors += String(text)));
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#take(line));
    this.#process.on("exit", () => this.#fail(`QEMU has ended: ${this.#errors}`));
    this.#process.stdin.on("error", (error) => this.#fail(error.message));
    this.#process.on("error", (error) => this.#fail(error.message));
  }

  async command(line: string): Promise<string> {
    if (this.#ended) throw new Error(this.#ended);
    const answer = await new Promise<string>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#process.stdin.write(`${line}\n`);
    });
    if (!answer.startsWith("OK")) throw new Error(`${line}: ${answer}`);
    return answer.slice(3);
  }

  async inb(port: number): Promise<number> {
    return Number(await this.command(`inb 0x${port.toString(16)}`));
  }

  async outb(port: number, value: number): Promise<void> {
    await this.command(`outb 0x${port.toString(16)} 0x${value.toString(16)}`);
  }

  async in(port: number, size: 1 | 2 | 4): Promise<number> {
    return Number(await this.command(`in${"bwl"[size >> 1]} 0x${port.toString(16)}`));
  }

  async out(port: number, size: 1 | 2 | 4, value: number): Promise<void> {
    await this.command(`out${"bwl"[size >> 1]} 0x${port.toString(16)} 0x${value.toString(16)}`);
  }

  async load(address: number, size: 1 | 2 | 4): Promise<number> {
    return Number(await this.command(`read${"bwl"[size >> 1]} 0x${address.toString(16)}`));
  }

  async store(address: number, size: 1 | 2 | 4, value: number): Promise<void> {
    await this.command(`write${"bwl"[size >> 1]} 0x${address.toString(16)} 0x${value.toString(16)}`);
  }

  /** Drives an unnamed input of the device at `path`. */
  async drive(path: string, input: number, level: boolean): Promise<void> {
    await this.command(`set_irq_in ${path} unnamed-gpio-in ${input} ${level ? 1 : 0}`);
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await gone;
  }

  #take(line: string): void {
    if (line.startsWith("IRQ")) this.irqs.push(line.slice(4));
    else this.#waiting.shift()?.resolve(line);
  }

  #fail(message: string): void {
    this.#ended ??= message;
    for (const each of this.#waiting.splice(0)) each.reject(new Error(message));
  }
}
