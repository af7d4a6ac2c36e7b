// SPDX-License-Identifier: MIT
// The far end of a UART's cable: what the guest sent, and characters on their way to it. They arrive
// at the line's speed and only while the receiver has room, so nothing typed is lost.
import type { Alarm, Clock } from "../devices/core/clock.ts";
import type { IrqLine } from "../devices/core/irq-line.ts";
import { type SerialBackend, Uart16550 } from "../devices/uart16550/uart16550.ts";
import { Transcript } from "./transcript.ts";

export interface SerialPortState {
  /** Characters that have not reached the UART yet. */
  queue: number[];
  due: number | null;
}

export class SerialPort implements SerialBackend {
  readonly name: string;
  readonly version = 1;
  readonly uart: Uart16550;
  readonly #arrival: Alarm;
  readonly #listeners = new Set<(byte: number) => void>();
  #queue: number[] = [];
  #roomListener: (() => void) | undefined;
  readonly #sent = new Transcript();

  constructor(name: string, { clock, irq }: { clock: Clock; irq: IrqLine }) {
    this.name = `${name}.line`;
    this.uart = new Uart16550(name, { clock, irq, backend: this });
    this.#arrival = clock.createAlarm(`${name}.arrival`, () => this.#arrive());
  }

  /** Types text (as UTF-8) or bytes. */
  write(data: string | Uint8Array): void {
    for (const byte of typeof data === "string" ? utf8(data) : data) this.#queue.push(byte);
    if (this.#queue.length > 0 && this.#arrival.due === undefined) this.#arrival.schedule(this.uart.characterNanos);
  }

  /** Calls `listener` for every byte the guest sends; returns a function that ends it. */
  onByte(listener: (byte: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Characters on their way to the UART. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Calls `listener` whenever a character has arrived. */
  onRoom(listener: () => void): void {
    this.#roomListener = listener;
  }

  get sent(): Transcript {
    return this.#sent;
  }

  transmit(byte: number): void {
    this.#sent.append(byte);
    for (const listener of this.#listeners) listener(byte);
  }

  snapshot(): SerialPortState {
    return { queue: [...this.#queue], due: this.#arrival.due ?? null };
  }

  restore({ queue, due }: SerialPortState): void {
    this.#queue = [...queue];
    this.#arrival.cancel();
    if (due !== null) this.#arrival.scheduleAt(due);
  }

  #arrive(): void {
    if (this.uart.canReceive) {
      const byte = this.#queue.shift();
      if (byte !== undefined) this.uart.receive(byte);
      this.#roomListener?.();
    }
    if (this.#queue.length > 0) this.#arrival.schedule(this.uart.characterNanos);
  }
}

/** UTF-8 by the language's own means; the encoder class belongs to hosts. */
export function utf8(text: string): number[] {
  return Array.from(encodeURIComponent(text).matchAll(/%(..)|[^]/g), ([character, hex]) =>
    hex === undefined ? character.charCodeAt(0) : parseInt(hex, 16),
  );
}
