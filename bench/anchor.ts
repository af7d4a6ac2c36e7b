// SPDX-License-Identifier: MIT
// The anchor loops on our core, v86 and QEMU TCG: same guest bytes, engines interleaved within a round, each in a process
// of its own, medians over the rounds, CPU time instead of wall time. Writes the table into docs/performance.md.
// Usage: npm run bench -- [--rounds N] [--scale X] [--no-v86] [--no-qemu]
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { coreFigures } from "./core-figures.ts";
import { installV86 } from "./engines/v86-package.ts";
import type { LoopResult } from "./marks.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = join(ROOT, "build/bench");
const CHECK_SCALE = 0.1;

interface Engine {
  name: string;
  mode: "pm32" | "pg32" | "lm64";
  scale: number;
  run: () => { check?: LoopResult[]; measured: LoopResult[] };
}

const args = process.argv.slice(2);
const option = (name: string, otherwise: number) =>
  args.includes(`--${name}`) ? Number(args[args.indexOf(`--${name}`) + 1]) : otherwise;
const rounds = option("rounds", 3);
const scale = option("scale", 0.3);

function assemble(): void {
  mkdirSync(FOLDER, { recursive: true });
  const source = join(ROOT, "bench/anchor-loops");
  const nasm = (output: string, file: string, ...defines: string[]) =>
    execFileSync("nasm", ["-f", "bin", ...defines, "-o", join(FOLDER, output), join(source, file)]);
  for (const bits of [32, 64]) nasm(`loops${bits}.bin`, "loops.asm", `-DB=${bits}`);
  for (const [mode, bits, paging] of [
    ["pm32", 32, 0],
    ["pg32", 32, 1],
    ["lm64", 64, 1],
  ] as const) {
    nasm(`boot-${mode}.bin`, "boot.asm", `-DB=${bits}`, `-DPAGING=${paging}`);
    const image = join(FOLDER, `${mode}.img`);
    writeFileSync(
      image,
      Buffer.concat([readFileSync(join(FOLDER, `boot-${mode}.bin`)), readFileSync(join(FOLDER, `loops${bits}.bin`))]),
    );
    truncateSync(image, 1_474_560);
  }
}

function child(script: string, ...parameters: (string | number)[]): { check?: LoopResult[]; measured: LoopResult[] } {
  const output = execFileSync(
    process.execPath,
    ["--import", "tsx", join(ROOT, "bench/engines", script), ...parameters.map(String)],
    {
      cwd: ROOT,
      encoding: "utf8",
      timeout: 300_000,
      maxBuffer: 1 << 24,
    },
  );
  return JSON.parse(output.split("\n").find((line) => line.startsWith("{"))!);
}

