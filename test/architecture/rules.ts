// SPDX-License-Identifier: MIT
// The rules of the house as functions of a path and its text, so that each can be shown to find what it forbids.
import { posix } from "node:path";

export interface Source {
  readonly path: string; // from the repository's root, with slashes
  readonly text: string;
}

/** What each folder may import of ours, by the longest prefix that fits the importing file. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "vmm-core/": ["vmm-core/"],
  "common/": ["common/"],
  "devices/": ["common/", "devices/core/", "devices/pci/"],
  "firmware/": ["common/", "firmware/"],
  "vbmc/": ["common/", "devices/core/", "vbmc/"],
  "vmm/": ["common/", "devices/", "firmware/", "vbmc/", "vmm/"],
  "host/": ["common/", "vmm/", "host/"],
};

/** Of the core, the machine sees its memory layout, its ABI, and its instruction tables as data. */
const CORE_FACE = /^vmm-core\/(layout\.ts|uop\.ts|abi\/|isa\/|decode\/insn\.ts$|state\/fault\.ts$)/;
const SEES_CORE = ["vmm/", "host/"];

const IMPORT =
  /^\s*(?:import|export)\b[^"';]*?\bfrom\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;

export function importsOf({ text }: Source): string[] {
  return [...text.matchAll(IMPORT)].map((match) => (match[1] ?? match[2] ?? match[3])!);
}

/** Imports against the direction of the house. */
export function wrongImports(source: Source): string[] {
  const home = Object.keys(MAY_IMPORT).find((folder) => source.path.startsWith(folder));
  if (!home) return []; // tools, test and bench may import anything
  return importsOf(source).flatMap((specifier) => {
    if (!specifier.startsWith(".")) return [];
    const target = posix.join(posix.dirname(source.path), specifier);
    if (MAY_IMPORT[home]!.some((folder) => target.startsWith(folder))) return [];
    if (SEES_CORE.includes(home) && CORE_FACE.test(target)) return [];
    if (home === "devices/" && sameDevice(source.path, target)) return [];
    return [`${source.path} imports ${target}`];
  });
}

/** A device is a folder, or a file of devices/ itself. */
function sameDevice(path: string, target: string): boolean {
  const [, device = ""] = path.split("/");
  return !device.endsWith(".ts") && target.startsWith(`devices/${device}/`);
}

const PURE = /^(common|devices|firmware|vbmc|vmm|vmm-core)\//;
// Not after a dot: a member of ours may be called as a global is. `window` and `fetch` are words of buses too, and the
// compiler knows neither here (tsconfig.json has no DOM).
const HOST_NAMES =
  /(?<![.#]\s*)\b(?:Date|performance|setTimeout|setInterval|setImmediate|queueMicrotask|requestAnimationFrame|process|Buffer|require|document|navigator|localStorage|console|globalThis|Math\.random|crypto\.(?:getRandomValues|randomUUID))\b(?!\s*[:?])/g;

/** Names of the host in code that must not know there is one. */
export function hostNames(source: Source): string[] {
  if (!PURE.test(source.path)) return [];
  const nodes = importsOf(source).filter((specifier) => specifier.startsWith("node:"));
  const code = withoutCommentsAndStrings(source.text);
  const names = [...code.matchAll(HOST_NAMES)].map((match) => match[0]);
  return [...nodes, ...names].map((name) => `${source.path} names ${name}`);
}

export function withoutCommentsAndStrings(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/gm, (match) =>
    // A template's expressions are code.
    match.startsWith("`") ? [...match.matchAll(/\$\{([^}]*)\}/g)].map((part) => ` ${part[1]} `).join("") : " ",
  );
}

export const MAX_LINES = 600;

/** Files longer than one concept should be; `allowed`: path to the reason. */
export function tooLong(source: Source, allowed: Readonly<Record<string, string>>): string[] {
  const lines = source.text.split("\n").length - 1;
  return lines > MAX_LINES && !allowed[source.path] ? [`${source.path} has ${lines} lines`] : [];
}

/** Entries of the allow-list that nothing needs any more. */
export function idleAllowances(sources: readonly Source[], allowed: Readonly<Record<string, string>>): string[] {
  const long = new Set(sources.filter((source) => tooLong(source, {}).length > 0).map(({ path }) => path));
  return Object.keys(allowed).filter((path) => !long.has(path));
}

/** Sources without the licence in their first lines. */
export function withoutLicence(source: Source): string[] {
  const head = source.text.split("\n", 3).join("\n");
  return head.includes("SPDX-License-Identifier: MIT") ? [] : [`${source.path} has no SPDX line`];
}

const SECRET = /(?:key|password|secret|proof|challenge|hmac|authcode)$/i;
/** Where secrets are compared, in a time that does not tell where they differ. */
const COMPARER = "vbmc/crypto/sealed-key.ts";
const EQUALITY = /([\w$.!?]+(?:\[[^\]]*\])?!?)\s*(?:===?|!==?)\s*([\w$.!?]+(?:\[[^\]]*\])?)/g;
const SEARCH = /([\w$.!?]+)\.(?:every|some|equals|compare|indexOf|includes|findIndex|startsWith|join)\(/g;

/** Comparisons of secrets in code of the BMC that end at the first difference, or might. */
export function hastyComparisons(source: Source): string[] {
  if (!source.path.startsWith("vbmc/") || source.path === COMPARER) return [];
  const code = withoutCommentsAndStrings(source.text);
  const named = (text: string): string => text.replace(/(\[[^\]]*\]|[!?])+$/g, "");
  // Absence, numbers and constants are no secrets.
  const harmless = /^(null|undefined|true|false|typeof|\d\w*|[A-Z][A-Z_\d]+)$/;
  const equalities = [...code.matchAll(EQUALITY)].filter(([, left = "", right = ""]) => {
    if (harmless.test(left) || harmless.test(right)) return false;
    return SECRET.test(named(left)) || SECRET.test(named(right));
  });
  const searches = [...code.matchAll(SEARCH)].filter(([, what = ""]) => SECRET.test(named(what)));
  return [...equalities, ...searches].map(([text]) => `${source.path} compares a secret: ${text}`);
}
