// SPDX-License-Identifier: MIT
import { describe, expect, test } from "vitest";
import { deviceContract, type Bench } from "../../devices/core/contract.ts";
import { TestClock } from "../../devices/core/test-clock.ts";
import * as H from "../../devices/pci/registers.ts";
import * as P from "../../devices/virtio/pci-registers.ts";
import * as R from "../../devices/virtio/registers.ts";
import { SERVICE_NANOS } from "../../devices/virtio/virtio-core.ts";
import { VirtioPci } from "../../devices/virtio/virtio-pci.ts";
import { framework } from "../harness/device-bench.ts";
import { benchSocket } from "../harness/pci-bench.ts";
import { TestMemory } from "../harness/test-memory.ts";
import { Adder, RAM_BASE, RAM_BYTES } from "../harness/virtio-bench.ts";
import { PCI_STRUCTURES, pciTransport, VirtioDriver } from "../harness/virtio-driver.ts";

const { common, isr, device, notify } = PCI_STRUCTURES;
const BAR1 = H.BAR0 + 4;
const BAR4 = H.BAR0 + 16;
const MSIX_AT = 0xe000_0000;
const BAR_AT = 0xf000_0000;
const ALL_QUEUES = 2;

function bench() {
  const clock = new TestClock();
  const socket = benchSocket();
  const memory = new TestMemory(RAM_BYTES, RAM_BASE);
  const kind = new Adder();
  const virtio = new VirtioPci("virtio0", { clock, memory, kind, socket });
  const config = virtio.pci.configWindow;
  /** What firmware does. */
  const placeBars = () => {
    config.write(BAR1, 4, MSIX_AT);
    config.write(BAR4, 4, BAR_AT);
    config.write(BAR4 + 4, 4, 0);
    config.write(H.COMMAND, 2, H.COMMAND_MEMORY | H.COMMAND_MASTER);
  };
  placeBars();
  const at = (address: number) => socket.mapped.find((each) => each.address === address)!.window;
  const bar = at(BAR_AT);
  const driver = new VirtioDriver(pciTransport(bar), memory);
  const read = (offset: number, size: 1 | 2 | 4) => bar.read(offset, size);
  const write = (offset: number, size: 1 | 2 | 4, value: number) => bar.write(offset, size, value);
  const capabilities = () => {
    const found: { at: number; id: number; type: number }[] = [];
    for (let next = config.read(H.CAPABILITIES_POINTER, 1); next; next = config.read(next + 1, 1))
      found.push({ at: next, id: config.read(next, 1), type: config.read(next + 3, 1) });
    return found;
  };
  const capability = (type: number) =>
    capabilities().find((each) => each.id === H.CAP_VENDOR && each.type === type)!.at;
  /** Switches MSI-X on with message n for vector n. */
  const enableMsix = (vectors = 3) => {
    const table = at(MSIX_AT);
    for (let i = 0; i < vectors; i++) {
      table.write(16 * i, 4, 0xfee0_0000);
      table.write(16 * i + 8, 4, 0x40 + i);
      table.write(16 * i + 12, 4, 0);
    }
    const msix = capabilities().find(({ id }) => id === H.CAP_MSIX)!.at;
    config.write(msix + H.MSIX_CONTROL, 2, H.MSIX_ENABLE);
  };
  const serve = (queue = 0) => {
    driver.transport.notify(queue);
    clock.advance(SERVICE_NANOS);
  };
  return {
    clock,
    socket,
    effects: socket.effects,
    memory,
    kind,
    virtio,
    config,
    bar,
    driver,
    read,
    write,
    capability,
    capabilities,
    enableMsix,
    serve,
    placeBars,
  };
}

describe("virtio-pci", () => {
  const memories = new WeakMap<Bench, TestMemory>();
  deviceContract(
    framework,
    "virtio-pci",
    () => {
      const b = bench();
      const queue = b.driver.start().queues[0]!;
      const complete: Bench = {
        device: b.virtio,
        clock: b.clock,
        effects: b.effects,
        windows: [
          { name: "config", bytes: 256, window: b.config },
          { name: "bar", bytes: 0x4000, window: b.bar },
          { name: "common", bytes: P.COMMON_BYTES, window: b.bar },
        ],
        stimuli: [
          b.placeBars,
          () => void new VirtioDriver(pciTransport(b.bar), b.memory).start(),
          () => {
            queue.describe(0, { address: RAM_BASE + 0x40000, length: 16, flags: R.VIRTQ_DESC_F_WRITE });
            queue.offer(0);
            b.driver.transport.notify(0);
          },
        ],
        adopt: (from) => b.memory.bytes.set(memories.get(from)!.bytes),
      };
      memories.set(complete, b.memory);
      return complete;
    },
    { steps: 2000 },
  );
});

