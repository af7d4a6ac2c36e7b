// SPDX-License-Identifier: MIT
// QEMU beside us: its KCS device in front of our BMC, and its own simulator against our device and BMC.
import { afterEach, describe, expect, test } from "vitest";
import { BmcServer } from "../../host/node/bmc-server.ts";
import type { Identity } from "../../vbmc/state.ts";
import { hasTool } from "../harness/missing-tool.ts";
import { QEMU, Qtest } from "../harness/qtest.ts";
import { kcsBench, steps, transfer } from "./kcs-script.ts";
import { KCS, run, SIMULATOR, simulator as startSimulator, withoutCd } from "./qemu-bench.ts";

const available = hasTool(QEMU, "the BMC beside QEMU's");
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function external(identity: Partial<Identity> = {}): Promise<{ qtest: Qtest; server: BmcServer; log: string[] }> {
  const log: string[] = [];
  const server = new BmcServer({ port: 0, identity, log: (line) => log.push(line) });
  const port = await server.listen();
  ends.push(() => server.close());
  const chardev = `socket,id=ipmi0,host=127.0.0.1,port=${port},reconnect=1`;
  const qtest = new Qtest(["-chardev", chardev, "-device", "ipmi-bmc-extern,id=bmc0,chardev=ipmi0", ...KCS]);
  ends.push(() => qtest.end());
  await expect.poll(() => log, { timeout: 20_000 }).toContain("machine connected");
  return { qtest, server, log };
}

function simulator(): Qtest {
  const qtest = startSimulator();
  ends.push(() => qtest.end());
  return qtest;
}

describe.skipIf(!available)("QEMU's machine with our BMC", () => {
  test("Get Device ID travels through QEMU's KCS to our BMC and back", async () => {
    const { qtest } = await external({ product: 0xaaa1, auxiliary: [0xa0, 0xa1, 0xaa, 0x10] });
    const { result } = await run(qtest, transfer("18 01"));
    expect(result).toBe("1c 01 00 20 01 00 10 02 8f 00 00 00 a1 aa a0 a1 aa 10");
    expect(result).toBe(
      kcsBench("hold", { product: 0xaaa1, auxiliary: [0xa0, 0xa1, 0xaa, 0x10] }).run(transfer("18 01")).result,
    );
  });

  test("the attention line and its interrupt reach the guest", async () => {
    const { qtest } = await external();
    await qtest.command("irq_intercept_in ioapic");
    await run(qtest, transfer("18 2e 0f"));
    await run(qtest, transfer("10 02 41 04 20 00 6f a1 62 63"));
    expect((await run(qtest, steps("s"))).trace[0]).toBe("s=04");
    expect((await run(qtest, transfer("18 31"))).result).toBe("1c 31 00 02");
    expect((await run(qtest, transfer("18 35"))).result).toMatch(
      /^1c 35 00 02 00 02 .. .. .. .. 41 00 04 20 00 6f a1 62 63$/,
    );
    expect((await run(qtest, steps("s"))).trace[0]).toBe("s=00");
    expect(qtest.irqs).toContain("raise 5");
    expect(qtest.irqs.at(-1)).toBe("lower 5");
  });

  test("chassis control acts on QEMU: its machine goes, our BMC stays and knows", async () => {
    const { qtest, server, log } = await external();
    const status = () => server.bmc.station.bmc.state.chassis.powered;
    expect(status()).toBe(true);
    await run(qtest, transfer("00 02 00")).catch(() => {}); // QEMU ends under the script
    await expect.poll(() => log, { timeout: 20_000 }).toContain("machine gone");
    expect(log).toContain("machine: power-off");
    expect(status()).toBe(false);
  });
});

/** Requests that both sides answer with the same bytes, in this order. */
const SAME = [
  "18 2f",
  "18 2e 09",
  "18 2f",
  "18 30 08",
  "18 31",
  "18 33",
  "18 35",
  "18 ff", // unknown command
  "1c 01", // an answer where a request belongs
  "19 01", // another LUN
  "18 30", // too short
  "18 22", // the watchdog before it was set
  "18 24 04 21 04 3e 64 00",
  "18 22",
  "18 24 04 01 00 3e 64 00",
  "18 06 80 80", // S0 and D0
  "28 43 00 00 00 00 00 ff", // the first entry of an empty log
  "28 22",
  "10 2d 63", // no such sensor
];

