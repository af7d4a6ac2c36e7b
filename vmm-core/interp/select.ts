// SPDX-License-Identifier: MIT
// Which decoded instructions have a hot micro-op, which of them pair up, and which results leave no visible flags.
import { DS, ES, FS, GS, SEG_BASE, SLOT_ZERO, SS } from "../layout.ts";
import { I_IMM, I_PREFIX, I_REG, I_RM, P_LOCK, P_REX } from "../decode/insn.ts";
import {
  CodeKey,
  KEY_FLAT_CS,
  KEY_FLAT_DS,
  KEY_FLAT_ES,
  KEY_FLAT_SS,
  KEY_SIZE,
  KEY_STACK,
  KEY_WHOLE_FS,
  KEY_WHOLE_GS,
} from "../decode/key.ts";
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
  BIT_CRC32_8,
  BRANCH_CALL,
  BRANCH_JCC,
  BRANCH_JMP,
  BRANCH_RET,
  FLAG_NOP,
  FORM_A_I,
  FORM_A_O,
  FORM_E_1,
  FORM_E_CL,
  FORM_E_G,
  FORM_E_I,
  FORM_G_E,
  FORM_G_E_I,
  FORM_I,
  FORM_J,
  FORM_O_A,
  FORM_V_W,
  FORM_W_V,
  FORM_Z,
  FORM_Z_I,
  FORM_NONE,
  MOVE_CMOVCC,
  MOVE_CWD,
  MOVE_LEA,
  MOVE_MOV,
  MOVE_MOVSX16,
  MOVE_MOVSX8,
  MOVE_MOVSXD,
  MOVE_MOVZX16,
  MOVE_MOVZX8,
  MOVE_SETCC,
  MULDIV_IMUL2,
  SHIFT_ROL,
  SHIFT_SAR,
  SHIFT_SHL,
  SHIFT_SHR,
  SSEINT_MOVU,
  STACK_LEAVE,
  STACK_POP,
  STACK_PUSH,
} from "../isa/ops.gen.ts";
import { Gpr } from "../state/registers.ts";
import {
  MEM_FLAT,
  UOP_BYTES,
  U_ASIZE,
  U_FORM,
  U_IMM,
  U_INDEX,
  U_MEM,
  U_OP,
  U_OPCODE,
  U_OSIZE,
  U_PREFIX,
  U_R1,
  U_R2,
  U_SEG,
  U_SCALE,
  U_LENGTH,
  U_TARGET,
  U_VVVV,
} from "../uop.ts";
import * as H from "./hot.gen.ts";

export class Select {
  static hot: i32 = -1;
  static plain: bool = false; // choose no hot micro-ops

  /** A conditional branch may be in the middle of a block. */
  static continues: bool = false;
  static fallsThrough(): bool {
    return Select.continues;
  }

  /** Refines the record of the instruction in INSN. */
  static choose(u: usize, op: u32, attr: u32, length: i32): void {
    const family = op >> 8;
    Select.continues = false;
    Select.hot = -1;
    if (family >= 1 && family <= 7) {
      const rex = (load<u32>(0, I_PREFIX) & P_REX) != 0;
      const size = <u32>load<u8>(u, U_OSIZE);
      const byteSource = op == MOVE_MOVZX8 || op == MOVE_MOVSX8 || op == BIT_CRC32_8;
      store<u8>(u, <u8>Gpr.cell(load<u8>(0, I_REG), size, rex), U_R1);
      if (!load<u8>(u, U_MEM)) store<u8>(u, <u8>Gpr.cell(load<u8>(0, I_RM), byteSource ? 1 : size, rex), U_R2);
    }
    if (Select.plain || (load<u32>(0, I_PREFIX) & P_LOCK) != 0) return;
    switch (family) {
      case 1:
        Select.arith(u, op);
        break;
      case 2:
      case 3:
        Select.shift(u, op);
        break;
      case 5:
        Select.move(u, op);
        break;
      case 6:
        Select.stack(u, op);
        break;
      case 7:
        Select.branch(u, op);
        break;
      case 16:
        if (op == SSEINT_MOVU) Select.vector(u);
        break;
      case 19:
        if (op == FLAG_NOP) Select.hot = H.H_NOP;
    }
    if (Select.hot >= 0) {
      store<u16>(u, <u16>op, U_PREFIX);
      store<u16>(u, <u16>Select.hot, U_OP);
    } else if (family <= 2 && load<u8>(u, U_MEM) && Select.memory(u)) store<u8>(u, MEM_FLAT, U_MEM);
  }