describe("configuration space", () => {
  test("names a modern device", () => {
    const { config } = bench();
    expect([config.read(0, 2), config.read(2, 2), config.read(H.REVISION_ID, 1)]).toEqual([0x1af4, 0x1040 + 42, 1]);
    expect([config.read(H.SUBSYSTEM_VENDOR_ID, 2), config.read(H.SUBSYSTEM_ID, 2)]).toEqual([0x1af4, 0x1100]);
    expect(config.read(H.INTERRUPT_PIN, 1)).toBe(1);
  });

  test("has a capability for each structure, in BAR 4, and MSI-X with a vector more than queues", () => {
    const { capabilities, capability, config } = bench();
    const of = (type: number) => {
      const at = capability(type);
      return [config.read(at + 2, 1), config.read(at + 4, 1), config.read(at + 8, 4), config.read(at + 12, 4)];
    };
    expect(of(P.VIRTIO_PCI_CAP_COMMON_CFG)).toEqual([16, 4, common, 0x1000]);
    expect(of(P.VIRTIO_PCI_CAP_ISR_CFG)).toEqual([16, 4, isr, 0x1000]);
    expect(of(P.VIRTIO_PCI_CAP_DEVICE_CFG)).toEqual([16, 4, device, 0x1000]);
    expect(of(P.VIRTIO_PCI_CAP_NOTIFY_CFG)).toEqual([20, 4, notify, 0x1000]);
    expect(config.read(capability(P.VIRTIO_PCI_CAP_NOTIFY_CFG) + 16, 4)).toBe(4);
    expect(of(P.VIRTIO_PCI_CAP_PCI_CFG)[0]).toBe(20);
    const msix = capabilities().find(({ id }) => id === H.CAP_MSIX)!.at;
    expect(config.read(msix + 2, 2)).toBe(ALL_QUEUES);
  });

  test("reaches every structure through the access capability, without a mapped BAR", () => {
    const { capability, config, virtio, read } = bench();
    config.write(H.COMMAND, 2, 0);
    const at = capability(P.VIRTIO_PCI_CAP_PCI_CFG);
    const aim = (offset: number, length: number, bar = 4) => {
      config.write(at + P.CAP_BAR, 1, bar);
      config.write(at + P.CAP_OFFSET, 4, offset);
      config.write(at + P.CAP_LENGTH, 4, length);
    };
    aim(device, 4);
    expect(config.read(at + P.CAP_DATA, 4)).toBe(0x04030201);
    aim(common + P.DEVICE_STATUS, 1);
    config.write(at + P.CAP_DATA, 1, R.ACKNOWLEDGE);
    expect([virtio.core.status, config.read(at + P.CAP_DATA, 1)]).toEqual([1, 1]);
    aim(common + P.QUEUE_SELECT, 2);
    config.write(at + P.CAP_DATA, 4, 0xffff0001);
    expect(read(common + P.QUEUE_SELECT, 2)).toBe(1);
    for (const [offset, length, bar] of [
      [common, 3, 4],
      [common + 1, 4, 4],
      [0x4000, 4, 4],
      [0xfffffffc, 4, 4],
      [common + P.QUEUE_SELECT, 2, 1],
      [common + P.QUEUE_SELECT, 0, 4],
    ] as const) {
      aim(offset, length, bar);
      config.write(at + P.CAP_DATA, 4, 0);
      config.read(at + P.CAP_DATA, 4);
    }
    expect(read(common + P.QUEUE_SELECT, 2)).toBe(1);
  });
});

