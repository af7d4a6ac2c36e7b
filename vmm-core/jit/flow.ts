// SPDX-License-Identifier: MIT
// Control flow inside a region and out of it. The blocks of a region follow each other in address order; a jump forward is
// a branch out of nested blocks, a block that jumps to itself is a loop, any other jump backward goes through the
// region's loop and its table of blocks. A block is entered only when the budget holds all of it, as in the interpreter.
import { RIP } from "../layout.ts";
import { U_LEFT, U_OFFSET, U_TARGET } from "../uop.ts";
import { Frame, L_BUDGET, L_ENTRY } from "./frame.ts";
import { Region } from "./region.ts";
import * as W from "./wasm.ts";
import { Wasm } from "./wasm.ts";

export class Flow {
  /** The block whose code is written. */
  static current: u32 = 0;
  static selfLoop: bool = false;
  /** Frame.depth where the block's code starts. */
  static base: u32 = 0;

  /** A direct branch to an offset in the code page; `back` of the budget has not been used. */
  static jump(u: usize, offset: i32, back: i32): void {
    Flow.enter(<usize>load<u32>(u, U_TARGET), offset, back);
  }

  /** The end of a block without a branch. */
  static fallThrough(u: usize): void {
    const offset = <i32>load<u16>(u, U_OFFSET);
    Flow.enter(Region.find(offset), offset, 0);
  }

  static enter(block: usize, offset: i32, back: i32): void {
    if (!block) {
      Flow.addBudget(back);
      Frame.leaveTo(offset);
      return;
    }
    const cost = <i32>load<u8>(block, U_LEFT) + 1;
    Flow.addBudget(back - cost);
    Wasm.get(L_BUDGET);
    Wasm.i32(0);
    Wasm.byte(W.LT_S);
    Wasm.block(W.OP_IF, W.VOID);
    Frame.depth++;
    Flow.addBudget(cost);
    Frame.leaveTo(offset);
    Frame.depth--;
    Wasm.byte(W.OP_END);
    const index = Region.indexOf(block);
    if (index < 0) Frame.leave(<u32>block);
    else Flow.branch(<u32>index);
  }

  static branch(index: u32): void {
    const inner = Frame.depth - Flow.base;
    if (index == Flow.current && Flow.selfLoop) Wasm.branch(W.OP_BR, inner);
    else if (index > Flow.current) Wasm.branch(W.OP_BR, inner + (Flow.selfLoop ? 1 : 0) + (index - Flow.current - 1));
    else {
      Wasm.i32(index);
      Wasm.set(L_ENTRY);
      Wasm.branch(W.OP_BR, Frame.depth - 1);
    }
  }

  static addBudget(by: i32): void {
    if (by == 0) return;
    Wasm.get(L_BUDGET);
    Wasm.i32(<u32>by);
    Wasm.byte(W.ADD);
    Wasm.set(L_BUDGET);
  }

  /** RIP = the value on the stack, above the address 0. */
  static toValue(): void {
    if (!Frame.wide()) Wasm.byte(W.EXTEND_U);
    Wasm.memory(W.I64_STORE, <u32>RIP);
    Frame.leave(0);
  }
}
