// SPDX-License-Identifier: MIT
// The ROMs of the machine that the BMC keeps: the active one, the one before it, and one that is to come. A new one becomes
// active when the machine starts the next time, and is on trial until its power-on self test has come to an end; else the
// one before comes back by itself.
// Spec: PICMG HPM.1 R1.0, section 3.4 (deferred activation, automatic and manual rollback); the ROM: common/rom-label.ts.
import { ROM_BYTES, type RomLabel } from "../common/rom-label.ts";
import { SECOND, type Context } from "./context.ts";
import { logEvent } from "./sel.ts";
import { EVENT_SENSOR_SPECIFIC } from "./sensor-list.ts";

/** How long a new ROM has for its first self test. */
export const TRIAL_SECONDS = 60;
/** Starts of the machine that a new ROM has for it. */
const TRIAL_STARTS = 3;
const VERSION_CHANGE = 0x2b; // sensor type
const CHANGE_DETECTED = 0x01;
const CHANGE_SUCCESSFUL = 0x07;
const EXTENSION_IN_DATA2 = 0xc0;
const SYSTEM_FIRMWARE = 0x09;
/** Codes of POST's last step: the system is started, or there is none. */
const STARTING_SYSTEM = 0x13;
const NO_BOOT_MEDIA = 0x08;

export interface RomImage {
  /** Major, minor in BCD, and the first four bytes of the hash. */
  version: number[];
  /** SHA-256 in hexadecimal. */
  hash: string;
  /** The bytes in hexadecimal; null: the ROM that the machine came with. */
  bytes: string | null;
}

export interface RomBank {
  active: RomImage;
  previous: RomImage | null;
  staged: RomImage | null;
  /** What the machine's next start makes active. */
  next: "staged" | "previous" | null;
  /** The staged one is to stay, come what may. */
  unconditional: boolean;
  /** The active ROM has not proved itself yet: until when it must, and how often the machine has started with it. */
  trial: { due: number | null; starts: number } | null;
  /** The one before came back, by itself or because it was told to, since the last activation. */
  rolledBack: boolean;
}

export function newRomBank(label: RomLabel | null): RomBank | null {
  return (
    label && {
      active: romImage(label, null),
      previous: null,
      staged: null,
      next: null,
      unconditional: false,
      trial: null,
      rolledBack: false,
    }
  );
}

export function romImage({ major, minorBcd, hash }: RomLabel, bytes: string | null): RomImage {
  const start = [0, 1, 2, 3].map((i) => parseInt(hash.slice(2 * i, 2 * i + 2), 16));
  return { version: [major, minorBcd, ...start], hash, bytes };
}

/** A staged ROM that has not been activated is what an upload replaces. */
export function stageRom(bank: RomBank, image: RomImage | null): void {
  bank.staged = image;
  if (bank.next === "staged") bank.next = null;
}

/** The machine starts: what was ordered becomes active, and a ROM that failed too often goes. */
export function startRom(context: Context): void {
  const { rom: bank, at } = context.state;
  if (!bank) return;
  if (bank.trial && ++bank.trial.starts > TRIAL_STARTS && bank.next === null) bank.next = "previous";
  const { next } = bank;
  if (next) makeActive(context, next);
  if (bank.trial) bank.trial.due = at + TRIAL_SECONDS * SECOND;
}

function makeActive(context: Context, next: "staged" | "previous"): void {
  const bank = context.state.rom!;
  const image = bank[next];
  bank.next = null;
  if (!image) return;
  bank.previous = bank.active;
  bank.active = image;
  bank.rolledBack = next === "previous";
  // What came back has run before.
  bank.trial = next === "staged" && !bank.unconditional ? { due: null, starts: 1 } : null;
  if (next === "staged") bank.staged = null;
  logChange(context, CHANGE_DETECTED);
  context.effects.push({ kind: "rom", bytes: image.bytes === null ? null : fromHex(image.bytes) });
}

/** POST came to `code`: with its last step a new ROM has proved itself. */
export function proveRom(context: Context, failed: boolean, code: number): void {
  const { rom: bank } = context.state;
  if (!bank?.trial || code !== (failed ? NO_BOOT_MEDIA : STARTING_SYSTEM)) return;
  bank.trial = null;
  logChange(context, CHANGE_SUCCESSFUL);
}

/** Without power nothing can be proved. */
export function pauseTrial({ state: { rom } }: Context): void {
  if (rom?.trial) rom.trial.due = null;
}

export function trialDue(bank: RomBank | null): number | null {
  return bank?.trial?.due ?? null;
}

/** The time of a ROM that never came through its self test is up: the one before it gets the machine. */
export function ringTrial(context: Context): void {
  const { rom: bank, at } = context.state;
  if (!bank?.trial || bank.trial.due === null || bank.trial.due > at) return;
  bank.trial.due = null;
  bank.next = "previous";
  context.effects.push({ kind: "machine", action: "reset" });
}

function logChange(context: Context, offset: number): void {
  logEvent(context, {
    sensorType: VERSION_CHANGE,
    sensor: 0,
    eventType: EVENT_SENSOR_SPECIFIC,
    assertion: true,
    data: [EXTENSION_IN_DATA2 | offset, SYSTEM_FIRMWARE, 0xff],
  });
}

export function toHex(bytes: readonly number[]): string {
  return bytes.map((each) => each.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: Math.min(ROM_BYTES, text.length / 2) }, (_, i) =>
    parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}
