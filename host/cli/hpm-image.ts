// SPDX-License-Identifier: MIT
// `glass86 bmc hpm-image`: makes the file by which upgrade tools give a machine another ROM.
import { readFileSync, writeFileSync } from "node:fs";
import { ConfigError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import { hpmFile, ownRom } from "../../vmm/rom-files.ts";

const OPTIONS = ["--rom", "--rom-version", "--save-rom"] as const;
type Option = (typeof OPTIONS)[number];

export function hpmImageCommand(args: readonly string[]): void {
  const given: Partial<Record<Option, string>> = {};
  let out: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const [name = "", attached] = args[i]!.split(/=(.*)/s);
    const option = OPTIONS.find((each) => each === name);
    if (option) {
      const value = attached ?? args[++i];
      if (value === undefined) throw new ConfigError(`${name} needs a value`);
      given[option] = value;
    } else if (name.startsWith("-"))
      throw new ConfigError(`bmc hpm-image has no option ${name}; nearest is ${nearest(name, OPTIONS)}`);
    else if (out !== undefined) throw new ConfigError(`bmc hpm-image: "${args[i]}" is one too many`);
    else out = args[i];
  }
  const { "--rom": file, "--rom-version": version, "--save-rom": save } = given;
  if (out === undefined) throw new ConfigError("bmc hpm-image needs the name of the file that it shall make");
  if (file !== undefined && version !== undefined)
    throw new ConfigError("bmc hpm-image: --rom has its version inside, so --rom-version is one too many");
  const rom = file === undefined ? ownRom(version) : readRom(file);
  writeFileSync(out, hpmFile(rom, Math.floor(Date.now() / 1000)));
  if (save !== undefined) writeFileSync(save, rom);
}

function readRom(file: string): Uint8Array {
  try {
    return Uint8Array.from(readFileSync(file));
  } catch (error) {
    throw new ConfigError(`the ROM cannot be read: ${(error as Error).message}`);
  }
}
