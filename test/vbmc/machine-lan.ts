// SPDX-License-Identifier: MIT
// A machine of ours whose BMC is on loopback: it runs in small pieces of virtual time while real consoles talk to it.
import { createSocket, type Socket } from "node:dgram";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadCoreModule } from "../../host/node/core.ts";
import { createMachine } from "../../vmm/create-machine.ts";
import type { Machine } from "../../vmm/machine.ts";

const MILLISECOND = 1_000_000;
const PIECE = 20 * MILLISECOND;
const kernel = readFileSync(join(import.meta.dirname, "../../guest-images/first-guest/first-guest.elf"));

export class MachineLan {
  readonly machine: Machine = createMachine({ core: loadCoreModule(), kernel, memory: "32M" });
  readonly #socket: Socket = createSocket("udp4");
  #timer: NodeJS.Timeout | undefined;

  /** Gives the port. */
  open(name: string, password: string): Promise<number> {
    this.machine.bmc!.admit({ users: [{ name, password }] });
    this.machine.bmc!.connectNetwork({
      send: (peer, bytes) => this.#socket.send(Uint8Array.from(bytes), peer.port, peer.address, () => {}),
    });
    this.#socket.on("message", (bytes, { address, port }) => {
      const event = { kind: "datagram" as const, peer: { address, port }, port: this.port, bytes: [...bytes] };
      this.machine.input({ kind: "bmc", event });
    });
    this.#timer = setInterval(() => this.machine.run({ until: this.machine.nanos + PIECE }), 20);
    return new Promise((resolve) => this.#socket.bind(0, "127.0.0.1", () => resolve(this.port)));
  }

  get port(): number {
    return this.#socket.address().port;
  }

  close(): Promise<void> {
    clearInterval(this.#timer);
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}
