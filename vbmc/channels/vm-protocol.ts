// SPDX-License-Identifier: MIT
// The framing by which QEMU's ipmi-bmc-extern and an external BMC talk over a byte stream: marks end messages and control
// commands, an escape keeps marks out of the data, messages end with a checksum.
// Spec: OpenIPMI "VM" protocol version 1, as QEMU's ipmi-bmc-extern speaks it.
import { checksum, type Bytes } from "../ipmi/message.ts";

export const VM_PROTOCOL_VERSION = 1;
const MESSAGE_END = 0xa0;
const COMMAND_END = 0xa1;
const ESCAPE = 0xaa;
/** An escaped byte has this bit set on the wire. */
const ESCAPED = 0x10;
/** Longest frame that is kept; QEMU's messages have 300 bytes at most. */
const MAX_FRAME = 512;

export const CMD_VERSION = 0xff;
export const CMD_NO_ATTENTION = 0x00;
export const CMD_ATTENTION = 0x01;
export const CMD_ATTENTION_IRQ = 0x02;
export const CMD_POWER_OFF = 0x03;
export const CMD_RESET = 0x04;
export const CMD_ENABLE_IRQ = 0x05;
export const CMD_DISABLE_IRQ = 0x06;
export const CMD_NMI = 0x07;
export const CMD_CAPABILITIES = 0x08;
export const CMD_GRACEFUL_SHUTDOWN = 0x09;

export const CAPABILITY_POWER = 0x01;
export const CAPABILITY_RESET = 0x02;
export const CAPABILITY_NMI = 0x08;
export const CAPABILITY_GRACEFUL_SHUTDOWN = 0x20;

export type VmFrame = { kind: "message"; sequence: number; message: number[] } | { kind: "command"; bytes: number[] };

export function encodeMessage(sequence: number, message: Bytes): number[] {
  const body = [sequence, ...message];
  return [...escape([...body, checksum(body)]), MESSAGE_END];
}

export function encodeCommand(...bytes: number[]): number[] {
  return [...escape(bytes), COMMAND_END];
}

function escape(bytes: Bytes): number[] {
  const escaped: number[] = [];
  for (const each of bytes) {
    if (each === MESSAGE_END || each === COMMAND_END || each === ESCAPE) escaped.push(ESCAPE, each | ESCAPED);
    else escaped.push(each);
  }
  return escaped;
}

/** Cuts the stream into frames; what is damaged or too long is dropped up to its end mark. */
export class VmDecoder {
  #frame: number[] = [];
  #escaped = false;

  push(bytes: Iterable<number>): VmFrame[] {
    const frames: VmFrame[] = [];
    for (const byte of bytes) {
      if (byte === MESSAGE_END || byte === COMMAND_END) {
        const frame = this.#end(byte);
        if (frame) frames.push(frame);
      } else if (byte === ESCAPE && !this.#escaped) this.#escaped = true;
      else {
        if (this.#frame.length <= MAX_FRAME) this.#frame.push(this.#escaped ? byte & ~ESCAPED : byte);
        this.#escaped = false;
      }
    }
    return frames;
  }

  #end(mark: number): VmFrame | undefined {
    const frame = this.#frame;
    const broken = this.#escaped || frame.length > MAX_FRAME;
    this.#frame = [];
    this.#escaped = false;
    if (broken || frame.length === 0) return undefined;
    if (mark === COMMAND_END) return { kind: "command", bytes: frame };
    if (frame.length < 3 || checksum(frame) !== 0) return undefined;
    return { kind: "message", sequence: frame[0]!, message: frame.slice(1, -1) };
  }
}
