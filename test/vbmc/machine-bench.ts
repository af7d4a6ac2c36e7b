// SPDX-License-Identifier: MIT
// Real consoles on loopback and a machine of ours: its BMC answers while the machine stands still, and the machine runs on
// between their calls.
import { rmSync } from "node:fs";
import { LanServer } from "../../host/node/lan-server.ts";
import { userRequests } from "../../vbmc/provision.ts";
import type { Machine } from "../../vmm/machine.ts";
import { ClientBench, PASSWORD, USER } from "./client-bench.ts";

const OWNER = { channel: 0x0f, privilege: 4 };
const NETFN_APP = 0x18;
const SET_CHANNEL_ACCESS = 0x40;
/** Of channel 1: always available to administrators, the volatile setting. */
const OPEN = [1, 0x80 | 0x02, 0x80 | 0x04];

export class MachineBench extends ClientBench {
  readonly machine: Machine;
  #lan: LanServer | undefined;

  constructor(machine: Machine) {
    super();
    this.machine = machine;
  }

  override async open(): Promise<void> {
    const { station } = this.machine.bmc!;
    for (const request of [
      ...userRequests({ name: USER, password: PASSWORD }),
      [NETFN_APP, SET_CHANNEL_ACCESS, ...OPEN],
    ])
      station.request(OWNER, request, () => {});
    this.#lan = new LanServer({ station, port: 0 });
    this.port = await this.#lan.listen();
  }

  override async close(): Promise<void> {
    await this.#lan?.close();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** Lets the machine run for so many seconds of its time. */
  pass(seconds: number): void {
    this.machine.run({ until: this.machine.nanos + seconds * 1e9 });
  }
}
