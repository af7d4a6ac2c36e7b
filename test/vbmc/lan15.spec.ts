// SPDX-License-Identifier: MIT
// Sessions of IPMI 1.5: refused at once unless the owner wants them, and then with MD5 and a password that fits. Packets are
// made here with Node's own MD5.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LanOptions } from "../../vbmc/lan-config.ts";
import { hasTool } from "../harness/missing-tool.ts";
import { ClientBench, PASSWORD, runProgram, type Ran } from "./client-bench.ts";
import { bytes, hex } from "./door.ts";
import { ipmbMessage, LanBench, LanConsole, le32 } from "./lan-console.ts";

const MINUTE = 60_000;
const SHORT = "short-password";
const RMCP = [0x06, 0x00, 0xff, 0x07];
const NONE = 0;
const STRAIGHT = 4;
const MD5 = 2;
const ascii = (text: string): number[] => [...text].map((each) => each.charCodeAt(0));
const number = (given: readonly number[]): number => Buffer.from(given).readUInt32LE(0);

class Console15 {
  readonly bench: LanBench;
  password: string;
  peer = { address: "10.0.0.1", port: 4000 };
  id = 0;
  sequence = 0;

  constructor(bench: LanBench, password = "s3cret") {
    this.bench = bench;
    this.password = password;
  }

  packet(message: readonly number[], { type = MD5, sequence = this.sequence, id = this.id } = {}): number[] {
    const secret = Buffer.concat([Buffer.from(this.password), Buffer.alloc(16)], 16);
    const parts = [secret, Buffer.from([...le32(id), ...message, ...le32(sequence)]), secret];
    const code = type === NONE ? [] : [...createHash("md5").update(Buffer.concat(parts)).digest()];
    return [...RMCP, type, ...le32(sequence), ...le32(id), ...code, message.length, ...message];
  }

  /** Completion code and data; undefined: nothing came. */
  send(packet: readonly number[]): string | undefined {
    const [answer] = this.bench.send(packet, this.peer);
    if (!answer) return undefined;
    const head = answer[4] === NONE ? 14 : 30;
    return hex(answer.slice(head + 6, -1));
  }

  ask(text: string, options: Parameters<Console15["packet"]>[1] = {}): string | undefined {
    const [netFn = 0, command = 0, ...data] = bytes(text);
    const answer = this.send(this.packet(ipmbMessage(netFn, command, data), options));
    if (options.sequence === undefined && this.sequence > 0) this.sequence = (this.sequence % 0xffffffff) + 1;
    return answer;
  }

  challenge(name = "admin"): string {
    const request = `06 39 02 ${hex([...ascii(name), ...Array<number>(16).fill(0)].slice(0, 16))}`;
    const answer = this.ask(request, { type: NONE, id: 0, sequence: 0 }) ?? "";
    if (answer.startsWith("00")) this.id = number(bytes(answer).slice(1, 5));
    return answer;
  }

  activate(challenge: string, { privilege = 4, outbound = 100 } = {}): string | undefined {
    const request = `06 3a 02 ${hex([privilege])} ${challenge.slice(15)} ${hex(le32(outbound))}`;
    const answer = this.ask(request, { sequence: 0 });
    if (answer?.startsWith("00")) this.sequence = number(bytes(answer).slice(6, 10));
    return answer;
  }

  static login(lan: Partial<LanOptions> = {}): Console15 {
    const it = new Console15(new LanBench({ ipmi15: true, ...lan }));
    expect(it.activate(it.challenge())).toMatch(/^00 02/);
    return it;
  }
}

describe("without the owner's word", () => {
  test("there are no types of authentication, no challenge and no session, and no password is kept", () => {
    const it = new Console15(new LanBench());
    const options = { type: NONE, id: 0, sequence: 0 };
    expect(it.ask("06 38 0e 04", options)).toBe("00 01 00 04 00 00 00 00 00");
    expect(it.challenge()).toBe("c1");
    expect(it.ask("06 3a 02 04", options)).toBe("c7");
    expect(JSON.stringify(it.bench.bmc.state)).not.toContain(ascii("s3cret").join(","));
  });
});

