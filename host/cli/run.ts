// SPDX-License-Identifier: MIT
// `glass86 run`: a PC in this process, its serial console in this terminal. Everything a user names is opened and checked
// before the machine is made, and what is written is written last.
import { closeSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createMachine } from "../../vmm/create-machine.ts";
import { parseInputLog } from "../../vmm/input-log.ts";
import type { Machine, RunEnd } from "../../vmm/machine.ts";
import type { VirtioOptions } from "../../vmm/virtio-devices.ts";
import { nodeCompression } from "../node/compression.ts";
import { loadCoreModule, openWasi } from "../node/core.ts";
import { openDrive } from "../node/drives.ts";
import { openOutput, readInput, type ReadProgress } from "../node/files.ts";
import { SnapshotFiles } from "../node/snapshot-files.ts";
import { planBoot } from "./boot-options.ts";
import { planVirtio, portTargets } from "./device-option.ts";
import { Doors } from "./doors.ts";
import { logGuest } from "./guest-log.ts";
import type { RunArguments } from "./run-arguments.ts";
import { parseRunArguments, runHelp } from "./run-options.ts";
import { Session } from "./session.ts";

const FIRST_GUEST = fileURLToPath(new URL("../../guest-images/first-guest/first-guest.elf", import.meta.url));
const EXIT_GUEST = 2;
const EXIT_LIMIT = 42;

/** Runs to the end; gives the exit code. */
export async function runCommand(words: readonly string[]): Promise<number> {
  const run = parseRunArguments(words);
  if (run.help) {
    process.stdout.write(runHelp());
    return 0;
  }
  const closers: (() => void)[] = [];
  try {
    const log = run.replay === undefined ? undefined : parseInputLog(readText(run.replay, "replay"));
    const machine = await build(run, closers);
    const doors = new Doors(machine);
    closers.push(() => doors.close());
    await doors.open(run);
    if (log) machine.replay(log);
    closers.push(...connectOutputs(machine, run));
    const session = new Session(machine, run, doors);
    closers.push(() => session.close());
    const end = await session.play();
    return end ? report(end, machine) : 0;
  } finally {
    for (const close of closers.toReversed()) close();
  }
}

async function build(run: RunArguments, closers: (() => void)[]): Promise<Machine> {
  const progress = process.stderr.isTTY ? showProgress : undefined;
  const boot = await planBoot({ ...run, kernel: run.kernel ?? FIRST_GUEST }, progress);
  const snapshot = run.loadvm === undefined ? undefined : new SnapshotFiles(run.snapshots).load(run.loadvm);
  const virtio = planVirtio(run.drives, run.devices).map((plan): VirtioOptions => {
    if (plan.kind !== "block") return plan;
    const { drive, ...rest } = plan;
    const opened = openDrive({ ...drive, snapshot: drive.snapshot || run.forget });
    closers.push(() => opened.close());
    return { ...rest, disk: opened.disk };
  });
  const machine = createMachine({
    core: loadCoreModule(),
    memory: run.memoryBytes,
    board: run.board,
    name: run.name,
    uuid: run.uuid,
    virtio,
    cpu: run.cpu,
    boot,
    icountShift: run.shift,
    rtcStart: run.rtcStart,
    seed: run.seed,
    video: run.video,
    noReboot: run.noReboot,
    compression: nodeCompression,
    wasi: await openWasi(),
  });
  if (snapshot) machine.restore(snapshot);
  return machine;
}

function readText(path: string, option: string): string {
  return new TextDecoder().decode(readInput(path, option));
}

const showProgress: ReadProgress = (path, done, bytes) => {
  if (bytes < 8 << 20) return;
  process.stderr.write(`\rreading ${path}: ${Math.floor((100 * done) / bytes)} %${done === bytes ? "\n" : ""}`);
};

/** Serial ports, log and recording that go to files; gives what ends each. */
function connectOutputs(machine: Machine, run: RunArguments): (() => void)[] {
  const ends: (() => void)[] = [];
  run.serial.forEach((target, port) => {
    if (target.kind !== "file") return;
    const file = openOutput(target.path, "serial");
    machine.serial(port).onByte((byte) => writeSync(file, Uint8Array.of(byte)));
    ends.push(() => closeSync(file));
  });
  portTargets(run.devices).forEach((target, port) => {
    if (target.kind !== "file") return;
    const file = openOutput(target.path, "device");
    machine.virtioConsole(port).onByte((byte) => writeSync(file, Uint8Array.of(byte)));
    ends.push(() => closeSync(file));
  });
  if (run.logFile !== undefined || run.log.length > 0) {
    const file = run.logFile === undefined ? 2 : openOutput(run.logFile, "D");
    const finish = logGuest(machine, run.log, (line) => writeSync(file, `${line}\n`));
    ends.push(() => {
      finish();
      writeSync(file, machine.core.takeLog());
      if (file !== 2) closeSync(file);
    });
  } else ends.push(() => void process.stderr.write(machine.core.takeLog()));
  if (run.record !== undefined) {
    const file = openOutput(run.record, "record");
    const finish = machine.record((line) => writeSync(file, line));
    ends.push(() => {
      finish();
      closeSync(file);
    });
  }
  return ends;
}

/** Says how it ended, on standard error, and gives the exit code. */
function report(end: RunEnd, machine: Machine): number {
  const say = (text: string): void => {
    const retired = machine.retired.toLocaleString("en");
    process.stderr.write(`\r\nglass86: ${text} after ${retired} instructions\r\n`);
  };
  switch (end.reason) {
    case "exit":
      return end.code;
    case "halt":
      if (machine.postFailed) {
        say("POST halted the machine");
        return EXIT_GUEST;
      }
      say("the guest halted with interrupts off");
      return 0;
    case "limit":
      say("the limit was reached");
      return EXIT_LIMIT;
    case "idle":
      say("the guest waits for input that cannot come");
      return EXIT_GUEST;
    case "shutdown":
      say("triple fault");
      return EXIT_GUEST;
    case "replayed":
      say(end.same ? "replayed to the recorded state" : "replayed, but to another state than was recorded");
      return end.same ? 0 : EXIT_GUEST;
    case "diverged":
      say("the replay left the recorded path");
      return EXIT_GUEST;
    default:
      return 0;
  }
}
