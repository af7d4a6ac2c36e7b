// SPDX-License-Identifier: MIT
// One BMC seen by its guest and by an administrator: Debian's drivers find it without a warning, in our machine and in
// QEMU's with our BMC behind it, and every program says inside, field by field, what it says outside.
// Spec: IPMI 2.0 revision 1.1; appendix C1 (locating the interface through SMBIOS and ACPI).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DIRECTORY, EXECUTABLE, type CpioEntry } from "../../guest-images/debian/cpio.ts";
import { programsFor, type DebianGuest } from "../../guest-images/debian/recipe.ts";
import { BmcServer } from "../../host/node/bmc-server.ts";
import { LanServer } from "../../host/node/lan-server.ts";
import { userRequests } from "../../vbmc/provision.ts";
import type { Machine } from "../../vmm/machine.ts";
import { compile } from "../harness/acpica.ts";
import { hasTool } from "../harness/missing-tool.ts";
import { ClientBench, PASSWORD, USER } from "../vbmc/client-bench.ts";
import { command, debianMachine, guestFor, SECOND, toPrompt } from "./debian-machine.ts";
import { common, doorFiles, DOORS, PROGRAMS, QUESTIONS, toldInside, toldOutside, type Told } from "./ipmi-doors.ts";
import { QemuGuest } from "./qemu-guest.ts";

const full = process.env["GLASS86_FULL"] === "1";
const TIMEOUT = 900_000;
const MODULES = ["acpi_ipmi", "ipmi_devintf", "ipmi_msghandler", "ipmi_poweroff", "ipmi_si", "ipmi_watchdog"];
const OWNER = { channel: 0x0f, privilege: 4 };
const QUIET = "cryptomgr.notests";

/** Board, flavour, and whether Linux is told to leave ACPI alone. */
type Place = readonly [board: "pc" | "q35", flavour: string, append: "" | "acpi=off"];
const PLACES: readonly Place[] = [
  ["pc", "amd64", ""],
  ["q35", "686", ""],
  ["q35", "amd64", "acpi=off"],
  ["pc", "686", "acpi=off"],
];

/** A shell in a guest: types a line, gives what was printed. */
type Shell = (line: string) => string[] | Promise<string[]>;

const words = (lines: readonly string[]): string[] => lines.join(" ").split(/\s+/).filter(Boolean);

async function expectDrivers(shell: Shell, append: Place[2]): Promise<void> {
  const log = (await shell("dmesg | grep -i -E 'ipmi|kcs'")).join("\n");
  const [way, device] = append === "" ? ["ACPI", "IPI0001:00"] : ["SMBIOS", "dmi-ipmi-si.0"];
  expect(log).toContain(`Adding ${way}-specified kcs state machine`);
  expect(log).toMatch(/Found new BMC \(man_id: 0x000000, prod_id: 0x8600, dev_id: 0x20\)/);
  expect(log).toContain(`ipmi_si ${device}: IPMI kcs interface initialized`);
  expect(log).toContain("IPMI Watchdog: driver initialized");
  expect(log).toContain("Found a chassis style poweroff function");
  expect(await shell("dmesg -r | grep -E '^<[0-4]>' | grep -i -E 'ipmi|kcs|IPI0'")).toEqual([]);
  const modules = await shell("lsmod | grep -o -E '^(ipmi|acpi_ipmi)[a-z_]*'");
  expect(words(modules).sort()).toEqual(MODULES);
  expect(words(await shell("ls /dev/ipmi0 /dev/watchdog"))).toEqual(["/dev/ipmi0", "/dev/watchdog"]);
}

/** The firmware's own code asks the BMC, too: acpi_ipmi is its way there. */
async function expectRegion(shell: Shell, append: Place[2]): Promise<void> {
  if (append !== "" || early.length === 0) return;
  expect(await shell("cat /sys/bus/acpi/devices/GLAS0001:00/sun")).toEqual([String(0x20)]);
}

/** What the driver has counted of what went wrong. */
async function expectCalm(shell: Shell): Promise<void> {
  await shell("cd /sys/bus/platform/drivers/ipmi_si");
  expect(words(await shell("cat */hosed_count */short_timeouts"))).toEqual(["0", "0"]);
  await shell("cd /");
}

async function expectSame(clients: ClientBench, inside: readonly Told[]): Promise<void> {
  expect(inside.length).toBe(QUESTIONS.length);
  for (const [index, question] of QUESTIONS.entries()) {
    const name = [question.program, ...question.words].join(" ");
    const here = common(question, inside[index]!);
    expect(here, name).toEqual(common(question, await toldOutside(clients, question)));
    expect(here.code, name).toBe(0);
  }
}

