// SPDX-License-Identifier: MIT
// The machine's doors to other programs: the BMC's port on the network, serial ports and the monitor on sockets and pseudo
// terminals. They are opened before anything is written, and let nobody in before the run begins.
import { isIPv4 } from "node:net";
import { ConfigError } from "../../common/errors.ts";
import type { Machine } from "../../vmm/machine.ts";
import { LanServer, LOOPBACK, type NetworkedBmc } from "../node/lan-server.ts";
import type { Line } from "../node/line.ts";
import { PtyLine } from "../node/pty-line.ts";
import { socketError } from "../node/socket-error.ts";
import { SocketLine, type SocketTarget } from "../node/socket-line.ts";
import { openLanOption } from "./lan-option.ts";
import type { RunArguments } from "./run-arguments.ts";

const say = (text: string): void => void process.stderr.write(`glass86: ${text}\n`);

export class Doors {
  readonly #machine: Machine;
  /** By serial port. */
  readonly #serial = new Map<number, Line>();
  #lan: LanServer | undefined;
  /** The monitor's, for whoever has the monitor to start. */
  monitor: Line | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Opens what the command line names; throws a ConfigError. A replay hears nobody, so it opens none but asks who may. */
  async open(run: RunArguments): Promise<void> {
    if (run.bmc) await this.#openBmc(run);
    if (run.replay !== undefined) return;
    if (typeof run.monitor === "object") this.monitor = await open("-monitor", run.monitor);
    for (const [port, target] of run.serial.entries()) {
      if (target.kind === "socket") this.#serial.set(port, await open("-serial", target));
      if (target.kind !== "pty") continue;
      const line = await PtyLine.open();
      // The words are QEMU's: programs read them.
      process.stderr.write(`char device redirected to ${line.device} (label serial${port})\n`);
      this.#serial.set(port, line);
    }
  }

  /** Somebody may come from outside at any time. */
  get any(): boolean {
    return this.#lan !== undefined || this.monitor !== undefined || this.#serial.size > 0;
  }

  start(): void {
    this.#lan?.start();
    for (const [port, line] of this.#serial) line.start(this.#machine.serial(port));
  }

  pump(): void {
    for (const line of this.#serial.values()) line.pump();
    this.monitor?.pump();
  }

  close(): void {
    void this.#lan?.close();
    for (const line of this.#serial.values()) line.close();
    this.monitor?.close();
  }

  async #openBmc({ bmc: option, replay }: RunArguments): Promise<void> {
    const { bmc } = this.#machine;
    if (!option || !bmc) return;
    const { port, bind = LOOPBACK, users, ipmi15 } = await openLanOption(option);
    const address = isIPv4(bind) && bind !== "0.0.0.0" ? bind.split(".").map(Number) : undefined;
    bmc.admit({ users, address, ipmi15, port: port === 0 ? undefined : port });
    if (replay !== undefined) return;
    const tell: NetworkedBmc["tell"] = (event) => this.#machine.input({ kind: "bmc", event });
    const lan = new LanServer({ bmc: { tell, connect: (network) => bmc.connectNetwork(network) }, port, bind });
    try {
      const taken = await lan.bind();
      say(`BMC on ${bind}:${taken} (UDP), user ${option.user}`);
    } catch (error) {
      throw new ConfigError(`-bmc ${bind}:${port}: ${socketError(error)}`);
    }
    this.#lan = lan;
  }
}

async function open(option: string, target: SocketTarget): Promise<Line> {
  try {
    return await SocketLine.open(target, say);
  } catch (error) {
    throw new ConfigError(`${option} ${(error as Error).message}`);
  }
}
