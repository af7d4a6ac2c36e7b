// SPDX-License-Identifier: MIT
// Sessions for virtio devices: negotiation, requests with rings that the steps write into guest memory, drivers' faults, and
// the transport's registers. Each group of steps begins with a reset, so that groups can come in any order.
// Spec: VIRTIO 1.2, 2 "Basic Facilities of a Virtio Device", 3.1 "Device Initialization", 5.2 to 5.4.
import type { AccessSize, RegisterWindow } from "../../../devices/core/device.ts";
import { TestClock } from "../../../devices/core/test-clock.ts";
import type { VirtioKind } from "../../../devices/virtio/kind.ts";
import * as P from "../../../devices/virtio/pci-registers.ts";
import * as R from "../../../devices/virtio/registers.ts";
import { SERVICE_NANOS } from "../../../devices/virtio/virtio-core.ts";
import { VirtioMmio } from "../../../devices/virtio/virtio-mmio.ts";
import { VirtioPci } from "../../../devices/virtio/virtio-pci.ts";
import { noIrq } from "../../../devices/core/irq-line.ts";
import * as H from "../../../devices/pci/registers.ts";
import { type Difference, type OracleCase, read, type Step, until, write } from "../device-oracle.ts";
import { ramWindow } from "../oracle-memory.ts";
import { benchSocket } from "../pci-bench.ts";
import { TestMemory } from "../test-memory.ts";
import { BAR_ADDRESSES, mmioWire, pciWire, pick, type Random, type Traits, type Wire, word32 } from "./virtio-wires.ts";

/** What a descriptor names: words for the device, or many bytes of which only every 32nd word is written anew, or room. */
export type Piece = readonly number[] | { readonly sparse: readonly number[] } | { readonly room: number };
const SPARSE_BYTES = 128;

const bytesOf = (piece: Piece): number =>
  "room" in piece ? piece.room : "sparse" in piece ? SPARSE_BYTES * piece.sparse.length : 4 * piece.length;

export interface Request {
  readonly pieces: readonly Piece[];
  /** The length in the used ring says nothing that both must agree on. */
  readonly anyLength?: boolean;
  /** Looks at what came: the piece, an offset in it, a size. */
  readonly looks: readonly (readonly [piece: number, offset: number, size: AccessSize])[];
}

const FAULTS = ["no such descriptor", "a loop", "no bytes", "too many", "wrong order", "wrong request"] as const;
type Fault = (typeof FAULTS)[number];
const SEEN_BY_MOST = FAULTS.filter((fault) => fault !== "too many");

/** A kind of device, as the sessions use it. */
export interface VirtioSubject extends Traits {
  readonly name: string;
  /** QEMU's words, for a device on either bus. */
  readonly qemu: {
    readonly options: readonly string[];
    readonly device: string;
    readonly properties: string;
    readonly pci?: string;
    readonly behind?: readonly string[];
  };
  readonly disk?: number;
  /** Serves its queue only in a machine that runs. */
  readonly runs?: boolean;
  readonly make: () => VirtioKind;
  /** Feature bits among which a driver chooses. */
  readonly features: readonly number[];
  readonly queue: number;
  readonly request: (random: Random, accepted: (feature: number) => boolean) => Request;
  /** Faults that QEMU's device sees, where these are others. */
  readonly faults?: readonly Fault[];
  /** A request that no driver may send, where QEMU sees that: the device needs a reset. */
  readonly wrong?: (random: Random) => readonly Piece[];
  readonly config: readonly (readonly [offset: number, size: AccessSize])[];
  /** Writes of what a driver may write. */
  readonly setConfig?: (random: Random, wire: Wire, accepted: (feature: number) => boolean) => Step[];
  readonly differences: readonly Difference[];
}

const RAM_BASE = 0x10_0000;
const RAM_BYTES = 0x10_0000;
const AREAS = { descriptors: RAM_BASE, driver: RAM_BASE + 0x1000, device: RAM_BASE + 0x2000 };
const DATA = RAM_BASE + 0x1_0000;
const PIECE_SPACING = 0x1000;
const TABLE = RAM_BASE + 0x3000;
const RING_SIZE = 8;
const DRIVER_BITS = [R.ACKNOWLEDGE, R.ACKNOWLEDGE | R.DRIVER];
const RUNNING = R.ACKNOWLEDGE | R.DRIVER | R.FEATURES_OK | R.DRIVER_OK;

