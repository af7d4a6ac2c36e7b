// SPDX-License-Identifier: MIT
// Everything that is not a hot micro-op: settles RIP and the budget, then calls the instruction's family.
import { BUDGET, FAULT, IP0, RIP, SLOT_IPPAGE } from "../layout.ts";
import { Far } from "../exec/far.ts";
import { SegmentOps } from "../exec/segment-ops.ts";
import { System } from "../exec/system.ts";
import { X87 } from "../fpu/x87.ts";
import { Avx } from "../sse/avx.ts";
import { Crypto } from "../sse/crypto.ts";
import { FxState } from "../sse/fxstate.ts";
import { Mmx } from "../sse/mmx.ts";
import { SseFp } from "../sse/sse-fp.ts";
import { SseInt } from "../sse/sse-int.ts";
import { Arith } from "../exec/arith.ts";
import { Bit } from "../exec/bit.ts";
import { Branch } from "../exec/branch.ts";
import { FlagControl } from "../exec/flag-ctrl.ts";
import { Io } from "../exec/io.ts";
import { Move } from "../exec/move.ts";
import { MulDiv } from "../exec/muldiv.ts";
import { Shift } from "../exec/shift.ts";
import { Stack } from "../exec/stack.ts";
import { Strings } from "../exec/strings.ts";
import { CodeKey } from "../decode/key.ts";
import { Fault } from "../state/fault.ts";
import { Flags } from "../state/flags.ts";
import {
  B_OP,
  LEAVE,
  NEXT,
  UOP_BYTES,
  U_LEFT,
  U_LENGTH,
  U_MEM,
  U_OFFSET,
  U_OP,
  U_OPCODE,
  U_PREFIX,
  U_VVVV,
} from "../uop.ts";
import { CodeCache, OP_TRAP } from "./code-cache.ts";
import { H_CMP_RR8_JCC, H_COMPILED, H_TEST_MI64_JCC } from "./hot.gen.ts";

/** Pseudo-operations of family 0 that decoding leaves in place of an instruction. */
export const OP_INVALID: u16 = 0xff01; // #UD
export const OP_TOO_LONG: u16 = 0xff02; // #GP(0)

export class OutOfLine {
  static run(u: usize, n: i32): i32 {
    let op = <u32>load<u16>(u, U_OP);
    const left = <i32>load<u8>(u, U_LEFT);
    const start = load<u64>(0, SLOT_IPPAGE) + <u64>load<u16>(u, U_OFFSET);
    const ip0 = CodeKey.long ? start : <u64>(<u32>start);
    if (op == OP_TRAP) {
      store<i32>(0, n + ((left + 1) & 0xff), BUDGET);
      store<u64>(0, ip0, RIP);
      return LEAVE;
    }
    const next = start + <u64>load<u8>(u, U_LENGTH);
    store<u64>(0, ip0, IP0);
    store<u64>(0, CodeKey.long ? next : <u64>(<u32>next), RIP);
    CodeCache.current = u;
    if (op == <u32>H_COMPILED) op = <u32>load<u16>(u - UOP_BYTES, B_OP);
    if (op < 256) {
      if (op >= <u32>H_CMP_RR8_JCC && op <= <u32>H_TEST_MI64_JCC)
        return OutOfLine.pair(u, n, 0x100 | (<u32>load<u8>(u, U_VVVV)));
      op = <u32>load<u16>(u, U_PREFIX);
    }
    store<i32>(0, n + left, BUDGET);
    const result = OutOfLine.family(op, u);
    // A store that changed the page tables under its own instruction can leave a fault behind.
    return load<u32>(0, FAULT) != 0 ? LEAVE : result;
  }

  static family(op: u32, u: usize): i32 {
    const member = op & 0xff;
    switch (op >> 8) {
      case 1:
        return Arith.execute(member, u);
      case 2:
        return Shift.execute(member, u);
      case 3:
        return MulDiv.execute(member, u);
      case 4:
        return Bit.execute(member, u);
      case 5:
        return Move.execute(member, u);
      case 6:
        return Stack.execute(member, u);
      case 7:
        return Branch.execute(member, u);
      case 9:
        return Strings.execute(member, u);
      case 10:
        return Io.execute(member, u);
      case 19:
        return FlagControl.execute(member, u);
      case 0xff:
        return op == OP_TOO_LONG ? Fault.gp(0) : Fault.ud();
      case 8:
        return Far.execute(member, u);
      case 11:
        return System.execute(member, u);
      case 12:
        return SegmentOps.execute(member, u);
      case 13:
        return X87.execute(member, u);
      case 14:
        return Mmx.execute(member, u);
      case 15:
        return SseFp.execute(member, u);
      case 16:
        return SseInt.execute(member, u);
      case 17:
        return Crypto.execute(member, u);
      case 18:
        return FxState.execute(member, u);
      case 20:
        return Avx.execute(member, u);
      default:
        return Fault.ud();
    }
  }

  /** A compare-and-branch pair whose memory operand missed the TLB: both instructions, one after the other. */
  static pair(u: usize, n: i32, op: u32): i32 {
    const left = <i32>load<u8>(u, U_LEFT);
    store<i32>(0, n + left, BUDGET);
    if (OutOfLine.family(op, u) == LEAVE) {
      if (load<u32>(0, FAULT) != 0) return LEAVE;
    }
    if (CodeCache.trapAt) {
      // The host wants attention, or code changed, between the two.
      const branch = load<u64>(0, RIP) - <u64>load<u8>(u, U_MEM);
      store<u64>(0, CodeKey.long ? branch : <u64>(<u32>branch), RIP);
      return LEAVE;
    }
    store<i32>(0, n + left - 1, BUDGET);
    if (!Flags.condition(load<u8>(u, U_OPCODE))) return NEXT;
    const target = load<u64>(0, RIP) + <u64>(<i64>load<i16>(u, U_PREFIX));
    store<u64>(0, CodeKey.long ? target : <u64>(<u32>target), RIP);
    return LEAVE;
  }
}
