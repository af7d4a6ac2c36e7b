// SPDX-License-Identifier: MIT
// Functions that the host calls. Registers are read and written in place (layout.ts); after changing anything but
// general registers the host calls mode_changed.
import {
  HIGH_HOST,
  HIGH_PAGES,
  PAGE_FLAGS,
  PAGE_TABLE,
  PHYS_MAP,
  SEG,
  SEG_ATTR,
  SEG_BASE,
  SEG_LIMIT,
  SEG_SELECTOR,
  STEP_FLAGS,
  STEP_PROBE,
  WORK,
} from "../layout.ts";
import { Decoder } from "../decode/decoder.ts";
import { CodeCache } from "../interp/code-cache.ts";
import { Jit } from "../jit/jit.ts";
import { Loop } from "../interp/loop.ts";
import { Paging } from "../mmu/paging.ts";
import { Physical } from "../mmu/physical.ts";
import { Segment } from "../mmu/descriptor.ts";
import { Tlb } from "../mmu/tlb.ts";
import { Probe } from "../probe/probe.ts";
import { Flags } from "../state/flags.ts";
import { Mode } from "../state/mode.ts";
import { Reset } from "../state/reset.ts";

const ALL_CODE: u32 = 0x1000000; // from here on it is quicker to drop all decoded code than to look page by page

/** Called once, on fresh zeroed memory. */
export function create(): void {
  Tlb.fillInvalid();
  Reset.power();
}

/** Power-on reset: registers only, guest memory stays. */
export function power_on(): void {
  Reset.power();
}

/** Runs at most `instructions`; returns EXIT_*. */
export function run(instructions: i32): u32 {
  return Loop.run(instructions);
}

/** RFLAGS with the lazy flags settled. */
export function get_rflags(): u32 {
  return Flags.get();
}

export function set_rflags(value: u32): void {
  Flags.set(value);
  Mode.update();
}

/** Sets a segment register without checks, as a debugger or a loader does. `attr`: descriptor bits 40..55. */
export function load_segment(seg: i32, selector: u32, baseLow: u32, baseHigh: u32, limit: u32, attr: u32): void {
  const at = (<usize>seg) << 4;
  store<u32>(at, selector, SEG + SEG_SELECTOR);
  store<u32>(at, attr, SEG + SEG_ATTR);
  store<u32>(at, limit, SEG + SEG_LIMIT);
  store<u64>((<usize>seg) << 3, (<u64>baseLow) | ((<u64>baseHigh) << 32), SEG_BASE);
  Segment.setDerived(seg);
}

/** Everything derived from mode, segments and control registers is recomputed, translations are dropped. */
export function mode_changed(): void {
  Mode.update();
  Tlb.flushAll();
}

/** Maps `count` pages from physical page `first` to host memory at `host` (page-aligned); kind MAP_*, 0 unmaps. */
export function map_pages(first: u32, count: u32, host: u32, kind: u32): void {
  if (first >= 0x100000) {
    store<u32>(0, host, HIGH_HOST);
    store<u32>(0, count, HIGH_PAGES);
  } else {
    for (let i: u32 = 0; i < count; i++) {
      store<u32>((<usize>(first + i)) << 2, kind ? (host + (i << 12)) | kind : 0, PHYS_MAP);
    }
  }
  Tlb.flushAll();
}

/** Host memory changed behind the core's back (DMA, loaders): decoded code there is dropped, pages count as written. */
export function invalidate(host: u32, bytes: u32): void {
  if (bytes >= ALL_CODE) {
    CodeCache.dropAll();
    CodeCache.trapNext(); // a device may do this in the middle of a block
  }
  let at = host;
  const end = host + bytes;
  while (at < end) {
    const step = min<u32>(end - at, 0x1000 - (at & 0xfff));
    if (load<u8>(at >> 12, PAGE_FLAGS) & PAGE_TABLE) Tlb.flushAll();
    if (load<u8>(at >> 12, PAGE_FLAGS)) Physical.written(at, step);
    at += step;
  }
}

/** Translates without side effects: 1 with the physical address at WORK, 0 when it would fault. */
export function translate(low: u32, high: u32, access: u32, user: u32): u32 {
  if (!Paging.walk((<u64>low) | ((<u64>high) << 32), access, user != 0, false)) return 0;
  store<u64>(0, Paging.physical, WORK);
  return 1;
}

/** Writes a value as a device would. */
export function write_physical(low: u32, high: u32, size: u32, value: u32): void {
  Physical.write((<u64>low) | ((<u64>high) << 32), size, <u64>value);
}

/** Settles everything lazy, so that the state block is the whole state. */
export function settle(): void {
  Flags.get();
}

/** Decodes bytes at a wasm address; the result is at INSN. */
export function decode(pointer: usize, available: i32, mode: i32): i32 {
  return Decoder.decode(pointer, available, mode);
}

/** PROBE_* bits; to be called again when breakpoints or watchpoints change. */
export function probe_mode(bits: u32): void {
  Probe.set(bits);
  store<u32>(0, (load<u32>(0, STEP_FLAGS) & ~STEP_PROBE) | (bits ? STEP_PROBE : 0), STEP_FLAGS);
  Mode.update();
  Tlb.flushAll();
}

/** The second tier: a block is compiled after it has been entered `threshold` times; 0 leaves everything to the interpreter. */
export function jit_threshold(threshold: i32): void {
  Jit.threshold = threshold;
}

/** Writes the module that is due at JIT_CODE, its functions for the table's places from `base` on; returns its length. */
export function jit_generate(base: u32): u32 {
  return Jit.generate(base);
}

/** The module is in the table. */
export function jit_install(): void {
  Jit.install();
}

/** Called by compiled code: a micro-op out of line. */
export function jit_out_of_line(u: usize, budget: i32): i32 {
  return Jit.outOfLine(u, budget);
}

/** Called by compiled code: a condition from the flags in memory. */
export function jit_condition(code: u32): u32 {
  return Jit.condition(code);
}
