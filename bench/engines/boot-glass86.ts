// SPDX-License-Identifier: MIT
// One boot on our machine, as `glass86 run` does it. Usage: boot-glass86.ts REQUEST (JSON); prints JSON BootResult.
// The time spent in devices is taken at the two buses: a clock read before and behind every access, far under 1 % of a boot.
import { readFileSync } from "node:fs";
import { loadCoreModule } from "../../host/node/core.ts";
import { createMachine } from "../../vmm/create-machine.ts";
import { type BootRequest, type BootResult, PromptWatch } from "../boot-run.ts";

const LIMIT_NANOS = 600e9;
const { kernel, initrd, memoryMib, commandLine, interpreted }: BootRequest = JSON.parse(process.argv[2] ?? "{}");

const begin = performance.now();
const cpuBegin = process.cpuUsage();
const machine = createMachine({
  core: loadCoreModule(),
  memory: memoryMib * 2 ** 20,
  kernel: readFileSync(kernel),
  initrd: readFileSync(initrd),
  append: commandLine,
  jit: interpreted ? 0 : undefined,
});
const where = watchBuses();
let coreMs = 0;
const run = machine.core.run.bind(machine.core);
machine.core.run = (instructions) => {
  const from = performance.now();
  const reason = run(instructions);
  coreMs += performance.now() - from;
  return reason;
};
let booted = false;
const watch = new PromptWatch(() => {
  booted = true;
  machine.stop();
});
machine.serial(0).onByte((byte) => watch.byte(byte));
machine.run({ until: LIMIT_NANOS });
if (!booted) throw new Error(`no prompt; the console ended in:\n${watch.tail}`);
const wallMs = performance.now() - begin;
const { user, system } = process.cpuUsage(cpuBegin);
const devicesMs = where.reduce((sum, { ms }) => sum + ms, 0);
const result: BootResult = {
  wallMs,
  cpuMs: (user + system) / 1000,
  instructions: machine.retired,
  virtualMs: machine.nanos / 1e6,
  where: [
    { name: "processor", ms: coreMs - devicesMs, count: machine.retired },
    ...where.sort((a, b) => b.ms - a.ms),
    { name: "alarms, console, set-up", ms: wallMs - coreMs, count: 1 },
  ],
};
console.log(JSON.stringify(result));
process.exit(0);

/** Counts and times the accesses of each device, by the name it has on its bus. */
function watchBuses(): { name: string; ms: number; count: number }[] {
  const found = new Map<string, { name: string; ms: number; count: number }>();
  for (const [kind, bus] of [
    ["port", machine.ports],
    ["memory", machine.mmio],
  ] as const) {
    for (const method of ["read", "write"] as const) {
      const access = (bus[method] as (...words: number[]) => number).bind(bus);
      const timed = (...words: number[]): number => {
        const from = performance.now();
        const value = access(...words);
        const key =
          kind === "port" ? `port ${words[0]!.toString(16)}` : `memory ${Math.floor(words[0]! / 4096).toString(16)}000`;
        let entry = found.get(key);
        if (!entry) {
          found.set(key, (entry = { name: key, ms: 0, count: 0 }));
          where.push(entry);
        }
        entry.ms += performance.now() - from;
        entry.count++;
        return value;
      };
      Object.defineProperty(bus, method, { value: timed });
    }
  }
  const where: { name: string; ms: number; count: number }[] = [];
  return where;
}
