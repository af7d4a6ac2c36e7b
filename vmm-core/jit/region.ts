// SPDX-License-Identifier: MIT
// Which blocks make up a region: the hot one and what it reaches by direct branches that have been taken, inside its page.
// In address order, so that loops and if-then-else come out as nested WebAssembly.
import { JIT_BLOCKS } from "../layout.ts";
import { CodeCache } from "../interp/code-cache.ts";
import { H_BLOCK_END, H_COMPILED } from "../interp/hot.gen.ts";
import { B_HEAT, B_HOST, B_KEY, B_OP, UOP_BYTES, U_OFFSET, U_OP, U_TARGET } from "../uop.ts";

const BLOCKS_MAX: u32 = 24;
const UOPS_MAX: u32 = 320;

export class Region {
  static count: u32 = 0;
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

  /** The decoded block at an offset of the region's page, 0 when there is none. */
  static find(offset: i32): usize {
    if (offset < 0 || offset >= 0x1000) return 0;
    return CodeCache.find((Region.host & ~0xfff) + <u32>offset, Region.key);
  }

  static gather(hot: usize): void {
    Region.host = load<u32>(hot - UOP_BYTES, B_HOST);
    Region.key = load<u32>(hot - UOP_BYTES, B_KEY);
    const threshold = -CodeCache.cold(Region.host);
    Region.least = (threshold >> 3) - threshold;
    Region.count = 0;
    Region.uops = 0;
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
      }
    }
    Region.sort();
  }

  /** Entered a good part of the times that the hot block was; what is rare would only make the region larger. */
  private static warm(block: usize): bool {
    return load<i32>(block - UOP_BYTES, B_HEAT) > Region.least;
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
