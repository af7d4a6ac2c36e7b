// SPDX-License-Identifier: MIT
// The CPU core as the machine sees it: one wasm instance and one memory per processor, registers in place, guest memory
// behind the state. Nothing here reads the host's clock or files: the compiled module is handed in.
import * as L from "../../vmm-core/layout.ts";
import { Digest } from "../../common/digest.ts";
import { ConfigError } from "../../common/errors.ts";
import { plainWasi, type WasiProvider } from "./wasi.ts";
import { canonicalState, checkFeatures, installState, packState, unpackState } from "./state.ts";
import { DEFAULT_CPU_MODEL } from "../../vmm-core/isa/models/models.ts";
import { Jit, type JitExports } from "./jit.ts";
import { installCpu } from "./cpuid.ts";
import { configureCpu } from "./model.ts";

/** What the core asks of the machine; sizes in bytes (1, 2, 4). */
export interface CoreHost {
  portIn(port: number, size: number): number;
  portOut(port: number, size: number, value: number): void;
  mmioRead(address: bigint, size: number): number;
  mmioWrite(address: bigint, size: number, value: number): void;
  /** The interrupt vector, or -1 when the request has gone away. */
  acknowledge(): number;
  msrRead(index: number): bigint | undefined;
  msrWrite(index: number, value: bigint): boolean;
  taskPriority(value: number): void;
  hypercall(): boolean;
  /** FERR#, which a PC wires to IRQ 13. */
  ferr(): void;
  trace(): void;
}

export type ExitReason = "deadline" | "halt" | "shutdown" | "breakpoint" | "watchpoint" | "stop" | "reset";
const REASONS: readonly (ExitReason | undefined)[] = [
  undefined,
  "deadline",
  "halt",
  "shutdown",
  "breakpoint",
  "watchpoint",
  "stop",
  "reset",
];

const LOG_BITS = { panic: 1, guest: 2, unimp: 4 };
/** panic: the core is wrong; guest: the guest did what no sound one does; unimp: something this processor has not. */
export type LogLevel = keyof typeof LOG_BITS;

interface CoreExports extends JitExports {
  _initialize(): void;
  create(): void;
  power_on(): void;
  run(instructions: number): number;
  get_rflags(): number;
  set_rflags(value: number): void;
  load_segment(seg: number, selector: number, low: number, high: number, limit: number, attr: number): void;
  mode_changed(): void;
  log_levels(mask: number): void;
  map_pages(first: number, count: number, host: number, kind: number): void;
  invalidate(host: number, bytes: number): void;
  translate(low: number, high: number, access: number, user: number): number;
  write_physical(low: number, high: number, size: number, value: number): void;
  settle(): void;
  decode(pointer: number, available: number, mode: number): number;
  probe_mode(bits: number): void;
}

export interface Segment {
  selector: number;
  base: bigint;
  limit: number;
  /** Descriptor bits 40..55. */
  attr: number;
}

export interface CoreOptions {
  /** Guest memory: a multiple of 4096, at most 3 GiB. */
  memoryBytes: number;
  /** Room for ROM behind it. */
  romBytes?: number;
  /** A model and changes to it, as in `-cpu`. */
  cpu?: string | undefined;
  host?: Partial<CoreHost>;
  /** Times a block of code is entered until it is compiled to WebAssembly; 0: everything is interpreted. Never visible. */
  jit?: number | undefined;
  /** Where the core's log goes; without one it is kept for takeLog. */
  wasi?: WasiProvider;
}

const ACCESSES = ["read", "write", "fetch"] as const;

const GIB = 1024 ** 3;
/** Bytes of guest memory at most. */
export const MAX_MEMORY = 3 * GIB;

/** Everything an unclaimed bus does: reads give all ones, writes vanish, no interrupt, no MSR. */
export const quietHost: CoreHost = {
  portIn: (_port, size) => (size === 1 ? 0xff : size === 2 ? 0xffff : -1),
  portOut: () => {},
  mmioRead: (_address, size) => (size === 1 ? 0xff : size === 2 ? 0xffff : -1),
  mmioWrite: () => {},
  acknowledge: () => -1,
  msrRead: () => undefined,
  msrWrite: () => false,
  taskPriority: () => {},
  hypercall: () => false,
  ferr: () => {},
  trace: () => {},
};

/** One processor. */
export class CpuCore {
  readonly memory: WebAssembly.Memory;
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly exports: CoreExports;
  readonly memoryBytes: number;
  /** Set by probes (vmm/cpu/probes.ts): called before every instruction while tracing. */
  onTrace: (() => void) | undefined;
  /** The second tier, unless it is off. */
  readonly jit: Jit | undefined;
  private readonly wasi: WasiProvider;

