// SPDX-License-Identifier: MIT
// The pair of DMA controllers: its transfers with devices on a bench; its registers are compared with QEMU's elsewhere.
// Spec: Intel 8237A datasheet (231466); IBM PC AT Technical Reference (1984), "Direct Memory Access".
import { describe, expect, test } from "vitest";
import { deviceContract, type Bench } from "../../devices/core/contract.ts";
import { TestClock } from "../../devices/core/test-clock.ts";
import { Dma8237 } from "../../devices/dma8237/dma8237.ts";
import * as R from "../../devices/dma8237/registers.ts";
import { framework } from "../harness/device-bench.ts";
import { TestMemory } from "../harness/test-memory.ts";

const RAM_BYTES = 0x4_0000;

function bench() {
  const memory = new TestMemory(RAM_BYTES);
  const clock = new TestClock();
  const device = new Dma8237({ clock, memory });
  const effects: string[] = [];
  const out = (port: number, value: number): void => {
    if (port < R.REGISTERS) device.firstWindow.write(port, 1, value);
    else if (port >= R.SECOND_PORT) device.secondWindow.write(port - R.SECOND_PORT, 1, value);
    else device.pageWindow.write(port - R.PAGE_PORT, 1, value);
  };
  const inb = (port: number): number =>
    port < R.REGISTERS ? device.firstWindow.read(port, 1) : device.secondWindow.read(port - R.SECOND_PORT, 1);
  /** Base of a channel's chip, and the distance of its registers. */
  const chip = (channel: number): [port: number, step: number] =>
    channel < R.CHANNELS ? [R.FIRST_PORT, 1] : [R.SECOND_PORT, 2];
  const control = (channel: number, register: number, value: number): void => {
    const [port, step] = chip(channel);
    out(port + step * register, value);
  };
  const status = (channel: number): number => {
    const [port, step] = chip(channel);
    return inb(port + step * R.STATUS);
  };
  const word = (channel: number, register: number): number => {
    const [port, step] = chip(channel);
    control(channel, R.CLEAR_FLIP_FLOP, 0);
    const at = port + step * (2 * (channel & R.CHANNEL) + register);
    return inb(at) | (inb(at) << 8);
  };
  /** What a driver does: page, address, count less one, mode, unmask. */
  const program = (channel: number, page: number, address: number, count: number, mode: number): void => {
    control(channel, R.SINGLE_MASK, (channel & R.CHANNEL) | R.SET);
    control(channel, R.CLEAR_FLIP_FLOP, 0);
    for (const [register, value] of [
      [0, address],
      [1, count - 1],
    ] as const)
      for (const byte of [value & 0xff, value >> 8]) control(channel, 2 * (channel & R.CHANNEL) + register, byte);
    out(R.PAGE_PORT + R.PAGE_OF_CHANNEL[channel]!, page);
    control(channel, R.MODE, mode | (channel & R.CHANNEL));
    control(channel, R.SINGLE_MASK, channel & R.CHANNEL);
  };
  /** A device that gives 1, 2, 3 ... and keeps what it is given, so many units at a time. */
  const source = (channel: number, units = Infinity) => {
    const taken: number[] = [];
    let given = 0;
    let left = units;
    const settle = (): void => {
      if (--left <= 0) dreq.set(false);
    };
    const dreq = device.connect(channel, {
      read() {
        settle();
        return ++given;
      },
      write(unit) {
        taken.push(unit);
        settle();
      },
      terminalCount() {
        effects.push(`terminal count ${channel}`);
        dreq.set(false);
      },
    });
    const request = (count = units): void => {
      left = count;
      dreq.set(true);
    };
    return { taken, request, dreq };
  };
  const openCascade = (): void => {
    control(4, R.MODE, R.SELECT_CASCADE);
    control(4, R.SINGLE_MASK, 0);
  };
  const windows = [
    { name: "first", bytes: R.REGISTERS, window: device.firstWindow },
    { name: "second", bytes: 2 * R.REGISTERS, window: device.secondWindow },
    { name: "pages", bytes: R.PAGES, window: device.pageWindow },
  ];
  return { memory, device, effects, windows, clock, out, inb, control, status, word, program, source, openCascade };
}

const memories = new WeakMap<Bench, TestMemory>();

