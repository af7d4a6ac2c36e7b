// SPDX-License-Identifier: MIT
// From hot micro-ops to WebAssembly: each does what its case in the interpreter's switch does (tools/gen-interpreter.ts),
// with registers and flags in locals. What has no case here runs out of line, through memory. A micro-op commits
// nothing before its last way out.
import { GPR } from "../layout.ts";
import { FLAGS_ADD, FLAGS_LOGIC, FLAGS_SUB } from "../state/flags.ts";
import { U_DISP, U_IMM, U_LEFT, U_OPCODE, U_R1, U_R2 } from "../uop.ts";
import { Access } from "./access.ts";
import { BranchCode } from "./branches.ts";
import { CarryCode } from "./carry.ts";
import { FlagCode, KIND_UNKNOWN } from "./flags.ts";
import { F_OUT_OF_LINE, Frame, L_BUDGET, L_HOST, L_READ, L_T, L_WRITE } from "./frame.ts";
import * as H from "./hot-table.gen.ts";
import { Flow } from "./flow.ts";
import { GenericCode } from "./generic.ts";
import { MoveCode } from "./moves.ts";
import { ShiftCode } from "./shifts.ts";
import * as W from "./wasm.ts";
import { Wasm } from "./wasm.ts";

const CELL_RAX: u32 = <u32>GPR;
const CELL_RDX: u32 = <u32>GPR + 16;
const CELL_RSP: u32 = <u32>GPR + 32;
const CELL_RBP: u32 = <u32>GPR + 40;

export class Codegen {
  /** Writes the code of a micro-op whose operation is `op` (U_OP may be patched); false when the block ends with it. */
  static emit(u: usize, op: u32): bool {
    const row = op < <u32>H.ROWS ? H.TABLE + ((<usize>op) << 2) : 0;
    const kind = row ? <u32>load<u8>(row, 0) : <u32>H.K_OTHER;
    const form = row ? <u32>load<u8>(row, 1) : 0;
    const width = row ? <u32>load<u8>(row, 2) : 0;
    const sub = row ? (<u32>load<u8>(row, 3)) & 0x7f : 0;
    const quiet = row != 0 && (load<u8>(row, 3) & 0x80) != 0;
    switch (kind) {
      case H.K_ALU:
        Codegen.alu(u, form, width, sub, true, quiet);
        return true;
      case H.K_PAIR:
        Codegen.alu(u, form, width, sub, false, false);
        BranchCode.pair(u, load<u8>(u, U_OPCODE));
        return true;
      case H.K_CARRY:
        Codegen.withCarry(u, form, width, sub == 0);
        return true;
      case H.K_COUNT:
        Codegen.count(u, form, width, sub == 0);
        return true;
      case H.K_COUNT_PAIR:
        Codegen.count(u, form, width, sub == 0);
        BranchCode.pair(u, 5);
        return true;
      case H.K_NEG:
        Wasm.number(width, 0);
        Wasm.set(FlagCode.x(width));
        Codegen.register(u, U_R1, width, FlagCode.y(width));
        Codegen.two(width, W.SUB);
        FlagCode.arithmetic(FLAGS_SUB, width);
        Codegen.put(u, width);
        return true;
      case H.K_NOT:
        Frame.read(load<u8>(u, U_R1), width);
        Wasm.number(width, -1);
        Wasm.arith(width, W.XOR);
        Frame.write(load<u8>(u, U_R1), width);
        return true;
      case H.K_SHIFT:
        ShiftCode.emit(u, form, width, sub, quiet);
        return true;
      case H.K_MULTIPLY:
        if (width == 64 && !quiet) Codegen.outOfLine(u);
        else Codegen.multiply(u, form, width, quiet);
        return true;
      case H.K_MOVE:
        MoveCode.move(u, form, width);
        return true;
      case H.K_MOVE_FULL:
        Wasm.i64(load<i64>(u, U_DISP));
        Frame.write(load<u8>(u, U_R1), 64);
        return true;
      case H.K_EXTEND:
        MoveCode.extend(u, form, width, sub);
        return true;
      case H.K_LEA:
        Frame.address(u);
        if (Frame.wide() && width == 32) Wasm.byte(W.WRAP);
        Frame.write(load<u8>(u, U_R1), width);
        return true;
      case H.K_CMOV:
        MoveCode.conditionalMove(u, form, width);
        return true;
      case H.K_SETCC:
        FlagCode.condition(load<u8>(u, U_OPCODE) & 15);
        Frame.write(load<u8>(u, U_R1), 8);
        return true;
      case H.K_SIGN:
        Frame.read(CELL_RAX, width);
        Wasm.number(width, width - 1);
        Wasm.arith(width, W.SHR_S);
        Frame.write(CELL_RDX, width);
        return true;
      case H.K_NOP:
        return true;
      case H.K_PUSH:
        if (form == <u32>H.F_R) Frame.read(load<u8>(u, U_R1), Frame.width);
        else Wasm.number(Frame.width, <i64>load<i32>(u, U_IMM));
        BranchCode.push(u);
        return true;
      case H.K_POP:
        BranchCode.pop(u, CELL_RSP, 0);
        Wasm.get(FlagCode.r(Frame.width));
        Frame.write(load<u8>(u, U_R1), Frame.width);
        return true;
      case H.K_LEAVE:
        BranchCode.pop(u, CELL_RBP, 0);
        Wasm.get(FlagCode.r(Frame.width));
        Frame.write(CELL_RBP, Frame.width);
        return true;
      case H.K_JUMP:
        return BranchCode.jump(u, form);
      case H.K_CALL:
        return BranchCode.call(u, form);
      case H.K_RETURN:
        BranchCode.popValue(u, CELL_RSP);
        BranchCode.canonical(u, FlagCode.r(Frame.width));
        BranchCode.drop(form == <u32>H.F_RI ? <u32>load<u16>(u, U_IMM) : 0);
        return BranchCode.ret();
      case H.K_BRANCH:
        FlagCode.condition(load<u8>(u, U_OPCODE) & 15);
        BranchCode.taken(u, load<i32>(u, U_IMM), load<u8>(u, U_LEFT));
        return true;
      case H.K_VECTOR:
        MoveCode.vector(u, form);
        return true;
      case H.K_END:
        Flow.fallThrough(u);
        return false;
      default:
        if (!GenericCode.emit(u, op)) Codegen.outOfLine(u);
        return true;
    }
  }

