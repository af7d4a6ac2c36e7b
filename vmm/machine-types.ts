// SPDX-License-Identifier: MIT
// What a machine takes, tells and ends with.
import type { PanicKind } from "../devices/pvpanic/pvpanic.ts";
import type { BootPlanner } from "../firmware/handover.ts";
import type { PostProgress } from "../firmware/post/post.ts";
import type { PostStepName } from "../firmware/post/steps.ts";
import type { PciCard, ResetCause } from "./boards/board.ts";
import type { WasiProvider } from "./cpu/wasi.ts";
import type { SystemInterfaceKind } from "../vbmc/state.ts";
import type { Input } from "./input.ts";
import type { Compression } from "./snapshot/compression.ts";
import type { VirtioOptions } from "./virtio-devices.ts";

export type BmcOption = boolean | SystemInterfaceKind | "polled";

export interface MachineOptions {
  memoryBytes: number;
  /** `pc` or `q35`, as in `-M`. */
  board?: string | undefined;
  /** PCI devices that are not the board's own, in the order of their slots. */
  cards?: readonly PciCard[] | undefined;
  /** Disks, entropy and consoles behind virtio, in the order of their slots. */
  virtio?: readonly VirtioOptions[] | undefined;
  /** A VGA; there is one unless this is false. */
  video?: boolean | undefined;
  /** A CPU model and changes to it, as in `-cpu`. */
  cpu?: string | undefined;
  /** Times a block of code is entered until it is compiled to WebAssembly; 0: everything is interpreted. */
  jit?: number | undefined;
  /** What is put into memory and entered behind POST, at power-on and after every reset; without it POST ends there. */
  boot?: BootPlanner | undefined;
  /** Steps of POST that are to find their part broken. */
  postFaults?: readonly PostStepName[];
  /** Who SMBIOS and the BMC say the machine is: a UUID in its text form; without one it follows from the seed. */
  uuid?: string | undefined;
  name?: string | undefined;
  /**
   * A BMC; there is one unless this is false, behind KCS unless it is "bt" or "none": then only others reach it. "polled": KCS
   * without its interrupt.
   */
  bmc?: BmcOption | undefined;
  /** Nanoseconds an instruction as a power of two, as in `-icount shift=N`. */
  shift?: number | undefined;
  /** The real-time clock's start, in seconds since 1970-01-01 00:00 UTC. */
  startSeconds?: number | undefined;
  /** What RDRAND, RDSEED and the kernel's first random bytes come from: another number, another run. */
  seed?: number | undefined;
  /** A reset ends the run. */
  noReboot?: boolean | undefined;
  /** A faster DEFLATE for snapshots than the one that runs everywhere. */
  compression?: Compression | undefined;
  /** Where the core's log goes. */
  wasi?: WasiProvider | undefined;
}

export interface MachineEvents {
  serial: [port: number, byte: number];
  /** A byte on the debug console, port E9h. */
  debug: [byte: number];
  /** A code on port 80h. */
  post: [code: number];
  /** A step of POST is done. */
  progress: [progress: PostProgress];
  /** A triple fault; the chipset answers it with a reset. */
  shutdown: [];
  reset: [cause: ResetCause];
  exit: [code: number];
  /** What the guest says on the panic port. */
  panic: [kind: PanicKind];
  power: [on: boolean];
  /** Something came from outside and was carried out. */
  input: [input: Input];
}

/** Why a run ended. */
export type RunEnd =
  | { reason: "time" | "limit" | "stop" }
  /** HLT with interrupts disabled, and no watchdog that runs: nothing but a reset goes on from here. */
  | { reason: "halt" }
  /** HLT, or the power off, with no alarm pending: only input from outside goes on from here. */
  | { reason: "idle" }
  | { reason: "shutdown" }
  | { reason: "reset"; cause: ResetCause }
  | { reason: "exit"; code: number }
  | { reason: "power-off" }
  /** A replay has come to the end of its log; `same`: in the state that was recorded. */
  | { reason: "replayed"; same: boolean }
  /** A replay left the path of its log. */
  | { reason: "diverged" };

export interface RunOptions {
  /** Virtual nanoseconds since power-on. */
  until?: number;
  maxInstructions?: number;
}
