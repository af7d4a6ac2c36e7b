// SPDX-License-Identifier: MIT
import { describe, expect, test } from "vitest";
import { deviceContract, type Bench } from "../../devices/core/contract.ts";
import { TestClock } from "../../devices/core/test-clock.ts";
import { debugConsole, debugExit, PostPort } from "../../devices/pc-ports/debug-ports.ts";
import { Port92, ResetControl } from "../../devices/pc-ports/reset-ports.ts";
import { framework } from "../harness/device-bench.ts";

function bench<Device extends Bench["device"] & { window: Bench["windows"][number]["window"] }>(
  make: (note: (effect: string) => void) => Device,
) {
  const effects: string[] = [];
  const device = make((effect) => effects.push(effect));
  const windows = [{ name: device.name, bytes: 1, window: device.window }];
  const write = (value: number) => device.window.write(0, 1, value);
  return { device, clock: new TestClock(), effects, windows, write, read: () => device.window.read(0, 1) };
}

function port92() {
  let open = true;
  return bench(
    (note) =>
      new Port92({
        setA20: (level) => {
          if (level !== open) note(`a20 ${level ? "open" : "gated"}`);
          open = level;
        },
        reset: () => note("reset"),
      }),
  );
}
const resetControl = () =>
  bench((note) => new ResetControl({ reset: (hard) => note(hard ? "hard" : "soft"), full: true }));
const post = () => bench((note) => new PostPort({ onCode: (code) => note(`code ${code}`) }));

deviceContract(framework, "port92", port92);
deviceContract(framework, "reset-control", resetControl);
deviceContract(framework, "post", post);

describe("port 92h", () => {
  test("gates A20 and reads back", () => {
    const b = port92();
    expect(b.read()).toBe(2);
    b.write(0);
    b.write(0xfe);
    expect(b.effects).toEqual(["a20 gated", "a20 open"]);
    expect(b.read()).toBe(2);
  });

  test("resets when bit 0 rises, not while it stays", () => {
    const b = port92();
    b.write(3);
    b.write(3);
    b.write(2);
    b.write(3);
    expect(b.effects).toEqual(["reset", "reset"]);
  });
});

describe("port CF9h", () => {
  test("resets when bit 2 rises, as bit 1 says", () => {
    const b = resetControl();
    b.write(0x02);
    b.write(0x06);
    b.write(0x00);
    b.write(0x04);
    expect(b.effects).toEqual(["hard", "soft"]);
  });
});

describe("ports for the watcher", () => {
  test("80h keeps the last code", () => {
    const b = post();
    b.write(0x55);
    expect(b.read()).toBe(0x55);
    expect(b.effects).toEqual(["code 85"]);
  });

  test("E9h tells that it is there and passes bytes on, wide writes a byte at a time", () => {
    const seen: number[] = [];
    const window = debugConsole((byte) => seen.push(byte));
    expect(window.read(0, 1)).toBe(0xe9);
    window.write(0, 2, 0x4241);
    expect(seen).toEqual([0x41, 0x42]);
  });

  test("501h ends with an odd code, so never with success", () => {
    const codes: number[] = [];
    const window = debugExit((code) => codes.push(code));
    for (const value of [0, 1, 0x80]) window.write(0, 1, value);
    expect(codes).toEqual([1, 3, 1]);
  });
});
