// SPDX-License-Identifier: MIT
// ipmitool and FreeIPMI beside a machine that works, sleeps, and is off: what they show is what it does, and what crosses a
// threshold is in the log as both decode it.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasTool } from "../harness/missing-tool.ts";
import { hex, out, runPastPost, tinyGuest } from "../harness/tiny-guest.ts";
import { MachineBench } from "./machine-bench.ts";

const MINUTE = 60_000;
/** Works for almost a minute of a slow processor, then sleeps with interrupts on that nobody raises. */
const WORK_THEN_SLEEP = [
  ...out(0x21, 0xff),
  ...out(0xa1, 0xff),
  ...hex("b9 00 00 80 01"), // mov ecx, 1800000h
  ...hex("ff c9 75 fc"), // work: dec ecx; jnz work
  ...hex("fb f4 eb fc"), // sleep: sti; hlt; jmp sleep
];
const SLOW = 10;

describe.skipIf(!hasTool("ipmitool", "sensors of a machine over LAN"))("sensors of a machine over LAN", () => {
  const bench = new MachineBench(tinyGuest(WORK_THEN_SLEEP, { bmc: true, icountShift: SLOW }));
  beforeAll(() => bench.open());
  afterAll(() => bench.close());

  const shows = async (command: string, ...what: RegExp[]): Promise<void> => {
    const { code, out: said, err } = await bench.ipmitool(command);
    expect(code, `${command}: ${err}`).toBe(0);
    for (const each of what) expect(said, command).toMatch(each);
  };
  const lists = async (program: string, args: string[], ...what: RegExp[]): Promise<void> => {
    const { code, out: said, err } = await bench.freeipmi(program, args);
    expect(code, `${program}: ${err}`).toBe(0);
    for (const each of what) expect(said, program).toMatch(each);
  };

  test(
    "follow it from work to sleep, off and on again",
    async () => {
      runPastPost(bench.machine);
      await shows("sdr list", /CPU Load +\| no reading +\| ns/, /Power Draw +\| no reading +\| ns/);
      bench.pass(20);
      await shows(
        "sdr elist all",
        /CPU Load .* 100 percent/,
        /CPU Temp .* (5\d|6\d) degrees C/,
        /Power Draw .* 9\d Watts/,
      );
      await shows("sensor", /CPU Load +\| 100.000 +\| percent +\| nc/, /Disk Traffic +\| na +\| kilobyte/);
      if (hasTool("ipmi-sensors", "sensors of a machine by FreeIPMI"))
        await lists(
          "ipmi-sensors",
          [],
          /CPU Load .* 100.00 +\| % +\| 'At or Above \(>=\) Upper Non-Critical Threshold'/,
          /Console Output .* 0.00 +\| chars per s/,
          /ACPI Power .* 'S0\/G0'/,
          /Disk Traffic .* N\/A +\| KB per s/,
        );

      // Fan at a tenth, thresholds where the temperature will come by.
      await shows("raw 0x30 2 1 10");
      await shows("sensor thresh CPU\u00a0Temp upper 70 75 100", /Upper Critical threshold to 75.000/);
      bench.pass(20);
      await shows("raw 0x30 1", /01 0a [0-9a-f]{2} 0[23]/);
      await shows("sensor get CPU\u00a0Temp", /Status +: Upper Critical/, /Assertion Events +: unc\+ ucr\+/);
      await shows(
        "sel elist",
        /Temperature CPU Temp \| Upper Non-critical going high \| Asserted \| Reading 7\d > Threshold 70 degrees C/,
        /Temperature CPU Temp \| Upper Critical going high \| Asserted \| Reading 7\d > Threshold 75 degrees C/,
      );
      if (hasTool("ipmi-sel", "events of a machine by FreeIPMI"))
        await lists(
          "ipmi-sel",
          [],
          /CPU Temp .* Upper Critical - going high ; Sensor Reading = 7\d.00 C ; Threshold = 75.00 C/,
        );

      bench.pass(90);
      await shows("sdr list", /CPU Load +\| 0 percent +\| ok/, /Power Draw +\| 3\d Watts/);
      await shows("sel elist", /CPU Temp \| Upper Critical going high \| Deasserted \| Reading 7\d < Threshold 75/);

      await shows("power off");
      bench.pass(1);
      await shows(
        "sdr list",
        /CPU Load +\| no reading +\| ns/,
        /CPU Fan +\| no reading/,
        /Power Draw +\| 0 Watts +\| ok/,
      );
      await shows("sdr elist all", /ACPI Power .*S5\/G2/, /Power Unit .*Power off/i);
      await shows("raw 0x30 2 0");
      await shows("power on");
      bench.pass(3);
      await shows("sdr list", /CPU Load +\| 100 percent/, /CPU Fan +\| \d+ RPM +\| ok/);
    },
    2 * MINUTE,
  );

  test(
    "take events that are sent to them, and count as such once they are enabled",
    async () => {
      await shows("event CPU\u00a0Fan lnc assert", /Lower Non-critical going low +\| Asserted/);
      await shows("event 1");
      await shows("sel elist", /Fan CPU Fan \| Lower Non-critical going low +\| Asserted/, /Temperature #0x30/);
      const load = (text: string): number => text.match(/CPU Load/g)?.length ?? 0;
      expect(load((await bench.ipmitool("sel elist")).out)).toBe(0);
      await shows("raw 0x04 0x28 0x01 0xd0 0x80 0x00 0x80 0x00"); // Set Sensor Event Enable: going high, both ways
      await shows("raw 0x04 0x2a 0x01 0x00"); // Re-arm Sensor Events
      await shows(
        "sel elist",
        /Other CPU Load \| Upper Non-critical going high \| Asserted \| Reading 100 > Threshold 95 percent/,
      );
    },
    2 * MINUTE,
  );
});
