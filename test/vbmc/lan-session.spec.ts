// SPDX-License-Identifier: MIT
// Sessions over LAN: how they are opened and refused, what is dropped, when they end.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CIPHER_SUITES } from "../../vbmc/channels/lan/cipher-suites.ts";
import { ADMIN, ipmbMessage, LanBench, LanConsole, outside, payloadOf } from "./lan-console.ts";

const DEVICE_ID = "06 01";
const OPERATOR = { id: 3, name: "olga", password: "op", privilege: 3 };

describe("opening a session", () => {
  test.each([1, 2, 3, 15, 16, 17])("suite %i, where it is enabled, works both ways", (suite) => {
    const bench = new LanBench({ suites: CIPHER_SUITES.map(({ id }) => id) });
    const it = LanConsole.login(bench, { suite });
    expect(it.proofMatches).toBe(true);
    expect(it.ask(DEVICE_ID)).toMatch(/^00 20 01/);
    expect(it.ask("06 3b 04")).toBe("00 04");
  });

  test("3 and 17 are enabled, and nothing else", () => {
    const bench = new LanBench();
    for (const suite of [0, 1, 2, 15, 16])
      expect(new LanConsole(bench, { suite }).openSession(), `${suite}`).toBe(0x11);
    for (const suite of [3, 17]) expect(new LanConsole(bench, { suite }).openSession()).toBe(0);
  });

  test("a suite's privilege limits who comes with it, and 0 shuts it", () => {
    const bench = new LanBench();
    const limit = (suite3: number) => bench.request([0x30, 0x01, 1, 24, 0, 0, suite3 << 4, 0, 0, 0, 0, 0, 0]);
    expect(limit(3)[2]).toBe(0);
    expect(new LanConsole(bench, { suite: 3, open: 4 }).openSession()).toBe(0x11);
    const operator = new LanConsole(bench, { suite: 3 });
    operator.openSession();
    expect(operator.granted).toBe(3);
    limit(0);
    expect(new LanConsole(bench, { suite: 3 }).openSession()).toBe(0x11);
    expect(new LanConsole(bench, { suite: 17, open: 4 }).openSession()).toBe(0);
  });

  test("the granted privilege is never 0: without a wish it is the highest", () => {
    const bench = new LanBench();
    const it = new LanConsole(bench, { open: 0 });
    it.openSession();
    expect(it.granted).toBe(4);
    const user = new LanConsole(bench, { open: 2 });
    user.openSession();
    expect(user.granted).toBe(2);
  });

  test.each([
    ["wrong user", { name: "nobody" }, 0x0d],
    ["wrong case", { name: "Admin" }, 0x0d],
    ["no user", { name: "" }, 0x0d],
    ["role 0", { role: 0x10 }, 0x09],
    ["role 7", { role: 0x17 }, 0x09],
    ["role above the user's", { name: "olga", password: "op" }, 0x0a],
    ["role above what was asked for", { open: 2 }, 0x0a],
    ["a name too long", { name: "n".repeat(17) }, 0x0c],
  ])("%s is refused in RAKP 2 and leaves no session", (_, options, status) => {
    const bench = new LanBench({ users: [ADMIN, OPERATOR] });
    const it = new LanConsole(bench, options);
    expect(it.openSession()).toBe(0);
    expect(it.rakp1()).toBe(status);
    expect(bench.sessions).toBe(0);
  });

  test("a wrong password is refused in RAKP 4, and its proof does not match in RAKP 2", () => {
    const bench = new LanBench();
    const it = new LanConsole(bench, { password: "s3creT" });
    expect([it.openSession(), it.rakp1()]).toEqual([0, 0]);
    expect(it.proofMatches).toBe(false);
    expect(it.rakp3()).toBe(0x0f);
    expect(bench.sessions).toBe(0);
  });

  test("a user without a password, a disabled one and one without access cannot log in", () => {
    const bench = new LanBench({ users: [ADMIN, OPERATOR] });
    const tries = (name: string, password: string) => {
      const it = new LanConsole(bench, { name, password, role: 0x13 });
      it.openSession();
      return it.rakp1();
    };
    expect(tries("olga", "op")).toBe(0);
    bench.request([0x18, 0x47, 3, 0]);
    expect(tries("olga", "op")).toBe(0x0d);
    bench.request([0x18, 0x47, 3, 1]);
    expect(tries("olga", "op")).toBe(0);
    bench.request([0x18, 0x43, 0x81, 3, 0x0f]);
    expect(tries("olga", "op")).toBe(0x0d);
    bench.request([0x18, 0x43, 0xb1, 3, 3]);
    bench.request([0x18, 0x47, 3, 2, ...Array.from({ length: 16 }, () => 0)]);
    expect(tries("olga", "")).toBe(0x0d);
  });

  test("the channel's key is part of the proof", () => {
    const bench = new LanBench();
    bench.request([0x18, 0x56, 0x01, 0x01, 0x01, ...Buffer.alloc(20, "G")]);
    expect(() => LanConsole.login(bench)).toThrow(/does not prove/);
    expect(LanConsole.login(bench, { channelKey: "G".repeat(20) }).ask(DEVICE_ID)).toMatch(/^00/);
  });

  test("messages that were lost on the way may be sent again", () => {
    const bench = new LanBench();
    const it = new LanConsole(bench);
    it.openSession();
    expect([it.rakp1(), it.rakp1()]).toEqual([0, 0]);
    expect([it.rakp3(), it.rakp3()]).toEqual([0, 0]);
    expect(it.ask(DEVICE_ID)).toMatch(/^00/);
    // Behind the first message of the session nobody needs it any more.
    expect(bench.send(it.rakp3Message(), it.peer)).toEqual([]);
    expect(it.ask(DEVICE_ID)).toMatch(/^00/);
  });

  test("steps of somebody else, or of nobody, change nothing", () => {
    const bench = new LanBench();
    const it = new LanConsole(bench);
    it.openSession();
    expect(bench.send(it.rakp1Message(), { address: "10.0.0.2", port: 4000 })).toEqual([]);
    expect(payloadOf(bench.send(outside(0x14, [1, 0, 0, 0, 9, 9, 9, 9]))[0], 0x15)?.[1]).toBe(0x02);
    expect([it.rakp1(), it.rakp3()]).toEqual([0, 0]);
  });
});

