// SPDX-License-Identifier: MIT
// The watchdog's pre-timeout inside Linux: an NMI that makes the kernel panic, or a message to the driver, each once and at its
// time; then the action. Beside it, the interface with its interrupt and without. It takes minutes, so it is part of the full
// run only.
// Spec: IPMI 2.0 revision 1.1, sections 27.6 (pre-timeout), 22.4 (message flags), 28.11; table 42-3 (Watchdog 2).
import { describe, expect, it } from "vitest";
import type { Machine } from "../../vmm/machine.ts";
import { command, debianMachine, guestFor, SECOND, toPrompt } from "./debian-machine.ts";

const full = process.env["GLASS86_FULL"] === "1";
const TIMEOUT = 900_000;
const OUTSIDE = { channel: 0x0f, privilege: 4 };
const WATCHDOG_2 = 0x23;
const PRE_TIMEOUT = 0x08; // sensor offset: timer interrupt
const CAUSE_WATCHDOG = 0x04;
const SMS_OS = 0x04;
const NMI = 2;
const MESSAGE = 3;

async function machineWith(bmc: true | "polled"): Promise<Machine | undefined> {
  const guest = guestFor("amd64");
  if (!guest) return undefined;
  const more = { board: "pc", bmc };
  const boot = { flavour: "amd64", memory: "256M", append: "quiet", tools: true, short: true, more };
  const machine = await debianMachine(guest, boot);
  toPrompt(machine);
  return machine;
}

function ask(machine: Machine, ...request: number[]): readonly number[] {
  let given: readonly number[] = [];
  machine.bmc!.station.request(OUTSIDE, request, (answer) => (given = answer));
  expect(given[2]).toBe(0);
  return given.slice(3);
}

/** Offset and event data 2 of the watchdog's events, oldest first. */
const expiries = (machine: Machine): number[][] =>
  machine
    .bmc!.station.bmc.state.sel.records.filter((record) => record[10] === WATCHDOG_2)
    .map((record) => [record[13]! & 0x0f, record[14]!]);

const kernelSays = (machine: Machine): string => command(machine, "dmesg | grep -i ipmi").join("\n");
const counter = (machine: Machine, name: string): number =>
  Number(command(machine, `cat /sys/devices/*/*/IPI0001:00/${name}`)[0]);

/** Loads the driver anew; ten seconds, five before the pre-timeout. Short lines: the shell wraps what is longer. */
function arm(machine: Machine, ...options: string[]): number {
  expect(command(machine, "rmmod ipmi_watchdog")).toEqual([]);
  expect(command(machine, 'W="timeout=10 pretimeout=5"')).toEqual([]);
  for (const each of options) expect(command(machine, `W="$W ${each}"`)).toEqual([]);
  expect(command(machine, "insmod /modules/ipmi_watchdog.ko $W")).toEqual([]);
  const reservation = ask(machine, 0x28, 0x42);
  ask(machine, 0x28, 0x47, ...reservation, 0x43, 0x4c, 0x52, 0xaa); // the log has nothing but what comes now
  // Closed without the letter that says that it is meant, so nobody stops it.
  command(machine, "echo beat >/dev/watchdog");
  return machine.nanos;
}

/** What the machine does until `seconds` behind `started`, and when. */
function watch(machine: Machine, started: number, seconds: number): [what: string, at: number][] {
  const seen: [string, number][] = [];
  const note = (what: string): void => void seen.push([what, Math.round((machine.nanos - started) / SECOND)]);
  const ends = [
    machine.events.on("reset", (cause) => note(`reset by ${cause}`)),
    machine.events.on("power", (on) => note(on ? "on" : "off")),
  ];
  machine.run({ until: started + seconds * SECOND });
  for (const end of ends) end();
  return seen;
}

describe.runIf(full)("the watchdog's pre-timeout in Linux", () => {
  it("is an NMI or a message, and the action follows", { timeout: TIMEOUT }, async (context) => {
    const machine = await machineWith(true);
    if (!machine) return context.skip();
    expect(kernelSays(machine)).toContain("Using irq 15");
    const before = counter(machine, "interrupts");
    command(machine, "ipmitool -I open sdr list 2>/dev/null");
    expect(counter(machine, "interrupts")).toBeGreaterThan(before + 20);
    expect(counter(machine, "hosed_count")).toBe(0);

    let started = arm(machine, "action=reset", "preaction=pre_nmi", "preop=preop_panic", "panic_wdt_timeout=8");
    expect(watch(machine, started, 5.5)).toEqual([]);
    expect(machine.serial(0).text).toMatch(/Kernel panic - not syncing: pre-timeout/);
    // The panicking kernel gives itself panic_wdt_timeout.
    expect(watch(machine, started, 14)).toEqual([["reset by BMC", 13]]);
    expect(expiries(machine)).toEqual([
      [PRE_TIMEOUT, (NMI << 4) | SMS_OS],
      [0x01, SMS_OS],
    ]);
    expect(ask(machine, 0x00, 0x07)[0]! & 0x0f).toBe(CAUSE_WATCHDOG);

    toPrompt(machine);
    started = arm(machine, "action=power_cycle", "preaction=pre_int");
    expect(watch(machine, started, 10.5)).toEqual([["off", 10], ["on", 10], ["reset by power on", 10]]); // prettier-ignore
    expect(expiries(machine)).toEqual([
      [PRE_TIMEOUT, (MESSAGE << 4) | SMS_OS],
      [0x03, (MESSAGE << 4) | SMS_OS],
    ]);

    toPrompt(machine);
    started = arm(machine, "action=power_off", "preaction=pre_nmi");
    expect(watch(machine, started, 20)).toEqual([["off", 10]]);
    expect(expiries(machine)).toEqual([
      [PRE_TIMEOUT, (NMI << 4) | SMS_OS],
      [0x02, (NMI << 4) | SMS_OS],
    ]);
    expect(ask(machine, 0x18, 0x25)[3]! & (1 << SMS_OS)).not.toBe(0); // expiration flags
  });

  it("reaches a program by an interface that is polled", { timeout: TIMEOUT }, async (context) => {
    const machine = await machineWith("polled");
    if (!machine) return context.skip();
    expect(kernelSays(machine)).not.toContain("Using irq");
    expect(counter(machine, "interrupts")).toBe(0);
    arm(machine, "action=reset", "preaction=pre_int", "preop=preop_give_data");
    // One byte when the pre-timeout comes; V says that closing is meant.
    expect(command(machine, "exec 3<>/dev/watchdog; echo beat >&3")).toEqual([]);
    expect(command(machine, "head -c 1 <&3 | wc -c")).toEqual(["1"]);
    expect(command(machine, "echo -n V >&3; exec 3>&-")).toEqual([]);
    expect(watch(machine, machine.nanos, 15)).toEqual([]);
    expect(counter(machine, "hosed_count")).toBe(0);
    expect(expiries(machine).at(-1)).toEqual([PRE_TIMEOUT, (MESSAGE << 4) | SMS_OS]);
  });
});
