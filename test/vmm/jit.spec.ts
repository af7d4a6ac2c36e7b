// SPDX-License-Identifier: MIT
// The second tier is never visible: the same count, state and memory whether a guest is interpreted or compiled, early,
// late or in the middle; code that changes itself is never run as it was.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { loadCoreModule } from "../../host/node/core.ts";
import { CpuCore } from "../../vmm/cpu/core.ts";
import { Jit } from "../../vmm/cpu/jit.ts";

const HELLO = readFileSync(new URL("../../guest-images/hello/hello.bin", import.meta.url));
const ENTRY = 0x7c00;
const SLICE = 100_000;
let module: WebAssembly.Module;

beforeAll(() => {
  module = loadCoreModule();
});

/** The bare processor with a program at 7C00h, in real mode. */
function bare(program: Uint8Array, jit: number | undefined): CpuCore {
  const core = new CpuCore(module, { memoryBytes: 16 << 20, jit });
  core.mapPages(0, 4096, 0, "ram");
  core.load(ENTRY, program);
  core.setSegment(1, { selector: 0, base: 0n, limit: 0xffff, attr: 0x9b });
  core.setReg(2, 0n); // the processor's signature after a reset
  core.rip = BigInt(ENTRY);
  core.modeChanged();
  return core;
}

function runToHalt(core: CpuCore, slice = SLICE): string {
  for (;;) {
    const reason = core.run(slice);
    if (reason !== "deadline") return `${reason} ${core.retired} ${core.digest()}`;
  }
}

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const word = (value: number): string => Buffer.from([value & 0xff, value >> 8]).toString("hex");

/** 32-bit code behind a switch to flat protected mode. */
function protectedMode(code: string): Uint8Array {
  const at = ENTRY + 0x40;
  const gdt = ENTRY + 0x400;
  const image = new Uint8Array(0x440);
  image.set(bytes(`fa 0f0116${word(gdt)} 0f20c0 0c01 0f22c0 66ea${word(at)}0000 0800`)); // CLI; LGDT; CR0.PE; JMP 8:at
  image.set(bytes(`66b81000 8ed8 8ed0 8ec0 ${code}`), 0x40); // DS, SS and ES flat
  image.set(bytes(`1700 ${word(gdt + 8)}0000 0000 0000000000000000 ffff0000009bcf00 ffff00000093cf00`), 0x400);
  return image;
}

describe("the second tier", () => {
  it("changes neither count nor state of a guest in real, protected and long mode", () => {
    const interpreted = runToHalt(bare(HELLO, 0));
    for (const [jit, slice] of [
      [undefined, SLICE],
      [1, 7_000],
      [50, 12_345],
    ] as const) {
      const core = bare(HELLO, jit);
      expect(runToHalt(core, slice), `threshold ${jit}`).toBe(interpreted);
      expect(core.jit!.modules).toBeGreaterThan(0);
      expect(core.jit!.failure).toBeUndefined();
    }
  });

  it("leaves everything to the interpreter when the host refuses a module", () => {
    const core = bare(HELLO, 50);
    // The module that is due is overwritten before the host sees it.
    const exports = { ...core.exports, jit_generate: (base: number) => core.exports.jit_generate(base) && 4 };
    const jit = new Jit(core.memory, core.view, exports, 50);
    Object.defineProperty(core, "jit", { value: jit });
    expect(runToHalt(core)).toBe(runToHalt(bare(HELLO, 0)));
    expect(jit.failure).toMatch(/CompileError/);
    expect(jit.modules).toBe(0);
  });

  it("goes on from a state that was saved in compiled code, with other tiers", () => {
    const whole = runToHalt(bare(HELLO, 0));
    const first = bare(HELLO, 10);
    for (let i = 0; i < 60; i++) first.run(SLICE);
    expect(first.jit!.modules).toBeGreaterThan(0);
    const second = bare(HELLO, 0);
    second.bytes.set(first.bytes.subarray(first.bytes.length - (16 << 20)), first.bytes.length - (16 << 20));
    second.memoryChanged();
    second.restore(first.save());
    expect(runToHalt(second)).toBe(whole);
  });

  it("runs code as it is now when a compiled loop writes over itself", () => {
    // MOV ECX, 5000; ADD EBX, 1; DEC ECX; JNZ; INC DWORD [the 1]; INC EDX; CMP EDX, 40; JNZ to the start; HLT
    const program = protectedMode(`b988130000 81c301000000 49 75f7 ff05${word(ENTRY + 0x51)}0000 42 83fa28 75e6 f4`);
    const interpreted = bare(program, 0);
    const expected = runToHalt(interpreted, 3_000);
    expect(interpreted.reg(3)).toBe(BigInt((5000 * (40 * 41)) / 2));
    for (const jit of [1, 100]) {
      const core = bare(program, jit);
      expect(runToHalt(core, 3_000)).toBe(expected);
      expect(core.jit!.modules).toBeGreaterThan(1);
    }
  });

  it("compiles pages whose code keeps changing less and less often", () => {
    // The same with 300 iterations and 2,000 rounds.
    const program = protectedMode(
      `b92c010000 81c301000000 49 75f7 ff05${word(ENTRY + 0x51)}0000 42 81fad0070000 75e3 f4`,
    );
    const core = bare(program, 100);
    const result = runToHalt(core, 100);
    expect(core.jit!.modules).toBeLessThan(100);
    expect(result).toBe(runToHalt(bare(program, 0)));
  });
});
