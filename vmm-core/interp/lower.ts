// SPDX-License-Identifier: MIT
// From decoded instructions to blocks of micro-ops: fetch, decode, choose the hot form where one fits, fuse compare and
// branch, drop flags nobody can see.
import { BUDGET, FETCH_BUFFER, IP0, RIP, SCRATCH_UOPS, SLOT_8K, SLOT_IPPAGE, SLOT_ZERO } from "../layout.ts";
import { Decoder } from "../decode/decoder.ts";
import {
  BASE_NONE,
  BASE_RIP,
  DECODE_LONG,
  I_ASIZE,
  I_ATTR,
  I_BASE,
  I_DISP,
  I_FORM,
  I_IMM,
  I_IMM2,
  I_INDEX,
  I_MEM,
  I_OP,
  I_OPCODE,
  I_OSIZE,
  I_PREFIX,
  I_REG,
  I_RM,
  I_SCALE,
  I_SEG,
  I_VVVV,
  P_REP,
  P_REPNE,
} from "../decode/insn.ts";
import { CodeKey, KEY_SIZE } from "../decode/key.ts";
import { ATTR_END, ATTR_REP, ATTR_REPZ, FORM_A_O, FORM_O_A } from "../isa/ops.gen.ts";
import { Jit } from "../jit/jit.ts";
import { Canonical } from "../mmu/access.ts";
import { FETCH, Paging } from "../mmu/paging.ts";
import { Physical } from "../mmu/physical.ts";
import { Tlb, View } from "../mmu/tlb.ts";
import { Fault } from "../state/fault.ts";
import {
  UOP_BYTES,
  U_ASIZE,
  U_BASE,
  U_DISP,
  U_FORM,
  U_IMM,
  U_INDEX,
  U_LEFT,
  U_LENGTH,
  U_MEM,
  U_OFFSET,
  U_OP,
  U_OPCODE,
  U_OSIZE,
  U_PREFIX,
  U_R1,
  U_R2,
  U_SCALE,
  U_SEG,
  U_VVVV,
} from "../uop.ts";
import { CodeCache, OP_TRAP } from "./code-cache.ts";
import { H_BLOCK_END } from "./hot.gen.ts";
import { OP_INVALID, OP_TOO_LONG } from "./out-of-line.ts";
import { Select } from "./select.ts";

const BLOCK_INSTRUCTIONS: i32 = 60;

export class Lower {
  /** The block at RIP, decoded anew if need be and charged to BUDGET; 0 with a fault pending (already charged). */
  static enter(limit: i32): usize {
    const rip = load<u64>(0, RIP);
    store<u64>(0, rip, IP0);
    if (CodeKey.long) {
      if (!Canonical.ok(rip)) return Lower.fail(Fault.gp(0));
    } else if (<u32>rip > CodeKey.csLimit) return Lower.fail(Fault.gp(0));
    const linear = CodeKey.long ? rip : <u64>(CodeKey.csBase + <u32>rip);
    CodeCache.early = false;
    CodeCache.alone = false;
    if (!Paging.translate(linear, FETCH, View.user)) return Lower.fail(0);
    const physical = Paging.physical;
    const global = Paging.global;
    const entry = Physical.entry(physical);
    const offset = (<u32>linear) & 0xfff;
    store<u64>(0, rip - <u64>offset, SLOT_IPPAGE);
    const room: u32 = CodeKey.flatCs ? 0xffffffff : CodeKey.csLimit - <u32>rip; // bytes after the first, up to the limit
    if (entry && !CodeCache.early) {
      if (!Paging.guarded) Tlb.fill64(View.exec, linear, entry & ~0xfff, global, Paging.large);
      const host = (entry & ~0xfff) + offset;
      const whole = CodeCache.find(host, CodeKey.key);
      if (whole) {
        const cost = <i32>load<u8>(whole, U_LEFT) + 1;
        if (cost <= limit && !Jit.refuses(whole) && (CodeKey.flatCs || load<u32>(whole - UOP_BYTES) - 1 <= room)) {
          Jit.entered(whole);
          return Lower.charge(whole);
        }
      } else {
        const first = CodeCache.reserve();
        const end = Lower.block(first, host, 0x1000 - offset, offset, BLOCK_INSTRUCTIONS);
        if (end) {
          const bytes = load<u32>(first - UOP_BYTES);
          // An undecodable tail may become decodable when any of its bytes changes.
          CodeCache.insert(host, min<u32>(bytes + 14, 0x1000 - offset), CodeKey.key, first, end);
          const cost = <i32>load<u8>(first, U_LEFT) + 1;
          if (cost <= limit && (CodeKey.flatCs || bytes - 1 <= room)) {
            Jit.entered(first);
            return Lower.charge(first);
          }
        }
      }
      // The budget ends inside the block, or the code segment does: run a prefix of it once.
      const scratch = SCRATCH_UOPS + UOP_BYTES;
      const near = !CodeKey.flatCs && room < 0x1000 + 15;
      const end = Lower.block(scratch, host, 0x1000 - offset, offset, near ? 1 : min(limit, BLOCK_INSTRUCTIONS));
      if (end) {
        if (!CodeKey.flatCs && load<u32>(SCRATCH_UOPS) - 1 > room) return Lower.fail(Fault.gp(0));
        return Lower.charge(scratch);
      }
    }
    return Lower.crossing(linear, physical, offset, room);
  }