  /** Whether a hot micro-op may touch the memory operand; an FS or GS base takes the place of a missing index. */
  static memory(u: usize): bool {
    const key = CodeKey.key;
    const seg = <i32>load<u8>(u, U_SEG);
    if ((key & KEY_SIZE) == 2) {
      if (load<u8>(u, U_ASIZE) != 8 || !(key & KEY_FLAT_DS)) return false;
      return seg < FS || Select.addBase(u, seg);
    }
    if (load<u8>(u, U_ASIZE) != 4) return false;
    if (seg == DS) return (key & KEY_FLAT_DS) != 0;
    if (seg == SS) return (key & KEY_FLAT_SS) != 0;
    if (seg == ES) return (key & KEY_FLAT_ES) != 0;
    if (!(key & KEY_FLAT_DS)) return false;
    if (seg == FS) return (key & KEY_WHOLE_FS) != 0 && Select.addBase(u, seg);
    return seg == GS && (key & KEY_WHOLE_GS) != 0 && Select.addBase(u, seg);
  }

  /** Puts a segment base where the index would be. */
  static addBase(u: usize, seg: i32): bool {
    if (load<u8>(u, U_INDEX) != <u8>SLOT_ZERO) return false;
    store<u8>(u, <u8>(SEG_BASE + ((<usize>seg) << 3)), U_INDEX);
    store<u8>(u, 0, U_SCALE);
    store<u8>(u, <u8>DS, U_SEG); // the base is in the sum now; DS adds none
    return true;
  }

  /** 0, 1, 2 for 8, 32 and 64 bits; -1 for 16. */
  static width(u: usize): i32 {
    const size = load<u8>(u, U_OSIZE);
    return size == 4 ? 1 : size == 1 ? 0 : size == 8 ? 2 : -1;
  }

  static pick(width: i32, h8: i32, h32: i32, h64: i32): i32 {
    return width == 1 ? h32 : width == 2 ? h64 : width == 0 ? h8 : -1;
  }

  static swap(u: usize): void {
    const r1 = load<u8>(u, U_R1);
    store<u8>(u, load<u8>(u, U_R2), U_R1);
    store<u8>(u, r1, U_R2);
  }

