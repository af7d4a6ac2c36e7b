// SPDX-License-Identifier: MIT
// What the same kernel warns of on our machine and on QEMU's: ours may have nothing that QEMU's has not, but for what is listed
// here with its reason.
import { describe, expect, it } from "vitest";
import { hasTool } from "../harness/missing-tool.ts";
import { command, debianMachine, guestFor, toPrompt } from "./debian-machine.ts";
import { additional, RAW_LOG, warnings } from "./kernel-log.ts";
import { commandOnQemu } from "./qemu-guest.ts";

const full = process.env["GLASS86_FULL"] === "1";
const all = process.env["GLASS86_GUESTS"] === "1";

/** Lines of ours that stay, and why. */
const EXPLAINED: readonly [line: RegExp, reason: string][] = [];

const explained = (line: string): boolean => EXPLAINED.some(([pattern]) => pattern.test(line));

const COMPARED: readonly { flavour: string; board: string; words?: string; extra?: boolean }[] = [
  { flavour: "cloud-amd64", board: "pc" },
  { flavour: "cloud-amd64", board: "q35" },
  { flavour: "686", board: "pc", extra: true },
  { flavour: "686", board: "q35", extra: true },
  { flavour: "amd64", board: "pc", extra: true },
  { flavour: "amd64", board: "q35", extra: true },
  { flavour: "686", board: "pc", words: "noapic", extra: true },
  { flavour: "686", board: "q35", words: "nolapic", extra: true },
  { flavour: "cloud-amd64", board: "q35", words: "acpi=off", extra: true },
];

function comparisons(): void {
  for (const { flavour, board, words, extra } of COMPARED) {
    if (extra && !all) continue;
    it(`of ${flavour} on ${[board, words].filter(Boolean).join(", ")} are none that QEMU's has not`, async (context) => {
      const guest = guestFor(flavour);
      if (!guest || !hasTool("qemu-system-x86_64", "kernel logs beside QEMU's")) return context.skip();
      const append = ["console=ttyS0,115200", words].filter(Boolean).join(" ");
      const boot = { flavour, memory: "256M", append, more: { board } };
      // With words that take a part of the machine away, ours leaves out what has nothing to do with it.
      const machine = await debianMachine(guest, { ...boot, short: words !== undefined });
      toPrompt(machine);
      const ours = command(machine, RAW_LOG);
      const theirs = await commandOnQemu(guest, boot, RAW_LOG, ["-M", board]);
      // The comparison sees both logs; a machine may give a kernel nothing to warn of.
      for (const log of [ours, theirs]) expect(log.filter((line) => /^<\d+>\[/.test(line)).length).toBeGreaterThan(100);
      expect(additional(ours, theirs).filter((line) => !explained(line))).toEqual([]);
    });
  }
}

if (full) describe("the kernel's warnings", comparisons);

describe("the comparison of kernel logs", () => {
  it("knows levels, and takes lines for the same that differ in numbers", () => {
    const raw = [
      "<6>[    0.100000] fine",
      "<4>[    1.000000] bad at 0x1f3c",
      "<3>[    2.0] worse",
      "<12>[   3.000000] of user",
    ];
    expect(warnings(raw)).toEqual(["bad at 0x1f3c", "worse", "of user"]);
    expect(additional(raw, ["<4>[    9.000000] bad at 0x77aa", "<6>[    2.000000] worse"])).toEqual([
      "worse",
      "of user",
    ]);
  });
});
