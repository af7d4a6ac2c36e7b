// SPDX-License-Identifier: MIT
// The BMC beside a machine of ours: it answers at the machine's KCS or BT registers, has the terminal's UART, hears of power and
// resets, and lives on while the machine is off. What it orders is carried out between two instructions; what reaches it from
// outside is the machine's input, so that a run with it can be repeated.
// Spec: IPMI 2.0 revision 1.1, sections 9 (KCS), 11 (BT), 20.8 (GUID), 28.11 (restart causes).
import { LSR_BI } from "../devices/uart16550/registers.ts";
import { IpmiBt } from "../devices/ipmi-bt/ipmi-bt.ts";
import type { IpmiKcs } from "../devices/ipmi-kcs/ipmi-kcs.ts";
import { Bmc } from "../vbmc/bmc.ts";
import type { MachineAction } from "../vbmc/context.ts";
import { ADMINISTRATOR, SYSTEM_INTERFACE } from "../vbmc/ipmi/command.ts";
import { type LanHost, setLanHost } from "../vbmc/lan-config.ts";
import { trialDue } from "../vbmc/rom-bank.ts";
import type { BmcState } from "../vbmc/state.ts";
import { type LanAccess, lanRequests } from "../vbmc/provision.ts";
import { type Happening, type Network, Station } from "../vbmc/station.ts";
import { watchdogDue } from "../vbmc/watchdog.ts";
import { ConfigError } from "../common/errors.ts";
import { readRomLabel, type RomLabel } from "../common/rom-label.ts";
import { buildRom } from "../firmware/rom/rom.ts";
import type { Identity } from "../firmware/description.ts";
import type { PostProgress } from "../firmware/post/post.ts";
import type { Board, BoardSockets, ResetCause } from "./boards/board.ts";
import type { CpuCore } from "./cpu/core.ts";
import type { DiskMeter } from "./disks/metered-disk.ts";
import { MachineSensors } from "./machine-sensors.ts";
import type { BmcOption } from "./machine-types.ts";
import type { VirtualClock } from "./time/virtual-clock.ts";
import type { VirtioParts } from "./virtio-devices.ts";
import { WrittenMemory } from "./written-memory.ts";

export type { LanAccess } from "../vbmc/provision.ts";
export type { Network } from "../vbmc/station.ts";

/** What may come to the BMC from outside. */
export const BMC_HAPPENINGS = ["datagram", "button", "viewer", "viewer-input", "viewer-break", "entropy"] as const;
export type BmcHappening = Extract<Happening, { kind: (typeof BMC_HAPPENINGS)[number] }>;

/** Where a guest prints. */
interface Line {
  onByte(listener: (byte: number) => void): void;
}

/** The guest's own software asks as the machine's owner does. */
const HOST = { channel: SYSTEM_INTERFACE, privilege: ADMINISTRATOR };
/** Access mode of the LAN channel as it is made. */
const LAN_DISABLED = 0;
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

const RESTARTS: readonly MachineAction[] = ["power-on", "power-cycle", "reset"];

export interface MachineBmcOptions {
  clock: VirtualClock;
  core: CpuCore;
  virtio: VirtioParts;
  identity: Identity;
  /** Seconds since 1970 at virtual time 0. */
  epochSeconds: number;
  systemInterface?: Exclude<BmcOption, boolean>;
  /** There is an order to carry out. */
  onOrder: () => void;
  /** The machine, which starts this moment, gets another ROM; null: its own. */
  onRom: (rom: Uint8Array | null) => void;
}

const KINDS: readonly Exclude<BmcOption, boolean>[] = ["kcs", "polled", "bt", "none"];

/** The machine's BMC as the option says: none where it is false, behind KCS unless told otherwise. */
export function createMachineBmc(
  option: BmcOption | undefined,
  options: Omit<MachineBmcOptions, "systemInterface">,
): MachineBmc | undefined {
  if (option === false) return undefined;
  if (typeof option !== "string") return new MachineBmc(options);
  if (!KINDS.includes(option)) throw new ConfigError(`bmc ${option}: true, false, ${KINDS.join(", ")} are possible`);
  return new MachineBmc({ ...options, systemInterface: option });
}

