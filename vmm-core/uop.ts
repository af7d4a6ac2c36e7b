// SPDX-License-Identifier: MIT
// One decoded micro-op: a 32-byte record, read by the interpreter and (later) by the JIT. Records of a block follow each
// other; LEFT says how many instructions of the block come after this one, so that a block can be charged as a whole.
export const UOP_BYTES: usize = 32;
export const U_OP: usize = 0; // u16 family << 8 | member; family 0: the interpreter's hot switch
export const U_LENGTH: usize = 2; // u8 bytes of the instruction
export const U_LEFT: usize = 3; // u8 instructions of the block after the first one this record stands for (pairs stand for two)
export const U_R1: usize = 4; // u8 I_REG; families 1..7: the address of its register cell
export const U_R2: usize = 5; // u8 I_RM (or the opcode's register); families 1..7: the address of its register cell
export const U_BASE: usize = 6; // u8 address of the base register's cell (SLOT_ZERO, SLOT_IPPAGE, SEG_BASE cells)
export const U_INDEX: usize = 7; // u8 address of the index register's cell
export const U_DISP: usize = 8; // i32 displacement; without memory operand the second immediate
export const U_IMM: usize = 12; // i32 immediate, sign-extended when used wider
export const U_SCALE: usize = 16; // u8 0..3
export const U_SEG: usize = 17; // u8 effective segment
export const U_FORM: usize = 18; // u8 FORM_*
export const U_OSIZE: usize = 19; // u8 operand bytes
export const U_TARGET: usize = 20; // u32 micro-op of a branch target in the same page, 0 until first taken
export const U_OFFSET: usize = 24; // u16 offset of the instruction in its page
export const U_PREFIX: usize = 26; // u16 P_* of decode/insn.ts
export const U_ASIZE: usize = 28; // u8 address bytes
export const U_OPCODE: usize = 29; // u8 last opcode byte
export const U_VVVV: usize = 30; // u8 VEX.vvvv
export const U_MEM: usize = 31; // u8 nonzero: the E/M/W/Q operand is memory; in a pair the bytes of its branch
export const MEM_FLAT: u8 = 3; // in U_MEM: and the sum of its parts is its linear address, without a check

/** The header in front of a block's first record. */
export const B_BYTES: usize = 0; // u32 bytes of the block
export const B_HOST: usize = 4; // u32 host address of its first byte
export const B_KEY: usize = 8; // u32 decode key
export const B_HEAT: usize = 12; // i32 goes up with every entry; at 0 the block is asked to be compiled
export const B_FUNCTION: usize = 16; // u32 compiled: index in the table of functions
export const B_ENTRY: usize = 20; // u16 compiled: number of the block in its region
export const B_OP: usize = 22; // u16 compiled: what U_OP of the first record was

/** What an out-of-line handler returns. */
export const NEXT: i32 = 0; // go on with the following micro-op
export const LEAVE: i32 = 1; // a fault is pending, or RIP, mode or mappings changed: look around before going on
