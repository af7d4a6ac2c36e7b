// SPDX-License-Identifier: MIT
// What a command works on: the BMC's state and the effects that the step has had so far; and the events and effects by
// which the BMC and the world meet. Time is virtual and comes with each event.
// Spec: none (own interface).
import type { BridgedAnswer } from "./ipmi/bridging.ts";
import type { Origin } from "./ipmi/command.ts";
import type { Bytes } from "./ipmi/message.ts";
import type { BmcState } from "./state.ts";
import type { GuestState, Telemetry } from "./telemetry.ts";

/** The far end of a datagram. */
export interface Peer {
  address: string;
  port: number;
}

export type Event = { at: number } & (
  | { kind: "request"; origin: Origin; tag: number; message: Bytes }
  | { kind: "time" }
  /** `restarted`: it begins at its reset vector, for a cause that the BMC itself knows better where it gave the order. */
  | { kind: "machine"; powered: boolean; cause?: number; restarted?: boolean }
  | { kind: "sensor"; number: number; raw: number | null }
  /** What the machine measured, once a second while it is on; what became of its guest. */
  | { kind: "telemetry"; telemetry: Telemetry }
  | { kind: "guest"; guest: GuestState }
  /** A request to a disk failed. */
  | { kind: "drive-fault"; disk: number }
  /** The system's firmware did a step of its test; the code is event data 2 of its sensor. */
  | { kind: "firmware"; failed: boolean; code: number }
  | { kind: "button"; button: "power" | "reset" | "identify" | "nmi" }
  /** A datagram came to one of the BMC's ports. */
  | { kind: "datagram"; peer: Peer; port: number; bytes: Bytes }
  /** The machine's UART sent characters; it can take so many now. */
  | { kind: "serial"; bytes: Bytes }
  | { kind: "serial-room"; room: number }
  /** A viewer of the host's at the console comes or goes, types, sends a break. */
  | { kind: "viewer"; viewer: string; present: boolean }
  | { kind: "viewer-input"; viewer: string; bytes: Bytes }
  | { kind: "viewer-break"; viewer: string }
  /** Randomness from whoever has some, or the machine's seed. */
  | { kind: "entropy"; bytes: Bytes }
);

/** What the machine is told to do. */
export type MachineAction = "power-on" | "power-off" | "power-cycle" | "reset" | "nmi" | "soft-off";

export type Effect =
  | { kind: "response"; channel: number; tag: number; message: number[] }
  /** SMS_ATN, and whether its rise may interrupt the host. */
  | { kind: "attention"; on: boolean; interrupt: boolean }
  /** Whether a system interface may interrupt at all. */
  | { kind: "interrupts"; enabled: boolean }
  | { kind: "machine"; action: MachineAction }
  | { kind: "identify"; on: boolean }
  /** The machine starts with this ROM from now on; null: with the one that it came with. */
  | { kind: "rom"; bytes: Uint8Array | null }
  | { kind: "datagram"; peer: Peer; port: number; bytes: number[] }
  /** Characters for the machine's UART, never more than it said it can take; a break; its modem lines. */
  | { kind: "serial"; bytes: number[] }
  | { kind: "serial-break" }
  | { kind: "serial-lines"; clearToSend: boolean; carrier: boolean; ring: boolean }
  /** What a viewer of the host's sees; how many of its characters were taken; that more are possible again. */
  | { kind: "viewer"; viewer: string; bytes: number[] }
  | { kind: "viewer-taken"; viewer: string; count: number }
  | { kind: "viewer-ready"; viewer: string };

export interface Context {
  readonly state: BmcState;
  readonly effects: Effect[];
  /** What goes to the asking console behind the answer to its Send Message. */
  readonly bridged: BridgedAnswer[];
}

export const SECOND = 1_000_000_000;
