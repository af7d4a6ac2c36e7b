// SPDX-License-Identifier: MIT
// One boot image on our core: once scaled down, which warms the host's compiler up and gives the checksums at that scale,
// then measured. Usage: glass86.ts FOLDER MODE SCALE CHECK_SCALE [jit|interpreter]; prints JSON { check, measured }.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadCoreModule } from "../../host/node/core.ts";
import { CpuCore } from "../../vmm/cpu/core.ts";
import { installCpu } from "../../vmm/cpu/cpuid.ts";
import { configureCpu } from "../../vmm/cpu/model.ts";
import * as L from "../../vmm-core/layout.ts";
import { Marks, ownCpuMillis, scaleCounts, type LoopResult } from "../marks.ts";

const [folder = "", mode = "", scale = "", checkScale = "", tier = "jit"] = process.argv.slice(2);
const MEMORY = 64 << 20;
const SLICE = 200_000;
const INT13 = Buffer.from([0xcd, 0x13]);
const module = loadCoreModule();

function boot(at: number): LoopResult[] {
  const sector = readFileSync(join(folder, `boot-${mode}.bin`));
  const loops = readFileSync(join(folder, `loops${mode === "lm64" ? 64 : 32}.bin`));
  const names = scaleCounts(loops, at);
  sector.fill(0x90, sector.indexOf(INT13), sector.indexOf(INT13) + 2); // the loops are in memory already
  const core: CpuCore = new CpuCore(module, {
    memoryBytes: MEMORY,
    jit: tier === "jit" ? undefined : 0,
    host: {
      portIn: (port) => (port === 0x92 ? 0 : 0xff),
      portOut: (port, _size, value) => void (port === 0xe9 && marks.byte(value & 0xff)),
    },
  });
  const marks = new Marks(names, ownCpuMillis, () => Number(core.retired));
  installCpu(core.view, configureCpu("max"));
  core.mapPages(0, MEMORY >> 12, 0, "ram");
  core.load(0x7c00, sector);
  core.load(0x10000, loops);
  core.setSegment(L.CS, { selector: 0, base: 0n, limit: 0xffff, attr: 0x9b });
  core.rip = 0x7c00n;
  core.modeChanged();
  while (!marks.done) {
    const reason = core.run(SLICE);
    if (reason !== "deadline") break;
  }
  if (!marks.done) throw new Error(`${mode} ended early at 0x${core.rip.toString(16)}`);
  return marks.results;
}

const check = boot(Number(checkScale));
for (let i = 0; i < 3; i++) boot(Number(checkScale));
await new Promise((resolve) => setTimeout(resolve, 500)); // the optimising compiler works in the background
boot(Number(checkScale));
console.log(JSON.stringify({ check, measured: boot(Number(scale)) }));
