// SPDX-License-Identifier: MIT
// The BMC behind its BT interface, and the interface beside QEMU's.
import { afterEach, describe, expect, test } from "vitest";
import { BASE_PORT } from "../../devices/ipmi-bt/registers.ts";
import type { Identity } from "../../vbmc/state.ts";
import { hasTool } from "../harness/missing-tool.ts";
import { QEMU, Qtest } from "../harness/qtest.ts";
import { btBench, exchange, note, receive, send, steps } from "./bt-script.ts";
import type { Script } from "./kcs-script.ts";

describe("in band through BT", () => {
  test("requests have answers with their numbers, also when several are under way", () => {
    const { run } = btBench();
    expect(run(exchange("18 01")).result).toBe("1c 42 01 00 20 01 00 10 02 8f 00 00 00 00 86 00 00 00 00");
    expect(run(exchange("18 ff", 7)).result).toBe("1c 07 ff c1");
    for (const sequence of [1, 2, 3]) run(send("18 04", sequence));
    const numbers = [1, 2, 3].map(() => run(receive()).result.slice(3, 5));
    expect(numbers).toEqual(["01", "02", "03"]);
  });

  test("the BMC says what the interface can, and that it is none of KCS", () => {
    const { run } = btBench();
    expect(run(exchange("18 36")).result).toBe("1c 42 36 00 04 ff ff 01 01");
    expect(run(exchange("18 57 01")).result).toBe("1c 42 57 cc");
    expect(run(exchange("18 42 0f")).result).toBe("1c 42 42 00 0f 0c 08 00 f2 1b 00 ff ff");
  });

  test("an event raises SMS_ATN until its flag is fetched", () => {
    const { run } = btBench();
    run(exchange("18 2e 0f"));
    run(exchange("10 02 41 04 20 00 6f a1 62 63"));
    expect(run(steps("c")).trace).toEqual(["c=10"]);
    expect(run(exchange("18 31")).result).toBe("1c 42 31 00 02");
    run(exchange("18 35"));
    expect(run(steps("c")).trace).toEqual(["c=00"]);
  });

  test("a snapshot in the middle of a message loses nothing", () => {
    const one = btBench();
    one.run(steps("c 01 d 03 d 18"));
    const two = btBench();
    two.station.bmc.restore(one.station.bmc.snapshot());
    two.bt.restore(one.bt.snapshot());
    const rest = "d 42 d 04 c 04 c c 40 c 08 c 02 d d d d d d d c 40 c";
    expect(two.run(steps(rest)).trace).toEqual(one.run(steps(rest)).trace);
  });
});

/** What QEMU's simulator says it is. */
const SIMULATOR: Partial<Identity> = { deviceRevision: 0, firmwareMinor: 0, product: 0 };
const SAME_MESSAGES = ["18 2f", "18 2e 09", "18 2f", "18 30 08", "18 31", "18 33", "18 35", "18 ff", "18 30", "28 22"];
/** Walks through the registers that both sides answer alike. */
const SAME_STEPS = [
  "c d m",
  "c 40 c c 40 c",
  "c 20 c",
  "c 80 c",
  "c 10 c",
  "m 01 m m 00 m",
  "m 01 m c 01 d 03 d 18 d 43 d 2f c 04 c m c 08 c m m 03 m",
  "c 01 d 03 d 18 d 43 d 2f c 04 c m 01 m c 08 c m",
  "m 01 c 01 d 03 d 18 d 43 d 2f c 04 c m m 02 m c c 40 c 08 c",
  "c 01 d 03 d 18 d 43 d 2f c 04 c c 40 c 08 c 02 d d d d d d d d c 40 c",
  "d 03 d 18 d 43 d 2f c 04 c d d d d d d d d", // without having cleared a pointer
];
const DIFFERENT_STEPS: [steps: string, theirs: string, ours: string, why: string][] = [
  ["c 04 c", "c=80", "c=00", "11.6: a message that is none leaves QEMU's BMC busy for ever"],
  ["c 01 d 04 d 18 d 42 d 01 c 04 c", "c=80", "c=00", "the same with a wrong length"],
  ["m ff m", "m=01", "m=00", "11.6.3: BMC_HWRST resets the interface; QEMU ignores it"],
  [
    "c 01 d 03 d 18 d 43 d 2f c 04 c 02 d d d d d d c 02 d",
    "d=ff",
    "d=05",
    "11.6.1: CLR_RD_PTR goes back to the first byte; QEMU forgets a message that was read",
  ],
  [
    "c 01 d 03 d 18 d 43 d 2f c 04 c 01 d 03 d 18 d 44 d 2f c 04 c 02 d d d",
    "d=44",
    "d=43",
    "11.1: an answer that was not read yet is not written over; QEMU has one at a time",
  ],
];

describe.skipIf(!hasTool(QEMU, "the BT interface beside QEMU's"))("our BT beside QEMU's", () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  function simulator(): Qtest {
    const qtest = new Qtest(["-device", "ipmi-bmc-sim,id=bmc0", "-device", "isa-ipmi-bt,bmc=bmc0,irq=5"]);
    ends.push(() => qtest.end());
    return qtest;
  }

  async function run<T>(qtest: Qtest, script: Script<T>): Promise<{ result: T; trace: string[] }> {
    const trace: string[] = [];
    let next = script.next();
    while (!next.done) {
      const step = next.value;
      let value = 0;
      if ("read" in step) value = await qtest.inb(BASE_PORT + step.read);
      else await qtest.outb(BASE_PORT + step.write, step.value);
      trace.push(note(step, value));
      next = script.next(value);
    }
    return { result: next.value, trace };
  }

  test("the same messages have the same answers and the same register reads on the way", async () => {
    const qtest = simulator();
    const { run: ours } = btBench(SIMULATOR);
    for (const request of SAME_MESSAGES) {
      const [theirs, own] = [await run(qtest, exchange(request)), ours(exchange(request))];
      expect(own, request).toEqual(theirs);
    }
  });

  test("the registers agree, but where there is a reason", async () => {
    for (const text of SAME_STEPS) {
      const qtest = simulator();
      expect(btBench(SIMULATOR).run(steps(text)).trace, text).toEqual((await run(qtest, steps(text))).trace);
      await ends.pop()!();
    }
    for (const [text, theirs, own, why] of DIFFERENT_STEPS) {
      const qtest = simulator();
      expect((await run(qtest, steps(text))).trace.at(-1), `QEMU: ${text} (${why})`).toBe(theirs);
      expect(btBench(SIMULATOR).run(steps(text)).trace.at(-1), `${text} (${why})`).toBe(own);
      await ends.pop()!();
    }
  }, 60_000);
});