  constructor(module: WebAssembly.Module, options: CoreOptions) {
    const { memoryBytes } = options;
    if (!Number.isInteger(memoryBytes) || memoryBytes <= 0 || memoryBytes % 4096 || memoryBytes > MAX_MEMORY) {
      throw new ConfigError(
        `memory of ${memoryBytes} bytes: a multiple of 4096 from 4096 to ${MAX_MEMORY} is possible`,
      );
    }
    const host: CoreHost = { ...quietHost, ...options.host };
    const pages = Math.ceil((L.RAM + memoryBytes + (options.romBytes ?? 0)) / 65536);
    this.memoryBytes = memoryBytes;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.view = new DataView(this.memory.buffer);
    this.bytes = new Uint8Array(this.memory.buffer);
    this.wasi = options.wasi ?? plainWasi();
    const instance = new WebAssembly.Instance(module, {
      env: { memory: this.memory },
      host: this.imports(host),
      wasi_snapshot_preview1: this.wasi.imports(module, this),
    });
    this.wasi.attach(instance);
    this.exports = instance.exports as unknown as CoreExports;
    this.exports._initialize();
    installCpu(this.view, configureCpu(options.cpu ?? DEFAULT_CPU_MODEL));
    this.view.setUint32(L.TSC_SHIFT, 3, true);
    this.exports.create();
    if (options.jit !== 0) this.jit = new Jit(this.memory, this.view, this.exports, options.jit);
  }

  private imports(host: CoreHost): Record<string, (...args: number[]) => number | void> {
    const address = (low: number, high: number) => BigInt(low >>> 0) | (BigInt(high >>> 0) << 32n);
    return {
      port_in: (port, size) => host.portIn(port! & 0xffff, size!),
      port_out: (port, size, value) => host.portOut(port! & 0xffff, size!, value! >>> 0),
      mmio_read: (low, high, size) => host.mmioRead(address(low!, high!), size!),
      mmio_write: (low, high, size, value) => host.mmioWrite(address(low!, high!), size!, value! >>> 0),
      interrupt_acknowledge: () => host.acknowledge(),
      msr_read: (index) => {
        const value = host.msrRead(index! >>> 0);
        if (value === undefined) return 0;
        this.view.setBigUint64(L.WORK, value, true);
        return 1;
      },
      msr_write: (index) => Number(host.msrWrite(index! >>> 0, this.view.getBigUint64(L.WORK, true))),
      cr8_write: (value) => host.taskPriority(value!),
      hypercall: () => Number(host.hypercall()),
      ferr: () => host.ferr(),
      trace: () => {
        host.trace();
        this.onTrace?.();
      },
    };
  }

  /** Runs at most `instructions` (1 to 2^31 - 1); the count is exact. */
  run(instructions: number): ExitReason {
    this.jit?.poll();
    return REASONS[this.exports.run(instructions)] ?? "shutdown";
  }

  /** Retired instructions since power-on. */
  get retired(): bigint {
    return this.view.getBigUint64(L.SLICE_END, true) - BigInt(this.view.getInt32(L.BUDGET, true));
  }

  /** Virtual time. */
  get nanos(): bigint {
    return this.view.getBigUint64(L.TSC_BASE, true) + (this.retired << BigInt(this.view.getUint32(L.TSC_SHIFT, true)));
  }

  /** Chooses what the core logs; a panic always is. */
  logLevels(...levels: LogLevel[]): void {
    this.exports.log_levels(levels.reduce((mask, level) => mask | LOG_BITS[level], LOG_BITS.panic));
  }

  /** The lines the core has logged since the last call. */
  takeLog(): string {
    return this.wasi.takeOutput();
  }

  reg(n: number): bigint {
    return this.view.getBigUint64(L.GPR + n * 8, true);
  }

  setReg(n: number, value: bigint): void {
    this.view.setBigUint64(L.GPR + n * 8, value, true);
  }

  get rip(): bigint {
    return this.view.getBigUint64(L.RIP, true);
  }

  set rip(value: bigint) {
    this.view.setBigUint64(L.RIP, value, true);
  }

  get rflags(): number {
    return this.exports.get_rflags() >>> 0;
  }

  set rflags(value: number) {
    this.exports.set_rflags(value);
  }

  segment(seg: number): Segment {
    const at = L.SEG + seg * 16;
    return {
      selector: this.view.getUint32(at + L.SEG_SELECTOR, true),
      base: this.view.getBigUint64(L.SEG_BASE + seg * 8, true),
      limit: this.view.getUint32(at + L.SEG_LIMIT, true),
      attr: this.view.getUint32(at + L.SEG_ATTR, true),
    };
  }

