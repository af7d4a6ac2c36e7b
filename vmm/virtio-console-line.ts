// SPDX-License-Identifier: MIT
// The far end of a port of a virtio console: what the guest sent, and what is on its way to it.
import type { VirtioConsole } from "../devices/virtio/console/virtio-console.ts";
import { Transcript } from "./transcript.ts";

export class VirtioConsoleLine {
  readonly #device: () => VirtioConsole;
  readonly #port: number;
  readonly #listeners = new Set<(byte: number) => void>();
  readonly #sent = new Transcript();

  /** `device`: asked for late, because it needs its lines first. */
  constructor(device: () => VirtioConsole, port: number) {
    this.#device = device;
    this.#port = port;
  }

  /** Bytes for the guest; gives how many the device takes, the others are lost as on any line without flow control. */
  write(bytes: Uint8Array): number {
    return this.#device().receive(this.#port, bytes);
  }

  /** Nothing waits here: the device has the queue. */
  get waiting(): number {
    return 0;
  }

  onByte(listener: (byte: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get sent(): Transcript {
    return this.#sent;
  }

  transmit(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.#sent.append(byte);
      for (const listener of this.#listeners) listener(byte);
    }
  }
}
