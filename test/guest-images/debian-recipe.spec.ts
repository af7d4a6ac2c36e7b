// SPDX-License-Identifier: MIT
// Debian guests are made once, and anew when the recipe asks for something else.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flavour, FLAVOURS } from "../../guest-images/debian/flavours.ts";
import { cachedDebianGuest, recipeDigest } from "../../guest-images/debian/recipe.ts";

let cache = "";
beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), "glass86-guests-"));
});
afterAll(() => rmSync(cache, { recursive: true, force: true }));

/** The files in which a guest that was made tells so. */
function keep(name: string, files: Readonly<Record<string, string>>): void {
  const folder = join(cache, `debian-${name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
}

describe("a Debian guest that was made before", () => {
  const RECIPE = recipeDigest(flavour("686"));

  it("is taken when the recipe is the same", () => {
    keep("686", { SHA256SUMS: "", RECIPE });
    expect(cachedDebianGuest("686", cache)).toEqual({
      flavour: "686",
      kernel: join(cache, "debian-686/vmlinuz"),
      initrd: join(cache, "debian-686/initrd.cpio"),
      toolsInitrd: join(cache, "debian-686/initrd-tools.cpio"),
    });
    expect(cachedDebianGuest("686-pae", cache)).toBeUndefined();
  });

  it.each<[string, Record<string, string>]>([
    ["of another recipe", { SHA256SUMS: "", RECIPE: recipeDigest(flavour("amd64")) }],
    ["of before recipes were recorded", { SHA256SUMS: "" }],
    ["that was not finished", { RECIPE }],
  ])("is not taken: one %s", (_name, files) => {
    keep("686", files);
    expect(cachedDebianGuest("686", cache)).toBeUndefined();
  });
});

describe("the recipe's digest", () => {
  it("is the same each time, and another for each flavour and when a flavour becomes another", () => {
    const changed = { ...flavour("686"), kernelPackage: "linux-image-rt-686-pae" };
    const digests = [...FLAVOURS, changed].map(recipeDigest);
    expect(new Set(digests).size).toBe(FLAVOURS.length + 1);
    expect([...FLAVOURS, changed].map(recipeDigest)).toEqual(digests);
  });
});
