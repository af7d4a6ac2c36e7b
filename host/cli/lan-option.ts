// SPDX-License-Identifier: MIT
// `--lan` and `-bmc`, both `port=,bind=,user=,password-file=,ipmi15=`: where consoles reach the BMC and who may
// come in. Passwords come from a file, the environment or a prompt, never from the command line, which every process of the
// host can read.
import { readFileSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { ConfigError } from "../../common/errors.ts";
import type { BmcLanOptions } from "../node/bmc-server.ts";
import { Properties } from "./properties.ts";

const NAMES = ["port", "bind", "user", "password-file", "ipmi15"];
export const PASSWORD_VARIABLE = "GLASS86_BMC_PASSWORD";
const RMCP_PORT = 623;
const DEFAULT_USER = "admin";
const OTHERS_MAY_READ = 0o044;

export interface LanOption {
  port: number;
  bind?: string;
  user: string;
  passwordFile?: string;
  /** Sessions of IPMI 1.5 too. */
  ipmi15?: boolean;
}

/** `option`: which it is, for errors. */
export function parseLanOption(text: string, option = "--lan"): LanOption {
  if (/(^|,)password=/.test(text))
    throw new ConfigError(`${option} password=: other processes can see it; password-file= is possible`);
  const given = text === "" ? undefined : new Properties(option, text, NAMES);
  const [port, bind, passwordFile] = ["port", "bind", "password-file"].map((name) => given?.text(name));
  return {
    port: port === undefined ? RMCP_PORT : parsePort(`${option} port`, port),
    user: given?.text("user") ?? DEFAULT_USER,
    ...(given?.flag("ipmi15") && { ipmi15: true }),
    ...(bind !== undefined && { bind }),
    ...(passwordFile !== undefined && { passwordFile }),
  };
}

export function parsePort(name: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 0xffff) return port;
  throw new ConfigError(`${name} ${text}: a number from 0 to 65535 is possible`);
}

/** The option with its password: from the file it names, else the environment, else the terminal. */
export async function openLanOption({ port, bind, user, passwordFile, ipmi15 }: LanOption): Promise<BmcLanOptions> {
  const password = await readPassword(user, passwordFile);
  return { port, ...(bind !== undefined && { bind }), ...(ipmi15 && { ipmi15 }), users: [{ name: user, password }] };
}

async function readPassword(user: string, file: string | undefined): Promise<string> {
  if (file !== undefined) return readPasswordFile(file);
  const given = process.env[PASSWORD_VARIABLE];
  if (given !== undefined) return given;
  if (!process.stdin.isTTY) {
    throw new ConfigError(`no password for the BMC's user ${user}: password-file= or ${PASSWORD_VARIABLE} is possible`);
  }
  return promptPassword(`Password for the BMC's user ${user}: `);
}

/** The file's one line. */
function readPasswordFile(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    const mode = statSync(file).mode & 0o777;
    if (process.platform !== "win32" && mode & OTHERS_MAY_READ)
      console.warn(
        `glass86: ${file} has a password and may be read by others (mode ${mode.toString(8)}): chmod 600 it`,
      );
  } catch (error) {
    throw new ConfigError(`the password file cannot be read: ${(error as Error).message}`);
  }
  if (/[\r\n]/.test(text)) throw new ConfigError(`${file} has several lines: a password alone is needed`);
  return text;
}

/** Asks on the terminal without echo. */
function promptPassword(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve, reject) => {
    reader.once("close", () => {
      process.stderr.write("\n");
      reject(new ConfigError("no password was given"));
    });
    reader.question("", (answer) => {
      resolve(answer);
      reader.close();
    });
  });
}
