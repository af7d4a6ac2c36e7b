// SPDX-License-Identifier: MIT
// Lazy flags in compiled regions: the cells of state/flags.ts in locals, and conditions as direct comparisons where the
// generator knows what set the flags last. Otherwise the flags go to memory and the core's own evaluation is called.
import { FLAGS_ADD, FLAGS_DEC, FLAGS_INC, FLAGS_LOGIC, FLAGS_RESULT, FLAGS_SUB } from "../state/flags.ts";
import { F_CONDITION, Frame, L_FA, L_FB, L_FR, L_KIND, L_R, L_R64, L_X, L_X64, L_Y, L_Y64 } from "./frame.ts";
import * as W from "./wasm.ts";
import { Wasm } from "./wasm.ts";

export const KIND_UNKNOWN: u32 = 0xff;

export class FlagCode {
  /** FLAGS_* of what set the flags last on every way here, or KIND_UNKNOWN. */
  static kind: u32 = KIND_UNKNOWN;

  /** L_X, L_Y or L_R of a width. */
  static x(width: u32): u32 {
    return width == 64 ? L_X64 : L_X;
  }

  static y(width: u32): u32 {
    return width == 64 ? L_Y64 : L_Y;
  }

  static r(width: u32): u32 {
    return width == 64 ? L_R64 : L_R;
  }

  /** A local of `width` bits, sign-extended to the i64 that the lazy flags keep. */
  static extended(local: u32, width: u32): void {
    Wasm.get(local);
    if (width == 64) return;
    Wasm.byte(width == 32 ? W.EXTEND_S : W.EXTEND_U);
    if (width == 8) Wasm.byte(W.I64_EXTEND8_S);
    else if (width == 16) Wasm.byte(W.I64_EXTEND16_S);
  }

  static keep(kind: u32): void {
    Wasm.i32(kind);
    Wasm.set(L_KIND);
    FlagCode.kind = kind;
  }

  static result(width: u32): void {
    FlagCode.extended(FlagCode.r(width), width);
    Wasm.set(L_FR);
  }

  /** Flags of ADD, SUB or logic from the locals x, y and r. */
  static arithmetic(kind: u32, width: u32): void {
    if (kind != <u32>FLAGS_LOGIC) {
      FlagCode.extended(FlagCode.x(width), width);
      Wasm.set(L_FA);
      FlagCode.extended(FlagCode.y(width), width);
      Wasm.set(L_FB);
    }
    FlagCode.result(width);
    FlagCode.keep(kind);
  }

  /** Flags of r with CF, AF and OF as bits in the i32 on the stack. */
  static bits(width: u32): void {
    Wasm.byte(W.EXTEND_U);
    Wasm.set(L_FB);
    FlagCode.result(width);
    FlagCode.keep(<u32>FLAGS_RESULT);
  }

  /** The carry as 0 or 1. */
  static carry(): void {
    FlagCode.condition(2);
  }

  /** A condition of Jcc, SETcc and CMOVcc as 0 or 1. */
  static condition(code: u32): void {
    if (FlagCode.direct(code & ~1)) {
      if (code & 1) Wasm.byte(W.EQZ);
      return;
    }
    Frame.storeFlags();
    Wasm.i32(code);
    Wasm.call(F_CONDITION);
  }

  /** An even condition code where it is a comparison of what the locals hold; false when it is not. */
  static direct(code: u32): bool {
    const kind = FlagCode.kind;
    if (kind == KIND_UNKNOWN) return false;
    const subtract = kind == <u32>FLAGS_SUB;
    const logic = kind == <u32>FLAGS_LOGIC;
    switch (code) {
      case 2: // below
        if (logic) Wasm.i32(0);
        else if (subtract) FlagCode.two(L_FA, L_FB, W.LT_U);
        else if (kind == <u32>FLAGS_ADD) FlagCode.two(L_FR, L_FA, W.LT_U);
        else {
          Wasm.get(L_FB);
          Wasm.byte(W.WRAP);
          Wasm.i32(1);
          Wasm.byte(W.AND);
        }
        return true;
      case 4: // equal
        if (subtract) FlagCode.two(L_FA, L_FB, W.EQ);
        else {
          Wasm.get(L_FR);
          Wasm.compare(64, W.EQZ);
        }
        return true;
      case 8: // sign
        FlagCode.zero(W.LT_S);
        return true;
      case 6: // below or equal
        if (subtract) FlagCode.two(L_FA, L_FB, W.LE_U);
        else if (logic) FlagCode.zero(W.EQ);
        else return false;
        return true;
      case 12: // less
        if (subtract) FlagCode.two(L_FA, L_FB, W.LT_S);
        else if (logic) FlagCode.zero(W.LT_S);
        else return false;
        return true;
      case 14: // less or equal
        if (subtract) FlagCode.two(L_FA, L_FB, W.LE_S);
        else if (logic) FlagCode.zero(W.LE_S);
        else return false;
        return true;
      default:
        return false;
    }
  }

  static two(a: u32, b: u32, comparison: u32): void {
    Wasm.get(a);
    Wasm.get(b);
    Wasm.compare(64, comparison);
  }

  static zero(comparison: u32): void {
    Wasm.get(L_FR);
    Wasm.i64(0);
    Wasm.compare(64, comparison);
  }

  /** INC and DEC: the carry stays, x and r are in their locals. */
  static count(increment: bool, width: u32): void {
    FlagCode.carry();
    Wasm.byte(W.EXTEND_U);
    Wasm.set(L_FB);
    FlagCode.extended(FlagCode.x(width), width);
    Wasm.set(L_FA);
    FlagCode.result(width);
    FlagCode.keep(<u32>(increment ? FLAGS_INC : FLAGS_DEC));
  }
}