describe("the lock behind wrong passwords", () => {
  const fail = (bench: LanBench) => {
    const it = new LanConsole(bench, { password: "no" });
    it.openSession();
    return it.rakp1() || it.rakp3();
  };

  test("after the configured number the user cannot log in, stays where it is in, and is free again later", () => {
    const bench = new LanBench({ badPasswords: 3, lockSeconds: 30 });
    const inside = LanConsole.login(bench);
    expect([fail(bench), fail(bench), fail(bench)]).toEqual([0x0f, 0x0f, 0x0f]);
    expect(inside.ask(DEVICE_ID)).toMatch(/^00/);
    expect(() => LanConsole.login(bench)).toThrow("status d");
    bench.wait(30);
    expect(LanConsole.login(bench).ask(DEVICE_ID)).toMatch(/^00/);
  });

  test("a right password clears the count, and so does time", () => {
    const bench = new LanBench({ badPasswords: 2, lockSeconds: 30 });
    fail(bench);
    LanConsole.login(bench);
    fail(bench);
    bench.wait(31);
    fail(bench);
    expect(LanConsole.login(bench).ask(DEVICE_ID)).toMatch(/^00/);
  });

  test("0 turns it off; an administrator unlocks by setting the user anew", () => {
    const free = new LanBench({ badPasswords: 0 });
    for (let i = 0; i < 50; i++) fail(free);
    LanConsole.login(free);
    const bench = new LanBench({ badPasswords: 1, lockSeconds: 0 });
    fail(bench);
    bench.wait(1e6);
    expect(() => LanConsole.login(bench)).toThrow("status d");
    bench.request([0x18, 0x47, 2, 1]);
    LanConsole.login(bench);
  });
});

