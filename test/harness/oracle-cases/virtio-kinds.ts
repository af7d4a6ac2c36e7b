// SPDX-License-Identifier: MIT
// The kinds of virtio devices in sessions: block, entropy and console, with their requests.
// Spec: VIRTIO 1.2, 5.2 "Block Device", 5.3 "Console Device", 5.4 "Entropy Device".
import * as B from "../../../devices/virtio/block/registers.ts";
import { VirtioBlk } from "../../../devices/virtio/block/virtio-blk.ts";
import { VirtioConsole } from "../../../devices/virtio/console/virtio-console.ts";
import * as R from "../../../devices/virtio/registers.ts";
import { VirtioRng } from "../../../devices/virtio/rng/virtio-rng.ts";
import { MemoryDisk } from "../../../vmm/disks/memory-disk.ts";
import type { Piece, Request, VirtioSubject } from "./virtio.ts";
import { pick, type Random, word32 } from "./virtio-wires.ts";

const RING = [R.VIRTIO_F_INDIRECT_DESC, R.VIRTIO_F_EVENT_IDX];
/** What QEMU can be told not to offer. */
const PLAIN = ",event_idx=on,indirect_desc=on,notify_on_empty=off,any_layout=off";

const DISK_BYTES = 64 * 1024;
const SECTORS = DISK_BYTES / 512;
const SERIAL = "GLASS-86";
/** Offered by QEMU alone: geometry and topology. */
const BLOCK_FOREIGN = (1 << 4) | (1 << 10);

const header = (type: number, sector: number): number[] => [type, 0, sector, 0];
const status: Piece = { room: 1 };

/** Sectors on the disk and a few behind its end. */
function blockRequest(random: Random, accepted: (feature: number) => boolean): Request {
  const sector = random(8) ? random(SECTORS) : SECTORS - 1 + random(3);
  const bytes = pick(random, [512, 1024, 1536]);
  const failing = { anyLength: sector + bytes / 512 > SECTORS };
  switch (random(8)) {
    case 0:
    case 1: {
      const words = Array.from({ length: bytes / 128 }, () => word32(random));
      const pieces = random(2)
        ? [header(B.VIRTIO_BLK_T_OUT, sector), { sparse: words }, status]
        : [header(B.VIRTIO_BLK_T_OUT, sector), { sparse: words.slice(0, 2) }, { sparse: words.slice(2) }, status];
      return { ...failing, pieces, looks: [[pieces.length - 1, 0, 1]] };
    }
    case 2:
    case 3: {
      const split = random(2) === 0;
      // The status may share a buffer with the data.
      const pieces = split
        ? [header(B.VIRTIO_BLK_T_IN, sector), { room: bytes }, status]
        : [header(B.VIRTIO_BLK_T_IN, sector).slice(0, 2), [sector, 0], { room: bytes + 1 }];
      const data = split ? 1 : 2;
      const end: Request["looks"] = split ? [[2, 0, 1]] : [[2, bytes, 1]];
      if (failing.anyLength) return { ...failing, pieces, looks: end };
      return { pieces, looks: [[data, 0, 4], [data, 128 * random(4), 4], [data, bytes - 4, 4], ...end] };
    }
    case 4:
      return { pieces: [header(B.VIRTIO_BLK_T_FLUSH, 0), status], looks: [[1, 0, 1]] };
    case 5: {
      const pieces = [header(B.VIRTIO_BLK_T_GET_ID, 0), { room: 20 }, status];
      return { pieces, looks: [...[0, 4, 8].map((offset) => [1, offset, 1] as const), [2, 0, 1]] };
    }
    case 6: {
      const zeroes = random(2) === 0;
      // Not negotiated it would be no request; QEMU carries it out.
      const feature = zeroes ? B.VIRTIO_BLK_F_WRITE_ZEROES : B.VIRTIO_BLK_F_DISCARD;
      if (!accepted(feature)) return blockRequest(random, accepted);
      const type = zeroes ? B.VIRTIO_BLK_T_WRITE_ZEROES : B.VIRTIO_BLK_T_DISCARD;
      // Either beyond the end or with flags that are not there: which is told of both is the device's choice.
      const flags = random(4) ? 0 : random(4);
      const range = flags ? [0, 0, 1, flags] : [sector, 0, random(4) + (random(4) ? 1 : SECTORS), 0];
      return { pieces: [header(type, 0), range, status], looks: [[2, 0, 1]], anyLength: true };
    }
    default:
      return {
        pieces: [header(pick(random, [99, 0x100 + random(0x1000)]), 0), status],
        anyLength: true,
        looks: [[1, 0, 1]],
      };
  }
}

