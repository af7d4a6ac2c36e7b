// SPDX-License-Identifier: MIT
//
// Vectors recorded on a real x86-64 processor: the core agrees with every bit the manuals define, and the recording
// machine's kind still agrees with the recording. All vectors with GLASS86_FULL=1, else a part of each pack.
//
// Spec: test/harness/vector-runner.ts, tools/native-oracle.

import { describe, expect, it } from "vitest";
import { buildOracle, NativeOracle } from "../../tools/native-oracle/oracle-client.ts";
import { replayPack } from "../../tools/native-oracle/replay.ts";
import { openCore } from "../harness/core-under-test.ts";
import { packNames, packPath, readPack } from "../harness/native-pack.ts";
import { KNOWN_FAILURES } from "../harness/known-failures.ts";
import { describeFailure, MODES, runPack, type Failure } from "../harness/vector-runner.ts";

const full = process.env["GLASS86_FULL"] === "1";
const names = packNames();
if (names.length === 0)
  console.warn("SKIPPED: no native vectors in test/vectors/native; make them with tools/native-oracle/generate.ts");
const core = await openCore();
const PART = full ? 1 : 4;

describe.skipIf(!core || names.length === 0)("the core agrees with recorded hardware", () => {
  for (const name of names) {
    const size = Number(name.split(".")[1]) as 16 | 32 | 64;
    it.each(MODES[size].filter((mode) => core?.modes.has(mode)))(`${name} in %s`, (mode) => {
      const report = runPack(core!, readPack(packPath(name)), mode, (t) => t.index % PART === 0);
      for (const [feature, n] of report.skipped)
        console.warn(`SKIPPED: ${n} vectors of ${name} in ${mode}: the core does not declare ${feature}`);
      const group = name.split(".")[0]!;
      const known = (f: Failure) => KNOWN_FAILURES.find((k) => k.encoding.test(`${group} ${f.encoding}`));
      for (const k of KNOWN_FAILURES) {
        const n = report.failures.filter((f) => known(f) === k).length;
        if (n > 0) console.warn(`KNOWN: ${n} vectors of ${name} fail in ${mode}: ${k.reason}`);
      }
      const failures = report.failures.filter((f) => !known(f));
      expect(
        failures.slice(0, 5).map(describeFailure),
        `${failures.length} of ${report.failed + report.passed} fail`,
      ).toEqual([]);
      expect(report.passed + [...report.skipped.values()].reduce((a, b) => a + b, 0)).toBeGreaterThan(0);
    });
  }
});

// Each vector runs twice: interpreted, so that its block is asked for, then as a compiled region.
const compiled = await openCore({ compiled: true });
const COMPILED_PART = full ? 4 : 24;

describe.skipIf(!compiled || names.length === 0)("compiled regions agree with recorded hardware", () => {
  for (const name of names) {
    const size = Number(name.split(".")[1]) as 16 | 32 | 64;
    if (size === 16) continue; // 16-bit code is always interpreted
    it.each(MODES[size].filter((mode) => compiled?.modes.has(mode)))(`${name} in %s`, (mode) => {
      const before = compiled!.modules;
      const report = runPack(compiled!, readPack(packPath(name)), mode, (t) => t.index % COMPILED_PART === 0);
      const known = (f: Failure) => KNOWN_FAILURES.some((k) => k.encoding.test(`${name.split(".")[0]} ${f.encoding}`));
      expect(report.failures.filter((f) => !known(f)).map(describeFailure)).toEqual([]);
      expect(compiled!.failure).toBeUndefined();
      // Segments that are not flat and registers with upper halves set keep some vectors of 32 bits in the interpreter.
      expect((compiled!.modules - before) / report.passed).toBeGreaterThan(size === 64 ? 0.8 : 0.3);
    });
  }
});

for (const bits of [64, 32] as const) {
  const program = buildOracle(bits);
  const reason = "reason" in program ? program.reason : undefined;
  if (reason) console.warn(`SKIPPED: replay on this machine's CPU (${bits}-bit): ${reason}`);
  describe.skipIf(reason !== undefined || names.length === 0)(
    `this machine's CPU agrees with the recording, ${bits}-bit oracle`,
    () => {
      it.each(names.filter((name) => bits === 64 || !name.endsWith(".64")))("%s", async (name) => {
        const oracle = new NativeOracle((program as { path: string }).path);
        try {
          const host = await oracle.hello();
          const pack = readPack(packPath(name));
          if (!pack.info.host.startsWith(host.vendor)) {
            console.warn(
              `SKIPPED: ${name} was recorded on ${pack.info.host}, this is ${host.vendor}: they may differ where the vendors do`,
            );
            return;
          }
          const tests = pack.tests.filter((t) => t.index % (PART * 2) === 0);
          const report = await replayPack(oracle, { info: pack.info, tests }, host.features);
          if (report.skipped > 0)
            console.warn(`SKIPPED: ${report.skipped} vectors of ${name}: this CPU lacks a feature`);
          expect(
            report.failures.slice(0, 5).map(describeFailure),
            `${report.failures.length} of ${tests.length} fail`,
          ).toEqual([]);
          expect(oracle.restarts).toBe(0);
        } finally {
          oracle.close();
        }
      });
    },
  );
}
