// SPDX-License-Identifier: MIT
import { describe, expect, test } from "vitest";
import { deviceContract, type Bench } from "../../devices/core/contract.ts";
import { TestClock } from "../../devices/core/test-clock.ts";
import * as R from "../../devices/vga/registers.ts";
import { Vga } from "../../devices/vga/vga.ts";
import { setTextMode, TEXT_MODE } from "../../firmware/video/text-mode.ts";
import { framework } from "../harness/device-bench.ts";

function bench() {
  const clock = new TestClock();
  const effects: string[] = [];
  const device = new Vga({ clock });
  const windows = [
    { name: "ports", bytes: R.PORTS, window: device.window },
    { name: "memory", bytes: R.WINDOW.bytes, window: device.memoryWindow },
  ];
  const in8 = (port: number) => device.window.read(port - R.FIRST_PORT, 1);
  const out8 = (port: number, value: number) => device.window.write(port - R.FIRST_PORT, 1, value);
  const peek = (address: number) => device.memoryWindow.read(address - R.WINDOW.address, 1);
  const poke = (address: number, value: number) => device.memoryWindow.write(address - R.WINDOW.address, 1, value);
  const indexed = (port: number, index: number, value: number) => {
    out8(port, index);
    out8(port + 1, value);
  };
  return { device, clock, effects, windows, in8, out8, peek, poke, indexed };
}

function textBench() {
  const b = bench();
  const store32 = (address: number, value: number) => b.device.memoryWindow.write(address - R.WINDOW.address, 4, value);
  setTextMode({ ...b, store32 });
  const print = (row: number, column: number, text: string, attribute = 7) =>
    [...text].forEach((character, i) => {
      const at = TEXT_MODE.address + 2 * (row * TEXT_MODE.columns + column + i);
      b.poke(at, character.charCodeAt(0));
      b.poke(at + 1, attribute);
    });
  return { ...b, print };
}

deviceContract(framework, "VGA", textBench as () => Bench, { steps: 600 });

describe("the VGA's text screen", () => {
  test("is read as lines, colours and cursor", () => {
    const { device, print, poke, indexed } = textBench();
    print(0, 0, "Hello, world");
    print(24, 78, "ok", 0x4f);
    poke(TEXT_MODE.address + 2 * 80, 0xc9); // a box corner
    expect(device.screen).toMatchObject({ columns: 80, rows: 25, cursor: { row: 0, column: 0 } });
    const lines = device.screenText().split("\n");
    expect([lines.length, lines[0], lines[1], lines[24]]).toEqual([25, "Hello, world", "╔", " ".repeat(78) + "ok"]);
    expect(device.screen.attributes[24]!.slice(77)).toEqual([7, 0x4f, 0x4f]);
    indexed(0x3d4, R.CR_CURSOR_HIGH, 0x03);
    indexed(0x3d4, R.CR_CURSOR_LOW, 0xe8);
    expect(device.screen.cursor).toEqual({ row: 12, column: 40 });
    indexed(0x3d4, R.CR_CURSOR_START, R.CR_CURSOR_OFF);
    expect(device.screen.cursor).toBeUndefined();
  });

  test("scrolls with the start address", () => {
    const { device, print, indexed } = textBench();
    print(1, 0, "second");
    indexed(0x3d4, R.CR_START_LOW, 80);
    expect(device.screenText().split("\n")[0]).toBe("second");
  });

  test("has 50 lines with a font of 8 lines", () => {
    const { device, indexed } = textBench();
    indexed(0x3d4, R.CR_MAXIMUM_SCAN_LINE, 0x47);
    expect(device.screen.rows).toBe(50);
  });

  test("takes words and double words as bytes in a row", () => {
    const { device } = textBench();
    device.memoryWindow.write(0x18000, 2, 0x0741);
    device.memoryWindow.write(0x18002, 4, 0x07430742);
    expect(device.screenText().split("\n")[0]).toBe("ABC");
    expect(device.memoryWindow.read(0x18000, 4)).toBe(0x07420741);
  });
});

