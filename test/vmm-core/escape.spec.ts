// SPDX-License-Identifier: MIT
// Nothing a guest does escapes: seeded random programs in every mode end in an architectural state, and write nothing but
// guest memory, the state block and the caches; cut into random slices, single-stepped under a trace, or compiled as soon
// as they are seen, they do the same.
// GLASS86_FULL=1 adds 10^8 instructions of uncut runs; comparing that many takes an hour, by the command of the harness.
// Spec: test/harness/escape-fuzz.ts.
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { missing } from "../harness/missing-tool.ts";
import { supervise } from "../harness/escape-fuzz.ts";
import { MODES } from "../harness/fuzz/processor.ts";

const FULL = process.env["GLASS86_FULL"] === "1";
const CORE = new URL("../../build/core.wasm", import.meta.url);
const built = existsSync(CORE);
if (!built) missing("escape fuzz: build/core.wasm is not there (npm run build)");

describe.skipIf(!built)("random programs with random system state", () => {
  it(
    "end in an architectural state, write nothing outside guest memory, and do not notice slices, probes or the second tier",
    { timeout: FULL ? 900_000 : 180_000 },
    async () => {
      const report = await supervise({ instructions: FULL ? 4e6 : 1e6, seed: 1 });
      expect(report.failures).toEqual([]);
      for (const mode of MODES) expect(report.byMode[mode], mode).toBeGreaterThan(30_000);
      expect(report.exits["deadline"]).toBeGreaterThan(500);
    },
  );

  it("end in an architectural state for 10^8 instructions", { timeout: 1_800_000 }, async (context) => {
    if (!FULL) return context.skip();
    const report = await supervise({ instructions: 1e8, seed: 1_000_000, whole: true });
    expect(report.failures).toEqual([]);
    expect(report.instructions).toBeGreaterThanOrEqual(1e8);
    for (const mode of MODES) expect(report.byMode[mode], mode).toBeGreaterThan(3_000_000);
  });
});