describe("in a session", () => {
  test("privilege starts as a user's and rises to the role, not above", () => {
    const bench = new LanBench({ users: [ADMIN, OPERATOR] });
    const it = LanConsole.login(bench, { name: "olga", password: "op", role: 0x13 });
    expect(it.ask("00 02 01")).toBe("d4");
    expect(it.ask("06 3b 00")).toBe("00 02");
    expect(it.ask("06 3b 04")).toBe("81");
    expect(it.ask("06 3b 03")).toBe("00 03");
    expect(it.ask("00 02 01")).toBe("00");
    expect(it.ask("06 02")).toBe("d4");
  });

  test("a packet is taken once; the same again, later or changed, is dropped and counted", () => {
    const bench = new LanBench();
    const it = LanConsole.login(bench);
    const first = it.packet(0, it.message(6, 1));
    expect(bench.send(first)).toHaveLength(1);
    expect(bench.send(first)).toEqual([]);
    it.ask(DEVICE_ID);
    expect(bench.send(first)).toEqual([]);
    expect(bench.dropped).toBe(2);
  });

  test("the window: 16 ahead, 15 behind, each number once", () => {
    const bench = new LanBench();
    const it = LanConsole.login(bench);
    const sent = (sequence: number) => bench.send(it.packet(0, it.message(6, 1), { sequence })).length;
    expect([sent(0), sent(17), sent(16), sent(16), sent(1), sent(1), sent(2)]).toEqual([0, 0, 1, 0, 1, 0, 1]);
    expect([sent(32), sent(17), sent(16), sent(31), sent(49)]).toEqual([1, 1, 0, 1, 0]);
  });

  test("whatever byte of a packet changes or is missing, it is dropped", () => {
    const bench = new LanBench();
    const it = LanConsole.login(bench);
    const whole = it.packet(0, it.message(6, 1));
    for (let i = 4; i < whole.length; i++) {
      const spoiled = whole.with(i, whole[i]! ^ 0x10);
      expect(bench.send(spoiled), `byte ${i}`).toEqual([]);
      expect(bench.send(whole.slice(0, i)), `cut at ${i}`).toEqual([]);
    }
    expect(bench.send([...whole, 0])).toEqual([]);
    expect(bench.send(whole)).toHaveLength(1);
  });

  test("a packet without code or in the clear is not of this session", () => {
    const bench = new LanBench();
    const it = LanConsole.login(bench);
    expect(bench.send(it.packet(0, it.message(6, 1), { authenticate: false }))).toEqual([]);
    expect(bench.send(it.packet(0, it.message(6, 1), { encrypt: false }))).toEqual([]);
    expect(it.ask(DEVICE_ID)).toMatch(/^00/);
  });

  test("it ends by Close Session, after 60 seconds of silence, and at a cold reset", () => {
    const bench = new LanBench();
    const closed = LanConsole.login(bench);
    const id = [0, 8, 16, 24].map((shift) => ((closed.bmcId >>> shift) & 0xff).toString(16)).join(" ");
    expect(closed.ask("06 3c 01 02 03 04")).toBe("87");
    expect(closed.ask(`06 3c ${id}`)).toBe("00");
    expect(closed.ask(DEVICE_ID)).toBeUndefined();
    const silent = LanConsole.login(bench);
    bench.wait(59);
    expect(silent.ask(DEVICE_ID)).toMatch(/^00/);
    bench.wait(59);
    expect(silent.ask(DEVICE_ID)).toMatch(/^00/);
    bench.wait(60);
    expect(bench.sessions).toBe(0);
    expect(silent.ask(DEVICE_ID)).toBeUndefined();
    const reset = LanConsole.login(bench);
    reset.ask("06 3b 04");
    expect(reset.ask("06 02")).toBe("00");
    expect(reset.ask(DEVICE_ID)).toBeUndefined();
  });

  test("64 sessions work side by side; the next is refused, one that only began makes room", () => {
    const bench = new LanBench();
    const all = Array.from({ length: 64 }, (_, i) =>
      LanConsole.login(bench, {}, { address: "10.0.0.9", port: 5000 + i }),
    );
    expect(new LanConsole(bench).openSession()).toBe(0x01);
    for (const each of all) expect(each.ask(DEVICE_ID)).toMatch(/^00/);
    expect(all[0]!.ask("06 3d 01")).toMatch(/^00 01 40 40 02 02 11 0a 00 00 09/);
    expect(all[5]!.ask("06 3d 00")).toMatch(/^00 06 40 40/);
    bench.wait(61);
    for (let i = 0; i < 100; i++) expect(new LanConsole(bench).openSession()).toBe(0);
    expect(bench.sessions).toBe(64);
    LanConsole.login(bench);
  });

  test("a snapshot in the middle of a session loses nothing", () => {
    const bench = new LanBench();
    const it = LanConsole.login(bench);
    it.ask("06 3b 04");
    const state = bench.bmc.snapshot();
    const before = it.ask(DEVICE_ID);
    const moved = new LanBench({ users: [] });
    moved.bmc.restore(state);
    bench.bmc = moved.bmc;
    it.sequence--;
    expect(it.ask(DEVICE_ID)).toBe(before);
    expect(it.ask("00 02 01")).toBe("00");
  });
});

