// SPDX-License-Identifier: MIT
// A machine from options in plain words, checked before anything is made.
import { ConfigError } from "../common/errors.ts";
import { nearest } from "../common/nearest.ts";
import { parseSize } from "../common/sizes.ts";
import type { BootPlanner } from "../firmware/handover.ts";
import type { PciCard } from "./boards/board.ts";
import type { WasiProvider } from "./cpu/wasi.ts";
import { directBoot } from "./direct-boot.ts";
import { Machine } from "./machine.ts";
import type { BmcOption } from "./machine-types.ts";
import type { Compression } from "./snapshot/compression.ts";
import type { VirtioOptions } from "./virtio-devices.ts";

export interface CreateMachineOptions {
  /** The compiled core: loadCoreModule of ./node, or WebAssembly.compile of ./core.wasm. */
  core: WebAssembly.Module;
  /** Bytes, or a size like "256M" (128 MiB). */
  memory?: number | string | undefined;
  /** `pc` or `q35` (pc). */
  board?: string | undefined;
  /** Who the machine is, for SMBIOS and the BMC (Glass86); a UUID in its text form (made from the seed). */
  name?: string | undefined;
  uuid?: string | undefined;
  /**
   * A BMC; there is one unless this is false, behind KCS unless it is "bt" or "none": then only others reach it. "polled": KCS
   * without its interrupt.
   */
  bmc?: BmcOption | undefined;
  /** PCI devices that are not the board's own. */
  cards?: readonly PciCard[] | undefined;
  /** Disks, entropy and consoles behind virtio. */
  virtio?: readonly VirtioOptions[] | undefined;
  /** A CPU model and changes to it, as in `-cpu`. */
  cpu?: string | undefined;
  /** Times a block of code is entered until it is compiled to WebAssembly; 0: all is interpreted. The guest cannot tell. */
  jit?: number | undefined;
  /** A bzImage, an initial RAM disk, and the command line, to which a console is added unless it names one. */
  kernel?: Uint8Array | undefined;
  initrd?: Uint8Array | undefined;
  append?: string | undefined;
  /** Instead of a kernel: a plan made elsewhere, or null for nothing, of which POST tells at its end. */
  boot?: BootPlanner | null | undefined;
  /** A VGA; there is one unless this is false. */
  video?: boolean | undefined;
  /** Nanoseconds an instruction as a power of two, as in `-icount shift=N` (3). */
  icountShift?: number | undefined;
  /** The real-time clock's start: seconds since 1970-01-01 00:00 UTC (2026-01-01). */
  rtcStart?: number | undefined;
  /** What all random numbers come from: another whole number, another run. */
  seed?: number | undefined;
  /** A reset ends the run. */
  noReboot?: boolean | undefined;
  /** A faster DEFLATE for snapshots than the one that runs everywhere. */
  compression?: Compression | undefined;
  /** Where the core's log goes. */
  wasi?: WasiProvider | undefined;
}

const PAGE = 4096;
const DEFAULT_MEMORY = 128 << 20;
const NAMES: readonly string[] = [
  ..."core memory board name uuid bmc cards virtio video cpu jit kernel initrd append boot".split(" "),
  ..."icountShift rtcStart seed noReboot compression wasi".split(" "),
];

export function createMachine(options: CreateMachineOptions): Machine {
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name));
  if (unknown !== undefined)
    throw new ConfigError(`there is no option ${unknown}; nearest is ${nearest(unknown, NAMES)}`);
  const { core, memory = DEFAULT_MEMORY, kernel, initrd, append, icountShift, rtcStart } = options;
  const { board, name, uuid, bmc, cards, virtio, video, cpu, jit, noReboot, compression, wasi } = options;
  if (!(core instanceof WebAssembly.Module)) throw new ConfigError("core: the compiled module of core.wasm is needed");
  const memoryBytes = typeof memory === "string" ? parseSize(memory) : memory;
  if (memoryBytes % PAGE !== 0) throw new ConfigError(`memory ${memory}: a multiple of ${PAGE} bytes is possible`);
  const plan = kernel && directBoot({ kernel, initrd, append: append ?? "" });
  const boot = options.boot === null ? undefined : (options.boot ?? plan);
  if (!boot && options.boot !== null) throw new ConfigError("nothing to boot: a kernel or a boot plan is needed");
  const clock = { shift: icountShift, startSeconds: rtcStart, seed: options.seed };
  return new Machine(core, {
    memoryBytes,
    board,
    name,
    uuid,
    bmc,
    cards,
    virtio,
    video,
    cpu,
    jit,
    boot,
    ...clock,
    noReboot,
    compression,
    wasi,
  });
}
