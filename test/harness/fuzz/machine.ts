// SPDX-License-Identifier: MIT
// One core with a small machine around it whose every answer is a function of what was asked and when (in retired
// instructions), so that runs of the same seed can be compared; and the events that hit it at random counts.
import { CpuCore, type ExitReason } from "../../../vmm/cpu/core.ts";
import * as L from "../../../vmm-core/layout.ts";
import { CodeMaker } from "./code.ts";
import { mix, ramDigest, stateDigest } from "./digest.ts";
import * as P from "./places.ts";
import { MODES, plan, setState, start, type FuzzMode, type Plan } from "./processor.ts";
import { Random } from "./random.ts";
import { Tables } from "./tables.ts";

/** How a program runs: in one piece, in random slices, with a trace, or in slices and compiled as soon as it is seen. */
export type Cutting = "whole" | "sliced" | "traced" | "compiled";

export interface Outcome {
  mode: FuzzMode;
  /** State digests at every event, in order. */
  checkpoints: number[];
  counts: number[];
  ram: number;
  retired: number;
  exits: Record<string, number>;
}

const EVENTS = ["interrupt", "nmi", "move", "refill", "a20", "remap", "init", "nothing"] as const;

const ACCESSES = ["", "in", "out", "mmio read", "mmio write", "acknowledge", "rdmsr", "wrmsr", "cr8", "hypercall"];

export class FuzzMachine {
  readonly core: CpuCore;
  /** Hash over every access of the host interface with its time. */
  log = 0;
  traced = 0;
  /** The accesses behind `log`, when somebody wants to read them. */
  accesses: string[] | undefined;
  private salt = 0;
  private maker!: CodeMaker;
  private random!: Random;
  private current!: Plan;
  private quiet = false;
  /** The state block of a fresh processor. */
  private readonly pristine: Uint8Array;

  constructor(module: WebAssembly.Module) {
    const ask = (kind: number, ...values: number[]): number => {
      if (this.quiet) return 0;
      this.accesses?.push(
        `${ACCESSES[kind]} ${values.map((value) => (value >>> 0).toString(16)).join(" ")} at ${this.core.retired}`,
      );
      this.log = mix(this.log, kind, Number(this.core.retired & 0xffffffffn), ...values);
      return mix(this.salt, this.log);
    };
    /** Now and then the machine wants attention from inside an access. */
    const attention = (answer: number) => {
      const { view } = this.core;
      if ((answer & 0x3f000) === 0) view.setUint32(L.INTR, 1, true);
      if ((answer & 0xff00000) === 0) view.setUint32(L.NMI_PENDING, 1, true);
      if ((answer & 0x7f00) === 0) view.setUint32(L.STOP_REQUEST, 1, true);
      return answer;
    };
    this.core = new CpuCore(module, {
      memoryBytes: P.MEMORY_BYTES,
      jit: 1,
      host: {
        portIn: (port, size) => attention(ask(1, port, size)),
        portOut: (port, size, value) => void attention(ask(2, port, size, value)),
        mmioRead: (address, size) => attention(ask(3, Number(address & 0xffffffffn), Number(address >> 32n), size)),
        mmioWrite: (address, size, value) =>
          void attention(ask(4, Number(address & 0xffffffffn), Number(address >> 32n), size, value)),
        acknowledge: () => {
          const answer = ask(5);
          this.core.view.setUint32(L.INTR, 0, true);
          return answer & 0x700 ? 0x20 + (answer & 0xdf) : -1;
        },
        msrRead: (index) => {
          const answer = attention(ask(6, index));
          return answer & 3 ? undefined : BigInt(answer >>> 0);
        },
        msrWrite: (index, value) => (attention(ask(7, index, Number(value & 0xffffffffn))) & 3) === 0,
        taskPriority: (value) => void attention(ask(8, value)),
        hypercall: () => (attention(ask(9)) & 1) !== 0,
        trace: () => {
          this.traced++;
          void this.core.rflags; // a debugger looks: settles the lazy flags
        },
      },
    });
    this.core.exports.probe_mode(0);
    this.core.bytes.fill(0xff, L.FEATURES, L.FEATURES + 16);
    this.core.view.setUint32(L.CPUID_TABLE, 1, true);
    this.core.view.setUint32(L.CPUID_TABLE + 32 + 16, 0x16, true);
    this.pristine = this.core.bytes.slice(0, L.STATE_END);
    Tables.stubs(this.core.ram(P.ROM_OFFSET, P.ROM_BYTES));
  }

