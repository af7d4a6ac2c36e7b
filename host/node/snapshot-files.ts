// SPDX-License-Identifier: MIT
// Snapshots of savevm as files of a folder. A file is written whole under another name first, so that what was there before
// is only lost to something complete.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import type { SnapshotStore } from "../../vmm/monitor/monitor.ts";
import { readInput, removeFile, writeWhole } from "./files.ts";

const SUFFIX = ".g86";

export class SnapshotFiles implements SnapshotStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  save(name: string, snapshot: Uint8Array): void {
    writeWhole(this.#path(name), snapshot);
  }

  load(name: string): Uint8Array {
    const path = this.#path(name);
    if (existsSync(path)) return readInput(path, "loadvm");
    const names = this.list().map((each) => each.name);
    if (!this.#isFolder()) throw new ConfigError(`-snapshots ${this.#folder}: there is no such folder`);
    const near = names.length > 0 ? `nearest is ${nearest(name, names)}` : "the folder has none";
    throw new ConfigError(`there is no snapshot ${name} in ${this.#folder}: ${near}`);
  }

  remove(name: string): void {
    this.load(name);
    removeFile(this.#path(name));
  }

  list(): { name: string; bytes: number }[] {
    if (!this.#isFolder()) return [];
    return readdirSync(this.#folder)
      .filter((file) => file.endsWith(SUFFIX))
      .toSorted()
      .flatMap((file) => {
        const stat = statSync(join(this.#folder, file), { throwIfNoEntry: false });
        return stat?.isFile() ? [{ name: file.slice(0, -SUFFIX.length), bytes: stat.size }] : [];
      });
  }

  #isFolder(): boolean {
    return statSync(this.#folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  }

  #path(name: string): string {
    if (!/^[\w.-]+$/.test(name) || name.startsWith("."))
      throw new ConfigError(`snapshot "${name}": letters, digits, "-", "_" and "." are possible`);
    return join(this.#folder, name + SUFFIX);
  }
}