  /** One instruction that crosses into the next page, or that lies in MMIO: bytes gathered, run once. */
  static crossing(linear: u64, physical: u64, offset: u32, room: u32): usize {
    let have: u32 = 0;
    const inPage = min<u32>(15, 0x1000 - offset);
    if (!Physical.entry(physical)) CodeCache.alone = true;
    for (; have < inPage; have++) store<u8>(FETCH_BUFFER + have, <u8>Physical.read(physical + have, 1));
    let length = Decoder.decode(FETCH_BUFFER, have, CodeKey.key & KEY_SIZE);
    if (length == 0) {
      if (!CodeKey.flatCs && inPage - 1 >= room) return Lower.fail(Fault.gp(0));
      const next = CodeKey.long ? (linear & ~0xfff) + 0x1000 : <u64>(<u32>((linear & ~0xfff) + 0x1000));
      if (CodeKey.long && !Canonical.ok(next)) return Lower.fail(Fault.gp(0));
      if (!Paging.translate(next, FETCH, View.user)) return Lower.fail(0);
      const second = Paging.physical;
      if (!Physical.entry(second)) CodeCache.alone = true;
      for (; have < 15; have++) store<u8>(FETCH_BUFFER + have, <u8>Physical.read(second + (have - inPage), 1));
      length = Decoder.decode(FETCH_BUFFER, 15, CodeKey.key & KEY_SIZE);
    }
    if (length > 0 && !CodeKey.flatCs && <u32>length - 1 > room) return Lower.fail(Fault.gp(0));
    const u = SCRATCH_UOPS + UOP_BYTES;
    // The host took part in the fetch: it may want attention behind this instruction, so no hot branch may go on.
    Select.plain = CodeCache.alone || CodeCache.early;
    Lower.emit(u, length, offset);
    Lower.finish(u, u + UOP_BYTES, offset + <u32>max(length, 0));
    if (Select.plain) store<u16>(u + UOP_BYTES, OP_TRAP, U_OP);
    Select.plain = false;
    store<u8>(u, 0, U_LEFT);
    return Lower.charge(u);
  }

  static charge(u: usize): usize {
    store<i32>(0, load<i32>(0, BUDGET) - <i32>load<u8>(u, U_LEFT) - 1, BUDGET);
    return u;
  }

  /** A fault while fetching counts as the instruction that could not start. */
  static fail(ignored: i32): usize {
    store<i32>(0, load<i32>(0, BUDGET) - 1, BUDGET);
    return 0;
  }

  /** Decodes up to `most` instructions at `host`; the end of the records, 0 when the first one leaves the page. */
  static block(first: usize, host: u32, available: u32, offset: u32, most: i32): usize {
    let u = first;
    let at: u32 = 0;
    let count: i32 = 0;
    let ended: bool = false;
    while (count < most && at < available) {
      const length = Decoder.decode(<usize>(host + at), min<u32>(15, available - at), CodeKey.key & KEY_SIZE);
      if (length == 0) break;
      const attr = Lower.emit(u, length, offset + at);
      u += UOP_BYTES;
      count++;
      if (length < 0) {
        ended = true;
        at += 1;
        break;
      }
      at += <u32>length;
      if (attr & ATTR_END && !Select.fallsThrough()) {
        ended = true;
        break;
      }
    }
    if (count == 0) return 0;
    store<u32>(first - UOP_BYTES, at);
    return Lower.finishBlock(first, u, count, offset + at, ended);
  }