/** Requests whose answers differ: QEMU's, ours, and why ours is right or may be so. */
const DIFFERENT: [request: string, qemu: string, ours: string, why: string][] = [
  [
    "18 01",
    "1c 01 00 20 00 00 00 02 07 00 00 00 00 00",
    "1c 01 00 20 00 00 00 02 8f 00 00 00 00 00 00 00 00 00",
    "20.1: we also have a FRU inventory and a chassis, and the four optional auxiliary bytes",
  ],
  [
    "18 01 00",
    "1c 01 00 20 00 00 00 02 07 00 00 00 00 00",
    "1c 01 c7",
    "table 5-2: C7h for a wrong length; QEMU ignores what is too much",
  ],
  [
    "18 07",
    "1c 07 00 80 80",
    "1c 07 00 00 00",
    '20.7: the bit that says "set" in 20.6 is reserved here; QEMU gives it back',
  ],
  ["18 04", "1c 04 c1", "1c 04 00 55 00", "20.4: Get Self Test Results is mandatory; QEMU's simulator lacks it"],
  ["18 42 0f", "1c 42 c1", "1c 42 00 0f 0c 05 00 f2 1b 00 ff ff", "22.24: QEMU's simulator has no channels"],
  [
    "18 25",
    "1c 25 00 04 01 00 00 64 00 00 00",
    "1c 25 00 04 01 00 00 64 00 64 00",
    "27.7: the present countdown of a stopped timer; QEMU gives 0 and we the initial count",
  ],
  [
    "00 00",
    "04 00 00 00 20 20 20 20",
    "04 00 00 00 20 20 20 20 20",
    "28.1: we name the bridge device too, an optional byte",
  ],
  ["00 0f", "04 0f c1", "04 0f 00 3c 00 00 00 00", "28.14: QEMU's simulator counts no hours"],
  ["28 42", "2c 42 00 00 00", "2c 42 00 01 00", "31.4: reservation 0000h stands for none, so ours begin with 1"],
  ["28 46 00 00 01 00", "2c 46 c1", "2c 46 c5", "31.8: QEMU's simulator deletes no entries"],
  ["28 10 00", "2c 10 00 00 04 00", "2c 10 00 00 08 00", "34.1: the inventories have different sizes"],
  ["10 2d 01", "14 2d cb", "14 2d 00 00 e0 c0", "35.14: the machines have different sensors"],
  ["10 2f 05", "14 2f cb", "14 2f 00 23 6f", "35.16: the machines have different sensors"],
  [
    "18 34 00 20 18 c8 81 1c 04 5f",
    "1c 34 83",
    "1c 34 00",
    "6.12.1: a message to the BMC itself; QEMU's simulator answers only those to its IPMB peer",
  ],
];

/** Walks through the registers that both sides answer alike, the C/D# bit aside. */
const STEPS = [
  "s c 61 s d s w 18 s d s c 62 s d s w 2f s d s w 68 s d s w 68 s d s w 68 s d s w 68 s d s",
  "s c 60 s d w 00 s d w 68 s d s", // abort while idle
  "s c 55 s c 60 s d w 00 s d w 68 s d s", // an illegal code
  "s c 62 s c 60 s d w 00 s d w 68 s d s", // the end without a start
  "c 61 d w 18 c 60 s d w 00 s d w 68 s d s", // abort while writing
  "c 61 c 61 s c 60 d w 00 s d w 68 s d s", // a start in the middle
  "c 61 d w 18 d c 62 d w 2f s d w 55 s d s c 60 s d w 00 s d w 68 s d s", // not READ while reading
  "c 61 d w 18 d c 62 d w 2f s d c 61 s d s c 60 s d w 00 s d w 68 s d s", // a start while reading
  "c 61 d w 18 d c 62 d w 2f s d c 60 s d w 00 s d w 68 s d s", // abort while reading
  "c 60 d w 00 d w 68 d w 18 s d s", // data while idle; QEMU's very first byte of data is an error there (its code is 0)
];

describe.skipIf(!available)("our KCS and BMC beside QEMU's simulator", () => {
  test("the same messages have the same answers and the same register reads on the way", async () => {
    const qtest = simulator();
    const { run: ours } = kcsBench("hold", SIMULATOR);
    for (const request of SAME) {
      const [theirs, own] = [await run(qtest, transfer(request)), ours(transfer(request))];
      expect(own.result, request).toBe(theirs.result);
      expect(withoutCd(own.trace), request).toEqual(theirs.trace);
    }
  });

  test("every other answer differs for a stated reason", async () => {
    const qtest = simulator();
    const { run: ours } = kcsBench("hold", SIMULATOR);
    for (const before of ["18 24 04 01 00 3e 64 00", "18 06 80 80"]) {
      await run(qtest, transfer(before));
      ours(transfer(before));
    }
    for (const [request, theirs, own, why] of DIFFERENT) {
      expect((await run(qtest, transfer(request))).result, `QEMU: ${request} (${why})`).toBe(theirs);
      expect(ours(transfer(request)).result, `${request} (${why})`).toBe(own);
    }
  });

  test.each(STEPS)("registers agree through %s", async (text) => {
    const qtest = simulator();
    const { run: ours } = kcsBench("hold", SIMULATOR);
    const theirs = await run(qtest, steps(text));
    const own = ours(steps(text));
    expect(withoutCd(own.trace)).toEqual(theirs.trace);
  });

  test("C/D# follows the last write here and stays 0 there", async () => {
    const qtest = simulator();
    const { run: ours } = kcsBench("hold", SIMULATOR);
    const text = "c 61 s w 18 s";
    expect((await run(qtest, steps(text))).trace).toEqual(["c 61", "s=81", "w 18", "s=81"]);
    expect(ours(steps(text)).trace).toEqual(["c 61", "s=89", "w 18", "s=81"]);
  });

  test("in the error state only GET_STATUS/ABORT leads out here, a data byte is enough there (9.14, figure 9-8)", async () => {
    const qtest = simulator();
    const { run: ours } = kcsBench("hold", SIMULATOR);
    const text = "c 55 w 00 s";
    expect((await run(qtest, steps(text))).trace.at(-1)).toBe("s=41");
    expect(ours(steps(text)).trace.at(-1)).toBe("s=c0");
  });
});
