// SPDX-License-Identifier: MIT
// Real consoles on loopback: a BMC server in this process with a machine that answers at its serial console, client
// programs beside it.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BmcServer, type BmcLanOptions } from "../../host/node/bmc-server.ts";
import { ScriptedShell } from "./scripted-shell.ts";

export const USER = "admin";
export const PASSWORD = "a-20-byte-password-1";
/** For expect: waits for a text, and ends with a word when it does not come. */
export const WANT = `proc want {text} {
  expect -exact $text {} timeout { puts "MISSING $text"; exit 3 } eof { puts "END BEFORE $text"; exit 4 }
}`;
const PATIENCE = 60_000;
const FIRST_PORT = 20_000;
const PORTS = 10_000;
const AT_ONCE = 4;

export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs a client to its end; nothing of it stays behind. */
export function runProgram(
  program: string,
  args: readonly string[],
  input = "",
  env: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { timeout: PATIENCE, env: { ...process.env, LC_ALL: "C", TZ: "UTC", ...env } };
    const child = execFile(program, args, options, (error, out, err) => {
      const code = error ? (typeof error.code === "number" ? error.code : -1) : 0;
      resolve({ code, out, err });
    });
    child.stdin?.end(input);
  });
}

export class ClientBench {
  server!: BmcServer;
  /** Tools keep caches in the home directory. */
  readonly home = mkdtempSync(join(tmpdir(), "glass86-clients-"));
  port = 0;

  async open(lan: Partial<BmcLanOptions> = {}): Promise<void> {
    // Not one of the system's own: ipmiconsole knows no port above 32767.
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    this.server = new BmcServer({ port: 0, lan: { port, users: [{ name: USER, password: PASSWORD }], ...lan } });
    this.measure();
    this.powerOn();
    new ScriptedShell(this.server.bmc.station).boot();
    this.port = await this.server.lan!.listen();
  }

  /** The machine's first sensors have a reading, until it is switched off. */
  measure(): void {
    const { station } = this.server.bmc;
    for (const [number, raw] of [3, 30, 45, 60].entries()) station.tell({ kind: "sensor", number: number + 1, raw });
  }

  powerOn(): void {
    this.server.bmc.station.tell({ kind: "machine", powered: true });
  }

  /** Switched off and on again: another server has what the old one kept. */
  async restart(): Promise<void> {
    const state = this.server.bmc.station.bmc.snapshot();
    await this.server.close();
    this.server = new BmcServer({ port: 0, lan: { port: this.port, users: [] }, state });
    this.powerOn();
    new ScriptedShell(this.server.bmc.station).boot();
    await this.server.lan!.listen();
  }

  /** A bench whose `port` is somebody else's has no server. */
  async close(): Promise<void> {
    await (this.server as BmcServer | undefined)?.close();
    rmSync(this.home, { recursive: true, force: true });
  }

  run(program: string, args: readonly string[], input = "", env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    return runProgram(program, args, input, { HOME: this.home, IPMI_PASSWORD: PASSWORD, ...env });
  }

  /** `words` as typed behind the options; a no-break space stands for one inside of a word. */
  ipmitool(words: string, suite = 17, env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    const args = ["-I", "lanplus", "-C", `${suite}`, "-H", "127.0.0.1", "-p", `${this.port}`, "-U", USER, "-E"];
    const typed = words.split(" ").map((each) => each.replaceAll("\u00a0", " "));
    return this.run("ipmitool", [...args, ...typed], "", env);
  }

  /** Several commands that do not disturb each other, a few at a time. */
  async all(commands: readonly string[], suite = 17): Promise<Ran[]> {
    const ran: Ran[] = [];
    for (let i = 0; i < commands.length; i += AT_ONCE) {
      ran.push(...(await Promise.all(commands.slice(i, i + AT_ONCE).map((each) => this.ipmitool(each, suite)))));
    }
    return ran;
  }

  /** A program of FreeIPMI; no workaround flags. */
  freeipmi(program: string, args: readonly string[] = [], suite = 17): Promise<Ran> {
    const session = ["-D", "LAN_2_0", "-h", `127.0.0.1:${this.port}`, "-u", USER, "-p", PASSWORD, "-I", `${suite}`];
    const cached = ["ipmi-sensors", "ipmi-sel", "ipmi-fru", "bmc-device", "ipmi-config", "ipmi-pet"].includes(program);
    const cache = cached ? ["--quiet-cache", `--sdr-cache-directory=${this.home}`] : [];
    return this.run(program, [...session, "-l", "ADMIN", ...cache, ...args]);
  }
}
