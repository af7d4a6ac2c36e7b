// SPDX-License-Identifier: MIT
// The BT interface in Linux: Debian's stock kernel finds it, also in the tables that say what kind it is, and its programs
// are told by it what the BMC says to others. It takes minutes, so it is part of the full run only.
// Spec: IPMI 2.0 revision 1.1, section 11, appendix C.
import { describe, expect, it } from "vitest";
import { command, debianMachine, guestFor, toPrompt } from "./debian-machine.ts";

const full = process.env["GLASS86_FULL"] === "1";
const TIMEOUT = 600_000;
const OUTSIDE = { channel: 0x0f, privilege: 4 };

describe.runIf(full)("the BMC behind BT in Linux on pc", () => {
  it("is found through ACPI, and answers inside as outside", { timeout: TIMEOUT }, async (context) => {
    const guest = guestFor("amd64");
    if (!guest) return context.skip();
    const boot = { flavour: "amd64", memory: "256M", append: "", tools: true, short: true };
    const machine = await debianMachine(guest, { ...boot, more: { board: "pc", bmc: "bt" } });
    toPrompt(machine);
    const ask = (text: string): string => {
      let given: readonly number[] = [];
      const request = text.split(" ").map((each) => parseInt(each, 16));
      machine.bmc!.station.request(OUTSIDE, [request[0]! << 2, ...request.slice(1)], (answer) => (given = answer));
      return given
        .slice(3)
        .map((each) => each.toString(16).padStart(2, "0"))
        .join(" ");
    };
    const log = command(machine, "dmesg | grep -i ipmi").join("\n");
    expect(log).toContain("Adding ACPI-specified bt state machine");
    expect(log).toMatch(/ipmi_si IPI0001:00: .*Found new BMC \(man_id: 0x000000, prod_id: 0x8600, dev_id: 0x20\)/);
    expect(log).toContain("ipmi_si IPI0001:00: IPMI bt interface initialized");
    expect(command(machine, "dmesg -r | grep -E '^<[0-4]>' | grep -i -E 'ipmi|IPI0001'")).toEqual([]);
    for (const request of ["06 01", "06 08", "06 37", "06 36", "00 01", "0a 20", "0a 40"]) {
      const raw = request.replace(/(\w\w)/g, "0x$1");
      const inside = command(machine, `ipmitool -I open raw ${raw} 2>/dev/null`).join(" ").trim().replace(/\s+/g, " ");
      expect(inside, request).toBe(ask(request));
    }
    const sensors = machine.bmc!.station.bmc.state.sdr.records.length;
    expect(command(machine, "ipmitool -I open sdr list all 2>/dev/null | grep -c '|'")).toEqual([`${sensors}`]);
    expect(command(machine, "ipmitool -I open channel info 15 2>/dev/null | grep Protocol").join()).toContain("BT-15");
    expect(Number(command(machine, "cat /sys/bus/platform/devices/IPI0001:00/interrupts"))).toBeGreaterThan(0);
    expect(command(machine, "grep -c '15-edge *ipmi_si' /proc/interrupts")).toEqual(["1"]);
    const counters = "cd /sys/bus/platform/devices/IPI0001:00; grep . hosed_count type";
    expect(command(machine, counters)).toEqual(["hosed_count:0", "type:bt"]);
  });
});
