// SPDX-License-Identifier: MIT
// Steps by which a virtio driver does what it does, over either transport, and accesses to the transport's own registers.
// Spec: VIRTIO 1.2, 4.1 "Virtio Over PCI Bus", 4.2 "Virtio Over MMIO".
import type { AccessSize } from "../../../devices/core/device.ts";
import * as H from "../../../devices/pci/registers.ts";
import * as M from "../../../devices/virtio/mmio-registers.ts";
import * as P from "../../../devices/virtio/pci-registers.ts";
import { read, type Step, until, write } from "../device-oracle.ts";
import { PCI_STRUCTURES } from "../virtio-driver.ts";

export type Random = (below: number) => number;
export interface Areas {
  readonly descriptors: number;
  readonly driver: number;
  readonly device: number;
}

export interface Wire {
  /** The region of guest memory. */
  readonly ram: number;
  readonly setStatus: (value: number) => Step;
  readonly status: () => Step;
  readonly untilStatus: (value: number) => Step;
  readonly offered: (select: number, except: number) => Step[];
  readonly accept: (select: number, value: number) => Step[];
  readonly setUpQueue: (queue: number, size: number, areas: Areas) => Step[];
  readonly notify: (queue: number) => Step;
  readonly config: (offset: number, size: AccessSize, except?: number) => Step;
  readonly setConfig: (offset: number, size: AccessSize, value: number) => Step;
  /** What the device says of its interrupt, and the driver's answer. */
  readonly interrupt: (except?: number) => Step[];
  /** Accesses to the transport's registers while the device is reset. */
  readonly registers: (random: Random, traits: Traits) => Step[];
  /** Around a session of requests: interrupts by message, where there are such. */
  readonly messages?: (random: Random) => { before: Step[]; after: Step[] };
}

/** What the kinds differ in. */
export interface Traits {
  readonly queues: number;
  readonly queueSize: number;
  /** Feature bits that are only QEMU's or only ours, by half. */
  readonly foreign: readonly [low: number, high: number];
  /** The sizes of queues are the device's choice, and differ. */
  readonly ownSizes?: boolean;
}

export const word32 = (random: Random): number => random(0x10000) * 0x10000 + random(0x10000);
export const pick = <Value>(random: Random, values: readonly Value[]): Value => values[random(values.length)]!;
const ANY = -1;

// ---- PCI -------------------------------------------------------------------------------------------------------------------

export const CONFIG = 0;
export const BAR4 = 1;
export const BAR1 = 2;
export const RAM = 3;
export const MSIX = 4;
export const ACCESS = 5;
/** The capabilities of the four structures, from here on. */
export const STRUCTURES = 6;
export const STRUCTURE_COUNT = 4;
export const PBA = 0x800;
const NOTIFY_MULTIPLIER = 16;
const { common, isr, device, notify } = PCI_STRUCTURES;

const get = (at: number, size: AccessSize, except = 0): Step => read(BAR4, common + at, size, except);
const put = (at: number, size: AccessSize, value: number): Step => write(BAR4, common + at, size, value);

const AREAS = [P.QUEUE_DESC, P.QUEUE_DRIVER, P.QUEUE_DEVICE];

