// SPDX-License-Identifier: MIT
// Escape fuzzing: seeded random programs in every mode must end in an architectural state, and must not notice how they
// are cut into slices or watched. A supervisor watches the run from outside, so that an endless loop is a failure too.
// Usage: node --import tsx test/harness/escape-fuzz.ts [--instructions N] [--seed N] [--mode NAME] [--programs N] [--whole]
import { spawn } from "node:child_process";
import { readFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Audit } from "./fuzz/audit.ts";
import { FuzzMachine, type Cutting, type Outcome } from "./fuzz/machine.ts";
import { MODES, type FuzzMode } from "./fuzz/processor.ts";

export interface FuzzOptions {
  /** Instructions of uncut runs to reach. */
  instructions: number;
  seed: number;
  mode?: FuzzMode | undefined;
  programs?: number;
  /** Only the uncut run, without comparisons. */
  whole?: boolean;
}

export interface FuzzReport {
  programs: number;
  instructions: number;
  byMode: Record<string, number>;
  exits: Record<string, number>;
  failures: { seed: number; what: string }[];
}

const CORE = process.env["CORE"] ?? join(dirname(fileURLToPath(import.meta.url)), "../../build/core.wasm");
const FULL_AUDIT_EVERY = 50;

export class EscapeFuzz {
  private readonly module = new WebAssembly.Module(readFileSync(CORE));
  private machine!: FuzzMachine;
  private audit!: Audit;

  constructor() {
    this.renew();
  }

  private renew(): void {
    this.machine = new FuzzMachine(this.module);
    this.audit = new Audit(this.machine.core);
  }

  one(seed: number, cutting: Cutting, mode?: FuzzMode, until?: number): Outcome {
    const { quota } = this.machine.prepare(seed, mode);
    const outcome = this.machine.run(quota, seed, cutting, until);
    this.audit.quick();
    return outcome;
  }

  /** The machine of a seed after a run, without audits; for reduction. */
  prepared(seed: number, cutting: Cutting, mode?: FuzzMode, until?: number): FuzzMachine {
    this.machine.accesses = [];
    const { quota } = this.machine.prepare(seed, mode);
    this.machine.run(quota, seed, cutting, until);
    return this.machine;
  }

  /** Runs one seed in every way; the reason when it fails. */
  check(seed: number, options: Partial<FuzzOptions>): { outcome: Outcome | undefined; failure: string | undefined } {
    let cutting: Cutting = "whole";
    try {
      const whole = this.one(seed, cutting, options.mode);
      if (!options.whole) {
        for (cutting of ["sliced", "traced", "compiled"] as const) {
          const failure = difference(whole, this.one(seed, cutting, options.mode));
          if (failure) return { outcome: whole, failure: `${cutting}: ${failure}` };
        }
      }
      return { outcome: whole, failure: undefined };
    } catch (error) {
      const at = this.machine.core;
      const where = `after ${at.retired} instructions, RIP 0x${at.rip.toString(16)}`;
      const failure = `${cutting}: ${(error as Error).message} (${where})`;
      this.renew();
      return { outcome: undefined, failure };
    }
  }

  run(options: FuzzOptions, progress: (seed: number, report: FuzzReport) => void): FuzzReport {
    const report: FuzzReport = { programs: 0, instructions: 0, byMode: {}, exits: {}, failures: [] };
    for (
      let seed = options.seed;
      report.instructions < options.instructions && report.programs < (options.programs ?? Infinity);
      seed++
    ) {
      progress(seed, report);
      const { outcome, failure } = this.check(seed, options);
      report.programs++;
      if (failure) report.failures.push({ seed, what: failure });
      if (failure && report.failures.length >= 20) break;
      if (outcome) {
        report.instructions += outcome.retired;
        report.byMode[outcome.mode] = (report.byMode[outcome.mode] ?? 0) + outcome.retired;
        for (const [reason, count] of Object.entries(outcome.exits))
          report.exits[reason] = (report.exits[reason] ?? 0) + count;
      }
      if (report.programs % FULL_AUDIT_EVERY === 0) {
        try {
          this.audit.full();
        } catch (error) {
          report.failures.push({
            seed,
            what: `one of the ${FULL_AUDIT_EVERY} programs up to here: ${(error as Error).message}`,
          });
          this.renew();
        }
      }
    }
    return report;
  }
}

function difference(a: Outcome, b: Outcome): string | undefined {
  const first = a.checkpoints.findIndex((value, i) => value !== b.checkpoints[i]);
  if (first >= 0) {
    const from = first ? a.counts[first - 1] : 0;
    return `state differs at checkpoint ${first}, instructions ${from}..${a.counts[first]} against ${b.counts[first]}`;
  }
  if (a.retired !== b.retired) return `retired ${a.retired} against ${b.retired}`;
  return a.ram !== b.ram ? "memory differs" : undefined;
}

/** Runs the command in a process of its own; one seed that takes longer than `silence` ms is an endless loop. */
export function supervise(options: FuzzOptions, silence = 60_000): Promise<FuzzReport> {
  const args = ["--import", "tsx", fileURLToPath(import.meta.url), "--report"];
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && value !== false) args.push(`--${name}`, String(value));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    let seed = options.seed;
    let timer: NodeJS.Timeout;
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        child.kill("SIGKILL");
        reject(new Error(`seed ${seed} runs without end (nothing for ${silence} ms)`));
      }, silence);
    };
    watch();
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      watch();
      text += chunk;
      const lines = text.split("\n");
      text = lines.pop()!;
      for (const line of lines) {
        if (line.startsWith("{")) resolve(JSON.parse(line) as FuzzReport);
        else seed = Number(line);
      }
    });
    child.on("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`the fuzzer ended with code ${code} in seed ${seed}`));
    });
  });
}

function main(args: string[]): void {
  const value = (name: string) => {
    const at = args.indexOf(`--${name}`);
    return at < 0 ? undefined : args[at + 1];
  };
  const mode = value("mode") as FuzzMode | undefined;
  if (mode && !MODES.includes(mode)) throw new Error(`no mode "${mode}"; one of ${MODES.join(", ")}`);
  const machine = args.includes("--report");
  const started = process.cpuUsage();
  const report = new EscapeFuzz().run(
    {
      instructions: Number(value("instructions") ?? 1e8),
      seed: Number(value("seed") ?? 1),
      programs: Number(value("programs") ?? Infinity),
      mode,
      whole: args.includes("--whole"),
    },
    (seed, so) => {
      if (machine) writeSync(1, `${seed}\n`);
      else if (so.programs % 500 === 0)
        console.log(`seed ${seed}: ${so.instructions} instructions, ${so.failures.length} failures`);
    },
  );
  if (machine) console.log(JSON.stringify(report));
  else {
    console.log(report);
    console.log(`CPU seconds: ${(process.cpuUsage(started).user / 1e6).toFixed(1)}`);
    if (report.failures.length) process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
