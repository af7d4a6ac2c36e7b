// SPDX-License-Identifier: MIT
// Snapshots at every point of a KCS message and of a SOL session: whoever goes on from them, once or twice, sees what it
// would have seen without, and nothing is lost or done twice.
import { describe, expect, test } from "vitest";
import { Bmc } from "../../vbmc/bmc.ts";
import { kcsBench, note, steps, transfer, type Script } from "./kcs-script.ts";
import { LanBench, LanConsole } from "./lan-console.ts";

type Kcs = ReturnType<typeof kcsBench>;

/** Runs a script and calls `between` before each step; it may give another bench to go on with. */
function play<T>(first: Kcs, script: Script<T>, between: (bench: Kcs, step: number) => Kcs): [T, string[], Kcs] {
  let bench = first;
  const trace: string[] = [];
  let next = script.next();
  for (let step = 0; !next.done; step++) {
    bench = between(bench, step);
    let value = 0;
    if ("read" in next.value) value = bench.kcs.window.read(next.value.read, 1);
    else bench.kcs.window.write(next.value.write, 1, next.value.value);
    trace.push(note(next.value, value));
    next = script.next(value);
  }
  return [next.value, trace, bench];
}

const BETWEEN = { machineName: "another" };

describe.each(["hold", "release"] as const)("KCS, a BMC that %ss", (style) => {
  const copy = (from: { kcs: unknown; bmc: unknown }): Kcs => {
    const bench = kcsBench(style, BETWEEN);
    bench.station.restore(from.bmc as never);
    bench.kcs.restore(from.kcs as never);
    return bench;
  };
  const save = ({ kcs, station }: Kcs) => ({ kcs: kcs.snapshot(), bmc: station.bmc.snapshot() });

  // Each changes something that shows when it is done twice.
  test.each([
    ["18 01"],
    ["28 44 00 00 02 00 00 00 00 20 00 04 01 03 01 59 50 55"], // Add SEL Entry
    ["28 42"], // Reserve SEL: numbers count up
    ["10 02 41 04 20 00 6f a1 62 63"], // Platform Event
    ["18 34 00 20 18 c8 81 00 01 7e"], // Send Message to the BMC itself
    ["18 ff"],
    ["18"],
  ])("%s: moved before any register access, before every one, and gone on with twice", (message) => {
    const script = () => transfer(message);
    const [answer, trace, end] = play(kcsBench(style), script(), (bench) => bench);
    const state = JSON.stringify(save(end));
    const moved = (when: (step: number) => boolean) =>
      play(kcsBench(style), script(), (bench, step) => (when(step) ? copy(save(bench)) : bench));
    for (let at = 0; at < trace.length; at++) {
      const [theirs, seen, last] = moved((step) => step === at);
      expect([theirs, seen, JSON.stringify(save(last))], `moved before step ${at}`).toEqual([answer, trace, state]);
    }
    const [always, everywhere, last] = moved(() => true);
    expect([always, everywhere, JSON.stringify(save(last))]).toEqual([answer, trace, state]);

    // From one snapshot in the middle, two machines go on alike.
    const middle = trace.length >> 1;
    let saved = save(kcsBench(style));
    play(kcsBench(style), script(), (bench, step) => {
      if (step === middle) saved = save(bench);
      return bench;
    });
    const rest = trace.slice(middle).map((each) => each.replace("=", " "));
    for (let twice = 0; twice < 2; twice++) {
      const bench = copy(saved);
      expect(bench.run(steps(rest.map((each) => each.replace(/^([sd]) ../, "$1")).join(" "))).trace).toEqual(
        trace.slice(middle),
      );
      expect(JSON.stringify(save(bench))).toBe(state);
    }
  });

  test("an abort and its recovery, moved before every access", () => {
    const text = "c 61 d w 18 c 60 s d w 00 s d w 68 s d s c 61 d w 18 d c 62 d w 04 s d w 68 s d w 68 s d w 68 s d";
    const [, trace] = play(kcsBench(style), steps(text), (bench) => bench);
    const [, seen] = play(kcsBench(style), steps(text), (bench) => copy(save(bench)));
    expect(seen).toEqual(trace);
  });
});

/** What happens to a console's session, in order; packets that get lost on the way are part of it. */
type Moment = (bench: LanBench, it: LanConsole) => number[][];