deviceContract(
  framework,
  "dma8237",
  () => {
    const b = bench();
    b.openCascade();
    // A device of one unit a request has no state of its own.
    const one = (channel: number) => {
      const dreq = b.device.connect(channel, {
        read() {
          dreq.set(false);
          return 0x5a;
        },
        write(unit) {
          dreq.set(false);
          b.effects.push(`unit ${unit}`);
        },
      });
      return () => {
        dreq.set(true);
        dreq.set(false);
      };
    };
    const complete: Bench = {
      ...b,
      stimuli: [
        one(2),
        one(6),
        () => b.program(2, 1, 0x100, 3, R.TRANSFER_READ | R.SELECT_SINGLE),
        () => b.program(6, 1, 0x80, 4, R.TRANSFER_WRITE | R.SELECT_DEMAND | R.MODE_AUTO_INITIALIZE),
        () => b.openCascade(),
      ],
      adopt: (from) => b.memory.bytes.set(memories.get(from)!.bytes),
    };
    memories.set(complete, b.memory);
    return complete;
  },
  { steps: 1500 },
);

describe("a transfer", () => {
  test("brings a device's bytes into memory, to the page and address, and ends at the count", () => {
    const b = bench();
    b.openCascade();
    const { request } = b.source(2);
    b.program(2, 0x03, 0xfffe, 4, R.TRANSFER_WRITE | R.SELECT_SINGLE);
    request();
    // Addresses wrap within the page.
    expect([0x3fffe, 0x3ffff, 0x30000, 0x30001, 0x30002].map((at) => b.memory.bytes[at])).toEqual([1, 2, 3, 4, 0]);
    expect(b.effects).toEqual(["terminal count 2"]);
    expect([b.word(2, 0), b.word(2, 1)]).toEqual([2, 0xffff]);
    expect([b.status(2), b.status(2)]).toEqual([0x04, 0x00]);
    expect(b.inb(R.ALL_MASK)).toBe(0x0f); // masked by its terminal count
  });

  test("takes memory to a device, in pieces as it asks", () => {
    const b = bench();
    b.openCascade();
    b.memory.bytes.set([10, 20, 30, 40, 50], 0x1000);
    const { taken, request } = b.source(1);
    b.program(1, 0, 0x1000, 5, R.TRANSFER_READ | R.SELECT_DEMAND);
    request(2);
    expect([taken, b.word(1, 0), b.word(1, 1)]).toEqual([[10, 20], 0x1002, 2]);
    request(9);
    expect([taken, b.effects]).toEqual([[10, 20, 30, 40, 50], ["terminal count 1"]]);
  });

  test("moves words on the second controller, in pages of 128 KiB, and down where it is told", () => {
    const b = bench();
    const { request } = b.source(5);
    b.program(5, 0x01, 0x8001, 2, R.TRANSFER_WRITE | R.SELECT_SINGLE | R.MODE_DECREMENT);
    request();
    // The page's lowest bit is the address's highest.
    expect([...b.memory.bytes.subarray(0x1_0000, 0x1_0004)]).toEqual([2, 0, 1, 0]);
  });

  test("only counts when it verifies", () => {
    const b = bench();
    b.openCascade();
    const { taken, request } = b.source(3);
    b.program(3, 0, 0x100, 3, R.TRANSFER_VERIFY | R.SELECT_BLOCK);
    request();
    expect([taken, b.memory.bytes.every((byte) => byte === 0), b.status(3)]).toEqual([[], true, 0x08]);
  });

  test("begins anew by itself where it is told to", () => {
    const b = bench();
    b.openCascade();
    const { request } = b.source(2);
    b.program(2, 0, 0x200, 2, R.TRANSFER_WRITE | R.SELECT_SINGLE | R.MODE_AUTO_INITIALIZE);
    request();
    request();
    expect([...b.memory.bytes.subarray(0x200, 0x203)]).toEqual([3, 4, 0]);
    expect([b.word(2, 0), b.word(2, 1)]).toEqual([0x200, 1]);
  });

  test("waits for its mask, the controller and the cascade; the status shows that it is asked for", () => {
    const b = bench();
    const { request } = b.source(2);
    b.program(2, 0, 0x300, 1, R.TRANSFER_WRITE | R.SELECT_SINGLE);
    request();
    expect([b.status(2), b.effects]).toEqual([0x40, []]);
    b.control(2, R.COMMAND, R.COMMAND_DISABLE);
    b.openCascade();
    b.control(2, R.SINGLE_MASK, R.SET | 2);
    b.control(2, R.COMMAND, 0);
    expect(b.effects).toEqual([]);
    b.control(2, R.CLEAR_MASK, 0);
    expect(b.effects).toEqual(["terminal count 2"]);
  });

  test("from memory to memory goes through the temporary register", () => {
    const b = bench();
    b.openCascade();
    b.memory.bytes.set([7, 8, 9], 0x400);
    b.program(0, 0, 0x400, 3, R.TRANSFER_READ | R.SELECT_BLOCK);
    b.program(1, 0, 0x500, 3, R.TRANSFER_WRITE | R.SELECT_BLOCK);
    b.control(0, R.COMMAND, R.COMMAND_MEMORY_TO_MEMORY);
    b.control(0, R.REQUEST, R.SET);
    expect([...b.memory.bytes.subarray(0x500, 0x504)]).toEqual([7, 8, 9, 0]);
    expect([b.inb(R.TEMPORARY), b.status(0) & 0x12]).toEqual([9, 0x02]);
  });

  test("fills memory from one held address", () => {
    const b = bench();
    b.openCascade();
    b.memory.bytes[0x400] = 0x77;
    b.program(0, 0, 0x400, 1, R.TRANSFER_READ | R.SELECT_BLOCK);
    b.program(1, 0, 0x500, 4, R.TRANSFER_WRITE | R.SELECT_BLOCK);
    b.control(0, R.COMMAND, R.COMMAND_MEMORY_TO_MEMORY | R.COMMAND_HOLD_CHANNEL_0);
    b.control(0, R.REQUEST, R.SET);
    expect([...b.memory.bytes.subarray(0x500, 0x505)]).toEqual([0x77, 0x77, 0x77, 0x77, 0]);
  });

  test("serves channels by number, or in turn where priority rotates", () => {
    for (const [command, order] of [
      [0, [0, 1, 0, 1]],
      [R.COMMAND_ROTATE, [1, 0, 1, 0]],
    ] as const) {
      const b = bench();
      b.openCascade();
      const served: number[] = [];
      const lines = [0, 1].map((channel) => {
        const line = b.device.connect(channel, {
          read: () => 0,
          write() {
            served.push(channel);
            line.set(false);
          },
        });
        return line;
      });
      b.control(0, R.COMMAND, command);
      for (const channel of [0, 1]) b.program(channel, 0, 0, 100, R.TRANSFER_READ | R.SELECT_SINGLE);
      lines[0]!.set(true); // served at once, and last in turn from now on
      served.length = 0;
      for (let i = 0; i < 2; i++) {
        b.control(0, R.COMMAND, command | R.COMMAND_DISABLE);
        for (const line of lines) line.set(true);
        b.control(0, R.COMMAND, command);
        b.clock.advance(1_000_000);
      }
      expect(served).toEqual(order);
    }
  });

  test("outside of RAM reads ones, writes nothing and still ends", () => {
    const b = bench();
    b.openCascade();
    const { taken, request } = b.source(2);
    b.program(2, 0xff, 0, 2, R.TRANSFER_READ | R.SELECT_SINGLE);
    request();
    b.program(2, 0xff, 0, 0x10000, R.TRANSFER_WRITE | R.SELECT_BLOCK);
    request();
    b.clock.advance(100_000_000);
    expect([taken, b.effects.length]).toEqual([[0xff, 0xff], 2]);
  });
});

