// SPDX-License-Identifier: MIT
// The host's half of the second tier: fetches the modules that the core writes (vmm-core/jit) between two slices and puts
// their functions into the table that core and regions share. When that happens is never visible to the guest.
import * as L from "../../vmm-core/layout.ts";

/** Times a block is entered until it is compiled. */
export const JIT_THRESHOLD = 3000;
/** A module is made when this many blocks wait, or when some have waited this long. */
const BATCH = 16;
const PATIENCE = 8; // slices
const TABLE_STEP = 256;

export interface JitExports {
  table: WebAssembly.Table;
  jit_threshold(threshold: number): void;
  jit_generate(base: number): number;
  jit_install(): void;
  jit_out_of_line: WebAssembly.ImportValue;
  jit_condition: WebAssembly.ImportValue;
}

export class Jit {
  /** Modules made and bytes compiled since the start. */
  modules = 0;
  compiledBytes = 0;
  /** Why nothing is compiled any more: what the host said of a module. Everything is interpreted then. */
  failure: string | undefined;
  private readonly first: number;
  private next: number;
  private generation = 0;
  private waited = 0;
  private readonly batch: number;
  private readonly imports: WebAssembly.Imports;

  private readonly memory: WebAssembly.Memory;
  private readonly view: DataView;
  private readonly core: JitExports;

  constructor(memory: WebAssembly.Memory, view: DataView, core: JitExports, threshold = JIT_THRESHOLD) {
    this.memory = memory;
    this.view = view;
    this.core = core;
    this.first = this.next = core.table.length;
    this.imports = { e: { m: memory, t: core.table, o: core.jit_out_of_line, c: core.jit_condition } };
    core.jit_threshold(threshold);
    this.batch = Math.min(BATCH, threshold);
  }

  /** To be called between slices: compiles what waits, once it is worth a module. */
  poll(): void {
    const waiting = this.view.getUint32(L.JIT_QUEUE, true);
    if (waiting === 0) return;
    if (waiting < this.batch && ++this.waited < PATIENCE) return;
    this.waited = 0;
    const generation = this.view.getUint32(L.JIT_INSTALL, true);
    if (generation !== this.generation) {
      this.generation = generation;
      this.next = this.first;
    }
    const room = this.next + waiting - this.core.table.length;
    if (room > 0) this.core.table.grow(Math.max(room, TABLE_STEP));
    const bytes = this.core.jit_generate(this.next);
    try {
      const module = new WebAssembly.Module(new Uint8Array(this.memory.buffer, L.JIT_CODE, bytes).slice());
      new WebAssembly.Instance(module, this.imports);
    } catch (error) {
      // Out of room for code, or a fault of the generator: the machine goes on, only slower.
      this.failure = String(error);
      this.core.jit_threshold(0);
      return;
    }
    this.next += waiting;
    this.core.jit_install();
    this.modules++;
    this.compiledBytes += bytes;
  }
}
