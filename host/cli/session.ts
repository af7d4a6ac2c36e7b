// SPDX-License-Identifier: MIT
// A machine with a person, or a pipe, at its terminal, and others at its doors. It runs in short turns, so that keys are
// heard between them; where somebody waits for it, virtual time keeps to the wall clock.
import { MAX_SHIFT, type Machine, type RunEnd } from "../../vmm/machine.ts";
import { Monitor } from "../../vmm/monitor/monitor.ts";
import type { SerialConsole } from "../../vmm/serial-console.ts";
import { Pacer } from "../../vmm/time/pacer.ts";
import { SnapshotFiles } from "../node/snapshot-files.ts";
import { version } from "../node/version.ts";
import { portTargets } from "./device-option.ts";
import type { Doors } from "./doors.ts";
import { monitorPort } from "./monitor-port.ts";
import type { RunArguments } from "./run-arguments.ts";
import { Terminal } from "./terminal.ts";

const TURN_INSTRUCTIONS = 4_000_000;
const TURN_NANOS = 20_000_000;
/** Sleeps are short, so that a key waits no longer than this. */
const NAP_MS = 20;
/** What asks a program to end; the second time it is not asked any more. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const wallNanos = (): number => performance.now() * 1e6;

export class Session {
  readonly #machine: Machine;
  readonly #run: RunArguments;
  readonly #doors: Doors;
  readonly #terminal = new Terminal();
  readonly #pacer: Pacer | undefined;
  /** What becomes of a machine that is off: it stays so that somebody can switch it on. */
  readonly #stays: boolean;
  #held: boolean;
  #quit = false;
  /** Nothing comes from the terminal any more. */
  #deaf: boolean;
  readonly #end = (signal: NodeJS.Signals): void => {
    this.#quit = true;
    this.#terminal.say(`\nglass86: ended by ${signal}\n`);
  };

  constructor(machine: Machine, run: RunArguments, doors: Doors) {
    this.#machine = machine;
    this.#run = run;
    this.#doors = doors;
    this.#held = run.paused;
    this.#stays = run.noShutdown ?? run.bmc !== undefined;
    const target = run.serial.find(({ kind }) => kind === "stdio");
    const console = terminalPort(machine, run);
    const withMonitor =
      run.monitor === "stdio" || (run.monitor === "mux" && target?.kind === "stdio" && target.monitor);
    this.#deaf = !console && !withMonitor;
    const watched = this.#terminal.interactive || doors.any;
    const realtime = run.pace === "realtime" || (run.pace === "auto" && watched && !run.replay);
    if (realtime) this.#pacer = new Pacer(wallNanos(), machine.nanos, machine.clock.shift, MAX_SHIFT);
    console?.onByte((byte) => this.#terminal.write(byte));
    const monitor = withMonitor || doors.monitor ? this.#monitor() : undefined;
    if (monitor) doors.monitor?.start(monitorPort(monitor, typeof run.monitor === "object" && run.monitor.telnet));
    doors.start();
    for (const signal of SIGNALS) process.once(signal, this.#end);
    if (this.#deaf) return;
    this.#terminal.open({
      type: console && ((bytes) => console.write(Uint8Array.from(bytes))),
      waiting: () => console?.waiting ?? 0,
      sendBreak: () => console?.sendBreak(),
      quit: () => void (this.#quit = true),
      command: withMonitor ? (line) => monitor!.execute(line) : undefined,
      end: () => void (this.#deaf = true),
    });
  }

  /** Runs to the end; undefined: the user ended it. */
  async play(): Promise<RunEnd | undefined> {
    for (;;) {
      const end = this.#held ? undefined : this.#turn();
      this.#terminal.flush();
      this.#doors.pump();
      if (end && !this.#goesOn(end)) return end;
      await this.#rest(this.#waits || end !== undefined);
      if (this.#quit || (this.#waits && this.#alone)) return undefined;
    }
  }

  close(): void {
    for (const signal of SIGNALS) process.off(signal, this.#end);
    this.#terminal.flush();
    this.#terminal.close();
  }

  /** Nothing happens unless somebody does something. In a replay the log does. */
  get #waits(): boolean {
    return this.#held || (!this.#machine.isOn && this.#run.replay === undefined);
  }

  /** Nobody can come any more. */
  get #alone(): boolean {
    return this.#deaf && !this.#doors.any;
  }

  #goesOn({ reason }: RunEnd): boolean {
    return (reason === "power-off" && this.#stays) || (reason === "idle" && !this.#alone);
  }

  /** A reason when the machine cannot go on by itself. */
  #turn(): RunEnd | undefined {
    const machine = this.#machine;
    const left = this.#run.limit - machine.retired;
    if (left <= 0) return { reason: "limit" };
    const until = machine.nanos + TURN_NANOS;
    const end = machine.run({ until, maxInstructions: Math.min(left, TURN_INSTRUCTIONS) });
    const over = end.reason === "time" || end.reason === "limit" || end.reason === "stop" ? undefined : end;
    // However it came to be off: by the guest, the BMC, the power button. A log tells by itself when its run ended.
    const off = !machine.isOn && !this.#run.replay && (!over || over.reason === "idle");
    return off ? { reason: "power-off" } : over;
  }

  /** Lets the host's events in, and keeps the pace. */
  async #rest(waiting: boolean): Promise<void> {
    let nap = waiting ? NAP_MS : 0;
    if (this.#pacer && !waiting) {
      const machine = this.#machine;
      const { sleep, shift } = this.#pacer.advise(wallNanos(), machine.nanos, machine.clock.shift);
      nap = Math.min(NAP_MS, sleep / 1e6);
      if (shift !== undefined && this.#run.shift === undefined) machine.input({ kind: "rate", shift });
    }
    await (nap > 1 ? new Promise((wake) => setTimeout(wake, nap)) : new Promise((wake) => setImmediate(wake)));
  }

  #monitor(): Monitor {
    return new Monitor(this.#machine, {
      name: this.#run.name ?? "glass86",
      version: version(),
      snapshots: new SnapshotFiles(this.#run.snapshots),
      isRunning: () => !this.#held,
      stop: () => void (this.#held = true),
      cont: () => void (this.#held = false),
      quit: () => void (this.#quit = true),
    });
  }
}

/** The port that has the terminal: a serial one, or one of a virtio console. */
function terminalPort(machine: Machine, run: RunArguments): SerialConsole | undefined {
  const serial = run.serial.findIndex(({ kind }) => kind === "stdio");
  if (serial >= 0) return machine.serial(serial);
  const virtio = portTargets(run.devices).findIndex(({ kind }) => kind === "stdio");
  return virtio < 0 ? undefined : machine.virtioConsole(virtio);
}