test("a long block comes in turns, and the processor has the bus between them", () => {
  const b = bench();
  b.openCascade();
  b.program(3, 0, 0, 200, R.TRANSFER_VERIFY | R.SELECT_BLOCK);
  b.control(3, R.REQUEST, R.SET | 3);
  expect([b.word(3, 1), b.status(3)]).toEqual([199 - 64, 0x80]);
  b.clock.advance(100_000);
  expect(b.word(3, 1)).toBe(199 - 128);
  b.clock.advance(100_000);
  expect([b.word(3, 1), b.status(3)]).toEqual([0xffff, 0x08]);
});

test("a device that never lets go of a channel that begins anew does not hold the machine", () => {
  const b = bench();
  b.openCascade();
  let units = 0;
  const dreq = b.device.connect(2, { read: () => ++units & 0xff, write() {} });
  b.program(2, 0, 0, 16, R.TRANSFER_WRITE | R.SELECT_DEMAND | R.MODE_AUTO_INITIALIZE);
  dreq.set(true);
  b.clock.advance(1_000_000);
  expect(units).toBeGreaterThan(900); // a microsecond each
  expect(units).toBeLessThan(1_100);
});

test("channel 4 has no device", () => {
  expect(() => bench().device.connect(4, { read: () => 0, write() {} })).toThrow("DMA channel 4");
});
