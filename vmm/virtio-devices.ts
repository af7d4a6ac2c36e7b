// SPDX-License-Identifier: MIT
// The virtio devices of a machine, as options name them: each kind behind its transport, as cards and memory-mapped devices
// that the board gives places to.
import { ConfigError } from "../common/errors.ts";
import { type ConsolePort, VirtioConsole } from "../devices/virtio/console/virtio-console.ts";
import type { VirtioKind } from "../devices/virtio/kind.ts";
import { VirtioBlk } from "../devices/virtio/block/virtio-blk.ts";
import { VirtioRng } from "../devices/virtio/rng/virtio-rng.ts";
import { VirtioMmio } from "../devices/virtio/virtio-mmio.ts";
import { VirtioPci } from "../devices/virtio/virtio-pci.ts";
import type { MappedDevice, PciCard } from "./boards/board.ts";
import type { Disk } from "./disks/disk.ts";
import { type DiskMeter, MeteredDisk } from "./disks/metered-disk.ts";
import { VirtioConsoleLine } from "./virtio-console-line.ts";

export type VirtioOptions = {
  /** Where it is to be; on the PCI bus unless said otherwise. */
  readonly transport?: "pci" | "mmio";
} & (
  | { readonly kind: "block"; readonly disk: Disk; readonly serial?: string; readonly queues?: number }
  | { readonly kind: "entropy"; readonly seed?: number }
  | { readonly kind: "console"; readonly ports?: readonly ConsolePort[] }
);

export interface VirtioParts {
  readonly cards: readonly PciCard[];
  readonly mapped: readonly MappedDevice[];
  readonly disks: readonly Disk[];
  /** Every port of every console, in order. */
  readonly lines: readonly VirtioConsoleLine[];
}

const MAX_QUEUES = 16;
const MAX_PORTS = 31;
const SERIAL_CHARACTERS = 20;

/** Of every disk, by its number. */
export type MeterOf = (disk: number) => DiskMeter;

export function virtioParts(all: readonly VirtioOptions[], meterOf: MeterOf): VirtioParts {
  const cards: PciCard[] = [];
  const mapped: MappedDevice[] = [];
  const disks: Disk[] = [];
  const lines: VirtioConsoleLine[] = [];
  for (const [index, options] of all.entries()) {
    const name = `virtio${index}`;
    const kind = makeKind(options, name, lines, meterOf(disks.length));
    if (options.kind === "block") disks.push(options.disk);
    if (options.transport === "mmio") mapped.push((sockets) => new VirtioMmio(name, { ...sockets, kind }));
    else cards.push((sockets) => new VirtioPci(name, { ...sockets, kind }));
  }
  return { cards, mapped, disks, lines };
}

function makeKind(options: VirtioOptions, name: string, lines: VirtioConsoleLine[], meter: DiskMeter): VirtioKind {
  switch (options.kind) {
    case "block": {
      const { disk, serial = "", queues = 1 } = options;
      if (!Number.isInteger(queues) || queues < 1 || queues > MAX_QUEUES)
        throw new ConfigError(`${name}: ${queues} queues: 1 to ${MAX_QUEUES} are possible`);
      if (serial.length > SERIAL_CHARACTERS || !/^[\x20-\x7e]*$/.test(serial))
        throw new ConfigError(`${name}: serial number "${serial}": up to ${SERIAL_CHARACTERS} ASCII characters`);
      return new VirtioBlk({ backend: new MeteredDisk(disk, meter), serial, queues });
    }
    case "entropy":
      return new VirtioRng(options.seed ?? 0);
    case "console": {
      const { ports = [{ terminal: true }] } = options;
      if (ports.length < 1 || ports.length > MAX_PORTS)
        throw new ConfigError(`${name}: ${ports.length} ports: 1 to ${MAX_PORTS} are possible`);
      const own: VirtioConsoleLine[] = ports.map((_, port) => new VirtioConsoleLine(() => kind, port));
      const kind: VirtioConsole = new VirtioConsole({
        ports,
        backend: { transmit: (port, bytes) => own[port]!.transmit(bytes) },
      });
      lines.push(...own);
      return kind;
    }
  }
}
