// SPDX-License-Identifier: MIT
// QEMU as an oracle for what only a processor reaches: its local APIC. A guest of ours (oracle-guest.asm) stands where the
// firmware does and carries out the session; a nanosecond an instruction, so that a session is the same whenever it runs.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OracleCase, Step } from "./device-oracle.ts";
import { CONFADD, CONFDATA, QEMU } from "./qtest.ts";

export const ASSEMBLER = "nasm";
const SOURCE = join(import.meta.dirname, "oracle-guest.asm");

/** Operations of the guest, as its table has them; reads and writes by the size's logarithm. */
const END = 0;
const READ = 1;
const WRITE = 4;
const IN = 7;
const OUT = 10;
const ACKNOWLEDGE = 13;
const READ_MSR = 14;
const WAIT = 15;
const CODE_BYTES = 0x10000;

/** What the guest's wait is for our clock; it is at least this long. */
export const WAIT_NANOS = 20_000;

function operation({ regions }: OracleCase, { kind, region, offset, size, value }: Step): number[] {
  const { space, address } = regions[region]!;
  const at = address + offset;
  const port = (number: number): number[] => [(kind === "w" ? OUT : IN) + (size >> 1), number, value];
  switch (space) {
    case "memory":
      return [(kind === "w" ? WRITE : READ) + (size >> 1), at, value];
    case "io":
      return port(at);
    case "pci":
      return [OUT + 2, CONFADD, (at & ~3) >>> 0, ...port(CONFDATA + (at & 3))];
    case "acknowledge":
      return [ACKNOWLEDGE, 0, 0];
    case "msr":
      return [READ_MSR, at, 0];
    case "wait":
      return [WAIT, 0, 0];
  }
}

export async function askQemuProcessor(device: OracleCase, steps: readonly Step[]): Promise<number[]> {
  const words = [...steps.flatMap((step) => operation(device, step)), END];
  const imageBytes = CODE_BYTES + Math.ceil((4 * words.length) / CODE_BYTES) * CODE_BYTES;
  const folder = mkdtempSync(join(tmpdir(), "glass86-oracle-"));
  try {
    const code = join(folder, "code.bin");
    execFileSync(ASSEMBLER, ["-f", "bin", `-DIMAGE_BYTES=${imageBytes}`, SOURCE, "-o", code]);
    const image = new DataView(new ArrayBuffer(imageBytes));
    words.forEach((word, index) => image.setUint32(4 * index, word, true));
    new Uint8Array(image.buffer).set(readFileSync(code), imageBytes - CODE_BYTES);
    const firmware = join(folder, "firmware.bin");
    writeFileSync(firmware, new Uint8Array(image.buffer));
    const answers = runGuest(device, firmware);
    const reads = steps.filter(({ kind }) => kind === "r").length;
    if (answers.length !== reads) throw new Error(`QEMU's guest answered ${answers.length} reads of ${reads}`);
    return answers;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runGuest({ machine, options = [] }: OracleCase, firmware: string): number[] {
  const devices = ["-debugcon", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=1", ...options];
  const base = [
    "-accel",
    "tcg",
    "-icount",
    "shift=0,sleep=off",
    "-display",
    "none",
    "-nodefaults",
    "-machine",
    machine,
  ];
  const words = [...base, "-m", "16", "-bios", firmware, ...devices];
  const out = spawnOutput(words);
  const view = new DataView(out.buffer, out.byteOffset, out.length);
  return Array.from({ length: out.length >> 2 }, (_, index) => view.getUint32(4 * index, true));
}

/** The debug exit gives an odd exit code: not a failure. */
function spawnOutput(words: readonly string[]): Uint8Array {
  try {
    return execFileSync(QEMU, words, { timeout: 100_000, maxBuffer: 1 << 24, stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number | null; stdout: Buffer; stderr: Buffer };
    if (status === null || !(status & 1) || stderr.length > 0)
      throw new Error(`QEMU has failed: ${stderr}`, { cause: error });
    return stdout;
  }
}
