// SPDX-License-Identifier: MIT
// Writes WebAssembly bytes: integers in LEB128, the few instructions that the code generator needs, and the types of
// values by operand width (8, 16 and 32 bits travel as i32, 64 bits as i64).
// Spec: WebAssembly Core Specification 2.0, chapter 5 (binary format).

export const I32: u32 = 0x7f;
export const I64: u32 = 0x7e;

export const OP_BLOCK: u32 = 0x02;
export const OP_LOOP: u32 = 0x03;
export const OP_IF: u32 = 0x04;
export const OP_ELSE: u32 = 0x05;
export const OP_END: u32 = 0x0b;
export const OP_BR: u32 = 0x0c;
export const OP_BR_IF: u32 = 0x0d;
export const OP_BR_TABLE: u32 = 0x0e;
export const OP_RETURN: u32 = 0x0f;
export const OP_CALL: u32 = 0x10;
export const OP_DROP: u32 = 0x1a;
export const OP_SELECT: u32 = 0x1b;
export const OP_GET: u32 = 0x20;
export const OP_SET: u32 = 0x21;
export const OP_TEE: u32 = 0x22;
export const VOID: u32 = 0x40;

export const I32_LOAD: u32 = 0x28;
export const I64_LOAD: u32 = 0x29;
export const I32_STORE: u32 = 0x36;
export const I64_STORE: u32 = 0x37;

// Operations of i32; the same ones of i64 lie ARITH64 or COMPARE64 higher.
export const EQZ: u32 = 0x45;
export const EQ: u32 = 0x46;
export const NE: u32 = 0x47;
export const LT_S: u32 = 0x48;
export const LT_U: u32 = 0x49;
export const GT_S: u32 = 0x4a;
export const GT_U: u32 = 0x4b;
export const LE_S: u32 = 0x4c;
export const LE_U: u32 = 0x4d;
export const GE_S: u32 = 0x4e;
export const GE_U: u32 = 0x4f;
export const ADD: u32 = 0x6a;
export const SUB: u32 = 0x6b;
export const MUL: u32 = 0x6c;
export const AND: u32 = 0x71;
export const OR: u32 = 0x72;
export const XOR: u32 = 0x73;
export const SHL: u32 = 0x74;
export const SHR_S: u32 = 0x75;
export const SHR_U: u32 = 0x76;
export const COMPARE64: u32 = 0x0b;
export const ARITH64: u32 = 0x12;
export const WRAP: u32 = 0xa7;
export const EXTEND_S: u32 = 0xac;
export const EXTEND_U: u32 = 0xad;
export const I32_EXTEND8_S: u32 = 0xc0;
export const I32_EXTEND16_S: u32 = 0xc1;
export const I64_EXTEND8_S: u32 = 0xc2;
export const I64_EXTEND16_S: u32 = 0xc3;
export const I64_EXTEND32_S: u32 = 0xc4;

export class Wasm {
  /** Where the next byte goes. */
  static at: usize = 0;

  @inline static byte(value: u32): void {
    store<u8>(Wasm.at, <u8>value);
    Wasm.at++;
  }

  static unsigned(value: u32): void {
    while (value >= 0x80) {
      Wasm.byte((value & 0x7f) | 0x80);
      value >>= 7;
    }
    Wasm.byte(value);
  }

  static signed(value: i64): void {
    for (;;) {
      const low = <u32>(value & 0x7f);
      value >>= 7;
      if ((value == 0 && !(low & 0x40)) || (value == -1 && (low & 0x40) != 0)) {
        Wasm.byte(low);
        return;
      }
      Wasm.byte(low | 0x80);
    }
  }

  /** Leaves five bytes for a length that `length` fills in. */
  static reserve(): usize {
    const at = Wasm.at;
    Wasm.at += 5;
    return at;
  }

  /** The number of bytes behind the reserved place, or any other number, in five bytes. */
  static patch(at: usize, value: u32): void {
    for (let i: usize = 0; i < 4; i++) store<u8>(at + i, <u8>(((value >> (<u32>i * 7)) & 0x7f) | 0x80));
    store<u8>(at + 4, <u8>(value >> 28));
  }

  static length(at: usize): void {
    Wasm.patch(at, <u32>(Wasm.at - at - 5));
  }

  static get(local: u32): void {
    Wasm.byte(OP_GET);
    Wasm.unsigned(local);
  }

  static set(local: u32): void {
    Wasm.byte(OP_SET);
    Wasm.unsigned(local);
  }

  static tee(local: u32): void {
    Wasm.byte(OP_TEE);
    Wasm.unsigned(local);
  }

  static i32(value: u32): void {
    Wasm.byte(0x41);
    Wasm.signed(<i64>(<i32>value));
  }

  static i64(value: i64): void {
    Wasm.byte(0x42);
    Wasm.signed(value);
  }

  /** A constant of the type that carries `width` bits. */
  static number(width: u32, value: i64): void {
    if (width == 64) Wasm.i64(value);
    else Wasm.i32(<u32>value);
  }

  /** An arithmetic operation (ADD to SHR_U) on values of `width` bits. */
  static arith(width: u32, op: u32): void {
    Wasm.byte(width == 64 ? op + ARITH64 : op);
  }

  /** A comparison (EQZ to GE_U) of values of `width` bits. */
  static compare(width: u32, op: u32): void {
    Wasm.byte(width == 64 ? op + COMPARE64 : op);
  }

  /** A load or store; the alignment is a hint only, so it is left at 0. */
  static memory(op: u32, offset: u32): void {
    Wasm.byte(op);
    Wasm.byte(0);
    Wasm.unsigned(offset);
  }

  /** The load of an unsigned value of `width` bits. */
  static loadOf(width: u32): void {
    Wasm.memory(width == 64 ? I64_LOAD : width == 32 ? I32_LOAD : width == 16 ? 0x2f : 0x2d, 0);
  }

  static storeOf(width: u32): void {
    Wasm.memory(width == 64 ? I64_STORE : width == 32 ? I32_STORE : width == 16 ? 0x3b : 0x3a, 0);
  }

  /** v128.load (0) and v128.store (11). */
  static vector(op: u32, offset: u32): void {
    Wasm.byte(0xfd);
    Wasm.memory(op, offset);
  }

  static branch(op: u32, depth: u32): void {
    Wasm.byte(op);
    Wasm.unsigned(depth);
  }

  static call(index: u32): void {
    Wasm.byte(OP_CALL);
    Wasm.unsigned(index);
  }

  static block(op: u32, type: u32): void {
    Wasm.byte(op);
    Wasm.byte(type);
  }
}
