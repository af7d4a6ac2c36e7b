// SPDX-License-Identifier: MIT
// The firmware in the machine: its ROM at the reset vector, and the trap port by which the ROM's code hands over to
// TypeScript. A trap only stops the processor behind its OUT; the firmware works between two slices, with the whole
// machine at hand, and then the processor goes on. The port answers the ROM alone.
import type { AccessSize, Device, RegisterWindow } from "../devices/core/device.ts";
import type { MachineDescription } from "../firmware/description.ts";
import { type BootPlan, type MemoryWrite, realEntry } from "../firmware/loaders/entry-state.ts";
import type { Platform } from "../firmware/post/platform.ts";
import { POST_STEP_COUNT, type PostOptions, runPostStep } from "../firmware/post/post.ts";
import { resumeAddress } from "../firmware/post/shutdown-code.ts";
import { readRomLabel } from "../common/rom-label.ts";
import * as R from "../firmware/rom/rom.ts";
import { FIRMWARE } from "../firmware/version.ts";
import * as L from "../vmm-core/layout.ts";
import type { CpuCore } from "./cpu/core.ts";
import { enter } from "./cpu/entry.ts";
import type { FirmwareContents } from "./firmware-contents.ts";

const ROM_ADDRESS = 2 ** 32 - R.ROM_BYTES;
const USER = 3;
const AL = 0xff;
const RBX = 3;

/** The machine as the firmware uses it. */
export interface FirmwareSockets {
  readonly core: CpuCore;
  readonly description: MachineDescription;
  /** Bus cycles, charged as the processor's are. */
  portIn(port: number, size: AccessSize): number;
  portOut(port: number, size: AccessSize, value: number): void;
  load(address: number, size: AccessSize): number;
  store(address: number, size: AccessSize, value: number): void;
  wait(nanos: number): void;
  /** Ends the slice behind the instruction under way. */
  leaveCore(): void;
}

export interface FirmwareState {
  /** What the ROM has asked for and not yet got. */
  trap: number | null;
  /** The step of POST that comes next. */
  step: number;
  processorTest: number;
  phase: "post" | "halted" | "booted";
  /** The ROM in the machine; null: the one that it came with. */
  rom: Uint8Array | null;
}

const fresh = (): FirmwareState => ({ trap: null, step: 0, processorTest: 0, phase: "post", rom: null });

export class FirmwareStage implements Device<FirmwareState> {
  readonly name = "firmware";
  readonly version = 2;
  readonly port = R.TRAP_PORT;
  readonly window: RegisterWindow;
  readonly #sockets: FirmwareSockets;
  /** What is entered behind POST. */
  readonly plan: BootPlan | undefined;
  readonly #contents: FirmwareContents;
  readonly #options: PostOptions;
  readonly #ownRom = R.buildRom();
  #rom = this.#ownRom;
  #tables: readonly MemoryWrite[] = [];
  readonly #platform: Platform;
  #state = fresh();

  constructor(sockets: FirmwareSockets, contents: FirmwareContents, options: PostOptions) {
    this.#sockets = sockets;
    this.plan = contents.plan;
    this.#contents = contents;
    this.#options = options;
    this.#platform = this.#makePlatform();
    this.window = {
      read: (_offset, size) => 2 ** (8 * size) - 1,
      write: (_offset, _size, value) => {
        if (!this.#comesFromRom()) return;
        this.#state.trap = value & AL;
        sockets.leaveCore();
      },
    };
    this.installRom(null);
  }

  /** The ROM stays. */
  reset(): void {
    this.#state = { ...fresh(), rom: this.#state.rom };
  }

  snapshot(): FirmwareState {
    return { ...this.#state };
  }

  restore(state: FirmwareState): void {
    if (this.#state.rom || state.rom) this.installRom(state.rom);
    this.#state = { ...state, rom: this.#state.rom };
  }

  /** Another ROM in the socket; null: the machine's own. To be changed while the processor is in reset. */
  installRom(rom: Uint8Array | null): void {
    const label = rom && readRomLabel(rom);
    if (typeof label === "string") return; // whoever staged a ROM has refused it before
    this.#state.rom = rom;
    this.#rom = rom ?? this.#ownRom;
    this.#tables = this.#contents.tables(rom && label ? { ...FIRMWARE, ...label, date: R.romDate(rom) } : FIRMWARE);
    this.#sockets.core.installRom(this.#rom);
  }

  /** A fatal step of POST failed. */
  get failed(): boolean {
    return this.#state.phase === "halted";
  }

  /** A trap waits: to be served before the processor goes on. */
  get pending(): boolean {
    return this.#state.trap !== null;
  }

  serve(): void {
    const { trap } = this.#state;
    this.#state.trap = null;
    if (trap === R.TRAP_BEGIN) {
      this.#state = { ...fresh(), rom: this.#state.rom, processorTest: Number(this.#sockets.core.reg(RBX) & 0xffffn) };
      const resume = resumeAddress(this.#platform);
      if (!resume) return;
      this.#state.phase = "booted";
      enter(this.#sockets.core, realEntry(resume.segment, resume.offset, {}));
    } else if (trap === R.TRAP_STEP && this.#state.phase === "post") this.#step();
  }

  #step(): void {
    const { step } = this.#state;
    if (step < POST_STEP_COUNT) {
      this.#state.step++;
      if (!runPostStep(this.#platform, step, this.#options)) this.#halt();
      return;
    }
    if (!this.plan) return this.#halt();
    const { core } = this.#sockets;
    for (const { address, bytes, zeroBytes = 0 } of this.plan.writes) {
      core.load(address, bytes);
      core.clear(address + bytes.length, zeroBytes);
    }
    enter(core, this.plan.entry);
    this.#state.phase = "booted";
  }

  #halt(): void {
    this.#state.phase = "halted";
    this.#sockets.core.rip = BigInt(R.HALT_OFFSET);
  }

  /** The instruction under way was fetched from the ROM, or from its shadow while that cannot be written. */
  #comesFromRom(): boolean {
    const { core } = this.#sockets;
    const { view } = core;
    const rip = view.getBigUint64(L.IP0, true);
    const linear = BigInt.asUintN(64, view.getBigUint64(L.SEG_BASE + L.CS * 8, true) + rip);
    const physical = core.translate(linear, "fetch", view.getUint32(L.CPL, true) === USER);
    if (physical === undefined) return false;
    const inRom = physical >= ROM_ADDRESS && physical < 2 ** 32;
    const inShadow = physical >= R.ROM_SHADOW && physical < R.ROM_SHADOW + R.ROM_BYTES;
    return (inRom || inShadow) && core.isRom(physical);
  }

  #makePlatform(): Platform {
    const { core, description, portIn, portOut, load, store, wait } = this.#sockets;
    const state = (): FirmwareState => this.#state;
    const tables = (): readonly MemoryWrite[] => this.#tables;
    return {
      description,
      get processorTest() {
        return state().processorTest;
      },
      in: portIn,
      out: portOut,
      load,
      store,
      readMemory: (address, bytes) => core.ram(address, bytes).slice(),
      writeMemory: (address, data) => core.load(address, data),
      get tables() {
        return tables();
      },
      bootable: this.plan !== undefined,
      readRom: () => this.#rom,
      wait,
    };
  }
}
