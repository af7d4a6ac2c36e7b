// SPDX-License-Identifier: MIT
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Bmc, COMMANDS } from "../../vbmc/bmc.ts";
import { STATE_VERSION } from "../../vbmc/state.ts";
import { checksum } from "../../vbmc/ipmi/message.ts";
import { bytes, Door, hex } from "./door.ts";

describe("messages", () => {
  test("an answer carries the request's LUN and command and the next network function", () => {
    expect(hex(new Door().raw([0x18, 0x04]))).toBe("1c 04 00 55 00");
  });

  test("a lone byte is told that the rest is missing, nothing gets no answer", () => {
    expect(hex(new Door().raw([0x18]))).toBe("1c 00 c7");
    expect(new Door().raw([])).toEqual([]);
  });

  test.each([
    ["06 ff", "c1", "unknown command"],
    ["30 00", "c1", "unknown network function"],
    ["07 01", "c1", "an answer is not a request"],
    ["06 01 00", "c7", "too long"],
    ["06 30", "c7", "too short"],
  ])("%s is refused with %s: %s", (request, code) => {
    expect(new Door().ask(request)).toBe(code);
  });

  test("only LUN 0 has commands", () => {
    expect(hex(new Door().raw([0x19, 0x01]))).toBe("1d 01 c2");
  });

  test("privilege is checked before anything is done", () => {
    const door = new Door();
    door.machine(true);
    door.origin = { channel: 1, privilege: 2 };
    expect(door.ask("00 02 00")).toBe("d4");
    expect(door.ask("00 01")).toMatch(/^00/);
    expect(door.effects).toEqual([]);
    door.origin = { channel: 1, privilege: 3 };
    expect(door.ask("00 02 00")).toBe("00");
    expect(door.effects).toEqual([{ kind: "machine", action: "power-off" }]);
  });

  test("what belongs to the system interface is unknown elsewhere", () => {
    const door = new Door();
    door.origin = { channel: 1, privilege: 4 };
    for (const request of ["06 33", "06 35", "06 31", "06 2e 08"]) expect(door.ask(request), request).toBe("c1");
  });

  test("any bytes are answered or ignored, never thrown at, and the answer belongs to the request", () => {
    const door = new Door();
    door.machine(true);
    const rows = COMMANDS.rows.map(({ netFn, command, body }) => [
      netFn << 2,
      command,
      ...(body === undefined ? [] : [body]),
    ]);
    const message = fc.oneof(
      fc.array(fc.nat(255), { maxLength: 40 }),
      fc
        .tuple(fc.constantFrom(...rows), fc.array(fc.nat(255), { maxLength: 24 }))
        .map(([head, data]) => [...head, ...data]),
    );
    fc.assert(
      fc.property(message, (request) => {
        door.at += 1000;
        const answer = door.raw(request);
        if (request.length === 0) return answer.length === 0;
        const same =
          answer[0] === ((((request[0]! >> 2) | 1) << 2) | (request[0]! & 3)) && answer[1] === (request[1] ?? 0);
        return same && answer.length >= 3 && answer.length < 260 && answer.every((each) => each >= 0 && each <= 255);
      }),
      { numRuns: 5000, seed: 86 },
    );
    expect(JSON.stringify(door.bmc.state).length).toBeLessThan(200_000);
  });
});

