// SPDX-License-Identifier: MIT
// DCMI: what ipmitool and FreeIPMI show of power, temperatures and tags, and what the commands themselves answer.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SENSOR_POWER_DRAW } from "../../vbmc/sensor-list.ts";
import { hasTool } from "../harness/missing-tool.ts";
import { ClientBench } from "./client-bench.ts";
import { bytes, Door, hex } from "./door.ts";

const MINUTE = 60_000;
const TAG = "rack 7, a tag of more than sixteen";

describe("consoles", () => {
  const bench = new ClientBench();
  beforeAll(async () => {
    await bench.open();
    bench.server.bmc.station.tell({ kind: "sensor", number: SENSOR_POWER_DRAW, raw: 22 });
  });
  afterAll(() => bench.close());

  test.skipIf(!hasTool("ipmitool", "DCMI over LAN"))(
    "ipmitool dcmi shows and sets what there is",
    async () => {
      const shows: [command: string, what: RegExp][] = [
        ["discover", /Power management available[^]*1024 SEL entries[^]*Primary LAN channel number: 1/],
        ["power reading", /Instantaneous power reading: +22 Watts[^]*state is: +activated/],
        ["power get_limit", /No Active Power Limit[^]*Power Limit: +500 Watts/],
        ["power set_limit limit 50", /Power Limit: +50 Watts/],
        ["power set_limit action sel_logging", /Log Event to SEL/],
        ["power activate", /activated/],
        ["power get_limit", /Current Limit State: Power Limit Active[^]*Log Event[^]*50 Watts/],
        ["power deactivate", /deactivated/],
        ["sensors", /CPU: 1 temperature sensor found:\s*Record ID 0x0004: CPU Temp +\| 45 degrees C +\| ok/],
        [`set_asset_tag ${TAG.replaceAll(" ", "\u00a0")}`, /Set Asset Tag: rack/],
        ["asset_tag", new RegExp(TAG)],
        ["get_mc_id_string", /DCMI525400860001/],
        ["set_mc_id_string mill", /mill/],
        ["get_mc_id_string", /String: mill\W/],
        ["get_temp_reading", /CPU temperature sensors\(41h\)\s+1\s+\+45 C/],
      ];
      for (const [command, what] of shows) {
        const { code, out, err } = await bench.ipmitool(`dcmi ${command}`);
        expect(code, `${command}: ${err}`).toBe(0);
        expect(out, command).toMatch(what);
      }
      expect((await bench.ipmitool("fru print")).out).toMatch(new RegExp(`Product Asset Tag +: ${TAG}\n`));
    },
    MINUTE,
  );

  test.skipIf(!hasTool("ipmi-dcmi", "DCMI over LAN"))(
    "ipmi-dcmi shows and sets what there is",
    async () => {
      const limit = ["--exception-actions=0x11", "--power-limit-requested=70", "--correction-time-limit=5000"];
      const shows: [args: string[], what: RegExp][] = [
        [
          ["--get-dcmi-capability-info"],
          /Conformance +: 1.5[^]*Monitoring Support +: Available[^]*Channel Number +: 1/,
        ],
        [["--get-system-power-statistics"], /Current Power +: 22 Watts[^]*Measurement +: Active/],
        [["--set-power-limit", ...limit, "--statistics-sampling-period=10"], /^$/],
        [["--activate-deactivate-power-limit=ACTIVATE"], /^$/],
        [["--get-power-limit"], /\(11h\)[^]*: 70 watts[^]*: 5000 milliseconds[^]*: 10 seconds/],
        [["--activate-deactivate-power-limit=DEACTIVATE"], /^$/],
        [["--set-asset-tag=shelf-3"], /^$/],
        [["--get-asset-tag"], /shelf-3/],
        [["--get-dcmi-sensor-info"], /CPU Temperature SDR Record IDs\s+4/],
      ];
      for (const [args, what] of shows) {
        const { code, out, err } = await bench.freeipmi("ipmi-dcmi", args);
        expect(code, `${args[0]}: ${err}`).toBe(0);
        expect(out, args[0]).toMatch(what);
      }
    },
    MINUTE,
  );
});

/** Current, least, most and average watts. */
function watts(door: Door): number[] {
  const answer = bytes(door.ask("2c 02 dc 01 00 00"));
  return [2, 4, 6, 8].map((at) => answer[at]! | (answer[at + 1]! << 8));
}

describe("power", () => {
  test("is what the sensor says, weighed by time", () => {
    const door = new Door();
    expect(door.ask("2c 02 dc 01 00 00")).toMatch(/ 00$/); // nothing is measured
    expect(watts(door)).toEqual([0, 0, 0, 0]);
    door.machine(true);
    door.reading(SENSOR_POWER_DRAW, 20);
    door.wait(10);
    door.reading(SENSOR_POWER_DRAW, 100);
    door.wait(30);
    expect(watts(door)).toEqual([100, 20, 100, 80]);
    expect(door.ask("2c 02 dc 01 00 00")).toMatch(/ 40$/);
    door.machine(false);
    expect(watts(door)[0]).toBe(0);
  });

  test("above an active limit for its time is logged once, or ends in power-off", () => {
    const door = new Door();
    const set = (action: string) => door.ask(`2c 04 dc 00 00 00 ${action} 32 00 88 13 00 00 00 00 01 00`); // 50 W, 5 s
    door.machine(true);
    expect(set("11")).toBe("00 dc");
    door.reading(SENSOR_POWER_DRAW, 90);
    door.wait(10);
    const limits = () => door.bmc.state.sel.records.filter((each) => each[12] === 0x05).length;
    expect(limits()).toBe(0);
    expect(door.ask("2c 05 dc 01 00 00")).toBe("00 dc");
    door.wait(4);
    door.reading(SENSOR_POWER_DRAW, 10);
    door.reading(SENSOR_POWER_DRAW, 90);
    door.wait(4);
    expect(limits()).toBe(0);
    door.wait(30);
    expect(limits()).toBe(1);
    expect(door.effects.filter((each) => each.kind === "machine")).toEqual([]);
    set("01");
    door.wait(6);
    expect(limits()).toBe(2);
    expect(door.effects).toContainEqual({ kind: "machine", action: "power-off" });
  });
});

