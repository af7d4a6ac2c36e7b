// SPDX-License-Identifier: MIT
// The BMC inside Linux: Debian's stock kernel finds it, its drivers and programs speak with it, and what they are told is what
// the BMC says to others. It takes minutes, so it is part of the full run only.
// Spec: IPMI 2.0 revision 1.1, sections 20.1, 22.14, 27.7, 28.2, 28.11, 31.2, 31.5; table 42-3 (Watchdog 2, Restart Initiated).
import { describe, expect, it } from "vitest";
import { DIRECTORY, EXECUTABLE } from "../../guest-images/debian/cpio.ts";
import type { Machine } from "../../vmm/machine.ts";
import { command, debianMachine, guestFor, SECOND, toPrompt } from "./debian-machine.ts";

const full = process.env["GLASS86_FULL"] === "1";
const TIMEOUT = 600_000;
const OUTSIDE = { channel: 0x0f, privilege: 4 };
const NETFN_CHASSIS = 0x00;
const NETFN_APP = 0x18; // shifted to where the message has it
const NETFN_STORAGE = 0x28;
const WATCHDOG_2 = 0x23;
const HARD_RESET = 0x01;
const SMS_OS = 0x04;
const RESTART_INITIATED = 0x1d;
const SYSTEM_RESTART = 0x07;
const BY_WATCHDOG = 0x04;
const LAST_RECORD = 0xffff;
/** FreeIPMI looks up who runs it. */
const USERS = [
  { path: "etc", mode: DIRECTORY },
  { path: "etc/passwd", mode: EXECUTABLE, data: Buffer.from("root:x:0:0:root:/:/bin/sh\n") },
];

/** At its prompt, or undefined where it cannot be made; then a message has said why. */
async function machineWith(append: string): Promise<Machine | undefined> {
  const guest = guestFor("amd64");
  if (!guest) return undefined;
  const machine = await debianMachine(guest, {
    flavour: "amd64",
    memory: "256M",
    append,
    tools: true,
    short: true,
    files: USERS,
    more: { board: "pc" },
  });
  toPrompt(machine);
  return machine;
}

/** The answer's data to somebody who is not the guest. */
function ask(machine: Machine, ...request: number[]): readonly number[] {
  let given: readonly number[] = [];
  machine.bmc!.station.request(OUTSIDE, request, (answer) => (given = answer));
  expect(given[2]).toBe(0);
  return given.slice(3);
}

const word = (bytes: readonly number[], at: number): number => bytes[at]! | (bytes[at + 1]! << 8);

/** The same request by the guest's driver; ipmitool prints the answer's data as hexadecimal bytes. */
function raw(machine: Machine, netFn: number, ...request: number[]): number[] {
  const lines = command(machine, `ipmitool -I open raw ${[netFn >> 2, ...request].join(" ")} 2>/dev/null`);
  return lines
    .join(" ")
    .trim()
    .split(/\s+/)
    .map((each) => Number.parseInt(each, 16));
}

/** Lines "name : value". */
function fields(lines: readonly string[]): Record<string, string> {
  const pairs = lines.map((line) => /^\s*(.*?)\s*:\s?(.*?)\s*$/.exec(line)).filter((found) => found !== null);
  return Object.fromEntries(pairs.map(([, name, value]) => [name!, value!]));
}

const kernelLog = (machine: Machine): string => command(machine, "dmesg | grep -i -E 'ipmi|kcs'").join("\n");
const warnings = (machine: Machine): string[] =>
  command(machine, "dmesg -r | grep -E '^<[0-4]>' | grep -i -E 'ipmi|kcs|IPI0001'");

function expectSameFromInside(machine: Machine): void {
  const requests = [
    [NETFN_APP, 0x01], // Get Device ID
    [NETFN_APP, 0x08], // Get Device GUID
    [NETFN_APP, 0x37], // Get System GUID
    [NETFN_CHASSIS, 0x00], // Get Chassis Capabilities
    [NETFN_CHASSIS, 0x01], // Get Chassis Status
    [NETFN_STORAGE, 0x20], // Get SDR Repository Info
    [NETFN_STORAGE, 0x40], // Get SEL Info
    [NETFN_STORAGE, 0x43, 0, 0, 0, 0, 0, 0xff], // Get SEL Entry: the first
  ] as const;
  for (const [netFn, ...request] of requests)
    expect(raw(machine, netFn, ...request), `request ${request.join(" ")}`).toEqual(ask(machine, netFn, ...request));
}