function pciRegisters(random: Random, { queues, queueSize, foreign, ownSizes }: Traits): Step[] {
  const vectors = queues + 1;
  const anyVector = (): number => pick(random, [0, 1, vectors - 1, vectors, P.VIRTIO_MSI_NO_VECTOR, random(0x10000)]);
  const queue = random(queues);
  switch (random(10)) {
    case 0: {
      const select = pick(random, [0, 1, 2, word32(random)]);
      return [
        put(P.DEVICE_FEATURE_SELECT, 4, select),
        get(P.DEVICE_FEATURE_SELECT, 4),
        get(P.DEVICE_FEATURE, 4, foreign[select] ?? 0),
      ];
    }
    case 1:
      return [
        put(P.DRIVER_FEATURE_SELECT, 4, pick(random, [0, 1, 2, word32(random)])),
        get(P.DRIVER_FEATURE_SELECT, 4),
        put(P.DRIVER_FEATURE, 4, word32(random)),
        get(P.DRIVER_FEATURE, 4),
      ];
    case 2:
      return [put(P.CONFIG_MSIX_VECTOR, 2, anyVector()), get(P.CONFIG_MSIX_VECTOR, 2)];
    case 3: {
      const select = random(2) ? queue : queues + 0x40 + random(0x100);
      const there = select < queues;
      return [
        put(P.QUEUE_SELECT, 2, select),
        get(P.QUEUE_SELECT, 2),
        get(P.QUEUE_SIZE, 2, ownSizes && there ? ANY : 0),
        get(P.QUEUE_NOTIFY_OFF, 2, there ? 0 : ANY),
        get(P.QUEUE_ENABLE, 2),
        ...AREAS.flatMap((at) => [get(at, 4), get(at + 4, 4)]),
        put(P.QUEUE_MSIX_VECTOR, 2, anyVector()),
        get(P.QUEUE_MSIX_VECTOR, 2, there ? 0 : ANY),
      ];
    }
    case 4: {
      const at = pick(random, AREAS) + 4 * random(2);
      return [put(P.QUEUE_SELECT, 2, queue), put(at, 4, word32(random)), get(at, 4), get(pick(random, AREAS), 4)];
    }
    case 5: {
      const size = 1 << random(Math.log2(queueSize) + 1);
      return [put(P.QUEUE_SELECT, 2, queue), put(P.QUEUE_SIZE, 2, size), get(P.QUEUE_SIZE, 2)];
    }
    case 6: // what can only be read
      return [
        put(P.DEVICE_FEATURE, 4, word32(random)),
        put(P.NUM_QUEUES, 2, random(0x10000)),
        put(P.CONFIG_GENERATION, 1, random(256)),
        put(P.QUEUE_NOTIFY_OFF, 2, random(0x10000)),
        get(P.NUM_QUEUES, 2, ownSizes ? ANY : 0),
        write(BAR4, isr, 1, random(256)),
        read(BAR4, isr, 1),
      ];
    case 7:
      return random(2) ? messageTable(random, vectors) : [get(0x40 + 4 * random(0x3f0), 4)];
    case 8:
      return pick(random, [header, throughConfig, capabilities])(random);
    default: // nobody listens
      return [write(BAR4, notify + 4 * random(queues), 2, random(queues)), get(P.DEVICE_STATUS, 1)];
  }
}

/** Anything in the table while it is masked; then entries as they are used. */
function messageTable(random: Random, vectors: number): Step[] {
  const entry = 16 * random(vectors);
  const field = 4 * random(3);
  return [
    write(BAR1, entry + 12, 4, H.MSIX_ENTRY_MASKED),
    write(BAR1, entry + field, 4, word32(random)),
    read(BAR1, entry + field, 4, field === 0 ? 3 : 0),
    write(BAR1, entry, 4, 0xfee0_0000),
    write(BAR1, entry + 4, 4, 0),
    write(BAR1, entry + 8, 4, 0x4000 + random(256)),
    write(BAR1, entry + 12, 4, word32(random)),
    read(BAR1, entry + 12, 4, ~H.MSIX_ENTRY_MASKED),
    write(BAR1, PBA, 4, word32(random)),
    read(BAR1, PBA, 4),
    write(MSIX, H.MSIX_CONTROL, 2, random(0x10000) & ~H.MSIX_ENABLE),
    read(MSIX, 0, 4, 0xff00), // the next capability is where it is
    read(MSIX, 4, 4),
    read(MSIX, 8, 4),
  ];
}

/** Sizing, and hostile writes to the header; at the end the windows are where they were. */
function header(random: Random): Step[] {
  const bars = [0, 1, 2, 3, 4, 5].map((index) => H.BAR0 + 4 * index);
  return [
    write(CONFIG, H.COMMAND, 2, random(0x10000) & ~3),
    read(CONFIG, H.COMMAND, 2),
    write(CONFIG, H.COMMAND, 2, 0),
    ...bars.flatMap((at) => [write(CONFIG, at, 4, random(2) ? ANY >>> 0 : word32(random)), read(CONFIG, at, 4)]),
    ...[H.BAR0 + 4, H.BAR0 + 16, H.BAR0 + 20].map((at, index) => write(CONFIG, at, 4, BAR_ADDRESSES[index]!)),
    ...bars.map((at) => read(CONFIG, at, 4)),
    write(CONFIG, pick(random, [H.VENDOR_ID, H.REVISION_ID, H.SUBSYSTEM_VENDOR_ID]), 4, word32(random)),
    write(CONFIG, H.CACHE_LINE_SIZE, 4, word32(random)),
    read(CONFIG, H.CACHE_LINE_SIZE, 4, 0xff00), // QEMU has no latency timer
    write(CONFIG, H.INTERRUPT_LINE, 2, random(0x10000)),
    read(CONFIG, H.INTERRUPT_LINE, 4),
    write(CONFIG, H.STATUS, 2, random(0x10000)),
    ...[H.VENDOR_ID, H.REVISION_ID, H.SUBSYSTEM_VENDOR_ID].map((at) => read(CONFIG, at, 4)),
    write(CONFIG, H.COMMAND, 2, H.COMMAND_MEMORY | H.COMMAND_MASTER),
    read(CONFIG, H.COMMAND, 4),
  ];
}

