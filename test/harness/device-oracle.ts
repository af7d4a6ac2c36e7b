// SPDX-License-Identifier: MIT
// A device of ours against QEMU's, access by access. A case names the device, the machine of QEMU that has it, where its
// windows are and how to make ours; seeded sessions of legal and hostile accesses run on QEMU once, are kept as text, and
// are replayed on ours wherever the tests run. What differs on purpose is data: a rule that says which bits, and the
// datasheet's word. To add a device: write an OracleCase, add it to the list of its spec and to register-differences.ts, record
// with GLASS86_RECORD=1.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomSource } from "../../devices/core/contract.ts";
import type { AccessSize, RegisterWindow } from "../../devices/core/device.ts";
import { type IrqLine, noIrq } from "../../devices/core/irq-line.ts";
import { CONFADD, CONFDATA, Qtest } from "./qtest.ts";

/** A read, a write, an input line driven, or a wait until a place holds a value, for what QEMU's device does in threads of
 * its own. Time stands still: Debian's QEMU has no clock that can be stepped. */
export interface Step {
  readonly kind: "r" | "w" | "line" | "until";
  readonly region: number;
  /** Of a line: its number. */
  readonly offset: number;
  readonly size: AccessSize;
  readonly value: number;
  /** Bits of a read that a listed difference covers at this place of the session. */
  readonly except?: number;
}

export interface Difference {
  /** The bits of a read that differ by design; `written`: what the first window's offset was last written with. Left out
   * where the steps name the bits themselves, or keep clear of the place. */
  readonly bits?: (step: Step, written: (offset: number) => number) => number;
  readonly why: string;
}

const HLT = 0xf4;
/** Far more looks than a request takes. */
const MAX_TRIES = 20_000;

type Lines = (number: number) => IrqLine;

/** Where a window is. "pci": configuration space from the address that CONFADD is given. The last three only a processor
 * reaches: taking an interrupt, its registers, letting time pass. */
export type Space = "io" | "memory" | "pci" | "acknowledge" | "msr" | "wait";

export interface DeviceBench {
  readonly windows: readonly RegisterWindow[];
  readonly line?: Lines;
  /** Lets the time pass that the device needs. */
  readonly settle?: () => void;
}

export interface OracleCase {
  readonly name: string;
  readonly machine: "pc" | "q35" | "microvm";
  /** The machine runs, with a processor that has halted: some of QEMU's devices stand still with the machine. */
  readonly runs?: boolean;
  /** Bytes of an empty disk that the options call `disk`. */
  readonly disk?: number;
  readonly options?: readonly string[];
  readonly regions: readonly { readonly space: Space; readonly address: number }[];
  /** Tools beside QEMU without which there are no fresh answers. */
  readonly tools?: readonly string[];
  /** Who asks QEMU, where it is not the frozen machine. */
  readonly ask?: (device: OracleCase, steps: readonly Step[]) => Promise<number[]>;
  /** Port writes that make QEMU's device appear where it is looked for: address, size, value. */
  readonly prepare?: readonly (readonly [port: number, size: AccessSize, value: number])[];
  /** Windows of a new device, one a region. */
  readonly bench: () => readonly RegisterWindow[] | DeviceBench;
  /** Input lines of the device: objects of QEMU whose inputs follow each other, so many each, and ours. */
  readonly lines?: { readonly paths: readonly string[]; readonly each: number };
  /** What a session begins with, to bring both to the same state. */
  readonly opening?: readonly Step[];
  /** The next step of a session, or steps that belong together. */
  readonly next: (random: (below: number) => number) => Step | readonly Step[];
  readonly differences: readonly Difference[];
}

export const read = (region: number, offset: number, size: AccessSize, except = 0): Step => ({
  ...step("r", region, offset, size, 0),
  except,
});
export const write = (region: number, offset: number, size: AccessSize, value: number): Step =>
  step("w", region, offset, size, value % 2 ** (8 * size));

export const until = (region: number, offset: number, size: AccessSize, value: number): Step =>
  step("until", region, offset, size, value);

export const drive = (line: number, level: boolean): Step => step("line", 0, line, 1, level ? 1 : 0);

function step(kind: Step["kind"], region: number, offset: number, size: AccessSize, value: number): Step {
  return { kind, region, offset, size, value };
}

/** At least `length` steps after the opening: the last group is not cut. */
export function session({ opening = [], next }: OracleCase, seed: number, length: number): Step[] {
  const random = randomSource(seed);
  const steps = [...opening];
  while (steps.length < opening.length + length) steps.push(...[next(random)].flat());
  return steps;
}

