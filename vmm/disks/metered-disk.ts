// SPDX-License-Identifier: MIT
// A disk whose traffic is counted, whatever becomes of it.
import type { BlockBackend } from "../../devices/core/block-backend.ts";

export class MeteredDisk implements BlockBackend {
  readonly #disk: BlockBackend;
  readonly #count: (bytes: number) => void;

  constructor(disk: BlockBackend, count: (bytes: number) => void) {
    this.#disk = disk;
    this.#count = count;
  }

  get sectors(): number {
    return this.#disk.sectors;
  }

  get readOnly(): boolean {
    return this.#disk.readOnly;
  }

  read(sector: number, into: Uint8Array): boolean {
    this.#count(into.length);
    return this.#disk.read(sector, into);
  }

  write(sector: number, data: Uint8Array): boolean {
    this.#count(data.length);
    return this.#disk.write(sector, data);
  }

  flush(): boolean {
    return this.#disk.flush();
  }

  writeZeroes(sector: number, count: number): boolean {
    return this.#disk.writeZeroes(sector, count);
  }

  discard(sector: number, count: number): boolean {
    return this.#disk.discard(sector, count);
  }
}
