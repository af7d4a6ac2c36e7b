// SPDX-License-Identifier: MIT
// Host probes, off at no cost: while one is armed every instruction runs on its own and comes by here first, and every
// data access takes the slow path. No probe changes what the guest does, nor when.
import {
  BREAKPOINTS,
  COUNTERS,
  EXIT,
  EXIT_BREAKPOINT,
  PROBE_COUNT,
  PROBE_TRACE,
  RIP,
  WATCHPOINTS,
  WATCH_FIRST,
  WATCH_HIT,
  WATCH_KIND,
  WATCH_LAST,
  WATCH_PHYSICAL,
} from "../layout.ts";
import { CodeKey } from "../decode/key.ts";
import { trace } from "../imports/host.ts";
import { Region } from "../jit/region.ts";
import { U_PREFIX } from "../uop.ts";

const RECORD: usize = 24;

export class Probe {
  static tracing: bool = false;
  static counting: bool = false;
  static watching: bool = false;
  static hit: bool = false; // a watchpoint was hit by the instruction under way
  private static skip: bool = false; // the last exit was the breakpoint at skipAt: let it pass
  private static skipAt: u64 = 0;

  static set(mode: u32): void {
    Probe.tracing = (mode & PROBE_TRACE) != 0;
    Probe.counting = (mode & PROBE_COUNT) != 0;
    Probe.watching = load<u32>(0, WATCHPOINTS) != 0;
    Probe.hit = false;
  }

  /** True to stop before the instruction. */
  static before(): bool {
    const count = load<u32>(0, BREAKPOINTS);
    if (count) {
      const linear = CodeKey.long ? load<u64>(0, RIP) : <u64>(CodeKey.csBase + load<u32>(0, RIP));
      const pass = Probe.skip && Probe.skipAt == linear;
      Probe.skip = false;
      for (let i: u32 = 0; i < count && !pass; i++) {
        if (load<u64>((<usize>i) << 3, BREAKPOINTS + 8) != linear) continue;
        Probe.skip = true;
        Probe.skipAt = linear;
        store<u32>(0, EXIT_BREAKPOINT, EXIT);
        return true;
      }
    }
    if (Probe.tracing) trace();
    return false;
  }

  /** A data access of the processor that will succeed; `kind` is WATCH_READ or WATCH_WRITE. */
  static access(linear: u64, physical: u64, size: u32, kind: u32): void {
    const count = load<u32>(0, WATCHPOINTS);
    for (let i: u32 = 0; i < count; i++) {
      const record = WATCHPOINTS + 8 + <usize>i * RECORD;
      const wanted = load<u32>(record, WATCH_KIND);
      if (!(wanted & kind)) continue;
      const at = wanted & WATCH_PHYSICAL ? physical : linear;
      if (at > load<u64>(record, WATCH_LAST) || at + size - 1 < load<u64>(record, WATCH_FIRST)) continue;
      if (Probe.hit) return;
      Probe.hit = true;
      store<u64>(0, at, WATCH_HIT);
      store<u32>(0, size, WATCH_HIT + 8);
      store<u32>(0, kind | (wanted & WATCH_PHYSICAL), WATCH_HIT + 12);
      store<u32>(0, i, WATCH_HIT + 16);
    }
  }

  static count(index: u32): void {
    const at = COUNTERS + ((<usize>index) << 3);
    store<u64>(at, load<u64>(at) + 1);
  }

  /** Counts the family of a micro-op; hot ones keep the generic operation in PREFIX. */
  static countFamily(u: usize): void {
    const op = Region.opOf(u);
    const generic = op < 0x100 ? <u32>load<u16>(u, U_PREFIX) : op;
    Probe.count((generic >> 8) & 0xff);
  }
}
