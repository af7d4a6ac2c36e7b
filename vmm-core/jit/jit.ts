// SPDX-License-Identifier: MIT
// The second tier: blocks that run often are asked for here, the host fetches them between two slices as one WebAssembly
// module, and their first micro-op becomes COMPILED, which calls the region in the shared table. Nothing of it is
// visible to the guest: a region is what the interpreter would do, leaves at any micro-op, and can be dropped at any time.
import { BUDGET, GPR, JIT_BODY, JIT_CODE, JIT_CODE_END, JIT_END, JIT_INSTALL, JIT_QUEUE } from "../layout.ts";
import { CodeCache } from "../interp/code-cache.ts";
import { OutOfLine } from "../interp/out-of-line.ts";
import { H_BLOCK_END, H_COMPILED } from "../interp/hot.gen.ts";
import { CodeKey, KEY_FLAT_CS, KEY_SIZE } from "../decode/key.ts";
import { Flags } from "../state/flags.ts";
import { B_ENTRY, B_FUNCTION, B_HEAT, B_HOST, B_KEY, B_OP, LEAVE, UOP_BYTES, U_OP, U_TARGET } from "../uop.ts";
import { Codegen } from "./codegen.ts";
import { FlagCode, KIND_UNKNOWN } from "./flags.ts";
import { Flow } from "./flow.ts";
import { Frame, I32_LOCALS, I64_LOCALS, L_ENTRY, L_T } from "./frame.ts";
import { Region } from "./region.ts";
import * as W from "./wasm.ts";
import { Wasm } from "./wasm.ts";

const FUNC: u32 = 0x60;
const JIT_QUEUE_MAX: u32 = 48; // requests that can wait
const JIT_INSTALL_MAX: u32 = 0x1000; // blocks of one module
const ROOM: usize = JIT_END - JIT_BODY; // what one region may need at most

export class Jit {
  /** Times a block is entered until it is asked for. */
  static threshold: i32 = 0;

  /** The heat that a new block of a page starts with: pages whose code changes again and again have to wait longer. */
  @inline static cold(generation: u32): i32 {
    if (Jit.threshold == 1) return -1; // tests compile everything
    return Jit.threshold ? -(Jit.threshold << min<u32>(generation >> 2, 12)) : i32.MIN_VALUE;
  }

  /** Counts an entry of a block. */
  @inline static entered(block: usize): void {
    const heat = load<i32>(block - UOP_BYTES, B_HEAT) + 1;
    store<i32>(block - UOP_BYTES, heat, B_HEAT);
    if (!heat) Jit.request(block);
  }

  /** A block's heat has come to 0. */
  static request(block: usize): void {
    const key = load<u32>(block - UOP_BYTES, B_KEY);
    if (!Jit.threshold) return;
    if (load<u16>(block, U_OP) == <u16>H_COMPILED || !(key & KEY_FLAT_CS) || (key & KEY_SIZE) == 0) return;
    const count = load<u32>(0, JIT_QUEUE);
    if (count >= JIT_QUEUE_MAX) {
      store<i32>(block - UOP_BYTES, -Jit.threshold, B_HEAT);
      return;
    }
    store<u32>((<usize>count) << 2, <u32>block, JIT_QUEUE + 4);
    store<u32>(0, count + 1, JIT_QUEUE);
  }

  /** All decoded code is gone, and every region with it. */
  static dropAll(): void {
    store<u32>(0, 0, JIT_QUEUE);
    store<u32>(0, load<u32>(0, JIT_INSTALL) + 1, JIT_INSTALL); // tells the host that the table is free again
  }

  // ---- one module ------------------------------------------------------------------------------------------------------
  /** Writes a module with the blocks asked for to JIT_CODE; its functions go to the table from `base` on. Its length. */
  static generate(base: u32): u32 {
    const asked = load<u32>(0, JIT_QUEUE);
    store<u32>(0, 0, JIT_INSTALL + 4);
    Wasm.at = JIT_CODE;
    Jit.head();
    // Function and element section come first and need the number of functions: at most one a request.
    Jit.list(3, asked);
    Jit.elements(base, asked);
    Wasm.byte(10);
    const section = Wasm.reserve();
    const number = Wasm.reserve();
    let left: u32 = 0;
    for (let i: u32 = 0; i < asked; i++) {
      const block = load<u32>((<usize>i) << 2, JIT_QUEUE + 4);
      const room = Wasm.at + ROOM < JIT_CODE_END;
      if (room && Jit.wanted(block)) Jit.region(block, base + i);
      else Jit.empty();
      // What found no room waits for the next module.
      if (!room) {
        store<u32>((<usize>left) << 2, block, JIT_QUEUE + 4);
        left++;
      }
    }
    Wasm.patch(number, asked);
    Wasm.length(section);
    store<u32>(0, left, JIT_QUEUE);
    return <u32>(Wasm.at - JIT_CODE);
  }

