// SPDX-License-Identifier: MIT
// Which blocks make up a region: the hot one and what it reaches by direct branches that have been taken, inside its page.
// In address order, so that loops and if-then-else come out as nested WebAssembly.
import { JIT_BLOCKS } from "../layout.ts";
import { CodeCache } from "../interp/code-cache.ts";
import { H_BLOCK_END, H_CALL, H_CALL_M, H_COMPILED } from "../interp/hot.gen.ts";
import { B_HEAT, B_HOST, B_KEY, B_OP, UOP_BYTES, U_LENGTH, U_OFFSET, U_OP, U_TARGET } from "../uop.ts";

const BLOCKS_MAX: u32 = 24;
const UOPS_MAX: u32 = 320;
const SITES: usize = JIT_BLOCKS + 0x800;
const SITES_MAX: u32 = 4;

export class Region {
  static count: u32 = 0;
  static sites: u32 = 0;
  private static uops: u32 = 0;
  private static host: u32 = 0;
  private static key: u32 = 0;
  private static least: i32 = 0; // heat of the blocks that belong to the region

  @inline static block(index: u32): usize {
    return <usize>load<u32>((<usize>index) << 2, JIT_BLOCKS);
  }

  static indexOf(block: usize): i32 {
    for (let i: u32 = 0; i < Region.count; i++) if (Region.block(i) == block) return i;
    return -1;
  }

  /** The operation of a record; a compiled block's first one keeps it in the header. */
  static opOf(u: usize): u32 {
    const op = <u32>load<u16>(u, U_OP);
    return op == <u32>H_COMPILED ? <u32>load<u16>(u - UOP_BYTES, B_OP) : op;
  }

  /** Where an instruction ends, as an offset in its page. */
  static end(u: usize): i32 {
    return <i32>load<u16>(u, U_OFFSET) + <i32>load<u8>(u, U_LENGTH);
  }

  /** The decoded block at an offset of the region's page, 0 when there is none. */
  static find(offset: i32): usize {
    if (offset < 0 || offset >= 0x1000) return 0;
    return CodeCache.find((Region.host & ~0xfff) + <u32>offset, Region.key);
  }

  /** More than a third of the block's micro-ops would be called out of line, which the interpreter does at less cost. */
  static poor(block: usize): bool {
    let calls: u32 = 0;
    let uops: u32 = 0;
    for (let u = block; Region.opOf(u) != <u32>H_BLOCK_END; u += UOP_BYTES) {
      uops++;
      if (Region.opOf(u) >> 8 > 2) calls++;
    }
    return calls * 3 > uops;
  }

  static gather(hot: usize): void {
    Region.host = load<u32>(hot - UOP_BYTES, B_HOST);
    Region.key = load<u32>(hot - UOP_BYTES, B_KEY);
    const threshold = -CodeCache.cold(Region.host);
    Region.least = (threshold >> 3) - threshold;
    Region.count = 0;
    Region.uops = 0;
    Region.sites = 0;
    Region.add(hot);
    // Breadth first: blocks are added behind the one that is looked at.
    for (let i: u32 = 0; i < Region.count; i++) {
      for (let u = Region.block(i); ; u += UOP_BYTES) {
        if (Region.opOf(u) == <u32>H_BLOCK_END) {
          const next = Region.find(<i32>load<u16>(u, U_OFFSET));
          if (next && Region.warm(next)) Region.add(next);
          break;
        }
        const target = <usize>load<u32>(u, U_TARGET);
        if (target && Region.warm(target)) Region.add(target);
        const op = Region.opOf(u);
        if (op >= <u32>H_CALL && op <= <u32>H_CALL_M) Region.addSite(Region.find(Region.end(u)));
      }
    }
    Region.sort();
  }

  /** Entered a good part of the times that the hot block was; what is rare would only make the region larger. */
  private static warm(block: usize): bool {
    return load<i32>(block - UOP_BYTES, B_HEAT) > Region.least;
  }

  /** Where a CALL of the region returns to: a RET in the region goes on there without leaving. */
  private static addSite(block: usize): void {
    if (!block || !Region.warm(block) || Region.sites >= SITES_MAX) return;
    for (let i: u32 = 0; i < Region.sites; i++) if (Region.site(i) == block) return;
    Region.add(block);
    if (Region.indexOf(block) < 0) return;
    store<u32>((<usize>Region.sites) << 2, <u32>block, SITES);
    Region.sites++;
  }

  @inline static site(index: u32): usize {
    return <usize>load<u32>((<usize>index) << 2, SITES);
  }

  private static add(block: usize): void {
    if (Region.count >= BLOCKS_MAX || Region.indexOf(block) >= 0) return;
    let uops: u32 = 1;
    for (let u = block; Region.opOf(u) != <u32>H_BLOCK_END; u += UOP_BYTES) uops++;
    if (Region.count && Region.uops + uops > UOPS_MAX) return;
    Region.uops += uops;
    store<u32>((<usize>Region.count) << 2, <u32>block, JIT_BLOCKS);
    Region.count++;
  }

  private static sort(): void {
    for (let i: u32 = 1; i < Region.count; i++) {
      const block = Region.block(i);
      const offset = load<u16>(block, U_OFFSET);
      let at = i;
      while (at > 0 && load<u16>(Region.block(at - 1), U_OFFSET) > offset) {
        store<u32>((<usize>at) << 2, <u32>Region.block(at - 1), JIT_BLOCKS);
        at--;
      }
      store<u32>((<usize>at) << 2, <u32>block, JIT_BLOCKS);
    }
  }
}