describe("VGA registers", () => {
  test("attribute index and data take turns until the status is read", () => {
    const { in8, out8 } = textBench();
    in8(0x3da);
    out8(0x3c0, 0x12);
    out8(0x3c0, 0x05);
    out8(0x3c0, 0x13);
    in8(0x3da);
    out8(0x3c0, 0x12);
    expect(in8(0x3c1)).toBe(0x05);
    expect(in8(0x3c0)).toBe(0x12);
  });

  test("the CRTC's first registers are write-protected but for the line compare bit", () => {
    const { in8, out8, indexed } = textBench();
    const read = (index: number) => {
      out8(0x3d4, index);
      return in8(0x3d5);
    };
    expect(read(0)).toBe(0x5f);
    indexed(0x3d4, 0, 0x11);
    indexed(0x3d4, 7, 0x00);
    expect([read(0), read(7)]).toEqual([0x5f, 0x0f]);
    indexed(0x3d4, 0x11, 0x0e);
    indexed(0x3d4, 0, 0x11);
    expect(read(0)).toBe(0x11);
  });

  test("CRTC and status move to 3Bxh in monochrome", () => {
    const { in8, out8 } = textBench();
    expect([in8(0x3b4), in8(0x3ba)]).toEqual([0xff, 0xff]);
    out8(0x3c2, 0x66);
    out8(0x3b4, 0x0e);
    expect([in8(0x3b4), in8(0x3d4)]).toEqual([0x0e, 0xff]);
  });

  test("the DAC takes a colour as a whole and steps to the next", () => {
    const { in8, out8 } = textBench();
    out8(0x3c8, 11);
    for (const part of [1, 2, 3, 4]) out8(0x3c9, part);
    out8(0x3c7, 11);
    expect([in8(0x3c7), in8(0x3c9), in8(0x3c9), in8(0x3c9), in8(0x3c8)]).toEqual([3, 1, 2, 3, 12]);
    expect(in8(0x3c9)).toBe(42); // colour 12 keeps its red
  });

  test("retrace comes 70 times a second, for two lines of 449, at a place given by virtual time", () => {
    const { in8, clock } = textBench();
    let edges = 0;
    let before = in8(0x3da) & R.STATUS_1_RETRACE;
    for (let i = 0; i < 100_000; i++) {
      clock.advance(10_000);
      const now = in8(0x3da) & R.STATUS_1_RETRACE;
      if (now && !before) edges++;
      before = now;
    }
    expect(edges).toBe(70);
  });
});

describe("VGA planes", () => {
  /** Mode 12h as far as memory goes: all planes behind A0000h. */
  function planar() {
    const b = bench();
    b.indexed(0x3c4, R.SR_MEMORY_MODE, 0x06);
    b.indexed(0x3ce, R.GR_MISC, 0x05);
    b.indexed(0x3ce, R.GR_BIT_MASK, 0xff);
    b.indexed(0x3c4, R.SR_MAP_MASK, 0x0f);
    const plane = (map: number) => {
      b.indexed(0x3ce, R.GR_READ_MAP, map);
      return b.peek(0xa0000);
    };
    return { ...b, plane, planes: () => [0, 1, 2, 3].map(plane) };
  }

  test("write mode 0 rotates, sets and resets, combines with the latches under the bit mask", () => {
    const b = planar();
    b.poke(0xa0000, 0x81);
    expect(b.planes()).toEqual([0x81, 0x81, 0x81, 0x81]);
    b.indexed(0x3ce, R.GR_ROTATE, 1);
    b.indexed(0x3ce, R.GR_ENABLE_SET_RESET, 0b0011);
    b.indexed(0x3ce, R.GR_SET_RESET, 0b0001);
    b.poke(0xa0000, 0x81);
    expect(b.planes()).toEqual([0xff, 0x00, 0xc0, 0xc0]);
    b.indexed(0x3ce, R.GR_ROTATE, 3 << 3);
    b.indexed(0x3ce, R.GR_ENABLE_SET_RESET, 0);
    b.indexed(0x3ce, R.GR_BIT_MASK, 0x0f);
    b.poke(0xa0000, 0xaa);
    expect(b.planes()).toEqual([0xf5, 0x0a, 0xca, 0xca]);
  });

  test("write mode 1 copies latches, 2 fills with a colour, 3 masks set and reset", () => {
    const b = planar();
    b.poke(0xa0001, 0x3c);
    b.peek(0xa0001);
    b.indexed(0x3ce, R.GR_MODE, 1);
    b.poke(0xa0000, 0xff);
    expect(b.planes()).toEqual([0x3c, 0x3c, 0x3c, 0x3c]);
    b.indexed(0x3ce, R.GR_MODE, 2);
    b.poke(0xa0000, 0b0110);
    expect(b.planes()).toEqual([0, 0xff, 0xff, 0]);
    b.indexed(0x3ce, R.GR_MODE, 3);
    b.indexed(0x3ce, R.GR_SET_RESET, 0b1000);
    b.poke(0xa0000, 0xf0);
    expect(b.planes()).toEqual([0, 0x0f, 0x0f, 0xf0]);
  });

  test("read mode 1 compares colours in the planes that count", () => {
    const b = planar();
    b.indexed(0x3ce, R.GR_MODE, 2);
    b.indexed(0x3ce, R.GR_BIT_MASK, 0xf0);
    b.peek(0xa0000);
    b.poke(0xa0000, 0b0101);
    b.indexed(0x3ce, R.GR_MODE, R.GR_MODE_READ_1);
    b.indexed(0x3ce, R.GR_COLOUR_CARE, 0x0f);
    b.indexed(0x3ce, R.GR_COLOUR_COMPARE, 0b0101);
    expect(b.peek(0xa0000)).toBe(0xf0);
    b.indexed(0x3ce, R.GR_COLOUR_CARE, 0b1010);
    expect(b.peek(0xa0000)).toBe(0xff);
  });

  test("what lies outside of the chosen window reads as ones and keeps nothing", () => {
    const b = planar();
    b.poke(0xb8000, 0x55);
    expect([b.peek(0xb8000), b.peek(0xa8000)]).toEqual([0xff, 0]);
  });
});
