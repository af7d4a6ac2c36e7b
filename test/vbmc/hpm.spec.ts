// SPDX-License-Identifier: MIT
// Firmware upgrade as ipmitool does it, against the BMC of a machine that runs; and block by block against the BMC alone.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRomLabel, type RomLabel } from "../../common/rom-label.ts";
import { buildRom } from "../../firmware/rom/rom.ts";
import { hpmImageCommand } from "../../host/cli/hpm-image.ts";
import { hpmImage } from "../../vbmc/hpm-image.ts";
import { hasTool } from "../harness/missing-tool.ts";
import { runProgram, type Ran } from "./client-bench.ts";
import { Door, hex } from "./door.ts";
import { MachineLan } from "./machine-lan.ts";

const FULL = process.env["GLASS86_FULL"] === "1";
const MINUTE = 60_000;
const NAME = "admin";
const PASSWORD = "a-20-byte-password-1";
const own = readRomLabel(buildRom()) as RomLabel;

describe.skipIf(!hasTool("ipmitool", "firmware upgrade over LAN"))("ipmitool hpm", () => {
  const lan = new MachineLan();
  const folder = mkdtempSync(join(tmpdir(), "glass86-hpm-"));
  const newer = join(folder, "newer.hpm");
  const same = join(folder, "same.hpm");
  const foreign = join(folder, "foreign.hpm");
  const damaged = join(folder, "damaged.hpm");
  let port = 0;
  beforeAll(async () => {
    const image = hpmImage(buildRom("0.3"));
    writeFileSync(newer, image);
    writeFileSync(same, hpmImage(buildRom()));
    writeFileSync(foreign, hpmImage(buildRom("0.3"), { identity: { product: 0x1234 } }));
    writeFileSync(
      damaged,
      image.map((each, i) => (i === 0x8000 ? each ^ 1 : each)),
    );
    port = await lan.open(NAME, PASSWORD);
  });
  afterAll(async () => {
    await lan.close();
    rmSync(folder, { recursive: true });
  });

  /** Blocks of 200 bytes; 0: as ipmitool has them by itself. */
  const ipmitool = (words: string, size = 200): Promise<Ran> => {
    const session = ["-I", "lanplus", "-C", "17", "-H", "127.0.0.1", "-p", `${port}`, "-U", NAME, "-P", PASSWORD];
    const large = size > 0 ? ["-z", `${size}`] : [];
    return runProgram("ipmitool", [...session, ...large, ...words.split(" ")], "y\n".repeat(9));
  };
  const reset = async (): Promise<void> => {
    const before = lan.machine.serial(0).text.length;
    expect((await ipmitool("chassis power reset")).code).toBe(0);
    while (!lan.machine.serial(0).text.slice(before).includes("first-guest> ")) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  test(
    "tells what can be upgraded",
    async () => {
      expect((await ipmitool("hpm check")).out).toMatch(/0\|BMC +\| +0\.10 [^]*\* +1\|ROM +\| +0\.20 /);
      expect((await ipmitool("hpm targetcap")).err).toMatch(
        /Component 1 presence....\[y\][^]*Deferred activation.....\[y\][^]*Manual rollback.........\[y\][^]*Automatic rollback......\[y\]/,
      );
      expect((await ipmitool("hpm compprop 1 0")).err).toMatch(
        /cold reset req....\[y\][^]*Rollback supported........\[y\]/,
      );
      expect((await ipmitool("hpm compprop 1 2")).err).toContain("Description string: ROM");
      expect((await ipmitool("hpm compprop 2 0")).code).toBe(1);
    },
    MINUTE,
  );

  test(
    "gives the machine a ROM that runs from the next reset on, and takes it back",
    async () => {
      expect((await ipmitool(`hpm check ${newer}`)).out).toMatch(/\*\^ 1\|ROM .* 0\.30 /);
      expect((await ipmitool(`hpm compare ${newer}`)).out).toContain("doesn't match");
      const { code, err } = await ipmitool(`hpm upgrade ${newer} all`, FULL ? 0 : 200);
      expect(code, err).toBe(0);
      expect((await ipmitool("hpm check")).out).toMatch(/1\|ROM +\| +0\.20 .*---\.--.* 0\.30 /);
      expect((await ipmitool("hpm activate")).code).toBe(0);
      await reset();
      expect((await ipmitool("hpm check")).out).toMatch(/1\|ROM +\| +0\.30 .* 0\.20 .*---\.--/);
      expect((await ipmitool(`hpm compare ${newer}`)).out).toContain("Comparison passed");
      expect((await ipmitool("hpm rollbackstatus")).err).toContain("No Firmware rollback");
      expect((await ipmitool("hpm rollback")).err).toContain("component mask: 0x02");
      await reset();
      expect((await ipmitool("hpm check")).out).toMatch(/1\|ROM +\| +0\.20 .* 0\.30 /);
      expect((await ipmitool("sel elist")).out).toMatch(/Version Change.*change detected, BIOS/);
    },
    2 * MINUTE,
  );

  test(
    "takes the version that is there where it is forced, and refuses what is damaged or for another machine",
    async () => {
      expect((await ipmitool(`hpm upgrade ${same} component 1 force`)).code).toBe(0);
      expect((await ipmitool("hpm check")).out).toMatch(/1\|ROM .* 0\.20 .* 0\.30 .* 0\.20 /);
      expect((await ipmitool(`hpm upgrade ${damaged} all`)).err).toMatch(/MD5|signature/i);
      expect((await ipmitool(`hpm upgrade ${foreign} all`)).code).toBe(1);
      expect((await ipmitool("hpm abort")).code).toBe(0);
      expect((await ipmitool("hpm selftestresult")).err).toContain("Result1 = 55");
    },
    MINUTE,
  );
});

const door = (): Door => new Door({ rom: own });
const begin = "2c 31 00 02 02";

describe("an upload", () => {
  test("takes blocks in their order, one again where its answer was lost, and none else", () => {
    const it = door();
    expect(it.ask("2c 32 00 00 aa")).toBe("d5");
    expect(it.ask(begin)).toBe("00 00");
    expect(it.ask("2c 32 00 01 aa")).toBe("cc");
    expect(it.ask("2c 32 00 00")).toBe("c7");
    expect(it.ask("2c 32 00 00 aa bb")).toBe("00 00");
    expect(it.ask("2c 32 00 00 aa bb")).toBe("00 00");
    expect(it.ask("2c 32 00 00 aa bc")).toBe("cc");
    expect(it.ask("2c 32 00 01 cc")).toBe("00 00");
    expect(it.bmc.state.upgrade.upload?.bytes).toBe("aabbcc");
    expect(it.ask("2c 34 00")).toBe("00 00 32 00");
    expect(it.ask("2c 33 00 01 04 00 00 00")).toBe("81");
    expect(it.ask("2c 34 00")).toBe("00 00 33 81");
  });

  test("ends at the size of a ROM, however long somebody goes on", () => {
    const it = door();
    it.ask(begin);
    const block = hex(Array.from({ length: 200 }, () => 0x5a));
    let code = "";
    for (let i = 0; i < 400; i++) code = it.ask(`2c 32 00 ${hex([i & 0xff])} ${block}`);
    expect(code).toBe("cc");
    expect(it.bmc.state.upgrade.upload!.bytes.length).toBeLessThanOrEqual(2 * 0x10000);
    expect(JSON.stringify(it.bmc.snapshot()).length).toBeLessThan(200_000);
  });

  test("is for the ROM alone, where the BMC has one to give", () => {
    for (const mask of ["01", "03", "04", "00"]) expect(door().ask(`2c 31 00 ${mask} 02`), mask).toBe("81");
    const without = new Door();
    expect(without.ask("2c 2e 00")).toBe("00 00 00 01 02 01 00 00 01");
    expect(without.ask(begin)).toBe("81");
    expect(without.ask("2c 2f 00 01 00")).toBe("82");
    expect(without.ask("2c 38 00")).toBe("83");
  });

  test("belongs to administrators; a body code of somebody else is unknown", () => {
    const it = door();
    it.origin = { channel: 1, privilege: 3 };
    expect(it.ask("2c 2e 00")).toMatch(/^00/);
    expect(it.ask(begin)).toBe("d4");
    for (const request of ["2c 2e", "2c 2e 03", "2c 00 00", "2c 01 00", "2c 3e 00"]) expect(it.ask(request)).toBe("c1");
  });
});

describe("a BMC that loses its power", () => {
  test("in any block of an upload keeps the ROM that is active, and what was staged before", () => {
    const rom = buildRom("0.3");
    const it = door();
    it.ask(begin);
    const active = it.bmc.state.rom!.active;
    for (let at = 0, number = 0; at < rom.length; at += 200, number++) {
      expect(it.ask(`2c 32 00 ${hex([number & 0xff])} ${hex(rom.subarray(at, at + 200))}`)).toBe("00 00");
      const after = door();
      after.bmc.restore(it.bmc.snapshot());
      after.ask("06 02");
      expect(after.bmc.state.upgrade.upload).toBeNull();
      expect(after.bmc.state.rom).toMatchObject({ active, staged: null, next: null });
      expect(after.ask("2c 35 00")).toBe("d5");
    }
    expect(it.ask("2c 33 00 01 00 00 01 00")).toBe("00 00");
    it.ask("2c 35 00");
    it.ask("06 02");
    it.machine(true);
    expect(it.bmc.state.rom!.active.version.slice(0, 2)).toEqual([0, 0x30]);
  });
});

test("whatever is sent in whatever order: the active ROM changes with the machine's start alone, and to a sound one", () => {
  const images = [buildRom("0.3"), buildRom("0.4").fill(0, 0, 1), buildRom("0.5").fill(7, 100, 200)];
  const anything = fc.array(fc.oneof(fc.nat(4), fc.nat(255)), { maxLength: 12 });
  const step = fc.oneof(
    fc.tuple(fc.integer({ min: 0x2e, max: 0x38 }), anything).map(([command, data]) => ({ command, data })),
    fc.nat(images.length - 1).map((whole) => ({ whole })),
    fc.constantFrom("start", "off", "post", "wait", "reset" as const).map((event) => ({ event })),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const it = door();
      for (const each of steps) {
        const before = it.bmc.state.rom!.active.hash;
        if ("command" in each) it.raw([0x2c << 2, each.command, 0, ...each.data]);
        else if ("whole" in each) {
          it.ask(begin);
          const rom = images[each.whole]!;
          for (let at = 0, number = 0; at < rom.length; at += 4096, number++)
            it.raw([0x2c << 2, 0x32, 0, number, ...rom.subarray(at, at + 4096)]);
          it.ask("2c 33 00 01 00 00 01 00");
          it.ask("2c 35 00");
        } else if (each.event === "post") it.bmc.step({ kind: "firmware", at: it.at, failed: false, code: 0x13 });
        else if (each.event === "wait") it.wait(61);
        else if (each.event === "reset") it.ask("06 02");
        else it.machine(each.event === "start");
        const { rom } = it.bmc.state;
        const starts = "event" in each && each.event === "start";
        if (!starts) expect(rom!.active.hash).toBe(before);
        for (const image of [rom!.active, rom!.previous, rom!.staged]) {
          if (!image?.bytes) continue;
          expect(readRomLabel(Uint8Array.from(Buffer.from(image.bytes, "hex")))).toMatchObject({ hash: image.hash });
        }
      }
    }),
    { numRuns: FULL ? 500 : 40, seed: 86 },
  );
});

test("bmc hpm-image makes what ipmitool takes, of a version or of a ROM, and nothing of other bytes", () => {
  const folder = mkdtempSync(join(tmpdir(), "glass86-hpm-image-"));
  const [out, again, rom] = ["out.hpm", "again.hpm", "rom"].map((each) => join(folder, each));
  try {
    hpmImageCommand([out!, "--rom-version", "0.7", "--save-rom", rom!]);
    expect(readRomLabel(Uint8Array.from(readFileSync(rom!)))).toMatchObject({ version: "0.7" });
    hpmImageCommand([again!, `--rom=${rom}`]);
    // But for the time of making it, and the sums that follow from that.
    expect(readFileSync(again!).subarray(40, -16)).toEqual(readFileSync(out!).subarray(40, -16));
    writeFileSync(rom!, "no ROM");
    expect(() => hpmImageCommand([again!, "--rom", rom!])).toThrow("no ROM of Glass86: 6 bytes: a ROM has 65536");
    expect(() => hpmImageCommand([again!, "--rom-version", "seven"])).toThrow("version seven: two numbers");
    expect(() => hpmImageCommand([again!, "--rum", "x"])).toThrow("nearest is --rom");
    expect(() => hpmImageCommand([])).toThrow("needs the name");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