  static arith(u: usize, op: u32): void {
    const w = Select.width(u);
    const form = <i32>load<u8>(u, U_FORM);
    const mem = load<u8>(u, U_MEM) != 0;
    if (w < 0) return;
    if (op == ARITH_INC || op == ARITH_DEC) {
      const inc = op == ARITH_INC;
      if (mem) {
        if (!Select.memory(u)) return;
        Select.hot = inc ? Select.pick(w, -1, H.H_INC_M32, H.H_INC_M64) : Select.pick(w, -1, H.H_DEC_M32, H.H_DEC_M64);
      } else {
        Select.hot = inc ? Select.pick(w, -1, H.H_INC_R32, H.H_INC_R64) : Select.pick(w, -1, H.H_DEC_R32, H.H_DEC_R64);
        if (Select.hot >= 0) Select.single(u, form);
      }
      return;
    }
    if (op == ARITH_NEG || op == ARITH_NOT) {
      if (mem || w == 0) return;
      Select.hot =
        op == ARITH_NEG ? Select.pick(w, -1, H.H_NEG_R32, H.H_NEG_R64) : Select.pick(w, -1, H.H_NOT_R32, H.H_NOT_R64);
      Select.single(u, form);
      return;
    }
    let rr: i32 = -1,
      ri: i32 = -1,
      rm: i32 = -1,
      mr: i32 = -1,
      mi: i32 = -1;
    switch (op) {
      case ARITH_ADD:
        rr = Select.pick(w, H.H_ADD_RR8, H.H_ADD_RR32, H.H_ADD_RR64);
        ri = Select.pick(w, H.H_ADD_RI8, H.H_ADD_RI32, H.H_ADD_RI64);
        rm = Select.pick(w, -1, H.H_ADD_RM32, H.H_ADD_RM64);
        mr = Select.pick(w, -1, H.H_ADD_MR32, H.H_ADD_MR64);
        mi = Select.pick(w, -1, H.H_ADD_MI32, H.H_ADD_MI64);
        break;
      case ARITH_OR:
        rr = Select.pick(w, H.H_OR_RR8, H.H_OR_RR32, H.H_OR_RR64);
        ri = Select.pick(w, H.H_OR_RI8, H.H_OR_RI32, H.H_OR_RI64);
        rm = Select.pick(w, -1, H.H_OR_RM32, H.H_OR_RM64);
        mr = Select.pick(w, -1, H.H_OR_MR32, H.H_OR_MR64);
        mi = Select.pick(w, -1, H.H_OR_MI32, H.H_OR_MI64);
        break;
      case ARITH_AND:
        rr = Select.pick(w, H.H_AND_RR8, H.H_AND_RR32, H.H_AND_RR64);
        ri = Select.pick(w, H.H_AND_RI8, H.H_AND_RI32, H.H_AND_RI64);
        rm = Select.pick(w, -1, H.H_AND_RM32, H.H_AND_RM64);
        mr = Select.pick(w, -1, H.H_AND_MR32, H.H_AND_MR64);
        mi = Select.pick(w, -1, H.H_AND_MI32, H.H_AND_MI64);
        break;
      case ARITH_ADC:
        rr = Select.pick(w, -1, H.H_ADC_RR32, H.H_ADC_RR64);
        ri = Select.pick(w, -1, H.H_ADC_RI32, H.H_ADC_RI64);
        rm = Select.pick(w, -1, H.H_ADC_RM32, H.H_ADC_RM64);
        break;
      case ARITH_SBB:
        rr = Select.pick(w, -1, H.H_SBB_RR32, H.H_SBB_RR64);
        ri = Select.pick(w, -1, H.H_SBB_RI32, H.H_SBB_RI64);
        break;
      case ARITH_SUB:
        rr = Select.pick(w, H.H_SUB_RR8, H.H_SUB_RR32, H.H_SUB_RR64);
        ri = Select.pick(w, H.H_SUB_RI8, H.H_SUB_RI32, H.H_SUB_RI64);
        rm = Select.pick(w, -1, H.H_SUB_RM32, H.H_SUB_RM64);
        mr = Select.pick(w, -1, H.H_SUB_MR32, H.H_SUB_MR64);
        mi = Select.pick(w, -1, H.H_SUB_MI32, H.H_SUB_MI64);
        break;
      case ARITH_XOR:
        rr = Select.pick(w, H.H_XOR_RR8, H.H_XOR_RR32, H.H_XOR_RR64);
        ri = Select.pick(w, H.H_XOR_RI8, H.H_XOR_RI32, H.H_XOR_RI64);
        rm = Select.pick(w, -1, H.H_XOR_RM32, H.H_XOR_RM64);
        mr = Select.pick(w, -1, H.H_XOR_MR32, H.H_XOR_MR64);
        mi = Select.pick(w, -1, H.H_XOR_MI32, H.H_XOR_MI64);
        break;
      case ARITH_CMP:
        rr = Select.pick(w, H.H_CMP_RR8, H.H_CMP_RR32, H.H_CMP_RR64);
        ri = Select.pick(w, H.H_CMP_RI8, H.H_CMP_RI32, H.H_CMP_RI64);
        rm = Select.pick(w, H.H_CMP_RM8, H.H_CMP_RM32, H.H_CMP_RM64);
        mr = Select.pick(w, H.H_CMP_MR8, H.H_CMP_MR32, H.H_CMP_MR64);
        mi = Select.pick(w, H.H_CMP_MI8, H.H_CMP_MI32, H.H_CMP_MI64);
        break;
      case ARITH_TEST:
        rr = Select.pick(w, H.H_TEST_RR8, H.H_TEST_RR32, H.H_TEST_RR64);
        ri = Select.pick(w, H.H_TEST_RI8, H.H_TEST_RI32, H.H_TEST_RI64);
        mr = Select.pick(w, H.H_TEST_MR8, H.H_TEST_MR32, H.H_TEST_MR64);
        mi = Select.pick(w, H.H_TEST_MI8, H.H_TEST_MI32, H.H_TEST_MI64);
        break;
      default:
        return;
    }
    Select.byForm(u, form, mem, rr, ri, rm, mr, mi);
  }