  /** Makes the machine of a seed; the program's own length in instructions is part of it. */
  prepare(seed: number, only?: FuzzMode): { quota: number; mode: FuzzMode } {
    const random = new Random(seed);
    this.random = random;
    this.salt = random.u32();
    this.log = 0;
    this.accesses &&= [];
    this.traced = 0;
    const { core } = this;
    this.current = plan(only ?? random.pick(MODES), random);
    this.maker = new CodeMaker(core, random, this.current.bits);
    for (const [offset, bytes] of [
      [P.LOW_OFFSET, P.LOW_BYTES],
      [P.TOP_OFFSET, P.TOP_BYTES],
      [P.HIGH_OFFSET, P.HIGH_BYTES],
    ] as const) {
      if (random.chance(0.3)) core.ram(offset, bytes).fill(random.chance(0.5) ? 0 : random.below(256));
      else random.fill(core.ram(offset, bytes));
    }
    core.bytes.set(this.pristine, 0);
    this.map();
    this.code();
    const quota = random.pick([100, 500, 2000, 2000, 8000, 20000]);
    this.restart();
    core.exports.invalidate(L.RAM, P.MEMORY_BYTES);
    return { quota, mode: this.current.mode };
  }

  private map(): void {
    const { core } = this;
    core.mapPages(0, 0x110, 0, "none");
    core.mapPages(0, P.LOW_BYTES >> 12, P.LOW_OFFSET, "ram");
    core.mapPages(P.ROM_AT >> 12, P.ROM_BYTES >> 12, P.ROM_OFFSET, "rom");
    core.mapPages(0xf0, 0x10, P.ROM_OFFSET, "rom");
    core.mapPages(P.TOP_AT >> 12, P.TOP_BYTES >> 12, P.TOP_OFFSET, "ram");
    core.mapPages(0x100000, P.HIGH_BYTES >> 12, P.HIGH_OFFSET, "ram");
  }

  private code(): void {
    const { core, random } = this;
    for (const page of P.CODE.pages) {
      const at = page + random.pick([0, 0, random.below(0x400), 0xf00, 0xfe0]);
      core.load(P.LOW_OFFSET + at, this.maker.program(at, random.pick([40, 200, 800])));
    }
  }

  /** New tables and a new processor state; memory stays otherwise. */
  private restart(): void {
    const { core, random, current } = this;
    const tables = new Tables(core.ram(P.LOW_OFFSET, P.LOW_BYTES), random);
    const long = current.mode === "long" || current.mode.startsWith("compat");
    const prot = current.mode !== "real" && current.mode !== "unreal";
    if (prot) tables.globalTable(long);
    tables.interrupts(long ? "long" : prot ? "prot" : "real");
    const cr3 = tables.pages(current.paging);
    tables.taskState(long, cr3);
    core.exports.invalidate(L.RAM + P.LOW_OFFSET, 0x10000);
    setState(core, random, current, cr3);
    this.move();
  }

  private move(): void {
    const { core, random } = this;
    const page = random.chance(0.9) ? random.pick(P.CODE.pages) : random.pick([0xbf000, 0xa0000, 0x1f000, 0xc0000]);
    start(core, page + (random.chance(0.6) ? 0 : random.pick([random.below(0x1000), 0xffe, 0xf00])));
  }

