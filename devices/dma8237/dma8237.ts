// SPDX-License-Identifier: MIT
// The DMA controllers of a PC/AT: two 8237A, the first for bytes behind the second, which moves words, and the page registers
// that make 24-bit addresses of the chips' 16 bits. Pages without a channel only hold what is written.
// Spec: Intel 8237A datasheet (231466); IBM PC AT Technical Reference (1984), "Direct Memory Access"; Intel 82378ZB, 3.2.
import type { Clock } from "../core/clock.ts";
import { byteWindow, type Device, type RegisterWindow } from "../core/device.ts";
import type { GuestMemory } from "../core/memory.ts";
import { DmaChip, type DmaChannel, type DmaChipState } from "./chip.ts";
import * as R from "./registers.ts";

export interface Dma8237State {
  first: DmaChipState;
  second: DmaChipState;
  pages: number[];
}

/** A page of words is 128 KiB: its lowest bit is not used. */
const WORD_PAGE = 0xfe;
const PAGE_BYTES = 0x10000;

export class Dma8237 implements Device<Dma8237State> {
  readonly name = "dma8237";
  readonly version = 1;
  /** Ports 00h to 0Fh. */
  readonly firstWindow: RegisterWindow;
  /** Ports C0h to DFh; the lowest address line is not connected. */
  readonly secondWindow: RegisterWindow;
  /** Ports 81h to 8Fh. */
  readonly pageWindow: RegisterWindow;
  readonly #memory: GuestMemory;
  readonly #first: DmaChip;
  readonly #second: DmaChip;
  readonly #pages = new Uint8Array(R.PAGES);

  constructor({ clock, memory }: { clock: Clock; memory: GuestMemory }) {
    this.#memory = memory;
    const bytes = { read: this.#readByte, write: this.#writeByte };
    const words = { read: this.#readWord, write: this.#writeWord };
    this.#second = new DmaChip(`${this.name}.second`, clock, words, () => true);
    this.#first = new DmaChip(`${this.name}.first`, clock, bytes, () =>
      this.#second.passes(R.CASCADE_CHANNEL - R.CHANNELS),
    );
    this.firstWindow = byteWindow(
      (offset) => this.#first.read(offset),
      (offset, value) => this.#first.write(offset, value),
    );
    this.secondWindow = byteWindow(
      (offset) => this.#second.read(offset >> 1),
      (offset, value) => {
        this.#second.write(offset >> 1, value);
        this.#first.run(); // its way may have opened
      },
    );
    this.pageWindow = byteWindow(
      (offset) => this.#pages[offset]!,
      (offset, value) => (this.#pages[offset] = value),
    );
  }

  /** Wires a device to channel 0 to 3 or 5 to 7; gives its DREQ line. */
  connect(channel: number, device: DmaChannel): { set(level: boolean): void } {
    if (channel === R.CASCADE_CHANNEL || channel < 0 || channel >= 2 * R.CHANNELS)
      throw new RangeError(`DMA channel ${channel}: 0 to 3 and 5 to 7 are possible`);
    return channel < R.CHANNELS
      ? this.#first.connect(channel, device)
      : this.#second.connect(channel - R.CHANNELS, device);
  }

  reset(): void {
    this.#first.reset();
    this.#second.reset();
    this.#pages.fill(0);
  }

  snapshot(): Dma8237State {
    return { first: this.#first.snapshot(), second: this.#second.snapshot(), pages: [...this.#pages] };
  }

  restore({ first, second, pages }: Dma8237State): void {
    this.#first.restore(first);
    this.#second.restore(second);
    this.#pages.set(pages);
  }

  // ---- memory: what is not RAM reads as ones and keeps nothing --------------------------------------------------------

  #byteAddress(channel: number, address: number): number {
    return this.#pages[R.PAGE_OF_CHANNEL[channel]!]! * PAGE_BYTES + address;
  }

  #wordAddress(channel: number, address: number): number {
    return (this.#pages[R.PAGE_OF_CHANNEL[R.CHANNELS + channel]!]! & WORD_PAGE) * PAGE_BYTES + 2 * address;
  }

  readonly #readByte = (channel: number, address: number): number =>
    this.#memory.view(this.#byteAddress(channel, address), 1)?.[0] ?? 0xff;

  readonly #writeByte = (channel: number, address: number, unit: number): void =>
    void this.#memory.write(this.#byteAddress(channel, address), Uint8Array.of(unit));

  readonly #readWord = (channel: number, address: number): number => {
    const bytes = this.#memory.view(this.#wordAddress(channel, address), 2);
    return bytes ? bytes[0]! | (bytes[1]! << 8) : 0xffff;
  };

  readonly #writeWord = (channel: number, address: number, unit: number): void =>
    void this.#memory.write(this.#wordAddress(channel, address), Uint8Array.of(unit, unit >> 8));
}