describe("the common structure", () => {
  test("is read in any width within a dword, and written a field at a time", () => {
    const { read, write } = bench();
    write(P.QUEUE_SELECT, 2, 1);
    expect([read(P.DEVICE_STATUS, 4), read(P.QUEUE_SELECT, 1), read(P.NUM_QUEUES, 2)]).toEqual([0x10000, 1, 2]);
    write(P.QUEUE_SIZE, 4, 4);
    write(P.QUEUE_SIZE, 1, 4);
    expect(read(P.QUEUE_SIZE, 2)).toBe(8);
    write(P.QUEUE_SIZE, 2, 4);
    expect(read(P.QUEUE_SIZE, 2)).toBe(4);
    expect([read(P.COMMON_BYTES, 4), read(P.QUEUE_SELECT, 4), read(P.QUEUE_SIZE + 1, 2)]).toEqual([0, 0, 0xff00]);
  });

  test("keeps addresses of 64 bits to the last bit", () => {
    const { read, write } = bench();
    write(P.QUEUE_DESC, 4, 0xfffffff0);
    write(P.QUEUE_DESC + 4, 4, 0x89abcdef);
    expect([read(P.QUEUE_DESC, 4), read(P.QUEUE_DESC + 4, 4)]).toEqual([0xfffffff0, 0x89abcdef]);
  });

  test("has nothing for a queue that is not there", () => {
    const { read, write } = bench();
    write(P.QUEUE_SELECT, 2, 2);
    expect([read(P.QUEUE_SIZE, 2), read(P.QUEUE_ENABLE, 2), read(P.QUEUE_MSIX_VECTOR, 2)]).toEqual([0, 0, 0xffff]);
    for (const field of [P.QUEUE_SIZE, P.QUEUE_ENABLE, P.QUEUE_MSIX_VECTOR]) write(field, 2, 1);
    expect([read(P.QUEUE_SIZE, 2), read(P.QUEUE_ENABLE, 2), read(P.QUEUE_MSIX_VECTOR, 2)]).toEqual([0, 0, 0xffff]);
  });

  test("refuses vectors that there are not, which the driver reads back", () => {
    const { read, write } = bench();
    for (const field of [P.CONFIG_MSIX_VECTOR, P.QUEUE_MSIX_VECTOR]) {
      write(field, 2, 2);
      expect(read(field, 2)).toBe(2);
      write(field, 2, 3);
      expect(read(field, 2)).toBe(0xffff);
    }
  });

  test("a queue is enabled once, and only a reset takes that back", () => {
    const { driver, read, write } = bench();
    driver.start();
    write(P.QUEUE_SELECT, 2, 0);
    write(P.QUEUE_ENABLE, 2, 0);
    expect(read(P.QUEUE_ENABLE, 2)).toBe(1);
    driver.transport.setStatus(0);
    expect([read(P.QUEUE_ENABLE, 2), read(P.DEVICE_STATUS, 1)]).toEqual([0, 0]);
  });
});

describe("interrupts", () => {
  test("go to the pin until ISR is read", () => {
    const b = bench();
    const queue = b.driver.start().queues[0]!;
    queue.give([Uint8Array.of(1, 2), 1]);
    b.serve();
    expect(queue.take()).toMatchObject([{ bytes: Uint8Array.of(3) }]);
    expect(b.socket.pinLevel).toBe(true);
    expect(b.config.read(H.STATUS, 2) & H.STATUS_INTERRUPT).toBe(H.STATUS_INTERRUPT);
    expect([b.read(isr, 1), b.socket.pinLevel, b.read(isr, 1)]).toEqual([R.INTERRUPT_USED, false, 0]);
    b.kind.changed();
    expect([b.read(isr, 1), b.socket.pinLevel]).toEqual([R.INTERRUPT_CONFIG, false]);
  });

  test("go out as each queue's message, and that of the configuration", () => {
    const b = bench();
    b.enableMsix();
    b.driver.negotiate();
    b.write(P.CONFIG_MSIX_VECTOR, 2, 0);
    const { queues } = b.driver.start();
    b.write(P.CONFIG_MSIX_VECTOR, 2, 0);
    for (const queue of [0, 1]) {
      b.write(P.QUEUE_SELECT, 2, queue);
      b.write(P.QUEUE_MSIX_VECTOR, 2, queue + 1);
    }
    for (const queue of [1, 0]) {
      queues[queue]!.give([1]);
      b.serve(queue);
    }
    b.kind.changed();
    expect(b.effects).toEqual(["message fee00000 42", "message fee00000 41", "message fee00000 40"]);
    expect(b.read(isr, 1)).toBe(3); // the causes show beside the messages
  });

  test("without a vector there is none", () => {
    const b = bench();
    b.enableMsix();
    b.driver.start().queues[0]!.give([1]);
    b.serve();
    b.kind.changed();
    expect(b.effects).toEqual([]);
    expect(b.driver.queues[0]!.take().length).toBe(1);
  });

  test("a reset takes the pin and the vectors back", () => {
    const b = bench();
    b.driver.start().queues[0]!.give([1]);
    b.write(P.CONFIG_MSIX_VECTOR, 2, 1);
    b.serve();
    b.driver.transport.setStatus(0);
    expect([b.socket.pinLevel, b.read(isr, 1), b.read(P.CONFIG_MSIX_VECTOR, 2)]).toEqual([false, 0, 0xffff]);
  });
});

test("without bus mastering the rings cannot be reached", () => {
  const b = bench();
  b.driver.start().queues[0]!.give([1]);
  b.config.write(H.COMMAND, 2, H.COMMAND_MEMORY);
  b.serve();
  expect(b.driver.transport.status() & R.DEVICE_NEEDS_RESET).toBe(R.DEVICE_NEEDS_RESET);
});
