// SPDX-License-Identifier: MIT
// Serves a BMC to machines of QEMU: listens where ipmi-bmc-extern connects.
import { createServer, type Server, type Socket } from "node:net";
import { ExternalBmc, type BmcState, type Identity, type UserGrant } from "../../vmm/external-bmc.ts";
import { LanServer } from "./lan-server.ts";
import { WallClock } from "./wall-clock.ts";

export interface BmcServerOptions {
  port: number;
  bind?: string;
  identity?: Partial<Identity>;
  /** Consoles on the network. */
  lan?: BmcLanOptions;
  /** A BMC that was there before, instead of a new one. */
  state?: BmcState;
  /** What happens, for whoever watches. */
  log?: (line: string) => void;
}

export interface BmcLanOptions {
  port: number;
  bind?: string;
  users: readonly UserGrant[];
  /** Cipher suites, the weakest first. */
  suites?: readonly number[];
  /** Sessions of IPMI 1.5 too. */
  ipmi15?: boolean;
}

export class BmcServer {
  readonly bmc: ExternalBmc;
  readonly lan: LanServer | undefined;
  readonly #server: Server;
  readonly #options: BmcServerOptions;
  readonly #sockets = new Set<Socket>();

  constructor(options: BmcServerOptions) {
    this.#options = options;
    const { lan, state } = options;
    const epochSeconds = Math.floor(Date.now() / 1000);
    this.bmc = new ExternalBmc({
      clock: new WallClock(state?.at),
      identity: { epochSeconds, ...options.identity },
      lan: {
        enabled: lan !== undefined,
        ...(lan && { port: lan.port, ipmi15: lan.ipmi15 ?? false }),
        ...(lan?.suites && { suites: lan.suites }),
      },
      standIn: true,
      onAction: (action) => this.#log(`machine: ${action}`),
    });
    if (state) this.bmc.wake(state, epochSeconds);
    for (const user of lan?.users ?? []) this.bmc.grant(user);
    if (lan) this.lan = new LanServer({ bmc: this.bmc.station, port: lan.port, bind: lan.bind });
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Gives the port, which the system chooses when 0 was asked for. */
  listen(): Promise<number> {
    const { port, bind = "127.0.0.1" } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, bind, () => {
        const address = this.#server.address();
        resolve(typeof address === "object" && address ? address.port : port);
      });
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.lan?.close();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    socket.setNoDelay(true);
    socket.on("error", (error) => this.#log(`connection: ${error.message}`));
    // Who does not read its answers is not read either, so that they cannot pile up.
    const connection = this.bmc.connect((bytes) => {
      if (!socket.write(Buffer.from(bytes))) socket.pause();
    });
    socket.on("drain", () => socket.resume());
    if (!connection) {
      this.#log("refused a second machine");
      socket.destroy();
      return;
    }
    this.#log("machine connected");
    this.#sockets.add(socket);
    socket.on("data", (bytes) => connection.receive(bytes));
    socket.on("close", () => {
      this.#sockets.delete(socket);
      connection.close();
      this.#log("machine gone");
    });
  }

  #log(line: string): void {
    this.#options.log?.(line);
  }
}
