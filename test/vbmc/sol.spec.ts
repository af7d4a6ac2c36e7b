// SPDX-License-Identifier: MIT
// Serial over LAN: activation and its refusals, characters both ways, acknowledges, retries, flow control, stealing.
import { describe, expect, test } from "vitest";
import { CIPHER_SUITES } from "../../vbmc/channels/lan/cipher-suites.ts";
import { ADMIN, LanBench, LanConsole } from "./lan-console.ts";

const ACTIVATE = "06 48 01 01 c6 00 00 00";
const DEACTIVATE = "06 49 01 01 00 00 00 00";
const INTERVAL = 0.02;
const RETRY = 0.5;
const utf8 = (text: string): number[] => [...Buffer.from(text)];

/** A console with SOL: sends and reads its packets. */
class Sol {
  readonly it: LanConsole;
  readonly bench: LanBench;

  constructor(bench: LanBench, port = 4000, instance = 1) {
    this.bench = bench;
    this.it = LanConsole.login(bench, {}, { address: "10.0.0.1", port });
    this.it.ask("06 3b 04");
    expect(this.it.ask(`06 48 01 0${instance} c6 00 00 00`)).toMatch(/^00 00 00 00 00 03 01 03 01 6f 02 ff ff$/);
  }

  /** Payloads that came for this console: sequence, acknowledged, count, status, characters. */
  read(datagrams: number[][]): [number, number, number, number, string][] {
    return datagrams.flatMap((each) => {
      const payload = this.mine(each) ? this.it.open(each, 1) : undefined;
      if (!payload) return [];
      const [sequence = 0, acknowledged = 0, count = 0, status = 0, ...characters] = payload;
      return [[sequence, acknowledged, count, status, Buffer.from(characters).toString()]];
    });
  }

  mine(datagram: number[]): boolean {
    return this.bench.lastPeers.get(datagram) === this.it.peer.port;
  }

  send(sequence: number, acknowledged: number, count: number, operation: number, text = "") {
    const payload = [sequence, acknowledged, count, operation, ...utf8(text)];
    return this.read(this.bench.send(this.it.packet(1, payload), this.it.peer));
  }
}

function out(bench: LanBench, text: string): number[][] {
  return bench.tell({ kind: "serial", bytes: utf8(text) });
}

function typed(bench: LanBench): string {
  return bench.others.flatMap((each) => (each.kind === "serial" ? [Buffer.from(each.bytes).toString()] : [])).join("");
}

function ready(room = 1000): LanBench {
  const bench = new LanBench();
  bench.tell({ kind: "machine", powered: true });
  bench.tell({ kind: "serial-room", room });
  return bench;
}

