// SPDX-License-Identifier: MIT
// A serial port on a TCP or local socket, as server or client. A server has one visitor at a time, and the next one when
// that has gone; a client comes back when it is told to.
import { statSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { ConfigError } from "../../common/errors.ts";
import { INPUT_ROOM, type Line, type LinePort, OUTPUT_ROOM } from "./line.ts";
import { socketError } from "./socket-error.ts";
import { TELNET_GREETING, telnetBytes, TelnetReader } from "./telnet.ts";

export interface SocketTarget {
  kind: "socket";
  /** As the user wrote it. */
  name: string;
  place: { host: string; port: number } | { path: string };
  server: boolean;
  /** The machine starts when somebody has come. */
  wait: boolean;
  telnet: boolean;
  /** Until a client tries again; 0: it does not. */
  reconnectSeconds: number;
}

/** Of a local socket (sun_path on the smallest of systems). */
const MOST_PATH_BYTES = 103;
/** What the last bytes have to leave in. */
const LAST_MS = 1000;
export class SocketLine implements Line {
  readonly #target: SocketTarget;
  readonly #say: (text: string) => void;
  #server: Server | undefined;
  #socket: Socket | undefined;
  #telnet = new TelnetReader();
  #port: LinePort | undefined;
  #output: number[] = [];
  #arrived: (() => void) | undefined;
  #closed = false;

  private constructor(target: SocketTarget, say: (text: string) => void) {
    this.#target = target;
    this.#say = say;
  }

  /** Listens or connects, and waits for a visitor where that was asked for; throws a ConfigError. */
  static async open(target: SocketTarget, say: (text: string) => void): Promise<SocketLine> {
    const line = new SocketLine(target, say);
    try {
      if (target.server) await line.#listen();
      else await line.#connect();
    } catch (error) {
      throw new ConfigError(`${target.name}: ${socketError(error)}`);
    }
    return line;
  }

  start(port: LinePort): void {
    this.#port = port;
    port.onByte((byte) => void (this.#socket && this.#output.push(byte)));
    if (this.#socket) this.#serve(this.#socket, port);
  }

  pump(): void {
    const socket = this.#socket;
    if (!socket) return;
    if (this.#output.length > 0 && socket.writableLength < OUTPUT_ROOM) {
      socket.write(Uint8Array.from(this.#target.telnet ? telnetBytes(this.#output) : this.#output));
    }
    this.#output = [];
    if (socket.isPaused() && this.#port && this.#port.waiting < INPUT_ROOM) socket.resume();
  }

  close(): void {
    this.pump();
    this.#closed = true;
    this.#server?.close();
    const socket = this.#socket;
    if (!socket) return;
    const timer = setTimeout(() => socket.destroy(), LAST_MS);
    socket.once("close", () => clearTimeout(timer));
    socket.end(() => socket.destroy());
  }

  async #listen(): Promise<void> {
    const { place, name, wait } = this.#target;
    if ("path" in place) await prepareSocketPath(place.path);
    const server = (this.#server = createServer((socket) => this.#accept(socket)));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(place, resolve);
    });
    server.on("error", (error) => this.#say(`${name}: ${error.message}`));
    const address = server.address();
    if ("port" in place && place.port === 0 && typeof address === "object")
      this.#say(`${name}: listening on port ${address?.port}`);
    if (!wait) return;
    this.#say(`waiting for a connection on ${name}`);
    await new Promise<void>((resolve) => (this.#arrived = resolve));
  }

  /** With reconnect= it may come later. */
  async #connect(): Promise<void> {
    const { place, name, reconnectSeconds } = this.#target;
    const socket = connect(place);
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("error", reject);
      });
    } catch (error) {
      if (reconnectSeconds === 0) throw error;
      return this.#later();
    }
    this.#accept(socket);
    socket.on("close", () => {
      if (this.#closed) return;
      if (reconnectSeconds > 0) this.#later();
      else this.#say(`${name}: the connection has ended (reconnect=SECONDS would try again)`);
    });
  }

  #later(): void {
    const again = (): void => void (this.#closed || this.#connect());
    setTimeout(again, this.#target.reconnectSeconds * 1000).unref();
  }

  #accept(socket: Socket): void {
    socket.on("error", () => {});
    if (this.#socket) return void socket.destroy();
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("close", () => (this.#socket = undefined));
    if (this.#port) this.#serve(socket, this.#port);
    this.#arrived?.();
  }

  #serve(socket: Socket, port: LinePort): void {
    const { telnet } = this.#target;
    this.#telnet = new TelnetReader();
    this.#output = [];
    if (telnet) socket.write(Uint8Array.from(TELNET_GREETING));
    socket.on("data", (data) => {
      const { bytes, breaks } = telnet ? this.#telnet.feed(data) : { bytes: data, breaks: 0 };
      if (bytes.length > 0) port.write(Uint8Array.from(bytes));
      if (breaks > 0) port.sendBreak();
      if (port.waiting >= INPUT_ROOM) socket.pause();
    });
    port.greet?.();
  }
}

/** A local socket that nobody answers at is what a crash left. The system would cut a long path short and say nothing. */
async function prepareSocketPath(path: string): Promise<void> {
  if (Buffer.byteLength(path) > MOST_PATH_BYTES) throw new Error(`the path is longer than ${MOST_PATH_BYTES} bytes`);
  if (!statSync(path, { throwIfNoEntry: false })?.isSocket()) return;
  const alive = await new Promise<boolean>((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
  if (!alive) unlinkSync(path);
}
