// SPDX-License-Identifier: MIT
// QEMU's lists of properties, as in `-drive file=disk.img,format=raw`: names and values, and a comma in a value is written
// twice.
import { ConfigError } from "../../common/errors.ts";
import { editDistance, nearest } from "../../common/nearest.ts";

const TYPING_ERRORS = 2;

export class Properties {
  /** The option they belong to, for errors. */
  readonly option: string;
  readonly #values: ReadonlyMap<string, string>;

  /** `implied`: the name of a first value that comes without one. */
  constructor(option: string, text: string, names: readonly string[], implied?: string) {
    this.option = option;
    const values = new Map<string, string>();
    for (const [index, part] of splitProperties(text).entries()) {
      const equals = part.indexOf("=");
      const bare = equals < 0;
      if (names.length === 0) throw new ConfigError(`${option} has no properties, but has "${part}"`);
      if (bare && (index > 0 || implied === undefined)) {
        const near = nearest(part, names)!;
        const hint = editDistance(near, part) <= TYPING_ERRORS ? `nearest is ${near}=` : `${names[0]}= may be missing`;
        throw new ConfigError(`${option}: "${part}" is not NAME=VALUE; ${hint}`);
      }
      const name = bare ? implied! : part.slice(0, equals);
      const value = bare ? part : part.slice(equals + 1);
      if (!names.includes(name))
        throw new ConfigError(`${option} has no ${name}=; nearest is ${nearest(name, names)}=`);
      if (values.has(name)) throw new ConfigError(`${option}: ${name}= is given twice`);
      if (value === "") throw new ConfigError(`${option}: ${name}= needs a value`);
      values.set(name, value);
    }
    this.#values = values;
  }

  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  needed(name: string, what: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw new ConfigError(`${this.option}: ${name}= is needed, ${what}`);
    return value;
  }

  choice<Word extends string>(name: string, words: readonly Word[], otherwise: Word): Word {
    const value = this.#values.get(name);
    if (value === undefined) return otherwise;
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    const near = nearest(value, words);
    throw new ConfigError(`${this.option} ${name}=${value}: ${words.join(", ")} is possible; nearest is ${near}`);
  }

  flag(name: string, otherwise = false): boolean {
    return this.choice(name, ["on", "off"], otherwise ? "on" : "off") === "on";
  }

  count(name: string, otherwise: number): number {
    const value = this.#values.get(name);
    if (value === undefined) return otherwise;
    if (/^\d+$/.test(value) && Number.isSafeInteger(Number(value)) && Number(value) > 0) return Number(value);
    throw new ConfigError(`${this.option} ${name}=${value}: a whole number from 1 is possible`);
  }
}

/** At single commas; two of them are one of the value. */
function splitProperties(text: string): string[] {
  return (text.match(/(?:[^,]|,,)+/g) ?? []).map((part) => part.replaceAll(",,", ","));
}
