// SPDX-License-Identifier: MIT
// What the program does with its words: a word for what to do, `run` where there is none, and errors as one line and an exit
// code.
import { ConfigError, SnapshotError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import { bareCommand } from "./bare.ts";
import { bmcCommand } from "./bmc.ts";
import { runCommand } from "./run.ts";

const EXIT_USAGE = 1;
const EXIT_INTERNAL = 3;

const COMMANDS: Readonly<Record<string, (words: readonly string[]) => Promise<number>>> = {
  run: runCommand,
  bare: bareCommand,
  bmc: async (words) => {
    await bmcCommand(words);
    return 0;
  },
};

/** Does what the words say, and gives the exit code. Throws nothing: what is wrong is said on standard error. */
export async function program(words: readonly string[]): Promise<number> {
  try {
    return await command(words);
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof SnapshotError)) return internalError(error);
    console.error(`glass86: ${error.message}`);
    return EXIT_USAGE;
  }
}

/** An error of ours, not of bad usage; gives the exit code of such. */
export function internalError(error: unknown): number {
  console.error("glass86: an error in the program itself:", error);
  return EXIT_INTERNAL;
}

/** Options without a word before them are those of `run`. */
async function command([word, ...rest]: readonly string[]): Promise<number> {
  if (word === undefined || word.startsWith("-")) return runCommand(word === undefined ? [] : [word, ...rest]);
  const found = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  if (found) return found(rest);
  throw new ConfigError(
    `there is no command ${word}; nearest is ${nearest(word, Object.keys(COMMANDS))} (-help lists the options of run)`,
  );
}
