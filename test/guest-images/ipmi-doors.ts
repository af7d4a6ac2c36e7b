// SPDX-License-Identifier: MIT
// What a guest and an administrator ask their BMC, each by their own door, and what of the answers is the door's own.
// Spec: IPMI 2.0 revision 1.1; the programs are Debian's ipmitool and FreeIPMI on both sides.
import { EXECUTABLE, type CpioEntry, DIRECTORY } from "../../guest-images/debian/cpio.ts";
import type { ClientBench } from "../vbmc/client-bench.ts";

/** FreeIPMI programs that the guest's image does not bring along by itself. */
export const PROGRAMS: readonly string[] = ["ipmi-fru", "ipmi-chassis", "ipmi-config", "bmc-device", "ipmi-raw"].map(
  (name) => `/usr/sbin/${name}`,
);

export interface Question {
  program: string;
  words: readonly string[];
  /** Lines that speak of the door, of the time, or of what was asked meanwhile; they are left out on both sides. */
  own: RegExp | undefined;
  /** In each line, what may have changed between the two: the readings of sensors that live. */
  live: Live | undefined;
}

type Live = readonly [pattern: RegExp, instead: string];
const ELIST_READING: Live = [/\| *\w+ *\| *([\d.]+) \| .*$/, "| # | $1 | #"];
const SENSOR_READING: Live = [/^([^|]+)\|[^|]*\|([^|]*)\|[^|]*\|/, "$1| # |$2| # |"];
const FREEIPMI_READING: Live = [/^((?:[^|]*\|){3})[^|]*\|([^|]*)\|.*$/, "$1 # |$2| #"];
const VERBOSE_READING: Live = [/^(Sensor Reading|Sensor Event)\s*:.*$/, "$1: #"];

const ask =
  (program: string) =>
  (words: string, { own, live }: { own?: RegExp; live?: Live } = {}): Question => ({
    program,
    words: words.split(" ").filter(Boolean),
    own,
    live,
  });
const ipmitool = ask("ipmitool");
const config = (category: string) => ask("ipmi-config")(`--checkout --category=${category}`);

/** Not "session info": inside there is no session, outside there is the one that asks. */
export const QUESTIONS: readonly Question[] = [
  // The number of the unknown is shown where the registry of names is not installed.
  ipmitool("mc info", { own: /Manufacturer Name/ }),
  ipmitool("mc guid"),
  ipmitool("mc selftest"),
  ipmitool("mc getenables"),
  ipmitool("mc watchdog get"),
  ipmitool("mc getsysinfo system_name"),
  ipmitool("sdr elist all", { live: ELIST_READING }),
  ipmitool("sdr info"),
  ipmitool("sensor", { live: SENSOR_READING }),
  ipmitool("sel info"),
  ipmitool("sel elist"),
  ipmitool("fru print"),
  ipmitool("chassis status"),
  ipmitool("chassis bootparam get 5"),
  ipmitool("chassis restart_cause"),
  ipmitool("chassis policy list"),
  ipmitool("chassis poh"),
  ipmitool("lan print 1"),
  ipmitool("lan alert print 1"),
  ipmitool("user list 1"),
  ipmitool("user summary 1"),
  // How many sessions there are: the one that asks is one of them.
  ipmitool("channel info 1", { own: /Active Session Count/ }),
  ipmitool("channel info 15"),
  ipmitool("channel getaccess 1"),
  ipmitool("channel getciphers ipmi 1"),
  ipmitool("channel authcap 1 4"),
  ipmitool("sol info 1"),
  ipmitool("sol payload status 1 2"),
  ipmitool("pef info"),
  ipmitool("pef status"),
  ipmitool("raw 6 1"),
  // Not its list of channels: behind the last one FreeIPMI 1.6.10 prints what its memory holds.
  ask("bmc-info")("--get-device-id"),
  ask("bmc-info")("--get-device-guid"),
  ask("bmc-info")("--get-system-guid"),
  ask("bmc-info")("--get-system-info"),
  ask("ipmi-sensors")("", { live: FREEIPMI_READING }),
  ask("ipmi-sensors")("--verbose --output-sensor-thresholds", { live: VERBOSE_READING }),
  ask("ipmi-sel")(""),
  ask("ipmi-sel")("--info"),
  ask("ipmi-fru")(""),
  ask("ipmi-chassis")("--get-chassis-status"),
  ask("ipmi-chassis")("--get-chassis-capabilities"),
  ask("ipmi-chassis")("--get-system-restart-cause"),
  ask("ipmi-chassis")("--get-power-on-hours-counter"),
  ask("bmc-device")("--get-self-test-results"),
  ask("ipmi-raw")("0 6 37"),
  config("core"),
  config("chassis"),
  config("sensors"),
];

const CACHED = ["ipmi-sensors", "ipmi-sel", "ipmi-fru", "bmc-device", "ipmi-config"];
const SCRIPT = "/doors";
/** FreeIPMI looks up who runs it. */
const PASSWD = "root:x:0:0:root:/:/bin/sh\n";

/** In a guest's image: all questions in one script, as the shell's terminal is narrow. */
export function doorFiles(questions: readonly Question[] = QUESTIONS): CpioEntry[] {
  const lines = questions.map((each, index) => {
    const inside = each.program === "ipmitool" ? ["-I", "open"] : ["--driver-type=OPENIPMI", ...cache(each, "/tmp")];
    return `echo "<<${index}"; ${[each.program, ...inside, ...each.words].join(" ")} 2>/tmp/err </dev/null; echo ">>$?"\n`;
  });
  const script = `export LC_ALL=C TZ=UTC HOME=/tmp\n${lines.join("")}`;
  return [
    { path: SCRIPT.slice(1), mode: EXECUTABLE, data: Buffer.from(script) },
    { path: "etc", mode: DIRECTORY },
    { path: "etc/passwd", mode: EXECUTABLE, data: Buffer.from(PASSWD) },
  ];
}

export const DOORS = `sh ${SCRIPT}`;

function cache({ program }: Question, folder: string): string[] {
  return CACHED.includes(program) ? ["--quiet-cache", `--sdr-cache-directory=${folder}`] : [];
}

export interface Told {
  code: number;
  lines: string[];
}

/** What the script printed, question by question. */
export function toldInside(printed: readonly string[]): Told[] {
  const told: Told[] = [];
  let lines: string[] = [];
  for (const line of printed) {
    const end = /^(.*)>>(\d+)$/.exec(line);
    if (/^<<\d+$/.test(line)) lines = [];
    else if (end) told.push({ code: Number(end[2]), lines: end[1] ? [...lines, end[1]] : lines });
    else lines.push(line);
  }
  return told;
}

export async function toldOutside(clients: ClientBench, { program, words }: Question): Promise<Told> {
  const ran =
    program === "ipmitool" ? await clients.ipmitool(words.join(" ")) : await clients.freeipmi(program, [...words]);
  return { code: ran.code, lines: ran.out.split("\n").filter((line) => line !== "") };
}

/** Without what is the door's own and what goes on changing. */
export function common({ own, live }: Question, { code, lines }: Told): Told {
  const shared = own ? lines.filter((line) => !own.test(line)) : lines;
  return { code, lines: live ? shared.map((line) => line.replace(...live)) : shared };
}
