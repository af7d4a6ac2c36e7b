// SPDX-License-Identifier: MIT
// Shifts in compiled regions: by a constant of 1 to width-1, and by CL, where a count of 0 changes no flag.
// CF is the last bit out, OF as the manual has it for a count of 1.
// Spec: Intel SDM vol. 2, SAL/SAR/SHL/SHR.
import { GPR } from "../layout.ts";
import { U_IMM, U_R1 } from "../uop.ts";
import { FlagCode, KIND_UNKNOWN } from "./flags.ts";
import { Frame, L_T } from "./frame.ts";
import * as H from "./hot-table.gen.ts";
import * as W from "./wasm.ts";
import { Wasm } from "./wasm.ts";

const CELL_RCX: u32 = <u32>GPR + 8;
const LEFT: u32 = 0;
const RIGHT: u32 = 1;

export class ShiftCode {
  /** `sub` is 0 for SHL, 1 for SHR, 2 for SAR. */
  static emit(u: usize, form: u32, width: u32, sub: u32, quiet: bool): void {
    const cell = <u32>load<u8>(u, U_R1);
    const op = sub == LEFT ? W.SHL : sub == RIGHT ? W.SHR_U : W.SHR_S;
    const x = FlagCode.x(width);
    const r = FlagCode.r(width);
    const constant = form == <u32>H.F_RI;
    Frame.read(cell, width);
    Wasm.set(x);
    if (!constant) {
      Frame.read(CELL_RCX, 32);
      Wasm.i32(width - 1);
      Wasm.byte(W.AND);
      Wasm.tee(L_T);
      Wasm.block(W.OP_IF, W.VOID);
      Frame.depth++;
    }
    Wasm.get(x);
    ShiftCode.count(u, constant, width, 0);
    Wasm.arith(width, op);
    Wasm.set(r);
    if (!quiet) ShiftCode.flags(u, constant, width, sub);
    if (!constant) {
      Wasm.byte(W.OP_ELSE);
      Wasm.get(x);
      Wasm.set(r);
      Wasm.byte(W.OP_END);
      Frame.depth--;
      FlagCode.kind = KIND_UNKNOWN;
    }
    Wasm.get(r);
    Frame.write(cell, width);
  }

  /** The count less `less`, or, with `less` -1, the width less the count. */
  static count(u: usize, constant: bool, width: u32, less: i32): void {
    if (constant) {
      const k = <i32>load<u8>(u, U_IMM);
      Wasm.number(width, less < 0 ? <i64>(<i32>width - k) : <i64>(k - less));
      return;
    }
    if (less < 0) Wasm.i32(width);
    Wasm.get(L_T);
    if (less < 0) Wasm.byte(W.SUB);
    else if (less > 0) {
      Wasm.i32(<u32>less);
      Wasm.byte(W.SUB);
    }
    if (width == 64) Wasm.byte(W.EXTEND_U);
  }

  /** The last bit out, as a value of `width` bits. */
  static out(u: usize, constant: bool, width: u32, sub: u32): void {
    Wasm.get(FlagCode.x(width));
    ShiftCode.count(u, constant, width, sub == LEFT ? -1 : 1);
    Wasm.arith(width, W.SHR_U);
    Wasm.number(width, 1);
    Wasm.arith(width, W.AND);
  }

  static flags(u: usize, constant: bool, width: u32, sub: u32): void {
    const r = FlagCode.r(width);
    ShiftCode.out(u, constant, width, sub);
    if (sub == LEFT) {
      ShiftCode.out(u, constant, width, sub);
      ShiftCode.bit(r, width, width - 1);
      Wasm.arith(width, W.XOR);
      ShiftCode.overflow(width);
    } else if (sub == RIGHT) {
      // The old sign is bit width-2 of the result of a one-bit shift; by CL it is that of the two upper bits together.
      ShiftCode.bit(r, width, width - 2);
      if (!constant) {
        ShiftCode.bit(r, width, width - 1);
        Wasm.arith(width, W.XOR);
      }
      Wasm.number(width, 1);
      Wasm.arith(width, W.AND);
      ShiftCode.overflow(width);
    }
    if (width == 64) Wasm.byte(W.WRAP);
    FlagCode.bits(width);
  }

  static bit(local: u32, width: u32, n: u32): void {
    Wasm.get(local);
    Wasm.number(width, n);
    Wasm.arith(width, W.SHR_U);
  }

  /** Puts the bit on the stack at OF's place, beside the carry under it. */
  static overflow(width: u32): void {
    Wasm.number(width, 11);
    Wasm.arith(width, W.SHL);
    Wasm.arith(width, W.OR);
  }
}
