// SPDX-License-Identifier: MIT
//
// The project's own core as a CPU under test: registers are written in place, exceptions are taken from the frame the
// core pushed on the stack of ring 0.
//
// Spec: vmm-core/layout.ts, vmm/cpu/core.ts (the ABI), test/harness/cpu-under-test.ts; Intel SDM vol. 3A section 6.14.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as L from "../../vmm-core/layout.ts";
import { FEATURES } from "../../vmm-core/isa/features.ts";
import { CpuCore } from "../../vmm/cpu/core.ts";
import type { CpuMode, CpuOutcome, CpuUnderTest } from "./cpu-under-test.ts";
import { GDT, LDT_SEGMENTS, PAGE_WINDOWS, USER_CODE64, descriptorOf } from "./native-environment.ts";
import * as M from "./native-machine.ts";
import { CS, FS_BASE, GS_BASE, RFLAGS, RIP, RSP, SS, XSAVE, ES, type RegisterFile } from "./registers.ts";

const CORE = process.env["GLASS86_CORE"] ?? join(dirname(fileURLToPath(import.meta.url)), "../../build/core.wasm");
const MEMORY = 0x110_0000;
const ABSENT = ["SVM", "VMX", "LA57", "HYPERVISOR"];
const HAS_ERROR_CODE = new Set([8, 10, 11, 12, 13, 14, 17, 21]);
const HLT = 0xf4;
const SYSTEM_BYTES = 8 * 4096; // tables and stacks of ring 0
const GENERAL_PROTECTION = 13;
const PAGE_FAULT = 14;
/** Encoding-order index of the core's segment cells for our ES CS SS DS FS GS. */
const SEGMENTS = 6;
const CR0_PROTECTED = 0x8005_0033n; // PG AM WP NE ET MP PE
const CR4_NATIVE = 0x5_0620n; // OSXSAVE FSGSBASE OSXMMEXCPT OSFXSR PAE
const EFER_LONG = 0xd01n; // NXE LMA LME SCE
const EFER_LEGACY = 0x801n;

const names: ReadonlyMap<string, string> = new Map([["PCLMULQDQ", "pclmul"]]);

export class CoreUnderTest implements CpuUnderTest {
  readonly name = "core.wasm";
  readonly features: ReadonlySet<string> = new Set(FEATURES.map((f) => f.split(' ')[0]!).filter((f) => !ABSENT.includes(f)).map((f) => names.get(f) ?? f.toLowerCase())); // prettier-ignore
  readonly modes: ReadonlySet<CpuMode> = new Set<CpuMode>([
    "real16",
    "prot16",
    "prot32",
    "compat16",
    "compat32",
    "long64",
  ]);
  private readonly core: CpuCore;
  private readonly ram: Uint8Array;
  private mode: CpuMode = "real16";
  private longMode = false;

  private readonly compiled: boolean;

  constructor(module: WebAssembly.Module, compiled: boolean) {
    this.compiled = compiled;
    this.core = new CpuCore(module, { memoryBytes: MEMORY, jit: compiled ? 1 : 0 });
    this.ram = this.core.ram(0, MEMORY);
  }

  /** Modules that have been compiled. */
  get modules(): number {
    return this.core.jit?.modules ?? 0;
  }

  get failure(): string | undefined {
    return this.core.jit?.failure;
  }

  /** Runs once and takes everything back, so that the next run finds its blocks waiting to be compiled. */
  private rehearse(instructions: number): void {
    const { bytes } = this.core;
    const windows = PAGE_WINDOWS.map((w) => [L.RAM + M.physicalOf(w), w.bytes] as const);
    const kept = [[0, L.STATE_END], [L.RAM + M.SYSTEM_PHYSICAL, SYSTEM_BYTES], ...windows].map(
      ([at, length]) => [at!, bytes.slice(at, at! + length!)] as const,
    );
    this.core.run(instructions);
    for (const [at, content] of kept) bytes.set(content, at);
    this.core.modeChanged();
  }

  private set64(at: number, value: bigint): void {
    this.core.view.setBigUint64(at, value, true);
  }
  private set32(at: number, value: number): void {
    this.core.view.setUint32(at, value, true);
  }
  private get32(at: number): number {
    return this.core.view.getUint32(at, true);
  }

  reset(mode: CpuMode): void {
    const { core } = this;
    this.mode = mode;
    core.exports.power_on();
    FEATURES.forEach((f, bit) => {
      if (bit > 0 && !ABSENT.includes(f.split(" ")[0]!)) core.bytes[L.FEATURES + (bit >> 3)]! |= 1 << (bit & 7);
    });
    core.mapPages(0, MEMORY / 4096, 0, "ram");
    if (mode !== "real16") this.enterNative(mode);
    core.exports.invalidate(L.RAM, MEMORY);
    core.modeChanged();
  }

