// SPDX-License-Identifier: MIT
// Debian's stock kernels on both boards, with little and much memory and with the kernel's words that take a part of the
// machine away. Whole boots take a minute of processor time each: the full run has one of each flavour, and the variations with the kernel
// unpacked by the host; `npm run test:guests` has all.
import { describe, expect, it } from "vitest";
import { command, debianMachine, type DebianBoot, guestFor, SECOND, toPrompt } from "./debian-machine.ts";

const full = process.env["GLASS86_FULL"] === "1";
const all = process.env["GLASS86_GUESTS"] === "1";
const TROUBLE = /Kernel panic|BUG:|Oops|Call Trace|WARNING:|unhandled|lockup/;

interface Boot extends DebianBoot {
  board: "pc" | "q35";
  memory: string;
  /** Not in `npm run test:full`. */
  extra?: boolean;
}

const BOOTS: readonly Boot[] = [
  { flavour: "686", board: "pc", memory: "128M" },
  { flavour: "686", board: "q35", memory: "3G", extra: true },
  { flavour: "amd64", board: "q35", memory: "128M" },
  { flavour: "amd64", board: "pc", memory: "3G", extra: true },
  { flavour: "686-pae", board: "pc", memory: "256M", more: { cpu: "pentium3" }, extra: true },
  { flavour: "cloud-amd64", board: "pc", memory: "256M", extra: true }, // debian.spec.ts has it
  ...["686", "amd64"].flatMap((flavour): Boot[] => [
    { flavour, board: "pc", memory: "3G", short: true },
    { flavour, board: "q35", memory: "3G", short: true },
    { flavour, board: "pc", memory: "128M", append: "acpi=off", short: true },
    { flavour, board: "q35", memory: "128M", append: "acpi=off", short: true },
    { flavour, board: "pc", memory: "512M", append: "nolapic", short: true },
    { flavour, board: "q35", memory: "512M", append: "nolapic", short: true },
    { flavour, board: "pc", memory: "1G", append: "noapic", short: true },
    { flavour, board: "q35", memory: "1G", append: "noapic", short: true },
  ]),
];

const mebibytes = (size: string): number => parseInt(size) * (size.endsWith("G") ? 1024 : 1);

describe.runIf(full)("Debian", () => {
  for (const boot of BOOTS.filter(({ extra }) => all || !extra)) {
    const { flavour, board, memory, append, short = false } = boot;
    const name = [`${flavour} on ${board} with ${memory}`, short && "shortened", append].filter(Boolean).join(", ");
    it(`boots to a shell, answers and powers off: ${name}`, async (context) => {
      const guest = guestFor(flavour);
      if (!guest) return context.skip();
      const machine = await debianMachine(guest, { ...boot, more: { board, ...boot.more } });
      toPrompt(machine);
      expect(command(machine, "echo $((6 * 7)) $(busybox uname -r)")[0]).toMatch(new RegExp(`^42 \\d\\S*-${flavour}$`));
      const total = /(\d+) kB/.exec(command(machine, "grep MemTotal /proc/meminfo")[0] ?? "")!;
      // A 32-bit kernel without highmem entries for it uses what it can address.
      expect(Number(total[1]) / 1024).toBeGreaterThan(mebibytes(memory) * 0.6);
      expect(machine.serial(0).text).not.toMatch(TROUBLE);
      machine.serial(0).write("poweroff -f\n");
      const { reason } = machine.run({ until: machine.nanos + 20 * SECOND });
      expect(["power-off", "halt"]).toContain(reason);
    });
  }
});
