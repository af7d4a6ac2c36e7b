// SPDX-License-Identifier: MIT
// CODE_KEY: what decoding depends on beside the bytes. Code is cached by physical address and this key.
import {
  CODE_KEY,
  CPL,
  CPU_MODE,
  CR0,
  CR4,
  CS,
  DS,
  EFER,
  ES,
  FS,
  GS,
  JIT_SSE_OFF,
  MODE_LONG,
  RFLAGS,
  SEG,
  SEGF_BIG,
  SEGF_DOWN,
  SEGF_FLAT,
  SEGF_READ,
  SEGF_WRITE,
  SEG_ATTR,
  SEG_BASE,
  SEG_FLAGS,
  SEG_LIMIT,
  SS,
  STEP_FLAGS,
  STEP_PROBE,
  DR,
} from "../layout.ts";
import { View } from "../mmu/tlb.ts";

export const KEY_SIZE: u32 = 3; // code size: 0 = 16, 1 = 32, 2 = 64 bits
export const KEY_STACK: u32 = 4; // the stack pointer is ESP or RSP, else SP
export const KEY_FLAT_DS: u32 = 8;
export const KEY_FLAT_ES: u32 = 16;
export const KEY_FLAT_SS: u32 = 32;
export const KEY_FLAT_CS: u32 = 64; // base 0 and limit 4 GiB, or 64-bit mode: branches need no limit check
export const KEY_WHOLE_FS: u32 = 128; // FS reaches all 4 GiB from its base: the base can be one more addend
export const KEY_WHOLE_GS: u32 = 256;

export class CodeKey {
  static key: u32 = 0;
  static long: bool = false;
  static flatCs: bool = false;
  static csBase: u32 = 0;
  static csLimit: u32 = 0;

  static whole(seg: i32): bool {
    const at = (<usize>seg) << 4;
    return (
      load<u32>(at, SEG + SEG_LIMIT) == 0xffffffff &&
      (load<u32>(at, SEG + SEG_FLAGS) & (SEGF_READ | SEGF_WRITE | SEGF_DOWN)) == (SEGF_READ | SEGF_WRITE)
    );
  }

  /** Recomputes everything that is derived from mode, segments, privilege and control registers. */
  static refresh(): void {
    const long = load<u32>(0, CPU_MODE) == MODE_LONG;
    let key: u32 = 0;
    if (long) key = 2 | KEY_STACK | KEY_FLAT_DS | KEY_FLAT_ES | KEY_FLAT_SS | KEY_FLAT_CS;
    else {
      const attr = load<u32>((<usize>CS) << 4, SEG + SEG_ATTR);
      if (attr & 0x4000) key = 1;
      if (load<u32>((<usize>SS) << 4, SEG + SEG_FLAGS) & SEGF_BIG) key |= KEY_STACK;
      if (load<u32>((<usize>DS) << 4, SEG + SEG_FLAGS) & SEGF_FLAT) key |= KEY_FLAT_DS;
      if (load<u32>((<usize>ES) << 4, SEG + SEG_FLAGS) & SEGF_FLAT) key |= KEY_FLAT_ES;
      if (load<u32>((<usize>SS) << 4, SEG + SEG_FLAGS) & SEGF_FLAT) key |= KEY_FLAT_SS;
      if (CodeKey.whole(FS)) key |= KEY_WHOLE_FS;
      if (CodeKey.whole(GS)) key |= KEY_WHOLE_GS;
      CodeKey.csBase = load<u32>((<usize>CS) << 3, SEG_BASE);
      CodeKey.csLimit = load<u32>((<usize>CS) << 4, SEG + SEG_LIMIT);
      if (CodeKey.csBase == 0 && CodeKey.csLimit == 0xffffffff) key |= KEY_FLAT_CS;
    }
    View.long = long;
    View.longActive = (load<u64>(0, EFER) & 0x400) != 0;
    View.refresh();
    const cr0 = load<u32>(0, CR0);
    View.sseOff = (cr0 & 12) != 0 || !(load<u32>(0, CR4) & 0x200);
    store<u32>(0, View.sseOff ? 1 : 0, JIT_SSE_OFF);
    View.checked =
      (load<u32>(0, CPL) == 3 && (cr0 & 0x40000) != 0 && (load<u32>(0, RFLAGS) & 0x40000) != 0) ||
      (load<u32>(0, STEP_FLAGS) & STEP_PROBE) != 0 ||
      (load<u64>(56, DR) & 0xff) != 0;
    // A checked machine sees every access: no segment counts as flat, so no hot micro-op touches memory.
    if (View.checked) key &= ~(KEY_FLAT_DS | KEY_FLAT_ES | KEY_FLAT_SS | KEY_WHOLE_FS | KEY_WHOLE_GS);
    CodeKey.long = long;
    CodeKey.flatCs = (key & KEY_FLAT_CS) != 0;
    CodeKey.key = key;
    store<u32>(0, key, CODE_KEY);
  }
}