  /** The one register of E and Z forms becomes R1. */
  static single(u: usize, form: i32): void {
    if (form != FORM_Z) store<u8>(u, load<u8>(u, U_R2), U_R1);
  }

  static byForm(u: usize, form: i32, mem: bool, rr: i32, ri: i32, rm: i32, mr: i32, mi: i32): void {
    let chosen: i32 = -1;
    switch (form) {
      case FORM_E_G:
        chosen = mem ? mr : rr;
        if (chosen >= 0 && !mem) Select.swap(u);
        break;
      case FORM_G_E:
        chosen = mem ? rm : rr;
        break;
      case FORM_E_I:
        chosen = mem ? mi : ri;
        if (chosen >= 0 && !mem) store<u8>(u, load<u8>(u, U_R2), U_R1);
        break;
      case FORM_A_I:
        chosen = ri;
        if (chosen >= 0) store<u8>(u, 0, U_R1);
        break;
      case FORM_Z_I:
        chosen = ri;
        break;
    }
    if (chosen >= 0 && mem && !Select.memory(u)) chosen = -1;
    Select.hot = chosen;
  }

  static shift(u: usize, op: u32): void {
    const w = Select.width(u);
    const form = <i32>load<u8>(u, U_FORM);
    const mem = load<u8>(u, U_MEM) != 0;
    if (w < 1) return;
    if (op == MULDIV_IMUL2) {
      if (form == FORM_G_E) {
        if (mem && !Select.memory(u)) return;
        Select.hot = mem
          ? Select.pick(w, -1, H.H_IMUL_RM32, H.H_IMUL_RM64)
          : Select.pick(w, -1, H.H_IMUL_RR32, H.H_IMUL_RR64);
      } else if (form == FORM_G_E_I && !mem) Select.hot = Select.pick(w, -1, H.H_IMUL_RRI32, H.H_IMUL_RRI64);
      return;
    }
    if (mem) return;
    if (form == FORM_E_CL) {
      if (op == SHIFT_SHL) Select.hot = Select.pick(w, -1, H.H_SHL_RC32, H.H_SHL_RC64);
      else if (op == SHIFT_SHR) Select.hot = Select.pick(w, -1, H.H_SHR_RC32, H.H_SHR_RC64);
      Select.single(u, form);
      return;
    }
    if (form != FORM_E_I && form != FORM_E_1) return;
    const count = form == FORM_E_1 ? 1 : (<u32>load<i64>(0, I_IMM)) & (w == 2 ? 63 : 31);
    if (count == 0) return;
    switch (op) {
      case SHIFT_SHL:
        Select.hot = Select.pick(w, -1, H.H_SHL_RI32, H.H_SHL_RI64);
        break;
      case SHIFT_SHR:
        // OF of a one-bit SHR is the old sign; for longer counts it is not defined.
        Select.hot = Select.pick(w, -1, H.H_SHR_RI32, H.H_SHR_RI64);
        break;
      case SHIFT_SAR:
        Select.hot = Select.pick(w, -1, H.H_SAR_RI32, H.H_SAR_RI64);
        break;
      case SHIFT_ROL:
        Select.hot = Select.pick(w, -1, H.H_ROL_RI32, H.H_ROL_RI64);
    }
    if (Select.hot >= 0) {
      store<u8>(u, load<u8>(u, U_R2), U_R1);
      store<u32>(u, count, U_IMM);
    }
  }

