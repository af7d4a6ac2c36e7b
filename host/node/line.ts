// SPDX-License-Identifier: MIT
// A serial port's cable into the host: what a socket or a pseudo terminal has in common. Both ways are bounded: who types
// faster than the guest takes it is not read, and what a slow reader leaves unread is lost beyond a limit.

/** The machine's end. */
export interface LinePort {
  write(bytes: Uint8Array): void;
  /** Characters that the guest has not taken yet. */
  readonly waiting: number;
  onByte(listener: (byte: number) => void): unknown;
  sendBreak(): void;
  /** Somebody has come. */
  greet?(): void;
}

/** The host's end. */
export interface Line {
  /** From now on characters go both ways. */
  start(port: LinePort): void;
  /** Once a turn of the machine: what has gathered goes out, and more comes in when there is room. */
  pump(): void;
  close(): void;
}

/** Characters on their way to the guest at which no more are read. */
export const INPUT_ROOM = 4096;
/** Bytes that a slow reader may leave unread. */
export const OUTPUT_ROOM = 1 << 20;