  /** Still there, and not compiled with another region of this module. */
  private static wanted(block: u32): bool {
    const header = <usize>block - UOP_BYTES;
    const listed = load<u32>(0, JIT_INSTALL + 4);
    for (let i: u32 = 0; i < listed; i++) if (load<u32>((<usize>i) << 2, JIT_INSTALL + 8) == block) return false;
    if (Jit.threshold > 1 && Region.poor(block)) return false;
    return (
      load<u16>(<usize>block, U_OP) != <u16>H_COMPILED &&
      CodeCache.find(load<u32>(header, B_HOST), load<u32>(header, B_KEY)) == <usize>block
    );
  }

  private static head(): void {
    store<u32>(Wasm.at, 0x6d736100);
    store<u32>(Wasm.at, 1, 4);
    Wasm.at += 8;
    // Types: region, out of line, condition.
    Wasm.byte(1);
    const types = Wasm.reserve();
    Wasm.unsigned(3);
    Jit.type(4);
    Jit.type(2);
    Jit.type(1);
    Wasm.length(types);
    Wasm.byte(2);
    const imports = Wasm.reserve();
    Wasm.unsigned(4);
    Jit.import(0x6d); // m: memory, at least one page
    Wasm.byte(2);
    Wasm.byte(0);
    Wasm.unsigned(1);
    Jit.import(0x74); // t: table of functions
    Wasm.byte(1);
    Wasm.byte(0x70);
    Wasm.byte(0);
    Wasm.unsigned(0);
    Jit.import(0x6f); // o: out of line
    Wasm.byte(0);
    Wasm.unsigned(1);
    Jit.import(0x63); // c: condition
    Wasm.byte(0);
    Wasm.unsigned(2);
    Wasm.length(imports);
  }

  private static type(parameters: u32): void {
    Wasm.byte(FUNC);
    Wasm.unsigned(parameters);
    for (let i: u32 = 0; i < parameters; i++) Wasm.byte(W.I32);
    Wasm.unsigned(1);
    Wasm.byte(W.I32);
  }

  /** Module "e" and a name of one letter. */
  private static import(name: u32): void {
    Wasm.byte(1);
    Wasm.byte(0x65);
    Wasm.byte(1);
    Wasm.byte(name);
  }

  private static list(section: u32, count: u32): void {
    Wasm.byte(section);
    const at = Wasm.reserve();
    Wasm.unsigned(count);
    for (let i: u32 = 0; i < count; i++) Wasm.unsigned(0);
    Wasm.length(at);
  }

  private static elements(base: u32, count: u32): void {
    Wasm.byte(9);
    const at = Wasm.reserve();
    Wasm.unsigned(1);
    Wasm.unsigned(0);
    Wasm.i32(base);
    Wasm.byte(W.OP_END);
    Wasm.unsigned(count);
    for (let i: u32 = 0; i < count; i++) Wasm.unsigned(2 + i); // behind the imported functions
    Wasm.length(at);
  }

  /** A function that is never called. */
  private static empty(): void {
    Wasm.unsigned(3);
    Wasm.byte(0);
    Wasm.byte(0); // unreachable
    Wasm.byte(W.OP_END);
  }

  // ---- one region --------------------------------------------------------------------------------------------------------
  private static region(block: usize, index: u32): void {
    Region.gather(block);
    Frame.width = (load<u32>(block - UOP_BYTES, B_KEY) & KEY_SIZE) == 2 ? 64 : 32;
    Frame.used = 0;
    Frame.written = 0;
    // The code first, aside: what it uses decides what is loaded before it and stored behind it.
    const start = Wasm.at;
    Wasm.at = JIT_BODY;
    Jit.blocks();
    const bytes = Wasm.at - JIT_BODY;
    Wasm.at = start;
    const size = Wasm.reserve();
    Jit.locals();
    Frame.loadRegisters(Frame.used);
    Frame.loadFlags();
    Wasm.block(W.OP_BLOCK, W.I32);
    memory.copy(Wasm.at, JIT_BODY, bytes);
    Wasm.at += bytes;
    Wasm.byte(W.OP_END);
    Wasm.set(L_T);
    Frame.storeRegisters(Frame.written);
    Frame.storeFlags();
    Frame.storeBudget();
    Wasm.get(L_T);
    Wasm.byte(W.OP_END);
    Wasm.length(size);
    for (let i: u32 = 0; i < Region.count; i++) Jit.enlist(Region.block(i), index, i);
  }

