// SPDX-License-Identifier: MIT
// One DMA controller 8237A: four channels with base and current address and count, the registers for all of them, and the
// transfers. A transfer takes no time: a channel that is requested runs until its device lets go or its count is done.
// Spec: Intel 8237A datasheet (231466).
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
}

/** No channel moves more in one turn, though it initializes itself again and again. */
const TURN_UNITS = 0x10000;

export class DmaChip {
  state = freshState();
  readonly #memory: DmaMemory;
  readonly #devices: (DmaChannel | undefined)[] = [];
  /** Whether the processor gives its bus away: through the other chip, for the first one. */
  readonly #granted: () => boolean;
  #running = false;

  constructor(memory: DmaMemory, granted: () => boolean) {
    this.#memory = memory;
    this.#granted = granted;
  }

  /** Wires a device to a channel; what it drives is DREQ. */
  connect(channel: number, device: DmaChannel): { set(level: boolean): void } {
    this.#devices[channel] = device;
    return {
      set: (level) => {
        const bit = 1 << channel;
        this.state.lines = level ? this.state.lines | bit : this.state.lines & ~bit;
        this.run();
      },
    };
  }

  /** The RESET pin; what devices drive stays. */
  reset(): void {
    this.state = { ...freshState(), lines: this.state.lines };
  }

  /** Lets the requests of the other chip through, as far as this channel's registers go. */
  passes(channel: number): boolean {
    const { command, mask, channels } = this.state;
    const cascades = (channels[channel]!.mode & R.MODE_SELECT) === R.SELECT_CASCADE;
    return cascades && !(command & R.COMMAND_DISABLE) && !(mask & (1 << channel));
  }

  read(register: number): number {
    const s = this.state;
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
    const s = this.state;
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
        Object.assign(s, {
          command: 0,
          mask: R.MASK_BITS,
          requests: 0,
          done: 0,
          flipFlop: false,
          temporary: 0,
          first: 0,
        });
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
    this.state.flipFlop = !this.state.flipFlop;
    return !this.state.flipFlop;
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

  /** Serves whoever is requested, highest priority first. */
  run(): void {
    if (this.#running) return;
    this.#running = true;
    for (let turns = 0; turns < R.CHANNELS; turns++) {
      const channel = this.#next();
      if (channel === undefined) break;
      this.#serve(channel);
      if (this.state.command & R.COMMAND_ROTATE) this.state.first = (channel + 1) & R.CHANNEL;
    }
    this.#running = false;
  }

  #next(): number | undefined {
    const { command, first } = this.state;
    if (command & R.COMMAND_DISABLE || !this.#granted()) return undefined;
    const order = Array.from({ length: R.CHANNELS }, (_, i) => (first + i) & R.CHANNEL);
    return order.find((channel) => this.#isRequested(channel));
  }

  /** A mask holds back the line, not a software request. */
  #isRequested(channel: number): boolean {
    const { requests, lines, mask, channels } = this.state;
    if ((channels[channel]!.mode & R.MODE_SELECT) === R.SELECT_CASCADE) return false;
    return ((requests | (lines & ~mask)) & (1 << channel)) !== 0;
  }

  #serve(channel: number): void {
    const { command, channels, requests } = this.state;
    if (channel === 0 && command & R.COMMAND_MEMORY_TO_MEMORY && requests & 1) return this.#copy();
    const { mode } = channels[channel]!;
    const wholeBlock = (mode & R.MODE_SELECT) === R.SELECT_BLOCK || (requests & (1 << channel)) !== 0;
    for (let units = 0; units < TURN_UNITS; units++) {
      this.#move(channel, mode & R.MODE_TRANSFER);
      if (this.#step(channel)) return;
      if (!wholeBlock && !this.#isRequested(channel)) return;
    }
  }

  #move(channel: number, transfer: number): void {
    const { address } = this.state.channels[channel]!;
    const device = this.#devices[channel];
    if (transfer === R.TRANSFER_WRITE) this.#memory.write(channel, address, device?.read() ?? 0xffff);
    else if (transfer === R.TRANSFER_READ) device?.write(this.#memory.read(channel, address));
  }

  /** Counts one unit of a channel; true at terminal count. `hold`: its address stays. */
  #step(channel: number, hold = false): boolean {
    const each = this.state.channels[channel]!;
    if (!hold) each.address = (each.address + (each.mode & R.MODE_DECREMENT ? -1 : 1)) & 0xffff;
    each.count = (each.count - 1) & 0xffff;
    if (each.count !== 0xffff) return false;
    this.#finish(channel);
    return true;
  }

  #finish(channel: number): void {
    const s = this.state;
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
  #copy(): void {
    const s = this.state;
    const hold = (s.command & R.COMMAND_HOLD_CHANNEL_0) !== 0;
    for (let units = 0; units < TURN_UNITS; units++) {
      s.temporary = this.#memory.read(0, s.channels[0]!.address) & 0xff;
      this.#memory.write(1, s.channels[1]!.address, s.temporary);
      this.#step(0, hold);
      if (this.#step(1)) break;
    }
    s.requests &= ~1;
  }
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
  };
}