describe("identity", () => {
  test("Get Device ID says IPMI 2.0 and what the BMC supports", () => {
    const door = new Door({ manufacturer: 0x012345, product: 0x8601, auxiliary: [1, 2, 3, 4] });
    expect(door.ask("06 01")).toBe("00 20 01 00 10 02 8f 45 23 01 01 86 01 02 03 04");
  });

  test("two BMCs share nothing", () => {
    const [one, other] = [new Door({ deviceGuid: bytes("01 ".repeat(16)) }), new Door()];
    expect(one.ask("06 08")).toBe(`00 ${"01 ".repeat(16).trim()}`);
    one.ask(`0a 44 00 00 02 ${"00 ".repeat(13)}`);
    one.ask("06 45 02 61 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
    one.ask("04 26 01 08 00 00 00 11 00 00");
    const before = JSON.stringify(new Bmc().state);
    expect(JSON.stringify(other.bmc.state)).toBe(before);
  });
});

describe("the message channel", () => {
  test("a message to the BMC's own address comes back through the receive queue", () => {
    const door = new Door();
    door.ask("06 2e 09");
    door.effects.length = 0;
    const head = [0x20, 0x18];
    const body = [0x81, 0x1c, 0x04];
    const message = [...head, checksum(head), ...body, checksum(body)];
    expect(door.ask(`06 34 00 ${hex(message)}`)).toBe("00");
    expect(door.effects).toEqual([{ kind: "attention", on: true, interrupt: true }]);
    expect(door.ask("06 31")).toBe("00 01");
    const answer = bytes(door.ask("06 33"));
    expect(hex(answer.slice(0, 3))).toBe("00 00 1c");
    expect(checksum([0x81, ...answer.slice(2, 4)])).toBe(0);
    expect(hex(answer.slice(4, -1))).toBe("20 1c 04 00 55 00");
    expect(checksum(answer.slice(4))).toBe(0);
    expect(door.effects.at(-1)).toEqual({ kind: "attention", on: false, interrupt: false });
    expect(door.ask("06 33")).toBe("80");
  });

  test("nobody else is on the bus, so the address is not acknowledged", () => {
    expect(new Door().ask("06 34 00 82 18 66 20 00 01 df")).toBe("83");
  });

  test("Send Message to itself does not recurse without bound", () => {
    const door = new Door();
    let message: number[] = [0x20, 0x18, 0xc8, 0x81, 0x00, 0x01, checksum([0x81, 0x00, 0x01])];
    for (let depth = 0; depth < 20; depth++) {
      const body = [0x81, 0x00, 0x34, 0x00, ...message];
      message = [0x20, 0x18, 0xc8, ...body, checksum(body)];
    }
    expect(door.ask(`06 34 00 ${hex(message)}`)).toBe("00");
  });

  test("the event buffer holds one event until read", () => {
    const door = new Door();
    expect(door.ask("06 35")).toBe("80");
    door.ask("06 2e 0c");
    door.ask("04 02 41 04 20 00 6f a1 62 63");
    door.ask("04 02 41 04 20 00 6f a1 64 65");
    expect(door.ask("06 31")).toBe("00 02");
    expect(door.ask("06 35")).toBe("00 01 00 02 00 00 00 00 41 00 04 20 00 6f a1 62 63");
    expect(door.ask("06 31")).toBe("00 00");
  });
});

describe("system information", () => {
  test("the name is the machine's, what the system writes is read back block by block", () => {
    const door = new Door({ machineName: "mill" });
    expect(door.ask("06 59 00 02 00 00")).toBe(`00 11 00 00 04 6d 69 6c 6c ${"00 ".repeat(10).trim()}`);
    expect(door.ask("06 58 04 00 00 05 4c 69 6e 75 78")).toBe("00");
    expect(door.ask("06 59 00 04 00 00")).toBe(`00 11 00 00 05 4c 69 6e 75 78 ${"00 ".repeat(9).trim()}`);
    expect(door.ask("06 59 80 04 00 00")).toBe("00 11");
    expect(door.ask("06 59 00 04 11 00")).toBe("c9");
  });

  test("unknown parameters and a second set in progress have their own codes", () => {
    const door = new Door();
    expect(door.ask("06 59 00 c0 00 00")).toBe("80");
    expect(door.ask("06 58 00 01")).toBe("00");
    expect(door.ask("06 58 00 01")).toBe("81");
    expect(door.ask("06 59 00 00 00 00")).toBe("00 11 01");
    expect(door.ask("06 58 00 00")).toBe("00");
  });
});

test("a state of another version is refused by name", () => {
  const bmc = new Bmc();
  expect(() => bmc.restore({ ...bmc.snapshot(), version: 99 })).toThrow(
    `version 99: version ${STATE_VERSION} is possible`,
  );
});

describe("users", () => {
  test("a name and a password are set, tested and kept apart by size", () => {
    const door = new Door();
    expect(door.ask("06 46 02")).toBe(`00 ${"00 ".repeat(16).trim()}`);
    expect(door.ask(`06 45 02 61 62 ${"00 ".repeat(14)}`)).toBe("00");
    expect(door.ask("06 46 02")).toBe(`00 61 62 ${"00 ".repeat(14).trim()}`);
    expect(door.ask(`06 47 02 02 70 ${"00 ".repeat(15)}`)).toBe("00");
    expect(door.ask(`06 47 02 03 70 ${"00 ".repeat(15)}`)).toBe("00");
    expect(door.ask(`06 47 02 03 71 ${"00 ".repeat(15)}`)).toBe("80");
    expect(door.ask(`06 47 82 03 70 ${"00 ".repeat(19)}`)).toBe("81");
    door.ask("06 47 02 01");
    door.ask("06 43 91 02 04");
    expect(door.ask("06 44 01 02")).toBe("00 0a 41 01 14");
  });

  test("user 1 has no name, and there is no user 0 or 11", () => {
    const door = new Door();
    expect(door.ask(`06 45 01 61 ${"00 ".repeat(15)}`)).toBe("cc");
    expect(door.ask("06 46 00")).toBe("c9");
    expect(door.ask("06 46 0b")).toBe("c9");
  });

  test("channels are the bus, the network and the system interface", () => {
    const door = new Door();
    expect(door.ask("06 42 0e")).toBe("00 0f 0c 05 00 f2 1b 00 ff ff");
    expect(door.ask("06 42 00")).toBe("00 00 01 01 00 f2 1b 00 00 00");
    expect(door.ask("06 42 05")).toBe("cc");
  });
});
