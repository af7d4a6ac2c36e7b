// SPDX-License-Identifier: MIT
// `glass86 run -bmc` with Debian: an administrator with ipmitool reaches the guest's shell and drives its power, while the local
// terminal shows the same. It takes minutes, so it is part of the full run only.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hasTool } from "../harness/missing-tool.ts";
import { Running } from "../harness/program.ts";
import { WANT } from "../vbmc/client-bench.ts";
import { guestFor, SHORT } from "./debian-machine.ts";

const full = process.env["GLASS86_FULL"] === "1";
const PASSWORD = "known-to-nobody";
const PROMPT = /guest# /;
const TIMEOUT = 900_000;
/** Debian's button driver is a module that is not in this initramfs; the press is in the status register all the same. */
const OBEY_BUTTON = "until grep -q STS /sys/firmware/acpi/interrupts/ff_pwr_btn; do sleep 1; done; poweroff -f";

function tool(program: string, args: readonly string[], home: string): Promise<string> {
  const env = { ...process.env, IPMI_PASSWORD: PASSWORD, HOME: home, LC_ALL: "C" };
  return new Promise((resolve, reject) => {
    execFile(program, args, { env, timeout: TIMEOUT }, (error, out, err) => {
      if (error) reject(new Error(`${program} ${args.join(" ")}: ${error.message}\n${out}${err}`));
      else resolve(out);
    });
  });
}

const tools = (): boolean => ["ipmitool", "expect"].every((each) => hasTool(each, "Debian's console over the network"));

describe.runIf(full && tools())("Debian behind the BMC of glass86 run", () => {
  it(
    "has its shell on SOL and on the terminal, takes a break, and goes off, on and round again",
    async (context) => {
      const guest = guestFor("686");
      if (!guest) return context.skip();
      const home = mkdtempSync(join(tmpdir(), "glass86-debian-bmc-"));
      const secret = join(home, "secret");
      writeFileSync(secret, PASSWORD, { mode: 0o600 });
      const words = ["-m", "128", "-kernel", guest.kernel, "-initrd", guest.initrd, "-fast-boot", "-append", SHORT];
      const running = new Running(["run", "-nographic", ...words, "-bmc", `port=0,password-file=${secret}`]);
      try {
        const [, port = ""] = await running.says(/BMC on 127\.0\.0\.1:(\d+)/, "error");
        const session = `-I lanplus -H 127.0.0.1 -p ${port} -U admin -E`.split(" ");
        const ask = (command: string, suite = "17"): Promise<string> =>
          tool("ipmitool", [...session, "-C", suite, ...command.split(" ")], home);
        await running.says(PROMPT);
        for (const suite of ["17", "3"]) {
          expect(await ask("mc info", suite)).toMatch(/IPMI Version +: 2.0/);
          expect(await ask("power status", suite)).toContain("is on");
        }

        const script = `set timeout 300
        spawn ipmitool ${session.join(" ")} -C 17 sol activate
        ${WANT}
        want "Session operational"
        want "guest# "
        send "echo sum \\$((40+2)) by SOL\\r"
        want "sum 42 by SOL"
        want "guest# "
        send "~B"
        want "send break"
        send "h"
        want "sysrq: HELP"
        send "\\r~."
        expect eof
        exit [lindex [wait] 3]`;
        await tool("expect", ["-c", script], home);
        await running.says(/sum 42 by SOL[^]*sysrq: HELP/);

        await ask("power diag");
        await running.says(/NMI received for unknown reason/);
        running.type(`\n${OBEY_BUTTON}\n`);
        await running.says(/poweroff -f/);
        await ask("power soft");
        await running.says(/reboot: Power down/);
        for (let status = ""; !status.includes("is off");) status = await ask("power status");
        await ask("power on");
        await running.says(/Linux version/);
        await ask("power reset", "3");
        await running.says(/Linux version/);
        expect(await ask("chassis restart_cause")).toContain("chassis power control command");
        await ask("power cycle");
        await running.says(/Linux version/);
        await ask("power off");
        expect(await ask("power status")).toContain("is off");
        const events = await ask("sel elist");
        expect(events.match(/S5\/G2: soft-off \| Asserted/g)?.length).toBe(3);
        running.signal("SIGTERM");
        expect(await running.ended).toBe(0);
      } finally {
        running.signal("SIGKILL");
        await running.ended;
        rmSync(home, { recursive: true, force: true });
      }
    },
    TIMEOUT,
  );
});
