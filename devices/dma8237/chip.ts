// SPDX-License-Identifier: MIT
// One DMA controller 8237A: four channels with base and current address and count, the registers for all of them, and the
// transfers. A channel that is requested runs until its device lets go or its count is done, in turns: a short one is done at
// once, and behind each turn the bus stays with the processor for as long as it took.
// Spec: Intel 8237A datasheet (231466).
import type { Alarm, Clock } from "../core/clock.ts";
import * as R from "./registers.ts";

/** What is wired to a channel: answers while DACK is active. A unit is a byte, or a word on the second controller. */
export interface DmaChannel {
  /** The device gives a unit, for memory. */
  read(): number;
  /** The device takes a unit from memory. */
  write(unit: number): void;
  /** EOP: the unit before was the last one of the count. */
  terminalCount?(): void;
}

/** Memory by the channel's page and the chip's 16-bit address, in units. */
export interface DmaMemory {
  read(channel: number, address: number): number;
  write(channel: number, address: number, unit: number): void;
}

export interface DmaChannelState {
  baseAddress: number;
  baseCount: number;
  address: number;
  /** One less than the transfers that are left. */
  count: number;
  mode: number;
}

export interface DmaChipState {
  channels: DmaChannelState[];
  command: number;
  mask: number;
  /** Software requests, and the levels of the DREQ lines. */
  requests: number;
  lines: number;
  /** Channels that have reached terminal count since the status was read. */
  done: number;
  /** The next access of an address or count is to its high byte. */
  flipFlop: boolean;
  temporary: number;
  /** First in turn, with rotating priority. */
  first: number;
  /** The channel whose block is under way, whatever becomes of its request; -1: none. */
  block: number;
  /** When the next turn comes. */
  due: number | null;
}

const TURN_UNITS = 64;
/** A transfer of the AT: five clocks of 5 MHz. */
const UNIT_NANOS = 1_000;

export class DmaChip {
  #state = freshState();
  readonly #turn: Alarm;
  readonly #memory: DmaMemory;
  readonly #devices: (DmaChannel | undefined)[] = [];
  /** Whether the processor gives its bus away: through the other chip, for the first one. */
  readonly #granted: () => boolean;
  #running = false;

  constructor(name: string, clock: Clock, memory: DmaMemory, granted: () => boolean) {
    this.#turn = clock.createAlarm(name, () => this.run());
    this.#memory = memory;
    this.#granted = granted;
  }

