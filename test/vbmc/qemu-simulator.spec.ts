// SPDX-License-Identifier: MIT
// Every command that QEMU's simulator knows, and hostile walks through the registers: ours beside it, each difference with
// its reason in the specification.
import { afterEach, describe, expect, test } from "vitest";
import { randomSource } from "../../devices/core/contract.ts";
import { STATUS_CD } from "../../devices/ipmi-kcs/registers.ts";
import { hasTool } from "../harness/missing-tool.ts";
import { QEMU, type Qtest } from "../harness/qtest.ts";
import { kcsBench, note, steps, transfer, type Step } from "./kcs-script.ts";
import { run, runStep, SIMULATOR, simulator, withoutCd } from "./qemu-bench.ts";

const FULL = process.env["GLASS86_FULL"] === "1";
const STEPS = FULL ? 10_000 : 1500;
const SEEDS = FULL ? [1, 2, 3, 4, 5, 6, 7, 8] : [1];
const MINUTES = 300_000;

let qtest: Qtest | undefined;
afterEach(async () => {
  await qtest?.end();
  qtest = undefined;
});

/** Requests with the same answer on both sides, in this order from a fresh start. */
const SAME = [
  "00 02, 00 02 06, 00 02 0f, 00 0c", // too short, reserved controls, a command that neither has
  "10 02, 10 02 41 04 20 00 6f a1 62 63",
  "10 28 01, 10 28 63 c0, 10 29 63, 10 2a 63 00, 10 2b 63, 10 2d, 10 2f 63, 10 30 63 00 00",
  "18 06, 18 06 80, 18 06 a0 80, 18 06 00 00",
  "18 2e, 18 2e 0d, 18 2f, 18 2e 09, 18 2f, 18 30, 18 30 ff, 18 31, 18 35",
  "18 24, 18 24 04, 18 24 04 01 00 3e 64, 18 24 00 01 00 3e 64 00, 18 24 06 01 00 3e 64 00",
  "18 24 04 04 00 3e 64 00, 18 24 04 41 04 3e 64 00, 18 24 44 01 00 3e 64 00, 18 22",
  "28 10, 28 11 00 00 00 00, 28 11 00, 28 12 00 00 00",
  "28 22, 28 23 63 63 00 00 01 05, 28 23, 28 27, 28 27 00 00 43 4c 52 aa, 28 2a",
  "28 42, 28 43, 28 44, 28 43 63 63 01 00 01 05, 28 43 00 00 63 00 00 ff, 28 43 00 00 02 00 0f 04",
  "28 47, 28 47 00 00 43 4c 52 aa, 28 47 02 00 43 4c 53 aa, 28 49, 28 49 00 00 00 60",
  "2c 00, b8 01, fc 01, 04 00, 18, 00",
].flatMap((line) => line.split(", "));

const LENGTH = "table 5-2: C7h where a request is too long; QEMU ignores what is too much";
const TIME = "the clocks do not stand alike";
const SENSORS = "the machines have different sensors";
const IDENTIFIERS = "31.6.1: identifier 0000h asks for the first entry and names none; QEMU gives it to one";

