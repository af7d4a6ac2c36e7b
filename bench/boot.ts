// SPDX-License-Identifier: MIT
// Debian's stock kernels from start to shell on our machine, with and without its second tier, QEMU's TCG on one thread and (32 bit) v86 with its JIT: same kernel, initrd,
// memory and command line, nothing unpacked by the host. Each engine in a process of its own, one after the other. Writes docs/boot-performance.md.
// Usage: npm run bench:boot -- [--rounds N] [--only FLAVOUR,...] [--no-v86] [--no-qemu]
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianGuest } from "../guest-images/debian/recipe.ts";
import { flavour } from "../guest-images/debian/flavours.ts";
import type { BootRequest, BootResult } from "./boot-run.ts";
import { installV86 } from "./engines/v86-package.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MEMORY_MIB = 128;
/** What is added for us when the user names no console; the others are given the same. */
const COMMAND_LINE = "console=ttyS0,115200";
const PLACES = 8;
const TIMEOUT_MS = 900_000;
const args = process.argv.slice(2);
const value = (name: string): string | undefined =>
  args.includes(`--${name}`) ? args[args.indexOf(`--${name}`) + 1] : undefined;
const rounds = Number(value("rounds") ?? 1);
const names = value("only")?.split(",") ?? ["686", "amd64", "cloud-amd64"];

interface Engine {
  name: string;
  run: (request: BootRequest) => BootResult;
}

function child(script: string, ...parameters: string[]): BootResult {
  const words = ["--import", "tsx", join(ROOT, "bench/engines", script), ...parameters];
  const output = execFileSync(process.execPath, words, {
    cwd: ROOT,
    encoding: "utf8",
    timeout: TIMEOUT_MS,
    maxBuffer: 1 << 24,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(output.split("\n").find((line) => line.startsWith("{"))!) as BootResult;
}

function engines(is64: boolean): Engine[] {
  const list: Engine[] = [
    { name: "Glass86", run: (request) => child("boot-glass86.ts", JSON.stringify(request)) },
    {
      name: "Glass86, interpreter alone",
      run: (request) => child("boot-glass86.ts", JSON.stringify({ ...request, interpreted: true })),
    },
  ];
  if (args.includes("--no-qemu")) console.warn("SKIPPED: QEMU (asked for)");
  else list.push({ name: "QEMU TCG", run: (request) => child("boot-qemu.ts", JSON.stringify(request)) });
  if (is64) return list; // v86 has no long mode
  const bios = process.env["BIOS"] ?? "/usr/share/seabios/bios.bin";
  if (args.includes("--no-v86")) console.warn("SKIPPED: v86 (asked for)");
  else if (!existsSync(bios)) console.warn(`SKIPPED: v86: no BIOS at ${bios} (Debian package seabios, or BIOS=...)`);
  else {
    const folder = installV86(join(ROOT, "build/bench"));
    list.push({ name: "v86 with JIT", run: (request) => child("boot-v86.ts", folder, JSON.stringify(request)) });
  }
  return list;
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const seconds = (ms: number) => (ms / 1000).toFixed(1);

/** Medians over the rounds; counts are the same in every round of ours. */
function summary(results: readonly BootResult[]): BootResult {
  return {
    ...results[0]!,
    wallMs: median(results.map(({ wallMs }) => wallMs)),
    cpuMs: median(results.map(({ cpuMs }) => cpuMs)),
  };
}

function measure(name: string): string[] {
  const { kernel, initrd } = debianGuest(name, (text) => console.log(text));
  const is64 = flavour(name).architecture === "amd64";
  const request: BootRequest = { kernel, initrd, memoryMib: MEMORY_MIB, commandLine: COMMAND_LINE, is64 };
  const list = engines(is64);
  const results = list.map((): BootResult[] => []);
  for (let round = 0; round < rounds; round++)
    list.forEach((engine, index) => {
      const result = engine.run(request);
      results[index]!.push(result);
      console.log(`${name}, ${engine.name}: ${seconds(result.wallMs)} s, CPU ${seconds(result.cpuMs)} s`);
    });
  const [ours, ...others] = results.map(summary);
  const rows = [ours!, ...others].map((result, index) => {
    const counted = list[index]!.name.startsWith("Glass86") ? result.instructions : undefined; // others count in their own way
    const speed = counted ? [(counted / 1e9).toFixed(2), (counted / result.wallMs / 1000).toFixed(0)] : ["", ""];
    const ratios =
      index === 0 ? ["", ""] : [ours!.wallMs / result.wallMs, ours!.cpuMs / result.cpuMs].map((r) => r.toFixed(2));
    return `| ${[list[index]!.name, seconds(result.wallMs), seconds(result.cpuMs), ...speed, ...ratios].join(" | ")} |`;
  });
  const where = ours!.where!;
  const processor = where[0]!;
  const shown = [...where].sort((a, b) => b.ms - a.ms).slice(0, PLACES);
  const rest = where.filter((place) => !shown.includes(place));
  const sum = (of: "ms" | "count") => rest.reduce((total, place) => total + place[of], 0);
  const share = (ms: number) => `${((100 * ms) / ours!.wallMs).toFixed(1)} %`;
  return [
    `## ${name}`,
    "",
    "| engine | wall s | CPU s | G instructions | MIPS | our wall time / its | our CPU time / its |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
    "",
    `Virtual time to the shell: ${seconds(ours!.virtualMs!)} s. Where the wall time of ours goes:`,
    "",
    "| place | time | times |",
    "| --- | ---: | ---: |",
    ...shown.map(
      ({ name: place, ms, count }) => `| ${place} | ${share(ms)} | ${place === processor.name ? "" : count} |`,
    ),
    `| ${rest.length} other places | ${share(sum("ms"))} | ${sum("count")} |`,
    "",
  ];
}

const text = [
  "# Boot to a shell",
  "",
  `Written by \`npm run bench:boot\` (medians of ${rounds} rounds). Debian's stock kernels with the initramfs of \`guest-images/debian\`, ` +
    `-m ${MEMORY_MIB}M, command line \`${COMMAND_LINE}\`: nothing is unpacked or left out for us. ` +
    "QEMU: `-accel tcg,thread=single -cpu Nehalem`. CPU time counts all threads of a process; on a shared machine it is the better figure.",
  "",
  `Machine: ${cpus()[0]?.model ?? "?"}, ${cpus().length} CPUs, ${platform()} ${arch()}, Node ${process.version}.`,
  "",
  ...names.flatMap(measure),
].join("\n");
writeFileSync(join(ROOT, "docs/boot-performance.md"), text);
console.log(text);
