// SPDX-License-Identifier: MIT
// `glass86 run`: a PC in this process, its serial console in this terminal. Everything a user names is opened and checked
// before the machine is made, and what is written is written last.
import { fileURLToPath } from "node:url";
import { ConfigError } from "../../common/errors.ts";
import { createMachine } from "../../vmm/create-machine.ts";
import { type InputLog, parseInputLog } from "../../vmm/input-log.ts";
import type { Machine, RunEnd } from "../../vmm/machine.ts";
import type { SerialConsole } from "../../vmm/serial-console.ts";
import type { VirtioOptions } from "../../vmm/virtio-devices.ts";
import { nodeCompression } from "../node/compression.ts";
import { loadCoreModule, openWasi } from "../node/core.ts";
import { openDrive } from "../node/drives.ts";
import { OutputFile, readInput, type ReadProgress } from "../node/files.ts";
import { SnapshotFiles } from "../node/snapshot-files.ts";
import { version } from "../node/version.ts";
import { planBoot } from "./boot-options.ts";
import { planVirtio, portTargets } from "./device-option.ts";
import { Doors } from "./doors.ts";
import { logGuest } from "./guest-log.ts";
import type { RunArguments } from "./run-arguments.ts";
import { parseRunArguments, runHelp } from "./run-options.ts";
import { Session } from "./session.ts";

const FIRST_GUEST = fileURLToPath(new URL("../../guest-images/first-guest/first-guest.elf", import.meta.url));
/** What -kernel calls no kernel at all. */
const NO_KERNEL = "none";
const EXIT_GUEST = 2;
const EXIT_LIMIT = 42;

/** Runs to the end; gives the exit code. */
export async function runCommand(words: readonly string[]): Promise<number> {
  const run = parseRunArguments(words);
  if (run.help) {
    process.stdout.write(runHelp());
    return 0;
  }
  if (run.version) {
    process.stdout.write(`glass86 ${version()}\n`);
    return 0;
  }
  const closers: (() => void)[] = [];
  try {
    const log = run.replay === undefined ? undefined : readLog(run.replay);
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
  // A disk without a kernel is meant to be booted; as long as that cannot be, POST says so.
  const kernel = run.kernel ?? (run.drives.length === 0 ? FIRST_GUEST : NO_KERNEL);
  const boot = kernel === NO_KERNEL ? null : await naming(run, () => planBoot({ ...run, kernel }, progress));
  const snapshot = run.loadvm === undefined ? undefined : new SnapshotFiles(run.snapshots).load(run.loadvm);
  const wasi = await openWasi();
  const virtio = planVirtio(run.drives, run.devices).map((plan): VirtioOptions => {
    if (plan.kind !== "block") return plan;
    const { drive, ...rest } = plan;
    const opened = openDrive({ ...drive, snapshot: drive.snapshot || run.forget });
    closers.push(() => opened.close());
    return { ...rest, disk: opened.disk };
  });
  const machine = await naming(run, () =>
    createMachine({
      core: loadCoreModule(),
      memory: run.memoryBytes,
      board: run.board,
      name: run.name,
      uuid: run.uuid,
      virtio,
      cpu: run.cpu,
      boot,
      jit: run.interpreted ? 0 : undefined,
      icountShift: run.shift,
      rtcStart: run.rtcStart,
      seed: run.seed,
      video: run.video,
      noReboot: run.noReboot,
      compression: nodeCompression,
      wasi,
    }),
  );
  if (snapshot) machine.restore(snapshot);
  return machine;
}

/** What is wrong with an image is told with its path. */
async function naming<Result>({ kernel, initrd }: RunArguments, make: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [about = ""] = /^(kernel|initrd)\b/.exec(error.message) ?? [];
    const path = { kernel, initrd }[about];
    throw path === undefined ? error : new ConfigError(`-${about} ${path}: ${error.message}`);
  }
}

function readText(path: string, option: string): string {
  return new TextDecoder().decode(readInput(path, option));
}

function readLog(path: string): InputLog {
  try {
    return parseInputLog(readText(path, "replay"));
  } catch (error) {
    if (!(error instanceof ConfigError) || error.message.startsWith("-replay")) throw error;
    throw new ConfigError(`-replay ${path}: ${error.message}`);
  }
}

const showProgress: ReadProgress = (path, done, bytes) => {
  if (bytes < 8 << 20) return;
  process.stderr.write(`\rreading ${path}: ${Math.floor((100 * done) / bytes)} %${done === bytes ? "\n" : ""}`);
};

/** Serial ports, log and recording that go to files; gives what ends each. */
function connectOutputs(machine: Machine, run: RunArguments): (() => void)[] {
  const ends: (() => void)[] = [];
  const toFile = (console: SerialConsole, path: string, option: string): void => {
    const file = new OutputFile(path, option);
    console.onByte((byte) => file.write(Uint8Array.of(byte)));
    ends.push(() => file.close());
  };
  run.serial.forEach((target, port) => {
    if (target.kind === "file") toFile(machine.serial(port), target.path, "serial");
  });
  portTargets(run.devices).forEach((target, port) => {
    if (target.kind === "file") toFile(machine.virtioConsole(port), target.path, "device");
  });
  if (run.logFile !== undefined || run.log.length > 0) {
    const file = new OutputFile(run.logFile, "D");
    const finish = logGuest(machine, run.log, (line) => file.write(`${line}\n`));
    ends.push(() => {
      finish();
      file.write(machine.core.takeLog());
      file.close();
    });
  } else ends.push(() => void process.stderr.write(machine.core.takeLog()));
  if (run.record !== undefined) {
    const file = new OutputFile(run.record, "record", true);
    const finish = machine.record((line) => file.write(line));
    ends.push(() => {
      finish();
      file.close();
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