/** Answers that differ: QEMU's and ours, where dots are any digit, and the reason. In this order from a fresh start. */
const DIFFERENT: [request: string, qemu: string, ours: string, why: string][] = [
  [
    "00 01",
    "04 01 00 61 00 00 00",
    "04 01 00 00 00 40 f0",
    "28.2: no machine has been switched on here; we tell of the buttons and can identify",
  ],
  ["00 07", "04 07 c1", "04 07 00 00 00", "28.11: QEMU's simulator of this version keeps no restart cause"],
  [
    "00 09 05 00 00",
    "04 09 00 00 00",
    "04 09 00 01 05 00 00 00 00 00",
    "28.13: parameter version 01h and the parameter belong to the answer",
  ],
  ["10 2e 63 01 6f", "14 2e cb", "14 2e c1", "35.15: an optional command that we do not have"],
  ["10 2d 00", "14 2d 00 00 c0 00 00", "14 2d cb", SENSORS],
  ["10 2f 00", "14 2f 00 23 6f", "14 2f cb", SENSORS],
  ["10 29 00", "14 29 00 c0 0f 01 00 00", "14 29 cb", SENSORS],
  ["10 2b 00", "14 2b 00 00 c0 00 00 00 00", "14 2b cb", SENSORS],
  ["10 30 00 01 55", "14 30 00", "14 30 cb", SENSORS],
  ["18 02 00 00", "1c 02 00", "1c 02 c7", LENGTH],
  ["18 03 00", "1c 03 00", "1c 03 c7", LENGTH],
  ["18 08", "1c 08 c1", `1c 08 00${" 00".repeat(16)}`, "20.8: a device GUID, which QEMU has where one is given to it"],
  [
    "18 06 85 85",
    "1c 06 00",
    "1c 06 cc",
    "table 20-7: the states 0Bh to 1Fh and above are reserved; of devices there are D0 to D3",
  ],
  ["18 07 00", "1c 07 00 85 85", "1c 07 c7", LENGTH],
  ["18 2e ff", "1c 2e 00", "1c 2e cc", "22.1: bit 4 is reserved"],
  ["18 2f", "1c 2f 00 ff", "1c 2f 00 08", "so the reserved bit is not there afterwards"],
  ["18 2e 08", "1c 2e 00", "1c 2e 00", ""],
  ["18 2f 00", "1c 2f 00 08", "1c 2f c7", LENGTH],
  ["18 31 00", "1c 31 00 00", "1c 31 c7", LENGTH],
  ["18 33 00", "1c 33 80", "1c 33 c7", LENGTH],
  ["18 22 00", "1c 22 80", "1c 22 c7", LENGTH],
  ["18 24 04 01 00 3e 64 00 00", "1c 24 00", "1c 24 c7", LENGTH],
  [
    "18 24 04 21 20 3e 64 00",
    "1c 24 00",
    "1c 24 cc",
    "27.6: the pre-timeout comes before the timeout, here 32 s before 10 s",
  ],
  ["18 25 00", "1c 25 00 04 21 20 00 64 00 00 00", "1c 25 c7", LENGTH],
  [
    "28 10 01",
    "2c 10 cc",
    "2c 10 cb",
    "table 5-2: CBh for an inventory that is not present; QEMU says an invalid field",
  ],
  ["28 10 00 00", "2c 10 00 00 04 00", "2c 10 c7", LENGTH],
  ["28 11 00 00 00 04", "2c 11 00 04 00 00 00 00", "2c 11 00 04 01 00 01 03", "34.2: QEMU's inventory is empty"],
  ["28 11 00 ff ff 01", "2c 11 cc", "2c 11 c9", "table 5-2: C9h for a parameter out of range"],
  ["28 11 01 00 00 08", "2c 11 cc", "2c 11 cb", "as for its size"],
  ["28 12 00 ff ff 01", "2c 12 cc", "2c 12 c9", "as for reading"],
  [
    "28 20",
    "2c 20 00 51 01 00 .. .. .. .. .. .. ff ff ff ff 22",
    "2c 20 00 51 .. 00 .. .. .. .. .. .. .. .. .. .. 2f",
    "33.9: the repositories hold different records; ours can delete, and tells of allocation",
  ],
  ["28 20 00", "2c 20 00 51 01 00 .. .. .. .. .. .. ff ff ff ff 22", "2c 20 c7", LENGTH],
  ["28 21", "2c 21 c1", "2c 21 00 00 01 40 00 .. 00 .. 00 01", "33.10: QEMU's simulator tells nothing of allocation"],
  ["28 22 00", "2c 22 00 01 00", "2c 22 c7", LENGTH],
  [
    "28 23 00 00 ff ff 00 05",
    "2c 23 cb",
    "2c 23 00 ff ff .. 00 51 0. ..",
    "33.12: FFFFh asks for the last record; QEMU looks for one of that number",
  ],
  ["28 24", "2c 24 cc", "2c 24 80", "33.11: 80h for a record that is not as long as its header says"],
  ["28 25", "2c 25 c1", "2c 25 c7", "33.12: QEMU's simulator adds whole records only"],
  [
    "28 40",
    "2c 40 00 51 00 00 00 08 ff ff ff ff ff ff ff ff 02",
    "2c 40 00 51 00 00 00 40 ff ff ff ff .. .. .. .. 0b",
    "31.2: 128 entries there, 1024 here; ours can delete and tells of allocation",
  ],
  ["28 40 00", "2c 40 00 51 00 00 00 08 ff ff ff ff ff ff ff ff 02", "2c 40 c7", LENGTH],
  ["28 42 00", "2c 42 00 .. 00", "2c 42 c7", LENGTH],
  ["28 44 00 00 02 00 00 00 00 20 00 04 01 03 01 59 50 55", "2c 44 00 00 00", "2c 44 00 01 00", IDENTIFIERS],
  ["28 44 00 00 e0 11 22 33 44 20 00 04 01 03 01 59 50 56", "2c 44 00 01 00", "2c 44 00 02 00", IDENTIFIERS],
  [
    "28 43 00 00 00 00 00 ff",
    "2c 43 00 01 00 00 00 02 .. .. .. .. 20 00 04 01 03 01 59 50 55",
    "2c 43 00 02 00 01 00 02 .. .. .. .. 20 00 04 01 03 01 59 50 55",
    IDENTIFIERS,
  ],
  [
    "28 43 00 00 ff ff 00 10",
    "2c 43 00 ff ff 01 00 e0 11 22 33 44 20 00 04 01 03 01 59 50 56",
    "2c 43 00 ff ff 02 00 e0 11 22 33 44 20 00 04 01 03 01 59 50 56",
    IDENTIFIERS,
  ],
  ["28 48 00", "2c 48 00 .. .. .. ..", "2c 48 c7", LENGTH],
  ["28 48", "2c 48 00 .. .. .. ..", "2c 48 00 .. .. .. ..", TIME],
  ["28 49 00 00 00 60 00", "2c 49 00", "2c 49 c7", LENGTH],
  ["30 01", "34 01 c1", "34 01 c7", "23.2: QEMU's simulator has no LAN"],
];

