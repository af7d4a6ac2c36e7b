// SPDX-License-Identifier: MIT
// What `glass86 run` was told, as values.
import type { DeviceOption } from "./device-option.ts";
import type { DriveOption } from "./drive-option.ts";
import type { LanOption } from "./lan-option.ts";
import type { MonitorTarget, SerialTarget } from "./serial-option.ts";

/** What -d can show. */
export const LOG_ITEMS = {
  in_asm: "every instruction before it runs, with the registers it changes",
  int: "exceptions and external interrupts, with where they came",
  cpu_reset: "resets, and the registers before them",
  unimp: "accesses that nothing answers, and what the processor has not",
  guest_errors: "what no sound guest does",
} as const;
export type LogItem = keyof typeof LOG_ITEMS;

export interface RunArguments {
  help: boolean;
  version: boolean;
  memoryBytes: number;
  board: string;
  cpu: string | undefined;
  kernel: string | undefined;
  initrd: string | undefined;
  append: string;
  /** The host unpacks the kernel. */
  fastBoot: boolean;
  /** The kernel is flat code for this address. */
  loadAddress: number | undefined;
  drives: DriveOption[];
  devices: DeviceOption[];
  /** A VGA. */
  video: boolean;
  /** COM1 to COM4. */
  serial: SerialTarget[];
  /** Behind Ctrl-a c, alone on the terminal, on a socket, or nowhere. */
  monitor: MonitorTarget;
  /** The BMC on the network. */
  bmc: LanOption | undefined;
  log: LogItem[];
  logFile: string | undefined;
  /** Seconds since 1970-01-01 00:00 UTC. */
  rtcStart: number | undefined;
  /** What random numbers come from. */
  seed: number | undefined;
  /** Nanoseconds an instruction as a power of two. */
  shift: number | undefined;
  /** Nothing is compiled. */
  interpreted: boolean;
  pace: "auto" | "turbo" | "realtime";
  name: string | undefined;
  uuid: string | undefined;
  noReboot: boolean;
  /** Stays when the machine is switched off; undefined: as long as there is a BMC to switch it on. */
  noShutdown: boolean | undefined;
  paused: boolean;
  /** Drives forget what the guest writes. */
  forget: boolean;
  loadvm: string | undefined;
  /** Where savevm and -loadvm have their files. */
  snapshots: string;
  record: string | undefined;
  replay: string | undefined;
  /** Instructions after which the run is given up. */
  limit: number;
}
