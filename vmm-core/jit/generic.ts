// SPDX-License-Identifier: MIT
// Arithmetic and shifts that have no hot micro-op of their own, because interpreted code has few of them: 16 bits, bytes
// in memory, carries and counts in memory. Worked from the record of the instruction's family.
import {
  ARITH_ADC,
  ARITH_ADD,
  ARITH_AND,
  ARITH_CMP,
  ARITH_DEC,
  ARITH_INC,
  ARITH_NEG,
  ARITH_NOT,
  ARITH_OR,
  ARITH_SBB,
  ARITH_SUB,
  ARITH_TEST,
  ARITH_XOR,
  FORM_A_I,
  FORM_E,
  FORM_E_1,
  FORM_E_G,
  FORM_E_I,
  FORM_G_E,
  FORM_Z,
  SHIFT_SAR,
  SHIFT_SHL,
  SHIFT_SHR,
} from "../isa/ops.gen.ts";
import { FLAGS_ADD, FLAGS_LOGIC, FLAGS_SUB } from "../state/flags.ts";
import { MEM_FLAT, U_FORM, U_IMM, U_MEM, U_OSIZE, U_R1, U_R2 } from "../uop.ts";
import { Access } from "./access.ts";
import { CarryCode } from "./carry.ts";
import { FlagCode } from "./flags.ts";
import { Frame, L_HOST, L_READ, L_WRITE } from "./frame.ts";
import * as W from "./wasm.ts";
import { Wasm } from "./wasm.ts";

export class GenericCode {
  private static form: i32 = 0;
  private static width: u32 = 0;
  private static memory: bool = false;

  /** False, and no code, for what has to run out of line. */
  static emit(u: usize, op: u32): bool {
    const form = <i32>load<u8>(u, U_FORM);
    GenericCode.form = form;
    GenericCode.width = (<u32>load<u8>(u, U_OSIZE)) << 3;
    GenericCode.memory = load<u8>(u, U_MEM) != 0;
    if (GenericCode.memory && load<u8>(u, U_MEM) != MEM_FLAT) return false;
    if (GenericCode.width > Frame.width) return false;
    const one = form == FORM_E || form == FORM_Z;
    if (op == ARITH_INC || op == ARITH_DEC || op == ARITH_NEG || op == ARITH_NOT) {
      if (!one) return false;
      GenericCode.unary(u, op);
      return true;
    }
    if (op == SHIFT_SHL || op == SHIFT_SHR || op == SHIFT_SAR) return GenericCode.shift(u, op);
    if (form != FORM_E_G && form != FORM_G_E && form != FORM_E_I && form != FORM_A_I) return false;
    switch (op) {
      case ARITH_ADD:
      case ARITH_SUB:
      case ARITH_CMP:
      case ARITH_AND:
      case ARITH_OR:
      case ARITH_XOR:
      case ARITH_TEST:
      case ARITH_ADC:
      case ARITH_SBB:
        GenericCode.binary(u, op);
        return true;
      default:
        return false;
    }
  }

  // ---- operands --------------------------------------------------------------------------------------------------------
  /** The cell of the register that is written (not for a destination in memory). */
  private static cell(u: usize): u32 {
    if (GenericCode.form == FORM_A_I) return 0;
    return GenericCode.form == FORM_G_E || GenericCode.form == FORM_Z ? load<u8>(u, U_R1) : load<u8>(u, U_R2);
  }

  private static toMemory(): bool {
    return GenericCode.memory && GenericCode.form != FORM_G_E;
  }

  /** x = the destination, with its address checked for what will be done to it. */
  private static destination(u: usize, writes: bool): void {
    const width = GenericCode.width;
    if (GenericCode.memory) Access.operand(u, GenericCode.toMemory() && writes ? L_WRITE : L_READ, width >> 3);
    if (GenericCode.toMemory()) Access.value(width);
    else Frame.read(GenericCode.cell(u), width);
    Wasm.set(FlagCode.x(width));
  }

  /** r becomes the destination. */
  private static put(u: usize): void {
    const r = FlagCode.r(GenericCode.width);
    if (GenericCode.toMemory()) {
      Wasm.get(L_HOST);
      Wasm.get(r);
      Wasm.storeOf(GenericCode.width);
    } else {
      Wasm.get(r);
      Frame.write(GenericCode.cell(u), GenericCode.width);
    }
  }

  /** Cuts r back to 8 or 16 bits. */
  static cut(width: u32): void {
    if (width >= 32) return;
    Wasm.get(FlagCode.r(width));
    Wasm.i32(width == 8 ? 0xff : 0xffff);
    Wasm.byte(W.AND);
    Wasm.set(FlagCode.r(width));
  }

