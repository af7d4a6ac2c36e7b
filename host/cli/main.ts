// SPDX-License-Identifier: MIT
// The program: a word for what to do, `run` where there is none, and errors as one line and an exit code.
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

/** What nobody caught, as from a terminal's event: the exit code is that of an error of ours, not of bad usage. */
process.on("uncaughtException", (error) => {
  console.error("glass86: an error in the program itself:", error);
  process.exit(EXIT_INTERNAL);
});
try {
  process.exitCode = await command(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof ConfigError || error instanceof SnapshotError;
  if (usage) console.error(`glass86: ${error.message}`);
  else console.error("glass86: an error in the program itself:", error);
  process.exitCode = usage ? EXIT_USAGE : EXIT_INTERNAL;
}

/** Options without a word before them are those of `run`. */
async function command([word, ...rest]: string[]): Promise<number> {
  if (word === undefined || word.startsWith("-")) return runCommand(word === undefined ? [] : [word, ...rest]);
  const found = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  if (found) return found(rest);
  throw new ConfigError(
    `there is no command ${word}; nearest is ${nearest(word, Object.keys(COMMANDS))} (-help lists the options of run)`,
  );
}
