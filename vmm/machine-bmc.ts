// SPDX-License-Identifier: MIT
// The BMC beside a machine of ours: it answers at the machine's KCS registers, has the terminal's UART, hears of power and
// resets, and lives on while the machine is off. What it orders is carried out between two instructions; what reaches it from
// outside is the machine's input, so that a run with it can be repeated.
// Spec: IPMI 2.0 revision 1.1, sections 9 (KCS), 20.8 (GUID), 28.11 (restart causes).
import { LSR_BI } from "../devices/uart16550/registers.ts";
import { IpmiKcs, type MessagePort } from "../devices/ipmi-kcs/ipmi-kcs.ts";
import { Bmc } from "../vbmc/bmc.ts";
import type { MachineAction } from "../vbmc/context.ts";
import { ADMINISTRATOR, SYSTEM_INTERFACE } from "../vbmc/ipmi/command.ts";
import type { BmcState } from "../vbmc/state.ts";
import { type Happening, type Network, Station } from "../vbmc/station.ts";
import type { Identity } from "../firmware/description.ts";
import type { PostProgress } from "../firmware/post/post.ts";
import type { ResetCause } from "./boards/board.ts";
import type { CpuCore } from "./cpu/core.ts";
import type { DiskMeter } from "./disks/metered-disk.ts";
import { MachineSensors } from "./machine-sensors.ts";
import type { SerialPort } from "./serial-port.ts";
import type { VirtualClock } from "./time/virtual-clock.ts";
import type { VirtioParts } from "./virtio-devices.ts";
import { WrittenMemory } from "./written-memory.ts";

/** What may come to the BMC from outside. */
export const BMC_HAPPENINGS = ["datagram", "button", "viewer", "viewer-input", "viewer-break", "entropy"] as const;
export type BmcHappening = Extract<Happening, { kind: (typeof BMC_HAPPENINGS)[number] }>;

/** Where a guest prints. */
interface Line {
  onByte(listener: (byte: number) => void): void;
}

/** The guest's own software asks as the machine's owner does. */
const HOST = { channel: SYSTEM_INTERFACE, privilege: ADMINISTRATOR };
/** Characters that wait between the BMC and the UART. */
const LINE_ROOM = 16;

/** Restart causes of IPMI; what the BMC did itself it knows. */
const CAUSE: Readonly<Partial<Record<ResetCause, number>>> = {
  "reset button": 0x02,
  "power on": 0x03,
  "port 92h": 0x0a,
  "port CF9h": 0x0a,
  "keyboard controller": 0x0a,
};

export interface MachineBmcOptions {
  clock: VirtualClock;
  core: CpuCore;
  virtio: VirtioParts;
  identity: Identity;
  /** Seconds since 1970 at virtual time 0. */
  epochSeconds: number;
  /** There is an order to carry out. */
  onOrder: () => void;
}

export class MachineBmc {
  readonly name = "vbmc";
  readonly version: number;
  readonly station: Station;
  readonly sensors: MachineSensors;
  /** The BMC's side of the KCS registers, for the board to connect. */
  readonly port: MessagePort;
  #kcs: IpmiKcs | undefined;
  #orders: MachineAction[] = [];

  constructor({ clock, core, virtio, identity, epochSeconds, onOrder }: MachineBmcOptions) {
    const guid = [...identity.uuid].reverse(); // the low byte of the node comes first
    const bmc = new Bmc({
      systemGuid: guid,
      deviceGuid: guid,
      machineName: identity.product,
      serialNumber: identity.serial,
      epochSeconds,
    });
    this.version = bmc.state.version;
    const act = (action: MachineAction): void => {
      this.#orders.push(action);
      onOrder();
    };
    this.station = new Station(bmc, { clock, machine: { act } });
    const tell = (happening: Happening): void => this.station.tell(happening);
    this.sensors = new MachineSensors({
      clock,
      written: new WrittenMemory(core),
      hasDisks: virtio.disks.length > 0,
      hasNetwork: false,
      tell,
    });
    this.port = {
      send: (message) => this.station.request(HOST, message, (answer) => this.#kcs?.respond(answer)),
      // Every answer comes at once, so none is waited for.
      cancel: () => {},
    };
  }

  /** Joins the BMC to the registers, the lines and the terminal's UART of a board; the machine is on. */
  connect(kcs: IpmiKcs | undefined, lines: readonly Line[], terminal: SerialPort | undefined): void {
    this.#kcs = kcs;
    for (const line of lines) line.onByte(() => this.sensors.transferred("printed", 1));
    if (kcs) this.station.attach(kcs);
    if (terminal) {
      const tellRoom = (): void => this.station.tell({ kind: "serial-room", room: LINE_ROOM - terminal.waiting });
      this.station.connectSerial({
        write: (bytes) => terminal.write(Uint8Array.from(bytes)),
        sendBreak: () => terminal.uart.receive(0, LSR_BI),
      });
      terminal.onByte((byte) => this.station.tell({ kind: "serial", bytes: [byte] }));
      terminal.onRoom(tellRoom);
      tellRoom();
    }
    this.powered(true);
  }

  /** Something comes from outside. */
  hear(happening: BmcHappening): void {
    this.station.tell(happening);
  }

  connectNetwork(network: Network | undefined): void {
    this.station.connect(network);
  }

  /** `byGuest`: it has switched itself off. */
  powered(on: boolean, byGuest = false): void {
    if (on) this.sensors.start(true);
    else this.sensors.stop();
    if (byGuest) this.sensors.guest("switched-off");
    this.station.tell({ kind: "machine", powered: on });
  }

  restarted(cause: ResetCause): void {
    this.sensors.start(cause === "power on");
    const code = CAUSE[cause];
    this.station.tell({ kind: "machine", powered: true, ...(code !== undefined && { cause: code }) });
  }

  /** A watchdog runs: even a guest that nothing wakes has something to wait for. */
  get isGuarding(): boolean {
    return this.station.bmc.state.watchdog.due !== null;
  }

  /** POST came a step further. */
  tested({ outcome, ipmi }: PostProgress): void {
    this.station.tell({ kind: "firmware", failed: outcome === "failed", code: ipmi });
  }

  /** What the BMC wants done, oldest first. */
  takeOrders(): MachineAction[] {
    return this.#orders.splice(0);
  }

  snapshot(): { bmc: BmcState; orders: MachineAction[] } {
    return { bmc: this.station.bmc.snapshot(), orders: [...this.#orders] };
  }

  restore({ bmc, orders }: { bmc: BmcState; orders: MachineAction[] }): void {
    this.station.restore(bmc);
    this.#orders = [...orders];
  }
}

/** How a disk tells the BMC of its machine, where there is one. */
export function meterOf(bmc: () => MachineBmc | undefined, disk: number): DiskMeter {
  return {
    transferred: (bytes) => bmc()?.sensors.transferred("disk", bytes),
    failed: () => bmc()?.sensors.driveFailed(disk),
  };
}
