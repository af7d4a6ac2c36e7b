// SPDX-License-Identifier: MIT
// What a board is to the machine, and what the machine gives a board.
import type { Clock } from "../../devices/core/clock.ts";
import type { Device, RegisterWindow } from "../../devices/core/device.ts";
import type { IrqLine } from "../../devices/core/irq-line.ts";
import type { GuestMemory } from "../../devices/core/memory.ts";
import type { PciBus } from "../../devices/pci/bus.ts";
import type { PciFunction } from "../../devices/pci/function.ts";
import type { PciSocket } from "../../devices/pci/socket.ts";
import type { PanicKind } from "../../devices/pvpanic/pvpanic.ts";
import type { BtPort, IpmiBt } from "../../devices/ipmi-bt/ipmi-bt.ts";
import type { IpmiKcs, MessagePort } from "../../devices/ipmi-kcs/ipmi-kcs.ts";
import type { Identity, MachineDescription, ProcessorModel } from "../../firmware/description.ts";
import type { ProcessorPins } from "../../devices/lapic/lapic.ts";
import type { MmioBus } from "../bus/mmio-bus.ts";
import type { PortBus } from "../bus/port-bus.ts";
import type { CpuCore } from "../cpu/core.ts";
import type { SerialPort } from "../serial-port.ts";
import type { UserDevices } from "./user-devices.ts";

/** The processor as a board is wired to it. */
export interface ProcessorSocket extends ProcessorPins {
  /** What CPUID shows, by the names of vmm-core/isa/features.ts. */
  readonly features: ReadonlySet<string>;
  readonly physicalBits: number;
  tsc(): bigint;
  /** CR8 follows the task priority register. */
  setTaskPriority(cr8: number): void;
}

/** What the processor asks of the board's interrupt hardware. */
export interface ProcessorServices {
  /** MSRs that the core does not own; undefined or false: #GP. */
  readMsr(index: number): bigint | undefined;
  writeMsr(index: number, value: bigint): boolean;
  /** CR8 was written. */
  taskPriorityChanged(cr8: number): void;
  /** FERR#: an x87 exception with CR0.NE clear. */
  floatError(): void;
  /** A non-maskable interrupt from outside: a button, the BMC. */
  nmi(): void;
}

export type ResetCause =
  "port 92h" | "port CF9h" | "keyboard controller" | "triple fault" | "reset button" | "power on" | "BMC";

/** What a PCI card finds on the board. */
export interface CardSockets {
  readonly socket: PciSocket;
  readonly clock: Clock;
  readonly memory: GuestMemory;
}

/** A PCI device that is not the board's own: it is made for the slot it gets, the next free one. */
export type PciCard = (sockets: CardSockets) => Device & { readonly pci: PciFunction };

/** What a memory-mapped device finds on the board: a wire of its own, or one that it shares with its like. */
export interface MappedSockets {
  readonly irq: IrqLine;
  readonly clock: Clock;
  readonly memory: GuestMemory;
}

/** A virtio device over MMIO: the board gives it a place and tells the firmware. */
export type MappedDevice = (sockets: MappedSockets) => Device & { readonly window: RegisterWindow };

/** The processor, the buses and the outside, as a board may use them. */
export interface BoardSockets {
  readonly clock: Clock;
  readonly ports: PortBus;
  readonly mmio: MmioBus;
  /** The processor that memory belongs to; the ROM lies behind it. */
  readonly core: CpuCore;
  readonly memoryBytes: number;
  readonly processorModel: ProcessorModel;
  readonly romBytes: number;
  readonly cards?: readonly PciCard[];
  readonly mapped?: readonly MappedDevice[];
  /** A VGA; there is one unless this is false. */
  readonly video?: boolean;
  readonly identity: Identity;
  /** The BMC's side of its system interface; without one the machine's software does not reach a BMC. `polled`: no interrupt. */
  readonly bmc?: { readonly kcs: MessagePort; readonly polled?: boolean } | { readonly bt: BtPort };
  /** Seconds since 1970-01-01 00:00 UTC at power-on. */
  readonly startSeconds: number;
  readonly cpu: ProcessorSocket;
  setA20(open: boolean): void;
  requestReset(cause: ResetCause): void;
  /** The guest has switched the machine off. */
  requestPowerOff(): void;
  requestExit(code: number): void;
  onPost(code: number): void;
  onDebugByte(byte: number): void;
  onPanic(kind: PanicKind): void;
}

export interface Board {
  readonly name: string;
  /** All devices, in the order of reset and snapshots. */
  readonly devices: readonly Device[];
  readonly serialPorts: readonly SerialPort[];
  readonly user: UserDevices;
  /** The BMC's registers. */
  readonly systemInterface?: IpmiKcs | IpmiBt;
  readonly pci: PciBus;
  /** What the firmware tells the guest of it. */
  readonly description: MachineDescription;
  /** The interrupt acknowledge cycle: the vector, or -1. */
  acknowledge(): number;
  /** A short press of the power button; absent where the board has none. */
  pressPowerButton?(): void;
  /** Without it the processor has no local APIC, and its model must not show one. */
  readonly processor?: ProcessorServices;
}