test("texts are written in parts, without gaps and within their size", () => {
  const door = new Door();
  expect(door.ask("2c 08 dc 01 01 41")).toBe("c9");
  expect(door.ask("2c 08 dc 00 02 41 42")).toBe("00 dc 02");
  expect(door.ask("2c 08 dc 02 01 43")).toBe("00 dc 03");
  expect(door.ask("2c 08 dc 00 03 41")).toBe("c7");
  expect(door.ask("2c 06 dc 01 10")).toBe("00 dc 03 42 43");
  expect(door.ask("2c 06 dc 00 00")).toBe("00 dc 03");
  expect(door.ask("2c 06 dc 04 01")).toBe("c9");
  for (let at = 3; at < 63; at++) door.ask(`2c 08 dc ${at.toString(16)} 01 2e`);
  expect(door.ask("2c 08 dc 3f 01 2e")).toBe("c9");
});

describe("the asset tag is the inventory's", () => {
  const write = (door: Door, at: number, ...data: number[]): string => door.ask(`0a 12 00 ${hex([at, 0, ...data])}`);
  const setTag = (door: Door, tag: readonly number[]): string => door.ask(`2c 08 dc 00 ${hex([tag.length, ...tag])}`);
  const text = [0x6d, 0x69, 0x6c, 0x6c];

  test("is the sixth field of its product area, where it is not packed", () => {
    const door = new Door();
    write(door, 8, 1, 2, 0x19, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc1);
    write(door, 4, 1);
    const tagOf = (...field: number[]): string => {
      write(door, 16, ...field);
      return door.ask("2c 06 dc 00 10");
    };
    expect(tagOf(0xc1)).toBe("00 dc 00");
    expect(tagOf(0xc2, 0x41, 0x42, 0xc1)).toBe("00 dc 02 41 42");
    expect(tagOf(0x01, 0x42, 0xc1)).toBe("00 dc 01 42");
    expect(tagOf(0x82, 0x41, 0x42, 0xc1)).toBe("00 dc 00");
    expect(setTag(door, text.slice(0, 1))).toBe("00 dc 01");
    expect(door.ask("2c 06 dc 00 10")).toBe("00 dc 01 6d");
    expect(tagOf(0xff)).toBe("00 dc 00"); // a field beyond the area's end
    expect(setTag(door, text)).toBe("c4");
  });

  test("without a product area, or with another area close behind, it takes none", () => {
    const door = new Door();
    write(door, 4, 0);
    expect(setTag(door, text)).toBe("c4");
    write(door, 4, 1, 2);
    write(door, 8, 1, 1, 0x19, 0xc0, 0xc0, 0xc0, 0xc1, 0);
    expect(setTag(door, text)).toBe("c4");
    write(door, 5, 3);
    expect(setTag(door, text)).toBe("00 dc 04");
  });

  test("whatever bytes stand there, nothing is thrown, and nothing before it changed", () => {
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 0x19, 0xc0, 0xc1, 0xc4));
    const inventory = fc.array(byte, { minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(inventory, fc.integer({ min: 0, max: 5 }), (fill, start) => {
        const door = new Door();
        write(door, 0, ...fill);
        write(door, 4, start);
        const before = [...door.bmc.state.fru];
        const code = setTag(door, text);
        const after = door.bmc.state.fru;
        expect(after.length).toBe(before.length);
        expect(after.slice(0, 8 * start)).toEqual(before.slice(0, 8 * start));
        if (code === "00 dc 04") expect(door.ask("2c 06 dc 00 10")).toBe(`00 dc 04 ${hex(text)}`);
        else expect([code, after]).toEqual(["c4", before]);
      }),
      { numRuns: 300, seed: 86 },
    );
  });
});

test("temperatures are those of the sensors, by DCMI's entities and by IPMI's", () => {
  const door = new Door();
  door.reading(3, 61);
  expect(door.ask("2c 10 dc 01 41 00 00")).toBe("00 dc 01 01 3d 01");
  expect(door.ask("2c 10 dc 01 03 01 00")).toBe("00 dc 01 01 3d 01");
  expect(door.ask("2c 10 dc 01 41 02 00")).toBe("00 dc 01 00");
  expect(door.ask("2c 10 dc 01 40 00 00")).toBe("00 dc 00 00");
  expect(door.ask("2c 10 dc 04 41 00 00")).toBe("cc");
  expect(door.ask("2c 07 dc 01 41 00 01")).toBe("00 dc 01 01 04 00");
});
