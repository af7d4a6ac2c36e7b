// SPDX-License-Identifier: MIT
// A machine: one processor, virtual time, the buses and a board. It runs in slices that end where the next alarm is due;
// how they are cut is not visible to the guest, because devices are brought up to date before every access.
import { Emitter } from "../common/emitter.ts";
import { ConfigError } from "../common/errors.ts";
import type { AccessSize } from "../devices/core/device.ts";
import { LSR_BI } from "../devices/uart16550/registers.ts";
import { ROM_BYTES } from "../firmware/rom/rom.ts";
import * as L from "../vmm-core/layout.ts";
import { DEFAULT_CPU_MODEL } from "../vmm-core/isa/models/models.ts";
import type { Board, BoardSockets, ResetCause } from "./boards/board.ts";
import { createBoard, DEFAULT_BOARD } from "./boards/create-board.ts";
import { MmioBus } from "./bus/mmio-bus.ts";
import { PortBus } from "./bus/port-bus.ts";
import { CpuCore } from "./cpu/core.ts";
import { describeProcessor } from "./cpu/describe.ts";
import { configureCpu } from "./cpu/model.ts";
import { processorSocket, setA20 } from "./cpu/socket.ts";
import { firmwareContents } from "./firmware-contents.ts";
import { FirmwareStage } from "./firmware-stage.ts";
import type { Input, InputHandlers } from "./input.ts";
import { endLine, headLine, inputLine, type InputLog, type LogPoint, perform } from "./input-log.ts";
import { numbersOf } from "./machine-numbers.ts";
import type { MachineEvents, MachineOptions, RunEnd, RunOptions } from "./machine-types.ts";
import { diskPart } from "./disks/disk-part.ts";
import { machineIdentity } from "./identity.ts";
import { createMachineBmc, type MachineBmc, meterOf } from "./machine-bmc.ts";
import { planDigest } from "./plan-digest.ts";
import { powerPart } from "./power-part.ts";
import { Replay } from "./replay.ts";
import { SerialConsole } from "./serial-console.ts";
import { pureCompression } from "./snapshot/compression.ts";
import { machineDigest } from "./snapshot/machine-digest.ts";
import { MachineSnapshots, type SnapshotOptions, type SnapshotPart } from "./snapshot/machine-snapshots.ts";
import { type VirtioParts, virtioParts } from "./virtio-devices.ts";
import { VirtualClock } from "./time/virtual-clock.ts";
import { UserConsole } from "./user-console.ts";

export { MAX_SHIFT } from "./machine-numbers.ts";
export type { MachineEvents, MachineOptions, RunEnd, RunOptions } from "./machine-types.ts";

const SLICE = 200_000;
/** What a cycle takes beside the instruction: about that of an ISA, or of a local bus. */
const PORT_NANOS = 500;
const MMIO_NANOS = 100;
const IF = 0x200;

export class Machine {
  readonly core: CpuCore;
  readonly clock: VirtualClock;
  readonly ports = new PortBus();
  readonly mmio = new MmioBus();
  readonly board: Board;
  readonly events = new Emitter<MachineEvents>();
  /** External interrupts taken, by vector: for people, no part of the state. */
  readonly interruptCounts = new Uint32Array(256);
  /** The BMC, which lives on while the machine is off. */
  readonly bmc: MachineBmc | undefined;
  /** Keyboard, mouse and screen. */
  readonly user: UserConsole;
  readonly #options: MachineOptions;
  readonly #firmware: FirmwareStage;
  readonly #consoles: readonly SerialConsole[];
  readonly #virtio: VirtioParts;
  readonly #virtioConsoles: readonly SerialConsole[];
  readonly #parts: SnapshotPart[];
  readonly #snapshots: MachineSnapshots;
  /** The same as `core`; undefined while that is made. */
  #core: CpuCore | undefined;
  #inCore = false;
  #running = false;
  #taking = false;
  #on = true;
  /** Virtual time at which the run under way ends. */
  #until = Infinity;
  #end: RunEnd | undefined;
  #reset: ResetCause | undefined;
  #waiting: Input[] = []; // what came while the machine ran
  #replay: Replay | undefined;
  #recordings = 0;

