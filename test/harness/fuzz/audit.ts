// SPDX-License-Identifier: MIT
// What no guest may change: everything in the wasm memory outside guest RAM, the state block and the caches; and what must
// hold for the state itself and for the translations in the caches.
// Spec: vmm-core/layout.ts; Intel SDM vol. 3A ch. 2 (reserved bits).
import type { CpuCore } from "../../../vmm/cpu/core.ts";
import * as L from "../../../vmm-core/layout.ts";
import * as P from "./places.ts";

/** Regions that only the host writes, checked after every program. */
const SMALL: readonly (readonly [string, number, number])[] = [
  ["the CPUID table and counters", L.CPUID_TABLE, 0x8000],
  ...P.RED_OFFSETS.map(
    (offset) => [`the red zone at ${offset.toString(16)}`, L.RAM + offset, L.RAM + offset + P.RED_BYTES] as const,
  ),
  ["ROM", L.RAM + P.ROM_OFFSET, L.RAM + P.ROM_OFFSET + P.ROM_BYTES],
];
/** Gaps and big tables, checked now and then. */
const LARGE: readonly (readonly [string, number, number])[] = [
  ["the gap behind the execution TLB", L.TLB_EXEC + 2 * L.TLB_BYTES, L.UOP_HASH],
  ["the physical map", L.PHYS_MAP, L.TLB_JOURNAL],
  ["the gap behind the code generator's areas", L.JIT_END, L.PAGE_CODE],
  ["code marks of pages that are not guest memory", L.PAGE_CODE, L.PAGE_CODE + (L.RAM >> 12) * 8],
  ["code marks of pages behind guest memory", L.PAGE_CODE + ((L.RAM + P.MEMORY_BYTES) >> 12) * 8, L.PAGE_FLAGS],
  ["flags of pages that are not guest memory", L.PAGE_FLAGS, L.PAGE_FLAGS + (L.RAM >> 12)],
  ["flags of pages behind guest memory", L.PAGE_FLAGS + ((L.RAM + P.MEMORY_BYTES) >> 12), L.TLB32],
];

export class Audit {
  private readonly core: CpuCore;
  private readonly before = new Map<string, Buffer>();
  private readonly size: number;

  constructor(core: CpuCore) {
    this.core = core;
    this.size = core.memory.buffer.byteLength;
    for (const [name, from, to] of [...SMALL, ...LARGE]) this.before.set(name, Buffer.from(core.bytes.slice(from, to)));
  }

  /** The physical map belongs to the host: taken anew after it mapped pages. */
  private compare(regions: readonly (readonly [string, number, number])[], skip?: string): void {
    for (const [name, from, to] of regions) {
      if (name === skip) continue;
      const now = Buffer.from(this.core.memory.buffer, from, to - from);
      const before = this.before.get(name)!;
      if (now.equals(before)) continue;
      const at = before.findIndex((byte, i) => byte !== now[i]);
      throw new Error(`${name} changed at wasm address 0x${(from + at).toString(16)}: ${before[at]} -> ${now[at]}`);
    }
  }

  quick(): void {
    if (this.core.memory.buffer.byteLength !== this.size) throw new Error("the memory grew");
    this.compare(SMALL);
    this.state();
  }

  full(): void {
    this.compare(LARGE, "the physical map");
    this.translations();
  }