  static move(u: usize, op: u32): void {
    const form = <i32>load<u8>(u, U_FORM);
    const size = load<u8>(u, U_OSIZE);
    const mem = load<u8>(u, U_MEM) != 0;
    const wide = size == 8;
    switch (op) {
      case MOVE_MOV: {
        if (form == FORM_A_O || form == FORM_O_A) return;
        if (form == FORM_Z_I && wide && <i64>(<i32>load<i64>(0, I_IMM)) != load<i64>(0, I_IMM)) {
          Select.hot = H.H_MOV_RI64_FULL;
          return;
        }
        const s = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3;
        const step = H.H_MOV_RR16 - H.H_MOV_RR8; // the widths follow each other in equal steps
        Select.byForm(
          u,
          form,
          mem,
          H.H_MOV_RR8 + s * step,
          H.H_MOV_RI8 + s * step,
          H.H_MOV_RM8 + s * step,
          H.H_MOV_MR8 + s * step,
          H.H_MOV_MI8 + s * step,
        );
        if (mem && s >= 2 && load<u8>(u, U_INDEX) == <u8>SLOT_ZERO) {
          if (Select.hot == H.H_MOV_RM8 + s * step) Select.hot = s == 2 ? H.H_MOV_RB32 : H.H_MOV_RB64;
          else if (Select.hot == H.H_MOV_MR8 + s * step) Select.hot = s == 2 ? H.H_MOV_BR32 : H.H_MOV_BR64;
        }
        return;
      }
      case MOVE_MOVZX8:
        if (size >= 4) Select.load(u, mem, H.H_MOVZX8_RR, H.H_MOVZX8_RM);
        return;
      case MOVE_MOVZX16:
        if (size >= 4) Select.load(u, mem, H.H_MOVZX16_RR, H.H_MOVZX16_RM);
        return;
      case MOVE_MOVSX8:
        if (size == 4) Select.load(u, mem, H.H_MOVSX8_32_RR, H.H_MOVSX8_32_RM);
        else if (wide) Select.load(u, mem, H.H_MOVSX8_64_RR, H.H_MOVSX8_64_RM);
        return;
      case MOVE_MOVSX16:
        if (size == 4) Select.load(u, mem, H.H_MOVSX16_32_RR, H.H_MOVSX16_32_RM);
        else if (wide) Select.load(u, mem, H.H_MOVSX16_64_RR, H.H_MOVSX16_64_RM);
        return;
      case MOVE_MOVSXD:
        if (wide) Select.load(u, mem, H.H_MOVSX32_64_RR, H.H_MOVSX32_64_RM);
        return;
      case MOVE_LEA: {
        const native: u8 = (CodeKey.key & KEY_SIZE) == 2 ? 8 : 4;
        if (load<u8>(u, U_ASIZE) != native) return;
        if (size == 4) Select.hot = H.H_LEA32;
        else if (wide) Select.hot = H.H_LEA64;
        return;
      }
      case MOVE_CMOVCC:
        if (size < 4) return;
        if (!mem) Select.hot = wide ? H.H_CMOV_RR64 : H.H_CMOV_RR32;
        else if (Select.memory(u)) Select.hot = wide ? H.H_CMOV_RM64 : H.H_CMOV_RM32;
        return;
      case MOVE_SETCC:
        if (!mem) {
          store<u8>(u, load<u8>(u, U_R2), U_R1);
          Select.hot = H.H_SETCC_R;
        }
        return;
      case MOVE_CWD:
        if (size == 4) Select.hot = H.H_CDQ;
        else if (wide) Select.hot = H.H_CQO;
    }
  }

  static load(u: usize, mem: bool, rr: i32, rm: i32): void {
    if (!mem) Select.hot = rr;
    else if (Select.memory(u)) Select.hot = rm;
  }

  static vector(u: usize): void {
    const form = <i32>load<u8>(u, U_FORM);
    if (load<u8>(u, U_OSIZE) > 16) return;
    if (!load<u8>(u, U_MEM)) {
      if (form == FORM_W_V) Select.swap(u);
      Select.hot = H.H_MOVUPS_RR;
    } else if (Select.memory(u)) Select.hot = form == FORM_V_W ? H.H_MOVUPS_LOAD : H.H_MOVUPS_STORE;
  }

