// SPDX-License-Identifier: MIT
// Debian as a guest: a stock kernel and an initramfs with a static busybox, from packages by name. apt verifies what it
// downloads; the SHA-256 of everything is recorded beside it, and of what the recipe asked for, so that a guest of an older
// recipe is made anew. The cache folder is not part of the repository.
// Usage: node --import tsx guest-images/debian/recipe.ts [FLAVOUR ...]
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { Apt, unpack } from "./apt.ts";
import { cpioArchive, type CpioEntry, DIRECTORY, EXECUTABLE } from "./cpio.ts";
import { moduleEntries, programEntries } from "./files.ts";
import { flavour as flavourNamed, FLAVOURS, type Flavour, TEST_MODULES, TOOL_PACKAGES, TOOLS } from "./flavours.ts";

const here = import.meta.dirname;
const CACHE = join(here, "../../.cache/guests");
const SUMS = "SHA256SUMS";
const RECIPE = "RECIPE";

export interface DebianGuest {
  flavour: string;
  kernel: string;
  /** busybox and a shell, nothing else. */
  initrd: string;
  /** The same with kernel modules and Debian's programs for tests. */
  toolsInitrd: string;
}

export type Progress = (text: string) => void;

/** The guest if it was made before, by this recipe: the list of checksums is written last. */
export function cachedDebianGuest(name: string, cache = CACHE): DebianGuest | undefined {
  const flavour = flavourNamed(name);
  const folder = join(cache, `debian-${name}`);
  if (![SUMS, RECIPE].every((file) => existsSync(join(folder, file)))) return undefined;
  return readFileSync(join(folder, RECIPE), "utf8") === recipeDigest(flavour) ? guestIn(folder, name) : undefined;
}

/**
 * SHA-256, in hexadecimal digits, of what the guest is made of: the names of packages, programs and modules, and the image
 * around busybox. Which libraries and modules belong to those is found out by code, which is not in it.
 */
export function recipeDigest({ architecture, kernelPackage }: Flavour): string {
  const names = JSON.stringify([architecture, kernelPackage, TOOL_PACKAGES, TOOLS, TEST_MODULES]);
  return createHash("sha256").update(names).update(initramfs(new Uint8Array())).digest("hex");
}

/** The guest, made when it is not there yet; throws an Error that says what is missing. */
export function debianGuest(name: string, progress: Progress = () => {}): DebianGuest {
  return cachedDebianGuest(name) ?? makeDebianGuest(name, progress);
}

/** Downloads and builds. */
export function makeDebianGuest(name: string, progress: Progress = () => {}): DebianGuest {
  const flavour = flavourNamed(name);
  const folder = join(CACHE, `debian-${name}`);
  // Two may make the same guest at once: each in a folder of its own, and the first one that is ready is taken.
  const work = `${folder}.${process.pid}`;
  const packages = join(work, "packages");
  try {
    for (const sub of [packages, join(work, "guest"), join(work, "tools")]) mkdirSync(sub, { recursive: true });
    progress(`${name}: package lists`);
    const apt = new Apt(flavour.architecture, join(work, "apt"), progress);
    const kernelPackage = apt.dependency(flavour.kernelPackage, /^linux-image-\d+\.\d/);
    progress(`${name}: downloading ${kernelPackage}`);
    const [kernelFile, busyboxFile, ...toolFiles] = apt.download(
      [kernelPackage, "busybox-static", ...TOOL_PACKAGES],
      packages,
    );
    for (const file of [kernelFile!, busyboxFile!]) unpack(file, join(work, "guest"));
    for (const file of toolFiles) unpack(file, join(work, "tools"));
    const guest = guestIn(work, name);
    copyFileSync(only(join(work, "guest/boot"), /^vmlinuz-/), guest.kernel);
    const busybox = readFileSync(join(work, "guest/bin/busybox"));
    const tools = [...programEntries(join(work, "tools"), TOOLS), ...moduleEntries(join(work, "guest"), TEST_MODULES)];
    writeFileSync(guest.initrd, initramfs(busybox));
    writeFileSync(guest.toolsInitrd, initramfs(busybox, tools));
    for (const sub of ["apt", "guest", "tools"]) rmSync(join(work, sub), { recursive: true });
    writeFileSync(join(work, RECIPE), recipeDigest(flavour));
    writeFileSync(join(work, SUMS), checksums(work));
    if (!cachedDebianGuest(name)) {
      rmSync(folder, { recursive: true, force: true });
      renameSync(work, folder);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  progress(`${name}: ready`);
  return guestIn(folder, name);
}

/** Further programs for a guest that was made, with their libraries: its packages have more than its image. */
export function programsFor(guest: DebianGuest, programs: readonly string[]): CpioEntry[] {
  const packages = join(dirname(guest.kernel), "packages");
  const work = mkdtempSync(join(tmpdir(), "glass86-programs-"));
  try {
    for (const file of readdirSync(packages)) {
      if (!/^(linux-image|busybox)/.test(file)) unpack(join(packages, file), work);
    }
    return programEntries(work, programs);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Modules of the guest's own kernel that its images lack, with what they need, to be loaded at its start; needs dpkg-deb. */
export function guestModules({ flavour, kernel }: DebianGuest, wanted: readonly string[]): CpioEntry[] {
  const root = mkdtempSync(join(tmpdir(), `glass86-${flavour}-`));
  try {
    unpack(only(join(dirname(kernel), "packages"), /^linux-image-.*\.deb$/), root);
    return moduleEntries(root, wanted);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

export function initramfs(busybox: Uint8Array, more: readonly CpioEntry[] = []): Buffer {
  const entries: CpioEntry[] = [
    { path: "bin", mode: DIRECTORY },
    { path: "dev", mode: DIRECTORY },
    { path: "bin/busybox", mode: EXECUTABLE, data: busybox },
    { path: "init", mode: EXECUTABLE, data: readFileSync(join(here, "init.sh")) },
  ];
  return cpioArchive([...entries, ...more.filter(({ path }) => entries.every((entry) => entry.path !== path))]);
}

function guestIn(folder: string, flavour: string): DebianGuest {
  const file = (name: string): string => join(folder, name);
  return { flavour, kernel: file("vmlinuz"), initrd: file("initrd.cpio"), toolsInitrd: file("initrd-tools.cpio") };
}

function only(folder: string, pattern: RegExp): string {
  const found = existsSync(folder) ? readdirSync(folder).filter((name) => pattern.test(name)) : [];
  if (found.length !== 1) throw new Error(`${found.length} files like ${pattern} in ${basename(folder)}: one expected`);
  return join(folder, found[0]!);
}

/** In the format of sha256sum, so that `sha256sum -c SHA256SUMS` checks the folder. */
function checksums(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map(
      (path) => `${createHash("sha256").update(readFileSync(path)).digest("hex")}  ${path.slice(folder.length + 1)}\n`,
    )
    .join("");
}

if (process.argv[1] === import.meta.filename) {
  const names = process.argv.slice(2);
  for (const name of names.length > 0 ? names : FLAVOURS.map((each) => each.name)) {
    const { kernel, initrd } = makeDebianGuest(name, (text) => console.log(text));
    console.log(`npm run -s glass86 -- run -nographic -m 256 -kernel ${kernel} -initrd ${initrd}`);
  }
}
