// SPDX-License-Identifier: MIT
// One BMC behind several doors: the same request has the same answer and the same consequences over KCS and over LAN, and
// a state made through random doors, the host's own among them, is reported alike by all of them.
import fc from "fast-check";
import { expect, test } from "vitest";
import { COMMANDS } from "../../vbmc/bmc.ts";
import type { BmcState } from "../../vbmc/state.ts";
import { IpmiKcs } from "../../devices/ipmi-kcs/ipmi-kcs.ts";
import { tracedIrq } from "../harness/device-bench.ts";
import { transfer } from "./kcs-script.ts";
import { LanBench, LanConsole } from "./lan-console.ts";

/** Commands that speak of the door itself: who asks, in which session, on which channel. */
const OF_THE_DOOR: readonly [netFn: number, command: number, why: string][] = [
  [0x04, 0x02, "in band the event begins with its generator"],
  [0x06, 0x02, "a cold reset ends the session"],
  [0x06, 0x34, "an answer travels back on the channel of its request"],
  [0x06, 0x38, "channel Eh is the asker's"],
  [0x06, 0x39, "a session's beginning"],
  [0x06, 0x3a, "a session's beginning"],
  [0x06, 0x3b, "a session's privilege"],
  [0x06, 0x3c, "a session's end"],
  [0x06, 0x3d, "this session"],
  [0x06, 0x48, "a session's payload"],
  [0x0c, 0x04, "asking over LAN is counted"],
];
const THIS_CHANNEL = 0x0e;

const shared = COMMANDS.rows.filter(
  (row) =>
    !row.systemInterfaceOnly && !OF_THE_DOOR.some(([netFn, code]) => row.netFn === netFn && row.command === code),
);
const request = fc
  .tuple(fc.constantFrom(...shared), fc.array(fc.oneof(fc.nat(255), fc.nat(9)), { maxLength: 24 }), fc.boolean())
  .map(([row, data, exact]) => {
    // Half of them have the length that the command wants, so that they do something.
    const sizes = Object.values(row.request);
    const size = sizes.reduce((sum, field) => sum + (field.size ?? 1), 0);
    const body = exact ? Array.from({ length: size }, (_, i) => data[i] ?? 0) : data;
    if (row.body !== undefined && body.length > 0) body[0] = row.body;
    return { row, data: (body[0]! & 0x0f) === THIS_CHANNEL ? [1, ...body.slice(1)] : body };
  });

const hex = (bytes: readonly number[]) => bytes.map((each) => each.toString(16).padStart(2, "0")).join(" ");

/** What the BMC is, without the traces of the conversation itself. */
function truth(state: BmcState): unknown {
  return { ...state, sessions: undefined, random: undefined, lan: { ...state.lan, counters: undefined } };
}

function bench(state?: BmcState): { both: LanBench; it: LanConsole } {
  const both = new LanBench();
  const it = LanConsole.login(both);
  it.ask("06 3b 04");
  if (state) both.bmc.restore(state);
  return { both, it };
}

const overKcs = (both: LanBench, netFn: number, command: number, data: readonly number[]) =>
  hex(both.request([netFn << 2, command, ...data]).slice(2));

test("a request over LAN and over KCS: same answer, same consequences", () => {
  const { both: one, it } = bench();
  const other = new LanBench();
  fc.assert(
    fc.property(request, ({ row, data }) => {
      // Nobody is thrown out on the way: the user of the session stays as it is.
      const ofUsers = row.netFn === 0x06 && row.command >= 0x43 && row.command <= 0x47;
      const given = ofUsers ? data.map((each, i) => (i < 2 && (each & 0x3f) === 2 ? each + 1 : each)) : data;
      if (row.netFn === 0x06 && row.command === 0x40) return;
      other.bmc.restore(one.bmc.snapshot());
      other.at = one.at += 1000;
      const overLan = it.askBytes(row.netFn, row.command, given);
      expect(overLan, `${row.name} ${hex(given)}`).toBe(overKcs(other, row.netFn, row.command, given));
      const [here, there] = [truth(one.bmc.state), truth(other.bmc.state)];
      if (JSON.stringify(here) !== JSON.stringify(there)) expect(here).toEqual(there);
    }),
    { numRuns: process.env["GLASS86_FULL"] === "1" ? 20_000 : 400, seed: 86 },
  );
  expect(it.ask("06 01")).toMatch(/^00/);
});

type Operation = (both: LanBench, it: LanConsole, kcs: IpmiKcs) => unknown;

