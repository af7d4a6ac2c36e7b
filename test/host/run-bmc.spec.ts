// SPDX-License-Identifier: MIT
// `glass86 run -bmc` as an administrator meets it: the real program with our own guest, ipmitool beside it.
import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { hasTool } from "../harness/missing-tool.ts";
import { glass86, Running } from "../harness/program.ts";
import { WANT } from "../vbmc/client-bench.ts";

const PASSWORD = "known-to-nobody";
const PROMPT = /first-guest> /;
const PATIENCE = 120_000;
let folder = "";
const secret = (): string => join(folder, "secret");
let running: Running | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "glass86-run-bmc-"));
  writeFileSync(secret(), `${PASSWORD}\n`, { mode: 0o600 });
});
afterEach(async () => {
  running?.signal("SIGKILL");
  await running?.ended;
  running = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts the program; gives the BMC's port. */
const start = (...words: string[]): Promise<string> => startWith("", ...words);

async function startWith(option: string, ...words: string[]): Promise<string> {
  const bmc = `port=0,user=olga,password-file=${secret()}${option}`;
  running = new Running(["run", "-m", "32", "-nographic", "-bmc", bmc, ...words]);
  const [, port = ""] = await running.says(/BMC on 127\.0\.0\.1:(\d+) \(UDP\), user olga/, "error");
  return port;
}

function tool(program: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, IPMI_PASSWORD: PASSWORD, HOME: folder, LC_ALL: "C" };
  return new Promise((resolve, reject) => {
    execFile(program, args, { env, timeout: PATIENCE }, (error, out, err) => {
      if (error) reject(new Error(`${program} ${args.join(" ")}: ${error.message}\n${out}${err}`));
      else resolve(out);
    });
  });
}

const session = (port: string, suite: number): string[] =>
  `-I lanplus -C ${suite} -H 127.0.0.1 -p ${port} -U olga -E`.split(" ");

describe.skipIf(!hasTool("ipmitool", "the BMC of glass86 run"))("the BMC of a running machine", () => {
  test.each(["", ",ipmi15=on"])(
    "sessions of IPMI 1.5 are opened where the owner asks for them: %s",
    async (option) => {
      const port = await startWith(option);
      const ask = tool("ipmitool", `-I lan -H 127.0.0.1 -p ${port} -U olga -E power status`.split(" "));
      if (option === "") await expect(ask).rejects.toThrow(/Authentication type (NONE|MD5)|not supported|establish/);
      else expect(await ask).toContain("is on");
      expect(await tool("ipmitool", [...session(port, 17), "power", "status"])).toContain("is on");
    },
    PATIENCE,
  );

  test.each([17, 3])(
    "every verb of chassis power acts on the machine, with cipher suite %i",
    async (suite) => {
      const port = await start();
      const ask = (words: string): Promise<string> => tool("ipmitool", [...session(port, suite), ...words.split(" ")]);
      await running!.says(PROMPT);
      expect(await ask("mc info")).toMatch(/IPMI Version +: 2.0/);
      expect(await ask("power status")).toContain("is on");

      await ask("power off");
      expect(await ask("power status")).toContain("is off");
      await ask("power on");
      await running!.says(PROMPT);
      await ask("power reset");
      await running!.says(PROMPT);
      expect(await ask("chassis restart_cause")).toContain("chassis power control command");
      await ask("power cycle");
      await running!.says(PROMPT);
      running!.type("poweroff\r");
      await running!.says(/SLP_TYP/);
      for (let status = ""; !status.includes("is off");) status = await ask("power status");
      await ask("power on");
      await running!.says(PROMPT);
      await ask("power soft"); // our own guest does not care for its power button
      await ask("power diag");
      await running!.says(/NMI[^]*halted/);
      await ask("power reset");
      await running!.says(PROMPT);
      expect(await ask("sel elist")).toMatch(/ 4 \|.*System Boot Initiated Restart \| System Restart/);
      expect(await ask("sel get 4")).toMatch(/Event Data.*: c701ff/); // by chassis control command
      const on = (await ask("sel elist")).match(/S0\/G0: working \| Asserted/g)?.length;
      expect(on).toBe(4);

      await ask("chassis bootdev pxe");
      expect(await ask("chassis bootparam get 5")).toContain("Force PXE");
      await ask("chassis identify force");
      expect(await ask("chassis status")).toMatch(/System Power +: on/);
      running!.signal("SIGTERM");
      expect(await running!.ended).toBe(0);
      expect(running!.error).toContain("ended by SIGTERM");
    },
    PATIENCE,
  );

  test.skipIf(!hasTool("expect", "serial over LAN into a guest"))(
    "sol activate and the terminal share one shell, and the run is repeated exactly from its log",
    async () => {
      const log = join(folder, "sol.log");
      const port = await start("-record", log);
      await running!.says(PROMPT);
      const script = `set timeout 60
      spawn ipmitool ${session(port, 17).join(" ")} sol activate
      ${WANT}
      want "Session operational"
      want "first-guest> "
      send "echo from the administrator\\r"
      want "administrator\\r\\n"
      want "administrator\\r\\n"
      want "first-guest> "
      send "~B"
      want "send break"
      send "cpu\\r"
      want "signature"
      want "first-guest> "
      send "\\r~."
      expect eof
      exit [lindex [wait] 3]`;
      await tool("expect", ["-c", script]);
      await running!.says(/from the administrator\r?\nfirst-guest> /);
      running!.type("poweroff\r");
      await running!.says(/SLP_TYP/);
      running!.signal("SIGINT");
      expect(await running!.ended).toBe(0);
      const bmc = `port=0,user=olga,password-file=${secret()}`;
      const replayed = await glass86(["run", "-m", "32", "-bmc", bmc, "-replay", log]);
      expect([replayed.code, replayed.error]).toEqual([0, expect.stringContaining("replayed to the recorded state")]);
      expect(replayed.out).toContain("from the administrator");
      expect(statSync(log).mode & 0o077).toBe(0);
      expect(readFileSync(log, "utf8")).not.toContain([...Buffer.from(PASSWORD)].join(","));
    },
    PATIENCE,
  );
});

describe("-bmc", () => {
  test("goes with the machine when the guest may switch it off for good", async () => {
    await start("-action", "shutdown=poweroff");
    await running!.says(PROMPT);
    running!.type("poweroff\r");
    expect(await running!.ended).toBe(0);
  });

  test("ends with the monitor's quit, and keeps the password from other processes", async () => {
    await start("-monitor", "stdio", "-serial", "null");
    expect(readFileSync(`/proc/${running!.pid}/cmdline`, "latin1")).not.toContain(PASSWORD);
    running!.type("info status\nquit\n");
    await running!.says(/VM status: running/);
    expect(await running!.ended).toBe(0);
  });

  test("tells when the port is taken, when others may read the password, and when it fits nothing", async () => {
    const taken = createSocket("udp4");
    await new Promise<void>((bound) => taken.bind(0, "127.0.0.1", bound));
    const open = join(folder, "open");
    writeFileSync(open, PASSWORD);
    chmodSync(open, 0o644);
    const fail = (option: string) => glass86(["run", "-m", "32", "-bmc", option]);
    const busy = await fail(`port=${taken.address().port},password-file=${open}`);
    taken.close();
    expect([busy.code, busy.error]).toEqual([1, expect.stringContaining("the address is in use by another program")]);
    expect(busy.error).toContain("may be read by others (mode 644)");
    writeFileSync(join(folder, "long"), "a".repeat(21));
    const long = await fail(`port=0,password-file=${join(folder, "long")}`);
    expect([long.code, long.error]).toEqual([1, expect.stringMatching(/password has 21 characters: 1 to 20/)]);
    const none = await fail("port=0,bind=192.0.2.1");
    expect([none.code, none.error]).toEqual([1, expect.stringMatching(/no password for the BMC's user admin/)]);
    expect((await fail("port=0,password=x")).error).toMatch(/-bmc password=: other processes can see it/);
  });
});