describe("a session", () => {
  test("begins as a user's, is raised up to what was asked for, and ends", () => {
    const it = Console15.login();
    expect(it.ask("06 3d 00")).toMatch(/^00 01 .. 01 02 02 01/); // user 2, privilege user, protocol 1.5
    expect(it.ask("00 02 00")).toBe("d4");
    expect(it.ask("06 3b 04")).toBe("00 04");
    expect(it.ask("00 02 00")).toBe("00");
    expect(it.ask(`06 3c ${hex(le32(it.id))}`)).toBe("00");
    expect(it.ask("06 01")).toBeUndefined();
    expect(it.bench.sessions).toBe(0);
  });

  test("counts from the number that the console gave, with a code of its own on every packet", () => {
    const it = new Console15(new LanBench({ ipmi15: true }));
    const challenge = it.challenge();
    const answer = (packet: number[]): number[] => it.bench.send(packet, it.peer)[0]!;
    const message = ipmbMessage(6, 0x3a, bytes(`02 04 ${challenge.slice(15)} ${hex(le32(0xffffffff))}`));
    const first = answer(it.packet(message, { sequence: 0 }));
    expect(number(first.slice(5, 9))).toBe(0xffffffff);
    it.sequence = number(first.slice(30 + 6 + 6, 30 + 6 + 10));
    const second = answer(it.packet(ipmbMessage(6, 1, [])));
    expect(number(second.slice(5, 9))).toBe(1); // 0 is left out
    const inner = second.slice(30, 30 + second[29]!);
    expect(hex(second.slice(13, 29))).toBe(hex(it.packet(inner, { sequence: 1 }).slice(13, 29)));
  });

  test("takes no packet twice, none without its code or from elsewhere, and none of another kind", () => {
    const it = Console15.login();
    const packet = it.packet(ipmbMessage(6, 1, []));
    expect(it.send(packet)).toMatch(/^00/);
    expect(it.send(packet)).toBeUndefined();
    it.sequence++;
    expect(it.send(it.packet(ipmbMessage(6, 1, []), { type: NONE }))).toBeUndefined();
    expect(it.send(it.packet(ipmbMessage(6, 1, []), { type: STRAIGHT }))).toBeUndefined();
    const spoiled = it.packet(ipmbMessage(6, 1, []));
    spoiled[20]! ^= 1;
    expect(it.send(spoiled)).toBeUndefined();
    it.peer = { address: "10.0.0.2", port: 4000 };
    expect(it.ask("06 01")).toBeUndefined();
    it.peer = { address: "10.0.0.1", port: 4000 };
    expect(it.ask("06 01", { sequence: (it.sequence + 1000) >>> 0 })).toBeUndefined();
    expect(it.ask("06 01")).toMatch(/^00/);
    // As if it were one of IPMI 2.0: without integrity there would be nothing to check.
    const plus = [...RMCP, 0x06, 0x00, ...le32(it.id), ...le32(1), 7, 0, ...ipmbMessage(6, 1, [])];
    expect(it.bench.send(plus, it.peer)).toEqual([]);
  });

  test("has no payloads, and ends when nobody is heard", () => {
    const it = Console15.login();
    it.ask("06 3b 04");
    expect(it.ask("06 48 01 01 00 00 00 00")).toBe("cc");
    it.bench.wait(61);
    expect(it.bench.sessions).toBe(0);
    expect(it.ask("06 01")).toBeUndefined();
  });
});

describe("who logs in", () => {
  test("must have a name, and a password that was set with 16 bytes at most", () => {
    const bench = new LanBench({
      ipmi15: true,
      users: [
        { name: "admin", password: "s3cret" },
        { id: 3, name: "long", password: "seventeen letters" },
      ],
    });
    expect(new Console15(bench).challenge("nobody")).toBe("81");
    expect(new Console15(bench).challenge("long")).toBe("81");
    expect(LanConsole.login(bench, { name: "long", password: "seventeen letters" }).ask("06 01")).toMatch(/^00/);
    bench.request([0x18, 0x47, 0x02, 0x00]); // disabled
    expect(new Console15(bench).challenge()).toBe("81");
  });

  test("gets no answer with a wrong password, no second try, and is locked out in the end", () => {
    const bench = new LanBench({ ipmi15: true, badPasswords: 3 });
    for (let i = 0; i < 3; i++) {
      const it = new Console15(bench, "wrong");
      const challenge = it.challenge();
      expect(it.activate(challenge)).toBeUndefined();
      it.password = "s3cret";
      expect(it.activate(challenge)).toBeUndefined();
    }
    expect(new Console15(bench).challenge()).toBe("81");
  });

  test("is refused other types, another challenge, and more than the user may", () => {
    const bench = new LanBench({ ipmi15: true, users: [{ name: "admin", password: "s3cret", privilege: 3 }] });
    const it = new Console15(bench);
    expect(it.ask(`06 39 00 ${hex(Array<number>(16).fill(0x61))}`, { type: NONE, id: 0 })).toBe("cc");
    const challenge = it.challenge();
    expect(it.activate(challenge, { privilege: 4 })).toBe("86");
    expect(it.activate(challenge, { outbound: 0 })).toBe("84");
    expect(it.activate(challenge.replace(/..$/, (last) => (last === "00" ? "01" : "00")))).toBe("85");
    expect(it.activate(challenge, { privilege: 3 })).toMatch(/^00/);
  });
});