  private static locals(): void {
    Wasm.unsigned(3);
    Wasm.unsigned(I32_LOCALS);
    Wasm.byte(W.I32);
    Wasm.unsigned(I64_LOCALS);
    Wasm.byte(W.I64);
    Wasm.unsigned(17); // the address and sixteen registers
    Wasm.byte(Frame.wide() ? W.I64 : W.I32);
  }

  private static blocks(): void {
    const count = Region.count;
    Wasm.block(W.OP_LOOP, W.VOID);
    for (let i: u32 = 0; i < count; i++) Wasm.block(W.OP_BLOCK, W.VOID);
    Wasm.get(L_ENTRY);
    Wasm.byte(W.OP_BR_TABLE);
    Wasm.unsigned(count - 1);
    for (let i: u32 = 0; i < count; i++) Wasm.unsigned(i);
    for (let i: u32 = 0; i < count; i++) {
      Wasm.byte(W.OP_END);
      const block = Region.block(i);
      Flow.current = i;
      Flow.selfLoop = Jit.loops(block);
      if (Flow.selfLoop) Wasm.block(W.OP_LOOP, W.VOID);
      Frame.depth = count - i + (Flow.selfLoop ? 1 : 0);
      Flow.base = Frame.depth;
      FlagCode.kind = KIND_UNKNOWN;
      for (let u = block; Codegen.emit(u, Region.opOf(u)); u += UOP_BYTES) {}
      if (Flow.selfLoop) Wasm.byte(W.OP_END);
    }
    Wasm.byte(W.OP_END);
    Wasm.byte(0); // unreachable: every block jumps or leaves
  }

  /** Whether a block branches to its own start. */
  private static loops(block: usize): bool {
    for (let u = block; Region.opOf(u) != <u32>H_BLOCK_END; u += UOP_BYTES) {
      if (load<u32>(u, U_TARGET) == <u32>block) return true;
    }
    return false;
  }

  private static enlist(block: usize, index: u32, entry: u32): void {
    const count = load<u32>(0, JIT_INSTALL + 4);
    if (count >= JIT_INSTALL_MAX || load<u16>(block, U_OP) == <u16>H_COMPILED) return;
    const header = block - UOP_BYTES;
    store<u16>(header, load<u16>(block, U_OP), B_OP);
    store<u32>(header, index, B_FUNCTION);
    store<u16>(header, <u16>entry, B_ENTRY);
    store<u32>((<usize>count) << 2, <u32>block, JIT_INSTALL + 8);
    store<u32>(0, count + 1, JIT_INSTALL + 4);
  }

  /** The module of the last `generate` is in the table: its blocks run compiled from now on. */
  static install(): void {
    const count = load<u32>(0, JIT_INSTALL + 4);
    for (let i: u32 = 0; i < count; i++) {
      store<u16>(<usize>load<u32>((<usize>i) << 2, JIT_INSTALL + 8), <u16>H_COMPILED, U_OP);
    }
    store<u32>(0, 0, JIT_INSTALL + 4);
  }

  // ---- what regions call -------------------------------------------------------------------------------------------------
  static outOfLine(u: usize, budget: i32): i32 {
    if (OutOfLine.run(u, budget) != 0) return LEAVE << 1;
    if (!CodeCache.trapAt) return 0;
    store<i32>(0, budget, BUDGET);
    return <i32>(u + UOP_BYTES);
  }

  /** 32-bit regions neither read nor write the upper halves of registers, which a return from 64-bit mode can leave set. */
  static upperHalves(): bool {
    let any: u32 = 0;
    for (let n: usize = 0; n < 8; n++) any |= load<u32>(n << 3, GPR + 4);
    return any != 0;
  }

  /** A compiled block that cannot run now. */
  static refuses(u: usize): bool {
    return load<u16>(u, U_OP) == <u16>H_COMPILED && !CodeKey.long && Jit.upperHalves();
  }

  static condition(code: u32): u32 {
    return Flags.condition(code) ? 1 : 0;
  }
}
