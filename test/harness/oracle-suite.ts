// SPDX-License-Identifier: MIT
// The tests of oracle cases: recorded sessions always, a fresh long one where QEMU is and GLASS86_FULL=1.
// GLASS86_RECORD=1 records anew.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { askQemu, disagreements, loadRecordings, type OracleCase, saveRecordings, session } from "./device-oracle.ts";
import { hasTool } from "./missing-tool.ts";
import { QEMU } from "./qtest.ts";

const SEEDS = [1, 2, 3];
const LENGTH = 1500;

export function oracleSuite(cases: readonly OracleCase[], folder: string): void {
  describe.each(cases.map((device) => [device.name, device] as const))("%s and QEMU's", (name, device) => {
    const path = join(folder, `${name}.sessions.txt`);

    if (process.env["GLASS86_RECORD"] === "1") {
      test("are recorded", { timeout: 120_000 }, async () => {
        const recordings = [];
        for (const seed of SEEDS)
          recordings.push({ seed, length: LENGTH, answers: await askQemu(device, session(device, seed, LENGTH)) });
        saveRecordings(path, recordings);
        expect(recordings.length).toBe(SEEDS.length);
      });
    }

    test("give the same in recorded sessions", () => {
      const recordings = loadRecordings(path);
      expect(recordings.length).toBe(SEEDS.length);
      for (const { seed, length, answers } of recordings) {
        const steps = session(device, seed, length);
        expect(answers.length).toBe(steps.filter(({ kind }) => kind === "r").length);
        expect(disagreements(device, steps, answers)).toEqual([]);
      }
    });

    test.runIf(process.env["GLASS86_FULL"] === "1")(
      "give the same in a long fresh session",
      { timeout: 120_000 },
      async (context) => {
        const tools = [QEMU, ...(device.tools ?? [])];
        if (!tools.every((tool) => hasTool(tool, `${name} beside QEMU's`))) return context.skip();
        const steps = session(device, 4711, 20_000);
        expect(disagreements(device, steps, await askQemu(device, steps))).toEqual([]);
      },
    );
  });
}
