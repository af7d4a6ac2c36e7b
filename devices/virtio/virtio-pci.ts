// SPDX-License-Identifier: MIT
// The PCI transport without the legacy interface: five capabilities that name structures in BAR 4, MSI-X in BAR 1, INTA.
// Spec: VIRTIO 1.2, 4.1 "Virtio Over PCI Bus".
import { allOnes, type AccessSize, type Device, type RegisterWindow } from "../core/device.ts";
import { PciFunction, type PciFunctionState } from "../pci/function.ts";
import type { PciSocket } from "../pci/socket.ts";
import * as P from "./pci-registers.ts";
import { INTERRUPT_CONFIG, INTERRUPT_USED } from "./registers.ts";
import { type CoreParts, type CoreState, type QueueArea, VirtioCore } from "./virtio-core.ts";

const MSIX_BAR = 1;
const MSIX_BAR_BYTES = 0x1000;
const PBA_OFFSET = 0x800;
const BAR = 4;
const BAR_BYTES = 0x4000;
/** A page for each structure. */
const COMMON = 0x0000;
const ISR = 0x1000;
const DEVICE = 0x2000;
const NOTIFY = 0x3000;
const PAGE = 0x1000;
const NOTIFY_MULTIPLIER = 4;

interface Registers {
  deviceFeatureSelect: number;
  driverFeatureSelect: number;
  queueSelect: number;
  configVector: number;
  queueVectors: number[];
  isr: number;
}

export interface VirtioPciState extends Registers {
  pci: PciFunctionState;
  core: CoreState;
}

export class VirtioPci implements Device<VirtioPciState> {
  readonly name: string;
  readonly version = 1;
  readonly pci: PciFunction;
  readonly core: VirtioCore;
  readonly #window: RegisterWindow;
  /** Of the capability through which configuration space reaches the BAR. */
  readonly #accessAt: number;
  readonly #vectors: number;
  #registers: Registers;