  // ---- operands --------------------------------------------------------------------------------------------------------
  /** A register field of the record to a local. */
  static register(u: usize, field: usize, width: u32, local: u32): void {
    Frame.read(load<u8>(u + field), width);
    Wasm.set(local);
  }

  /** r = x op y. */
  static two(width: u32, op: u32): void {
    Wasm.get(FlagCode.x(width));
    Wasm.get(FlagCode.y(width));
    Wasm.arith(width, op);
    Wasm.set(FlagCode.r(width));
  }

  /** Register R1 = r. */
  static put(u: usize, width: u32): void {
    Wasm.get(FlagCode.r(width));
    Frame.write(load<u8>(u, U_R1), width);
  }

  /** x and y of the form; for memory forms the probe comes first. */
  static operands(u: usize, form: u32, width: u32, view: u32): void {
    const x = FlagCode.x(width);
    const y = FlagCode.y(width);
    const memory = form == <u32>H.F_RM || form == <u32>H.F_MR || form == <u32>H.F_MI;
    if (memory) Access.operand(u, view, width >> 3);
    if (form == <u32>H.F_MR || form == <u32>H.F_MI) {
      Access.value(width);
      Wasm.set(x);
    } else Codegen.register(u, U_R1, width, x);
    if (form == <u32>H.F_RR) Frame.read(load<u8>(u, U_R2), width);
    else if (form == <u32>H.F_RM) Access.value(width);
    else if (form == <u32>H.F_MR) Frame.read(load<u8>(u, U_R1), width);
    else GenericCode.immediate(u, width);
    Wasm.set(y);
  }

  static store(width: u32): void {
    Wasm.get(L_HOST);
    Wasm.get(FlagCode.r(width));
    Wasm.storeOf(width);
  }