/** A table of ours beside the firmware's, where Linux looks for such. */
const early = hasTool("iasl", "an IPMI operation region of ACPI")
  ? ["kernel", "kernel/firmware", "kernel/firmware/acpi"]
      .map((path): CpioEntry => ({ path, mode: DIRECTORY }))
      .concat({
        path: "kernel/firmware/acpi/region.aml",
        mode: EXECUTABLE,
        data: compile(readFileSync(join(import.meta.dirname, "ipmi-region.asl"), "utf8")),
      })
  : [];
const files = (guest: DebianGuest) => [...programsFor(guest, PROGRAMS), ...doorFiles()];

describe.runIf(full && hasTool("ipmitool", "the BMC from outside") && hasTool("bmc-info", "the BMC from outside"))(
  "inside as outside",
  () => {
    /** Opens the LAN side of a machine of ours, which stands still meanwhile. */
    async function outside(machine: Machine, clients: ClientBench): Promise<LanServer> {
      const lan = new LanServer({ bmc: machine.bmc!.station, port: 0 });
      clients.port = await lan.listen();
      return lan;
    }

    it.for(PLACES)(
      "our %s, Debian's %s kernel, %s",
      { timeout: TIMEOUT },
      async ([board, flavour, append], { skip }) => {
        const guest = guestFor(flavour);
        if (!guest) return skip();
        const machine = await debianMachine(guest, {
          flavour,
          memory: "256M",
          append,
          tools: true,
          short: true,
          files: files(guest),
          early,
          more: { board },
        });
        const { station } = machine.bmc!;
        const setup = [...userRequests({ name: USER, password: PASSWORD }), [0x18, 0x40, 0x01, 0x82, 0x84]];
        for (const request of setup) {
          station.request(OWNER, request, (answer) => expect(answer[2], request.join(" ")).toBe(0));
        }
        toPrompt(machine);
        const shell: Shell = (line) => command(machine, line);
        await expectDrivers(shell, append);
        await expectRegion(shell, append);
        const inside = toldInside(command(machine, DOORS, 600 * SECOND));
        const clients = new ClientBench();
        const lan = await outside(machine, clients);
        try {
          await expectSame(clients, inside);
        } finally {
          await lan.close();
          await clients.close();
        }
        await expectCalm(shell);
        machine.serial(0).write("poweroff -f\n");
        machine.run({ until: machine.nanos + 10 * SECOND });
        expect(machine.isOn).toBe(false);
      },
    );

    it.skipIf(!hasTool("qemu-system-x86_64", "our BMC behind QEMU's machine")).for(PLACES)(
      "QEMU's %s with our BMC, Debian's %s kernel, %s",
      { timeout: TIMEOUT },
      async ([board, flavour, append], { skip }) => {
        const guest = guestFor(flavour);
        if (!guest) return skip();
        const log: string[] = [];
        const server = new BmcServer({
          port: 0,
          lan: { port: 0, users: [{ name: USER, password: PASSWORD }] },
          log: (line) => log.push(line),
        });
        const port = await server.listen();
        const clients = new ClientBench();
        clients.port = await server.lan!.listen();
        const chardev = `socket,id=ipmi0,host=127.0.0.1,port=${port},reconnect=1`;
        const devices = ["ipmi-bmc-extern,id=bmc0,chardev=ipmi0", "isa-ipmi-kcs,bmc=bmc0,irq=5"];
        const qemu = new QemuGuest(
          guest,
          {
            flavour,
            memory: "256M",
            append: `console=ttyS0 ${QUIET} ${append}`,
            tools: true,
            files: files(guest),
            early,
          },
          ["-M", board, "-chardev", chardev, ...devices.flatMap((each) => ["-device", each])],
        );
        try {
          await qemu.toPrompt();
          const shell: Shell = (line) => qemu.command(line);
          await expectDrivers(shell, append);
          await expectRegion(shell, append);
          await expectRegion(shell, append);
          await expectSame(clients, toldInside(await qemu.command(DOORS)));
          await expectCalm(shell);
          qemu.type("poweroff -f");
          await qemu.ended();
          // Without ACPI it was our BMC that switched the machine off, as ipmi_poweroff told it.
          expect(log.includes("machine: power-off")).toBe(append !== "");
        } finally {
          await qemu.end();
          await server.close();
          await clients.close();
        }
      },
    );
  },
);