/** What the host does to its machine and BMC. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant("machine" as const), powered: fc.boolean() }),
  fc.record({
    kind: fc.constant("sensor" as const),
    number: fc.integer({ min: 1, max: 9 }),
    raw: fc.option(fc.nat(255)),
  }),
  fc.record({ kind: fc.constant("button" as const), button: fc.constantFrom("power", "reset", "identify", "nmi") }),
  fc.record({ kind: fc.constant("firmware" as const), failed: fc.boolean(), code: fc.nat(30) }),
  fc.record({ kind: fc.constant("serial" as const), bytes: fc.array(fc.nat(255), { maxLength: 30 }) }),
  fc.record({ kind: fc.constant("viewer" as const), viewer: fc.constantFrom("a", "b"), present: fc.boolean() }),
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  request.map(
    ({ row, data }): Operation =>
      (_, it) =>
        ofUser(row) || it.askBytes(row.netFn, row.command, data),
  ),
  request.map(
    ({ row, data }): Operation =>
      (_both, _it, kcs) =>
        ofUser(row) || exchange(kcs, [row.netFn << 2, row.command, ...data]),
  ),
  happening.map(
    (each): Operation =>
      (both) =>
        both.tell(each),
  ),
  fc.nat(5000).map(
    (milliseconds): Operation =>
      (both) =>
        both.wait(milliseconds / 1000),
  ),
);
/** The user of the session stays as it is. */
const ofUser = ({ netFn, command }: { netFn: number; command: number }): boolean =>
  netFn === 0x06 && command >= 0x40 && command <= 0x47;

/** Real registers in front of the BMC. */
function registers(both: LanBench): IpmiKcs {
  const kcs: IpmiKcs = new IpmiKcs("kcs", {
    irq: tracedIrq([]),
    port: { send: (message) => kcs.respond(both.request(message)), cancel: () => {} },
  });
  return kcs;
}

function exchange(kcs: IpmiKcs, message: readonly number[]): string {
  const script = transfer(hex(message));
  let next = script.next();
  while (!next.done) {
    const step = next.value;
    let value = 0;
    if ("read" in step) value = kcs.window.read(step.read, 1);
    else kcs.window.write(step.write, 1, step.value);
    next = script.next(value);
  }
  return next.value.slice(6); // behind network function and command
}

const low = (value: number, size: number): number[] =>
  Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) % 256);

/** The host's view: what a request must be answered with, as the state has it. */
function asTheHostSees(state: BmcState): [name: string, request: string, answer: readonly number[]][] {
  const { chassis, sel, users, watchdog, sensors, sdr, fru, lan, sol } = state;
  const last = sel.records.at(-1);
  return [
    ["global enables", "06 2f", [state.globalEnables]],
    ["ACPI power state", "06 07", [state.acpi.system, state.acpi.device]],
    ["system GUID", "06 37", state.identity.systemGuid],
    ["restart cause", "00 07", [chassis.restartCause & 0x0f]],
    ["powered", "00 01", [(chassis.powered ? 1 : 0) | (chassis.restorePolicy << 5)]],
    ["log's size", "0a 40", [0x51, ...low(sel.records.length, 2)]],
    ...(last ? [["last entry", "0a 43 00 00 ff ff 00 ff", [0xff, 0xff, ...last]] as const] : []),
    ["sensor records", "0a 20", [0x51, ...low(sdr.records.length, 2)]],
    ["inventory", "0a 11 00 00 00 10", [0x10, ...fru.slice(0, 16)]],
    ...users.map((user, i) => [`name of user ${i + 1}`, `06 46 ${hex([i + 1])}`, user.name] as const),
    ...sensors
      .filter(({ raw }) => raw !== null)
      .map((each) => [`sensor ${each.number}`, `04 2d ${hex([each.number])}`, [each.raw!]] as const),
    ["watchdog", "06 25", [watchdog.use & 7]],
    ["IP address", "0c 02 01 03 00 00", [0x11, ...lan.parameters[3]!]],
    ["SOL", "0c 22 01 01 00 00", [0x11, sol.enabled ? 1 : 0]],
  ].map(([name, text, answer]) => [name, text, answer] as [string, string, readonly number[]]);
}

test("after random operations through random doors every door tells the same, and what the host sees", () => {
  const reading = shared.filter(({ name }) => name.startsWith("Get ") && !name.includes("Session"));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 25 }), (operations) => {
      const { both, it } = bench();
      const kcs = registers(both);
      for (const each of operations) each(both, it, kcs);
      // Time may have ended the session.
      const outside = both.sessions > 0 ? it : LanConsole.login(both);
      if (outside !== it) outside.ask("06 3b 04");
      for (const { netFn, command, name, request: shape } of reading) {
        const data = Object.values(shape).flatMap((field) => Array.from({ length: field.size ?? 0 }, () => 1));
        const told = outside.askBytes(netFn, command, data);
        expect(exchange(kcs, [netFn << 2, command, ...data]), name).toBe(told);
        expect(overKcs(both, netFn, command, data), name).toBe(told);
      }
      for (const [name, text, answer] of asTheHostSees(both.bmc.state)) {
        const [netFn = 0, ...rest] = text.split(" ").map((each) => parseInt(each, 16));
        const expected = `00 ${hex(answer)}`;
        expect(outside.ask(text)!.slice(0, expected.length), name).toBe(expected);
        expect(exchange(kcs, [netFn << 2, ...rest]).slice(0, expected.length), name).toBe(expected);
      }
    }),
    { numRuns: process.env["GLASS86_FULL"] === "1" ? 1000 : 30, seed: 86 },
  );
}, 300_000);
