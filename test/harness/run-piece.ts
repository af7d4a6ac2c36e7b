// SPDX-License-Identifier: MIT
// A piece of a run in a process of its own: begins at a snapshot file or at power-on, ends at an instruction, leaves a
// snapshot file, and tells as JSON where it came to.
// Usage: node --import tsx test/harness/run-piece.ts whole|unpacked BOARD KERNEL INITRD APPEND RETIRED [LOAD|-] [SAVE|-]
// "unpacked": the kernel, by the host.
import { readFileSync, writeFileSync } from "node:fs";
import { planFastLinuxBoot } from "../../firmware/loaders/linux/unpacked.ts";
import { nodeCompression } from "../../host/node/compression.ts";
import { loadCoreModule } from "../../host/node/core.ts";
import { createMachine } from "../../vmm/create-machine.ts";

export interface Piece {
  retired: number;
  nanos: number;
  digest: string;
  /** What the console said in this piece. */
  text: string;
}

const [way, board, kernel = "", initrd = "", append, retired = "", load = "-", save = "-"] = process.argv.slice(2);
const image = { kernel: readFileSync(kernel), initrd: readFileSync(initrd) };
const machine = createMachine({
  core: loadCoreModule(),
  memory: "128M",
  board,
  ...(way === "whole"
    ? { ...image, append }
    : { boot: (await planFastLinuxBoot({ ...image, commandLine: append })).planner }),
  compression: nodeCompression,
});
if (load !== "-") machine.restore(readFileSync(load));
machine.run({ maxInstructions: Number(retired) - machine.retired });
const piece: Piece = {
  retired: machine.retired,
  nanos: machine.nanos,
  digest: machine.digest(),
  text: machine.serial(0).text,
};
if (save !== "-") writeFileSync(save, machine.snapshot());
console.log(JSON.stringify(piece));