  /** Loads a segment register without checks; call modeChanged when done. */
  setSegment(seg: number, value: Segment): void {
    const low = Number(value.base & 0xffffffffn);
    const high = Number((value.base >> 32n) & 0xffffffffn);
    this.exports.load_segment(seg, value.selector, low, high, value.limit, value.attr);
  }

  modeChanged(): void {
    this.exports.mode_changed();
  }

  /** Maps `count` pages from physical page `first` to offset `offset` of guest memory. */
  mapPages(first: number, count: number, offset: number, kind: "ram" | "rom" | "none"): void {
    const bits = kind === "ram" ? L.MAP_RAM : kind === "rom" ? L.MAP_ROM : 0;
    this.exports.map_pages(first, count, L.RAM + offset, bits);
  }

  /** Puts a ROM behind guest memory; mapPages shows it from offset `memoryBytes`. */
  installRom(rom: Uint8Array): void {
    this.bytes.set(rom, L.RAM + this.memoryBytes);
    this.exports.invalidate(L.RAM + this.memoryBytes, rom.length);
  }

  /** Whether a physical address below 4 GiB is mapped as ROM. */
  isRom(physical: number): boolean {
    return (this.view.getUint32(L.PHYS_MAP + Math.floor(physical / 4096) * 4, true) & L.MAP_ROM) !== 0;
  }

  /** The physical address of a linear one, without side effects; undefined where the access would fault. */
  translate(linear: bigint, access: (typeof ACCESSES)[number], user: boolean): number | undefined {
    const [low, high] = [Number(linear & 0xffffffffn), Number(linear >> 32n)];
    const found = this.exports.translate(low, high, ACCESSES.indexOf(access), Number(user));
    return found ? Number(this.view.getBigUint64(L.WORK, true)) : undefined;
  }

  /** What lies behind physical addresses below 4 GiB, as ranges in order. */
  mappedRanges(): { first: number; last: number; kind: "ram" | "rom" }[] {
    const ranges: { first: number; last: number; kind: "ram" | "rom" }[] = [];
    for (let page = 0; page < 0x100000; page++) {
      const entry = this.view.getUint32(L.PHYS_MAP + page * 4, true);
      if (entry === 0) continue;
      const kind = entry & L.MAP_ROM ? "rom" : "ram";
      const last = ranges.at(-1);
      if (last && last.last === page * 4096 - 1 && last.kind === kind) last.last += 4096;
      else ranges.push({ first: page * 4096, last: page * 4096 + 4095, kind });
    }
    return ranges;
  }

  /** Guest memory as bytes, without going through the CPU's mappings. */
  ram(offset: number, length: number): Uint8Array {
    return this.bytes.subarray(L.RAM + offset, L.RAM + offset + length);
  }

  /** Copies bytes into guest memory and drops code decoded from there. */
  load(offset: number, data: Uint8Array): void {
    if (offset < 0 || offset + data.length > this.memoryBytes) {
      throw new ConfigError(
        `image of ${data.length} bytes at 0x${offset.toString(16)} does not fit a memory of ${this.memoryBytes} bytes`,
      );
    }
    this.bytes.set(data, L.RAM + offset);
    this.exports.invalidate(L.RAM + offset, data.length);
  }

  /** Zeroes guest memory and drops code decoded from there. */
  clear(offset: number, bytes: number): void {
    this.bytes.fill(0, L.RAM + offset, L.RAM + Math.min(offset + bytes, this.memoryBytes));
    this.exports.invalidate(L.RAM + offset, bytes);
  }

  /** The whole processor state as bytes, between two slices. Guest memory is not part of it. */
  save(): Uint8Array {
    this.exports.settle();
    return packState(canonicalState(this.bytes));
  }

  /** Takes a state that `save` made on a processor of the same model; throws a SnapshotError and changes nothing. */
  restore(packed: Uint8Array): void {
    this.install(this.unpack(packed));
  }

  /** The first half of `restore`: checks, and gives what `install` takes. */
  unpack(packed: Uint8Array): Uint8Array {
    const state = unpackState(packed);
    checkFeatures(this.bytes, state);
    return state;
  }

  install(state: Uint8Array): void {
    installState(this.bytes, state);
    this.exports.mode_changed();
  }

  /** All of guest memory may have been changed by the host: nothing decoded or translated from it is kept. */
  memoryChanged(): void {
    this.exports.invalidate(L.RAM, this.memoryBytes);
  }

  /** 64 bits that are the same wherever and however the same run is made; with guest memory unless told otherwise. */
  digest(options: { memory?: boolean } = {}): string {
    this.exports.settle();
    const digest = new Digest().update(canonicalState(this.bytes));
    if (options.memory ?? true) digest.update(this.ram(0, this.memoryBytes));
    return digest.hex();
  }
}
