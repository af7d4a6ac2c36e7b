// SPDX-License-Identifier: MIT
// The options of `glass86 run` as one table in QEMU's words. Parsing, -help and docs/command-line.md come from it.
import { ConfigError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import { parseSize } from "../../common/sizes.ts";
import { MAX_MEMORY } from "../../vmm/cpu/core.ts";
import { parseDevice } from "./device-option.ts";
import { parseDrive } from "./drive-option.ts";
import { parseLanOption } from "./lan-option.ts";
import { parseCount } from "./options.ts";
import { Properties } from "./properties.ts";
import { LOG_ITEMS, type LogItem, type RunArguments } from "./run-arguments.ts";
import { parseMonitor, parseSerial } from "./serial-option.ts";

export interface OptionRow {
  /** Without dashes; the first is QEMU's or ours, others are taken too. */
  readonly names: readonly [string, ...string[]];
  /** What comes behind it; absent: nothing does. */
  readonly value?: string;
  readonly help: string;
  readonly apply: (run: RunArguments, value: string) => void;
}

export interface OptionGroup {
  readonly title: string;
  readonly rows: readonly OptionRow[];
}

const MIB = 1 << 20;
const PAGE = 4096;
export const SERIAL_PORTS = 4;

export const OPTION_GROUPS: readonly OptionGroup[] = [
  {
    title: "Machine",
    rows: [
      {
        names: ["m"],
        value: "SIZE",
        help: "memory in MiB, or with K, M or G (128)",
        apply: (run, value) => (run.memoryBytes = memorySize(value)),
      },
      {
        names: ["M", "machine"],
        value: "BOARD",
        help: "the board: pc (i440FX) or q35 (pc)",
        apply: (run, value) => (run.board = new Properties("-M", value, ["type"], "type").needed("type", "pc or q35")),
      },
      {
        names: ["cpu"],
        value: "MODEL",
        help: "the processor to be, with ,+feature and ,-feature; an unknown name lists the models",
        apply: (run, value) => (run.cpu = value),
      },
      {
        names: ["name"],
        value: "NAME",
        help: "the machine's name, for SMBIOS, the BMC and the monitor (Glass86)",
        apply: (run, value) => (run.name = nameOf(value)),
      },
      {
        names: ["uuid"],
        value: "UUID",
        help: "the machine's UUID, for SMBIOS and the BMC; without it the seed makes one",
        apply: (run, value) => (run.uuid = value),
      },
      {
        names: ["seed"],
        value: "N",
        help: "what random numbers come from: the same number, the same run",
        apply: (run, value) => (run.seed = parseCount("-seed", value, 0)),
      },
      {
        names: ["rtc"],
        value: "base=TIME",
        help: "where the clock starts: utc (now) or a date like 2026-01-01T00:00:00; without it 2026-01-01, in every run",
        apply: (run, value) => (run.rtcStart = rtcBase(value)),
      },
    ],
  },
  {
    title: "Boot",
    rows: [
      {
        names: ["kernel"],
        value: "FILE",
        help: "a bzImage (vmlinuz), a Multiboot or Multiboot2 image, an ELF file with a PVH entry; none: nothing is booted",
        apply: (run, value) => (run.kernel = value),
      },
      {
        names: ["initrd"],
        value: "FILE",
        help: 'an initial RAM disk; for others than Linux modules with their words: "FILE WORDS,FILE WORDS"',
        apply: (run, value) => (run.initrd = value),
      },
      {
        names: ["append"],
        value: "TEXT",
        help: "the kernel's command line; the machine's console is added unless it names one",
        apply: (run, value) => (run.append = value),
      },
      {
        names: ["fast-boot"],
        help: "unpack a Linux kernel here and enter it directly, instead of letting it unpack itself",
        apply: (run) => (run.fastBoot = true),
      },
      {
        names: ["load-address"],
        value: "N",
        help: "the kernel is flat code for this address: real mode below 1 MiB, else 32-bit protected mode",
        apply: (run, value) => (run.loadAddress = /^0x[\da-f]+$/i.test(value) ? Number(value) : parseSize(value)),
      },
      { names: ["no-reboot"], help: "end instead of booting again", apply: (run) => (run.noReboot = true) },
      {
        names: ["no-shutdown"],
        help: "stay when the machine is switched off; -bmc implies it, so that chassis power on starts it again",
        apply: (run) => (run.noShutdown = true),
      },
      {
        names: ["action"],
        value: "EVENT=DO,...",
        help: "shutdown=poweroff|pause and reboot=reset|shutdown: what -no-shutdown and -no-reboot are short for",
        apply: (run, value) => action(run, value),
      },
    ],
  },
  {
    title: "BMC",
    rows: [
      {
        names: ["bmc"],
        value: "LIST",
        help: "the machine's BMC on the network: port=623,bind=127.0.0.1,user=admin,password-file=PATH; ipmi15=on: sessions of IPMI 1.5 too, not encrypted",
        apply: (run, value) => (run.bmc = parseLanOption(value, "-bmc")),
      },
    ],
  },
  {
    title: "Disks and devices",
    rows: [
      {
        names: ["drive"],
        value: "file=PATH,...",
        help: "a disk: format=raw, if=virtio|none, id=, readonly=on, snapshot=on, rerror= and werror=report|ignore",
        apply: (run, value) => run.drives.push(parseDrive(value)),
      },
      {
        names: ["device"],
        value: "MODEL,...",
        help: "a virtio device: virtio-blk-pci, virtio-rng-pci, virtio-serial-pci, virtconsole,chardev=stdio|file:PATH, ...",
        apply: (run, value) => run.devices.push(parseDevice(value)),
      },
      {
        names: ["snapshot"],
        help: "no drive's file is written: what the guest writes is forgotten at the end",
        apply: (run) => (run.forget = true),
      },
    ],
  },
  {
    title: "Console",
    rows: [
      {
        names: ["serial"],
        value: "DEV",
        help: "stdio, mon:stdio, null, none, file:PATH, pty, tcp:HOST:PORT, telnet:HOST:PORT or unix:PATH, these with server=on|off,wait=on|off,reconnect=SECONDS; the first is COM1 (mon:stdio), the next COM2, and so on",
        apply: (run, value) => run.serial.push(parseSerial(value)),
      },
      {
        names: ["monitor"],
        value: "DEV",
        help: "stdio: the terminal is the monitor's; none: there is no monitor behind Ctrl-a c; or a socket, as -serial has them",
        apply: (run, value) => (run.monitor = parseMonitor(value)),
      },
      {
        names: ["vga"],
        value: "std|none",
        help: "the video card, in text mode; none: the machine has no video card (std)",
        apply: (run, value) => (run.video = oneOf("-vga", value, ["std", "none"]) === "std"),
      },
      { names: ["nographic"], help: "the terminal is COM1 and the monitor, which it is anyhow", apply: () => {} },
      {
        names: ["display"],
        value: "none",
        help: "there is no other display yet",
        apply: (_run, value) => display(value),
      },
    ],
  },
  {
    title: "Time",
    rows: [
      {
        names: ["icount"],
        value: "shift=N|auto",
        help: "2^N virtual nanoseconds an instruction, 0 to 10 (3); auto: 3, and as the pace needs",
        apply: (run, value) => icount(run, value),
      },
      {
        names: ["accel"],
        value: "jit|interpreter",
        help: "compile what runs often to WebAssembly, or interpret everything; the guest cannot tell (jit)",
        apply: (run, value) => (run.interpreted = interpreted(value)),
      },
      {
        names: ["pace"],
        value: "KIND",
        help: "realtime: virtual time keeps to the wall clock; turbo: as fast as it goes; auto: realtime at a terminal, and where -bmc or a socket lets others in (auto)",
        apply: (run, value) => (run.pace = pace(value)),
      },
    ],
  },
  {
    title: "State",
    rows: [
      { names: ["S"], help: "begin held: the monitor's cont starts the machine", apply: (run) => (run.paused = true) },
      {
        names: ["loadvm"],
        value: "NAME",
        help: "begin at a snapshot of savevm",
        apply: (run, value) => (run.loadvm = value),
      },
      {
        names: ["snapshots"],
        value: "FOLDER",
        help: "where savevm and -loadvm have their files, NAME.g86 (the current folder)",
        apply: (run, value) => (run.snapshots = value),
      },
      {
        names: ["record"],
        value: "FILE",
        help: "write down everything that comes from outside",
        apply: (run, value) => (run.record = value),
      },
      {
        names: ["replay"],
        value: "FILE",
        help: "repeat a recorded run exactly, and say whether it came to the same state",
        apply: (run, value) => (run.replay = value),
      },
    ],
  },
  {
    title: "Looking inside",
    rows: [
      {
        names: ["d"],
        value: "ITEMS",
        help: `a log of ${Object.keys(LOG_ITEMS).join(", ")}; help tells what each is`,
        apply: (run, value) => run.log.push(...logItems(value)),
      },
      {
        names: ["D"],
        value: "FILE",
        help: "where the log goes (standard error)",
        apply: (run, value) => (run.logFile = value),
      },
      {
        names: ["limit"],
        value: "N",
        help: "give up after N instructions",
        apply: (run, value) => (run.limit = parseCount("-limit", value)),
      },
      { names: ["help", "h"], help: "this text", apply: (run) => (run.help = true) },
      { names: ["version"], help: "the program's version", apply: (run) => (run.version = true) },
    ],
  },
];

export const OPTION_ROWS: readonly OptionRow[] = OPTION_GROUPS.flatMap(({ rows }) => rows);

function oneOf<Value extends string>(option: string, value: string, values: readonly Value[]): Value {
  const found = values.find((each) => each === value);
  if (found !== undefined) return found;
  throw new ConfigError(`${option} ${value}: ${values.join(", ")} are possible; nearest is ${nearest(value, values)}`);
}

/** As QEMU: a number alone is MiB, and may be broken. */
function memorySize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMG]?)(i?B)?$/i.exec(text);
  const unit = match ? 1024 ** "_KMG".indexOf((match[2] || "M").toUpperCase()) : NaN;
  const bytes = Math.floor((Number(match?.[1]) * unit) / PAGE) * PAGE;
  if (bytes >= MIB && bytes <= MAX_MEMORY) return bytes;
  throw new ConfigError(`-m ${text}: 1M to ${MAX_MEMORY / MIB}M are possible, as MiB or with K, M or G`);
}