/** The values that QEMU's device gives to the reads of a session. */
export async function askQemu(device: OracleCase, steps: readonly Step[]): Promise<number[]> {
  if (device.ask) return device.ask(device, steps);
  const { machine, options = [], prepare = [], disk, runs = false } = device;
  const folder = mkdtempSync(join(tmpdir(), "glass86-oracle-"));
  const file = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const files = [
    ...(disk === undefined
      ? []
      : ["-drive", `if=none,id=disk,format=raw,discard=unmap,file=${file("disk.img", new Uint8Array(disk))}`]),
    ...(runs ? ["-bios", file("halt.bin", new Uint8Array(0x10000).fill(HLT))] : []),
  ];
  const qemu = new Qtest([...files, ...options], { machine, runs });
  try {
    for (const [port, size, value] of prepare) await qemu.out(port, size, value);
    const answers: number[] = [];
    for (const each of steps) {
      if (each.kind === "line") {
        const { paths, each: inputs } = device.lines!;
        await qemu.drive(paths[Math.floor(each.offset / inputs)]!, each.offset % inputs, each.value !== 0);
      } else if (each.kind === "until") await waitFor(device, qemu, each, steps.indexOf(each));
      else {
        const answer = await access(device, qemu, each);
        if (each.kind === "r") answers.push(answer);
      }
    }
    return answers;
  } finally {
    await qemu.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function access(device: OracleCase, qemu: Qtest, { kind, region, offset, size, value }: Step): Promise<number> {
  const { space, address } = device.regions[region]!;
  let at = address + offset;
  if (space === "pci") {
    await qemu.out(CONFADD, 4, (at & ~3) >>> 0);
    at = CONFDATA + (at & 3);
  }
  const memory = space === "memory";
  if (kind !== "w") return memory ? qemu.load(at, size) : qemu.in(at, size);
  await (memory ? qemu.store(at, size, value) : qemu.out(at, size, value));
  return 0;
}

async function waitFor(device: OracleCase, qemu: Qtest, step: Step, index: number): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) if ((await access(device, qemu, step)) === step.value) return;
  const { region, offset, value } = step;
  throw new Error(`QEMU: ${region}+${offset.toString(16)} does not become ${value.toString(16)} (step ${index})`);
}

/** The reads in which ours differs from the answers, in bits that no difference explains. */
export function disagreements(device: OracleCase, steps: readonly Step[], answers: readonly number[]): string[] {
  const bench = device.bench();
  const { windows, line, settle }: DeviceBench = "windows" in bench ? bench : { windows: bench };
  const found: string[] = [];
  const last = new Map<number, number>();
  const written = (offset: number): number => last.get(offset) ?? 0;
  let reads = 0;
  steps.forEach((each, index) => {
    const { kind, region, offset, size, value } = each;
    if (kind === "line") (line?.(offset) ?? noIrq).set(value !== 0);
    else if (kind === "until") {
      settle?.();
      const ours = windows[region]!.read(offset, size);
      if (ours !== value) found.push(`step ${index}: ${region}+${offset.toString(16)} is ${ours}, not ${value}`);
    } else if (kind === "w") {
      windows[region]!.write(offset, size, value);
      if (region === 0) last.set(offset, value);
    } else {
      const ours = windows[region]!.read(offset, size);
      const theirs = answers[reads++]!;
      const ignored = device.differences.reduce(
        (bits, { bits: of }) => bits | (of?.(each, written) ?? 0),
        each.except ?? 0,
      );
      if ((ours ^ theirs) & ~ignored)
        found.push(
          `step ${index}: ${region}+${offset.toString(16)}/${size} ours ${ours.toString(16)}, QEMU ${theirs.toString(16)}`,
        );
    }
  });
  return found;
}

// ---- recorded sessions: a line a session, its seed, its length, and the answers in hexadecimal ---------------------------

export interface Recording {
  readonly seed: number;
  readonly length: number;
  readonly answers: readonly number[];
}

export function loadRecordings(path: string): Recording[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => {
    const [seed, length, ...answers] = line.split(" ");
    return { seed: Number(seed), length: Number(length), answers: answers.map((each) => parseInt(each, 16)) };
  });
}

export function saveRecordings(path: string, recordings: readonly Recording[]): void {
  const lines = recordings.map(({ seed, length, answers }) =>
    [seed, length, ...answers.map((each) => each.toString(16))].join(" "),
  );
  writeFileSync(path, `${lines.join("\n")}\n`);
}
