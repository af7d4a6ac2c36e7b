// SPDX-License-Identifier: MIT
// The cache of decoded micro-ops: a bump-allocated pool, found through a hash of host address and key. A write to a
// line that holds decoded code starts a new generation of its page; when the pool is full, everything is dropped.
import {
  INIT_PENDING,
  INTR,
  NMI_PENDING,
  PAGE_CODE,
  PAGE_FLAGS,
  PAGE_HAS_CODE,
  PAGE_IDLE,
  PAGE_IDLE_STEP,
  RAM,
  SIPI_VECTOR,
  STOP_REQUEST,
  UOP_HASH,
  UOP_HASH_BYTES,
  UOP_POOL,
  UOP_POOL_END,
} from "../layout.ts";
import { Tlb } from "../mmu/tlb.ts";
import { Jit } from "../jit/jit.ts";
import { B_HEAT, B_HOST, B_KEY, UOP_BYTES, U_OP } from "../uop.ts";

/** A micro-op that hands control back to the run loop; put over the next one when something must be looked at first. */
export const OP_TRAP: u16 = 0xff00;

export class CodeCache {
  static top: usize = UOP_POOL;
  static current: usize = 0; // the micro-op that runs out of line
  static trapAt: usize = 0;
  static trapOp: u16 = 0;
  static early: bool = false; // attention was asked for while an instruction was fetched
  static alone: bool = false; // the instruction under way came from MMIO: it is fetched anew for every repetition

  @inline static slot(host: u32, key: u32): usize {
    return UOP_HASH + ((<usize>((host ^ (host >> 15) ^ (key << 9)) & 0xffff)) << 4);
  }

  @inline static generation(host: u32): u32 {
    return load<u32>((<usize>(host >> 12)) << 3, PAGE_CODE + 4);
  }

  /** First micro-op of the block at `host`, 0 when there is none. */
  @inline static find(host: u32, key: u32): usize {
    const slot = CodeCache.slot(host, key);
    if (load<u32>(slot) != host || load<u32>(slot, 4) != key || load<u32>(slot, 12) != CodeCache.generation(host))
      return 0;
    return load<u32>(slot, 8);
  }

  /** Room for a block of at most 80 records and its header. */
  static reserve(): usize {
    if (CodeCache.top + 82 * UOP_BYTES > UOP_POOL_END) CodeCache.dropAll();
    return CodeCache.top + UOP_BYTES;
  }

  static insert(host: u32, bytes: u32, key: u32, first: usize, end: usize): void {
    CodeCache.top = end;
    const slot = CodeCache.slot(host, key);
    store<u32>(slot, host);
    store<u32>(slot, key, 4);
    store<u32>(slot, <u32>first, 8);
    store<u32>(slot, CodeCache.generation(host), 12);
    const header = first - UOP_BYTES;
    store<u32>(header, host, B_HOST);
    store<u32>(header, key, B_KEY);
    store<i32>(header, CodeCache.cold(host), B_HEAT);
    const page = host >> 12;
    const at = (<usize>page) << 3;
    const line0 = (host & 0xfff) >> 7;
    const line1 = ((host & 0xfff) + bytes - 1) >> 7;
    let lines = load<u32>(at, PAGE_CODE);
    for (let i = line0; i <= line1; i++) lines |= (<u32>1) << i;
    store<u32>(at, lines, PAGE_CODE);
    const flags = load<u8>(page, PAGE_FLAGS);
    store<u8>(page, (flags | PAGE_HAS_CODE) & ~PAGE_IDLE, PAGE_FLAGS);
    if (!(flags & PAGE_HAS_CODE)) Tlb.forbidWrites(page << 12);
  }

  /** The heat that a new block starts with. */
  static cold(host: u32): i32 {
    return Jit.cold(CodeCache.generation(host));
  }

  /** Bytes of a page with code were written. */
  static written(host: u32, size: u32): void {
    const at = (<usize>(host >> 12)) << 3;
    const lines = load<u32>(at, PAGE_CODE);
    const line0 = (host & 0xfff) >> 7;
    const line1 = ((host & 0xfff) + size - 1) >> 7;
    if (lines == 0) CodeCache.idle(host >> 12);
    else if (((lines >> line0) & 1) != 0 || ((lines >> line1) & 1) != 0 || size > 128) CodeCache.dropPage(host >> 12);
  }

  /**
   * A write to a page whose code was dropped. It stays a code page for a while, so that code that is patched again and
   * again does not pay for the change each time.
   */
  static idle(page: u32): void {
    const flags = load<u8>(page, PAGE_FLAGS);
    if ((flags & PAGE_IDLE) == PAGE_IDLE) store<u8>(page, flags & ~(PAGE_IDLE | PAGE_HAS_CODE), PAGE_FLAGS);
    else store<u8>(page, flags + PAGE_IDLE_STEP, PAGE_FLAGS);
  }

  static dropPage(page: u32): void {
    const at = (<usize>page) << 3;
    store<u32>(at, 0, PAGE_CODE);
    store<u32>(at, load<u32>(at, PAGE_CODE + 4) + 1, PAGE_CODE + 4);
    CodeCache.trapNext();
  }

  static dropAll(): void {
    memory.fill(UOP_HASH, 0, UOP_HASH_BYTES);
    CodeCache.top = UOP_POOL;
    Jit.dropAll();
    for (let page: u32 = (<u32>RAM) >> 12; page < 0x100000; page++) {
      const at = (<usize>page) << 3;
      if (load<u32>(at, PAGE_CODE)) store<u8>(page, load<u8>(page, PAGE_FLAGS) & ~PAGE_HAS_CODE, PAGE_FLAGS);
      store<u64>(at, 0, PAGE_CODE); // the generation too: nothing in the hash has an older one
    }
  }

  /** After an import: if the host asked for attention, stop behind the current instruction. */
  @inline static afterHost(): void {
    if (
      load<u32>(0, INTR) |
      load<u32>(0, NMI_PENDING) |
      load<u32>(0, STOP_REQUEST) |
      load<u32>(0, INIT_PENDING) |
      load<u32>(0, SIPI_VECTOR)
    ) {
      CodeCache.trapNext();
    }
  }

  static trapNext(): void {
    if (!CodeCache.current) CodeCache.early = true;
    if (!CodeCache.current || CodeCache.trapAt) return;
    const next = CodeCache.current + UOP_BYTES;
    CodeCache.trapAt = next;
    CodeCache.trapOp = load<u16>(next, U_OP);
    store<u16>(next, OP_TRAP, U_OP);
  }

  static untrap(): void {
    if (CodeCache.trapAt) {
      store<u16>(CodeCache.trapAt, CodeCache.trapOp, U_OP);
      CodeCache.trapAt = 0;
    }
  }
}
