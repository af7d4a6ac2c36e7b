// SPDX-License-Identifier: MIT
// The stack and branches in compiled regions: PUSH, POP, CALL, RET, jumps and conditional branches; where they go is
// the business of flow.ts.
import { GPR } from "../layout.ts";
import { U_IMM, U_LEFT, U_OFFSET, U_PREFIX, U_R1 } from "../uop.ts";
import { Access } from "./access.ts";
import { FlagCode } from "./flags.ts";
import { Flow } from "./flow.ts";
import { Frame, L_ADDRESS, L_HOST, L_READ, L_WRITE } from "./frame.ts";
import { Region } from "./region.ts";
import * as H from "./hot-table.gen.ts";
import * as W from "./wasm.ts";
import { Wasm } from "./wasm.ts";

const CELL_RSP: u32 = <u32>GPR + 32;

export class BranchCode {
  /** Pushes the value on the wasm stack. */
  static push(u: usize): void {
    const v = FlagCode.r(Frame.width);
    Wasm.set(v);
    Frame.read(CELL_RSP, Frame.width);
    Wasm.number(Frame.width, Frame.width >> 3);
    Wasm.arith(Frame.width, W.SUB);
    Wasm.set(L_ADDRESS);
    Access.probe(u, L_WRITE, Frame.width >> 3);
    Wasm.get(L_HOST);
    Wasm.get(v);
    Wasm.storeOf(Frame.width);
    Wasm.get(L_ADDRESS);
    Frame.write(CELL_RSP, Frame.width);
  }

  /** r = the value where a register points. */
  static popValue(u: usize, cell: u32): void {
    Frame.read(cell, Frame.width);
    Wasm.set(L_ADDRESS);
    Access.probe(u, L_READ, Frame.width >> 3);
    Access.value(Frame.width);
    Wasm.set(FlagCode.r(Frame.width));
  }

  /** RSP behind the value at L_ADDRESS and `more` bytes. */
  static drop(more: u32): void {
    Wasm.get(L_ADDRESS);
    Wasm.number(Frame.width, (Frame.width >> 3) + more);
    Wasm.arith(Frame.width, W.ADD);
    Frame.write(CELL_RSP, Frame.width);
  }

  static pop(u: usize, cell: u32, more: u32): void {
    BranchCode.popValue(u, cell);
    BranchCode.drop(more);
  }

  // ---- branches ------------------------------------------------------------------------------------------------------------
  /** The branch of a pair: its target and what it gives back of the block's budget. */
  static pair(u: usize, code: u32): void {
    FlagCode.condition(code);
    BranchCode.taken(u, <i32>load<i16>(u, U_PREFIX), <i32>load<u8>(u, U_LEFT) - 1);
  }

  static taken(u: usize, relative: i32, back: i32): void {
    Wasm.block(W.OP_IF, W.VOID);
    Frame.depth++;
    Flow.jump(u, Region.end(u) + relative, back);
    Frame.depth--;
    Wasm.byte(W.OP_END);
  }

  /** A jump target must be canonical in 64-bit mode; else the micro-op is done out of line. */
  static canonical(u: usize, local: u32): void {
    if (!Frame.wide()) return;
    Wasm.i32(<u32>u + 1);
    Wasm.get(local);
    Wasm.i64(16);
    Wasm.arith(64, W.SHL);
    Wasm.i64(16);
    Wasm.arith(64, W.SHR_S);
    Wasm.get(local);
    Wasm.compare(64, W.NE);
    Frame.leaveIf();
  }

  /** RET to r: to a return site of the region, or out of it. */
  static ret(): bool {
    for (let i: u32 = 0; i < Region.sites; i++) {
      const site = Region.site(i);
      const offset = <i32>load<u16>(site, U_OFFSET);
      Wasm.get(FlagCode.r(Frame.width));
      Frame.target(offset);
      Wasm.compare(Frame.width, W.EQ);
      Wasm.block(W.OP_IF, W.VOID);
      Frame.depth++;
      Flow.enter(site, offset, 0);
      Frame.depth--;
      Wasm.byte(W.OP_END);
    }
    return BranchCode.leaveToValue();
  }

  /** RIP = r. */
  static leaveToValue(): bool {
    Wasm.i32(0);
    Wasm.get(FlagCode.r(Frame.width));
    Flow.toValue();
    return false;
  }

  /** The target of an indirect branch to r. */
  static indirect(u: usize, form: u32): void {
    if (form == <u32>H.F_M) {
      Access.operand(u, L_READ, Frame.width >> 3);
      Access.value(Frame.width);
    } else Frame.read(load<u8>(u, U_R1), Frame.width);
    Wasm.set(FlagCode.r(Frame.width));
    BranchCode.canonical(u, FlagCode.r(Frame.width));
  }

  static jump(u: usize, form: u32): bool {
    if (form != <u32>H.F_RI) {
      BranchCode.indirect(u, form);
      return BranchCode.leaveToValue();
    }
    Flow.jump(u, Region.end(u) + load<i32>(u, U_IMM), 0);
    return false;
  }

  static call(u: usize, form: u32): bool {
    const target = FlagCode.y(Frame.width);
    if (form != <u32>H.F_RI) {
      BranchCode.indirect(u, form);
      Wasm.get(FlagCode.r(Frame.width));
      Wasm.set(target);
    }
    Frame.target(Region.end(u));
    BranchCode.push(u);
    if (form == <u32>H.F_RI) {
      Flow.jump(u, Region.end(u) + load<i32>(u, U_IMM), 0);
      return false;
    }
    Wasm.get(target);
    Wasm.set(FlagCode.r(Frame.width));
    return BranchCode.leaveToValue();
  }
}
