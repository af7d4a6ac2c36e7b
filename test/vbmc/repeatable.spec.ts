// SPDX-License-Identifier: MIT
// The BMC is a function of its events: same events, same effects and state, wherever it is moved on the way.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Bmc, COMMANDS } from "../../vbmc/bmc.ts";
import type { Effect } from "../../vbmc/context.ts";
import type { Happening } from "../../vbmc/station.ts";

const origin = fc.record({ channel: fc.constantFrom(0x0f, 1), privilege: fc.integer({ min: 0, max: 4 }) });
const rows = COMMANDS.rows.map((row) => [row.netFn << 2, row.command]);
const request = fc.record({
  kind: fc.constant("request" as const),
  origin,
  tag: fc.nat(255),
  message: fc
    .tuple(fc.constantFrom(...rows), fc.array(fc.nat(255), { maxLength: 20 }))
    .map(([head, data]) => [...head, ...data]),
});
/** A watchdog of seconds, so that time means something. */
const watchdog = fc.constantFrom([0x18, 0x24, 4, 0x21, 1, 0x3e, 30, 0], [0x18, 0x22], [0x18, 0x25]).map((message) => ({
  kind: "request" as const,
  origin: { channel: 0x0f, privilege: 4 },
  tag: 0,
  message,
}));
/** PEF with its delays, an alert for everything to a destination that is to acknowledge it. */
const alerting = fc
  .constantFrom(
    [0x10, 0x12, 1, 0x0f],
    [0x10, 0x12, 2, 0x2f],
    [0x10, 0x12, 3, 2],
    [0x10, 0x12, 4, 3],
    [0x10, 0x12, 6, 1, 0x80, 1, 1, 0x10, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [0x10, 0x12, 9, 1, 0x18, 0x11, 0],
    [0x10, 0x12, 9, 2, 0x19, 0x12, 0],
    [0x30, 0x01, 1, 18, 1, 0x80, 2, 3],
    [0x30, 0x01, 1, 19, 1, 0, 0, 127, 0, 0, 9, 0, 0, 0, 0, 0, 0],
    [0x10, 0x11, 3],
    [0x10, 0x16, 1, 1, 0],
    [0x10, 0x17, 1, 0, 0, 0, 0, 0, 0x20, 0x20, 1, 0, 0, 0],
  )
  .map((message) => ({ kind: "request" as const, origin: { channel: 0x0f, privilege: 4 }, tag: 0, message }));
const happening: fc.Arbitrary<Happening> = fc.oneof(
  request,
  watchdog,
  alerting,
  fc.constant({ kind: "time" as const }),
  fc.record({ kind: fc.constant("machine" as const), powered: fc.boolean() }),
  fc.record({ kind: fc.constant("sensor" as const), number: fc.nat(9), raw: fc.option(fc.nat(255)) }),
  fc.record({
    kind: fc.constant("telemetry" as const),
    telemetry: fc.record({
      load: fc.nat(1000),
      memory: fc.nat(1000),
      disk: fc.option(fc.nat(1e9)),
      network: fc.option(fc.nat(1e9)),
      printed: fc.nat(20_000),
    }),
  }),
  fc.record({
    kind: fc.constant("guest" as const),
    guest: fc.constantFrom("panicked", "halted", "stuck", "running", "switched-off"),
  }),
  fc.record({ kind: fc.constant("drive-fault" as const), disk: fc.nat(3) }),
  fc.record({ kind: fc.constant("serial" as const), bytes: fc.array(fc.nat(255), { maxLength: 40 }) }),
  fc.record({ kind: fc.constant("serial-room" as const), room: fc.nat(40) }),
  fc.record({ kind: fc.constant("viewer" as const), viewer: fc.constantFrom("a", "b"), present: fc.boolean() }),
  fc.record({
    kind: fc.constant("viewer-input" as const),
    viewer: fc.constantFrom("a", "b"),
    bytes: fc.array(fc.nat(255), { maxLength: 40 }),
  }),
  fc.record({ kind: fc.constant("entropy" as const), bytes: fc.array(fc.nat(255), { maxLength: 4 }) }),
  fc.record({ kind: fc.constant("button" as const), button: fc.constantFrom("power", "reset", "identify", "nmi") }),
);
const events = fc.array(fc.tuple(happening, fc.nat(4_000_000_000), fc.boolean()), { maxLength: 40 });

function play(list: [Happening, number, boolean][], move: boolean): [Effect[], string] {
  let bmc = new Bmc();
  let at = 0;
  const effects: Effect[] = [];
  for (const [each, wait, here] of list) {
    if (move && here) {
      const next = new Bmc({ machineName: "another" });
      next.restore(bmc.snapshot());
      bmc = next;
    }
    at += wait;
    effects.push(...bmc.step({ ...each, at }));
  }
  return [effects, JSON.stringify(bmc.snapshot())];
}

test("moving the BMC between any two events is invisible", () => {
  fc.assert(
    fc.property(events, (list) => {
      expect(play(list, true)).toEqual(play(list, false));
    }),
    { numRuns: 120, seed: 86 },
  );
});

test("waking it on time or late gives the same orders to the machine", () => {
  fc.assert(
    fc.property(events, (list) => {
      const punctual = list.flatMap(([each, wait, here]): [Happening, number, boolean][] => [
        [{ kind: "time" }, Math.floor(wait / 2), false],
        [each, wait - Math.floor(wait / 2), here],
      ]);
      const orders = (played: [Effect[], string]) => played[0].filter((each) => each.kind === "machine");
      expect(orders(play(punctual, false))).toEqual(orders(play(list, false)));
    }),
    { numRuns: 200, seed: 86 },
  );
});

test("a snapshot is detached: what happens later does not reach it", () => {
  fc.assert(
    fc.property(events, events, (before, after) => {
      const bmc = new Bmc();
      let at = 0;
      for (const [each, wait] of before) bmc.step({ ...each, at: (at += wait) });
      const snapshot = bmc.snapshot();
      const text = JSON.stringify(snapshot);
      for (const [each, wait] of after) bmc.step({ ...each, at: (at += wait) });
      expect(JSON.stringify(snapshot)).toBe(text);
    }),
    { numRuns: 100, seed: 86 },
  );
});
