// SPDX-License-Identifier: MIT
// A disk whose traffic is counted, and whose failures are told.
import type { BlockBackend } from "../../devices/core/block-backend.ts";

export interface DiskMeter {
  transferred(bytes: number): void;
  /** A request failed that a sound disk would have done. */
  failed(): void;
}

export class MeteredDisk implements BlockBackend {
  readonly #disk: BlockBackend;
  readonly #meter: DiskMeter;

  constructor(disk: BlockBackend, meter: DiskMeter) {
    this.#disk = disk;
    this.#meter = meter;
  }

  get sectors(): number {
    return this.#disk.sectors;
  }

  get readOnly(): boolean {
    return this.#disk.readOnly;
  }

  read(sector: number, into: Uint8Array): boolean {
    this.#meter.transferred(into.length);
    return this.#noted(this.#disk.read(sector, into), true);
  }

  write(sector: number, data: Uint8Array): boolean {
    this.#meter.transferred(data.length);
    return this.#noted(this.#disk.write(sector, data), !this.readOnly);
  }

  flush(): boolean {
    return this.#noted(this.#disk.flush(), true);
  }

  writeZeroes(sector: number, count: number): boolean {
    return this.#noted(this.#disk.writeZeroes(sector, count), !this.readOnly);
  }

  discard(sector: number, count: number): boolean {
    return this.#noted(this.#disk.discard(sector, count), !this.readOnly);
  }

  #noted(well: boolean, possible: boolean): boolean {
    if (!well && possible) this.#meter.failed();
    return well;
  }
}
