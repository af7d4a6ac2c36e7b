// SPDX-License-Identifier: MIT
// Serial ports and the monitor on sockets and pseudo terminals: the real program, with visitors who come, go, and stay away.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { TelnetReader, telnetBytes } from "../../host/node/telnet.ts";
import { hasTool } from "../harness/missing-tool.ts";
import { glass86, Running } from "../harness/program.ts";

const PROMPT = /first-guest> /;
const PATIENCE = 120_000;
let folder = "";
let running: Running | undefined;
const visitors: Socket[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "glass86-serial-"));
});
afterEach(async () => {
  for (const each of visitors.splice(0)) each.destroy();
  running?.signal("SIGKILL");
  await running?.ended;
  running = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...words: string[]): Running => (running = new Running(["run", "-m", "32", ...words]));

class Visitor {
  readonly socket: Socket;
  text = "";
  readonly #gone: Promise<unknown>;
  #heard: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    visitors.push(socket);
    socket.on("data", (data) => {
      this.text += data.toString("latin1");
      this.#heard();
    });
    socket.on("error", () => {});
    this.#gone = new Promise((resolve) => socket.once("close", resolve));
  }

  static async at(place: { port: number; host?: string } | { path: string }): Promise<Visitor> {
    const socket = connect("path" in place ? place : { host: "127.0.0.1", ...place });
    await once(socket, "connect");
    return new Visitor(socket);
  }

  type(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  async sees(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) await new Promise<void>((resolve) => (this.#heard = resolve));
    this.text = this.text.slice(this.text.search(pattern) + pattern.exec(this.text)![0].length);
  }

  gone(): Promise<unknown> {
    return this.#gone;
  }
}

/** The port that the program says it has. */
async function portOf(program: Running): Promise<number> {
  const [, port] = await program.says(/listening on port (\d+)/, "error");
  return Number(port);
}

describe("a serial port on a socket", () => {
  test(
    "waits for its visitor, takes one at a time, and the next when that has gone",
    async () => {
      const program = run("-serial", "tcp:127.0.0.1:0,server");
      const port = await portOf(program);
      await program.says(/waiting for a connection/, "error");
      const first = await Visitor.at({ port });
      await first.sees(PROMPT);
      const second = await Visitor.at({ port });
      await second.gone();
      first.type("echo one visitor\r");
      await first.sees(/one visitor\r\none visitor\r\n/);
      first.socket.destroy();
      let third: Visitor;
      let served: boolean;
      do {
        // For the program the first may not be gone yet.
        third = await Visitor.at({ port });
        third.type("echo three visitors\r");
        const seen = third.sees(/three visitors\r\nthree visitors\r\n/).then(() => true);
        served = await Promise.race([seen, third.gone().then(() => false)]);
      } while (!served);
      third.type("poweroff\r");
      await third.gone();
      expect(await program.ended).toBe(0);
    },
    PATIENCE,
  );

  test(
    "is a local socket in QEMU's older words, is recorded, and plays again without a visitor",
    async () => {
      const path = join(folder, "com2");
      const log = join(folder, "com2.log");
      writeFileSync(path, "no socket");
      const refused = await glass86(["run", "-m", "32", "-serial", `unix:${path},server,nowait`]);
      expect([refused.code, refused.error]).toEqual([
        1,
        expect.stringMatching(/-serial unix:\S+: the address is in use/),
      ]);
      rmSync(path);
      const program = run("-serial", `unix:${path},server,nowait`, "-record", log);
      while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 50));
      const visitor = await Visitor.at({ path });
      visitor.type("echo a local one\r");
      await visitor.sees(/a local one\r\na local one\r\n/);
      const taken = await glass86(["run", "-m", "32", "-serial", `unix:${path},server,nowait`]);
      expect(taken.error).toMatch(/the address is in use by another program/);
      visitor.type("poweroff\r");
      expect(await program.ended).toBe(0);
      const replayed = await glass86(["run", "-m", "32", "-serial", "stdio", "-replay", log]);
      expect([replayed.code, replayed.out]).toEqual([0, expect.stringContaining("a local one\r\na local one")]);
    },
    PATIENCE,
  );

  test(
    "bounds what a visitor types ahead and what one leaves unread",
    async () => {
      const program = run("-serial", "tcp::0,server,nowait", "-serial", "null", "-monitor", "tcp::0,server,nowait");
      const monitorPort = await portOf(program);
      const port = await portOf(program);
      const visitor = await Visitor.at({ port });
      visitor.type("\r");
      await visitor.sees(PROMPT);
      // More than the buffers between hold: the rest stays with the visitor, and nothing of it is lost in the program.
      visitor.type(`${"x".repeat(70)}\r`.repeat(400_000));
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect(visitor.socket.writableLength).toBeGreaterThan(10_000_000);
      const monitor = await Visitor.at({ port: monitorPort });
      await monitor.sees(/\(glass86\) $/);
      await visitor.sees(/no such command/);
      visitor.socket.pause();
      monitor.type("info status\nquit\n");
      await monitor.sees(/VM status: running/);
      expect(await program.ended).toBe(0);
    },
    PATIENCE,
  );

  test(
    "is a client that comes back to a server that was away",
    async () => {
      const nobody = await glass86(["run", "-m", "32", "-serial", "tcp:127.0.0.1:1"]);
      expect([nobody.code, nobody.error]).toEqual([
        1,
        expect.stringMatching(/-serial tcp:127.0.0.1:1: nobody listens/),
      ]);
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as { port: number };
      const program = run("-serial", `tcp:127.0.0.1:${port},reconnect=1`);
      for (const word of ["first", "second"]) {
        const [socket] = (await once(server, "connection")) as [Socket];
        const host = new Visitor(socket);
        host.type(`echo ${word} time\r`);
        await host.sees(new RegExp(`${word} time\r\n${word} time\r\n`));
        socket.destroy();
      }
      program.signal("SIGTERM");
      expect(await program.ended).toBe(0);
      server.close();
    },
    PATIENCE,
  );

  test(
    "speaks telnet, break and all",
    async () => {
      const program = run("-serial", "telnet:127.0.0.1:0,server=on,wait=off", "-d", "guest_errors");
      const visitor = await Visitor.at({ port: await portOf(program) });
      const [command, will, echo, goAhead] = ["\xff", "\xfb", "\x01", "\x03"];
      await visitor.sees(new RegExp(`^${command}${will}${echo}${command}${will}${goAhead}`));
      visitor.type(Uint8Array.of(255, 253, 3, 255, 243, 255, 250, 24, 1, 255, 240));
      visitor.type("\recho by telnet\r");
      await visitor.sees(/by telnet\r\nby telnet\r\n/);
      expect(visitor.text + program.error).not.toContain("no such command");
    },
    PATIENCE,
  );
});