/** Where the windows are: BAR 1, and both halves of BAR 4. */
export const BAR_ADDRESSES = [0xe000_0000, 0xe010_0000, 0] as const;

/** What a structure's capability says, which nothing that is written changes; where the next one is is a choice. */
function capabilities(random: Random): Step[] {
  const region = STRUCTURES + random(STRUCTURE_COUNT);
  return [
    write(region, 4 * random(4), 4, word32(random)),
    read(region, 0, 4, 0xff00),
    ...[P.CAP_BAR, P.CAP_OFFSET, P.CAP_LENGTH].map((at) => read(region, at, 4)),
    read(STRUCTURES + STRUCTURE_COUNT - 1, NOTIFY_MULTIPLIER, 4),
  ];
}

/** The window in configuration space, at registers that other steps set. */
function throughConfig(random: Random): Step[] {
  const [at, length] = pick(random, [
    [P.DEVICE_STATUS, 1],
    [P.DRIVER_FEATURE_SELECT, 4],
    [P.QUEUE_SELECT, 2],
    [P.CONFIG_MSIX_VECTOR, 2],
  ] as const);
  const select = [
    write(ACCESS, P.CAP_BAR, 1, 4),
    write(ACCESS, P.CAP_OFFSET, 4, common + at),
    write(ACCESS, P.CAP_LENGTH, 4, length),
    read(ACCESS, P.CAP_OFFSET, 4),
    read(ACCESS, P.CAP_LENGTH, 4),
  ];
  const value = at === P.DRIVER_FEATURE_SELECT ? word32(random) : at === P.QUEUE_SELECT ? 0 : undefined;
  const set = value === undefined ? [] : [write(ACCESS, P.CAP_DATA, length, value), get(at, length)];
  return [...select, ...set, read(ACCESS, P.CAP_DATA, length)];
}

/** MSI-X with the function masked, so that messages stay pending where they can be seen, and then let out. */
function messages(random: Random): { before: Step[]; after: Step[] } {
  if (random(3)) return { before: [], after: [] };
  const entries = [0, 1];
  return {
    before: [
      ...entries.flatMap((entry) => [
        write(BAR1, 16 * entry, 4, 0xfee0_0000),
        write(BAR1, 16 * entry + 4, 4, 0),
        write(BAR1, 16 * entry + 8, 4, 0x4030 + entry),
        write(BAR1, 16 * entry + 12, 4, 0),
      ]),
      write(MSIX, H.MSIX_CONTROL, 2, H.MSIX_ENABLE | H.MSIX_FUNCTION_MASK),
      put(P.QUEUE_MSIX_VECTOR, 2, pick(random, [0, 1, P.VIRTIO_MSI_NO_VECTOR])),
      get(P.QUEUE_MSIX_VECTOR, 2),
    ],
    after: [
      read(BAR1, PBA, 4),
      read(BAR1, PBA + 4, 4),
      write(MSIX, H.MSIX_CONTROL, 2, H.MSIX_ENABLE),
      read(BAR1, PBA, 4),
      write(MSIX, H.MSIX_CONTROL, 2, 0),
    ],
  };
}

export const pciWire: Wire = {
  ram: RAM,
  setStatus: (value) => put(P.DEVICE_STATUS, 1, value),
  status: () => get(P.DEVICE_STATUS, 1),
  untilStatus: (value) => until(BAR4, common + P.DEVICE_STATUS, 1, value),
  offered: (select, except) => [put(P.DEVICE_FEATURE_SELECT, 4, select), get(P.DEVICE_FEATURE, 4, except)],
  accept: (select, value) => [put(P.DRIVER_FEATURE_SELECT, 4, select), put(P.DRIVER_FEATURE, 4, value)],
  setUpQueue: (queue, size, areas) => [
    put(P.QUEUE_SELECT, 2, queue),
    put(P.QUEUE_SIZE, 2, size),
    ...[areas.descriptors, areas.driver, areas.device].flatMap((address, index) => [
      put(AREAS[index]!, 4, address),
      put(AREAS[index]! + 4, 4, 0),
    ]),
    put(P.QUEUE_ENABLE, 2, 1),
    get(P.QUEUE_ENABLE, 2),
  ],
  notify: (queue) => write(BAR4, notify + 4 * queue, 2, queue),
  config: (offset, size, except = 0) => read(BAR4, device + offset, size, except),
  setConfig: (offset, size, value) => write(BAR4, device + offset, size, value),
  interrupt: (except = 0) => [read(CONFIG, H.STATUS, 2), read(BAR4, isr, 1, except), read(CONFIG, H.STATUS, 2)],
  registers: pciRegisters,
  messages,
};

