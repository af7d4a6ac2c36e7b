// SPDX-License-Identifier: MIT
// The frame of a compiled region: which local holds what, and the ways out. Guest registers and the lazy flags live in
// locals from entry to exit; one epilogue writes them back, so every place that leaves is a constant and a branch.
// A region is called as (entry, budget, read view, write view) and returns what the interpreter does next: 0 look RIP
// up, LEAVE << 1 back to the run loop, a micro-op to go on with, a micro-op + 1 to run that one out of line first.
import { BUDGET, FLAG_A, FLAG_B, FLAG_KIND, FLAG_R, GPR, RIP, SLOT_8K, SLOT_IPPAGE, SLOT_ZERO } from "../layout.ts";
import { U_BASE, U_DISP, U_INDEX, U_SCALE } from "../uop.ts";
import * as W from "./wasm.ts";
import { Wasm } from "./wasm.ts";

// Parameters.
export const L_ENTRY: u32 = 0;
export const L_BUDGET: u32 = 1;
export const L_READ: u32 = 2;
export const L_WRITE: u32 = 3;
// i32
export const L_KIND: u32 = 4; // FLAG_KIND
export const L_TABLE: u32 = 5; // an entry of the translation tables
export const L_HOST: u32 = 6; // host address of a memory operand
export const L_X: u32 = 7; // operands and result of up to 32 bits
export const L_Y: u32 = 8;
export const L_R: u32 = 9;
export const L_T: u32 = 10;
export const I32_LOCALS: u32 = 7; // from L_KIND on, without address and registers
// i64
export const L_FA: u32 = 11;
export const L_FB: u32 = 12;
export const L_FR: u32 = 13;
export const L_X64: u32 = 14;
export const L_Y64: u32 = 15;
export const L_R64: u32 = 16;
export const I64_LOCALS: u32 = 6;
// i32 in 32-bit code, i64 in 64-bit code
export const L_ADDRESS: u32 = 17;
export const L_GPR: u32 = 18;

// Imported functions.
export const F_OUT_OF_LINE: u32 = 0; // (micro-op, budget) -> 0 go on, else what the region returns
export const F_CONDITION: u32 = 1; // (condition code) -> 0 or 1, from the flags in memory

export class Frame {
  /** 32 or 64: the width of addresses and of guest registers in locals. */
  static width: u32 = 32;
  /** Blocks, loops and ifs around the place where code is written, the epilogue's block not counted. */
  static depth: u32 = 0;
  /** Bit i: register i is read or written anywhere in the region; it is loaded on entry. */
  static used: u32 = 0;
  /** Bit i: register i is written; it is stored at the exit. */
  static written: u32 = 0;

  static gpr(n: u32): u32 {
    Frame.used |= (<u32>1) << n;
    return L_GPR + n;
  }

  @inline static wide(): bool {
    return Frame.width == 64;
  }

  /** The guest register behind a cell address, as an unsigned value of `width` bits. */
  static read(cell: u32, width: u32): void {
    Wasm.get(Frame.gpr(cell >> 3));
    if (width == 64) return;
    if (Frame.wide()) Wasm.byte(W.WRAP);
    if (width == 32) return;
    if (cell & 7) {
      Wasm.i32(8);
      Wasm.byte(W.SHR_U);
    }
    Wasm.i32(width == 8 ? 0xff : 0xffff);
    Wasm.byte(W.AND);
  }

  /** Writes the value on the stack to a register; 32 bits clear the upper half, 8 and 16 leave the rest alone. */
  static write(cell: u32, width: u32): void {
    const local = Frame.gpr(cell >> 3);
    Frame.written |= (<u32>1) << (cell >> 3);
    if (width >= 32) {
      if (Frame.wide() && width == 32) Wasm.byte(W.EXTEND_U);
      Wasm.set(local);
      return;
    }
    const shift: u32 = cell & 7 ? 8 : 0;
    const mask: u32 = width == 8 ? 0xff : 0xffff;
    Wasm.i32(mask);
    Wasm.byte(W.AND);
    if (Frame.wide()) Wasm.byte(W.EXTEND_U);
    if (shift) {
      Wasm.number(Frame.width, 8);
      Wasm.arith(Frame.width, W.SHL);
    }
    Wasm.get(local);
    Wasm.number(Frame.width, Frame.wide() ? ~((<i64>mask) << shift) : <i64>(<i32>~(mask << shift)));
    Wasm.arith(Frame.width, W.AND);
    Wasm.arith(Frame.width, W.OR);
    Wasm.set(local);
  }

