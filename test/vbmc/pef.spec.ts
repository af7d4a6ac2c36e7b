// SPDX-License-Identifier: MIT
// Platform event filtering: filters fit events by generator, sensor, offset and data, and make the BMC act.
import { describe, expect, test } from "vitest";
import { Door, hex } from "./door.ts";
import { readTrap } from "./trap-reader.ts";

const EVENT = "04 02 41 04 01 30 01 59 50 55"; // a temperature, upper critical going high
/** Number, configuration, action, policy, severity, generator, sensor type, number, trigger, offsets, data masks. */
const filter = (action: string, { type = "01", sensor = "30", offsets = "00 02", data1 = "00 00 00" } = {}) =>
  `04 12 06 01 80 ${action} 00 00 ff ff ${type} ${sensor} 01 ${offsets} ${data1} 00 00 00 00 00 00`;

function door(...requests: string[]): Door {
  const it = new Door();
  it.machine(true);
  it.ask("04 12 01 01");
  it.ask("04 12 02 2e");
  for (const each of requests) expect(it.ask(each), each).toBe("00");
  it.effects.length = 0;
  expect(it.ask(EVENT)).toBe("00");
  return it;
}
const actions = (it: Door) => it.effects.flatMap((each) => (each.kind === "machine" ? [each.action] : []));

describe("a filter", () => {
  test.each([
    ["02", "power-off"],
    ["08", "power-cycle"],
    ["04", "reset"],
    ["20", "nmi"],
    ["0e", "power-off"],
  ])("with action %s does %s", (bits, action) => {
    expect(actions(door(filter(bits)))).toEqual([action]);
  });

  test.each([
    ["another sensor", { sensor: "31" }],
    ["another type", { type: "02" }],
    ["another offset", { offsets: "ff fd" }],
    ["data that must be exact and is not", { data1: "f0 f0 60" }],
    ["data of which some bit must be set and none is", { data1: "ff 00 26" }],
  ])("for %s does nothing", (_, given) => {
    expect(actions(door(filter("04", given)))).toEqual([]);
  });

  test.each([
    ["any sensor", { sensor: "ff", type: "ff" }],
    ["data that fits exactly", { data1: "f0 f0 50" }],
    ["data of which some bit is set", { data1: "ff 00 41" }],
  ])("for %s fits", (_, given) => {
    expect(actions(door(filter("04", given)))).toEqual(["reset"]);
  });

  test("does nothing while it, its action or all filters are off", () => {
    expect(actions(door(filter("04"), "04 12 07 01 00"))).toEqual([]);
    expect(actions(door(filter("04"), "04 12 02 02"))).toEqual([]);
    expect(actions(door(filter("04"), "04 12 01 00"))).toEqual([]);
  });

  test("leaves its mark in the restart cause and in the last processed event", () => {
    const it = door(filter("04"));
    expect(it.ask("00 07")).toBe("00 09 00");
    expect(it.ask("04 15")).toMatch(/ (\w\w \w\w) 00 00 \1$/);
  });
});

test("parameters are bounded, read-only ones stay, a second set in progress is refused", () => {
  const it = new Door();
  expect(it.ask("04 13 05 00 00")).toBe("00 11 08");
  expect(it.ask("04 12 05 09")).toBe("82");
  expect(it.ask("04 13 06 09 00")).toBe("c9");
  expect(it.ask("04 13 06 00 00")).toBe("c9");
  expect(it.ask("04 12 7e 00")).toBe("80");
  expect(it.ask("04 12 0d 01 01 68 69")).toBe("00");
  expect(it.ask("04 13 0d 01 01")).toBe(`00 11 01 01 68 69 ${"00 ".repeat(14).trim()}`);
  expect(it.ask("04 12 0d 01 05 68")).toBe("c9");
  expect([it.ask("04 12 00 01"), it.ask("04 12 00 01"), it.ask("04 12 00 00")]).toEqual(["00", "81", "00"]);
});

/** PEF with alerts on; destination 1 to 4 at 10.0.0.1 to 10.0.0.4, acknowledged in 2 seconds, tried twice again. */
function alerting(...requests: string[]): Door {
  const it = new Door();
  it.machine(true);
  const destinations = [1, 2, 3, 4].flatMap((n) => [
    `0c 01 01 12 0${n} 80 02 02`,
    `0c 01 01 13 0${n} 00 00 0a 00 00 0${n} 00 00 00 00 00 00`,
  ]);
  for (const each of [
    "04 12 01 01",
    "04 12 02 01",
    ...destinations,
    filter("01").replace("01 00 00 ff ff", "01 05 10 ff ff"),
    ...requests,
  ])
    expect(it.ask(each), each).toBe("00");
  it.effects.length = 0;
  return it;
}
/** Number, policy and rule, channel and destination. */
const policy = (row: number, rule: number, destination: number, channel = 1) =>
  `04 12 09 0${row} 5${(8 | rule).toString(16)} ${channel}${destination} 00`;
