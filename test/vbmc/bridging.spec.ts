// SPDX-License-Identifier: MIT
// Messages between channels: the BMC's own address on IPMB, consoles and the machine's software.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QUEUE_LIMIT } from "../../vbmc/ipmi/bridging.ts";
import { checksum } from "../../vbmc/ipmi/message.ts";
import { hasTool } from "../harness/missing-tool.ts";
import { ClientBench, PASSWORD, USER } from "./client-bench.ts";
import { bytes, hex } from "./door.ts";
import { LanBench, LanConsole } from "./lan-console.ts";

const MINUTE = 60_000;

/** A message between two addresses: `responder netFn/LUN requester sequence/LUN command data`. */
function ipmb(text: string): number[] {
  const [responder = 0, netFn = 0, ...rest] = bytes(text);
  const head = [responder, netFn];
  return [...head, checksum(head), ...rest, checksum(rest)];
}

function login(): { bench: LanBench; console: LanConsole } {
  const bench = new LanBench();
  bench.tell({ kind: "machine", powered: true });
  const console = LanConsole.login(bench);
  expect(console.ask("06 3b 04")).toBe("00 04");
  return { bench, console };
}

/** All messages that come back for one sent as it is. */
function sendRaw(bench: LanBench, console: LanConsole, message: number[]): string[] {
  const answers = bench.send(console.packet(0x00, message), console.peer);
  return answers.map((each) => hex(console.open(each, 0x00)!));
}

const inBand = (bench: LanBench, text: string): string => {
  const [netFn = 0, ...rest] = bytes(text);
  return hex(bench.request([netFn << 2, ...rest]).slice(2));
};

describe("a console's Send Message to the BMC's own address", () => {
  const inner = hex(ipmb("20 18 20 44 04")); // number 11h
  test("with tracking: first its own answer, then that of whoever was asked, to the console", () => {
    const { bench, console } = login();
    const [first, second, ...more] = sendRaw(bench, console, ipmb(`20 18 81 0c 34 40 ${inner}`));
    expect(first).toBe(hex(ipmb("81 1c 20 0c 34 00")));
    expect(second).toBe(hex(ipmb("81 1c 20 44 04 00 55 00")));
    expect(more).toEqual([]);
    expect(bench.bmc.state.receiveQueue).toEqual([]);
  });

  test("without tracking: the answer waits for the machine's software", () => {
    const { bench, console } = login();
    expect(console.ask(`06 34 00 ${inner}`)).toBe("00");
    expect(inBand(bench, "06 33")).toBe("00 00 1c c4 20 44 04 00 55 00 43");
  });

  test("may do what the session may, and no more", () => {
    const { bench, console } = login();
    console.ask("06 3b 02");
    const answers = sendRaw(bench, console, ipmb(`20 18 81 0c 34 40 ${hex(ipmb("20 00 20 44 02 00"))}`));
    expect(answers[1]).toBe(hex(ipmb("81 04 20 44 02 d4")));
  });

  test("other addresses are not acknowledged, other channels and kinds of tracking are not there", () => {
    const { console } = login();
    expect(console.ask(`06 34 40 ${hex(ipmb("82 18 20 44 01"))}`)).toBe("83");
    expect(console.ask(`06 34 40 20 18 c8 20 44 04 00`)).toBe("83"); // a wrong checksum
    for (const channel of ["07", "10", "20", "80", "c0", "01"])
      expect(console.ask(`06 34 ${channel} ${inner}`), channel).toBe("cc");
  });
});

describe("a console and the machine's software", () => {
  const question = "20 1a 81 14 55 aa bb"; // to LUN 2
  test("ask and answer each other through the receive queue and the session", () => {
    const { bench, console } = login();
    inBand(bench, "06 2e 09");
    expect(sendRaw(bench, console, ipmb(question))).toEqual([]);
    expect(inBand(bench, "06 31")).toBe("00 01");
    const handle = bench.bmc.state.sessions.list[0]!.handle;
    // Channel 1 and administrator, the session, then the message as it came.
    expect(inBand(bench, "06 33")).toBe(`00 41 ${hex([handle])} ${hex(ipmb(question))}`);
    const answer = ipmb("81 1c 20 16 55 00 cc");
    const [datagram, ...more] = bench.tell({
      kind: "request",
      origin: { channel: 15, privilege: 4 },
      tag: 0,
      message: [0x18, 0x34, 0x01, handle, ...answer],
    });
    expect(hex(console.open(datagram, 0x00)!)).toBe(hex(answer));
    expect(more).toEqual([]);
    expect(inBand(bench, `06 34 01 3f ${hex(answer)}`)).toBe("80");
    expect(inBand(bench, `06 34 01 ${hex([handle])} 81 1c`)).toBe("cc");
    expect(inBand(bench, "06 34 01")).toBe("80");
  });

  test("what nobody fetches fills the queue and is then refused; a machine that is off has no software", () => {
    const { bench, console } = login();
    for (let i = 0; i < QUEUE_LIMIT; i++) expect(sendRaw(bench, console, ipmb(question))).toEqual([]);
    expect(sendRaw(bench, console, ipmb(question))).toEqual([hex(ipmb("81 1c 20 16 55 c0"))]);
    expect(sendRaw(bench, console, ipmb("20 1e 81 14 55 00"))).toEqual([]); // an answer has none
    expect(bench.bmc.state.receiveQueue.length).toBe(QUEUE_LIMIT);
    bench.tell({ kind: "machine", powered: false });
    expect(sendRaw(bench, console, ipmb(question))).toEqual([hex(ipmb("81 1c 20 16 55 d3"))]);
  });
});

test("the bridge commands of ICMB are unknown, for there is none", () => {
  const { console } = login();
  for (const command of ["00", "01", "08", "10", "20", "ff"]) expect(console.ask(`02 ${command}`)).toBe("c1");
});

describe("clients", () => {
  const bench = new ClientBench();
  beforeAll(() => bench.open());
  afterAll(() => bench.close());

  test.skipIf(!hasTool("ipmitool", "bridged requests"))(
    "ipmitool reaches the BMC through its own IPMB address, and hears at once that others are not there",
    async () => {
      const there = await bench.ipmitool("-m 0x22 -t 0x20 -b 0 mc info");
      expect([there.code, there.out]).toEqual([0, expect.stringContaining("Device ID                 : 32")]);
      const started = Date.now();
      const absent = await bench.ipmitool("-t 0x82 -b 0 mc info");
      expect(absent.code).toBe(1);
      expect(absent.err).toContain("0x83");
      expect(Date.now() - started).toBeLessThan(4000);
    },
    MINUTE,
  );

  test.skipIf(!hasTool("openipmicmd", "bridged requests"))(
    "openipmicmd sends to the system interface's address and to IPMB",
    async () => {
      const session = ["lan", "-U", USER, "-P", PASSWORD, "-p", `${bench.port}`, "127.0.0.1"];
      const local = await bench.run("openipmicmd", ["-k", "0f 00 06 01", ...session]);
      expect(local.out).toMatch(/00 20 01/);
      const bus = await bench.run("openipmicmd", ["-k", "00 20 00 06 01", ...session]);
      expect(bus.out).toMatch(/00 20 01/);
      const nobody = await bench.run("openipmicmd", ["-k", "00 82 00 06 01", ...session]);
      expect(nobody.out).not.toMatch(/00 20 01/);
    },
    MINUTE,
  );
});
