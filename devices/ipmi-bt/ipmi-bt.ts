// SPDX-License-Identifier: MIT
// The BT interface as the guest sees it: whole messages in a buffer each way, numbered, so that a few can be under way at
// once. It knows nothing of what messages mean; they leave and come through the injected port.
// Spec: IPMI 2.0 revision 1.1, sections 11.1 to 11.7 (registers, message formats, transfers).
import { byteWindow, type Device, type RegisterWindow } from "../core/device.ts";
import type { IrqLine } from "../core/irq-line.ts";
import * as R from "./registers.ts";

/** The way to the BMC. */
export interface BtPort {
  /** A whole message without length and number; its answer comes by `respond` with the same ticket, at once or later. */
  send(ticket: number, message: readonly number[]): void;
  /** Nobody waits for the answer with this ticket any more. */
  cancel(ticket: number): void;
}

/** Requests that the BMC takes before their answers have been read; a further one waits in its buffer. */
export const OUTSTANDING = 4;
/** A message behind its length byte. */
export const MAX_MESSAGE = 0xff;
/** Network function, number, command. */
const LEAST_MESSAGE = 3;
const EMPTY = 0xff;

export interface BtState {
  /** What the host has written, and the answer that it may read, from its pointer on; both with their length byte. */
  input: number[];
  output: number[];
  position: number;
  h2bAttention: boolean;
  b2hAttention: boolean;
  smsAttention: boolean;
  hostBusy: boolean;
  irqEnable: boolean;
  irqPending: boolean;
  ticket: number;
  /** Taken and not answered: ticket and the number that the host gave. */
  waiting: { ticket: number; sequence: number }[];
  /** Answers that wait until the host has taken the one before. */
  ready: number[][];
  interruptsEnabled: boolean;
}

export class IpmiBt implements Device<BtState> {
  readonly name: string;
  readonly version = 1;
  readonly window: RegisterWindow;
  readonly #irq: IrqLine;
  readonly #port: BtPort;
  #state: BtState = resetState();

  constructor(name: string, { irq, port }: { irq: IrqLine; port: BtPort }) {
    this.name = name;
    this.#irq = irq;
    this.#port = port;
    this.window = byteWindow(
      (offset) => this.#read(offset),
      (offset, value) => this.#write(offset, value),
    );
  }

  /** Transfers are lost; the BMC's lines stay as it drives them. */
  reset(): void {
    const { smsAttention, interruptsEnabled, ticket, waiting } = this.#state;
    for (const each of waiting) this.#port.cancel(each.ticket);
    this.#state = { ...resetState(), smsAttention, interruptsEnabled, ticket };
    this.#update();
  }

  snapshot(): BtState {
    return copy(this.#state);
  }

  restore(state: BtState): void {
    this.#state = copy(state);
    this.#update();
  }

  /** An answer of the BMC's; one that nobody waits for is dropped. */
  respond(ticket: number, message: readonly number[]): void {
    const s = this.#state;
    const index = s.waiting.findIndex((each) => each.ticket === ticket);
    if (index < 0) return;
    const [{ sequence } = { sequence: 0 }] = s.waiting.splice(index, 1);
    const [netFn = 0, ...rest] = message.slice(0, MAX_MESSAGE - 1);
    s.ready.push([rest.length + 2, netFn, sequence, ...rest]);
    this.#deliver();
    this.#update();
  }

  /** SMS_ATN; `interrupt`: its rise is a reason to interrupt. */
  setAttention(on: boolean, interrupt: boolean): void {
    const s = this.#state;
    if (s.smsAttention === on) return;
    s.smsAttention = on;
    if (on && interrupt && s.interruptsEnabled) this.#raise();
    else if (!s.b2hAttention) s.irqPending &&= on;
    this.#update();
  }

  /** Whether the interface may interrupt at all, as the BMC's global enables say. */
  enableInterrupts(enabled: boolean): void {
    this.#state.interruptsEnabled = enabled;
    if (!enabled) this.#state.irqPending = false;
    this.#update();
  }

  #read(offset: number): number {
    const s = this.#state;
    if (offset === R.CONTROL) return this.#control();
    if (offset === R.BUFFER) return s.output[s.position] === undefined ? EMPTY : s.output[s.position++]!;
    if (offset !== R.INTERRUPT_MASK) return EMPTY;
    return (s.irqEnable ? R.IRQ_ENABLE : 0) | (s.irqPending ? R.IRQ_PENDING : 0);
  }