const matching = (pattern: string) => expect.stringMatching(new RegExp(`^${pattern}$`));

describe.skipIf(!hasTool(QEMU, "our BMC beside QEMU's simulator"))("QEMU's simulator", () => {
  test("answers these as we do", async () => {
    qtest = simulator();
    const { run: ours } = kcsBench("hold", SIMULATOR);
    for (const request of SAME) {
      expect(ours(transfer(request)).result, request).toBe((await run(qtest, transfer(request))).result);
    }
  });

  test("answers these differently, each for its reason", async () => {
    qtest = simulator();
    const { run: ours } = kcsBench("hold", SIMULATOR);
    for (const [request, theirs, own, why] of DIFFERENT) {
      expect((await run(qtest, transfer(request))).result, `QEMU: ${request} (${why})`).toEqual(matching(theirs));
      expect(ours(transfer(request)).result, `${request} (${why})`).toEqual(matching(own));
    }
  });

  test("a log is read in parts, reserved and cleared alike", async () => {
    qtest = simulator();
    const { run: ours } = kcsBench("hold", SIMULATOR);
    const both = async (request: string, own = request) => [
      (await run(qtest!, transfer(request))).result,
      ours(transfer(own)).result,
    ];
    for (const last of ["55", "56", "57"]) {
      await both(`28 44 00 00 e0 11 22 33 44 20 00 04 01 03 01 59 50 ${last}`);
    }
    const [theirs, own] = await both("28 42");
    const reservation = (answer: string) => answer.slice(9);
    for (const [offset, count] of [
      ["02", "03"],
      ["03", "05"],
      ["0e", "02"],
      ["0f", "01"],
    ]) {
      const [there, here] = await both(
        `28 43 ${reservation(theirs!)} 01 00 ${offset} ${count}`,
        `28 43 ${reservation(own!)} 02 00 ${offset} ${count}`,
      );
      expect(here!.slice(15), `${offset} ${count}`).toBe(there!.slice(15)); // behind the next one's identifier
    }
    const clear = (step: string) =>
      both(`28 47 ${reservation(theirs!)} 43 4c 52 ${step}`, `28 47 ${reservation(own!)} 43 4c 52 ${step}`);
    expect((await clear("aa"))[1]).toBe("2c 47 00 01");
    const empty = await both("28 43 00 00 00 00 00 ff");
    expect(empty[1]).toBe(empty[0]);
  });

  /** Of these, as commands and as data, every walk is made. */
  const CODES = [0x60, 0x61, 0x62, 0x68, 0x00, 0x18, 0x2f, 0x31, 0x55, 0xff];
  /**
   * In the error state QEMU takes any data for the second step of an abort; here only GET_STATUS/ABORT leads out (9.14). And
   * where WRITE_END announced the last byte of data (9.12) and another command comes, QEMU runs the message without it.
   */
  const differs = (phase: string, { write, value }: { write: number; value: number }): boolean =>
    write === 0 ? phase === "failed" : phase === "write-end" && value !== 0x60;
  const RECOVERY = "s d c 60 s d w 00 s d w 68 s d";

  test("a command in the place of the last byte is an error here, and runs the message there (9.12)", async () => {
    qtest = simulator();
    const { run: ours } = kcsBench("hold", SIMULATOR);
    const text = "c 61 d w 18 d c 62 d c 55 s d s";
    expect((await run(qtest, steps(text))).trace.slice(-3)).toEqual(["s=c1", "d=1c", "s=c0"]);
    expect(withoutCd(ours(steps(text)).trace).slice(-3)).toEqual(["s=c1", "d=00", "s=c0"]);
  });

  test.each(SEEDS)(
    "a hostile walk reads the same, seed %i, with two kinds of steps left out",
    async (seed) => {
      qtest = simulator();
      const { run: ours, kcs } = kcsBench("hold", SIMULATOR);
      // A fresh QEMU takes its first byte of data for an error.
      await run(qtest, steps(RECOVERY));
      ours(steps(RECOVERY));
      const random = randomSource(seed);
      const walk: string[] = [];
      let leftOut = 0;
      for (let i = 0; i < STEPS; i++) {
        const kind = random(4);
        const step: Step = kind < 2 ? { read: kind } : { write: kind - 2, value: CODES[random(CODES.length)]! };
        if ("write" in step && differs(kcs.snapshot().phase, step)) {
          leftOut++;
          continue;
        }
        for (const each of [step, { read: 1 }]) {
          const theirs = await runStep(qtest, each);
          const own = "read" in each ? kcs.window.read(each.read, 1) : kcs.window.write(each.write, 1, each.value);
          const mask = "read" in each && each.read === 1 ? ~STATUS_CD : -1;
          walk.push(note(each, theirs));
          if (((own ?? 0) & mask) !== (theirs & mask)) expect(note(each, own ?? 0), walk.slice(-20).join(" ")).toBe("");
        }
      }
      expect(walk.length).toBeGreaterThan(STEPS);
      expect(leftOut).toBeLessThan(STEPS / 3);
      expect((await run(qtest, steps(RECOVERY))).trace.at(-1)).toBeDefined();
      ours(steps(RECOVERY));
      expect(ours(transfer("18 31")).result).toBe((await run(qtest, transfer("18 31"))).result);
    },
    MINUTES,
  );
});