  private enterNative(mode: CpuMode): void {
    this.longMode = mode === "long64" || mode.startsWith("compat");
    M.buildNativeMachine(new DataView(this.ram.buffer, this.ram.byteOffset, this.ram.byteLength), this.longMode);
    this.set64(L.CR0, CR0_PROTECTED);
    this.set64(L.CR4, CR4_NATIVE);
    this.set64(L.EFER, this.longMode ? EFER_LONG : EFER_LEGACY);
    this.set64(L.CR3, BigInt(this.longMode ? M.PML4_AT : M.PAE_PDPT_AT));
    const pdpt = new DataView(this.ram.buffer, this.ram.byteOffset + M.PAE_PDPT_AT);
    for (let i = 0; i < 4; i++) this.set64(L.PDPTE + 8 * i, pdpt.getBigUint64(8 * i, true));
    this.set64(L.XCR0, 7n);
    this.set64(L.GDTR_BASE, BigInt(M.GDT_AT));
    this.set32(L.GDTR_LIMIT, M.GDT_LIMIT);
    this.set64(L.IDTR_BASE, BigInt(M.IDT_AT));
    this.set32(L.IDTR_LIMIT, this.longMode ? 4095 : 2047);
    this.core.setSegment(L.LDTR, { selector: 0x50, base: BigInt(M.LDT_AT), limit: M.LDT_LIMIT, attr: 0x82 });
    this.core.setSegment(L.TR, { selector: 0x40, base: BigInt(M.TSS_AT), limit: 0x67, attr: 0x8b });
  }

  private offsetOf(linear: bigint): number {
    const at = this.mode === "real16" ? Number(linear) : M.toPhysical(linear);
    if (at === undefined || at >= MEMORY) throw new Error(`no memory at ${linear.toString(16)}`);
    return at;
  }
  writeMemory(linear: bigint, bytes: Uint8Array): void {
    this.core.load(this.offsetOf(linear), bytes);
  }
  readMemory(linear: bigint, length: number): Uint8Array {
    const at = this.offsetOf(linear);
    return this.ram.subarray(at, at + length);
  }

  setRegisters(registers: RegisterFile): void {
    const { core } = this;
    for (let i = 0; i < 16; i++) this.set64(L.GPR + 8 * i, registers[i]!);
    for (const at of [L.HALTED, L.FAULT, L.SHADOW, L.DELIVERY, L.STOP_REQUEST, L.NMI_BLOCKED]) this.set32(at, 0);
    this.set64(L.DR + 48, 0xffff_0ff0n);
    this.set64(L.RIP, registers[RIP]!);
    this.set64(L.IP0, registers[RIP]!);
    this.set32(L.CPL, this.mode === "real16" ? 0 : 3);
    const flags = Number(registers[RFLAGS]!);
    this.loadSegment(CS - ES, registers);
    core.rflags = flags; // settles the mode, which decides what a base of ES, SS or DS means
    for (let i = 0; i < SEGMENTS; i++) this.loadSegment(i, registers);
    core.rflags = flags;
  }

  private loadSegment(index: number, registers: RegisterFile): void {
    const selector = Number(registers[ES + index]!);
    if (this.mode === "real16") {
      this.core.setSegment(index, {
        selector,
        base: BigInt(selector) << 4n,
        limit: 0xffff,
        attr: index === L.CS ? 0x9b : 0x93,
      });
      return;
    }
    const base = index === L.FS ? registers[FS_BASE]! : index === L.GS ? registers[GS_BASE]! : 0n;
    const descriptor = selector < 4 ? 0n : descriptorAt(selector);
    if (descriptor === 0n) {
      this.core.setSegment(index, { selector, base, limit: 0, attr: L.SEG_NULL });
      return;
    }
    const granular = (descriptor >> 55n) & 1n;
    const rawLimit = Number((descriptor & 0xffffn) | ((descriptor >> 32n) & 0xf0000n));
    const fromTable = ((descriptor >> 16n) & 0xff_ffffn) | (((descriptor >> 56n) & 0xffn) << 24n);
    this.core.setSegment(index, {
      selector,
      base: this.mode === "long64" && index < L.FS ? 0n : fromTable,
      limit: granular ? rawLimit * 4096 + 4095 : rawLimit,
      attr: Number((descriptor >> 40n) & 0xf0ffn),
    });
  }

  private frame: { rip: bigint; cs: bigint; flags: bigint; rsp: bigint; ss: bigint } | undefined;