describe("activation", () => {
  test("gives sizes from 5 to 259 and the session's port; status and instance say who has it", () => {
    const sol = new Sol(ready());
    expect(sol.it.ask("06 4a 01")).toBe("00 04 01 00");
    const id = sol.it.ask("06 4b 01 01")!.split(" ").slice(1, 5);
    expect(parseInt(id.reverse().join(""), 16)).toBe(sol.it.bmcId);
    expect(sol.it.ask(DEACTIVATE)).toBe("00");
    expect(sol.it.ask("06 4a 01")).toBe("00 04 00 00");
    expect(sol.it.ask(DEACTIVATE)).toBe("80");
  });

  test.each([
    ["already active", [], ACTIVATE, "80"],
    ["a second one for the same session", [], "06 48 01 02 c6 00 00 00", "82"],
    ["without encryption", [DEACTIVATE], "06 48 01 01 40 00 00 00", "84"],
    ["without authentication", [DEACTIVATE], "06 48 01 01 80 00 00 00", "cc"],
    ["an instance that is not there", [DEACTIVATE], "06 48 01 05 c6 00 00 00", "cc"],
    ["another payload", [], "06 48 00 01 c6 00 00 00", "cc"],
    ["switched off", [DEACTIVATE, "0c 21 01 01 00"], ACTIVATE, "81"],
    ["below the privilege", [DEACTIVATE, "06 3b 02"], ACTIVATE, "d4"],
    ["without the user's right", [DEACTIVATE, "06 4c 01 42 02 00 00 00"], ACTIVATE, "d4"],
  ])("%s is refused", (_, before, request, code) => {
    const sol = new Sol(ready());
    for (const each of before) expect(sol.it.ask(each)).toMatch(/^00/);
    expect(sol.it.ask(request)).toBe(code);
  });

  test("a suite without encryption cannot have it encrypted, and may go without where that is allowed", () => {
    const bench = new LanBench({ suites: CIPHER_SUITES.map(({ id }) => id) });
    const it = LanConsole.login(bench, { suite: 2 });
    it.ask("06 3b 04");
    expect(it.ask(ACTIVATE)).toBe("83");
    expect(it.ask("06 48 01 01 40 00 00 00")).toBe("84");
    expect(it.ask("0c 21 01 02 43")).toBe("00");
    expect(it.ask("06 48 01 01 40 00 00 00")).toMatch(/^00/);
  });

  test("where authentication is a must, a suite that has none cannot have it", () => {
    const bench = new LanBench({ suites: CIPHER_SUITES.map(({ id }) => id) });
    const it = LanConsole.login(bench, { suite: 1 });
    it.ask("06 3b 04");
    expect(it.ask("0c 21 01 02 43")).toBe("00");
    expect(it.ask("06 48 01 01 00 00 00 00")).toBe("cc");
    expect(it.ask("0c 21 01 02 03")).toBe("00");
    expect(it.ask("06 48 01 01 00 00 00 00")).toMatch(/^00/);
  });

  test("is nothing for the system interface", () => {
    expect(ready().request([0x18, 0x48, 1, 1, 0xc0, 0, 0, 0]).slice(2)).toEqual([0xcc]);
  });
});

describe("characters to the console", () => {
  test("gather for the interval, or until there are enough; one packet is under way", () => {
    const bench = ready();
    const sol = new Sol(bench);
    expect(sol.read(out(bench, "lo"))).toEqual([]);
    expect(sol.read(out(bench, "gin: "))).toEqual([]);
    expect(sol.read(bench.wait(INTERVAL))).toEqual([[1, 0, 0, 0, "login: "]]);
    expect(sol.read(out(bench, "x".repeat(300)))).toEqual([]);
    expect(sol.send(0, 1, 7, 0)).toEqual([[2, 0, 0, 0, "x".repeat(255)]]);
    expect(sol.send(0, 2, 255, 0)).toEqual([]);
    expect(sol.read(bench.wait(INTERVAL))).toEqual([[3, 0, 0, 0, "x".repeat(45)]]);
  });

  test("go again when no acknowledge comes, and are given up after the configured number", () => {
    const bench = ready();
    const sol = new Sol(bench);
    out(bench, "a");
    const first = sol.read(bench.wait(INTERVAL));
    for (let i = 0; i < 7; i++) {
      expect(sol.read(bench.wait(RETRY - 0.001))).toEqual([]);
      expect(sol.read(bench.wait(0.001))).toEqual(first);
    }
    expect(sol.read(bench.wait(RETRY))).toEqual([]);
    out(bench, "b");
    expect(sol.read(bench.wait(INTERVAL))).toEqual([[2, 0, 0, 0, "b"]]);
  });

  test("what a console took only in part goes on behind it; numbers run from 1 to 15", () => {
    const bench = ready();
    const sol = new Sol(bench);
    out(bench, "abcdef");
    bench.wait(INTERVAL);
    expect(sol.send(0, 1, 4, 0)).toEqual([]);
    expect(sol.read(bench.wait(INTERVAL))).toEqual([[2, 0, 0, 0, "ef"]]);
    for (let sequence = 2; sequence <= 20; sequence++) {
      sol.send(0, ((sequence - 1) % 15) + 1, 255, 0);
      out(bench, "z");
      expect(sol.read(bench.wait(INTERVAL))[0]?.[0]).toBe((sequence % 15) + 1);
    }
  });

  test("a console that can take nothing now holds them until its next packet", () => {
    const bench = ready();
    const sol = new Sol(bench);
    out(bench, "abc");
    bench.wait(INTERVAL);
    sol.send(0, 1, 0, 0x40);
    expect(sol.read(bench.wait(5))).toEqual([]);
    expect(sol.send(0, 0, 0, 0)).toEqual([]);
    expect(sol.read(bench.wait(INTERVAL))).toEqual([[2, 0, 0, 0, "abc"]]);
  });

  test("are flushed on request, and a console too slow hears that some are lost", () => {
    const bench = ready();
    const sol = new Sol(bench);
    out(bench, "gone");
    sol.send(0, 0, 0, 0x01);
    expect(sol.read(bench.wait(1))).toEqual([]);
    out(bench, "first");
    bench.wait(INTERVAL);
    out(bench, "x".repeat(20_000));
    expect(sol.send(0, 1, 5, 0)[0]).toEqual([2, 0, 0, 0x08, "x".repeat(255)]);
  });

  test("begin with the screen as it is", () => {
    const bench = ready();
    out(bench, "host login: ");
    const sol = new Sol(bench);
    expect(sol.read(bench.wait(INTERVAL))[0]?.[4]).toContain("host login:");
  });
});