class Session {
  readonly steps: Step[] = [];
  readonly #wire: Wire;
  readonly #subject: VirtioSubject;
  readonly #random: Random;
  #accepted: readonly number[] = [];

  constructor(wire: Wire, subject: VirtioSubject, random: Random) {
    this.#wire = wire;
    this.#subject = subject;
    this.#random = random;
    this.steps.push(wire.setStatus(0), wire.untilStatus(0));
  }

  add(...steps: readonly Step[]): this {
    this.steps.push(...steps);
    return this;
  }

  #store(address: number, size: AccessSize, value: number): void {
    this.add(write(this.#wire.ram, address - RAM_BASE, size, value));
  }

  /** Up to a running device with one queue. */
  start(): this {
    const [wire, random] = [this.#wire, this.#random];
    for (const bits of DRIVER_BITS) this.add(wire.setStatus(bits), wire.status());
    this.#accepted = this.#subject.features.filter(() => random(2) === 0);
    for (const select of [0, 1]) {
      const bits = [...this.#accepted, R.VIRTIO_F_VERSION_1].filter((bit) => bit >> 5 === select);
      this.add(...wire.offered(select, this.#subject.foreign[select]!));
      this.add(...wire.accept(select, bits.reduce((sum, bit) => sum | (1 << (bit & 31)), 0) >>> 0));
    }
    this.add(wire.setStatus(RUNNING & ~R.DRIVER_OK), wire.status());
    for (let at = AREAS.driver; at < AREAS.driver + 0x18; at += 4) this.#store(at, 4, 0);
    for (let at = AREAS.device; at < AREAS.device + 0x48; at += 4) this.#store(at, 4, 0);
    this.add(...wire.setUpQueue(this.#subject.queue, RING_SIZE, AREAS));
    return this;
  }

  run(): this {
    return this.add(this.#wire.setStatus(RUNNING), this.#wire.status());
  }

  accepted(feature: number): boolean {
    return this.#accepted.includes(feature);
  }

  describe(table: number, index: number, address: number, length: number, flags: number, next: number): this {
    const at = table + R.DESCRIPTOR_BYTES * index;
    this.#store(at, 4, address);
    this.#store(at + 4, 4, 0);
    this.#store(at + 8, 4, length);
    this.#store(at + 12, 4, flags + next * 0x10000);
    return this;
  }

  /** Lays out a chain from a descriptor on, or in an indirect table behind it. */
  chain(head: number, pieces: readonly Piece[], indirect = false): this {
    const table = indirect ? TABLE : AREAS.descriptors;
    pieces.forEach((piece, index) => {
      const address = DATA + PIECE_SPACING * index;
      const words = "room" in piece ? [] : "sparse" in piece ? piece.sparse : piece;
      words.forEach((word, i) => this.#store(address + ("sparse" in piece ? SPARSE_BYTES : 4) * i, 4, word));
      const last = index === pieces.length - 1;
      const flags = ("room" in piece ? R.VIRTQ_DESC_F_WRITE : 0) | (last ? 0 : R.VIRTQ_DESC_F_NEXT);
      const at = indirect ? index : (head + index) % RING_SIZE;
      this.describe(table, at, address, bytesOf(piece), flags, indirect ? index + 1 : (at + 1) % RING_SIZE);
    });
    if (indirect) {
      const bytes = pieces.length * R.DESCRIPTOR_BYTES;
      this.describe(AREAS.descriptors, head, TABLE, bytes, R.VIRTQ_DESC_F_INDIRECT, 0);
    }
    return this;
  }

  offer(head: number, count: number): this {
    this.#store(AREAS.driver + R.RING_ENTRIES + 2 * ((count - 1) % RING_SIZE), 2, head);
    this.#store(AREAS.driver + R.RING_INDEX, 2, count);
    return this.add(this.#wire.notify(this.#subject.queue));
  }

  /** One request from its chain to the driver's look at its interrupt. */
  request(count: number): this {
    const {
      pieces,
      looks,
      anyLength = false,
    } = this.#subject.request(this.#random, (feature) => this.accepted(feature));
    const [{ ram, interrupt, status }, random] = [this.#wire, this.#random];
    const head = random(RING_SIZE);
    const byEvent = this.accepted(R.VIRTIO_F_EVENT_IDX);
    // The first is always wanted: the device has nothing to compare an event with.
    const silent = random(3) === 0 && count > 1;
    this.chain(head, pieces, this.accepted(R.VIRTIO_F_INDIRECT_DESC) && random(2) === 0);
    this.#store(AREAS.driver, 2, silent && !byEvent ? R.VIRTQ_AVAIL_F_NO_INTERRUPT : 0);
    this.#store(AREAS.driver + R.RING_ENTRIES + 2 * RING_SIZE, 2, silent ? count + 5 : count - 1);
    this.offer(head, count);
    const used = AREAS.device - RAM_BASE;
    const entry = used + R.RING_ENTRIES + R.USED_ENTRY_BYTES * ((count - 1) % RING_SIZE);
    this.add(
      until(ram, used + R.RING_INDEX, 2, count),
      read(ram, entry, 4),
      read(ram, entry + 4, 4, anyLength ? -1 : 0),
    );
    if (byEvent) this.add(read(ram, used + R.RING_ENTRIES + R.USED_ENTRY_BYTES * RING_SIZE, 2));
    for (const [piece, offset, size] of looks)
      this.add(read(ram, DATA - RAM_BASE + PIECE_SPACING * piece + offset, size));
    return this.add(...interrupt(), status());
  }

  /** A fault of the driver's, after which only a reset helps. */
  fault(): this {
    const random = this.#random;
    switch (pick(random, this.#subject.faults ?? SEEN_BY_MOST)) {
      case "no such descriptor":
        this.offer(RING_SIZE + random(0x1000), 1);
        break;
      case "a loop":
        for (let index = 0; index < RING_SIZE; index++)
          this.describe(AREAS.descriptors, index, DATA, 16, R.VIRTQ_DESC_F_NEXT, (index + 1) % RING_SIZE);
        this.offer(random(RING_SIZE), 1);
        break;
      case "no bytes":
        this.describe(AREAS.descriptors, 0, DATA, 0, 0, 0).offer(0, 1);
        break;
      case "too many":
        this.#store(AREAS.driver + R.RING_INDEX, 2, RING_SIZE + 1 + random(0x1000));
        this.add(this.#wire.notify(this.#subject.queue));
        break;
      case "wrong order":
        this.describe(AREAS.descriptors, 0, DATA, 64, R.VIRTQ_DESC_F_WRITE | R.VIRTQ_DESC_F_NEXT, 1);
        this.describe(AREAS.descriptors, 1, DATA, 64, 0, 0).offer(0, 1);
        break;
      case "wrong request":
        this.chain(0, this.#subject.wrong?.(random) ?? [[0], { room: 1 }, [0]]).offer(0, 1);
    }
    return this.add(
      this.#wire.untilStatus(RUNNING | R.DEVICE_NEEDS_RESET),
      ...this.#wire.interrupt(R.INTERRUPT_USED),
      this.#wire.notify(this.#subject.queue),
      this.#wire.status(),
    );
  }
}

function steps(wire: Wire, subject: VirtioSubject, random: Random): readonly Step[] {
  const begun = new Session(wire, subject, random);
  switch (random(8)) {
    case 0:
    case 1:
    case 2:
      for (let i = random(4); i >= 0; i--) begun.add(...wire.registers(random, subject));
      return begun.steps;
    case 3:
      return begun.start().run().fault().steps;
    case 4: {
      const [offset, size] = pick(random, [...subject.config, [0x80, 4] as const]);
      begun.start().add(wire.config(offset, size), wire.setConfig(0, 4, word32(random)), wire.config(offset, size));
      const more = subject.setConfig?.(random, wire, (feature) => begun.accepted(feature)) ?? [];
      return begun.add(...more).run().steps;
    }
    default: {
      begun.start();
      const messages = wire.messages?.(random);
      begun.add(...(messages?.before ?? [])).run();
      for (let count = 1 + random(3), i = 1; i <= count; i++) begun.request(i);
      return begun.add(...(messages?.after ?? [])).steps;
    }
  }
}

// ---- cases -----------------------------------------------------------------------------------------------------------------

const SLOT = 4;
const FUNCTION = 0x8000_0000 + SLOT * 0x800;
/** Where the capabilities are that steps use: QEMU's, ours. */
const MSIX_AT = 0x98;
const ACCESS_AT = 0x84;
const STRUCTURES = [
  { type: P.VIRTIO_PCI_CAP_COMMON_CFG, at: 0x40 },
  { type: P.VIRTIO_PCI_CAP_ISR_CFG, at: 0x50 },
  { type: P.VIRTIO_PCI_CAP_DEVICE_CFG, at: 0x60 },
  { type: P.VIRTIO_PCI_CAP_NOTIFY_CFG, at: 0x70 },
] as const;
const MMIO_AT = 0xfeb0_0000;

const shifted = (window: RegisterWindow, by: number): RegisterWindow => ({
  read: (offset, size) => window.read(by + offset, size),
  write: (offset, size, value) => window.write(by + offset, size, value),
});

const PLACE: readonly (readonly [register: number, value: number])[] = [
  [H.BAR0 + 4, BAR_ADDRESSES[0]],
  [H.BAR0 + 16, BAR_ADDRESSES[1]],
  [H.BAR0 + 20, BAR_ADDRESSES[2]],
  [H.COMMAND, H.COMMAND_MEMORY | H.COMMAND_MASTER],
];

export function overPci(subject: VirtioSubject): OracleCase {
  const { name, qemu, disk, runs = false, make, differences } = subject;
  const at = (address: number) => ({ space: "memory" as const, address });
  const pci = (offset: number) => ({ space: "pci" as const, address: FUNCTION + offset });
  return {
    name: `virtio-${name}-pci`,
    machine: "pc",
    ...(disk === undefined ? {} : { disk }),
    runs,
    options: [
      ...qemu.options,
      "-device",
      `${qemu.device}-pci,addr=${SLOT},disable-legacy=on,disable-modern=off,queue_reset=off${qemu.properties}${qemu.pci ?? ""}`,
      ...(qemu.behind ?? []),
    ],
    regions: [
      pci(0),
      at(BAR_ADDRESSES[1]),
      at(BAR_ADDRESSES[0]),
      at(RAM_BASE),
      pci(MSIX_AT),
      pci(ACCESS_AT),
      ...STRUCTURES.map(({ at }) => pci(at)),
    ],
    prepare: PLACE.flatMap(([register, value]) => [
      [0xcf8, 4, FUNCTION + register] as const,
      [0xcfc, 4, value] as const,
    ]),
    bench: () => {
      const clock = new TestClock();
      const memory = new TestMemory(RAM_BYTES, RAM_BASE);
      const socket = benchSocket();
      const device = new VirtioPci("virtio", { clock, memory, kind: make(), socket });
      const config = device.pci.configWindow;
      for (const [register, value] of PLACE) config.write(register, 4, value);
      // The function's windows as they are placed at the moment.
      const placed = (address: number): RegisterWindow => {
        const window = (): RegisterWindow => socket.mapped.find((each) => each.address === address)!.window;
        return {
          read: (offset, size) => window().read(offset, size),
          write: (offset, size, value) => window().write(offset, size, value),
        };
      };
      const capability = (id: number, type?: number): RegisterWindow => {
        let next = config.read(H.CAPABILITIES_POINTER, 1);
        const fits = (): boolean =>
          config.read(next, 1) === id && (type === undefined || config.read(next + 3, 1) === type);
        while (!fits()) next = config.read(next + 1, 1);
        return shifted(config, next);
      };
      return {
        windows: [
          config,
          placed(BAR_ADDRESSES[1]),
          placed(BAR_ADDRESSES[0]),
          ramWindow(memory),
          capability(H.CAP_MSIX),
          capability(H.CAP_VENDOR, P.VIRTIO_PCI_CAP_PCI_CFG),
          ...STRUCTURES.map(({ type }) => capability(H.CAP_VENDOR, type)),
        ],
        settle: () => clock.advance(SERVICE_NANOS),
      };
    },
    next: (random) => steps(pciWire, subject, random),
    differences: [...PCI_DIFFERENCES, ...COMMON_DIFFERENCES, ...differences],
  };
}

export function overMmio(subject: VirtioSubject): OracleCase {
  const { name, qemu, disk, runs = false, make, differences } = subject;
  return {
    name: `virtio-${name}-mmio`,
    machine: "microvm",
    ...(disk === undefined ? {} : { disk }),
    runs,
    options: [
      ...qemu.options,
      "-global",
      "virtio-mmio.force-legacy=false",
      "-device",
      `${qemu.device}-device,bus=virtio-mmio-bus.0,queue_reset=off${qemu.properties}`,
      ...(qemu.behind ?? []),
    ],
    regions: [
      { space: "memory", address: MMIO_AT },
      { space: "memory", address: RAM_BASE },
    ],
    bench: () => {
      const clock = new TestClock();
      const memory = new TestMemory(RAM_BYTES, RAM_BASE);
      const device = new VirtioMmio("virtio", { clock, memory, kind: make(), irq: noIrq });
      return { windows: [device.window, ramWindow(memory)], settle: () => clock.advance(SERVICE_NANOS) };
    },
    next: (random) => steps(mmioWire, { ...subject, ownSizes: true }, random),
    differences: [...MMIO_DIFFERENCES, ...COMMON_DIFFERENCES, ...differences],
  };
}

/** All of VIRTIO 1.2, by its sections; the steps keep clear of these places or name the bits. */
const COMMON_DIFFERENCES: readonly Difference[] = [
  { why: "Feature Bits: FEATURES_OK is refused for what is not offered, or without VERSION_1; QEMU drops it silently" },
  { why: "Device Status Field: bits are only added, DRIVER_OK after FEATURES_OK; QEMU keeps what is written" },
  { why: "Device Initialization: FEATURES_OK fixes the features; QEMU's registers can still be written" },
  { why: "Indirect Descriptors: a table that was not negotiated is the driver's fault; QEMU walks it" },
  {
    why: "Split Virtqueues: more chains than the queue holds are the driver's fault; QEMU takes what stands in the ring",
  },
  { why: "Split Virtqueues: used_event may keep the first interrupt back; QEMU always sends it" },
  { why: "Split Virtqueues: a size is a power of two and at most what was offered; QEMU takes any up to 1024" },
  { why: "Device Status Field: DEVICE_NEEDS_RESET is a configuration change; QEMU says used buffers too" },
  { why: "Split Virtqueues: a buffer that is not in RAM is the driver's fault; QEMU reads and writes the bus there" },
];
const PCI_DIFFERENCES: readonly Difference[] = [
  { why: "PCI Device Layout: fields have a width; a wider read sees the neighbours here, and the first field in QEMU" },
  {
    why: "Common configuration structure layout: queue_enable is never written 0; QEMU's device breaks, ours ignores it",
  },
  { why: "Common configuration structure layout: of a queue that is not there QEMU keeps the vector, and its number" },
  {
    why: "PCI configuration access capability: with a length that is none the data is 0; QEMU gives what it gave before",
  },
  { why: "PCI 3.0, 6.8.2: reserved bits of an MSI-X entry are 0; QEMU keeps what was written" },
  { why: "PCI 3.0, Latency Timer: it can be written; QEMU's function has none" },
  { why: "Virtio Structure PCI Capabilities: where they lie is the device's choice" },
];
const MMIO_DIFFERENCES: readonly Difference[] = [
  { why: "MMIO Device Register Layout: VendorID is the device's choice" },
  { why: "MMIO Device Register Layout: QueueNumMax is the device's choice; QEMU says 1024 of every queue" },
];