function engines(): Engine[] {
  const list: Engine[] = [];
  const image = (mode: string) => join(FOLDER, `${mode}.img`);
  for (const [name, tier] of [
    ["Glass86 interpreter", "interpreter"],
    ["Glass86", "jit"],
  ] as const)
    for (const mode of ["pm32", "pg32", "lm64"] as const)
      list.push({ name, mode, scale, run: () => child("glass86.ts", FOLDER, mode, scale, CHECK_SCALE, tier) });
  const bios = process.env["BIOS"] ?? "/usr/share/seabios/bios.bin";
  if (args.includes("--no-v86")) console.warn("SKIPPED: v86 (asked for)");
  else if (!existsSync(bios)) console.warn(`SKIPPED: v86: no BIOS at ${bios} (Debian package seabios, or BIOS=...)`);
  else {
    installV86(FOLDER);
    for (const [jit, at] of [
      ["nojit", CHECK_SCALE],
      ["jit", scale],
    ] as const) {
      const name = jit === "jit" ? "v86" : "v86 without JIT";
      for (const mode of ["pm32", "pg32"] as const)
        list.push({ name, mode, scale: at, run: () => child("v86.ts", FOLDER, image(mode), at, jit) });
    }
  }
  if (args.includes("--no-qemu")) console.warn("SKIPPED: QEMU (asked for)");
  else {
    for (const mode of ["pm32", "pg32", "lm64"] as const)
      list.push({ name: "QEMU TCG", mode, scale, run: () => child("qemu.ts", image(mode), scale) });
  }
  return list;
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const geometric = (values: number[]) =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

function main(): void {
  assemble();
  const figures = coreFigures();
  const list = engines();
  /** Instructions by mode class, scale and loop: our own exact counts serve all engines. */
  const counts = new Map<string, number>();
  const sums = new Map<string, string>();
  const mips = list.map(() => new Map<string, number[]>());
  const problems: string[] = [];
  for (let round = 0; round < rounds; round++) {
    list.forEach((engine, index) => {
      const { check, measured } = engine.run();
      const code = engine.mode === "lm64" ? 64 : 32;
      for (const [results, at] of [
        [check ?? [], CHECK_SCALE],
        [measured, engine.scale],
      ] as const) {
        for (const { name, sum, instructions } of results) {
          const key = `${code} ${at} ${name}`;
          if (instructions !== undefined) counts.set(key, instructions);
          const known = sums.get(key) ?? sum;
          if (known !== sum) problems.push(`${engine.name} ${engine.mode}: ${name} gives ${sum}, not ${known}`);
          sums.set(key, known);
        }
      }
      for (const { name, ms } of measured) {
        // Markers that arrive in one piece leave no time between them: the scale is too small for this engine.
        if (ms <= 0)
          throw new Error(`${engine.name} ${engine.mode}: no time measured for ${name}; try a larger --scale`);
        const value = counts.get(`${code} ${engine.scale} ${name}`)! / ms / 1000;
        mips[index]!.set(name, [...(mips[index]!.get(name) ?? []), value]);
      }
      console.log(`round ${round + 1}: ${engine.name} ${engine.mode} done`);
    });
  }
  const loops = [...mips[0]!.keys()];
  const speed = (index: number, loop: string) => median(mips[index]!.get(loop)!);
  const column = (name: string, mode: string) =>
    list.findIndex((engine) => engine.name === name && engine.mode === mode);
  /** Median over the rounds of the geometric mean of the ratios within a round. */
  const ratio = (a: number, b: number) =>
    median(
      Array.from({ length: rounds }, (_, round) =>
        geometric(loops.map((loop) => mips[a]!.get(loop)![round]! / mips[b]!.get(loop)![round]!)),
      ),
    );
  const lines = [
    `| loop | ${list.map((engine) => `${engine.name} ${engine.mode}`).join(" | ")} |`,
    `| --- | ${list.map(() => "---:").join(" | ")} |`,
    ...loops.map((loop) => `| ${loop} | ${list.map((_, i) => speed(i, loop).toFixed(0)).join(" | ")} |`),
    `| geometric mean | ${list.map((_, i) => geometric(loops.map((loop) => speed(i, loop))).toFixed(0)).join(" | ")} |`,
  ];
  const ours = column("Glass86", "pg32");
  const interpreter = column("Glass86 interpreter", "pg32");
  const rows: [string, string, string][] = [
    ["interpreter, lm64 / pg32", ratio(column("Glass86 interpreter", "lm64"), interpreter).toFixed(2), ">= 0.8"],
    ["Glass86 / its interpreter, pg32", ratio(ours, interpreter).toFixed(2), ""],
  ];
  const nojit = column("v86 without JIT", "pg32");
  if (nojit >= 0) rows.unshift(["interpreter / v86 without JIT, pg32", ratio(interpreter, nojit).toFixed(2), ">= 4"]);
  for (const [name, mode] of [
    ["v86", "pg32"],
    ["QEMU TCG", "pg32"],
    ["QEMU TCG", "lm64"],
  ] as const) {
    const other = column(name, mode);
    if (other >= 0) rows.push([`Glass86 / ${name}, ${mode}`, ratio(column("Glass86", mode), other).toFixed(2), ""]);
  }
  rows.push(...figures);
  const table = [
    "| what | measured | asked |",
    "| --- | ---: | ---: |",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ];
  const text = [
    "# Performance",
    "",
    "Written by `npm run bench`. Millions of guest instructions a second of CPU time (" +
      `medians of ${rounds} rounds, scale ${scale}, v86 without JIT at ${CHECK_SCALE}); loops in \`bench/anchor-loops/loops.asm\`. ` +
      "pm32: 32-bit, no paging; pg32: 32-bit with paging; lm64: 64-bit mode. `reps` counts every repetition.",
    "",
    `Machine: ${cpus()[0]?.model ?? "?"}, ${cpus().length} CPUs, ${platform()} ${arch()}, Node ${process.version}.`,
    "",
    ...lines,
    "",
    ...table,
    "",
    problems.length
      ? `Checksums that differ: ${problems.join("; ")}.`
      : "All engines agree on every checksum at the same scale.",
    "",
  ].join("\n");
  writeFileSync(join(ROOT, "docs/performance.md"), text);
  console.log(text);
  if (problems.length) process.exitCode = 1;
}

main();
