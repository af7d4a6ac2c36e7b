// SPDX-License-Identifier: MIT
// Memory operands in compiled regions: the interpreter's probe of the translation tables, in line. What misses leaves the
// region at its micro-op, before anything of the instruction has happened, and is done out of line.
import * as W from "./wasm.ts";
import { Wasm } from "./wasm.ts";
import { Frame, L_ADDRESS, L_HOST, L_TABLE } from "./frame.ts";

export class Access {
  /** Takes the linear address in L_ADDRESS; L_HOST is where its `bytes` bytes lie. `view`: L_READ or L_WRITE. */
  static probe(u: usize, view: u32, bytes: u32): void {
    Wasm.i32(<u32>u + 1);
    if (Frame.wide()) Access.tagged(view, bytes);
    else Access.full(view, bytes);
    Frame.leaveIf();
    if (Frame.wide()) {
      Wasm.get(L_TABLE);
      Wasm.memory(W.I32_LOAD, 8);
      Wasm.get(L_ADDRESS);
      Wasm.byte(W.WRAP);
    } else {
      Wasm.get(L_TABLE);
      Wasm.get(L_ADDRESS);
    }
    Wasm.byte(W.ADD);
    Wasm.set(L_HOST);
  }

  /** 64-bit code: the tag of the entry is the page of the last byte. */
  static tagged(view: u32, bytes: u32): void {
    Wasm.get(view);
    Wasm.get(L_ADDRESS);
    Wasm.byte(W.WRAP);
    Wasm.i32(8);
    Wasm.byte(W.SHR_U);
    Wasm.i32(4095 << 4);
    Wasm.byte(W.AND);
    Wasm.byte(W.ADD);
    Wasm.tee(L_TABLE);
    Wasm.memory(W.I64_LOAD, 0);
    Wasm.get(L_ADDRESS);
    if (bytes > 1) {
      Wasm.i64(bytes - 1);
      Wasm.arith(64, W.ADD);
    }
    Wasm.i64(~0xfff);
    Wasm.arith(64, W.AND);
    Wasm.compare(64, W.NE);
  }

  /** 32-bit code: "valid" and "inside the page" are one test. */
  static full(view: u32, bytes: u32): void {
    Wasm.get(view);
    Wasm.get(L_ADDRESS);
    Wasm.i32(12);
    Wasm.byte(W.SHR_U);
    Wasm.i32(2);
    Wasm.byte(W.SHL);
    Wasm.byte(W.ADD);
    Wasm.memory(W.I32_LOAD, 0);
    Wasm.tee(L_TABLE);
    if (bytes > 1) {
      Wasm.get(L_ADDRESS);
      Wasm.byte(W.OR);
    }
    Wasm.i32(0xfff);
    Wasm.byte(W.AND);
    if (bytes > 1) {
      Wasm.i32(0x1000 - bytes);
      Wasm.byte(W.GT_U);
    }
  }

  /** L_HOST of the micro-op's memory operand. */
  static operand(u: usize, view: u32, bytes: u32): void {
    Frame.address(u);
    Wasm.set(L_ADDRESS);
    Access.probe(u, view, bytes);
  }

  /** The value at L_HOST. */
  static value(width: u32): void {
    Wasm.get(L_HOST);
    Wasm.loadOf(width);
  }
}
