// SPDX-License-Identifier: MIT
// From RIP to the next block, when it is cached and fits the budget; 0 leaves the rest to the run loop.
import { BUDGET, RIP, SLOT_IPPAGE, TLB_ENTRIES } from "../layout.ts";
import { CodeKey } from "../decode/key.ts";
import { View } from "../mmu/tlb.ts";
import { Jit } from "../jit/jit.ts";
import { UOP_BYTES, U_LEFT, U_TARGET } from "../uop.ts";
import { CodeCache } from "./code-cache.ts";

export class Dispatch {
  static next(): usize {
    const rip = load<u64>(0, RIP);
    const linear = CodeKey.long ? rip : <u64>(CodeKey.csBase + <u32>rip);
    const entry = View.exec + (((<usize>(<u32>(linear >> 12))) & (TLB_ENTRIES - 1)) << 4);
    if (load<u64>(entry) != (linear & ~0xfff)) return 0;
    const u = CodeCache.find(load<u32>(entry, 8) + <u32>linear, CodeKey.key);
    if (!u) return 0;
    if (!CodeKey.flatCs && <u64>(<u32>rip) + load<u32>(u - UOP_BYTES) - 1 > <u64>CodeKey.csLimit) return 0;
    const budget = load<i32>(0, BUDGET) - <i32>load<u8>(u, U_LEFT) - 1;
    if (budget < 0) return 0;
    store<i32>(0, budget, BUDGET);
    store<u64>(0, rip - (linear & 0xfff), SLOT_IPPAGE);
    Jit.entered(u);
    return u;
  }

  /** As next, for a direct branch: a target in the same page is remembered in the branch. */
  static link(branch: usize): usize {
    const page = load<u64>(0, SLOT_IPPAGE);
    const u = Dispatch.next();
    if (u && load<u64>(0, SLOT_IPPAGE) == page && !CodeCache.trapAt) store<u32>(branch, <u32>u, U_TARGET);
    return u;
  }
}