/** Waits until there is no such process any more. */
async function over(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 50));
}

test.skipIf(!hasTool("script", "serial ports on pseudo terminals"))(
  "a serial port on a pseudo terminal is a terminal for other programs",
  async () => {
    const program = run("-serial", "pty");
    const [, device] = await program.says(/char device redirected to (\/dev\/\S+) \(label serial0\)/, "error");
    const reader = spawn("cat", [device!], { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    reader.stdout.on("data", (data: Buffer) => (text += data.toString("latin1")));
    const sees = async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(text)) await once(reader.stdout, "data");
    };
    await sees(PROMPT);
    writeFileSync(device!, "echo by the line\r");
    await sees(/by the line\r\nby the line\r\n/);
    const helpers = execFileSync("ps", ["-o", "pid=", "-t", device!.slice("/dev/".length)], { encoding: "latin1" });
    expect(helpers.trim()).not.toBe("");
    program.signal("SIGTERM");
    expect(await program.ended).toBe(0);
    reader.kill();
    for (const pid of helpers.trim().split(/\s+/)) await over(Number(pid));
  },
  PATIENCE,
);

test("where there is no script(1), pty says what does without", async () => {
  const { code, error } = await new Promise<{ code: number | null; error: string }>((resolve) => {
    const program = new Running(["run", "-m", "32", "-serial", "pty"], { PATH: "" });
    void program.ended.then((code) => resolve({ code, error: program.error }));
  });
  expect([code, error]).toEqual([1, expect.stringMatching(/pty: .*script of util-linux; unix:PATH,server/)]);
});

describe("telnet's commands", () => {
  test("are taken out however they are cut, and what looks like one is sent twice", () => {
    const data = [72, 255, 255, 105, 255, 253, 1, 33, 255, 250, 31, 0, 80, 255, 255, 255, 240, 255, 243, 63];
    for (const piece of [1, 2, 3, data.length]) {
      const reader = new TelnetReader();
      const got = { bytes: [] as number[], breaks: 0 };
      for (let i = 0; i < data.length; i += piece) {
        const { bytes, breaks } = reader.feed(data.slice(i, i + piece));
        got.bytes.push(...bytes);
        got.breaks += breaks;
      }
      expect(got).toEqual({ bytes: [72, 255, 105, 33, 63], breaks: 1 });
    }
    expect(telnetBytes([1, 255, 2])).toEqual([1, 255, 255, 2]);
  });
});