describe("outside of sessions", () => {
  test("a ping is answered with a pong that says IPMI, and acknowledged where it asks for it", () => {
    const bench = new LanBench();
    const ping = (sequence: number) => [6, 0, sequence, 6, 0, 0, 0x11, 0xbe, 0x80, 0x2a, 0, 0];
    const pong = [
      6, 0, 255, 6, 0, 0, 0x11, 0xbe, 0x40, 0x2a, 0, 16, 0, 0, 0x11, 0xbe, 0, 0, 0, 0, 0x81, 0x20, 0, 0, 0, 0, 0, 0,
    ];
    expect(bench.send(ping(255))).toEqual([pong]);
    expect(bench.send(ping(7))).toEqual([[6, 0, 7, 0x86], pong]);
  });

  test("capabilities and GUID are told to anybody, in either form of packet; nothing else is", () => {
    const bench = new LanBench();
    const old = (netFn: number, command: number, data: number[] = []) => {
      const message = ipmbMessage(netFn, command, data);
      return [6, 0, 255, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, message.length, ...message];
    };
    expect(bench.send(old(6, 0x38, [0x8e, 4]))[0]!.slice(20, -1)).toEqual([0, 1, 0x80, 0x04, 0x02, 0, 0, 0, 0]);
    expect(bench.send(old(6, 0x37))[0]![20]).toBe(0);
    expect(bench.send(old(6, 0x01))[0]![20]).toBe(0xd4);
    expect(payloadOf(bench.send(outside(0, ipmbMessage(6, 0x38, [0x0e, 4])))[0], 0)!.slice(6, 10)).toEqual([
      0, 1, 0, 4,
    ]);
  });

  test("a channel that is disabled answers no IPMI at all", () => {
    const bench = new LanBench();
    bench.request([0x18, 0x40, 0x01, 0x80, 0x00]);
    expect(new LanConsole(bench).openSession()).toBe(-1);
    expect(bench.send(outside(0, ipmbMessage(6, 0x38, [0x0e, 4])))).toEqual([]);
  });
});

test("secrets are not in the state as they were given", () => {
  const bench = new LanBench({ users: [{ name: "admin", password: "Tr0ub4dor-and-3" }] });
  LanConsole.login(bench, { password: "Tr0ub4dor-and-3" });
  const text = JSON.stringify(bench.bmc.snapshot());
  expect(text).not.toContain([..."Tr0ub4dor"].map((each) => each.charCodeAt(0)).join(","));
  expect(text).not.toContain("Tr0ub4dor");
});

test("a flood of random and mutated packets: nothing thrown, nothing kept, sessions go on", () => {
  const bench = new LanBench();
  const it = LanConsole.login(bench);
  const samples = [it.openRequest(), it.rakp1Message(), it.rakp3Message(), outside(0, ipmbMessage(6, 0x38, [0x8e, 4]))];
  const bytes = fc.array(fc.nat(255), { maxLength: 80 });
  const mutated = fc
    .tuple(
      fc.constantFrom(...samples, it.packet(0, it.message(6, 1), { sequence: 3 })),
      fc.array(fc.tuple(fc.nat(90), fc.nat(255)), { maxLength: 3 }),
      fc.nat(90),
    )
    .map(([sample, changes, cut]) => {
      const copy = [...sample];
      for (const [i, value] of changes) if (i < copy.length) copy[i] = value;
      return cut < copy.length && cut > 60 ? copy.slice(0, cut) : copy;
    });
  const packet = fc.oneof(
    bytes,
    bytes.map((each) => [6, 0, 255, 7, ...each]),
    bytes.map((each) => [6, 0, 255, 7, 6, ...each]),
    mutated,
  );
  const runs = process.env["GLASS86_FULL"] === "1" ? 100_000 : 5000;
  let count = 0;
  fc.assert(
    fc.property(packet, (each) => {
      bench.at += 1000;
      bench.send(each, { address: "10.9.9.9", port: 1 + (count++ % 60000) });
      return bench.sessions <= 64;
    }),
    { numRuns: runs, seed: 86 },
  );
  expect(bench.bmc.state.lan.counters.received).toBeGreaterThan(runs);
  expect(JSON.stringify(bench.bmc.state).length).toBeLessThan(400_000);
  it.sequence = 4;
  expect(it.ask(DEVICE_ID)).toMatch(/^00/);
});
