// SPDX-License-Identifier: MIT
// Moves in compiled regions: between registers, memory and immediates, with extension, on a condition, of 16 bytes.
import { JIT_SSE_OFF, XMM } from "../layout.ts";
import { U_OPCODE, U_R1, U_R2 } from "../uop.ts";
import { Access } from "./access.ts";
import { FlagCode } from "./flags.ts";
import { Frame, L_HOST, L_READ, L_WRITE } from "./frame.ts";
import { GenericCode } from "./generic.ts";
import * as H from "./hot-table.gen.ts";
import * as W from "./wasm.ts";
import { Wasm } from "./wasm.ts";

export class MoveCode {
  static move(u: usize, form: u32, width: u32): void {
    const r1 = <u32>load<u8>(u, U_R1);
    if (form == <u32>H.F_MR || form == <u32>H.F_MI) {
      Access.operand(u, L_WRITE, width >> 3);
      Wasm.get(L_HOST);
      if (form == <u32>H.F_MR) Frame.read(r1, width);
      else GenericCode.immediate(u, width);
      Wasm.storeOf(width);
      return;
    }
    if (form == <u32>H.F_RM) {
      Access.operand(u, L_READ, width >> 3);
      Access.value(width);
    } else if (form == <u32>H.F_RR) Frame.read(load<u8>(u, U_R2), width);
    else GenericCode.immediate(u, width);
    Frame.write(r1, width);
  }

  /** MOVZX (sub 0: to the whole register), MOVSX to 32 (1) and to 64 bits (2) from `width` bits. */
  static extend(u: usize, form: u32, width: u32, sub: u32): void {
    if (form == <u32>H.F_RM) {
      Access.operand(u, L_READ, width >> 3);
      Access.value(width);
    } else Frame.read(load<u8>(u, U_R2), width);
    if (sub == 1) Wasm.byte(width == 8 ? W.I32_EXTEND8_S : W.I32_EXTEND16_S);
    else if (sub == 2) {
      Wasm.byte(W.EXTEND_U);
      Wasm.byte(width == 8 ? W.I64_EXTEND8_S : width == 16 ? W.I64_EXTEND16_S : W.I64_EXTEND32_S);
    }
    Frame.write(load<u8>(u, U_R1), sub == 2 ? 64 : 32);
  }

  static conditionalMove(u: usize, form: u32, width: u32): void {
    if (form == <u32>H.F_RM) {
      Access.operand(u, L_READ, width >> 3);
      Access.value(width);
    } else Frame.read(load<u8>(u, U_R2), width);
    Frame.read(load<u8>(u, U_R1), width);
    FlagCode.condition(load<u8>(u, U_OPCODE) & 15);
    Wasm.byte(W.OP_SELECT);
    Frame.write(load<u8>(u, U_R1), width);
  }

  /** MOVUPS and its like; the registers stay in the state block. */
  static vector(u: usize, form: u32): void {
    const r1 = <u32>XMM + ((<u32>load<u8>(u, U_R1)) << 4);
    Wasm.i32(<u32>u + 1);
    Wasm.i32(0);
    Wasm.memory(W.I32_LOAD, <u32>JIT_SSE_OFF);
    Frame.leaveIf();
    if (form != <u32>H.F_RR) Access.operand(u, form == <u32>H.F_RM ? L_READ : L_WRITE, 16);
    if (form == <u32>H.F_MR) Wasm.get(L_HOST);
    else Wasm.i32(0);
    if (form == <u32>H.F_RM) Wasm.get(L_HOST);
    else Wasm.i32(0);
    Wasm.vector(0, form == <u32>H.F_RM ? 0 : form == <u32>H.F_RR ? <u32>XMM + ((<u32>load<u8>(u, U_R2)) << 4) : r1);
    Wasm.vector(11, form == <u32>H.F_MR ? 0 : r1);
  }
}