const traps = (it: Door) =>
  it.effects.flatMap((each) =>
    each.kind === "datagram" ? [{ ...each.peer, ...readTrap(Uint8Array.from(each.bytes)) }] : [],
  );
const sent = (it: Door): string[] => traps(it).map(({ address }) => address);
const peers = (it: Door): string[] =>
  it.effects.flatMap((each) => (each.kind === "datagram" ? [`${each.peer.address}:${each.peer.port}`] : []));
const sequenceOf = (it: Door): string => hex(traps(it).at(-1)!.bindings.slice(16, 18).reverse());
const acknowledge = (it: Door, sequence = sequenceOf(it)) => it.ask(`04 17 ${sequence} 00 00 00 00 20 20 30 59 50 55`);

describe("an alert", () => {
  test("is a trap from us with the event in it", () => {
    const it = alerting(policy(1, 0, 1));
    it.wait(100);
    it.ask(EVENT);
    expect(peers(it)).toEqual(["10.0.0.1:162"]);
    expect(sent(it)).toEqual(["127.0.0.1"]);
    const [trap] = traps(it);
    expect(trap).toMatchObject({ community: "public", specific: 0x010109, upTime: 10_000 });
    expect(hex(trap!.bindings)).toBe(
      `${"00 ".repeat(16)}00 01 00 00 00 00 ff ff 20 20 10 41 30 00 00 59 50 55 ff ff ff ff ff ff 00 00 00 00 86 00 c1`,
    );
  });

  test("is tried again until somebody has it, and no longer", () => {
    const it = alerting(policy(1, 0, 1));
    it.ask(EVENT);
    it.wait(1.9);
    expect(sent(it).length).toBe(1);
    it.wait(0.2);
    expect(sent(it).length).toBe(2);
    expect(acknowledge(it, "99 00")).toBe("00"); // of another one
    it.wait(2);
    expect(sent(it).length).toBe(3);
    expect(new Set(traps(it).map(({ bindings }) => hex(bindings))).size).toBe(1);
    expect(acknowledge(it)).toBe("00");
    it.wait(100);
    expect(sent(it).length).toBe(3);
    it.ask(EVENT);
    it.wait(100);
    expect(sent(it).length).toBe(6);
    expect(it.bmc.due).toBeNull();
  });

  test.each<[string, string[], string[], string[]]>([
    ["always", [policy(1, 0, 1), policy(2, 0, 2)], ["1", "2"], ["1", "2"]],
    [
      "only where the one before was not reached",
      [policy(1, 0, 1), policy(2, 1, 2), policy(3, 0, 3)],
      ["1", "3"],
      ["1", "2", "3"],
    ],
    ["and to no more where it was", [policy(1, 0, 1), policy(2, 2, 2), policy(3, 0, 3)], ["1"], ["1", "2", "3"]],
    ["on another channel only", [policy(1, 0, 1), policy(2, 3, 2)], ["1"], ["1", "2"]],
    ["to another type only", [policy(1, 0, 1), policy(2, 4, 2)], ["1"], ["1", "2"]],
    ["of its own policy", [policy(1, 0, 1), policy(2, 0, 2).replace("58", "68"), policy(3, 0, 3, 2)], ["1"], ["1"]],
  ])("goes to destinations %s", (_, policies, whenReached, whenNot) => {
    const reached = alerting(...policies);
    reached.ask(EVENT);
    for (let i = 0; i < 10; i++) if (traps(reached).length > 0) acknowledge(reached);
    const last = (list: string[]) => [...new Set(list.map((each) => each.slice(7, 8)))];
    expect(last(peers(reached))).toEqual(whenReached);
    const unreached = alerting(...policies);
    unreached.ask(EVENT);
    unreached.wait(100);
    expect(last(peers(unreached))).toEqual(whenNot);
  });

  test("needs no acknowledgement where the destination says so, and none where there is nobody", () => {
    const it = alerting(
      policy(1, 0, 1),
      policy(2, 0, 2),
      "0c 01 01 12 01 00 02 02",
      "0c 01 01 13 02 00 00 00 00 00 00 00 00 00 00 00 00",
    );
    it.ask(EVENT);
    it.wait(100);
    expect(peers(it)).toEqual(["10.0.0.1:162"]);
  });

  test("goes out beside an order to the machine, and both are in the log when that is wanted", () => {
    const it = alerting(
      policy(1, 0, 1),
      "04 12 01 03",
      "04 12 02 05",
      filter("05").replace("05 00 00 ff ff", "05 05 10 ff ff"),
    );
    it.ask(EVENT);
    expect(actions(it)).toEqual(["reset"]);
    expect(peers(it).length).toBe(1);
    expect(hex(it.bmc.state.sel.records.at(-1)!.slice(10))).toBe("12 fe 6f c4 05 ff");
  });

  test("many at once are bounded, and every one that is kept goes out in its turn", () => {
    const it = alerting(policy(1, 0, 1), "0c 01 01 12 01 80 01 00");
    for (let i = 0; i < 100; i++) it.ask(EVENT);
    expect(it.bmc.state.alerts.queue.length).toBe(16);
    it.wait(1000);
    expect(sent(it).length).toBe(16);
  });

  test("of a disk that fails is on its way in the same moment", () => {
    const it = alerting(
      policy(1, 0, 1),
      filter("01", { type: "0d", sensor: "ff", offsets: "ff ff" })
        .replace("01 00 00 ff ff", "01 05 10 ff ff")
        .replace(" 01 ff ff 00", " ff ff ff 00"),
    );
    it.effects.push(...it.bmc.step({ kind: "drive-fault", at: it.at, disk: 2 }));
    expect(traps(it).map(({ specific, bindings }) => [specific, hex(bindings.slice(31, 34))])).toEqual([
      [0x0d6f01, "81 02 ff"],
    ]);
  });

  test("stays at home where the channel is not to alert", () => {
    const it = alerting(policy(1, 0, 1), "06 40 01 a2 84");
    it.ask(EVENT);
    it.wait(100);
    expect(peers(it)).toEqual([]);
  });

  test("asked for at once tells how it fared", () => {
    const it = alerting();
    const status = () => it.ask("04 16 01 41 00");
    expect(status()).toBe("00 00");
    expect(it.ask("04 16 01 01 00 20 04 01 30 01 59 50 55")).toBe("00");
    expect(status()).toBe("00 ff");
    expect(it.ask("04 16 01 02 00")).toBe("81");
    acknowledge(it);
    expect(status()).toBe("00 01");
    expect(it.ask("04 16 01 02 00")).toBe("00");
    it.wait(10);
    expect(status()).toBe("00 03");
    expect(it.ask("04 16 01 81 00")).toBe("00");
    expect(status()).toBe("00 00");
    expect([it.ask("04 16 00 01 00"), it.ask("04 16 01 c1 00"), it.ask("04 16 01 01 00 20")]).toEqual([
      "cc",
      "cc",
      "c7",
    ]);
  });
});

