// SPDX-License-Identifier: MIT
// The sources keep the rules of ARCHITECTURE.md, and each rule is shown to find what it forbids.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  hastyComparisons,
  hostNames,
  idleAllowances,
  MAX_LINES,
  type Source,
  tooLong,
  withoutLicence,
  wrongImports,
} from "./rules.ts";

/** Hand-written files over the limit, each with its reason. */
const LONG_FILES: Readonly<Record<string, string>> = {
  "vmm-core/interp/select.ts": "the choice of a hot micro-op, one case an operation",
  "tools/native-oracle/builder.ts": "one builder of instruction bytes and operands for all encodings",
};

/** Guests that are measured byte for byte as they were given. */
const AS_GIVEN = /^bench\/anchor-loops\//;

const root = join(import.meta.dirname, "../..");
const sources: Source[] = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => /\.(ts|mts|mjs|c|h|S|asm)$/.test(path) && existsSync(join(root, path)))
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
const scripts = sources.filter(({ path }) => /\.(ts|mts|mjs)$/.test(path));

const at = (path: string, text: string): Source => ({ path, text });

it("the sources are found", () => {
  expect(scripts.length).toBeGreaterThan(100);
});

describe("imports", () => {
  it("go only in the directions of the house", () => {
    expect(scripts.flatMap(wrongImports)).toEqual([]);
  });

  it.each([
    ["common/x.ts", "../vmm/cpu/core.ts"],
    ["vmm-core/interp/x.ts", "../../common/errors.ts"],
    ["devices/uart16550/uart.ts", "../pic8259/pic.ts"],
    ["devices/uart16550/uart.ts", "../../vmm/bus.ts"],
    ["firmware/post.ts", "../devices/core/clock.ts"],
    ["vbmc/kcs.ts", "../devices/uart16550/uart.ts"],
    ["vmm/cpu/x.ts", "../../vmm-core/interp/loop.ts"],
    ["vmm/cpu/x.ts", "../../host/node/core.ts"],
    ["host/cli/x.ts", "../../devices/core/clock.ts"],
  ])("from %s to %s is found", (path, target) => {
    const found = expect.stringMatching(/ imports /);
    expect(wrongImports(at(path, `import { a } from "${target}";`))).toEqual([found]);
    expect(wrongImports(at(path, `import {\n  a,\n  b,\n} from "${target}";`))).toEqual([found]);
    expect(wrongImports(at(path, `export * from '${target}';`))).toEqual([found]);
    expect(wrongImports(at(path, `const a = await import("${target}");`))).toEqual([found]);
    expect(wrongImports(at(path, `import "${target}";`))).toEqual([found]);
  });

  it.each([
    ["devices/uart16550/uart.ts", "./fifo.ts"],
    ["devices/uart16550/uart.ts", "../core/clock.ts"],
    ["vmm/cpu/core.ts", "../../vmm-core/layout.ts"],
    ["vmm/boards/pc.ts", "../../devices/uart16550/uart.ts"],
    ["test/x.ts", "../vmm-core/interp/loop.ts"],
  ])("from %s to %s is allowed", (path, target) => {
    expect(wrongImports(at(path, `import { a } from "${target}";`))).toEqual([]);
  });
});

describe("the host", () => {
  it("is not named by code that must run anywhere", () => {
    expect(scripts.flatMap(hostNames)).toEqual([]);
  });

  it.each([
    "const now = Date.now();",
    "const r = Math.random();",
    "performance.now();",
    "setTimeout(f, 1);",
    "process.exit(1);",
    "document.title;",
    'import { readFileSync } from "node:fs";',
    "console.log(`${1}`);",
    "const text = `${Date.now()}`;",
  ])("is found in: %s", (text) => {
    expect(hostNames(at("devices/x/x.ts", text))).toHaveLength(1);
    expect(hostNames(at("host/node/x.ts", text))).toEqual([]);
  });

  it("is not found in comments, texts and members of ours", () => {
    const text = `// Date and process\nconst a = "performance"; this.console = clock.process(b); f({ document: 1 });`;
    expect(hostNames(at("vmm/x.ts", text))).toEqual([]);
  });
});

describe("a secret of the BMC", () => {
  it("is compared only where the time does not tell the difference", () => {
    expect(scripts.flatMap(hastyComparisons)).toEqual([]);
  });

  it.each([
    "if (user.password === given) return;",
    "return proof !== wanted;",
    "if (given === session.integrityKey[0]) return;",
    "return key.every((each, i) => each === other[i]);",
    "if (expectedHmac.equals(code)) return;",
    "return password!.join() === text;",
  ])("is found in: %s", (text) => {
    expect(hastyComparisons(at("vbmc/x.ts", text))).not.toEqual([]);
    expect(hastyComparisons(at("vbmc/crypto/sealed-key.ts", text))).toEqual([]);
  });

  it("may be missing, and other things may have its name in theirs", () => {
    const text =
      "if (user.key === null || proof !== null && sameSecret(proof, given) || keyCount === 3) f(password.length);";
    expect(hastyComparisons(at("vbmc/x.ts", text))).toEqual([]);
  });
});

describe("a hand-written file", () => {
  it(`has at most ${MAX_LINES} lines, or a reason`, () => {
    expect(sources.flatMap((source) => tooLong(source, LONG_FILES))).toEqual([]);
  });

  it("that is longer is found", () => {
    const long = at("vmm/x.ts", "\n".repeat(MAX_LINES + 1));
    expect(tooLong(long, {})).toEqual(["vmm/x.ts has 601 lines"]);
    expect(tooLong(long, { "vmm/x.ts": "a reason" })).toEqual([]);
    expect(tooLong(at("vmm/x.ts", "\n".repeat(MAX_LINES)), {})).toEqual([]);
  });

  it("has no reason that it does not need", () => {
    expect(idleAllowances(sources, LONG_FILES)).toEqual([]);
    expect(idleAllowances([], { "vmm/x.ts": "a reason" })).toEqual(["vmm/x.ts"]);
  });

  it("begins with its licence", () => {
    expect(sources.filter(({ path }) => !AS_GIVEN.test(path)).flatMap(withoutLicence)).toEqual([]);
    expect(withoutLicence(at("vmm/x.ts", "// A file.\n"))).toEqual(["vmm/x.ts has no SPDX line"]);
  });
});
