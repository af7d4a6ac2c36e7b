// SPDX-License-Identifier: MIT
// A machine and its BMC come back together from a snapshot taken anywhere: between any two instructions of a guest that is
// in the middle of a KCS message, and between any two packets of a console that has a SOL session with it.
import { describe, expect, it } from "vitest";
import type { IpmiKcs } from "../../devices/ipmi-kcs/ipmi-kcs.ts";
import { userRequests } from "../../vbmc/provision.ts";
import type { Machine } from "../../vmm/machine.ts";
import { kcsTransfer, times } from "../harness/kcs-guest.ts";
import { ECHO, runPastPost, tinyGuest } from "../harness/tiny-guest.ts";
import { ADMIN, LanConsole, type Wire } from "../vbmc/lan-console.ts";

const OWNER = { channel: 0x0f, privilege: 4 };
const RECORDS = 3;
const ADD_ENTRY = [0x28, 0x44, 0, 0, 2, 0, 0, 0, 0, 0x20, 0, 4, 1, 3, 1, 0x59, 0x50, 0x55];
const FULL = process.env["GLASS86_FULL"] === "1";
/** Instructions between two moves; 1 would be every one of them. */
const PIECE = FULL ? 3 : 83;
const SECOND = 1_000_000_000;
const PORT = 623;

const forever = [0xf4, 0xeb, 0xfd]; // hlt; jmp back

/** Goes on in another machine. */
function moved(machine: Machine, code: readonly number[]): Machine {
  const next = tinyGuest(code, { bmc: true });
  next.restore(machine.snapshot());
  return next;
}

describe("in the middle of a KCS message", () => {
  const code = [...times(RECORDS, kcsTransfer(ADD_ENTRY)), ...forever];
  const added = (machine: Machine) =>
    machine.bmc!.station.bmc.state.sel.records.filter((each) => each[10] === 1 && each[11] === 3);
  const start = (): Machine => {
    const machine = tinyGuest(code, { bmc: true });
    runPastPost(machine);
    return machine;
  };

  it("each message arrives once, however the machine is moved", { timeout: 300_000 }, () => {
    const whole = start();
    let machine = start();
    let moves = 0;
    while (added(machine).length < RECORDS) {
      machine.run({ maxInstructions: PIECE });
      machine = moved(machine, code);
      moves++;
    }
    const until = machine.nanos + SECOND / 1000;
    for (const each of [whole, machine]) each.run({ until });
    expect(moves).toBeGreaterThan(5);
    expect(added(whole).length).toBe(RECORDS);
    expect(machine.bmc!.snapshot()).toEqual(whole.bmc!.snapshot());
    expect(machine.digest()).toBe(whole.digest());
  });

  it("a snapshot is gone on with twice: each time the message arrives once", () => {
    const machine = start();
    while ((machine.board.systemInterface as IpmiKcs).snapshot().input.length < 9) machine.run({ maxInstructions: 1 });
    const snapshot = machine.snapshot();
    for (let twice = 0; twice < 2; twice++) {
      const next = tinyGuest(code, { bmc: true });
      next.restore(snapshot);
      next.run({ until: next.nanos + SECOND / 1000 });
      expect(added(next).length).toBe(RECORDS);
    }
  });
});

describe("in the middle of a SOL session", () => {
  /** A console on the machine's network, which finds the machine wherever it went. */
  class MachineWire implements Wire {
    machine: Machine;
    #arrived: number[][] = [];

    constructor(machine: Machine) {
      this.machine = this.plug(machine);
    }

    plug(machine: Machine): Machine {
      machine.bmc!.connectNetwork({ send: (_, bytes) => this.#arrived.push([...bytes]) });
      return (this.machine = machine);
    }

    send(bytes: readonly number[], peer: { address: string; port: number }): number[][] {
      this.machine.bmc!.hear({ kind: "datagram", peer, port: PORT, bytes });
      return this.take();
    }

    take(): number[][] {
      return this.#arrived.splice(0);
    }
  }

  const WHOLE = "HELLO FROM A CONSOLE THAT MOVES\rAND GOES ON AS IF IT DID NOT, WITH A LONGER LINE OF TEXT\r";
  const LINES = FULL ? WHOLE : WHOLE.slice(0, 32);

  /** Types all of it a few characters at a time; gives what the machine's echo was. `lose`: that packet is not seen. */
  function converse(moves: boolean, lose: (packet: number) => boolean): string {
    const first = tinyGuest(ECHO, { bmc: true });
    runPastPost(first);
    for (const request of [...userRequests(ADMIN), [0x18, 0x40, 0x01, 0x82, 0x84]])
      first.bmc!.station.request(OWNER, request, () => {});
    const wire = new MachineWire(first);
    const console = LanConsole.login(wire);
    console.ask("06 3b 04");
    expect(console.ask("0c 21 01 04 07 02")).toBe("00"); // again after 20 ms
    expect(console.ask("06 48 01 01 c6 00 00 00")).toMatch(/^00/);
    let seen = "";
    let newest = 0;
    let packets = 0;
    let sequence = 0;
    const acknowledged: number[] = [];
    const look = (datagrams: number[][]): void => {
      for (const datagram of datagrams) {
        const payload = console.open(datagram, 1);
        if (!payload || lose(packets++)) continue;
        const [number = 0, taken = 0, count = 0, , ...text] = payload;
        if (taken) acknowledged.push(taken, count);
        if (number === 0) continue;
        if (number !== newest) seen += Buffer.from(text).toString("latin1");
        newest = number;
        look(wire.send(console.packet(1, [0, number, text.length, 0]), console.peer));
      }
    };
    const step = (nanos: number): void => {
      wire.machine.run({ until: wire.machine.nanos + nanos });
      look(wire.take());
      if (moves) wire.plug(moved(wire.machine, ECHO));
    };
    for (let from = 0; from < LINES.length;) {
      const text = LINES.slice(from, from + 10);
      sequence = (sequence % 15) + 1;
      const packet = () => console.packet(1, [sequence, 0, 0, 0, ...Buffer.from(text)]);
      let answered: number[] = [];
      while (answered[0] !== sequence) {
        acknowledged.length = 0;
        look(wire.send(packet(), console.peer));
        if (moves) wire.plug(moved(wire.machine, ECHO));
        answered = acknowledged;
        if (answered[0] !== sequence) step(SECOND / 50);
      }
      from += answered[1]!;
      step(SECOND / 200);
    }
    for (let i = 0; i < 120 && seen.length < LINES.length; i++) step(SECOND / 50);
    step(SECOND / 10);
    return seen;
  }

  const losses: [name: string, lose: (packet: number) => boolean][] = [
    ["every third packet lost", (packet) => packet % 3 === 2],
    ["nothing lost", () => false],
  ];
  it.each(FULL ? losses : losses.slice(0, 1))(
    "%s: the console sees each character once, moved or not",
    { timeout: 120_000 },
    (_, lose) => {
      expect(converse(false, lose)).toBe(LINES.toLowerCase().replaceAll("\r", "-"));
      expect(converse(true, lose)).toBe(LINES.toLowerCase().replaceAll("\r", "-"));
    },
  );
});
