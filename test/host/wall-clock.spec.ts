// SPDX-License-Identifier: MIT
// Alarms on the host's clock: they ring when they were last set for, whatever they were set for before.
import { afterEach, expect, test, vi } from "vitest";
import { WallClock } from "../../host/node/wall-clock.ts";

const SECOND = 1_000_000_000;
afterEach(() => vi.useRealTimers());

function alarmed() {
  vi.useFakeTimers();
  const clock = new WallClock();
  const rung: number[] = [];
  const alarm = clock.createAlarm("test", () => rung.push(Math.round(clock.nanos / 1e6)));
  return { clock, alarm, rung };
}

test("an alarm that is put off rings at its last time, once", () => {
  const { alarm, rung } = alarmed();
  for (let i = 1; i <= 5; i++) {
    alarm.schedule(SECOND);
    vi.advanceTimersByTime(900);
  }
  expect(rung).toEqual([]);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(5000);
  expect(rung).toHaveLength(1);
  expect(Math.abs(rung[0]! - 4600)).toBeLessThan(5);
  expect(alarm.due).toBeUndefined();
});

test("an alarm that is set for an earlier time rings then", () => {
  const { clock, alarm, rung } = alarmed();
  alarm.scheduleAt(10 * SECOND);
  alarm.scheduleAt(2 * SECOND);
  vi.advanceTimersByTime(2100);
  expect(rung).toHaveLength(1);
  expect(clock.nanos).toBeGreaterThanOrEqual(2 * SECOND);
});

test("a cancelled alarm does not ring, and can be set again", () => {
  const { alarm, rung } = alarmed();
  alarm.schedule(SECOND);
  alarm.cancel();
  vi.advanceTimersByTime(3000);
  expect(rung).toEqual([]);
  alarm.schedule(SECOND);
  vi.advanceTimersByTime(1100);
  expect(rung).toHaveLength(1);
});

test("a time that is past rings at once, one beyond the longest timer when it is due", () => {
  const { alarm, rung } = alarmed();
  alarm.scheduleAt(-5);
  vi.advanceTimersByTime(2);
  expect(rung).toHaveLength(1);
  const days = 60 * 86_400;
  alarm.schedule(days * SECOND);
  vi.advanceTimersByTime((days - 1) * 1000);
  expect(rung).toHaveLength(1);
  vi.advanceTimersByTime(2000);
  expect(rung).toHaveLength(2);
});
