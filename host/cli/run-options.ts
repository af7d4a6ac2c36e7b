// SPDX-License-Identifier: MIT
// The command line of `glass86 run`: one dash or two, the value apart or behind "=", and errors that name the nearest
// possible word.
import { ConfigError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import { planVirtio, portTargets } from "./device-option.ts";
import { checkDrives } from "./drive-option.ts";
import type { RunArguments } from "./run-arguments.ts";
import { OPTION_GROUPS, OPTION_ROWS, type OptionRow, SERIAL_PORTS } from "./run-table.ts";

const MIB = 1 << 20;
const HELP_COLUMN = 26;

const NETWORK = "there is no network card yet";
const FIRMWARE_DISK = "there is no such drive yet; -drive file=PATH,format=raw makes a virtio disk";
const NO_KVM = "the host's own processor cannot be used; code that runs often is compiled to WebAssembly (-accel jit)";
const DISPLAY = "there is no display yet; the console is the terminal, and -serial may put it on a socket";
/** Options of QEMU that users will try, and what there is instead. */
const NOT_HERE: Readonly<Record<string, string>> = {
  smp: "one processor is possible yet",
  "enable-kvm": NO_KVM,
  hda: FIRMWARE_DISK,
  hdb: FIRMWARE_DISK,
  cdrom: FIRMWARE_DISK,
  fda: FIRMWARE_DISK,
  boot: "kernels are booted by -kernel; disks are not booted from yet",
  bios: "the firmware is our own",
  net: NETWORK,
  netdev: NETWORK,
  nic: NETWORK,
  chardev: "-serial and -monitor name their socket, file or pty themselves",
  qmp: "programs drive a machine through the library (createMachine); -monitor unix:PATH,server is for people",
  vnc: DISPLAY,
  spice: DISPLAY,
  daemonize: "the program stays in the foreground",
  usb: "there is no USB yet",
};

const USAGE = `glass86 run [options]

Boots a PC with its console here; without -kernel, our own first guest.
Beside it: "glass86 bare" runs a flat image on the bare processor, "glass86 bmc serve" gives machines of QEMU a BMC.
`;
const AFTER = `
On the console Ctrl-a x ends the machine, Ctrl-a c switches to the monitor and back, and Ctrl-a h lists the other keys.
Exit codes: 0 success or ended by the user, 1 bad usage, 2 the guest failed, 3 an error in glass86, 42 the limit was
reached; a guest that writes v to port 501h ends with 2v + 1.
`;

/** As it is typed: a dash, the names, the value. */
export function usageOf({ names, value }: OptionRow): string {
  const words = names.map((name) => `-${name}`).join(", ");
  return value === undefined ? words : `${words} ${value}`;
}

export function runHelp(): string {
  const line = (row: OptionRow): string => `  ${usageOf(row).padEnd(HELP_COLUMN)} ${row.help}\n`;
  return USAGE + OPTION_GROUPS.map(({ title, rows }) => `\n${title}\n${rows.map(line).join("")}`).join("") + AFTER;
}

export function parseRunArguments(words: readonly string[]): RunArguments {
  const run: RunArguments = {
    help: false,
    version: false,
    memoryBytes: 128 * MIB,
    board: "pc",
    cpu: undefined,
    kernel: undefined,
    initrd: undefined,
    append: "",
    fastBoot: false,
    loadAddress: undefined,
    drives: [],
    devices: [],
    serial: [],
    monitor: "mux",
    log: [],
    logFile: undefined,
    rtcStart: undefined,
    seed: undefined,
    shift: undefined,
    interpreted: false,
    pace: "auto",
    name: undefined,
    uuid: undefined,
    video: true,
    bmc: undefined,
    noReboot: false,
    noShutdown: undefined,
    paused: false,
    forget: false,
    loadvm: undefined,
    snapshots: ".",
    record: undefined,
    replay: undefined,
    limit: Infinity,
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const match = /^--?([a-zA-Z][a-z-]*)(?:=(.*))?$/s.exec(word);
    if (!match) {
      const hint = word.startsWith("-") ? "-help lists all" : `a kernel is given as -kernel ${word}`;
      throw new ConfigError(`"${word}" is not an option; ${hint}`);
    }
    const [, name = "", attached] = match;
    const row = OPTION_ROWS.find(({ names }) => names.includes(name));
    if (!row && Object.hasOwn(NOT_HERE, name)) throw new ConfigError(`-${name}: ${NOT_HERE[name]}`);
    if (!row) {
      const near = nearest(
        name,
        OPTION_ROWS.flatMap(({ names }) => names),
      );
      throw new ConfigError(`there is no option -${name}; nearest is -${near} (-help lists all)`);
    }
    if (row.value === undefined && attached !== undefined)
      throw new ConfigError(`-${name} takes no value, but has "${attached}"`);
    const value = row.value === undefined ? "" : (attached ?? words[++i]);
    if (value === undefined) throw new ConfigError(`-${name} needs a value (-help tells which)`);
    row.apply(run, value);
  }
  if (!run.help) check(run);
  return run;
}

/** What no option can see alone. */
function check(run: RunArguments): void {
  if (run.serial.length > SERIAL_PORTS)
    throw new ConfigError(`${run.serial.length} times -serial: the machine has ${SERIAL_PORTS} serial ports`);
  const ports = portTargets(run.devices).filter(({ kind }) => kind === "stdio").length;
  if (run.serial.length === 0)
    run.serial.push(run.monitor === "stdio" || ports > 0 ? { kind: "null" } : { kind: "stdio", monitor: true });
  const terminals = ports + run.serial.filter(({ kind }) => kind === "stdio").length;
  if (terminals > 1)
    throw new ConfigError("stdio for two ports: one -serial or virtconsole has the terminal, others file:PATH or null");
  if (terminals > 0 && run.monitor === "stdio")
    throw new ConfigError("-monitor stdio and -serial stdio: one can have the terminal; -serial mon:stdio has both");
  if (run.record !== undefined && run.replay !== undefined)
    throw new ConfigError("-record and -replay: a replay is recorded already");
  if (run.initrd !== undefined && run.kernel === undefined)
    throw new ConfigError("-initrd without -kernel: a kernel that takes it is needed");
  if (run.append !== "" && run.kernel === undefined)
    throw new ConfigError("-append without -kernel: a kernel that takes it is needed");
  if (run.fastBoot && run.kernel === undefined)
    throw new ConfigError("-fast-boot without -kernel: a bzImage to unpack is needed");
  if (run.loadAddress !== undefined && run.kernel === undefined)
    throw new ConfigError("-load-address without -kernel: a flat image is needed");
  checkDrives(run.drives);
  planVirtio(run.drives, run.devices);
}