  /** The stack is flat and as wide as the code's natural operand. */
  static flatStack(u: usize): bool {
    const key = CodeKey.key;
    if ((key & KEY_SIZE) == 2) return load<u8>(u, U_OSIZE) == 8 && (key & KEY_FLAT_SS) != 0;
    return load<u8>(u, U_OSIZE) == 4 && (key & (KEY_STACK | KEY_FLAT_SS)) == (KEY_STACK | KEY_FLAT_SS);
  }

  static stack(u: usize, op: u32): void {
    if (!Select.flatStack(u)) return;
    const form = <i32>load<u8>(u, U_FORM);
    if (load<u8>(u, U_MEM)) return;
    if (op == STACK_PUSH) {
      if (form == FORM_I) Select.hot = H.H_PUSH_I;
      else {
        Select.single(u, form);
        Select.hot = H.H_PUSH_R;
      }
    } else if (op == STACK_POP) {
      Select.single(u, form);
      Select.hot = H.H_POP_R;
    } else if (op == STACK_LEAVE) Select.hot = H.H_LEAVE;
  }

  static branch(u: usize, op: u32): void {
    const form = <i32>load<u8>(u, U_FORM);
    const mem = load<u8>(u, U_MEM) != 0;
    const key = CodeKey.key;
    const natural: u8 = (key & KEY_SIZE) == 2 ? 8 : 4;
    if (op == BRANCH_JCC) Select.continues = true;
    if (!(key & KEY_FLAT_CS) || load<u8>(u, U_OSIZE) != natural) return;
    if (op == BRANCH_JCC) {
      Select.hot = Select.conditional(load<u8>(u, U_OPCODE) & 15);
    } else if (op == BRANCH_JMP) {
      if (form == FORM_J) Select.hot = H.H_JMP;
      else if (mem) Select.hot = Select.memory(u) ? H.H_JMP_M : -1;
      else {
        Select.single(u, form);
        Select.hot = H.H_JMP_R;
      }
    } else if (op == BRANCH_CALL && Select.flatStack(u)) {
      if (form == FORM_J) Select.hot = H.H_CALL;
      else if (mem) Select.hot = Select.memory(u) ? H.H_CALL_M : -1;
      else {
        Select.single(u, form);
        Select.hot = H.H_CALL_R;
      }
    } else if (op == BRANCH_RET && Select.flatStack(u)) Select.hot = form == FORM_NONE ? H.H_RET : H.H_RET_I;
  }

  static conditional(cc: i32): i32 {
    return cc >= 2 && cc <= 5 ? H.H_JB + cc - 2 : H.H_JCC;
  }

  /** Instructions that a record stands for. */
  static weight(u: usize): i32 {
    const op = <i32>load<u16>(u, U_OP);
    return op < 256 && op >= H.H_CMP_RR8_JCC && op <= H.H_INC_R64_JNZ ? 2 : 1;
  }

  /** Pairs a compare or a count with the conditional branch after it; returns the new end. */
  static fuse(first: usize, end: usize): usize {
    let to = first;
    let from = first;
    while (from < end) {
      if (to != from) memory.copy(to, from, UOP_BYTES);
      from += UOP_BYTES;
      if (from < end) {
        const branch = <i32>load<u16>(from, U_OP);
        if (branch >= H.H_JB && branch <= H.H_JCC) {
          const cc = <i32>(load<u8>(from, U_OPCODE) & 15);
          const pair = Select.pairOf(<i32>load<u16>(to, U_OP), cc);
          const rel = load<i32>(from, U_IMM);
          if (pair >= 0 && rel >= -32768 && rel <= 32767) {
            store<u8>(to, load<u8>(to, U_PREFIX), U_VVVV); // member of the generic operation, for the slow path
            store<u16>(to, <u16>pair, U_OP);
            if (load<u8>(to, U_MEM)) store<u8>(to, load<u8>(from, U_LENGTH), U_MEM);
            store<u8>(to, load<u8>(to, U_LENGTH) + load<u8>(from, U_LENGTH), U_LENGTH);
            store<u8>(to, <u8>cc, U_OPCODE);
            store<i16>(to, <i16>rel, U_PREFIX);
            store<u32>(to, 0, U_TARGET);
            from += UOP_BYTES;
          }
        }
      }
      to += UOP_BYTES;
    }
    return to;
  }

