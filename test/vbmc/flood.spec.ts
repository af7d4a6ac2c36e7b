// SPDX-License-Identifier: MIT
// Floods of random messages at every front end: each is answered as its request says or dropped, nothing is thrown, the
// state stays small, and the door still works afterwards.
import { describe, expect, test } from "vitest";
import { randomSource } from "../../devices/core/contract.ts";
import { TestClock } from "../../devices/core/test-clock.ts";
import { ExternalBmc } from "../../vmm/external-bmc.ts";
import { encodeCommand, encodeMessage, VmDecoder } from "../../vbmc/channels/vm-protocol.ts";
import { bytes, hex } from "./door.ts";
import { kcsBench, transfer } from "./kcs-script.ts";
import { ADMIN, ipmbMessage, LanBench, LanConsole, outside } from "./lan-console.ts";
import { randomBytes, randomRequest, type Random } from "./message-grammar.ts";

const FULL = process.env["GLASS86_FULL"] === "1";
const MESSAGES = FULL ? 100_000 : 2000;
const MINUTES = 600_000;
const STATE_LIMIT = 600_000;
const LOOK_EVERY = 500;
const MILLISECOND = 1_000_000;

const sizeOf = (state: unknown): number => JSON.stringify(state).length;

/** As expect does, but quickly where all is well. */
function mustBe(given: readonly number[], wanted: readonly number[], what: string): void {
  if (given.length !== wanted.length || wanted.some((each, i) => each !== given[i]))
    expect(given, what).toEqual(wanted);
}

/** Calls `each` for every message of the flood, and `look` now and then. */
function flood(each: (random: Random, count: number) => void, look: () => unknown, seed = 86): void {
  const random = randomSource(seed);
  for (let count = 0; count < MESSAGES; count++) {
    each(random, count);
    if (count % LOOK_EVERY === 0) expect(sizeOf(look())).toBeLessThan(STATE_LIMIT);
  }
  expect(sizeOf(look())).toBeLessThan(STATE_LIMIT);
}

test.each(["hold", "release"] as const)(
  "KCS, a BMC that %ss: every message is answered as what it was",
  (style) => {
    const { run, station, clock, kcs } = kcsBench(style);
    flood(
      (random) => {
        clock.advance(random(5) * MILLISECOND);
        const { netFn, command, data } = randomRequest(random);
        const message = [(netFn << 2) | (random(9) === 0 ? random(4) : 0), command, ...data];
        const answer = bytes(run(transfer(hex(message))).result);
        mustBe(answer.slice(0, 2), [message[0]! | 4, command], hex(message));
        mustBe([Number(answer.length >= 3)], [1], hex(message));
      },
      () => [station.bmc.state, kcs.snapshot()],
    );
    expect(run(transfer("18 04")).result).toBe("1c 04 00 55 00");
  },
  MINUTES,
);

test(
  "LAN, in a session: every message is answered as what it was, until it ended the session itself",
  () => {
    let bench = new LanBench();
    const administrator = () => {
      const it = LanConsole.login(bench);
      it.ask("06 3b 04");
      return it;
    };
    let it = administrator();
    flood(
      (random) => {
        bench.wait(random(5) / 1000);
        const request = randomRequest(random);
        const message = it.message(request.netFn, request.command, request.data);
        // A console sends what it likes as serial over LAN beside.
        if (random(8) === 0) bench.send(it.packet(1, randomBytes(random, 260)), it.peer);
        const answer = it.open(bench.send(it.packet(0, message), it.peer)[0], 0);
        if (answer) {
          const sum = answer.slice(3).reduce((total, each) => total + each, 0) & 0xff;
          const head = [...answer.slice(0, 2), ...answer.slice(3, 6), sum];
          mustBe(head, [0x81, (request.netFn | 1) << 2, 0x20, message[4]!, request.command, 0], hex(message));
        }
        if (bench.sessions > 0) return;
        bench = new LanBench(); // users, keys and channels may be what they like by now
        it = administrator();
      },
      () => bench.bmc.state,
    );
    expect(it.ask("06 01")).toMatch(/^00/);
  },
  MINUTES,
);

/** A packet that is wrong somewhere, or not. */
function spoiled(random: Random, packet: number[]): number[] {
  const copy = [...packet];
  for (let i = random(3); i > 0; i--) copy[random(copy.length)] = random(256);
  const kind = random(6);
  if (kind === 0) return copy.slice(0, random(copy.length + 1));
  if (kind === 1) return [...copy, ...randomBytes(random, 20)];
  return copy;
}