describe("filters are held back", () => {
  test("while software looks after events, but for those it has dealt with", () => {
    const it = alerting(filter("04"), "04 12 02 04");
    expect(it.ask("04 11 0a")).toBe("00 0a");
    it.ask(EVENT);
    it.wait(4);
    expect(it.ask("04 11 ff")).toBe("00 06");
    it.ask(EVENT);
    expect(actions(it)).toEqual([]);
    const [first] = it.bmc.state.sel.records.slice(-2);
    expect(it.ask(`04 14 00 ${hex(first!.slice(0, 2))}`)).toBe("00");
    it.wait(6);
    expect(actions(it)).toEqual(["reset"]);
    expect(it.ask("04 11 ff")).toBe("00 00");
  });

  test("for good until somebody says otherwise", () => {
    const it = alerting(filter("04"), "04 12 02 04");
    expect(it.ask("04 11 fe")).toBe("00 fe");
    it.ask(EVENT);
    it.wait(1000);
    expect(actions(it)).toEqual([]);
    expect(it.ask("04 11 00")).toBe("00 00");
    expect(actions(it)).toEqual(["reset"]);
  });

  test("for the startup delay of the machine, and alerts for their own", () => {
    const it = alerting(policy(1, 0, 1), "04 12 01 0d", "04 12 03 05", "04 12 04 14");
    it.machine(true);
    it.ask(EVENT);
    it.wait(6);
    expect(it.bmc.state.pef.processedByBmc).not.toBe(0);
    expect(peers(it)).toEqual([]);
    it.wait(15);
    expect(peers(it)).toEqual(["10.0.0.1:162"]);
  });
});