/** What the ROM is that the machine comes with. */
function label(): RomLabel {
  const found = readRomLabel(buildRom());
  if (typeof found === "string") throw new Error(`the machine's ROM: ${found}`);
  return found;
}

export class MachineBmc {
  readonly name = "vbmc";
  readonly version: number;
  readonly station: Station;
  readonly sensors: MachineSensors;
  /** The BMC's side of its system interface, for the board to connect; undefined: it has none. */
  readonly port: BoardSockets["bmc"];
  #interface: IpmiKcs | IpmiBt | undefined;
  #orders: MachineAction[] = [];
  /** A restart that comes before orders are asked for again is by order of the BMC. */
  #ordered = false;

  constructor(options: MachineBmcOptions) {
    const { clock, core, virtio, identity, epochSeconds, systemInterface = "kcs", onOrder, onRom } = options;
    const guid = [...identity.uuid].reverse(); // the low byte of the node comes first
    const bmc = new Bmc({
      systemGuid: guid,
      deviceGuid: guid,
      machineName: identity.product,
      serialNumber: identity.serial,
      epochSeconds,
      systemInterface: systemInterface === "polled" ? "kcs" : systemInterface,
      rom: label(),
    });
    this.version = bmc.state.version;
    const act = (action: MachineAction): void => {
      this.#orders.push(action);
      onOrder();
    };
    this.station = new Station(bmc, { clock, machine: { act, installRom: onRom } });
    const tell = (happening: Happening): void => this.station.tell(happening);
    this.sensors = new MachineSensors({
      clock,
      written: new WrittenMemory(core),
      hasDisks: virtio.disks.length > 0,
      hasNetwork: false,
      tell,
    });
    this.port = this.#makePort(systemInterface);
  }

  /** Joins the BMC to the registers, the lines and the terminal's UART of a board; the machine is on. */
  connect({ systemInterface, serialPorts, description }: Board, virtioLines: readonly Line[]): void {
    const terminal = serialPorts[description.console ?? -1];
    this.#interface = systemInterface;
    for (const line of [...serialPorts, ...virtioLines]) line.onByte(() => this.sensors.transferred("printed", 1));
    if (systemInterface) this.station.attach(systemInterface);
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

  /** Opens the LAN channel, as the owner does before the machine runs: a part of the state from which a run begins. */
  admit({ port, ipmi15, ...access }: LanAccess & LanHost): void {
    const state = this.station.bmc.snapshot();
    setLanHost(state, { port, ipmi15 });
    this.station.restore(state);
    for (const request of lanRequests(access)) this.station.request(HOST, request, () => {});
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
    const code = this.#ordered ? undefined : CAUSE[cause];
    this.#ordered = false;
    this.station.tell({ kind: "machine", powered: true, restarted: true, ...(code !== undefined && { cause: code }) });
  }

  /** A watchdog runs, or a new ROM's trial, or consoles may come: even a guest that nothing wakes has something to wait for. */
  get isGuarding(): boolean {
    const { lanAccess, watchdog, rom } = this.station.bmc.state;
    return lanAccess.active.mode !== LAN_DISABLED || watchdogDue(watchdog) !== null || trialDue(rom) !== null;
  }

  /** POST came a step further. */
  tested({ outcome, ipmi }: PostProgress): void {
    this.station.tell({ kind: "firmware", failed: outcome === "failed", code: ipmi });
  }

  /** Every answer comes at once, so none is ever cancelled. */
  #makePort(kind: Exclude<BmcOption, boolean>): BoardSockets["bmc"] {
    const cancel = (): void => {};
    const respond = (answer: readonly number[], ticket = 0): void => {
      const found = this.#interface;
      if (found instanceof IpmiBt) found.respond(ticket, answer);
      else found?.respond(answer);
    };
    if (kind === "none") return undefined;
    if (kind !== "bt") {
      const kcs = { send: (message: readonly number[]) => this.station.request(HOST, message, respond), cancel };
      return { kcs, polled: kind === "polled" };
    }
    return {
      bt: {
        send: (ticket, message) => this.station.request(HOST, message, (answer) => respond(answer, ticket)),
        cancel,
      },
    };
  }

  /** What the BMC wants done, oldest first. */
  takeOrders(): MachineAction[] {
    const orders = this.#orders.splice(0);
    this.#ordered = orders.some((order) => RESTARTS.includes(order));
    return orders;
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
