// SPDX-License-Identifier: MIT
// A folder of BMCs by name: how each is reached, and its whole state. Passwords are in the state, sealed; the files are
// the owner's alone.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import type { BmcState } from "../../vmm/external-bmc.ts";

export const FOLDER_VARIABLE = "GLASS86_BMC_FOLDER";
const OWNER_ONLY = 0o600;
const FOLDER_OWNER_ONLY = 0o700;
const SUFFIX = ".json";
const NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;

export interface BmcEntry {
  name: string;
  /** For QEMU's machines, and for consoles. */
  port: number;
  bind: string;
  lanPort: number;
  lanBind: string;
  user: string;
  state: BmcState;
}

export class BmcFolder {
  readonly path: string;

  constructor(path?: string) {
    const config = process.env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config");
    this.path = path ?? process.env[FOLDER_VARIABLE] ?? join(config, "glass86", "bmc");
  }

  names(): string[] {
    if (!existsSync(this.path)) return [];
    const files = readdirSync(this.path).filter((each) => each.endsWith(SUFFIX));
    return files.map((each) => each.slice(0, -SUFFIX.length)).sort();
  }

  read(name: string): BmcEntry {
    const file = this.#file(name);
    if (!existsSync(file)) {
      const names = this.names();
      const near = names.length > 0 ? `nearest is ${nearest(name, names)}` : "there is none yet (bmc add NAME)";
      throw new ConfigError(`there is no BMC ${name}; ${near}`);
    }
    try {
      return JSON.parse(readFileSync(file, "utf8")) as BmcEntry;
    } catch (error) {
      throw new ConfigError(`${file} is damaged: ${(error as Error).message}`);
    }
  }

  /** As a whole or not at all: a crash leaves what was there. */
  write(entry: BmcEntry): void {
    const file = this.#file(entry.name);
    const fresh = `${file}.${process.pid}`;
    try {
      mkdirSync(this.path, { recursive: true, mode: FOLDER_OWNER_ONLY });
      writeFileSync(fresh, JSON.stringify(entry), { mode: OWNER_ONLY });
      chmodSync(fresh, OWNER_ONLY);
      renameSync(fresh, file);
    } catch (error) {
      throw new ConfigError(`the BMC ${entry.name} cannot be kept: ${(error as Error).message}`);
    }
  }

  has(name: string): boolean {
    return existsSync(this.#file(name));
  }

  delete(name: string): void {
    rmSync(this.#file(name), { force: true });
    rmSync(this.socket(name), { force: true });
    rmSync(this.logFile(name), { force: true });
  }

  /** Where the process that serves a BMC answers. */
  socket(name: string): string {
    return join(this.path, `${checked(name)}.sock`);
  }

  logFile(name: string): string {
    return join(this.path, `${checked(name)}.log`);
  }

  #file(name: string): string {
    return join(this.path, `${checked(name)}${SUFFIX}`);
  }
}

function checked(name: string): string {
  if (NAME.test(name)) return name;
  throw new ConfigError(`BMC name "${name}": letters, digits, ".", "-" and "_" are possible, 63 at most`);
}
