// SPDX-License-Identifier: MIT
// The configuration space of both chipsets beside QEMU's. Its answers are recorded (GLASS86_RECORD=1 with QEMU installed makes
// them anew); where QEMU is there, they are checked too. What differs is listed in oracle-cases/pci-config.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { planLinuxBoot } from "../../firmware/loaders/linux/linux.ts";
import { loadCoreModule } from "../../host/node/core.ts";
import type { PortBus } from "../../vmm/bus/port-bus.ts";
import { Machine } from "../../vmm/machine.ts";
import { bzImage } from "../harness/bzimage.ts";
import { hasTool } from "../harness/missing-tool.ts";
import { CHIPS, RESET_DIFFERENCES } from "../harness/oracle-cases/pci-config.ts";
import { askConfigSpace, type ChipFunction, type ConfigAnswers } from "../harness/pci-config-session.ts";
import { QEMU, Qtest } from "../harness/qtest.ts";

const FIXTURE = new URL("../vectors/qtest/pci-config.json", import.meta.url);
const recording = process.env["GLASS86_RECORD"] === "1";

/** What SeaBIOS and Debian's kernel do with the chipset on QEMU, recorded by its trace of configuration accesses. */
const bootOf = (board: string): string =>
  readFileSync(new URL(`../vectors/qtest/pci-boot-${board}.txt`, import.meta.url), "utf8");

const fixture: Record<string, ConfigAnswers> = recording ? {} : JSON.parse(readFileSync(FIXTURE, "utf8"));

async function askQemu(chip: ChipFunction): Promise<ConfigAnswers> {
  const qemu = new Qtest(["-machine", chip.board]);
  try {
    return await askConfigSpace(chip, qemu);
  } finally {
    await qemu.end();
  }
}

function portsOf(board: string): PortBus {
  const boot = planLinuxBoot({ kernel: bzImage([0xf4], [0xf4]) });
  return new Machine(loadCoreModule(), { memoryBytes: 16 << 20, boot, board }).ports;
}

async function askOurs(chip: ChipFunction): Promise<ConfigAnswers> {
  const ports = portsOf(chip.board);
  return askConfigSpace(chip, {
    in: (port, size) => ports.read(port, size),
    out: (port, size, value) => ports.write(port, size, value),
  });
}

describe.runIf(hasTool(QEMU, "configuration space beside QEMU's"))("QEMU", { timeout: 120_000 }, () => {
  it.each(CHIPS)("answers for its $name as recorded", async (chip) => {
    const answers = await askQemu(chip);
    if (recording) fixture[chip.name] = answers;
    else expect(answers).toEqual(fixture[chip.name]);
  });

  afterAll(() => {
    if (recording) writeFileSync(FIXTURE, `${JSON.stringify(fixture)}\n`);
  });
});

describe("the chipsets beside QEMU's", () => {
  it.each(CHIPS)("$name has the same registers, but for those listed", async (chip) => {
    const ours = await askOurs(chip);
    const theirs = fixture[chip.name]!;
    const differing = ours.reset.map((value, i) => [4 * i, value !== theirs.reset[i]] as const);
    expect(differing.filter(([, differs]) => differs).map(([offset]) => offset)).toEqual(
      Object.keys(RESET_DIFFERENCES[chip.name]!).map(Number),
    );
    expect(ours.kept).toEqual(theirs.kept);
    expect(ours.random).toEqual(theirs.random);
    expect(ours.random.length).toBeGreaterThan(900);
  });
});

describe("a boot of SeaBIOS and Debian's kernel, replayed", () => {
  /** Reads that differ from QEMU's, by function and register. */
  const DIFFERENT: Record<string, readonly string[]> = {
    pc: ["0.0 4", "0.0 6", "1.0 4", "1.3 4", "1.3 5c", "1.3 60", "1.3 64", "1.3 90"],
    q35: ["0.0 4", "0.0 6", "1f.0 4", "1f.0 6"],
  };

  it.each(["pc", "q35"])("%s reads what it read there, but for command and status and what we have not", (board) => {
    const ports = portsOf(board);
    const differing = new Set<string>();
    for (const line of bootOf(board).trim().split("\n")) {
      const [kind, place, access, text] = line.split(" ") as [string, string, string, string];
      const [device, func] = place.split(".").map((digits) => parseInt(digits, 16)) as [number, number];
      const [offset, size] = access.split("/").map((digits) => parseInt(digits, 16)) as [number, 1 | 2 | 4];
      const value = parseInt(text, 16);
      ports.write(0xcf8, 4, 0x80000000 + (device << 11) + (func << 8) + (offset & 0xfc));
      const port = 0xcfc + (offset & 3);
      if (kind === "w") ports.write(port, size, value);
      else if (ports.read(port, size) !== value) differing.add(`${place} ${offset.toString(16)}`);
    }
    expect([...differing].toSorted()).toEqual(DIFFERENT[board]);
  });
});
