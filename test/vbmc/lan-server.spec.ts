// SPDX-License-Identifier: MIT
// The BMC on a real socket: answers go back to who asked, a flood leaves it well, and it is seeded by the host.
import { createSocket, type Socket } from "node:dgram";
import { afterEach, describe, expect, test } from "vitest";
import { openLanOption, parseLanOption, PASSWORD_VARIABLE } from "../../host/cli/lan-option.ts";
import { BmcServer } from "../../host/node/bmc-server.ts";
import { LanServer } from "../../host/node/lan-server.ts";
import type { Network } from "../../vmm/machine-bmc.ts";
import { ipmbMessage, outside } from "./lan-console.ts";

const FULL = process.env["GLASS86_FULL"] === "1";
const PING = Uint8Array.of(6, 0, 255, 6, 0, 0, 0x11, 0xbe, 0x80, 0x2a, 0, 0);
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function serve(): Promise<[BmcServer, number]> {
  const server = new BmcServer({ port: 0, lan: { port: 0, users: [{ name: "admin", password: "secret" }] } });
  open.push(server);
  return [server, await server.lan!.listen()];
}

function socket(): Socket {
  const it = createSocket("udp4");
  open.push(it);
  return it;
}

/** Asks again now and then, as consoles do: datagrams get lost. */
function ask(from: Socket, port: number, bytes: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const send = (): void => from.send(bytes, port, "127.0.0.1");
    const timer = setInterval(send, 500);
    from.once("message", (answer) => {
      clearInterval(timer);
      resolve(answer);
    });
    send();
  });
}

test("two consoles each get their own answers", async () => {
  const [, port] = await serve();
  const [one, other] = [socket(), socket()];
  const capabilities = Uint8Array.from(outside(0, ipmbMessage(6, 0x38, [0x8e, 4])));
  const [pong, told] = await Promise.all([ask(one, port, PING), ask(other, port, capabilities)]);
  expect([pong[8], told[17]]).toEqual([0x40, (6 + 1) << 2]);
});

test("a flood of random datagrams is dropped, and the next ping is answered", async () => {
  const [server, port] = await serve();
  const flood = socket();
  let seed = 86;
  const random = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 16;
  const count = FULL ? 20_000 : 2000;
  for (let i = 0; i < count; i++) {
    const bytes = Uint8Array.from({ length: 5 + (random() % 60) }, () => random() & 0xff);
    if (i % 2 === 0) bytes.set([6, 0, 255, 7, 6]);
    await new Promise((sent) => flood.send(bytes, port, "127.0.0.1", sent));
    // The server is in this process: without a turn for it, the flood stops at the socket's buffer.
    if (i % 16 === 0) await new Promise((turn) => setImmediate(turn));
  }
  expect((await ask(socket(), port, PING))[8]).toBe(0x40);
  const { lan, sessions } = server.bmc.station.bmc.state;
  expect(lan.counters.received).toBeGreaterThan(count / 10); // the system drops some of a flood itself
  expect(sessions.list.length).toBeLessThanOrEqual(64);
}, 60_000);

test("who claims to have port 0 gets no answer and does no harm", async () => {
  let network: Network | undefined;
  const lan = new LanServer({ bmc: { tell: () => {}, connect: (it) => (network = it) }, port: 0 });
  open.push(lan);
  const port = await lan.listen();
  const other = socket();
  const heard = new Promise<Uint8Array>((resolve) => other.once("message", resolve));
  await new Promise<void>((bound) => other.bind(0, "127.0.0.1", bound));
  network!.send({ address: "127.0.0.1", port: 0 }, [1], port);
  network!.send({ address: "127.0.0.1", port: other.address().port }, [2], port);
  expect([...(await heard)]).toEqual([2]);
});

test("no two servers begin with the same random numbers", async () => {
  const keys = await Promise.all([serve(), serve()]);
  const [one, other] = keys.map(([server]) => JSON.stringify(server.bmc.station.bmc.state.random));
  expect(one).not.toBe(other);
});

describe("--lan", () => {
  test("names ports, addresses, users and files", () => {
    expect(parseLanOption("port=9623,bind=::1,user=olga,password-file=/secret")).toEqual({
      port: 9623,
      bind: "::1",
      user: "olga",
      passwordFile: "/secret",
    });
    expect(parseLanOption("")).toEqual({ port: 623, user: "admin" });
  });

  test.each([
    ["password=secret", /other processes can see it; password-file= is possible/],
    ["prot=1", /nearest is port=/],
    ["port=70000", /a number from 0 to 65535/],
    ["user=", /needs a value/],
  ])("%s is refused", (text, message) => {
    expect(() => parseLanOption(text)).toThrow(message);
  });

  test("takes the password from the environment, and tells when there is none", async () => {
    const before = process.env[PASSWORD_VARIABLE];
    process.env[PASSWORD_VARIABLE] = "from outside";
    expect(await openLanOption(parseLanOption("ipmi15=on"))).toMatchObject({ ipmi15: true });
    expect((await openLanOption(parseLanOption("user=olga"))).users).toEqual([
      { name: "olga", password: "from outside" },
    ]);
    delete process.env[PASSWORD_VARIABLE];
    const file = openLanOption(parseLanOption("password-file=/nowhere"));
    await expect(file).rejects.toThrow(/password file cannot be read/);
    if (before !== undefined) process.env[PASSWORD_VARIABLE] = before;
  });
});
