// SPDX-License-Identifier: MIT
// The whole machine as bytes and back: configuration, processor, everything that has a state, guest memory. A snapshot is
// looked through to its last byte before anything of the machine changes.
import { SnapshotError } from "../../common/errors.ts";
import type { Plain } from "../../devices/core/device.ts";
import type { CpuCore } from "../cpu/core.ts";
import type { Compression } from "./compression.ts";
import { type Container, packContainer, unpackContainer } from "./container.ts";
import { DirtyPages } from "./dirty-pages.ts";
import { isZeroPage, packPages, PAGE, unpackPages } from "./pages.ts";
import { plainFromBytes, plainToBytes } from "./plain-bytes.ts";

/** Anything with a state of its own: devices, the clock, lines, disks, the BMC. */
export interface SnapshotPart {
  /** Unique in the machine. */
  readonly name: string;
  /** Version of the state's shape. */
  readonly version: number;
  snapshot(): object;
  restore(state: never): void;
}

export interface SnapshotSource {
  readonly core: CpuCore;
  readonly compression: Compression;
  /** What has to be the same in the machine that takes the snapshot, in words for the error. */
  configuration(): Readonly<Record<string, string | number>>;
  /** In the order of restoring; the clock first. */
  readonly parts: readonly SnapshotPart[];
}

export interface SnapshotOptions {
  /** A delta against the first of these; the others only where it is a delta itself. */
  bases?: readonly Uint8Array[];
}

type Configuration = Readonly<Record<string, string | number>>;
interface Head {
  readonly configuration: Configuration;
  readonly base: string | null;
}
type PartStates = ReadonlyMap<string, { version: number; state: Plain }>;

export class MachineSnapshots {
  readonly #source: SnapshotSource;
  readonly #dirty: DirtyPages;
  /** The snapshot since which written pages are marked. */
  #marked: string | undefined;

  constructor(source: SnapshotSource) {
    this.#source = source;
    this.#dirty = new DirtyPages(source.core);
  }

  take({ bases = [] }: SnapshotOptions = {}): Uint8Array {
    const { core, parts } = this.#source;
    const base = bases[0] && unpackContainer(bases[0]);
    const head = { configuration: this.#source.configuration(), base: base?.id ?? null };
    const states = Object.fromEntries(
      parts.map((part) => [part.name, { version: part.version, state: part.snapshot() }]),
    );
    const packed = packContainer(
      new Map([
        ["head", plainToBytes(head)],
        ["processor", core.save()],
        ["parts", plainToBytes(states)],
        ["memory", packPages(core.ram(0, core.memoryBytes), this.#wanted(base, bases), this.#source.compression)],
      ]),
    );
    this.#mark(unpackContainer(packed).id);
    return packed;
  }

  /** Throws a SnapshotError, and the machine is as it was, when the snapshot is not for it. */
  restore(packed: Uint8Array, { bases = [] }: SnapshotOptions = {}): void {
    const { core } = this.#source;
    const chain = this.#chain(packed, bases);
    const newest = chain[0]!;
    const processor = core.unpack(section(newest, "processor"));
    const states = this.#partStates(newest);
    for (const each of chain) this.#eachRun(each, () => {});
    this.#restoreParts(states, processor);
    core.ram(0, core.memoryBytes).fill(0);
    const memory = core.ram(0, core.memoryBytes);
    for (const each of chain.toReversed()) this.#eachRun(each, (first, bytes) => memory.set(bytes, first * PAGE));
    core.memoryChanged();
    this.#mark(newest.id);
  }

  /** Memory begins anew: whatever is a snapshot's base has nothing in common with it. */
  forget(): void {
    this.#dirty.clear();
    this.#marked = undefined;
  }

  #eachRun(container: Container, visit: (first: number, bytes: Uint8Array) => void): void {
    const { core, compression } = this.#source;
    unpackPages(section(container, "memory"), core.memoryBytes, compression, visit);
  }

  #mark(id: string): void {
    this.#dirty.clear();
    this.#marked = id;
  }

  /** The snapshot and all it is based on, newest first. */
  #chain(packed: Uint8Array, bases: readonly Uint8Array[]): Container[] {
    const known = bases.map(unpackContainer);
    const chain = [unpackContainer(packed)];
    for (;;) {
      const head = this.#head(chain.at(-1)!);
      if (head.base === null) return chain;
      const base = known.find(({ id }) => id === head.base);
      if (!base) throw new SnapshotError(`snapshot: it is a delta against snapshot ${head.base}, which is not there`);
      if (chain.includes(base)) throw new SnapshotError("snapshot: the deltas go in a circle");
      chain.push(base);
    }
  }