test("no bytes throw or leave sessions behind", () => {
  const bench = new LanBench({ ipmi15: true });
  const it = new Console15(bench);
  const any = fc.array(fc.nat(255), { maxLength: 60 });
  const wild = fc.oneof(
    any.map((rest) => [...RMCP, MD5, ...rest]),
    any.map((rest) => [...RMCP, NONE, ...rest]),
    fc.tuple(fc.constantFrom(0x38, 0x39, 0x3a, 0x3c), any).map(([command, data]) => {
      return it.packet(ipmbMessage(6, command, data), { id: it.id });
    }),
  );
  fc.assert(
    fc.property(wild, (packet) => {
      if (bench.at % 7 === 0) it.challenge();
      bench.at += 1000;
      for (const answer of bench.send(packet)) expect(answer.length).toBeLessThan(300);
    }),
    { numRuns: 2000, seed: 15 },
  );
  expect(bench.sessions).toBeLessThanOrEqual(64);
});

describe("clients", () => {
  const open = new ClientBench();
  const shut = new ClientBench();
  beforeAll(async () => {
    await open.open({ ipmi15: true, users: [{ name: "admin", password: SHORT }] });
    await shut.open();
  });
  afterAll(async () => {
    await open.close();
    await shut.close();
  });
  const ipmitool = (bench: ClientBench, words: string, password = SHORT): Promise<Ran> =>
    runProgram("ipmitool", `-I lan -H 127.0.0.1 -p ${bench.port} -U admin -P ${password} ${words}`.split(" "));
  const freeipmi = (bench: ClientBench, program: string, words: string): Promise<Ran> =>
    runProgram(program, `-D LAN -h 127.0.0.1:${bench.port} -u admin -p ${SHORT} -l ADMIN ${words}`.trim().split(" "));

  test.skipIf(!hasTool("ipmitool", "sessions of IPMI 1.5"))(
    "ipmitool -I lan works where it is wanted, with MD5 alone",
    async () => {
      expect((await ipmitool(open, "channel authcap 1 4")).out).toMatch(/v1.5  auth types +: MD5 \n/);
      expect((await ipmitool(open, "session info active")).out).toContain("IPMIv1.5");
      expect((await ipmitool(open, "chassis power status")).out).toContain("is on");
      expect((await ipmitool(open, "sdr")).out).toContain("CPU Temp");
      for (const type of ["NONE", "PASSWORD"]) {
        expect((await ipmitool(open, `-A ${type} mc info`)).err).toContain("not supported");
      }
      expect((await open.ipmitool("mc info", 17, { IPMI_PASSWORD: SHORT })).code).toBe(0);
    },
    MINUTE,
  );

  test.skipIf(!hasTool("bmc-info", "sessions of IPMI 1.5"))(
    "FreeIPMI's LAN driver works where it is wanted",
    async () => {
      expect((await freeipmi(open, "bmc-info", "--get-device-id")).out).toMatch(/Device ID +: 32/);
      expect((await freeipmi(open, "ipmi-chassis", "--get-chassis-status")).out).toMatch(/System Power +: on/);
      expect((await freeipmi(open, "bmc-info", "-a NONE")).code).toBe(1);
    },
    MINUTE,
  );

  test.skipIf(!hasTool("ipmitool", "sessions of IPMI 1.5"))(
    "both are refused quickly where it is not",
    async () => {
      for (const ask of [
        () => ipmitool(shut, "mc info", PASSWORD.slice(0, 16)),
        () => freeipmi(shut, "bmc-info", "--get-device-id"),
      ]) {
        const started = Date.now();
        expect((await ask()).code).toBe(1);
        expect(Date.now() - started).toBeLessThan(5000);
      }
    },
    MINUTE,
  );
});