  constructor(name: string, { socket, memory, ...parts }: CoreParts & { socket: PciSocket }) {
    this.name = name;
    const { kind } = parts;
    this.#vectors = kind.queueSizes.length + 1;
    this.#registers = this.#resetRegisters();
    this.#window = {
      read: (offset, size) => this.#read(offset, size),
      write: (offset, size, value) => this.#write(offset, size, value),
    };
    this.pci = new PciFunction({
      name,
      socket,
      vendor: P.VENDOR,
      device: P.DEVICE_BASE + kind.deviceId,
      revision: P.REVISION,
      classCode: kind.classCode,
      subsystemVendor: P.VENDOR,
      subsystem: P.SUBSYSTEM,
      pin: 1,
      bars: [
        { index: MSIX_BAR, kind: "memory", bytes: MSIX_BAR_BYTES, window: nothing },
        { index: BAR, kind: "memory64", bytes: BAR_BYTES, prefetchable: true, window: this.#window },
      ],
      msix: { vectors: this.#vectors, bar: MSIX_BAR, tableOffset: 0, pbaOffset: PBA_OFFSET },
      onConfigRead: (offset, size) => this.#readThroughConfig(offset, size),
      onConfigWrite: (offset, size) => this.#writeThroughConfig(offset, size),
    });
    const structure = (type: number, offset: number, length: number, more: readonly number[] = []): number =>
      this.pci.addVendorCapability([type, BAR, 0, 0, 0, ...dword(offset), ...dword(length), ...more]);
    structure(P.VIRTIO_PCI_CAP_COMMON_CFG, COMMON, PAGE);
    structure(P.VIRTIO_PCI_CAP_ISR_CFG, ISR, PAGE);
    structure(P.VIRTIO_PCI_CAP_DEVICE_CFG, DEVICE, PAGE);
    structure(P.VIRTIO_PCI_CAP_NOTIFY_CFG, NOTIFY, PAGE, dword(NOTIFY_MULTIPLIER));
    this.#accessAt = this.pci.addVendorCapability([P.VIRTIO_PCI_CAP_PCI_CFG, ...Array<number>(16).fill(0)]);
    this.pci.config.define(this.#accessAt + P.CAP_BAR, 1, 0, 0xff);
    for (const field of [P.CAP_OFFSET, P.CAP_LENGTH, P.CAP_DATA])
      this.pci.config.define(this.#accessAt + field, 4, 0, -1);
    this.core = new VirtioCore(
      name,
      { ...parts, memory: this.pci.master(memory) },
      {
        usedBuffer: (queue) => this.#interrupt(INTERRUPT_USED, this.#registers.queueVectors[queue]!),
        configChange: () => this.#interrupt(INTERRUPT_CONFIG, this.#registers.configVector),
      },
    );
  }

  reset(): void {
    this.core.reset(true);
    this.#registers = this.#resetRegisters();
    this.pci.reset();
    this.pci.setInterrupt(false);
  }

  snapshot(): VirtioPciState {
    const { queueVectors } = this.#registers;
    return {
      ...this.#registers,
      queueVectors: [...queueVectors],
      pci: this.pci.snapshot(),
      core: this.core.snapshot(),
    };
  }

  restore({ pci, core, ...registers }: VirtioPciState): void {
    this.#registers = { ...registers, queueVectors: [...registers.queueVectors] };
    this.pci.restore(pci);
    this.core.restore(core);
  }

  #read(offset: number, size: AccessSize): number {
    const at = offset % PAGE;
    switch (offset - at) {
      case COMMON:
        return this.#readCommon(at, size);
      case ISR:
        return at === 0 ? this.#takeIsr() : 0;
      case DEVICE:
        return this.core.readConfig(at, size);
      default:
        return 0;
    }
  }

  #write(offset: number, size: AccessSize, value: number): void {
    const at = offset % PAGE;
    switch (offset - at) {
      case COMMON:
        return this.#writeCommon(at, size, value);
      case DEVICE:
        return this.core.writeConfig(at, size, value);
      case NOTIFY:
        // The place says which queue; the value repeats it.
        return this.core.notify(Math.floor(at / NOTIFY_MULTIPLIER));
    }
  }

  /** Any width within a dword; drivers use each field's own. */
  #readCommon(at: number, size: AccessSize): number {
    const shift = 8 * (at & 3);
    if (at >= P.COMMON_BYTES || shift + 8 * size > 32) return 0;
    return ((this.#commonDword(at & ~3) >>> shift) & allOnes(size)) >>> 0;
  }

  #commonDword(at: number): number {
    const { core } = this;
    const r = this.#registers;
    const queue = core.queue(r.queueSelect);
    const area = AREAS[at & ~7];
    if (area) return queue?.[area][at & 4 ? 1 : 0] ?? 0;
    switch (at) {
      case P.DEVICE_FEATURE_SELECT:
        return r.deviceFeatureSelect;
      case P.DEVICE_FEATURE:
        return core.offeredFeatures(r.deviceFeatureSelect);
      case P.DRIVER_FEATURE_SELECT:
        return r.driverFeatureSelect;
      case P.DRIVER_FEATURE:
        return core.driverFeatures(r.driverFeatureSelect);
      case P.CONFIG_MSIX_VECTOR:
        return r.configVector | (core.kind.queueSizes.length << 16);
      case P.DEVICE_STATUS:
        return core.status | (core.generation << 8) | (r.queueSelect << 16);
      case P.QUEUE_SIZE:
        return queue ? queue.size | (r.queueVectors[r.queueSelect]! << 16) : P.VIRTIO_MSI_NO_VECTOR << 16;
      case P.QUEUE_ENABLE:
        return queue ? (queue.ready ? 1 : 0) | (r.queueSelect << 16) : 0;
      default:
        return 0;
    }
  }

  #writeCommon(at: number, size: AccessSize, value: number): void {
    const { core } = this;
    const r = this.#registers;
    const area = AREAS[at & ~7];
    if (area) {
      if (size === 4 && at % 4 === 0) core.setQueueAddress(r.queueSelect, area, at & 4 ? 1 : 0, value);
      return;
    }
    if (size !== WIDTHS[at]) return;
    switch (at) {
      case P.DEVICE_FEATURE_SELECT:
        r.deviceFeatureSelect = value;
        break;
      case P.DRIVER_FEATURE_SELECT:
        r.driverFeatureSelect = value;
        break;
      case P.DRIVER_FEATURE:
        core.setDriverFeatures(r.driverFeatureSelect, value);
        break;
      case P.CONFIG_MSIX_VECTOR:
        r.configVector = this.#vector(value);
        break;
      case P.DEVICE_STATUS:
        core.writeStatus(value);
        if (core.status === 0) this.#afterReset();
        break;
      case P.QUEUE_SELECT:
        r.queueSelect = value;
        break;
      case P.QUEUE_SIZE:
        core.setQueueSize(r.queueSelect, value);
        break;
      case P.QUEUE_MSIX_VECTOR:
        if (core.queue(r.queueSelect)) r.queueVectors[r.queueSelect] = this.#vector(value);
        break;
      case P.QUEUE_ENABLE:
        if (value === 1) core.setQueueReady(r.queueSelect, true); // only a reset takes it back
        break;
    }
  }