  #head(container: Container): Head {
    const { configuration, base } = record(plainFromBytes(section(container, "head")));
    if (base !== null && typeof base !== "string") throw malformed();
    const found = record(configuration);
    const expected: Configuration = this.#source.configuration();
    for (const name of new Set([...Object.keys(expected), ...Object.keys(found)])) {
      if (found[name] === expected[name]) continue;
      const tell = (value: unknown): string => (value === undefined ? "none" : String(value));
      throw new SnapshotError(
        `snapshot of another machine: its ${name} is ${tell(found[name])}, this one's is ${tell(expected[name])}`,
      );
    }
    return { configuration: expected, base };
  }

  #partStates(container: Container): PartStates {
    const found = record(plainFromBytes(section(container, "parts")));
    const { parts } = this.#source;
    const extra = Object.keys(found).find((name) => !parts.some((part) => part.name === name));
    if (extra !== undefined) throw new SnapshotError(`snapshot: it has a ${extra}, this machine has none`);
    return new Map(
      parts.map(({ name, version }) => {
        if (found[name] === undefined) throw new SnapshotError(`snapshot: it has no ${name}, this machine has one`);
        const { version: foundVersion, state } = record(found[name]);
        if (foundVersion !== version)
          throw new SnapshotError(
            `snapshot: its ${name} is of version ${String(foundVersion)}, ${version} is expected`,
          );
        return [name, { version, state: state ?? null }];
      }),
    );
  }

  #restoreParts(states: PartStates, processor: Uint8Array): void {
    const { core, parts } = this.#source;
    const before = new Map(
      parts.map((part) => [part.name, { version: part.version, state: part.snapshot() as Plain }]),
    );
    const processorBefore = core.unpack(core.save());
    try {
      this.#put(states, processor);
    } catch (error) {
      this.#put(before, processorBefore);
      if (error instanceof SnapshotError) throw error;
      throw new SnapshotError(`snapshot: the state of a part is malformed (${(error as Error).message})`);
    }
  }

  /**
   * Twice: the first time outputs move wires and alarms, and what that does to parts restored before is put right by the
   * second, in which nothing moves any more.
   */
  #put(states: PartStates, processor: Uint8Array): void {
    const { core, parts } = this.#source;
    for (let round = 0; round < 2; round++) {
      core.install(processor);
      for (const part of parts) part.restore(states.get(part.name)!.state as never);
    }
    parts[0]!.restore(states.get(parts[0]!.name)!.state as never); // the clock: alarms as they were
    core.install(processor);
  }

  /** Which pages go into a snapshot. */
  #wanted(base: Container | undefined, bases: readonly Uint8Array[]): (page: number) => boolean {
    const { core } = this.#source;
    const words = new Int32Array(core.memory.buffer, core.ram(0, 0).byteOffset, core.memoryBytes / 4);
    if (!base) return (page) => !isZeroPage(words, page);
    if (base.id === this.#marked) return (page) => this.#dirty.has(page);
    const memory = new Uint8Array(core.memoryBytes);
    for (const each of this.#chain(bases[0]!, bases.slice(1)).toReversed())
      this.#eachRun(each, (first, bytes) => memory.set(bytes, first * PAGE));
    const old = new Int32Array(memory.buffer);
    return (page) => {
      for (let at = (page * PAGE) / 4; at < ((page + 1) * PAGE) / 4; at++) if (old[at] !== words[at]) return true;
      return false;
    };
  }
}

function section({ sections }: Container, name: string): Uint8Array {
  const found = sections.get(name);
  if (!found) throw new SnapshotError(`snapshot: the section "${name}" is missing`);
  return found;
}

const malformed = (): SnapshotError => new SnapshotError("snapshot: its data are malformed");

function record(value: Plain | undefined): Readonly<Record<string, Plain | undefined>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array))
    return value as Readonly<Record<string, Plain>>;
  throw malformed();
}
