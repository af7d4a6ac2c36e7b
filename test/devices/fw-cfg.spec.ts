// SPDX-License-Identifier: MIT
import { describe, expect, test } from "vitest";
import { deviceContract, type Bench } from "../../devices/core/contract.ts";
import { TestClock } from "../../devices/core/test-clock.ts";
import { FwCfg } from "../../devices/fw-cfg/fw-cfg.ts";
import * as R from "../../devices/fw-cfg/registers.ts";
import { pvpanic } from "../../devices/pvpanic/pvpanic.ts";
import { framework } from "../harness/device-bench.ts";
import { TestMemory } from "../harness/test-memory.ts";

const RAM = 0x10000;
const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

function bench() {
  const memory = new TestMemory(RAM);
  const items = new Map([[R.NB_CPUS, Uint8Array.of(1, 0)]]);
  const files = new Map([
    ["opt/second", ascii("a file that is read")],
    ["etc/first", Uint8Array.from({ length: 300 }, (_, i) => i)],
  ]);
  const device = new FwCfg({ memory, items, files });
  const select = (key: number) => device.window.write(0, 2, key);
  const bytes = (count: number) => Array.from({ length: count }, () => device.window.read(1, 1));
  const swap = (value: number) =>
    new DataView(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value).buffer).getUint32(0, true);
  /** Runs a descriptor that lies at 100h and gives the control word it leaves. */
  const dma = (control: number, length: number, address: number, at = 0x100) => {
    [control, length, Math.floor(address / 2 ** 32), address >>> 0].forEach((word, i) =>
      memory.data.setUint32(0x100 + 4 * i, word),
    );
    device.window.write(4, 4, 0);
    device.window.write(8, 4, swap(at));
    return memory.data.getUint32(0x100);
  };
  const windows = [{ name: "fw-cfg", bytes: R.WINDOW_BYTES, window: device.window }];
  return { device, clock: new TestClock(), effects: [] as string[], windows, memory, select, bytes, dma };
}

deviceContract(framework, "fw-cfg", bench as () => Bench);

const SELECT = (key: number) => (key << 16) | R.DMA_SELECT;

describe("fw-cfg", () => {
  test("says who it is, by selector and data port", () => {
    const { select, bytes, device } = bench();
    select(R.SIGNATURE);
    expect(String.fromCharCode(...bytes(5))).toBe("QEMU\0");
    select(R.ID);
    expect(bytes(4)).toEqual([3, 0, 0, 0]);
    select(R.NB_CPUS);
    expect(bytes(3)).toEqual([1, 0, 0]);
    select(0x7777);
    expect(bytes(2)).toEqual([0, 0]);
    const word = (offset: number) => device.window.read(offset, 4);
    const text = [word(4), word(8)].map((value) =>
      String.fromCharCode(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24),
    );
    expect(text.join("")).toBe("QEMU CFG");
  });

  test("lists files by name, and gives them", () => {
    const { select, bytes } = bench();
    select(R.FILE_DIR);
    const listing = Uint8Array.from(bytes(4 + 2 * 64));
    const view = new DataView(listing.buffer);
    expect(view.getUint32(0)).toBe(2);
    const entries = [0, 1].map((index) => {
      const at = 4 + index * 64;
      const name = String.fromCharCode(...listing.subarray(at + 8, at + 64)).replace(/\0+$/, "");
      return [view.getUint32(at), view.getUint16(at + 4), name];
    });
    expect(entries).toEqual([
      [300, 0x20, "etc/first"],
      [19, 0x21, "opt/second"],
    ]);
    select(0x21);
    expect(String.fromCharCode(...bytes(19))).toBe("a file that is read");
  });

  test("copies by DMA: selects, skips, reads, fills with zeros behind the end", () => {
    const { dma, memory } = bench();
    memory.bytes.fill(0xee, 0x1000, 0x2000);
    expect(dma(SELECT(0x20) | R.DMA_SKIP, 250, 0)).toBe(0);
    expect(dma(R.DMA_READ, 100, 0x1000)).toBe(0);
    expect([...memory.bytes.subarray(0x1000, 0x1064)]).toEqual(
      Array.from({ length: 100 }, (_, i) => (i < 50 ? (250 + i) & 0xff : 0)),
    );
    expect(memory.bytes[0x1064]).toBe(0xee);
  });

  test("says so when it is to write into itself or to where there is no memory", () => {
    const { dma, memory } = bench();
    expect(dma(SELECT(0x20) | R.DMA_WRITE, 4, 0x1000)).toBe(R.DMA_ERROR);
    expect(dma(SELECT(0x20) | R.DMA_READ, 4, RAM - 2)).toBe(R.DMA_ERROR);
    expect(dma(R.DMA_READ, 0xffffffff, 0x1000)).toBe(R.DMA_ERROR);
    memory.data.setUint32(0x100, 0);
    expect(() => dma(R.DMA_READ, 4, 0x1000, RAM - 4)).not.toThrow();
    expect(() => dma(SELECT(0) | R.DMA_READ, 4, 2 ** 60)).not.toThrow();
  });

  test("refuses a file name that does not fit", () => {
    const files = new Map([["x".repeat(56), ascii("")]]);
    expect(() => new FwCfg({ memory: new TestMemory(16), files })).toThrow("55 characters are possible");
  });
});

describe("pvpanic", () => {
  test("tells what it understands and hands on what the guest says", () => {
    const said: string[] = [];
    const window = pvpanic((kind) => said.push(kind));
    expect(window.read(0, 1)).toBe(3);
    for (const value of [1, 2, 4]) window.write(0, 1, value);
    expect(said).toEqual(["panicked", "crash-loaded"]);
  });
});
