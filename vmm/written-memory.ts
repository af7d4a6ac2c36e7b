// SPDX-License-Identifier: MIT
// How much of its memory a guest has written to since it was switched on: what can be told from outside of the memory that
// it uses. It grows with what the guest keeps in its caches, and what the guest frees stays counted.
import * as L from "../vmm-core/layout.ts";
import type { CpuCore } from "./cpu/core.ts";

const PAGE = 4096;

export class WrittenMemory {
  readonly #core: CpuCore;
  /** A page a byte; 1: written. */
  readonly #written: Uint8Array;

  constructor(core: CpuCore) {
    this.#core = core;
    this.#written = new Uint8Array(core.memoryBytes / PAGE);
  }

  /** Thousandths of the memory. */
  get share(): number {
    this.collect();
    let count = 0;
    for (const each of this.#written) count += each;
    return Math.round((1000 * count) / this.#written.length);
  }

  /** Takes the marks of pages over; to be called before the marks are set anew. */
  collect(): void {
    const first = L.PAGE_FLAGS + L.RAM / PAGE;
    const { bytes } = this.#core;
    const flags = bytes.subarray(first, first + this.#written.length);
    for (let page = 0; page < flags.length; page++) if (!(flags[page]! & L.PAGE_CLEAN)) this.#written[page] = 1;
  }

  /** The memory is empty. */
  reset(): void {
    this.#written.fill(0);
  }

  /** A bit a page. */
  snapshot(): Uint8Array {
    this.collect();
    const bits = new Uint8Array(Math.ceil(this.#written.length / 8));
    for (const [page, written] of this.#written.entries()) if (written) bits[page >> 3]! |= 1 << (page & 7);
    return bits;
  }

  restore(bits: Uint8Array): void {
    for (let page = 0; page < this.#written.length; page++) this.#written[page] = (bits[page >> 3]! >> (page & 7)) & 1;
  }
}
