// SPDX-License-Identifier: MIT
// The command line of `glass86 bare`: what is possible, and errors that name the nearest possible thing.
import { ConfigError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import { parseSize } from "../../common/sizes.ts";

export interface Options {
  help: boolean;
  /** Instructions to print; undefined: no trace. */
  trace: number | undefined;
  cpu: string | undefined;
  memoryBytes: number;
  /** Instructions after which the run is given up. */
  limit: number;
  /** A flat image for 0000:7C00; undefined: the built-in guest. */
  image: string | undefined;
}

const NAMES = ["--help", "--trace", "--cpu", "-m", "--limit"];
const DEFAULT_TRACE = 40;
const MIB = 1 << 20;

export const HELP = `npm start -- bare [options] [IMAGE]

Runs a guest on the bare CPU core: IMAGE (a flat file that is put at 0000:7C00, as a BIOS
does with a boot sector), else the built-in guest guest-images/hello. What it writes to port
0xE9 is printed; the run ends when it halts.

  --trace [N]     print the first N instructions (${DEFAULT_TRACE}) with the registers they change
  --cpu MODEL     the processor to be; an unknown name lists the models
  -m SIZE         memory: bytes, or with K, M or G (16M)
  --limit N       give up after N instructions (10000000000)
  --help          this text

Exit codes: 0 the guest halted, 1 bad input, 2 the guest shut down, 42 the limit was reached.
`;

export function parseOptions(args: readonly string[]): Options {
  const options: Options = {
    help: false,
    trace: undefined,
    cpu: undefined,
    memoryBytes: 16 * MIB,
    limit: 1e10,
    image: undefined,
  };
  for (let i = 0; i < args.length; i++) {
    const [name, attached] = split(args[i]!);
    const value = (what: string): string => {
      const text = attached ?? args[++i];
      if (text === undefined) throw new ConfigError(`${name} needs ${what}`);
      return text;
    };
    if (name === "--help" || name === "-h") options.help = true;
    else if (name === "--cpu" || name === "-cpu") options.cpu = value("a CPU model");
    else if (name === "-m" || name === "--memory") options.memoryBytes = parseSize(value("a size"));
    else if (name === "--limit") options.limit = parseCount("--limit", value("a number of instructions"));
    else if (name === "--trace") {
      const count = attached ?? (/^\d+$/.test(args[i + 1] ?? "") ? args[++i] : undefined);
      options.trace = count === undefined ? DEFAULT_TRACE : parseCount("--trace", count);
    } else if (name.startsWith("-")) {
      throw new ConfigError(`there is no option ${name}; nearest is ${nearest(name, NAMES)} (--help lists all)`);
    } else if (options.image !== undefined) {
      throw new ConfigError(`two images, ${options.image} and ${name}: one is possible`);
    } else options.image = name;
  }
  return options;
}

function split(argument: string): [name: string, value: string | undefined] {
  const equals = argument.startsWith("--") ? argument.indexOf("=") : -1;
  return equals < 0 ? [argument, undefined] : [argument.slice(0, equals), argument.slice(equals + 1)];
}

export function parseCount(name: string, text: string, least = 1): number {
  const count = /^\d+(e\d+)?$/i.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(count) && count >= least) return count;
  throw new ConfigError(`${name} ${text}: a whole number from ${least} to ${Number.MAX_SAFE_INTEGER} is possible`);
}
