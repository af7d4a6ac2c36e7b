// SPDX-License-Identifier: MIT
// Debian guests for tests: one made on the first use, booted to its prompt, on our machine or on QEMU's.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpioArchive, type CpioEntry } from "../../guest-images/debian/cpio.ts";
import { debianGuest, type DebianGuest } from "../../guest-images/debian/recipe.ts";
import { flavour } from "../../guest-images/debian/flavours.ts";
import { planFastLinuxBoot } from "../../firmware/loaders/linux/unpacked.ts";
import { loadCoreModule } from "../../host/node/core.ts";
import { createMachine, type CreateMachineOptions } from "../../vmm/create-machine.ts";
import type { Machine } from "../../vmm/machine.ts";
import { missing } from "../harness/missing-tool.ts";

export const SECOND = 1_000_000_000;
const PROMPT = "guest# ";
const BOOT_LIMIT = 300 * SECOND;
const QEMU_LIMIT_MS = 300_000;

export interface DebianBoot {
  flavour: string;
  memory?: string;
  append?: string;
  /** With kernel modules and Debian's programs. */
  tools?: boolean;
  /** Unpacked by the host, without the parts of a boot that are long and nothing of the machine's. */
  short?: boolean;
  /** Files beside those of the image. */
  files?: readonly CpioEntry[];
  more?: Partial<CreateMachineOptions>;
}

/** Self tests of the kernel's own ciphers, a certificate, and probing that only waits. */
export const SHORT = "cryptomgr.notests initcall_blacklist=load_system_certificate_list noisapnp";

/** The guest, or undefined where there is no apt to make it with. */
export function guestFor(name: string): DebianGuest | undefined {
  try {
    return debianGuest(name, (text) => console.warn(`debian: ${text}`));
  } catch (error) {
    missing(`Debian's ${name} kernel and its programs, by apt: ${String(error)}`);
    return undefined;
  }
}

export async function debianMachine(guest: DebianGuest, boot: DebianBoot): Promise<Machine> {
  const { memory = "128M", tools = false, short = false, more } = boot;
  const kernel = readFileSync(guest.kernel);
  const image = readFileSync(tools ? guest.toolsInitrd : guest.initrd);
  const initrd = boot.files ? Buffer.concat([image, cpioArchive(boot.files)]) : image;
  const append = [boot.append, short && SHORT].filter(Boolean).join(" ");
  const start = short
    ? { boot: (await planFastLinuxBoot({ kernel, initrd, commandLine: append })).planner }
    : { kernel, initrd, append };
  return createMachine({ core: loadCoreModule(), memory, ...start, ...more });
}

export function toPrompt(machine: Machine, within = BOOT_LIMIT): void {
  machine.serial(0).expect(PROMPT, { within });
}

/** Types a command; gives the lines it printed. */
export function command(machine: Machine, text: string, within = 60 * SECOND): string[] {
  const serial = machine.serial(0);
  const before = serial.text.length;
  serial.write(`${text}\n`);
  serial.expect(PROMPT, { within });
  return output(serial.text.slice(before), text);
}

/** What stands between the echo of a command and the next prompt. */
function output(text: string, typed: string): string[] {
  const begin = text.indexOf(typed) + typed.length;
  return text
    .slice(begin, text.lastIndexOf(PROMPT))
    .split("\n")
    .map((line) => line.replaceAll("\r", ""))
    .filter((line) => line !== "");
}

/** Boots the same on QEMU and gives what a command prints there. */
export async function commandOnQemu(
  guest: DebianGuest,
  boot: DebianBoot,
  text: string,
  words: string[],
): Promise<string[]> {
  const is64 = flavour(boot.flavour).architecture === "amd64";
  const qemu = spawn(
    is64 ? "qemu-system-x86_64" : "qemu-system-i386",
    ["-accel", "tcg,thread=single", "-cpu", "Nehalem", "-m", boot.memory ?? "128M"]
      .concat(["-nodefaults", "-vga", "none", "-display", "none", "-serial", "stdio", "-no-reboot"])
      .concat(["-kernel", guest.kernel, "-initrd", boot.tools ? guest.toolsInitrd : guest.initrd])
      .concat(["-append", boot.append ?? ""], words),
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const timer = setTimeout(() => qemu.kill(), QEMU_LIMIT_MS);
  let console = "";
  let typedAt: number | undefined;
  qemu.stdout.on("data", (data: Buffer) => {
    console += data.toString("latin1");
    if (!console.slice(typedAt).includes(PROMPT)) return;
    if (typedAt === undefined) {
      typedAt = console.length;
      qemu.stdin.write(`${text}\n`);
    } else qemu.kill();
  });
  await new Promise((ended) => qemu.on("close", ended));
  clearTimeout(timer);
  if (typedAt === undefined) throw new Error(`QEMU's guest came to no prompt:\n${console.slice(-2000)}`);
  return output(console.slice(typedAt), text);
}