  static immediate(u: usize, width: u32): void {
    const value = <i64>load<i32>(u, U_IMM);
    Wasm.number(width, width == 8 ? value & 0xff : width == 16 ? value & 0xffff : value);
  }

  // ---- operations --------------------------------------------------------------------------------------------------------
  private static binary(u: usize, op: u32): void {
    const width = GenericCode.width;
    const form = GenericCode.form;
    const writes = op != ARITH_CMP && op != ARITH_TEST;
    GenericCode.destination(u, writes);
    if (form == FORM_E_G) Frame.read(load<u8>(u, U_R1), width);
    else if (form != FORM_G_E) GenericCode.immediate(u, width);
    else if (GenericCode.memory) Access.value(width);
    else Frame.read(load<u8>(u, U_R2), width);
    Wasm.set(FlagCode.y(width));
    if (op == ARITH_ADC || op == ARITH_SBB) CarryCode.emit(width, op == ARITH_ADC);
    else {
      const add = op == ARITH_ADD;
      const subtract = op == ARITH_SUB || op == ARITH_CMP;
      Wasm.get(FlagCode.x(width));
      Wasm.get(FlagCode.y(width));
      Wasm.arith(width, add ? W.ADD : subtract ? W.SUB : op == ARITH_OR ? W.OR : op == ARITH_XOR ? W.XOR : W.AND);
      Wasm.set(FlagCode.r(width));
      if (add || subtract) GenericCode.cut(width);
      FlagCode.arithmetic(add ? FLAGS_ADD : subtract ? FLAGS_SUB : FLAGS_LOGIC, width);
    }
    if (writes) GenericCode.put(u);
  }

  private static unary(u: usize, op: u32): void {
    const width = GenericCode.width;
    const x = FlagCode.x(width);
    const y = FlagCode.y(width);
    const r = FlagCode.r(width);
    GenericCode.destination(u, true);
    if (op == ARITH_NOT) {
      Wasm.get(x);
      Wasm.number(width, -1);
      Wasm.arith(width, W.XOR);
      Wasm.set(r);
      GenericCode.cut(width);
    } else if (op == ARITH_NEG) {
      Wasm.get(x);
      Wasm.set(y);
      Wasm.number(width, 0);
      Wasm.tee(x);
      Wasm.get(y);
      Wasm.arith(width, W.SUB);
      Wasm.set(r);
      GenericCode.cut(width);
      FlagCode.arithmetic(FLAGS_SUB, width);
    } else {
      Wasm.get(x);
      Wasm.number(width, 1);
      Wasm.arith(width, op == ARITH_INC ? W.ADD : W.SUB);
      Wasm.set(r);
      GenericCode.cut(width);
      FlagCode.count(op == ARITH_INC, width);
    }
    GenericCode.put(u);
  }

  /** By a constant less than the width. */
  private static shift(u: usize, op: u32): bool {
    const width = GenericCode.width;
    const form = GenericCode.form;
    if (form != FORM_E_I && form != FORM_E_1) return false;
    const count: u32 = form == FORM_E_1 ? 1 : load<u32>(u, U_IMM) & (width == 64 ? 63 : 31);
    if (count == 0 || count >= <u32>width) return false;
    const x = FlagCode.x(width);
    const r = FlagCode.r(width);
    GenericCode.destination(u, true);
    if (op == SHIFT_SAR && width < 32) {
      Wasm.get(x);
      Wasm.byte(width == 8 ? W.I32_EXTEND8_S : W.I32_EXTEND16_S);
      Wasm.set(x);
    }
    Wasm.get(x);
    Wasm.number(width, count);
    Wasm.arith(width, op == SHIFT_SHL ? W.SHL : op == SHIFT_SHR ? W.SHR_U : W.SHR_S);
    Wasm.set(r);
    GenericCode.cut(width);
    // CF: the last bit out.
    GenericCode.bit(x, width, op == SHIFT_SHL ? width - count : count - 1);
    // OF: SHL the carry against the new sign, SHR the two upper bits against each other, SAR none.
    if (op != SHIFT_SAR) {
      if (op == SHIFT_SHL) GenericCode.bit(x, width, width - count);
      else GenericCode.bit(r, width, width - 2);
      GenericCode.bit(r, width, width - 1);
      Wasm.byte(W.XOR);
      Wasm.i32(11);
      Wasm.byte(W.SHL);
      Wasm.byte(W.OR);
    }
    FlagCode.bits(width);
    GenericCode.put(u);
    return true;
  }

  /** Bit n of a local, as an i32 of 0 or 1. */
  private static bit(local: u32, width: u32, n: u32): void {
    Wasm.get(local);
    Wasm.number(width, n);
    Wasm.arith(width, W.SHR_U);
    if (width == 64) Wasm.byte(W.WRAP);
    Wasm.i32(1);
    Wasm.byte(W.AND);
  }
}
