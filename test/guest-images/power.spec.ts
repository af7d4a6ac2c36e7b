// SPDX-License-Identifier: MIT
// How Debian's kernels end and begin again: every way of Linux to reset a PC, its power-off and halt, the magic keys, and the
// power button that a person, or the monitor, presses. Each question starts from one snapshot of the shell.
// Spec: Linux Documentation/admin-guide/kernel-parameters.txt, reboot=; sysrq.rst; ACPI 6.5, 4.8.3.3 (power button).
import { beforeAll, describe, expect, it } from "vitest";
import { DIRECTORY, EXECUTABLE } from "../../guest-images/debian/cpio.ts";
import { guestModules } from "../../guest-images/debian/recipe.ts";
import type { Machine } from "../../vmm/machine.ts";
import { Monitor } from "../../vmm/monitor/monitor.ts";
import { command, debianMachine, guestFor, SECOND, toPrompt } from "./debian-machine.ts";

const full = process.env["GLASS86_FULL"] === "1";
const EV_KEY = 1;
const KEY_POWER = 116;
/** What busybox's acpid runs for a press of the power button. */
const HANDLER = "#!/bin/sh\necho button pressed\npoweroff -f\n";
const ACPID = [
  { path: "etc", mode: DIRECTORY },
  { path: "etc/acpi", mode: DIRECTORY },
  { path: "etc/acpi/PWRF", mode: DIRECTORY },
  { path: "etc/acpi/PWRF/00000080", mode: EXECUTABLE, data: Buffer.from(HANDLER) },
];

/** Which signal each method of /sys/kernel/reboot/type ends in. */
const RESETS = [
  ["acpi", "port CF9h"],
  ["kbd", "keyboard controller"],
  ["pci", "port CF9h"],
  ["triple", "triple fault"],
] as const;

interface Ready {
  machine: Machine;
  shell: Uint8Array;
}

/** At its shell, or undefined where it cannot be made; then a message has said why. */
async function ready(flavour: string, board: string): Promise<Ready | undefined> {
  const guest = guestFor(flavour);
  if (!guest) return undefined;
  const files = [...ACPID, ...guestModules(guest, ["button", "evdev"])];
  const machine = await debianMachine(guest, { flavour, short: true, files, more: { board } });
  toPrompt(machine);
  return { machine, shell: machine.snapshot() };
}

function press(machine: Machine): void {
  const nothing = (): void => {};
  const store = { save: nothing, load: () => new Uint8Array(), remove: nothing, list: () => [] };
  const host = { name: "test", version: "0", snapshots: store, isRunning: () => true };
  new Monitor(machine, { ...host, stop: nothing, cont: nothing, quit: nothing }).execute("system_powerdown");
}

describe.runIf(full).each([
  ["amd64", "pc"],
  ["686", "q35"],
] as const)("Debian's %s on %s", (flavour, board) => {
  let found: Ready | undefined;

  beforeAll(async () => {
    found = await ready(flavour, board);
  }, 600_000);

  /** The machine at the shell's prompt, the console's text from there on, and what resets it. */
  function atShell({ machine, shell }: Ready): { machine: Machine; causes: string[]; said: () => string } {
    machine.restore(shell);
    machine.serial(0).expect(/$/); // what the question before this one left unread
    const causes: string[] = [];
    machine.events.on("reset", (cause) => causes.push(cause));
    const before = machine.serial(0).text.length;
    return { machine, causes, said: () => machine.serial(0).text.slice(before) };
  }

  it.for(RESETS)("resets by %s and boots again", ([method, signal], { skip }) => {
    if (!found) return skip();
    const { machine, causes } = atShell(found);
    expect(command(machine, `echo ${method} >/sys/kernel/reboot/type; cat /sys/kernel/reboot/type`)).toEqual([method]);
    machine.serial(0).write("reboot -f\n");
    machine.serial(0).expect("reboot: Restarting system", { within: 10 * SECOND });
    machine.serial(0).expect(/Linux version \S+/, { within: 20 * SECOND });
    expect(causes).toEqual([signal]);
  });

  it("obeys the magic keys b and o", ({ skip }) => {
    if (!found) return skip();
    const reset = atShell(found);
    reset.machine.serial(0).write("echo b >/proc/sysrq-trigger\n");
    reset.machine.serial(0).expect("sysrq: Resetting", { within: 10 * SECOND });
    reset.machine.serial(0).expect(/Linux version \S+/, { within: 20 * SECOND });
    expect(reset.causes).toEqual(["port CF9h"]);

    const { machine, causes, said } = atShell(found);
    machine.serial(0).write("echo o >/proc/sysrq-trigger\n");
    expect(machine.run({ until: machine.nanos + 20 * SECOND })).toEqual({ reason: "power-off" });
    expect(said()).toContain("sysrq: Power Off");
    expect([machine.isOn, causes]).toEqual([false, []]);
  });

  it("stops for good when halted, its last words said", ({ skip }) => {
    if (!found) return skip();
    const { machine, said } = atShell(found);
    machine.serial(0).write("halt -f\n");
    expect(machine.run({ until: machine.nanos + 20 * SECOND })).toEqual({ reason: "halt" });
    expect(said()).toContain("reboot: System halted");
  });

  it("has the power button as a key, which switches off with acpid", ({ skip }) => {
    if (!found) return skip();
    const key = atShell(found).machine;
    const [name] = command(key, "grep -l Power /sys/class/input/e*/device/name");
    const event = /event\d+/.exec(name!)![0];
    const size = flavour === "686" ? 16 : 24;
    // Type, code and value of the first event, behind its time.
    key.serial(0).write(`echo "[$(head -c ${size} /dev/input/${event} | tail -c 8 | od -An -td2)]"\n`);
    key.run({ until: key.nanos + SECOND });
    press(key);
    const words = key.serial(0).expect(/^\[.*\]/m);
    expect(words.match(/\d+/g)?.map(Number)).toEqual([EV_KEY, KEY_POWER, 1, 0]);

    const { machine, said } = atShell(found);
    machine.serial(0).write("acpid -d &\n");
    machine.run({ until: machine.nanos + SECOND });
    press(machine);
    expect(machine.run({ until: machine.nanos + 20 * SECOND })).toEqual({ reason: "power-off" });
    expect(said()).toContain("button pressed");
  });
});