  // ---- arithmetic --------------------------------------------------------------------------------------------------------
  /** `sub` numbers ADD OR AND SUB XOR CMP TEST; the last two write nothing. */
  static alu(u: usize, form: u32, width: u32, sub: u32, writes: bool, quiet: bool): void {
    if (sub >= 5) writes = false;
    const toMemory = form == <u32>H.F_MR || form == <u32>H.F_MI;
    Codegen.operands(u, form, width, toMemory && writes ? L_WRITE : L_READ);
    const op: u32 = sub == 0 ? W.ADD : sub == 1 ? W.OR : sub == 2 || sub == 6 ? W.AND : sub == 4 ? W.XOR : W.SUB;
    Codegen.two(width, op);
    // Sums of bytes leave the width; what is compared and kept is cut back.
    if (op == W.ADD || op == W.SUB) GenericCode.cut(width);
    if (!quiet) FlagCode.arithmetic(op == W.ADD ? FLAGS_ADD : op == W.SUB ? FLAGS_SUB : FLAGS_LOGIC, width);
    if (!writes) return;
    if (toMemory) Codegen.store(width);
    else Codegen.put(u, width);
  }

  static withCarry(u: usize, form: u32, width: u32, add: bool): void {
    Codegen.operands(u, form, width, L_READ);
    CarryCode.emit(width, add);
    Codegen.put(u, width);
  }

  static count(u: usize, form: u32, width: u32, increment: bool): void {
    const memory = form == <u32>H.F_M;
    if (memory) {
      Access.operand(u, L_WRITE, width >> 3);
      Access.value(width);
      Wasm.set(FlagCode.x(width));
    } else Codegen.register(u, U_R1, width, FlagCode.x(width));
    Wasm.get(FlagCode.x(width));
    Wasm.number(width, 1);
    Wasm.arith(width, increment ? W.ADD : W.SUB);
    Wasm.set(FlagCode.r(width));
    FlagCode.count(increment, width);
    if (memory) Codegen.store(width);
    else Codegen.put(u, width);
  }

  static multiply(u: usize, form: u32, width: u32, quiet: bool): void {
    if (form == <u32>H.F_RM) Access.operand(u, L_READ, width >> 3);
    Frame.read(form == <u32>H.F_RRI ? load<u8>(u, U_R2) : load<u8>(u, U_R1), width);
    Wasm.set(FlagCode.x(width));
    if (form == <u32>H.F_RRI) GenericCode.immediate(u, width);
    else if (form == <u32>H.F_RM) Access.value(width);
    else Frame.read(load<u8>(u, U_R2), width);
    Wasm.set(FlagCode.y(width));
    Codegen.two(width, W.MUL);
    if (!quiet) {
      // CF and OF: the product does not fit.
      FlagCode.extended(FlagCode.x(32), 32);
      FlagCode.extended(FlagCode.y(32), 32);
      Wasm.arith(64, W.MUL);
      FlagCode.extended(FlagCode.r(32), 32);
      Wasm.compare(64, W.NE);
      Wasm.i32(0x801);
      Wasm.arith(32, W.MUL);
      FlagCode.bits(width);
    }
    Codegen.put(u, width);
  }

  // ---- everything else -----------------------------------------------------------------------------------------------------
  /** Through memory: all registers are written back, the instruction's family runs, all are read again. */
  static outOfLine(u: usize): void {
    const all: u32 = Frame.wide() ? 0xffff : 0xff;
    Frame.used |= all;
    Frame.storeRegisters(all);
    Frame.storeFlags();
    Wasm.i32(<u32>u);
    Wasm.get(L_BUDGET);
    Wasm.call(F_OUT_OF_LINE);
    Wasm.tee(L_T);
    Wasm.block(W.OP_IF, W.VOID);
    Wasm.get(L_T);
    Wasm.byte(W.OP_RETURN);
    Wasm.byte(W.OP_END);
    Frame.loadRegisters(all);
    Frame.loadFlags();
    FlagCode.kind = KIND_UNKNOWN;
  }
}
