// SPDX-License-Identifier: MIT
// What Linux makes of the firmware's tables: the console that SPCR names from the first line on, the tables in sysfs byte for
// byte those that were built from the description, iasl's and dmidecode's words on them, no complaint in the kernel's log. And a person at
// keyboard and screen.
import { describe, expect, it } from "vitest";
import type { MachineDescription } from "../../firmware/description.ts";
import { prepareHandover } from "../../firmware/handover.ts";
import type { Machine } from "../../vmm/machine.ts";
import { acpiTables, Memory } from "../firmware/table-reader.ts";
import { expectRoundTrip } from "../harness/acpica.ts";
import { hasTool } from "../harness/missing-tool.ts";
import { command, debianMachine, guestFor, SECOND, toPrompt } from "./debian-machine.ts";

const full = process.env["GLASS86_FULL"] === "1" && process.env["CI"] !== "true";
const all = process.env["GLASS86_GUESTS"] === "1";
const MEMORY_MIB = 256;

const KERNELS = [
  { flavour: "cloud-amd64", board: "pc", extra: false },
  { flavour: "686", board: "q35", extra: false },
  { flavour: "amd64", board: "pc", extra: true },
  { flavour: "amd64", board: "q35", extra: true },
  { flavour: "686", board: "pc", extra: true },
] as const;

function expectConsole(log: string): void {
  expect(log).toMatch(/earlycon: uart(?:8250)?0? at I\/O port 0x3f8 \(options '115200'\)/);
  expect(log).toMatch(/ACPI: SPCR: console: uart,io,0x3f8,115200/);
  expect(log).toMatch(/printk: console \[ttyS0\] enabled/);
}

function expectTables(machine: Machine): void {
  const built = acpiTables(new Memory(prepareHandover(machine.board.description, true, 0n).writes));
  expect(built.size).toBeGreaterThan(5);
  const named = command(machine, "cd /sys/firmware/acpi/tables; ls -p | grep -v /; cd /").join(" ").split(/\s+/);
  expect(named.toSorted()).toEqual([...built.keys()].filter((name) => name !== "XSDT").toSorted()); // not in sysfs
  for (const name of named) {
    const seen = Buffer.from(command(machine, `base64 /sys/firmware/acpi/tables/${name}`).join(""), "base64");
    expect(seen.toString("hex"), name).toBe(Buffer.from(built.get(name)!).toString("hex"));
    if (hasTool("iasl", "ACPI tables taken apart")) expectRoundTrip(name, seen);
  }
}

/** The structures of a type in dmidecode's words: lines without indentation. */
const structures = (machine: Machine, type: number): string[] =>
  command(machine, `dmidecode -q -t ${type}`).map((line) => line.trim());

function expectInventory(machine: Machine, description: MachineDescription): void {
  const { identity, kcs, processorModel, processors } = description;
  expect(command(machine, "dmidecode").join("\n")).not.toMatch(/OUT OF SPEC|BAD INDEX|TRUNCATED|broken/i);
  const uuid = identity.uuid.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const system = structures(machine, 1).join("\n");
  expect(system).toContain(`Product Name: ${identity.product}`);
  expect(system.replaceAll("-", "").toLowerCase()).toContain(`uuid: ${uuid}`);
  const sockets = structures(machine, 4);
  expect(sockets.filter((line) => line === `Version: ${processorModel!.brand}`).length).toBe(processors.length);
  expect(structures(machine, 17)).toContain(`Size: ${MEMORY_MIB} MB`);
  const address = kcs && `Base Address: 0x${kcs.port.toString(16).toUpperCase().padStart(16, "0")} (I/O)`;
  expect(structures(machine, 38).find((line) => line.startsWith("Base Address"))).toBe(address);
}

describe.runIf(full)("the firmware's tables in Linux", () => {
  for (const { flavour, board, extra } of KERNELS) {
    if (extra && !all) continue;
    it(`${flavour} on ${board}: are those that were built, and nothing to complain of`, async (context) => {
      const guest = guestFor(flavour);
      if (!guest) return context.skip();
      const boot = { flavour, memory: `${MEMORY_MIB}M`, tools: true, short: true, more: { board } };
      const machine = await debianMachine(guest, boot);
      toPrompt(machine);
      const log = command(machine, "dmesg").join("\n");
      expectConsole(log);
      const complaint = /ACPI (?:BIOS )?(?:Error|Warning)|AE_[A-Z]|firmware bug|\[Firmware/i;
      expect(log.split("\n").filter((line) => complaint.test(line))).toEqual([]);
      expectTables(machine);
      expectInventory(machine, machine.board.description);
    });
  }
});

describe.runIf(full)("a person at keyboard and screen", () => {
  it("types, and sees the answer", async (context) => {
    const flavour = "cloud-amd64";
    const guest = guestFor(flavour);
    if (!guest) return context.skip();
    const append = "console=tty0 console=ttyS0,115200";
    const machine = await debianMachine(guest, { flavour, append, short: true });
    toPrompt(machine);
    command(machine, 'setsid sh -c "exec sh </dev/tty1 >/dev/tty1 2>&1" &');
    machine.user.type('echo "Hello, $((6 * 7))!"\n');
    machine.run({ until: machine.nanos + 3 * SECOND });
    const lines = machine.user.screenText!.trimEnd().split("\n");
    expect(lines.slice(-3)).toEqual(['guest# echo "Hello, $((6 * 7))!"', "Hello, 42!", "guest#"]);
  });
});