  run(maxInstructions: number): CpuOutcome {
    const { core } = this;
    this.frame = undefined;
    const limit: CpuOutcome = { reason: "limit", vector: 0, errorCode: 0, cr2: 0n };
    let reason: string;
    try {
      if (this.compiled) this.rehearse(maxInstructions + 2);
      reason = core.run(maxInstructions + 2);
    } catch (error) {
      this.reset(this.mode); // a wasm trap is a fault of the core
      return { ...limit, detail: `the core trapped: ${(error as Error).message}` };
    }
    if (reason !== "halt") return { ...limit, detail: reason };
    if (this.mode === "real16") return { ...limit, reason: "halt" };
    const vector = Number(core.rip) - M.HANDLERS_AT - 1;
    if (vector < 0 || vector > 255) return { ...limit, detail: `halted at ${core.rip.toString(16)}` };
    const width = this.longMode ? 8 : 4;
    const view = core.view;
    let at = L.RAM + M.SYSTEM_PHYSICAL + Number(core.reg(RSP)) - M.SYSTEM;
    const pop = (): bigint => {
      const value = width === 8 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true));
      at += width;
      return value;
    };
    const errorCode = HAS_ERROR_CODE.has(vector) ? Number(pop()) : 0;
    this.frame = { rip: pop(), cs: pop() & 0xffffn, flags: pop(), rsp: pop(), ss: pop() & 0xffffn };
    if (vector === GENERAL_PROTECTION && errorCode === 0 && this.byteAt(this.frame.cs, this.frame.rip) === HLT)
      return { ...limit, reason: "halt" };
    return { reason: "exception", vector, errorCode, cr2: vector === PAGE_FAULT ? view.getBigUint64(L.CR2, true) : 0n };
  }

  private byteAt(cs: bigint, rip: bigint): number | undefined {
    const selector = Number(cs);
    const descriptor = selector === USER_CODE64 ? 0n : descriptorAt(selector);
    const base = ((descriptor >> 16n) & 0xff_ffffn) | (((descriptor >> 56n) & 0xffn) << 24n);
    const at = M.toPhysical(selector === USER_CODE64 ? rip : BigInt.asUintN(32, rip + base));
    return at === undefined ? undefined : this.ram[at];
  }

  getRegisters(into: RegisterFile): void {
    const { view } = this.core;
    for (let i = 0; i < 16; i++) into[i] = view.getBigUint64(L.GPR + 8 * i, true);
    into[RIP] = this.core.rip;
    into[RFLAGS] = BigInt(this.core.rflags);
    for (let i = 0; i < SEGMENTS; i++) into[ES + i] = BigInt(this.get32(L.SEG + 16 * i) & 0xffff);
    into[FS_BASE] = view.getBigUint64(L.SEG_BASE + 8 * L.FS, true);
    into[GS_BASE] = view.getBigUint64(L.SEG_BASE + 8 * L.GS, true);
    if (!this.frame) return;
    into[RIP] = this.frame.rip;
    into[CS] = this.frame.cs;
    into[RFLAGS] = this.frame.flags;
    into[RSP] = this.frame.rsp;
    into[SS] = this.frame.ss;
  }

  setXsave(image: Uint8Array): void {
    const { bytes } = this.core;
    const status = image[XSAVE.FSW]! | (image[XSAVE.FSW + 1]! << 8);
    const top = (status >> 11) & 7;
    this.set32(L.FCW, image[XSAVE.FCW]! | (image[XSAVE.FCW + 1]! << 8));
    this.set32(L.FSW, status & ~0x3800);
    this.set32(L.FTOP, top);
    this.set32(L.FEMPTY, ~image[XSAVE.FTW]! & 0xff);
    this.set32(L.MXCSR, new DataView(image.buffer, image.byteOffset).getUint32(XSAVE.MXCSR, true));
    for (let i = 0; i < 8; i++) {
      const at = L.FPR + 16 * ((top + i) & 7);
      bytes.set(image.subarray(XSAVE.ST0 + 16 * i, XSAVE.ST0 + 16 * i + 10), at);
    }
    bytes.set(image.subarray(XSAVE.XMM0, XSAVE.XMM0 + 256), L.XMM);
    bytes.set(image.subarray(XSAVE.YMM0, XSAVE.YMM0 + 256), L.YMM_HIGH);
  }

  getXsave(into: Uint8Array): void {
    const { bytes } = this.core;
    const top = this.get32(L.FTOP);
    const control = this.get32(L.FCW);
    const status = (this.get32(L.FSW) & ~0x3800) | (top << 11);
    into.set(
      [control & 0xff, (control >> 8) & 0xff, status & 0xff, (status >> 8) & 0xff, ~this.get32(L.FEMPTY) & 0xff],
      0,
    );
    new DataView(into.buffer, into.byteOffset).setUint32(XSAVE.MXCSR, this.get32(L.MXCSR), true);
    for (let i = 0; i < 8; i++) {
      const at = L.FPR + 16 * ((top + i) & 7);
      into.set(bytes.subarray(at, at + 10), XSAVE.ST0 + 16 * i);
    }
    into.set(bytes.subarray(L.XMM, L.XMM + 256), XSAVE.XMM0);
    into.set(bytes.subarray(L.YMM_HIGH, L.YMM_HIGH + 256), XSAVE.YMM0);
  }
}

function descriptorAt(selector: number): bigint {
  const index = selector >> 3;
  if (!(selector & 4)) return GDT[index] ?? 0n;
  const s = LDT_SEGMENTS[index];
  return s ? descriptorOf(s) : 0n;
}

/** The core, or undefined after a loud message; `compiled`: every block runs in the second tier, not in the interpreter. */
export async function openCore(options: { compiled?: boolean } = {}): Promise<CoreUnderTest | undefined> {
  if (existsSync(CORE))
    return new CoreUnderTest(await WebAssembly.compile(readFileSync(CORE)), options.compiled ?? false);
  console.warn(`SKIPPED: no CPU core to test: ${CORE} is not there (npm run build)`);
  return undefined;
}