export const block: VirtioSubject = {
  name: "blk",
  qemu: {
    options: [],
    device: "virtio-blk",
    properties: `,drive=disk,serial=${SERIAL},num-queues=1,max-discard-sectors=65536,max-write-zeroes-sectors=65536,config-wce=on${PLAIN}`,
  },
  disk: DISK_BYTES,
  make: () => new VirtioBlk({ backend: new MemoryDisk(DISK_BYTES), serial: SERIAL }),
  queues: 1,
  queueSize: 256,
  foreign: [BLOCK_FOREIGN, 0],
  features: [
    B.VIRTIO_BLK_F_SEG_MAX,
    B.VIRTIO_BLK_F_BLK_SIZE,
    B.VIRTIO_BLK_F_FLUSH,
    B.VIRTIO_BLK_F_CONFIG_WCE,
    B.VIRTIO_BLK_F_DISCARD,
    B.VIRTIO_BLK_F_WRITE_ZEROES,
    ...RING,
  ],
  queue: 0,
  request: blockRequest,
  wrong: (random) =>
    random(2) ? [header(B.VIRTIO_BLK_T_IN, 0).slice(0, 1 + random(3)), status] : [header(B.VIRTIO_BLK_T_OUT, 0)],
  config: [
    [B.CAPACITY, 4],
    [B.CAPACITY + 4, 4],
    [B.SEG_MAX, 4],
    [B.BLK_SIZE, 4],
    [B.WRITEBACK, 1],
    [B.NUM_QUEUES, 2],
    [B.MAX_DISCARD_SECTORS, 4],
    [B.DISCARD_SECTOR_ALIGNMENT, 4],
    [B.MAX_WRITE_ZEROES_SECTORS, 4],
    [B.WRITE_ZEROES_MAY_UNMAP, 1],
  ],
  setConfig: (random, { config, setConfig }, accepted) =>
    accepted(B.VIRTIO_BLK_F_CONFIG_WCE)
      ? [setConfig(B.WRITEBACK, 1, random(2)), config(B.WRITEBACK, 1), setConfig(B.WRITEBACK, 1, 1)]
      : [],
  differences: [
    { why: "Block Device, Feature bits: geometry and topology are the device's choice; QEMU offers both" },
    {
      why: "Block Device, Device configuration layout: max_discard_seg and max_write_zeroes_seg are the device's choice; QEMU has 1, here it is 4",
    },
    {
      why: "Block Device, Device Operation: a request whose feature was not negotiated is unsupported; QEMU discards and writes zeroes all the same",
    },
    {
      why: "Block Device, Device Operation: the length in the used ring of a failed request is what was written; QEMU says all of it",
    },
    {
      why: "Block Device, Device Operation: types that only legacy devices had (2, 3, 5) are unsupported; QEMU knows them still",
    },
  ],
};

export const entropy: VirtioSubject = {
  name: "rng",
  qemu: { options: ["-object", "rng-builtin,id=rng"], device: "virtio-rng", properties: `,rng=rng${PLAIN}` },
  runs: true,
  make: () => new VirtioRng(1),
  faults: ["no such descriptor", "a loop", "too many"],
  queues: 1,
  queueSize: 8,
  foreign: [0, 0],
  features: RING,
  queue: 0,
  request: (random) => {
    const rooms = Array.from({ length: 1 + random(2) }, () => ({ room: 1 + random(64) }));
    return { pieces: rooms, looks: [] };
  },
  config: [[0, 4]],
  differences: [
    { why: "Entropy Device, Device Operation: the bytes are random; only their number is compared" },
    {
      why: "Entropy Device, Device Operation: QEMU skips buffers that the device can only read, and empty ones; here these are the driver's fault",
    },
  ],
};

export const consoleKind: VirtioSubject = {
  name: "console",
  qemu: {
    options: ["-chardev", "null,id=far"],
    device: "virtio-serial",
    properties: `,max_ports=1${PLAIN},id=serial`,
    pci: ",vectors=3",
    behind: ["-device", "virtconsole,bus=serial.0,chardev=far"],
  },
  make: () => new VirtioConsole({ backend: { transmit() {} } }),
  queues: 2,
  queueSize: 64,
  ownSizes: true,
  foreign: [7, 0],
  features: RING,
  queue: 1,
  request: (random) => {
    const pieces = Array.from({ length: 1 + random(3) }, () =>
      Array.from({ length: 1 + random(8) }, () => word32(random)),
    );
    return { pieces, looks: [] };
  },
  config: [],
  differences: [
    {
      why: "Console Device, Feature bits: the console's size and emergency write are the device's choice; QEMU has emergency write alone",
    },
    { why: "Console Device, Virtqueues: without MULTIPORT there are two queues; QEMU shows the control queues too" },
    {
      why: "Console Device, Device Operation: QEMU takes a transmit buffer that the device could write; here it is the driver's fault",
    },
  ],
};