  private state(): void {
    const { core } = this;
    const { view } = core;
    const u32 = (at: number) => view.getUint32(at, true);
    const u64 = (at: number) => view.getBigUint64(at, true);
    const expect = (ok: boolean, what: string, value: number | bigint) => {
      if (!ok) throw new Error(`no architectural state: ${what} is 0x${value.toString(16)}`);
    };
    const flags = core.rflags;
    expect((flags & 2) !== 0 && (flags & ~0x3f7fd7) === 0, "RFLAGS", flags);
    expect(u64(L.RFLAGS) >> 32n === 0n, "RFLAGS 63:32", u64(L.RFLAGS));
    expect(u32(L.CPL) <= 3, "CPL", u32(L.CPL));
    expect(u32(L.FTOP) <= 7, "TOP", u32(L.FTOP));
    expect(u32(L.FEMPTY) <= 0xff, "the x87 tag word", u32(L.FEMPTY));
    expect((u32(L.FSW) & ~0xc7ff) === 0, "FSW without TOP", u32(L.FSW));
    expect(u32(L.MXCSR) >>> 16 === 0, "MXCSR", u32(L.MXCSR));
    expect(u64(L.SLOT_ZERO) === 0n, "SLOT_ZERO", u64(L.SLOT_ZERO));
    expect(u64(L.SLOT_8K) === 0x2000n, "SLOT_8K", u64(L.SLOT_8K));
    expect(u64(L.CR8) <= 15n, "CR8", u64(L.CR8));
    expect(u32(L.HALTED) <= 4, "HALTED", u32(L.HALTED));
    expect((u64(L.EFER) & ~0xd01n) === 0n, "EFER", u64(L.EFER));
    expect((u64(L.CR0) & ~0xe005003fn) === 0n, "CR0", u64(L.CR0));
    expect(u32(L.FAULT) === 0, "the pending fault after a slice", u32(L.FAULT));
    expect(u32(L.DELIVERY) === 0, "the delivery under way after a slice", u32(L.DELIVERY));
    const long = u32(L.CPU_MODE) === L.MODE_LONG;
    expect(u32(L.CPU_MODE) === this.mode(), "CPU_MODE", u32(L.CPU_MODE));
    const rip = u64(L.RIP);
    expect(long || rip >> 32n === 0n, "RIP outside 64-bit mode", rip);
    for (let seg = 0; seg < 6; seg++) {
      const base = core.segment(seg).base;
      if (!long) expect(seg >= L.FS || base >> 32n === 0n, `the base of segment ${seg} outside 64-bit mode`, base);
      else if (seg < L.FS) expect(base === 0n, `the base of segment ${seg} in 64-bit mode`, base);
    }
  }

  private mode(): number {
    const { view } = this.core;
    if (!(view.getUint32(L.CR0, true) & 1)) return L.MODE_REAL;
    if (view.getUint32(L.EFER, true) & 0x400)
      return view.getUint32(L.SEG + 16 + L.SEG_ATTR, true) & 0x2000 ? L.MODE_LONG : L.MODE_COMPAT;
    return view.getUint32(L.RFLAGS, true) & 0x20000 ? L.MODE_V86 : L.MODE_PROT;
  }

  /** Every cached translation leads to guest memory, every writable one to RAM without code. */
  private translations(): void {
    const { core } = this;
    const words = new Uint32Array(core.memory.buffer);
    const check = (host: number, write: boolean, what: string) => {
      const offset = host - L.RAM;
      const inside = (from: number, bytes: number) => offset >= from && offset < from + bytes;
      const ram =
        inside(P.LOW_OFFSET, P.LOW_BYTES) || inside(P.TOP_OFFSET, P.TOP_BYTES) || inside(P.HIGH_OFFSET, P.HIGH_BYTES);
      if (!ram && (write || !inside(P.ROM_OFFSET, P.ROM_BYTES)))
        throw new Error(`${what} leads to 0x${host.toString(16)}`);
      if (write && core.bytes[L.PAGE_FLAGS + (host >>> 12)]! & L.PAGE_HAS_CODE)
        throw new Error(`${what} leads to a page with code`);
    };
    for (let view = 0; view < 4; view++) {
      const table = (L.TLB32 >> 2) + view * 0x100000;
      for (let page = 0; page < 0x100000; page++) {
        const addend = words[table + page]!;
        if (addend & 0xfff) continue;
        check((addend + page * 4096) >>> 0, (view & 1) === 1, `32-bit view ${view}, page 0x${page.toString(16)}`);
      }
    }
    for (let view = 0; view < 6; view++) {
      for (let i = 0; i < L.TLB_ENTRIES; i++) {
        const at = (L.TLB64 + view * L.TLB_BYTES + i * 16) >> 2;
        const low = words[at]!;
        if (low === 0xffffffff) continue;
        check((words[at + 2]! + low) >>> 0, view < 4 && (view & 1) === 1, `64-bit view ${view}, entry ${i}`);
      }
    }
  }
}
