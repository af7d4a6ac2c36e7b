// SPDX-License-Identifier: MIT
// ADC and SBB in compiled regions, of any width: r from x, y and the carry, and all flags at once.
// Spec: Intel SDM vol. 1, 3.4.3.1 (status flags).
import { FlagCode } from "./flags.ts";
import { GenericCode } from "./generic.ts";
import { L_T } from "./frame.ts";
import * as W from "./wasm.ts";
import { Wasm } from "./wasm.ts";

export class CarryCode {
  static emit(width: u32, add: bool): void {
    const x = FlagCode.x(width);
    const y = FlagCode.y(width);
    const r = FlagCode.r(width);
    const op = add ? W.ADD : W.SUB;
    FlagCode.carry();
    Wasm.set(L_T);
    Wasm.get(x);
    Wasm.get(y);
    Wasm.arith(width, op);
    Wasm.get(L_T);
    if (width == 64) Wasm.byte(W.EXTEND_U);
    Wasm.arith(width, op);
    Wasm.set(r);
    GenericCode.cut(width);
    // Carry out: r < x of a sum, x < y of a difference; with a carry in also when the two are equal.
    const a = add ? r : x;
    const b = add ? x : y;
    CarryCode.comparison(a, b, width, W.LT_U);
    CarryCode.comparison(a, b, width, W.EQ);
    Wasm.get(L_T);
    Wasm.byte(W.AND);
    Wasm.byte(W.OR);
    // Overflow: r has another sign than both operands of the sum, than x and not y of the difference.
    Wasm.get(x);
    Wasm.get(add ? r : y);
    Wasm.arith(width, W.XOR);
    Wasm.get(add ? y : x);
    Wasm.get(r);
    Wasm.arith(width, W.XOR);
    Wasm.arith(width, W.AND);
    Wasm.number(width, width - 1);
    Wasm.arith(width, W.SHR_U);
    if (width == 64) Wasm.byte(W.WRAP);
    Wasm.i32(11);
    Wasm.byte(W.SHL);
    Wasm.byte(W.OR);
    // AF: the carry out of bit 3.
    Wasm.get(x);
    Wasm.get(y);
    Wasm.arith(width, W.XOR);
    Wasm.get(r);
    Wasm.arith(width, W.XOR);
    if (width == 64) Wasm.byte(W.WRAP);
    Wasm.i32(16);
    Wasm.byte(W.AND);
    Wasm.byte(W.OR);
    FlagCode.bits(width);
  }

  private static comparison(a: u32, b: u32, width: u32, op: u32): void {
    Wasm.get(a);
    Wasm.get(b);
    Wasm.compare(width, op);
  }
}