describe("characters from the console", () => {
  test("reach the UART once, however often the packet comes, and each packet is acknowledged", () => {
    const bench = ready();
    const sol = new Sol(bench);
    expect(sol.send(1, 0, 0, 0, "ls\r")).toEqual([[0, 1, 3, 0, ""]]);
    expect(sol.send(1, 0, 0, 0, "ls\r")).toEqual([[0, 1, 3, 0, ""]]);
    expect(sol.send(2, 0, 0, 0, "x")).toEqual([[0, 2, 1, 0, ""]]);
    expect(typed(bench)).toBe("ls\rx");
  });

  test("that find no room are refused, in part or whole; a machine that is off says so", () => {
    const bench = ready(0);
    const sol = new Sol(bench);
    for (let i = 1; i <= 4; i++) expect(sol.send(i, 0, 0, 0, "y".repeat(250))[0]?.slice(1, 4)).toEqual([i, 250, 0]);
    expect(sol.send(5, 0, 0, 0, "abc".repeat(20))).toEqual([[0, 5, 24, 0x40, ""]]);
    bench.tell({ kind: "machine", powered: false });
    expect(sol.send(6, 0, 0, 0, "z")).toEqual([[0, 6, 0, 0x60, ""]]);
    bench.tell({ kind: "serial-room", room: 5000 });
    expect(typed(bench)).toBe("y".repeat(1000) + "abc".repeat(8));
  });

  test("breaks, ring and a pause act on the UART, and a pause holds what comes from it", () => {
    const bench = ready();
    const sol = new Sol(bench);
    bench.others.length = 0;
    sol.send(1, 0, 0, 0x10);
    expect(bench.others).toEqual([{ kind: "serial-break" }]);
    sol.send(2, 0, 0, 0x08);
    expect(bench.others.at(-1)).toEqual({ kind: "serial-lines", clearToSend: false, carrier: true, ring: false });
    out(bench, "held");
    expect(sol.read(bench.wait(1))).toEqual([]);
    sol.send(3, 0, 0, 0);
    expect(bench.others.at(-1)).toEqual({ kind: "serial-lines", clearToSend: true, carrier: true, ring: false });
    expect(sol.read(bench.wait(INTERVAL))[0]?.[4]).toBe("held");
    sol.send(4, 0, 0, 0x02, "");
    sol.send(5, 0, 0, 0x20);
    expect(bench.others.at(-1)).toEqual({ kind: "serial-lines", clearToSend: true, carrier: true, ring: true });
  });

  test("in packets that are not as agreed, or too short, do nothing", () => {
    const bench = ready();
    const sol = new Sol(bench);
    for (const given of [{ encrypt: false }, { authenticate: false }]) {
      expect(bench.send(sol.it.packet(1, [1, 0, 0, 0, 65], given), sol.it.peer)).toEqual([]);
    }
    expect(bench.send(sol.it.packet(1, [1, 0, 0]), sol.it.peer)).toEqual([]);
    expect(bench.send(sol.it.packet(1, [16, 0, 0, 0, 65]), sol.it.peer)).toEqual([]);
    expect(typed(bench)).toBe("");
  });
});