  constructor(module: WebAssembly.Module, options: MachineOptions) {
    const { memoryBytes, board = DEFAULT_BOARD, cpu = DEFAULT_CPU_MODEL } = options;
    const { startSeconds, seed, shift } = numbersOf(options);
    this.#options = options;
    this.clock = new VirtualClock(this, shift);
    const model = configureCpu(cpu);
    const longMode = model.features.has("LM");
    this.core = this.#core = new CpuCore(module, {
      memoryBytes,
      romBytes: ROM_BYTES,
      ...(options.wasi && { wasi: options.wasi }),
      cpu,
      jit: options.jit,
      host: {
        portIn: (port, size) => this.#portIn(port, size as AccessSize),
        portOut: (port, size, value) => this.#portOut(port, size as AccessSize, value),
        mmioRead: (address, size) => this.#load(Number(address), size as AccessSize),
        mmioWrite: (address, size, value) => this.#store(Number(address), size as AccessSize, value),
        acknowledge: () => {
          const vector = this.board.acknowledge();
          if (vector >= 0) this.bmc?.sensors.interrupted();
          if (vector >= 0) this.interruptCounts[vector]!++;
          return vector;
        },
        msrRead: (index) => this.board.processor?.readMsr(index),
        msrWrite: (index, value) => this.#writeMsr(index, value),
        taskPriority: (cr8) => this.board.processor?.taskPriorityChanged(cr8),
        ferr: () => this.board.processor?.floatError(),
      },
    });
    this.core.view.setUint32(L.TSC_SHIFT, shift, true);
    if (seed !== undefined) this.core.view.setBigUint64(L.SEED, BigInt(seed), true);
    this.#virtio = virtioParts(options.virtio ?? [], (disk) => meterOf(() => this.bmc, disk));
    const seeded = this.core.view.getBigUint64(L.SEED, true);
    const identity = machineIdentity(options.name ?? "Glass86", seeded, options.uuid);
    const own = { clock: this.clock, core: this.core, virtio: this.#virtio, identity, epochSeconds: startSeconds };
    const onOrder = (): void => this.#leaveCore();
    const onRom = (rom: Uint8Array | null): void => this.#firmware.installRom(rom);
    this.bmc = createMachineBmc(options.bmc, { ...own, onOrder, onRom });
    this.events.on("panic", () => this.bmc?.sensors.guest("panicked"));
    const sockets: BoardSockets = {
      clock: this.clock,
      ports: this.ports,
      mmio: this.mmio,
      core: this.core,
      memoryBytes,
      romBytes: ROM_BYTES,
      processorModel: describeProcessor(model),
      cards: [...(options.cards ?? []), ...this.#virtio.cards],
      mapped: this.#virtio.mapped,
      startSeconds,
      identity,
      ...(this.bmc?.port && { bmc: this.bmc.port }),
      cpu: processorSocket(this.core, this.clock, model),
      setA20: (open) => setA20(this.core, open),
      requestReset: (cause) => {
        this.#reset ??= cause;
        this.#leaveCore();
      },
      requestPowerOff: () => this.stop({ reason: "power-off" }),
      requestExit: (code) => this.stop({ reason: "exit", code }),
      onPost: (code) => this.events.emit("post", code),
      onDebugByte: (byte) => this.events.emit("debug", byte),
      onPanic: (kind) => this.events.emit("panic", kind),
      ...(options.video !== undefined && { video: options.video }),
    };
    this.board = createBoard(board, sockets);
    this.#firmware = this.#connectFirmware(options, longMode);
    this.user = new UserConsole((input) => this.input(input), this.board);
    this.bmc?.connect(this.board, this.#virtio.lines);
    this.#consoles = this.board.serialPorts.map((port, index) => {
      port.onByte((byte) => this.events.emit("serial", index, byte));
      const type = (bytes: readonly number[]): Input => ({ kind: "serial", port: index, bytes });
      return new SerialConsole(this, port, { type, break: { kind: "break", port: index } });
    });
    this.#virtioConsoles = this.#virtio.lines.map(
      (line, port) => new SerialConsole(this, line, { type: (bytes) => ({ kind: "virtio-console", port, bytes }) }),
    );
    const power = powerPart(
      () => this.#on,
      (on) => void (this.#on = on),
    );
    this.#parts = [this.clock, power, ...this.board.devices, this.#firmware, ...this.board.serialPorts];
    this.#parts.push(...this.#virtio.disks.map(diskPart));
    if (this.bmc) this.#parts.push(this.bmc, this.bmc.sensors);
    this.#snapshots = new MachineSnapshots({
      core: this.core,
      compression: options.compression ?? pureCompression,
      parts: this.#parts,
      configuration: () => this.configuration,
    });
    this.#snapshots.forget();
  }

  /** Retired instructions since power-on. */
  get retired(): number {
    const view = this.#core?.view;
    if (!view) return 0;
    const end = view.getUint32(L.SLICE_END + 4, true) * 2 ** 32 + view.getUint32(L.SLICE_END, true);
    return end - view.getInt32(L.BUDGET, true);
  }

  /** Virtual nanoseconds since power-on. */
  get nanos(): number {
    return this.clock.nanos;
  }

  /** POST has halted the machine. */
  get postFailed(): boolean {
    return this.#firmware.failed;
  }

  get isOn(): boolean {
    return this.#on;
  }

  /** What two machines have in common when a snapshot of one fits the other. */
  get configuration(): Readonly<Record<string, string | number>> {
    const { memoryBytes, cpu = DEFAULT_CPU_MODEL } = this.#options;
    return {
      board: this.board.name,
      memory: memoryBytes,
      processor: configureCpu(cpu).model.name,
      "boot image": this.#firmware.plan ? planDigest(this.#firmware.plan) : "none",
    };
  }

  /** The console on COM1 (0) to COM4 (3). */
  serial(number: number): SerialConsole {
    const found = this.#consoles[number];
    if (found) return found;
    throw new ConfigError(`serial port ${number}: 0 to ${this.#consoles.length - 1} are possible`);
  }

  /** A port of a virtio console, the ports of all of them counted through. */
  virtioConsole(number: number): SerialConsole {
    const found = this.#virtioConsoles[number];
    if (found) return found;
    throw new ConfigError(`virtio console port ${number}: there are ${this.#virtioConsoles.length}`);
  }

  /**
   * The one way in from outside. Carried out at once, or behind the instruction under way; a replay hears nothing but its
   * log.
   */
  input(input: Input): void {
    if (this.#replay) return;
    this.#waiting.push(input);
    if (this.#running) this.#leaveCore();
    else this.#takeInputs();
  }

  /** A short press: the guest is asked to shut down; a machine that is off goes on. */
  powerButton(): void {
    this.input({ kind: "power-button" });
  }

  reset(): void {
    this.input({ kind: "reset" });
  }

  powerOn(): void {
    this.input({ kind: "power-on" });
  }

  /** At once, as when the plug is pulled. */
  powerOff(): void {
    this.input({ kind: "power-off" });
  }

  nmi(): void {
    this.input({ kind: "nmi" });
  }

  /** Ends the run behind the current instruction, or before the next alarm. */
  stop(end: RunEnd = { reason: "stop" }): void {
    this.#end ??= end;
    this.#leaveCore();
  }

  /** Lets the guest run until something ends it. */
  run({ until = Infinity, maxInstructions = Infinity }: RunOptions = {}): RunEnd {
    const limit = this.retired + maxInstructions;
    this.#until = until;
    this.#running = true;
    try {
      for (;;) {
        const end = this.#step(limit);
        if (end && !this.#replay?.isDue(this)) return end;
      }
    } finally {
      this.#running = false;
      this.#takeInputs();
    }
  }

  /** The whole machine as bytes; against `bases[0]`, when given, only what differs. The guest notices nothing. */
  snapshot(options?: SnapshotOptions): Uint8Array {
    return this.#snapshots.take(options);
  }

  /** Takes the state of a snapshot; a SnapshotError says why it cannot, and leaves the machine as it was. */
  restore(snapshot: Uint8Array, options?: SnapshotOptions): void {
    if (this.#recordings > 0) throw new ConfigError("a run that is recorded cannot go back: end the recording first");
    if (this.#replay) throw new ConfigError("a run that is played again cannot go elsewhere");
    this.#snapshots.restore(snapshot, options);
    this.#end = this.#reset = undefined;
    this.#waiting = [];
  }

  /** From now on `part` is in snapshots and digests; to be called before the machine runs. */
  register(part: SnapshotPart): void {
    if (this.#parts.some(({ name }) => name === part.name)) throw new Error(`two parts are called ${part.name}`);
    this.#parts.push(part);
  }

  /** Writes the log of all input from now on, line by line; the function returned ends it. */
  record(write: (line: string) => void): () => void {
    write(headLine(this.#point()));
    this.#recordings++;
    const stop = this.events.on("input", (input) =>
      write(inputLine({ retired: this.retired, nanos: this.nanos, input })),
    );
    return () => {
      stop();
      this.#recordings--;
      write(endLine(this.#point()));
    };
  }

  /** Plays a log, from the state in which its recording began. */
  replay(log: InputLog): void {
    const { retired, nanos, digest } = this.#point();
    const { start } = log;
    if (start.retired !== retired || start.digest !== digest)
      throw new ConfigError(
        `the input log begins at instruction ${start.retired}, state ${start.digest}: ` +
          `this machine is at ${retired} (${nanos} ns), state ${digest}`,
      );
    this.#replay = new Replay(log);
  }

  /** The same for the same machine, images and input, however the run was cut: processor, memory, time and devices. */
  digest(): string {
    return machineDigest(this.core, this.#parts);
  }

  #point(): LogPoint {
    return { retired: this.retired, nanos: this.nanos, digest: this.digest() };
  }

  #leaveCore(): void {
    if (this.#inCore) this.core.view.setUint32(L.STOP_REQUEST, 1, true);
  }

  /** One slice and what comes before it; a reason ends the run. */
  #step(limit: number): RunEnd | undefined {
    this.clock.ringDue();
    if (this.#firmware.pending) this.#firmware.serve();
    if (this.#replay) {
      const end = this.#followLog(this.#replay);
      if (end) return end;
    } else if (this.#waiting.length > 0) this.#takeInputs();
    this.#obeyBmc();
    const end = this.#settleRequests();
    if (end) return end;
    if (!this.#on) return this.#sleep();
    const left = limit - this.retired;
    if (left <= 0) return { reason: "limit" };
    const untilStop = this.clock.instructionsTo(this.#until);
    if (untilStop <= 0) return { reason: "time" };
    let budget = Math.min(SLICE, left, untilStop, this.clock.instructionsToDeadline());
    const logged = this.#replay?.next;
    // Where the log's moment lies later in time but not in instructions, the processor is halted.
    if (logged) budget = Math.min(budget, Math.max(1, logged.retired - this.retired));
    const reason = this.#slice(budget);
    if (reason === "shutdown") {
      this.events.emit("shutdown");
      if (this.#options.noReboot) return this.#drained({ reason: "shutdown" });
      this.#restart("triple fault");
    } else if (reason === "halt") {
      if (!this.#end && !this.#reset && this.#waiting.length === 0) return this.#halt();
    }
    return undefined;
  }

  #slice(instructions: number): string {
    this.#inCore = true;
    const reason = this.core.run(instructions);
    this.#inCore = false;
    return reason;
  }

  /** A bus cycle begins: time passes, and what has fallen due happens first. */
  #beginCycle(nanos: number): void {
    this.#pass(nanos);
    this.clock.ringDue();
  }

  /** A bus cycle ends: an alarm that is nearer now than the slice's end stops the slice. */
  #endCycle(): void {
    const left = Math.max(0, this.core.view.getInt32(L.BUDGET, true));
    if (this.clock.instructionsTo(Math.min(this.clock.deadline, this.#until)) < left) this.#leaveCore();
  }

  #portIn(port: number, size: AccessSize): number {
    this.#beginCycle(PORT_NANOS);
    const value = this.ports.read(port, size);
    this.#endCycle();
    return value;
  }

  #portOut(port: number, size: AccessSize, value: number): void {
    this.#beginCycle(PORT_NANOS);
    this.ports.write(port, size, value);
    this.#endCycle();
  }

  #load(address: number, size: AccessSize): number {
    this.#beginCycle(MMIO_NANOS);
    const value = this.mmio.read(address, size);
    this.#endCycle();
    return value;
  }

  #store(address: number, size: AccessSize, value: number): void {
    this.#beginCycle(MMIO_NANOS);
    this.mmio.write(address, size, value);
    this.#endCycle();
  }

  #writeMsr(index: number, value: bigint): boolean {
    const claimed = this.board.processor?.writeMsr(index, value) ?? false;
    this.#endCycle();
    return claimed;
  }

  /** Time without instructions; the TSC counts it too. */
  #pass(nanos: number): void {
    this.clock.pass(nanos);
    this.#setTimeBase();
  }

  #setTimeBase(): void {
    const { idle } = this.clock;
    this.core.view.setUint32(L.TSC_BASE, idle, true);
    this.core.view.setInt32(L.TSC_BASE + 4, Math.floor(idle / 2 ** 32), true);
  }

  /** HLT: on to the next alarm, unless nothing can wake the processor and nobody can reset it. */
  #halt(): RunEnd | undefined {
    const { rflags, view } = this.core;
    if (rflags & IF || view.getUint32(L.NMI_PENDING, true) || this.bmc?.isGuarding) return this.#sleep();
    this.bmc?.sensors.guest("halted");
    return this.#drained({ reason: "halt" });
  }

  #sleep(): RunEnd | undefined {
    const end = Math.min(this.#until, this.#replay?.next?.nanos ?? Infinity);
    if (end === Infinity && !this.clock.isExpectant) return { reason: "idle" };
    const pause = Math.min(this.clock.deadline, end) - this.nanos;
    if (pause <= 0) return this.nanos >= this.#until ? { reason: "time" } : undefined;
    this.#pass(pause);
    this.bmc?.sensors.halted(pause);
    return undefined; // what is due now happens before the run ends, as it does where instructions run
  }

  /** What a listener types while an input is carried out comes after it. */
  #takeInputs(): void {
    if (this.#taking) return;
    this.#taking = true;
    for (let input = this.#waiting.shift(); input; input = this.#waiting.shift()) this.#perform(input);
    this.#taking = false;
  }

  #perform(input: Input): void {
    this.events.emit("input", input);
    perform(this.#handlers, input);
  }

  #followLog(replay: Replay): RunEnd | undefined {
    while (replay.isDue(this)) {
      const { end } = replay;
      const input = replay.take();
      if (input) this.#perform(input);
      else if (end) {
        this.#replay = undefined;
        return { reason: "replayed", same: this.digest() === end.digest };
      }
    }
    if (replay.exhausted) this.#replay = undefined;
    if (!replay.isMissed(this)) return undefined;
    this.#replay = undefined;
    return { reason: "diverged" };
  }

  readonly #handlers: InputHandlers = {
    serial: ({ port, bytes }) => this.board.serialPorts[port]?.write(Uint8Array.from(bytes)),
    "virtio-console": ({ port, bytes }) => this.#virtio.lines[port]?.write(Uint8Array.from(bytes)),
    break: ({ port }) => this.board.serialPorts[port]?.uart.receive(0, LSR_BI),
    keys: ({ events }) => this.board.user.typist.play(events),
    mouse: ({ right, down, wheel }) => this.board.user.mouse.move(right, down, wheel),
    "mouse-button": ({ button, down }) => this.board.user.mouse.button(button, down),
    "power-button": () => (this.#on ? this.board.pressPowerButton?.() : this.#switchOn()),
    "power-on": () => this.#switchOn(),
    "power-off": () => this.#switchOff(),
    reset: () => this.#on && this.#restart("reset button"),
    nmi: () => this.#on && this.board.processor?.nmi(),
    bmc: ({ event }) => this.bmc?.hear(event),
    rate: ({ shift }) => {
      this.clock.setShift(shift);
      this.core.view.setUint32(L.TSC_SHIFT, shift, true);
      this.#setTimeBase();
    },
  };

  /** What the BMC has ordered, by its buttons' wires. */
  #obeyBmc(): void {
    for (const order of this.bmc?.takeOrders() ?? []) {
      if (order === "power-on") this.#switchOn();
      else if (order === "power-off" || order === "power-cycle") this.#switchOff();
      else if (!this.#on) continue;
      else if (order === "reset") this.#reset ??= "BMC";
      else if (order === "nmi") this.board.processor?.nmi();
      else this.board.pressPowerButton?.();
      if (order === "power-cycle") this.#switchOn();
    }
  }

  #settleRequests(): RunEnd | undefined {
    const end = this.#end;
    const cause = this.#reset;
    this.#end = this.#reset = undefined;
    this.core.view.setUint32(L.STOP_REQUEST, 0, true);
    if (cause) {
      if (this.#options.noReboot) {
        this.events.emit("reset", cause);
        return this.#drained({ reason: "reset", cause });
      }
      this.#restart(cause);
    }
    if (end?.reason === "power-off") this.#switchOff(true);
    if (end?.reason !== "exit") return end;
    this.events.emit("exit", end.code);
    return this.#drained(end);
  }

  #drained(end: RunEnd): RunEnd {
    this.#drain();
    this.#end = this.#reset = undefined;
    return end;
  }

  /** The guest's last words: what its UARTs hold still goes out. */
  #drain(): void {
    while (this.board.serialPorts.some(({ uart }) => uart.transmitting)) {
      this.#pass(Math.max(0, this.clock.deadline - this.nanos));
      this.clock.ringDue();
    }
  }

  #restart(cause: ResetCause): void {
    this.#drain();
    for (const device of [...this.board.devices, this.#firmware]) device.reset();
    this.core.exports.power_on();
    this.events.emit("reset", cause);
    this.bmc?.restarted(cause);
  }

  #switchOff(byGuest = false): void {
    if (!this.#on) return;
    this.#drain();
    this.#on = false;
    this.events.emit("power", false);
    this.bmc?.powered(false, byGuest);
  }

  /** Memory has forgotten everything. */
  #switchOn(): void {
    if (this.#on) return;
    this.#on = true;
    this.core.ram(0, this.core.memoryBytes).fill(0);
    this.core.memoryChanged();
    this.#snapshots.forget();
    this.events.emit("power", true);
    this.#restart("power on");
  }

  #connectFirmware({ boot, postFaults = [] }: MachineOptions, longMode: boolean): FirmwareStage {
    const seed = this.core.view.getBigUint64(L.SEED, true);
    const contents = firmwareContents(this.board.description, boot, { longMode, seed });
    const sockets = {
      core: this.core,
      description: this.board.description,
      portIn: (port: number, size: AccessSize) => this.#portIn(port, size),
      portOut: (port: number, size: AccessSize, value: number) => this.#portOut(port, size, value),
      load: (address: number, size: AccessSize) => this.#load(address, size),
      store: (address: number, size: AccessSize, value: number) => this.#store(address, size, value),
      wait: (nanos: number) => {
        this.#pass(nanos);
        this.clock.ringDue();
      },
      leaveCore: () => this.#leaveCore(),
    };
    const firmware = new FirmwareStage(sockets, contents, {
      faults: postFaults,
      onProgress: (progress) => {
        this.bmc?.tested(progress);
        this.events.emit("progress", progress);
      },
    });
    this.ports.map(firmware.port, 1, firmware.name, firmware.window);
    return firmware;
  }
}
