// SPDX-License-Identifier: MIT
import { describe, expect, test } from "vitest";
import { deviceContract, type Bench } from "../../devices/core/contract.ts";
import { TestClock } from "../../devices/core/test-clock.ts";
import { IpmiBt, OUTSTANDING } from "../../devices/ipmi-bt/ipmi-bt.ts";
import * as R from "../../devices/ipmi-bt/registers.ts";
import { BT_OUTSTANDING } from "../../vbmc/ipmi/app-messaging.ts";
import { framework, tracedIrq } from "../harness/device-bench.ts";

function bench() {
  const clock = new TestClock();
  const effects: string[] = [];
  const irq = tracedIrq(effects);
  const port = {
    send: (ticket: number, message: readonly number[]) => void effects.push(`send ${ticket}: ${message.join(" ")}`),
    cancel: (ticket: number) => void effects.push(`cancel ${ticket}`),
  };
  const device = new IpmiBt("bt", { irq, port });
  const write = (offset: number, value: number) => device.window.write(offset, 1, value);
  const read = (offset: number) => device.window.read(offset, 1);
  const send = (...message: number[]): void => {
    write(R.CONTROL, R.CLEAR_WRITE_POINTER);
    for (const byte of [message.length, ...message]) write(R.BUFFER, byte);
    write(R.CONTROL, R.H2B_ATTENTION);
  };
  const answerOldest = (): void => device.respond(device.snapshot().waiting[0]?.ticket ?? 0, [0x1c, 0x01, 0x00]);
  const stimuli = [
    answerOldest,
    () => device.respond(3, [0x1c]),
    () => device.setAttention(true, true),
    () => device.setAttention(true, false),
    () => device.setAttention(false, false),
    () => device.enableInterrupts(true),
    () => device.enableInterrupts(false),
    // Random bytes alone would hardly ever make a message.
    () => send(0x18, 0x42, 0x01),
    () => write(R.CONTROL, R.B2H_ATTENTION),
    () => write(R.INTERRUPT_MASK, R.IRQ_ENABLE),
  ];
  const windows = [{ name: "bt", bytes: R.REGISTERS, window: device.window }];
  return { device, clock, effects, irq, stimuli, windows, read, write, send };
}

deviceContract(framework, "ipmi-bt", bench as () => Bench, { steps: 6000 });

const take = (b: ReturnType<typeof bench>): number[] => {
  b.write(R.CONTROL, R.HOST_BUSY);
  b.write(R.CONTROL, R.B2H_ATTENTION);
  b.write(R.CONTROL, R.CLEAR_READ_POINTER);
  const message = Array.from({ length: b.read(R.BUFFER) }, () => b.read(R.BUFFER));
  b.write(R.CONTROL, R.HOST_BUSY);
  return message;
};

describe("a transfer", () => {
  test("takes the message, and shows the answer with the host's number once it is there", () => {
    const b = bench();
    b.send(0x18, 0x42, 0x01);
    expect(b.effects).toEqual(["send 1: 24 1"]);
    expect(b.read(R.CONTROL)).toBe(0);
    b.device.respond(1, [0x1c, 0x01, 0x00, 0x20]);
    expect(b.read(R.CONTROL)).toBe(R.B2H_ATTENTION);
    expect(take(b)).toEqual([0x1c, 0x42, 0x01, 0x00, 0x20]);
    expect(b.read(R.CONTROL)).toBe(0);
    b.device.respond(1, [0x1c, 0x01, 0x00]); // nobody waits for it any more
    expect(b.read(R.CONTROL)).toBe(0);
  });

  test("answers wait behind each other, and a message too many waits in its buffer", () => {
    const b = bench();
    for (let number = 1; number <= OUTSTANDING + 1; number++) b.send(0x18, number, 0x01);
    expect(b.effects.length).toBe(OUTSTANDING);
    expect(b.read(R.CONTROL)).toBe(R.BMC_BUSY | R.H2B_ATTENTION);
    b.send(0x18, 0x99, 0x99); // not taken
    for (const ticket of [2, 1, 4, 3]) b.device.respond(ticket, [0x1c, 0x01, 0x00]);
    const numbers = [take(b)[1], take(b)[1]];
    expect(b.effects.length).toBe(OUTSTANDING + 1);
    numbers.push(take(b)[1], take(b)[1]);
    b.device.respond(5, [0x1c, 0x01, 0x00]);
    numbers.push(take(b)[1]);
    expect(numbers).toEqual([2, 1, 4, 3, 5]);
  });

  test("a length that is not the message's drops it and leaves the interface free", () => {
    const b = bench();
    for (const bytes of [[], [0x03], [0x04, 0x18, 0x01, 0x01], [0x02, 0x18, 0x01], [0x03, 0x18, 0x01, 0x01, 0x00]]) {
      b.write(R.CONTROL, R.CLEAR_WRITE_POINTER);
      for (const byte of bytes) b.write(R.BUFFER, byte);
      b.write(R.CONTROL, R.H2B_ATTENTION);
      expect(b.read(R.CONTROL)).toBe(0);
    }
    expect(b.effects).toEqual([]);
  });

  test("the longest message goes through, and nothing longer", () => {
    const b = bench();
    const longest = Array.from({ length: 0xff }, (_, i) => i);
    b.send(...longest);
    expect(b.effects[0]?.split(" ").length).toBe(2 + 0xff - 1);
    for (let i = 0; i < 2000; i++) b.write(R.BUFFER, 0);
    expect(b.device.snapshot().input.length).toBeLessThan(300);
    b.device.respond(
      1,
      Array.from({ length: 400 }, () => 1),
    );
    expect(take(b).length).toBe(0xff);
  });
});

test("interrupts come where they are enabled, and stay until they are cleared", () => {
  const b = bench();
  b.send(0x18, 1, 1);
  b.device.respond(1, [0x1c, 1, 0]);
  expect(b.irq.level).toBe(false);
  b.write(R.INTERRUPT_MASK, R.IRQ_ENABLE); // it is there already
  expect(b.irq.level).toBe(true);
  expect(b.read(R.INTERRUPT_MASK)).toBe(R.IRQ_ENABLE | R.IRQ_PENDING);
  take(b);
  expect(b.irq.level).toBe(true);
  b.write(R.INTERRUPT_MASK, R.IRQ_ENABLE | R.IRQ_PENDING);
  expect(b.irq.level).toBe(false);
  b.device.enableInterrupts(true);
  b.device.setAttention(true, true);
  expect(b.irq.level).toBe(true);
  expect(b.read(R.CONTROL)).toBe(R.SMS_ATTENTION);
  b.write(R.CONTROL, R.SMS_ATTENTION);
  expect(b.read(R.CONTROL)).toBe(0);
});

test("a hard reset forgets what is under way, and the BMC's tells are still there", () => {
  const b = bench();
  b.device.setAttention(true, false);
  b.send(0x18, 1, 1);
  b.write(R.INTERRUPT_MASK, R.HARD_RESET);
  expect(b.effects.at(-1)).toBe("cancel 1");
  expect(b.read(R.CONTROL)).toBe(R.SMS_ATTENTION);
  b.device.respond(1, [0x1c, 1, 0]);
  expect(b.read(R.CONTROL)).toBe(R.SMS_ATTENTION);
});

test("the BMC promises as many requests at once as the interface takes", () => {
  expect(BT_OUTSTANDING).toBe(OUTSTANDING);
});