describe("several consoles", () => {
  test("see the same, each once, and any of them types", () => {
    const bench = ready();
    const all = [1, 2, 3, 4].map((instance) => new Sol(bench, 4000 + instance, instance));
    out(bench, "hello");
    const packets = bench.wait(INTERVAL);
    for (const each of all) expect(each.read(packets)).toEqual([[1, 0, 0, 0, "hello"]]);
    all[0]!.send(1, 0, 0, 0, "a");
    all[3]!.send(1, 0, 0, 0, "b");
    expect(typed(bench)).toBe("ab");
  });

  test("who is robbed hears so before the robber is in", () => {
    const bench = ready();
    const loser = new Sol(bench, 4001);
    const winner = LanConsole.login(bench, {}, { address: "10.0.0.2", port: 5000 });
    winner.ask("06 3b 04");
    expect(winner.ask(ACTIVATE)).toBe("80");
    const sent = bench.send(winner.packet(0, winner.message(6, 0x49, [1, 1, 0, 0, 0, 0])), winner.peer);
    expect(loser.read(sent)).toEqual([[0, 0, 0, 0x10, ""]]);
    expect(winner.ask(ACTIVATE)).toMatch(/^00/);
    expect(loser.send(1, 0, 0, 0, "x")).toEqual([]);
    expect(typed(bench)).toBe("");
  });

  test("a cold reset of the BMC takes everybody from the console, and leaves the host's viewers", () => {
    const bench = ready();
    bench.tell({ kind: "viewer", viewer: "terminal", present: true });
    const sol = new Sol(bench);
    sol.send(1, 0, 0, 0x08);
    bench.request([0x18, 0x02]);
    expect(bench.bmc.state.console.viewers.map(({ name }) => name)).toEqual(["terminal"]);
    expect(sol.it.ask("06 01")).toBeUndefined();
    new Sol(bench);
  });

  test("a session that ends leaves the console and lets go of the line", () => {
    const bench = ready();
    const sol = new Sol(bench);
    sol.send(1, 0, 0, 0x08);
    bench.wait(60);
    expect(bench.bmc.state.console.viewers).toEqual([]);
    expect(bench.others.at(-1)).toEqual({ kind: "serial-lines", clearToSend: true, carrier: true, ring: false });
    new Sol(bench);
  });
});

test("a snapshot in the middle of a SOL session loses nothing", () => {
  const bench = ready();
  const sol = new Sol(bench);
  out(bench, "before");
  bench.wait(INTERVAL);
  out(bench, " between");
  const state = bench.bmc.snapshot();
  const moved = new LanBench({ users: [ADMIN] });
  moved.bmc.restore(state);
  bench.bmc = moved.bmc;
  expect(sol.read(bench.wait(RETRY))).toEqual([[1, 0, 0, 0, "before"]]);
  expect(sol.send(1, 1, 6, 0, "typed")).toEqual([[0, 1, 5, 0, ""]]);
  expect(sol.read(bench.wait(INTERVAL))).toEqual([[2, 0, 0, 0, " between"]]);
  expect(typed(bench)).toBe("typed");
});
