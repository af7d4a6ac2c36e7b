// SPDX-License-Identifier: MIT
// The BMC's place on the network: datagrams come from a UDP socket and go back to it. Nothing is decided here.
import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { BmcHappening, Network } from "../../vmm/machine-bmc.ts";

/** The BMC as its network sees it. */
export interface NetworkedBmc {
  tell(happening: BmcHappening): void;
  connect(network: Network | undefined): void;
}

export interface LanServerOptions {
  bmc: NetworkedBmc;
  port: number;
  /** The host itself unless given. */
  bind?: string | undefined;
}

export const LOOPBACK = "127.0.0.1";
const ENTROPY_BYTES = 32;

export class LanServer {
  readonly #options: LanServerOptions;
  readonly #socket: Socket;
  #port = 0;

  constructor(options: LanServerOptions) {
    this.#options = options;
    const { bind = LOOPBACK } = options;
    this.#socket = createSocket(isIPv6(bind) ? "udp6" : "udp4");
  }

  /** Takes the port, which the system chooses when 0 was asked for, and gives it. What comes before `start` is lost. */
  bind(): Promise<number> {
    const { port, bind = LOOPBACK } = this.#options;
    return new Promise((resolve, reject) => {
      this.#socket.once("error", reject);
      this.#socket.bind(port, bind, () => {
        this.#socket.off("error", reject);
        this.#socket.on("error", () => {});
        this.#port = this.#socket.address().port;
        resolve(this.#port);
      });
    });
  }

  /** From now on the BMC hears. */
  start(): void {
    const { bmc } = this.#options;
    this.#socket.on("message", (bytes, { address, port }) => {
      bmc.tell({ kind: "datagram", peer: { address, port }, port: this.#port, bytes: numbers(bytes) });
    });
    bmc.tell({ kind: "entropy", bytes: [...randomBytes(ENTROPY_BYTES)] });
    // A datagram that cannot be sent is one that got lost, its error event unheard: consoles ask again. Port 0 is nobody's.
    bmc.connect({
      send: ({ address, port }, bytes) => {
        if (port !== 0) this.#socket.send(Buffer.from(bytes), port, address);
      },
    });
  }

  async listen(): Promise<number> {
    const port = await this.bind();
    this.start();
    return port;
  }

  close(): Promise<void> {
    this.#options.bmc.connect(undefined);
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

/** A plain array: spreading the bytes takes ten times as long. */
function numbers(bytes: Uint8Array): number[] {
  const plain: number[] = [];
  for (let i = 0; i < bytes.length; i++) plain.push(bytes[i]!);
  return plain;
}