  /** Counts, pairs and dead flags; adds the end record. */
  static finishBlock(first: usize, end: usize, count: i32, offset: u32, ended: bool): usize {
    Select.dropDeadFlags(first, end);
    let last = Select.fuse(first, end);
    let left: i32 = 0;
    for (let u = last - UOP_BYTES; u >= first; u -= UOP_BYTES) {
      left += Select.weight(u);
      store<u8>(u, <u8>(left - 1), U_LEFT);
    }
    return Lower.finish(first, last, offset);
  }

  static finish(first: usize, end: usize, offset: u32): usize {
    store<u16>(end, <u16>H_BLOCK_END, U_OP);
    store<u8>(end, 0xff, U_LEFT); // no instruction: LEFT + 1 is 0 modulo 256
    store<u8>(end, 0, U_LENGTH);
    store<u16>(end, <u16>offset, U_OFFSET);
    return end + UOP_BYTES;
  }

  @inline static cellOf(n: u8): u8 {
    return n << 3;
  }

  /** One instruction from INSN (or the record of an undecodable one) to a micro-op; returns the row's attributes. */
  static emit(u: usize, length: i32, offset: u32): u32 {
    memory.fill(u, 0, UOP_BYTES);
    store<u16>(u, <u16>offset, U_OFFSET);
    if (length < 0) {
      store<u16>(u, length == DECODE_LONG ? OP_TOO_LONG : OP_INVALID, U_OP);
      return ATTR_END;
    }
    const op = <u32>load<u16>(0, I_OP);
    const attr = load<u32>(0, I_ATTR);
    store<u16>(u, <u16>op, U_OP);
    store<u8>(u, <u8>length, U_LENGTH);
    store<u8>(u, load<u8>(0, I_REG), U_R1);
    store<u8>(u, load<u8>(0, I_RM), U_R2);
    store<u8>(u, load<u8>(0, I_FORM), U_FORM);
    store<u8>(u, load<u8>(0, I_OSIZE), U_OSIZE);
    store<u8>(u, load<u8>(0, I_ASIZE), U_ASIZE);
    store<u16>(u, <u16>load<u32>(0, I_PREFIX), U_PREFIX);
    store<u8>(u, load<u8>(0, I_OPCODE), U_OPCODE);
    store<u8>(u, load<u8>(0, I_VVVV), U_VVVV);
    store<u8>(u, load<u8>(0, I_SEG), U_SEG);
    store<u8>(u, load<u8>(0, I_MEM), U_MEM);
    const immediate = load<i64>(0, I_IMM);
    store<i32>(u, <i32>immediate, U_IMM);
    if (load<u8>(0, I_MEM)) {
      const base = load<u8>(0, I_BASE);
      const index = load<u8>(0, I_INDEX);
      let disp = load<i64>(0, I_DISP);
      let baseCell: u8 = <u8>SLOT_ZERO;
      if (base == BASE_RIP) {
        baseCell = <u8>SLOT_IPPAGE;
        disp += <i64>offset + <i64>length;
      } else if (base != BASE_NONE) baseCell = Lower.cellOf(base);
      store<u8>(u, baseCell, U_BASE);
      store<u8>(u, index != BASE_NONE ? Lower.cellOf(index) : <u8>SLOT_ZERO, U_INDEX);
      store<u8>(u, load<u8>(0, I_SCALE), U_SCALE);
      store<i32>(u, <i32>disp, U_DISP);
      // A moffs has 64 bits: the upper half goes to IMM.
      if (load<u8>(0, I_FORM) == <u8>FORM_A_O || load<u8>(0, I_FORM) == <u8>FORM_O_A)
        store<i32>(u, <i32>(disp >> 32), U_IMM);
      // RIP-relative at the very edge of 2 GiB.
      else if (<i64>(<i32>disp) != disp) {
        store<u8>(u, <u8>SLOT_8K, U_INDEX);
        store<i32>(u, <i32>(disp - 0x2000), U_DISP);
      }
    } else {
      // Without memory operand DISP is the second immediate (a far pointer's selector), or all of a 64-bit one.
      store<u32>(u, load<u32>(0, I_IMM2), U_DISP);
      if (load<u8>(0, I_OSIZE) == 8 && <i64>(<i32>immediate) != immediate) store<u64>(u, <u64>immediate, U_DISP);
    }
    Select.choose(u, op, attr, length);
    if ((attr & (ATTR_REP | ATTR_REPZ)) != 0 && (load<u32>(0, I_PREFIX) & (P_REP | P_REPNE)) != 0)
      return attr | ATTR_END;
    return attr;
  }
}