  /** The sum of a memory operand's parts, in address width. */
  static address(u: usize): void {
    const base = <u32>load<u8>(u, U_BASE);
    const index = <u32>load<u8>(u, U_INDEX);
    const disp = load<i32>(u, U_DISP);
    let parts = 0;
    if (Frame.part(base)) parts++;
    if (Frame.part(index)) {
      const scale = load<u8>(u, U_SCALE);
      if (scale) {
        Wasm.number(Frame.width, scale);
        Wasm.arith(Frame.width, W.SHL);
      }
      if (parts) Wasm.arith(Frame.width, W.ADD);
      parts++;
    }
    if (disp || !parts) {
      Wasm.number(Frame.width, <i64>disp);
      if (parts) Wasm.arith(Frame.width, W.ADD);
    }
  }

  /** The value of a cell in address width; false, and nothing, for the cell that is always 0. */
  static part(cell: u32): bool {
    if (cell == <u32>SLOT_ZERO) return false;
    if (cell < <u32>SLOT_ZERO) Wasm.get(Frame.gpr((cell - <u32>GPR) >> 3));
    else if (cell == <u32>SLOT_8K) Wasm.number(Frame.width, 0x2000);
    else Frame.cell(cell);
    return true;
  }

  /** Loads a cell of the state block in address width. */
  static cell(at: u32): void {
    Wasm.i32(0);
    Wasm.memory(Frame.wide() ? W.I64_LOAD : W.I32_LOAD, at);
  }

  /** Leaves with the code on the stack when the condition on top of it holds; else drops the code. */
  static leaveIf(): void {
    Wasm.branch(W.OP_BR_IF, Frame.depth);
    Wasm.byte(W.OP_DROP);
  }

  static leave(code: u32): void {
    Wasm.i32(code);
    Wasm.branch(W.OP_BR, Frame.depth);
  }

  /** Leaves to where RIP says; `offset` is from the start of the code page. */
  static leaveTo(offset: i32): void {
    Frame.rip(offset);
    Frame.leave(0);
  }

  /** RIP = IPPAGE + offset. */
  static rip(offset: i32): void {
    Wasm.i32(0);
    Frame.target(offset);
    if (!Frame.wide()) Wasm.byte(W.EXTEND_U);
    Wasm.memory(W.I64_STORE, <u32>RIP);
  }

  /** The linear address of an offset in the code page, in address width. */
  static target(offset: i32): void {
    Frame.cell(<u32>SLOT_IPPAGE);
    Wasm.number(Frame.width, <i64>offset);
    Wasm.arith(Frame.width, W.ADD);
  }

  // ---- entry and exit ------------------------------------------------------------------------------------------------
  static loadFlags(): void {
    Frame.loadTo(L_KIND, W.I32_LOAD, <u32>FLAG_KIND);
    Frame.loadTo(L_FA, W.I64_LOAD, <u32>FLAG_A);
    Frame.loadTo(L_FB, W.I64_LOAD, <u32>FLAG_B);
    Frame.loadTo(L_FR, W.I64_LOAD, <u32>FLAG_R);
  }

  static storeFlags(): void {
    Frame.storeFrom(L_KIND, W.I32_STORE, <u32>FLAG_KIND);
    Frame.storeFrom(L_FA, W.I64_STORE, <u32>FLAG_A);
    Frame.storeFrom(L_FB, W.I64_STORE, <u32>FLAG_B);
    Frame.storeFrom(L_FR, W.I64_STORE, <u32>FLAG_R);
  }

  static loadRegisters(mask: u32): void {
    for (let n: u32 = 0; n < 16; n++) {
      if ((mask >> n) & 1) Frame.loadTo(L_GPR + n, Frame.wide() ? W.I64_LOAD : W.I32_LOAD, <u32>GPR + (n << 3));
    }
  }

  /** 32-bit code leaves the upper halves alone: they are 0 when a region is entered, see Jit.upperHalves. */
  static storeRegisters(mask: u32): void {
    for (let n: u32 = 0; n < 16; n++) {
      if ((mask >> n) & 1) Frame.storeFrom(L_GPR + n, Frame.wide() ? W.I64_STORE : W.I32_STORE, <u32>GPR + (n << 3));
    }
  }

  static storeBudget(): void {
    Frame.storeFrom(L_BUDGET, W.I32_STORE, <u32>BUDGET);
  }

  static loadTo(local: u32, op: u32, offset: u32): void {
    Wasm.i32(0);
    Wasm.memory(op, offset);
    Wasm.set(local);
  }

  static storeFrom(local: u32, op: u32, offset: u32): void {
    Wasm.i32(0);
    Wasm.get(local);
    Wasm.memory(op, offset);
  }
}
