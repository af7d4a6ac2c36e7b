// SPDX-License-Identifier: MIT
// Debian guests for tests: one made on the first use, booted to its prompt, on our machine or on QEMU's.
import { readFileSync } from "node:fs";
import { cpioArchive, type CpioEntry } from "../../guest-images/debian/cpio.ts";
import { debianGuest, type DebianGuest } from "../../guest-images/debian/recipe.ts";
import { planFastLinuxBoot } from "../../firmware/loaders/linux/unpacked.ts";
import { loadCoreModule } from "../../host/node/core.ts";
import { createMachine, type CreateMachineOptions } from "../../vmm/create-machine.ts";
import type { Machine } from "../../vmm/machine.ts";
import { missing } from "../harness/missing-tool.ts";

export const SECOND = 1_000_000_000;
export const PROMPT = "guest# ";
const BOOT_LIMIT = 300 * SECOND;

export interface DebianBoot {
  flavour: string;
  memory?: string;
  append?: string;
  /** With kernel modules and Debian's programs. */
  tools?: boolean;
  /** Unpacked by the host, without the parts of a boot that are long and nothing of the machine's. */
  short?: boolean;
  /** Files beside those of the image, and before them those that the kernel looks for itself. */
  files?: readonly CpioEntry[];
  early?: readonly CpioEntry[];
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
  const initrd = withFiles(image, boot);
  const append = [boot.append, short && SHORT].filter(Boolean).join(" ");
  const start = short
    ? { boot: (await planFastLinuxBoot({ kernel, initrd, commandLine: append })).planner }
    : { kernel, initrd, append };
  return createMachine({ core: loadCoreModule(), memory, ...start, ...more });
}

/** An initramfs is a row of archives. */
export function withFiles(image: Buffer, { files, early }: DebianBoot): Buffer {
  return Buffer.concat([early && cpioArchive(early), image, files && cpioArchive(files)].filter((each) => !!each));
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
export function output(text: string, typed: string): string[] {
  const begin = text.indexOf(typed) + typed.length;
  return text
    .slice(begin, text.lastIndexOf(PROMPT))
    .split("\n")
    .map((line) => line.replaceAll("\r", ""))
    .filter((line) => line !== "");
}
