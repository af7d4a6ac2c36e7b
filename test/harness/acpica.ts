// SPDX-License-Identifier: MIT
// ACPICA's tools as oracles for tables: iasl takes them apart and puts them together again, acpiexec evaluates objects of
// a namespace.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";

export interface RoundTrip {
  /** What iasl said, of taking apart and of compiling. */
  readonly messages: string;
  readonly source: string;
  /** The table as iasl compiles its own disassembly, without optimizations. */
  readonly recompiled: Uint8Array | undefined;
}

function inFolder<Value>(work: (folder: string) => Value): Value {
  const folder = mkdtempSync(join(tmpdir(), "acpica-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(program: string, args: readonly string[], cwd: string): string {
  const { stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8", timeout: 20_000 });
  return stdout + stderr;
}

export function roundTrip(table: Uint8Array): RoundTrip {
  return inFolder((folder) => {
    writeFileSync(join(folder, "table.dat"), table);
    const apart = run("iasl", ["-d", "table.dat"], folder);
    const file = join(folder, "table.dsl");
    const source = existsSync(file) ? readFileSync(file, "latin1") : "";
    const together = run("iasl", ["-oa", "-p", "again", "table.dsl"], folder);
    const again = join(folder, "again.aml");
    return { messages: apart + together, source, recompiled: existsSync(again) ? readFileSync(again) : undefined };
  });
}

/** A table from its source. */
export function compile(source: string): Uint8Array {
  return inFolder((folder) => {
    writeFileSync(join(folder, "table.asl"), source);
    const messages = run("iasl", ["-p", "table", "table.asl"], folder);
    const built = join(folder, "table.aml");
    if (!existsSync(built)) throw new Error(messages);
    return readFileSync(built);
  });
}

/** What a compiler puts into the header of any table: checksum, creator and its revision. */
function withoutCreator(table: Uint8Array): Uint8Array {
  return table.map((byte, at) => (at === 9 || (at >= 28 && at < 36) ? 0 : byte));
}

/** iasl takes the table apart and makes the same one again, without an error, a warning or a remark. */
export function expectRoundTrip(signature: string, table: Uint8Array): void {
  const { messages, recompiled } = roundTrip(table);
  expect(messages, signature).not.toMatch(/^(?:Error|Warning|Remark) |Unknown|Invalid|checksum/im);
  expect(messages, signature).toMatch(/successful\. 0 Errors, 0 Warnings, 0 Remarks|Binary Output|Acpi Data Table/i);
  expect(recompiled, signature).toBeDefined();
  const same = signature === "FACS" ? (bytes: Uint8Array) => bytes : withoutCreator;
  expect(Buffer.from(same(recompiled!)).equals(Buffer.from(same(table))), `${signature} is the same again`).toBe(true);
}

/** The output of acpiexec for commands of its debugger. */
export function evaluate(dsdt: Uint8Array, commands: readonly string[]): string {
  return inFolder((folder) => {
    writeFileSync(join(folder, "dsdt.dat"), dsdt);
    const args = ["-b", commands.join(";"), "dsdt.dat"];
    return execFileSync("acpiexec", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  });
}
