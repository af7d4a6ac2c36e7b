// SPDX-License-Identifier: MIT
// Files that a user names: read with errors in words and with progress, written so that a failure leaves what was there.
import {
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { ConfigError } from "../../common/errors.ts";

const PIECE = 8 << 20;
/** Of snapshots and recordings: a guest's memory, what was typed, and what opens the BMC's sessions. */
const OWNER_ONLY = 0o600;
const ANYBODY = 0o666;

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  ELOOP: "its links go in a circle",
  ENOTDIR: "a part of the path is no folder",
  EACCES: "it may not be read",
  ENOSPC: "the disk is full",
  EROFS: "the file system is read-only",
};

const OUTPUT_WORDS: Readonly<Record<string, string>> = {
  ...WORDS,
  ENOENT: "there is no such folder",
  EACCES: "it may not be written",
};

function inWords(error: unknown, words = WORDS): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code !== undefined && words[code]) || message;
}

/** Told how much of a large file has been read. */
export type ReadProgress = (path: string, done: number, bytes: number) => void;

/** The whole file; `option` is the one that named it. */
export function readInput(path: string, option: string, progress?: ReadProgress): Uint8Array {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw new ConfigError(`-${option} ${path}: it is a folder`);
    if (stat.isFIFO()) return readFileSync(file); // of another program: its end is its size
    const data = new Uint8Array(stat.size);
    let done = 0;
    while (done < data.length) {
      const step = readSync(file, data, done, Math.min(PIECE, data.length - done), done);
      if (step === 0) throw new ConfigError(`-${option} ${path}: it became shorter while it was read`);
      done += step;
      progress?.(path, done, data.length);
    }
    return data;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`-${option} ${path}: ${inWords(error)}`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Under a temporary name first, then in place of what was there. */
export function writeWhole(path: string, data: Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, data, { mode: OWNER_ONLY });
    renameSync(temporary, path);
  } catch (error) {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // where nothing could be written nothing is left
    }
    throw new ConfigError(`${path} cannot be written: ${inWords(error, OUTPUT_WORDS)}`);
  }
}

/** A file that is written while the machine runs. When it cannot go on, that is said once, and the rest is lost. */
export class OutputFile {
  readonly #file: number;
  readonly #name: string;
  readonly #own: boolean;
  #broken = false;

  /** From the beginning; throws a ConfigError. Without a path it is standard error. `secret`: for the owner alone. */
  constructor(path: string | undefined, option: string, secret = false) {
    this.#name = `-${option} ${path ?? "on standard error"}`;
    this.#own = path !== undefined;
    try {
      this.#file = path === undefined ? 2 : openSync(path, "w", secret ? OWNER_ONLY : ANYBODY);
    } catch (error) {
      throw new ConfigError(`${this.#name}: ${inWords(error, OUTPUT_WORDS)}`);
    }
  }

  write(data: string | Uint8Array): void {
    if (this.#broken) return;
    try {
      if (typeof data === "string") writeSync(this.#file, data);
      else writeSync(this.#file, data);
    } catch (error) {
      this.#broken = true;
      process.stderr.write(`\r\nglass86: ${this.#name}: ${inWords(error, OUTPUT_WORDS)}; what follows is lost\r\n`);
    }
  }

  close(): void {
    if (this.#own) closeSync(this.#file);
  }
}

export function removeFile(path: string): void {
  rmSync(path, { force: true });
}