const out =
  (text: string): Moment =>
  (bench) =>
    bench.tell({ kind: "serial", bytes: [...Buffer.from(text)] });
const wait =
  (seconds: number): Moment =>
  (bench) =>
    bench.wait(seconds);
const sol =
  (sequence: number, acknowledged: number, count: number, operation = 0, text = ""): Moment =>
  (bench, it) =>
    bench.send(it.packet(1, [sequence, acknowledged, count, operation, ...Buffer.from(text)]), it.peer);
const room =
  (characters: number): Moment =>
  (bench) =>
    bench.tell({ kind: "serial-room", room: characters });
const keepAlive: Moment = (bench, it) => bench.send(it.packet(0, it.message(6, 1)), it.peer);

const SESSION: readonly Moment[] = [
  out("Debian GNU/Linux\r\nlogin: "),
  wait(0.02), // packet 1 goes, and is lost
  sol(1, 0, 0, 0, "ro"), // taken; its acknowledge is lost
  out("ro"),
  wait(0.5), // packet 1 goes again
  sol(1, 0, 0, 0, "ro"), // the same again: not typed again
  sol(2, 1, 10, 0, "ot\r"), // ten of packet 1, the rest is to come again
  out("ot\r\npassword: "),
  wait(0.02),
  sol(0, 2, 20, 0x40), // taken, and no more for now
  out("* * *"),
  wait(0.3),
  keepAlive,
  sol(0, 0, 0, 0), // go on
  wait(0.02),
  room(3),
  sol(3, 3, 200, 0, "secret\r"), // more than the UART takes now
  room(100),
  sol(4, 0, 0, 0x10), // break
  out("x".repeat(700)),
  wait(0.02),
  sol(5, 4, 255, 0x08), // a pause
  out("held"),
  wait(0.1),
  sol(6, 0, 0, 0x00),
  wait(0.1),
  sol(0, 5, 255),
  sol(0, 6, 255),
  wait(0.02),
  keepAlive,
];

describe("serial over LAN", () => {
  function playSession(moves: (moment: number) => boolean) {
    const bench = new LanBench();
    bench.tell({ kind: "machine", powered: true });
    bench.tell({ kind: "serial-room", room: 16 });
    const it = LanConsole.login(bench);
    it.ask("06 3b 04");
    expect(it.ask("06 48 01 01 c6 00 00 00")).toMatch(/^00/);
    const datagrams: number[][] = [];
    for (const [index, moment] of SESSION.entries()) {
      if (moves(index)) {
        const state = JSON.parse(JSON.stringify(bench.bmc.snapshot())) as ReturnType<Bmc["snapshot"]>;
        bench.bmc = new Bmc({ machineName: "another" });
        bench.bmc.restore(state);
      }
      datagrams.push(...moment(bench, it));
    }
    const effects = bench.others.filter((each) => each.kind !== "response");
    return { bench, it, datagrams, effects, state: JSON.stringify(bench.bmc.snapshot()) };
  }

  const whole = playSession(() => false);

  test("the session has what matters: lost packets, partial acknowledges, a pause, output that waits", () => {
    const told = whole.datagrams.flatMap((each) => {
      const payload = whole.it.open(each, 1);
      return payload ? [payload] : [];
    });
    const sent = told
      .filter(([sequence]) => sequence !== 0)
      .map(([sequence, , , , ...text]) => [sequence, text] as const);
    expect(sent.map(([sequence]) => sequence)).toEqual([1, 1, 2, 3, 4, 5, 6]);
    expect(sent[1]).toEqual(sent[0]);
    const typed = whole.effects.flatMap((each) => (each.kind === "serial" ? each.bytes : []));
    expect(Buffer.from(typed).toString()).toBe("root\rsecret\r");
    expect(whole.effects.filter((each) => each.kind === "serial-break").length).toBe(1);
  });

  test.each(SESSION.map((_, index) => [index]))("moved before moment %i: the console sees the same bytes", (index) => {
    const moved = playSession((moment) => moment === index);
    expect(moved.datagrams).toEqual(whole.datagrams);
    expect(moved.effects).toEqual(whole.effects);
    expect(moved.state).toBe(whole.state);
  });

  test("moved before every moment, too", () => {
    const moved = playSession(() => true);
    expect([moved.datagrams, moved.effects, moved.state]).toEqual([whole.datagrams, whole.effects, whole.state]);
  });
});