  /** What a driver reads back when the vector cannot be had. */
  #vector(value: number): number {
    return value < this.#vectors ? value : P.VIRTIO_MSI_NO_VECTOR;
  }

  /** The cause shows in the ISR status beside a message too; the pin is for those who have no messages. */
  #interrupt(cause: number, vector: number): void {
    this.#registers.isr |= cause;
    if (!this.pci.msixEnabled) this.pci.setInterrupt(true);
    else if (vector !== P.VIRTIO_MSI_NO_VECTOR) this.pci.sendInterrupt(vector);
  }

  #takeIsr(): number {
    const causes = this.#registers.isr;
    this.#registers.isr = 0;
    this.pci.setInterrupt(false);
    return causes;
  }

  #afterReset(): void {
    this.#registers = this.#resetRegisters();
    this.pci.setInterrupt(false);
  }

  #resetRegisters(): Registers {
    return {
      deviceFeatureSelect: 0,
      driverFeatureSelect: 0,
      queueSelect: 0,
      configVector: P.VIRTIO_MSI_NO_VECTOR,
      queueVectors: Array<number>(this.#vectors - 1).fill(P.VIRTIO_MSI_NO_VECTOR),
      isr: 0,
    };
  }

  /** The access that BAR, offset and length of the capability name, when they name one. */
  #configAccess(): { offset: number; length: AccessSize } | undefined {
    const { view, bytes } = this.pci.config;
    const offset = view.getUint32(this.#accessAt + P.CAP_OFFSET, true);
    const length = view.getUint32(this.#accessAt + P.CAP_LENGTH, true);
    if (bytes[this.#accessAt + P.CAP_BAR] !== BAR || offset % length || offset + length > BAR_BYTES) return undefined;
    return length === 1 || length === 2 || length === 4 ? { offset, length } : undefined;
  }

  #readThroughConfig(offset: number, size: AccessSize): number | undefined {
    if (offset !== this.#accessAt + P.CAP_DATA) return undefined;
    const access = this.#configAccess();
    return access && (this.#window.read(access.offset, access.length) & allOnes(size)) >>> 0;
  }

  #writeThroughConfig(offset: number, size: AccessSize): void {
    if (offset !== this.#accessAt + P.CAP_DATA) return;
    const access = this.#configAccess();
    if (!access || size < access.length) return;
    const written = this.pci.config.view.getUint32(offset, true);
    this.#window.write(access.offset, access.length, (written & allOnes(access.length)) >>> 0);
  }
}

/** The MSI-X table lies over all that matters of this BAR. */
const nothing: RegisterWindow = { read: () => 0, write() {} };

function dword(value: number): readonly number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
}

const AREAS: Readonly<Record<number, QueueArea>> = {
  [P.QUEUE_DESC]: "descriptors",
  [P.QUEUE_DRIVER]: "driver",
  [P.QUEUE_DEVICE]: "device",
};

/** Of the fields that a driver writes. */
const WIDTHS: Readonly<Record<number, AccessSize>> = {
  [P.DEVICE_FEATURE_SELECT]: 4,
  [P.DRIVER_FEATURE_SELECT]: 4,
  [P.DRIVER_FEATURE]: 4,
  [P.CONFIG_MSIX_VECTOR]: 2,
  [P.DEVICE_STATUS]: 1,
  [P.QUEUE_SELECT]: 2,
  [P.QUEUE_SIZE]: 2,
  [P.QUEUE_MSIX_VECTOR]: 2,
  [P.QUEUE_ENABLE]: 2,
};