  static pairOf(op: i32, cc: i32): i32 {
    if (op == H.H_DEC_R32) return cc == 5 ? H.H_DEC_R32_JNZ : -1;
    if (op == H.H_DEC_R64) return cc == 5 ? H.H_DEC_R64_JNZ : -1;
    if (op == H.H_INC_R32) return cc == 5 ? H.H_INC_R32_JNZ : -1;
    if (op == H.H_INC_R64) return cc == 5 ? H.H_INC_R64_JNZ : -1;
    if (cc < 2 || cc == 10 || cc == 11) return -1; // overflow and parity stay single
    switch (op) {
      case H.H_CMP_RR8:
        return H.H_CMP_RR8_JCC;
      case H.H_CMP_RI8:
        return H.H_CMP_RI8_JCC;
      case H.H_CMP_RM8:
        return H.H_CMP_RM8_JCC;
      case H.H_CMP_MR8:
        return H.H_CMP_MR8_JCC;
      case H.H_CMP_MI8:
        return H.H_CMP_MI8_JCC;
      case H.H_CMP_RR32:
        return H.H_CMP_RR32_JCC;
      case H.H_CMP_RI32:
        return H.H_CMP_RI32_JCC;
      case H.H_CMP_RM32:
        return H.H_CMP_RM32_JCC;
      case H.H_CMP_MR32:
        return H.H_CMP_MR32_JCC;
      case H.H_CMP_MI32:
        return H.H_CMP_MI32_JCC;
      case H.H_CMP_RR64:
        return H.H_CMP_RR64_JCC;
      case H.H_CMP_RI64:
        return H.H_CMP_RI64_JCC;
      case H.H_CMP_RM64:
        return H.H_CMP_RM64_JCC;
      case H.H_CMP_MR64:
        return H.H_CMP_MR64_JCC;
      case H.H_CMP_MI64:
        return H.H_CMP_MI64_JCC;
    }
    if (cc < 4 || cc == 6 || cc == 7) return -1; // the carry of a TEST is known, and rarely asked for
    switch (op) {
      case H.H_TEST_RR8:
        return H.H_TEST_RR8_JCC;
      case H.H_TEST_RI8:
        return H.H_TEST_RI8_JCC;
      case H.H_TEST_MI8:
        return H.H_TEST_MI8_JCC;
      case H.H_TEST_RR32:
        return H.H_TEST_RR32_JCC;
      case H.H_TEST_RI32:
        return H.H_TEST_RI32_JCC;
      case H.H_TEST_MI32:
        return H.H_TEST_MI32_JCC;
      case H.H_TEST_RR64:
        return H.H_TEST_RR64_JCC;
      case H.H_TEST_RI64:
        return H.H_TEST_RI64_JCC;
      case H.H_TEST_MI64:
        return H.H_TEST_MI64_JCC;
      default:
        return -1;
    }
  }

  /** Replaces results whose flags the next instructions overwrite, with only register work in between. */
  static dropDeadFlags(first: usize, end: usize): void {
    let dead: bool = false;
    for (let u = end - UOP_BYTES; u >= first; u -= UOP_BYTES) {
      const op = <i32>load<u16>(u, U_OP);
      const quiet = Select.quiet(op);
      if (quiet >= 0) {
        if (dead) store<u16>(u, <u16>quiet, U_OP);
        dead = true;
      } else if (Select.overwrites(op)) dead = true;
      else if (!Select.neutral(op)) dead = false;
      if (u == first) break;
    }
  }

