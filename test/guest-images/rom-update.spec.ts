// SPDX-License-Identifier: MIT
// Linux gives its own machine another ROM: Debian's ipmitool sends it in band, and behind the next reset the kernel is told
// of it. It takes minutes, so it is part of the full run only.
// Spec: PICMG HPM.1 R1.0, section 3; SMBIOS 3.6 (DSP0134), 7.1.
import { describe, expect, it } from "vitest";
import { EXECUTABLE } from "../../guest-images/debian/cpio.ts";
import { buildRom } from "../../firmware/rom/rom.ts";
import { hpmImage } from "../../vbmc/hpm-image.ts";
import type { Machine } from "../../vmm/machine.ts";
import { command, debianMachine, guestFor, SECOND, toPrompt } from "./debian-machine.ts";

const full = process.env["GLASS86_FULL"] === "1";
const TIMEOUT = 600_000;
const biosVersion = (machine: Machine): string => command(machine, "cat /sys/class/dmi/id/bios_version").join();

describe.runIf(full)("a new ROM from within Linux on pc", () => {
  it("is sent by ipmitool and shown by the kernel after the reset", { timeout: TIMEOUT }, async (context) => {
    const guest = guestFor("amd64");
    if (!guest) return context.skip();
    // A script, because the shell wraps what is longer than its terminal.
    const script = "#!/bin/sh\nyes | ipmitool -I open hpm upgrade /new.hpm all activate >/log 2>&1; echo $?\n";
    const files = [
      { path: "new.hpm", mode: EXECUTABLE, data: Buffer.from(hpmImage(buildRom("0.3-linux"))) },
      { path: "upgrade", mode: EXECUTABLE, data: Buffer.from(script) },
    ];
    const boot = { flavour: "amd64", memory: "256M", append: "quiet", tools: true, short: true, files };
    const machine = await debianMachine(guest, { ...boot, more: { board: "pc" } });
    toPrompt(machine);
    expect(biosVersion(machine)).toBe("0.2");
    expect(command(machine, "/upgrade", 600 * SECOND)).toEqual(["0"]);
    expect(command(machine, "grep -c successful /log")).toEqual(["1"]);
    machine.serial(0).write("reboot -f\n");
    toPrompt(machine);
    expect(biosVersion(machine)).toBe("0.3-linux");
    expect(command(machine, "ipmitool -I open hpm check 2>/dev/null | grep ROM").join()).toMatch(/0\.30 .* 0\.20 /);
    expect(machine.bmc!.station.bmc.state.rom!.trial).toBeNull();
  });
});