  #control(): number {
    const s = this.#state;
    return (
      (s.h2bAttention ? R.H2B_ATTENTION | R.BMC_BUSY : 0) |
      (s.b2hAttention ? R.B2H_ATTENTION : 0) |
      (s.smsAttention ? R.SMS_ATTENTION : 0) |
      (s.hostBusy ? R.HOST_BUSY : 0)
    );
  }

  #write(offset: number, value: number): void {
    const s = this.#state;
    if (offset === R.CONTROL) this.#command(value);
    else if (offset === R.INTERRUPT_MASK) this.#mask(value);
    // A message that the BMC has not taken yet is not written over, and one too long only shows its length.
    else if (offset === R.BUFFER && !s.h2bAttention && s.input.length <= MAX_MESSAGE + 1) s.input.push(value);
    this.#update();
  }

  #command(value: number): void {
    const s = this.#state;
    if (value & R.CLEAR_WRITE_POINTER && !s.h2bAttention) s.input = [];
    if (value & R.CLEAR_READ_POINTER) s.position = 0;
    if (value & R.B2H_ATTENTION) s.b2hAttention = false;
    if (value & R.SMS_ATTENTION) s.smsAttention = false;
    if (value & R.HOST_BUSY) s.hostBusy = !s.hostBusy;
    if (value & R.H2B_ATTENTION) s.h2bAttention = true;
    this.#deliver();
  }

  #mask(value: number): void {
    const s = this.#state;
    if (value & R.HARD_RESET) return this.reset();
    if (value & R.IRQ_PENDING) s.irqPending = false;
    const enable = (value & R.IRQ_ENABLE) !== 0;
    const begins = enable && !s.irqEnable;
    s.irqEnable = enable;
    if (!enable) s.irqPending = false;
    else if (begins && (s.b2hAttention || s.smsAttention)) this.#raise();
  }

  /** Shows the next answer when the host has done with the one before, and takes the next message when there is room. */
  #deliver(): void {
    const s = this.#state;
    if (!s.b2hAttention && !s.hostBusy) {
      const next = s.ready.shift();
      if (next) {
        s.output = next;
        s.position = 0;
        s.b2hAttention = true;
        this.#raise();
      }
    }
    const under = s.waiting.length + s.ready.length + (s.b2hAttention ? 1 : 0);
    if (s.h2bAttention && under < OUTSTANDING) this.#take();
  }

  /** A message whose length is not what its first byte says is dropped, as one that was never sent. */
  #take(): void {
    const s = this.#state;
    const [length = 0, netFn = 0, sequence = 0, ...rest] = s.input;
    s.h2bAttention = false;
    const sound = length >= LEAST_MESSAGE && s.input.length === length + 1;
    s.input = [];
    if (!sound) return;
    const ticket = (s.ticket = (s.ticket + 1) & 0xffff);
    s.waiting.push({ ticket, sequence });
    this.#port.send(ticket, [netFn, ...rest]); // may answer before it returns
  }

  #raise(): void {
    if (this.#state.irqEnable) this.#state.irqPending = true;
  }

  #update(): void {
    this.#irq.set(this.#state.irqPending);
  }
}

function resetState(): BtState {
  return {
    input: [],
    output: [],
    position: 0,
    h2bAttention: false,
    b2hAttention: false,
    smsAttention: false,
    hostBusy: false,
    irqEnable: false,
    irqPending: false,
    ticket: 0,
    waiting: [],
    ready: [],
    interruptsEnabled: false,
  };
}

function copy(state: BtState): BtState {
  return {
    ...state,
    input: [...state.input],
    output: [...state.output],
    waiting: state.waiting.map((each) => ({ ...each })),
    ready: state.ready.map((each) => [...each]),
  };
}