/** As QEMU: the name may be called guest=. */
const nameOf = (text: string): string =>
  new Properties("-name", text, ["guest", "process", "debug-threads"], "guest").needed("guest", "the machine's name");

function action(run: RunArguments, text: string): void {
  const given = new Properties("-action", text, ["shutdown", "reboot"]);
  if (given.text("shutdown") !== undefined)
    run.noShutdown = given.choice("shutdown", ["poweroff", "pause"], "poweroff") === "pause";
  if (given.text("reboot") !== undefined)
    run.noReboot = given.choice("reboot", ["reset", "shutdown"], "reset") === "shutdown";
}

const display = (text: string): string => oneOf("-display", text, ["none"]);
const pace = (text: string): RunArguments["pace"] => oneOf("-pace", text, ["auto", "turbo", "realtime"]);

/** QEMU's own word for compiling is understood too. */
const interpreted = (text: string): boolean => oneOf("-accel", text, ["jit", "interpreter", "tcg"]) === "interpreter";

function icount(run: RunArguments, text: string): void {
  const value = new Properties("-icount", text, ["shift"], "shift").needed("shift", "a number or auto");
  if (value !== "auto" && !/^\d+$/.test(value))
    throw new ConfigError(`-icount shift=${value}: a number or auto is possible`);
  run.shift = value === "auto" ? undefined : Number(value);
}

/** Seconds since 1970, from a date in UTC. */
function rtcBase(text: string): number {
  const value = new Properties("-rtc", text, ["base", "clock"], "base").needed("base", "utc or a date");
  if (value === "utc") return Math.floor(Date.now() / 1000);
  const date = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?$/.test(value)
    ? Date.parse(value.length > 10 ? `${value}Z` : value)
    : NaN;
  if (Number.isNaN(date))
    throw new ConfigError(`-rtc base=${value}: utc or a date like 2026-01-01T00:00:00 is possible`);
  return Math.floor(date / 1000);
}

function logItems(text: string): LogItem[] {
  const names = Object.keys(LOG_ITEMS) as LogItem[];
  if (text === "help") {
    const lines = names.map((name) => `  ${name.padEnd(14)} ${LOG_ITEMS[name]}`);
    throw new ConfigError(`-d takes these, with commas between them:\n${lines.join("\n")}`);
  }
  // QEMU's "exec" shows blocks; here both words show instructions.
  return text.split(",").map((item) => (item === "exec" ? "in_asm" : oneOf("-d", item, names)));
}
