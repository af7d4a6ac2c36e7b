// SPDX-License-Identifier: MIT
// A boot of Debian's kernel that goes through a snapshot file and a new process at each of ten random points is the boot
// that was never interrupted. Part of the full run only.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { randomSource } from "../../devices/core/contract.ts";
import type { DebianGuest } from "../../guest-images/debian/recipe.ts";
import type { Piece } from "../harness/run-piece.ts";
import { guestFor, SHORT } from "./debian-machine.ts";

const full = process.env["GLASS86_FULL"] === "1";
/** .ci/run does not have this guest. */
const inCi = process.env["CI"] === "true";
const POINTS = 10;
/** The shell has its prompt by `end`, an instruction. */
const BOOTS = [
  { flavour: "cloud-amd64", board: "pc", way: "whole", append: "", end: 1_700_000_000 },
  { flavour: "686", board: "q35", way: "unpacked", append: SHORT, end: 650_000_000 },
] as const;

type Boot = (typeof BOOTS)[number];

function piece(boot: Boot, guest: DebianGuest, retired: number, load = "-", save = "-"): Piece {
  const script = join(import.meta.dirname, "../harness/run-piece.ts");
  const what = [boot.way, boot.board, guest.kernel, guest.initrd, boot.append, String(retired), load, save];
  const words = ["--import", "tsx", script, ...what];
  return JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8", maxBuffer: 2 ** 26 })) as Piece;
}

describe.runIf(full && !inCi).each(BOOTS)("a boot of $flavour on $board in ten processes", (boot) => {
  it("comes to the same instruction, time, text and digest as in one", (context) => {
    const guest = guestFor(boot.flavour);
    if (!guest) return context.skip();
    const folder = mkdtempSync(join(tmpdir(), "glass86-snapshots-"));
    try {
      const whole = piece(boot, guest, boot.end);
      expect(whole.text).toContain("guest# ");
      const random = randomSource(Number(process.env["GLASS86_SEED"] ?? 386));
      const points = Array.from({ length: POINTS }, () => random(boot.end)).toSorted((a, b) => a - b);
      const file = (index: number): string => join(folder, `${index}.g86`);
      let text = "";
      points.forEach((point, index) => {
        const each = piece(boot, guest, point, index === 0 ? "-" : file(index - 1), file(index));
        expect(each.retired).toBe(point);
        text += each.text;
      });
      const last = piece(boot, guest, boot.end, file(POINTS - 1));
      expect({ ...last, text: text + last.text }, `points ${points.join(" ")}`).toEqual(whole);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