// ---- MMIO ------------------------------------------------------------------------------------------------------------------

export const PAGE = 0;
export const MMIO_RAM = 1;
const getWord = (at: number, except = 0): Step => read(PAGE, at, 4, except);
const putWord = (at: number, value: number): Step => write(PAGE, at, 4, value);
const MMIO_AREAS = [M.QUEUE_DESC_LOW, M.QUEUE_DRIVER_LOW, M.QUEUE_DEVICE_LOW];

function mmioRegisters(random: Random, { queues, queueSize, foreign, ownSizes }: Traits): Step[] {
  const queue = random(queues);
  switch (random(8)) {
    case 0: {
      const select = random(2);
      return [putWord(M.DEVICE_FEATURES_SEL, select), getWord(M.DEVICE_FEATURES, foreign[select]!)];
    }
    case 1:
      return [putWord(M.DRIVER_FEATURES_SEL, random(2)), putWord(M.DRIVER_FEATURES, word32(random))];
    case 2: {
      const there = random(2) === 0;
      return [
        putWord(M.QUEUE_SEL, there ? queue : queues + 0x40 + random(0x100)),
        getWord(M.QUEUE_NUM_MAX, ownSizes && there ? ANY : 0),
        getWord(M.QUEUE_READY),
      ];
    }
    case 3:
      return [
        putWord(M.QUEUE_SEL, queue),
        putWord(M.QUEUE_NUM, 1 << random(Math.log2(queueSize) + 1)),
        putWord(pick(random, MMIO_AREAS) + 4 * random(2), word32(random)),
        getWord(M.QUEUE_READY),
      ];
    case 4: // what can only be written
      return [
        getWord(
          pick(random, [
            M.DEVICE_FEATURES_SEL,
            M.DRIVER_FEATURES,
            M.DRIVER_FEATURES_SEL,
            M.QUEUE_SEL,
            M.QUEUE_NUM,
            M.QUEUE_NOTIFY,
            M.INTERRUPT_ACK,
            ...MMIO_AREAS,
          ]),
        ),
      ];
    case 5: // what can only be read
      return [
        putWord(
          pick(random, [M.MAGIC_VALUE, M.VERSION, M.DEVICE_ID, M.QUEUE_NUM_MAX, M.INTERRUPT_STATUS]),
          word32(random),
        ),
        ...[M.MAGIC_VALUE, M.VERSION, M.DEVICE_ID].map((at) => getWord(at)),
        getWord(M.VENDOR_ID, ANY),
      ];
    case 6: // not a word
      return [
        write(PAGE, 4 * random(0x40), pick(random, [1, 2] as const), random(256)),
        read(PAGE, 4 * random(0x40), pick(random, [1, 2] as const)),
        getWord(M.STATUS),
      ];
    default:
      return [
        putWord(M.QUEUE_NOTIFY, random(queues + 2)),
        putWord(M.INTERRUPT_ACK, word32(random)),
        getWord(M.INTERRUPT_STATUS),
        getWord(M.SHM_LEN_LOW),
      ];
  }
}

export const mmioWire: Wire = {
  ram: MMIO_RAM,
  setStatus: (value) => putWord(M.STATUS, value),
  status: () => getWord(M.STATUS),
  untilStatus: (value) => until(PAGE, M.STATUS, 4, value),
  offered: (select, except) => [putWord(M.DEVICE_FEATURES_SEL, select), getWord(M.DEVICE_FEATURES, except)],
  accept: (select, value) => [putWord(M.DRIVER_FEATURES_SEL, select), putWord(M.DRIVER_FEATURES, value)],
  setUpQueue: (queue, size, areas) => [
    putWord(M.QUEUE_SEL, queue),
    putWord(M.QUEUE_NUM, size),
    ...[areas.descriptors, areas.driver, areas.device].flatMap((address, index) => [
      putWord(MMIO_AREAS[index]!, address),
      putWord(MMIO_AREAS[index]! + 4, 0),
    ]),
    putWord(M.QUEUE_READY, 1),
    getWord(M.QUEUE_READY),
  ],
  notify: (queue) => putWord(M.QUEUE_NOTIFY, queue),
  config: (offset, size, except = 0) => read(PAGE, M.CONFIG + offset, size, except),
  setConfig: (offset, size, value) => write(PAGE, M.CONFIG + offset, size, value),
  interrupt: (except = 0) => [
    getWord(M.INTERRUPT_STATUS, except),
    putWord(M.INTERRUPT_ACK, 3),
    getWord(M.INTERRUPT_STATUS),
  ],
  registers: mmioRegisters,
};