  /** The form of a register operation that leaves the flags alone, -1 when there is none. */
  static quiet(op: i32): i32 {
    switch (op) {
      case H.H_ADD_RR32:
        return H.H_ADD_RR32_NF;
      case H.H_ADD_RI32:
        return H.H_ADD_RI32_NF;
      case H.H_OR_RR32:
        return H.H_OR_RR32_NF;
      case H.H_OR_RI32:
        return H.H_OR_RI32_NF;
      case H.H_AND_RR32:
        return H.H_AND_RR32_NF;
      case H.H_AND_RI32:
        return H.H_AND_RI32_NF;
      case H.H_SUB_RR32:
        return H.H_SUB_RR32_NF;
      case H.H_SUB_RI32:
        return H.H_SUB_RI32_NF;
      case H.H_XOR_RR32:
        return H.H_XOR_RR32_NF;
      case H.H_XOR_RI32:
        return H.H_XOR_RI32_NF;
      case H.H_ADD_RR64:
        return H.H_ADD_RR64_NF;
      case H.H_ADD_RI64:
        return H.H_ADD_RI64_NF;
      case H.H_OR_RR64:
        return H.H_OR_RR64_NF;
      case H.H_OR_RI64:
        return H.H_OR_RI64_NF;
      case H.H_AND_RR64:
        return H.H_AND_RR64_NF;
      case H.H_AND_RI64:
        return H.H_AND_RI64_NF;
      case H.H_SUB_RR64:
        return H.H_SUB_RR64_NF;
      case H.H_SUB_RI64:
        return H.H_SUB_RI64_NF;
      case H.H_XOR_RR64:
        return H.H_XOR_RR64_NF;
      case H.H_XOR_RI64:
        return H.H_XOR_RI64_NF;
      case H.H_SHL_RI32:
        return H.H_SHL_RI32_NF;
      case H.H_SHR_RI32:
        return H.H_SHR_RI32_NF;
      case H.H_SAR_RI32:
        return H.H_SAR_RI32_NF;
      case H.H_SHL_RI64:
        return H.H_SHL_RI64_NF;
      case H.H_SHR_RI64:
        return H.H_SHR_RI64_NF;
      case H.H_SAR_RI64:
        return H.H_SAR_RI64_NF;
      case H.H_IMUL_RR32:
        return H.H_IMUL_RR32_NF;
      case H.H_IMUL_RR64:
        return H.H_IMUL_RR64_NF;
      case H.H_IMUL_RRI32:
        return H.H_IMUL_RRI32_NF;
      case H.H_IMUL_RRI64:
        return H.H_IMUL_RRI64_NF;
      default:
        return -1;
    }
  }

  /** Register operations without a quiet form that write all arithmetic flags. */
  static overwrites(op: i32): bool {
    switch (op) {
      case H.H_CMP_RR8:
      case H.H_CMP_RI8:
      case H.H_CMP_RR32:
      case H.H_CMP_RI32:
      case H.H_CMP_RR64:
      case H.H_CMP_RI64:
      case H.H_TEST_RR8:
      case H.H_TEST_RI8:
      case H.H_TEST_RR32:
      case H.H_TEST_RI32:
      case H.H_TEST_RR64:
      case H.H_TEST_RI64:
      case H.H_NEG_R32:
      case H.H_NEG_R64:
        return true;
      default:
        return false;
    }
  }

  /** Register operations that neither read nor write flags and cannot leave the block. */
  static neutral(op: i32): bool {
    switch (op) {
      case H.H_MOV_RR8:
      case H.H_MOV_RI8:
      case H.H_MOV_RR16:
      case H.H_MOV_RI16:
      case H.H_MOV_RR32:
      case H.H_MOV_RI32:
      case H.H_MOV_RR64:
      case H.H_MOV_RI64:
      case H.H_MOV_RI64_FULL:
      case H.H_LEA32:
      case H.H_LEA64:
      case H.H_MOVZX8_RR:
      case H.H_MOVZX16_RR:
      case H.H_MOVSX8_32_RR:
      case H.H_MOVSX16_32_RR:
      case H.H_MOVSX8_64_RR:
      case H.H_MOVSX16_64_RR:
      case H.H_MOVSX32_64_RR:
      case H.H_NOT_R32:
      case H.H_NOT_R64:
      case H.H_CDQ:
      case H.H_CQO:
      case H.H_NOP:
        return true;
      default:
        return false;
    }
  }
}