  snapshot(): DmaChipState {
    return { ...copy(this.#state), due: this.#turn.due ?? null };
  }

  restore(state: DmaChipState): void {
    this.#state = copy(state);
    if (state.due === null) this.#turn.cancel();
    else this.#turn.scheduleAt(state.due);
  }

  /** Wires a device to a channel; what it drives is DREQ. */
  connect(channel: number, device: DmaChannel): { set(level: boolean): void } {
    this.#devices[channel] = device;
    return {
      set: (level) => {
        const bit = 1 << channel;
        this.#state.lines = level ? this.#state.lines | bit : this.#state.lines & ~bit;
        this.run();
      },
    };
  }

  /** The RESET pin; what devices drive stays. */
  reset(): void {
    this.restore({ ...freshState(), lines: this.#state.lines });
  }

  /** Lets the requests of the other chip through, as far as this channel's registers go. */
  passes(channel: number): boolean {
    const { command, mask, channels } = this.#state;
    const cascades = (channels[channel]!.mode & R.MODE_SELECT) === R.SELECT_CASCADE;
    return cascades && !(command & R.COMMAND_DISABLE) && !(mask & (1 << channel));
  }

  read(register: number): number {
    const s = this.#state;
    if (register < R.CONTROL) {
      const { address, count } = s.channels[register >> 1]!;
      const value = register & 1 ? count : address;
      return (this.#takeHigh() ? value >> 8 : value) & 0xff;
    }
    switch (register) {
      case R.STATUS: {
        const value = ((s.requests | s.lines) << R.CHANNELS) | s.done;
        s.done = 0;
        return value;
      }
      case R.TEMPORARY:
        return s.temporary;
      case R.ALL_MASK:
        return s.mask;
      default:
        return 0; // write only
    }
  }

  write(register: number, value: number): void {
    const s = this.#state;
    if (register < R.CONTROL) return this.#load(s.channels[register >> 1]!, (register & 1) !== 0, value);
    const bit = 1 << (value & R.CHANNEL);
    switch (register) {
      case R.COMMAND:
        s.command = value;
        break;
      case R.REQUEST:
        s.requests = value & R.SET ? s.requests | bit : s.requests & ~bit;
        break;
      case R.SINGLE_MASK:
        s.mask = value & R.SET ? s.mask | bit : s.mask & ~bit;
        break;
      case R.MODE:
        s.channels[value & R.CHANNEL]!.mode = value & ~R.CHANNEL;
        break;
      case R.CLEAR_FLIP_FLOP:
        s.flipFlop = false;
        break;
      case R.MASTER_CLEAR:
        this.#state = { ...freshState(), lines: s.lines, channels: s.channels };
        break;
      case R.CLEAR_MASK:
        s.mask = 0;
        break;
      case R.ALL_MASK:
        s.mask = value & R.MASK_BITS;
        break;
    }
    this.run();
  }

  #takeHigh(): boolean {
    this.#state.flipFlop = !this.#state.flipFlop;
    return !this.#state.flipFlop;
  }

  /** Base and current are written together, byte by byte. */
  #load(channel: DmaChannelState, isCount: boolean, value: number): void {
    const [base, current] = isCount ? (["baseCount", "count"] as const) : (["baseAddress", "address"] as const);
    const high = this.#takeHigh();
    const put = (word: number): number => (high ? (word & 0xff) | (value << 8) : (word & 0xff00) | value);
    channel[base] = put(channel[base]);
    channel[current] = put(channel[current]);
  }

  // ---- transfers -----------------------------------------------------------------------------------------------------

  /** A turn of whoever is requested, highest priority first, if the bus is free again. */
  run(): void {
    if (this.#running || this.#turn.due !== undefined) return;
    const channel = this.#next();
    if (channel === undefined) return;
    this.#running = true;
    const units = this.#serve(channel);
    this.#running = false;
    if (this.#state.command & R.COMMAND_ROTATE) this.#state.first = (channel + 1) & R.CHANNEL;
    if (this.#next() !== undefined) this.#turn.schedule(units * UNIT_NANOS);
  }

  #next(): number | undefined {
    const { command, first, block } = this.#state;
    if (command & R.COMMAND_DISABLE || !this.#granted()) return undefined;
    if (block >= 0) return block;
    const order = Array.from({ length: R.CHANNELS }, (_, i) => (first + i) & R.CHANNEL);
    return order.find((channel) => this.#isRequested(channel));
  }

  /** A mask holds back the line, not a software request. */
  #isRequested(channel: number): boolean {
    const { requests, lines, mask, channels } = this.#state;
    if ((channels[channel]!.mode & R.MODE_SELECT) === R.SELECT_CASCADE) return false;
    return ((requests | (lines & ~mask)) & (1 << channel)) !== 0;
  }

  /** Gives the units that were moved. */
  #serve(channel: number): number {
    const s = this.#state;
    const { mode } = s.channels[channel]!;
    const copies = channel === 0 && (s.command & R.COMMAND_MEMORY_TO_MEMORY) !== 0 && (s.requests & 1) !== 0;
    const wholeBlock = (mode & R.MODE_SELECT) === R.SELECT_BLOCK || (s.requests & (1 << channel)) !== 0;
    s.block = wholeBlock ? channel : -1;
    for (let units = 1; ; units++) {
      const ends = copies ? this.#copy() : this.#move(channel, mode & R.MODE_TRANSFER);
      if (ends) s.block = -1;
      if (ends || units === TURN_UNITS || !(wholeBlock || this.#isRequested(channel))) return units;
    }
  }

  /** One unit; true at terminal count. */
  #move(channel: number, transfer: number): boolean {
    const { address } = this.#state.channels[channel]!;
    const device = this.#devices[channel];
    if (transfer === R.TRANSFER_WRITE) this.#memory.write(channel, address, device?.read() ?? 0xffff);
    else if (transfer === R.TRANSFER_READ) device?.write(this.#memory.read(channel, address));
    return this.#step(channel);
  }

  /** Counts one unit of a channel; true at terminal count. `hold`: its address stays. */
  #step(channel: number, hold = false): boolean {
    const each = this.#state.channels[channel]!;
    if (!hold) each.address = (each.address + (each.mode & R.MODE_DECREMENT ? -1 : 1)) & 0xffff;
    each.count = (each.count - 1) & 0xffff;
    if (each.count !== 0xffff) return false;
    this.#finish(channel);
    return true;
  }

  #finish(channel: number): void {
    const s = this.#state;
    const each = s.channels[channel]!;
    const bit = 1 << channel;
    s.done |= bit;
    s.requests &= ~bit;
    if (each.mode & R.MODE_AUTO_INITIALIZE) {
      each.address = each.baseAddress;
      each.count = each.baseCount;
    } else s.mask |= bit;
    this.#devices[channel]?.terminalCount?.();
  }

  /** From the memory at channel 0 through the temporary register to that at channel 1, whose count it is. */
  #copy(): boolean {
    const s = this.#state;
    s.temporary = this.#memory.read(0, s.channels[0]!.address) & 0xff;
    this.#memory.write(1, s.channels[1]!.address, s.temporary);
    this.#step(0, (s.command & R.COMMAND_HOLD_CHANNEL_0) !== 0);
    s.requests |= 1; // the source's own count does not end it
    if (!this.#step(1)) return false;
    s.requests &= ~1;
    return true;
  }
}

function copy(state: DmaChipState): DmaChipState {
  return { ...state, channels: state.channels.map((channel) => ({ ...channel })) };
}

const freshChannel = (): DmaChannelState => ({ baseAddress: 0, baseCount: 0, address: 0, count: 0, mode: 0 });

function freshState(): DmaChipState {
  return {
    channels: Array.from({ length: R.CHANNELS }, freshChannel),
    command: 0,
    mask: R.MASK_BITS,
    requests: 0,
    lines: 0,
    done: 0,
    flipFlop: false,
    temporary: 0,
    first: 0,
    block: -1,
    due: null,
  };
}