function expectPrograms(machine: Machine): void {
  const device = ask(machine, NETFN_APP, 0x01);
  const firmware = `${device[2]! & 0x7f}.${device[3]!.toString(16).padStart(2, "0")}`;
  const info = fields(command(machine, "ipmitool -I open mc info 2>/dev/null"));
  expect(info).toMatchObject({
    "Device ID": String(device[0]),
    "Device Revision": String(device[1]! & 0x0f),
    "Firmware Revision": firmware,
    "IPMI Version": "2.0",
    "Manufacturer ID": String(word(device, 6)),
    "Device Available": "yes",
  });
  expect(info["Product ID"]).toContain(String(word(device, 9)));
  expect(fields(command(machine, "bmc-info --get-device-id"))).toMatchObject({
    "Device ID": String(device[0]),
    "Firmware Revision": firmware,
    "Product ID": String(word(device, 9)),
    "SEL Device": "supported",
    "Chassis Device": "supported",
  });

  expect(fields(command(machine, "ipmitool -I open chassis status 2>/dev/null"))).toMatchObject({
    "System Power": "on",
    "Power Restore Policy": "always-off",
    "Main Power Fault": "false",
  });

  const sensors = machine.bmc!.station.bmc.state.sensors.length;
  expect(command(machine, "ipmitool -I open sdr list all 2>/dev/null | grep -c '|'")).toEqual([
    String(word(ask(machine, NETFN_STORAGE, 0x20), 1)),
  ]);
  expect(command(machine, "ipmi-sensors --quiet-cache --no-header-output").length).toBe(sensors);

  const entries = word(ask(machine, NETFN_STORAGE, 0x40), 1);
  expect(entries).toBeGreaterThan(0);
  expect(command(machine, "ipmitool -I open sel list 2>/dev/null").length).toBe(entries);
  expect(command(machine, "ipmi-sel --quiet-cache --no-header-output").length).toBe(entries);

  const [uuid] = command(machine, "cat /sys/class/dmi/id/product_uuid");
  expect(fields(command(machine, "ipmitool -I open mc guid 2>/dev/null"))).toMatchObject({
    "System GUID": uuid,
    "GUID Encoding": "IPMI",
  });
  expect(fields(command(machine, "bmc-info"))).toMatchObject({ "System GUID": uuid });
}

describe.runIf(full)("the BMC in Linux on pc", () => {
  it("is found through ACPI and says inside what it says outside", { timeout: TIMEOUT }, async (context) => {
    const machine = await machineWith("");
    if (!machine) return context.skip();
    const log = kernelLog(machine);
    expect(log).toContain("Adding ACPI-specified kcs state machine");
    expect(log).toMatch(/ipmi_si IPI0001:00: .*Found new BMC \(man_id: 0x000000, prod_id: 0x8600, dev_id: 0x20\)/);
    expect(log).toContain("ipmi_si IPI0001:00: IPMI kcs interface initialized");
    expect(log).toContain("IPMI poweroff: Found a chassis style poweroff function");
    expect(command(machine, "lsmod | grep -c ^acpi_ipmi")).toEqual(["1"]);
    expect(warnings(machine)).toEqual([]);
    expectSameFromInside(machine);
    expectPrograms(machine);
  });

  it(
    "is found through SMBIOS, resets a machine that stops beating and lets it switch off",
    { timeout: TIMEOUT },
    async (context) => {
      const machine = await machineWith("acpi=off quiet");
      if (!machine) return context.skip();
      const log = kernelLog(machine);
      expect(log).toContain("ipmi_si: SMBIOS: io 0xca2 regsize 1 spacing 1 irq 15");
      expect(log).toContain("ipmi_si dmi-ipmi-si.0: IPMI kcs interface initialized");
      expect(log).not.toContain("ACPI-specified");
      expectSameFromInside(machine);

      // Short lines: the shell wraps what is longer than its terminal.
      expect(command(machine, "rmmod ipmi_watchdog")).toEqual([]);
      expect(command(machine, "insmod /modules/ipmi_watchdog.ko timeout=10 action=reset")).toEqual([]);
      // Closed without the letter that says that it is meant, so nobody stops it.
      command(machine, "echo beat >/dev/watchdog");
      const started = machine.nanos;
      const resets: [cause: string, seconds: number][] = [];
      machine.events.on("reset", (cause) => resets.push([cause, (machine.nanos - started) / SECOND]));
      machine.run({ until: started + 11 * SECOND });
      expect(resets.map(([cause]) => cause)).toEqual(["BMC"]);
      expect(resets[0]![1]).toBeGreaterThan(9.5);
      expect(resets[0]![1]).toBeLessThanOrEqual(10.1);
      expect(ask(machine, NETFN_APP, 0x25)[3]! & (1 << SMS_OS)).not.toBe(0); // expiration flags
      expect(ask(machine, NETFN_CHASSIS, 0x07)[0]! & 0x0f).toBe(BY_WATCHDOG); // restart cause
      const record = (id: number): readonly number[] =>
        ask(machine, NETFN_STORAGE, 0x43, 0, 0, id & 0xff, id >> 8, 0, 0xff).slice(2);
      const newest = record(LAST_RECORD);
      const told = [record(word(newest, 0) - 1), newest];
      expect(told.map((each) => [each[10], each[13]! & 0x0f, each[14]! & 0x0f])).toEqual([
        [WATCHDOG_2, HARD_RESET, SMS_OS],
        [RESTART_INITIATED, SYSTEM_RESTART, BY_WATCHDOG],
      ]);

      toPrompt(machine);
      const list = command(machine, "ipmitool -I open sel list 2>/dev/null").join("\n");
      expect(list).toMatch(/Watchdog2.*Hard reset.*Asserted/i);
      machine.serial(0).write("poweroff -f\n");
      machine.run({ until: machine.nanos + 5 * SECOND });
      expect(machine.isOn).toBe(false);
      expect(ask(machine, NETFN_CHASSIS, 0x01)[0]! & 1).toBe(0);
    },
  );
});