test(
  "LAN, outside of sessions: RMCP, ASF, the opening and its four proofs, whole, cut, changed and twice",
  () => {
    const bench = new LanBench({ badPasswords: 0 });
    const inside = LanConsole.login(bench);
    const ping = [6, 0, 255, 6, 0, 0, 0x11, 0xbe, 0x80, 0x2a, 0, 0];
    flood(
      (random, count) => {
        bench.wait(random(20) / 1000);
        if (count % 1000 === 0) expect(inside.ask("06 01")).toMatch(/^00/);
        const peer = { address: `10.1.0.${random(250)}`, port: 1 + random(60_000) };
        const it = new LanConsole(bench, { suite: random(2) ? 17 : 3, role: random(32) }, peer);
        const samples = [
          () => ping,
          () => [6, 0, 255, random(256), ...randomBytes(random, 60)],
          () => it.openRequest([random(8), random(8), random(4)]),
          () => outside(random(256), randomBytes(random, 60)),
          () => outside(0, ipmbMessage(random(64), random(256), randomBytes(random, 20))),
        ];
        if (random(4) === 0) it.openSession();
        if (it.bmcId) samples.push(() => it.rakp1Message());
        if (it.bmcId && random(2) && it.rakp1() === 0) samples.push(() => it.rakp3Message());
        const packet = spoiled(random, samples[random(samples.length)]!());
        bench.send(packet, peer);
        if (random(10) === 0) bench.send(packet, peer);
        mustBe([Number(bench.sessions <= 64)], [1], "sessions");
      },
      () => bench.bmc.state,
    );
    expect(inside.ask("06 01")).toMatch(/^00/);
    bench.wait(61);
    expect(bench.sessions).toBe(0);
  },
  MINUTES,
);

test(
  "LAN, 64 sessions at once: each has its answers, what is replayed or cut is dropped, and all expire",
  () => {
    const bench = new LanBench();
    const all = Array.from({ length: 64 }, (_, i) => {
      const it = LanConsole.login(bench, { suite: i % 2 ? 3 : 17 }, { address: "10.2.0.1", port: 6000 + i });
      it.ask("06 3b 04");
      return it;
    });
    const old = all.map((it) => it.packet(0, it.message(6, 1)));
    for (const [i, packet] of old.entries()) expect(bench.send(packet, all[i]!.peer)).toHaveLength(1);
    const random = randomSource(86);
    const dropped = bench.dropped;
    let refused = 0;
    for (let count = 0; count < MESSAGES; count++) {
      const which = random(64);
      const it = all[which]!;
      bench.wait(random(10) / 1000);
      if (random(2)) {
        expect(it.ask("06 01")).toMatch(/^00 20/);
      } else {
        const whole = random(2) ? old[which]! : it.packet(0, it.message(6, 1), { sequence: it.sequence + 1 });
        const replayed = whole === old[which];
        expect(bench.send(replayed ? whole : whole.slice(0, random(whole.length)), it.peer)).toEqual([]);
        refused++;
      }
    }
    expect(bench.dropped - dropped).toBe(refused);
    expect(sizeOf(bench.bmc.state)).toBeLessThan(STATE_LIMIT);
    bench.wait(61);
    expect(bench.sessions).toBe(0);
    expect(all[0]!.ask("06 01")).toBeUndefined();
  },
  MINUTES,
);

describe("QEMU's external-BMC protocol", () => {
  test(
    "every whole message is answered with its own number, whatever stands between",
    () => {
      const bmc = new ExternalBmc({ clock: new TestClock() });
      const decoder = new VmDecoder();
      const answers: { sequence: number; message: number[] }[] = [];
      const connection = bmc.connect((sent) => {
        for (const frame of decoder.push(sent)) if (frame.kind === "message") answers.push(frame);
      })!;
      flood(
        (random, count) => {
          if (random(4) === 0) {
            connection.receive([...randomBytes(random, 60), 0xa0]);
            connection.receive(encodeCommand(...randomBytes(random, 4).filter((each) => each < 0x100)));
            connection.receive([0xa1]);
          }
          answers.length = 0;
          const { netFn, command, data } = randomRequest(random);
          const message = [netFn << 2, command, ...data];
          const wire = encodeMessage(count & 0xff, message);
          const cut = random(wire.length);
          connection.receive(wire.slice(0, cut));
          connection.receive(wire.slice(cut));
          const told = answers.flatMap((each) => [each.sequence, ...each.message.slice(0, 2)]);
          mustBe(told, [count & 0xff, message[0]! | 4, command], hex(message));
        },
        () => bmc.station.bmc.state,
      );
    },
    MINUTES,
  );

  test("bytes without any end are not gathered", () => {
    const bmc = new ExternalBmc({ clock: new TestClock() });
    let sent = 0;
    const connection = bmc.connect(() => sent++)!;
    const before = sent;
    const random = randomSource(7);
    for (let i = 0; i < MESSAGES; i++) connection.receive(Array.from({ length: 64 }, () => random(0xa0)));
    expect(sent).toBe(before);
    connection.receive([0xa0, ...encodeMessage(1, [0x18, 0x04])]);
    expect(sent).toBe(before + 1);
  });
});

test("a wrong password costs the same packets as a right one until the last proof", () => {
  const bench = new LanBench({ users: [ADMIN], badPasswords: 0 });
  for (const password of [ADMIN.password, `${ADMIN.password}x`, "", "x".repeat(20)]) {
    const it = new LanConsole(bench, { password });
    expect([it.openSession(), it.rakp1()]).toEqual([0, 0]);
    expect(it.rakp3()).toBe(password === ADMIN.password ? 0 : 0x0f);
  }
});