  /** Runs a prepared program. `until` cuts it short, for reduction. */
  run(quota: number, seed: number, cutting: Cutting, until = quota): Outcome {
    const { core, random } = this;
    const cuts = new Random(seed, 7);
    const outcome: Outcome = { mode: this.current.mode, checkpoints: [], counts: [], ram: 0, retired: 0, exits: {} };
    core.exports.probe_mode(cutting === "traced" ? 1 : 0);
    core.exports.jit_threshold(cutting === "compiled" ? 1 : 0);
    let deaths = 0;
    let stuck = 0;
    while (stuck < 40 && deaths < 12) {
      const now = Number(core.retired);
      const target = Math.min(until, now + random.between(1, Math.ceil(quota / 6)));
      const reason = this.reach(target, cuts, cutting, outcome);
      const at = Number(core.retired);
      if (at > target) throw new Error(`retired ${at - target} instructions past the end of the slice`);
      this.quiet = true;
      outcome.checkpoints.push(mix(stateDigest(core), this.log));
      outcome.counts.push(at);
      this.quiet = false;
      if (at >= until) break;
      stuck = at === now ? stuck + 1 : 0;
      if (reason === "shutdown") {
        deaths++;
        if (random.chance(0.3)) this.code();
        this.restart();
        core.exports.probe_mode(cutting === "traced" ? 1 : 0);
      } else if (reason === "reset") core.view.setUint32(L.SIPI_VECTOR, 0x100 | (P.CODE.first >> 12), true);
      else if (reason === "halt") this.event(random.pick(["interrupt", "nmi", "move"]));
      else this.event(random.pick(EVENTS));
    }
    if (core.jit?.failure) throw new Error(core.jit.failure);
    core.exports.probe_mode(0);
    outcome.retired = Number(core.retired);
    outcome.ram = ramDigest(core);
    return outcome;
  }

  private reach(target: number, cuts: Random, cutting: Cutting, outcome: Outcome): ExitReason {
    const { core } = this;
    for (;;) {
      const before = Number(core.retired);
      const size =
        cutting === "sliced"
          ? Math.min(target - before, cuts.chance(0.3) ? cuts.between(1, 4) : cuts.between(1, 1000))
          : cutting === "compiled"
            ? Math.min(target - before, cuts.between(10, 200))
            : target - before;
      if (size <= 0) return "deadline";
      const reason = core.run(size);
      const done = Number(core.retired) - before;
      if (done < 0 || done > size) throw new Error(`run(${size}) retired ${done} instructions`);
      if (reason === "deadline" && done !== size) throw new Error(`run(${size}) ended at its deadline after ${done}`);
      outcome.exits[reason] = (outcome.exits[reason] ?? 0) + 1;
      if (reason !== "deadline") return reason;
    }
  }

  /** What the world does between two instructions. */
  private event(kind: (typeof EVENTS)[number]): void {
    const { core, random } = this;
    const { view } = core;
    switch (kind) {
      case "interrupt":
        view.setUint32(L.INTR, 1, true);
        break;
      case "nmi":
        view.setUint32(L.NMI_PENDING, 1, true);
        break;
      case "move":
        view.setUint32(L.HALTED, 0, true);
        this.move();
        break;
      case "refill": {
        const page = random.pick(P.CODE.pages);
        core.load(P.LOW_OFFSET + page, this.maker.program(page, 300));
        break;
      }
      case "a20":
        view.setUint32(L.A20_MASK, (view.getUint32(L.A20_MASK, true) ^ 0x100000) >>> 0, true);
        core.modeChanged();
        break;
      case "remap": {
        const page = random.pick([0x21, 0x22, 0x9f, 0xc1]);
        core.mapPages(
          page,
          1,
          random.chance(0.5) ? P.TOP_OFFSET : P.ROM_OFFSET,
          random.pick(["none", "ram", "rom"]) === "ram" ? "rom" : "none",
        );
        break;
      }
      case "init":
        if (random.chance(0.1)) view.setUint32(L.INIT_PENDING, 1, true);
        break;
      default:
    }
  }
}
