// SPDX-License-Identifier: MIT
// Get Device ID round trips a second. Over KCS from within a guest that polls the registers: on our machine, on QEMU's with
// its own simulator, and on QEMU's with OpenIPMI's simulator and with our `bmc serve` behind its external-BMC protocol. Over LAN by
// ipmitool in one session: to OpenIPMI's simulator and to our `bmc serve`. Each in a process of its own, one after the other, in
// several rounds. Writes docs/ipmi-performance.md.
// Usage: npm run bench:ipmi -- [--rounds N] [--scale N]
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { arch, cpus, loadavg, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { kcsTransfer, mark, multibootKernel, times } from "../test/harness/kcs-guest.ts";
import { awake, type LanServer, PASSWORD, startIpmiSim, USER } from "./engines/ipmi-sim.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const GET_DEVICE_ID = [0x18, 0x01];
const TIMEOUT_MS = 120_000;
/** Round trips before those that count: compilers just in time have seen the code by then, as in a BMC that serves for days. */
const WARM_UP = 3000;
const args = process.argv.slice(2);
const value = (name: string): number | undefined =>
  args.includes(`--${name}`) ? Number(args[args.indexOf(`--${name}`) + 1]) : undefined;
const rounds = value("rounds") ?? 3;
const scale = value("scale") ?? 1;
const folder = mkdtempSync(join(tmpdir(), "glass86-bench-ipmi-"));

interface Way {
  name: string;
  /** How many round trips; enough for about a second. */
  count: number;
  /** Seconds for so many; or those, and CPU microseconds that the BMC's process took for each, warm-up and login too. */
  run(count: number): Promise<number | Served>;
}

interface Served {
  seconds: number;
  cpuMicros: number;
}

/** CPU milliseconds of a process so far, in all of its threads. */
const cpuMillis = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce(
    (sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]) / 1e6,
    0,
  );

/** A guest that warms up what serves it, says `[` on its console, does so many round trips and says `]`. */
function guest(count: number): string {
  const file = join(folder, `kcs-${count}`);
  const trips = (number: number): number[] => times(number, kcsTransfer(GET_DEVICE_ID));
  writeFileSync(file, multibootKernel([...trips(WARM_UP), ...mark("["), ...trips(count), ...mark("]")]));
  return file;
}

/** Seconds between the two marks on the output of a program. */
function between(program: string, words: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    let begin: number | undefined;
    let errors = "";
    let seconds: number | undefined;
    const timer = setTimeout(() => child.kill(), TIMEOUT_MS);
    child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
    child.stdout.on("data", (data: Buffer) => {
      if (data.includes("[")) begin ??= performance.now();
      if (!data.includes("]") || begin === undefined) return;
      seconds = (performance.now() - begin) / 1000;
      child.kill("SIGKILL");
    });
    child.on("close", () => {
      clearTimeout(timer);
      if (seconds !== undefined) resolve(seconds);
      else reject(new Error(`${program} came to no end: ${errors}`));
    });
    child.on("error", reject);
  });
}

const words = (text: string): string[] => text.split(" ");
const HEADLESS = words("-accel tcg,thread=single -m 32 -nodefaults -vga none -display none -serial stdio -no-reboot");

const qemu = (count: number, ...devices: readonly string[]): Promise<number> =>
  between("qemu-system-x86_64", [...HEADLESS, "-kernel", guest(count), ...devices, "-device", "isa-ipmi-kcs,bmc=bmc0"]);

const external = (port: number): string[] => [
  "-chardev",
  `socket,id=ipmi0,host=127.0.0.1,port=${port},reconnect=1`,
  ...words("-device ipmi-bmc-extern,id=bmc0,chardev=ipmi0"),
];

const glass86 = (count: number): Promise<number> =>
  between(process.execPath, [...TSX, join(ROOT, "bench/engines/ipmi-glass86.ts"), guest(count)]);

const TSX = ["--import", "tsx"];

/** Our BMC as an administrator serves it. */
async function startOurs(lanPort: number, vmPort: number): Promise<LanServer> {
  const secret = join(folder, "password");
  writeFileSync(secret, PASSWORD, { mode: 0o600 });
  const lan = `port=${lanPort},user=${USER},password-file=${secret}`;
  const serve = [...TSX, join(ROOT, "host/cli/main.ts"), "bmc", "serve", "--port", `${vmPort}`, "--lan", lan];
  const child = spawn(process.execPath, serve, { cwd: ROOT, stdio: "ignore" });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await awake(lanPort);
  return {
    pid: child.pid!,
    end: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** Seconds for so many requests in one session; what the login takes is taken off. */
async function ipmitool(count: number, lanPort: number, suite: number): Promise<number> {
  const session = [
    "-I",
    "lanplus",
    "-C",
    `${suite}`,
    "-H",
    "127.0.0.1",
    "-p",
    `${lanPort}`,
    "-U",
    USER,
    "-P",
    PASSWORD,
  ];
  const seconds = async (requests: number): Promise<number> => {
    const file = join(folder, `requests-${requests}`);
    writeFileSync(file, "raw 6 1\n".repeat(requests));
    const from = performance.now();
    await promisify(execFile)("ipmitool", [...session, "exec", file], { timeout: TIMEOUT_MS, maxBuffer: 1 << 26 });
    return (performance.now() - from) / 1000;
  };
  await seconds(WARM_UP);
  return (await seconds(count + 1)) - (await seconds(1));
}

let nextPort = 21_000 + Math.floor(Math.random() * 8000);
type Start = typeof startIpmiSim;

const served =
  (start: Start, run: (count: number, lanPort: number, vmPort: number) => Promise<number>) =>
  async (count: number): Promise<Served> => {
    const [lanPort, vmPort] = [nextPort++, nextPort++];
    const server = await start(lanPort, vmPort);
    try {
      const before = cpuMillis(server.pid);
      const seconds = await run(count, lanPort, vmPort);
      return { seconds, cpuMicros: ((cpuMillis(server.pid) - before) * 1000) / (count + WARM_UP) };
    } finally {
      await server.end();
    }
  };

const inBand: Way[] = [
  { name: "Glass86, its own BMC", count: 100_000, run: glass86 },
  { name: "QEMU TCG, its simulator", count: 50_000, run: (count) => qemu(count, "-device", "ipmi-bmc-sim,id=bmc0") },
  {
    name: "QEMU TCG, OpenIPMI's simulator",
    count: 5000,
    run: served(startIpmiSim, (count, _, vmPort) => qemu(count, ...external(vmPort))),
  },
  {
    name: "QEMU TCG, Glass86's `bmc serve`",
    count: 5000,
    run: served(startOurs, (count, _, vmPort) => qemu(count, ...external(vmPort))),
  },
];

const overLan: Way[] = [
  {
    name: "OpenIPMI's simulator, suite 3",
    count: 5000,
    run: served(startIpmiSim, (count, port) => ipmitool(count, port, 3)),
  },
  {
    name: "Glass86's `bmc serve`, suite 3",
    count: 5000,
    run: served(startOurs, (count, port) => ipmitool(count, port, 3)),
  },
  {
    name: "Glass86's `bmc serve`, suite 17",
    count: 5000,
    run: served(startOurs, (count, port) => ipmitool(count, port, 17)),
  },
];

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

interface Figures {
  rate: number;
  cpuMicros: number | undefined;
}

/** Medians, the ways taking turns. */
async function measure(ways: readonly Way[]): Promise<Figures[]> {
  const rates = ways.map((): number[] => []);
  const cpu = ways.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { name, count, run }] of ways.entries()) {
      const trips = Math.max(1, Math.round(count * scale));
      const taken = await run(trips);
      const rate = trips / (typeof taken === "number" ? taken : taken.seconds);
      rates[index]!.push(rate);
      if (typeof taken !== "number") cpu[index]!.push(taken.cpuMicros);
      console.log(`${name}: ${rate.toFixed(0)} a second`);
    }
  }
  return rates.map((each, i) => ({ rate: median(each), cpuMicros: cpu[i]!.length > 0 ? median(cpu[i]!) : undefined }));
}

/** Cells in columns, the first one to the left, the others to the right. */
function table(ways: readonly Way[], figures: readonly Figures[], against: number): string[] {
  const rows = [
    ["way", "round trips a second", `against ${ways[against]!.name}`, "the BMC's CPU time, µs"],
    ...ways.map(({ name }, i) => {
      const { rate, cpuMicros } = figures[i]!;
      return [name, rate.toFixed(0), (rate / figures[against]!.rate).toFixed(2), cpuMicros?.toFixed(0) ?? ""];
    }),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  const line = (row: readonly string[]): string => `| ${row.map(pad).join(" | ")} |`;
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(rows[0]!), line(rule), ...rows.slice(1).map(line), ""];
}

try {
  const [kcs, lan] = [await measure(inBand), await measure(overLan)];
  const text = [
    "# IPMI round trips",
    "",
    `Written by \`npm run bench:ipmi\` (medians of ${rounds} rounds): Get Device ID, one request at a time, the first ${WARM_UP} not counted.`,
    "",
    "The BMC's CPU time is what its process takes for a round trip, warm-up and login among them; where it is empty the BMC " +
      "lives in the machine's process. On a shared machine it is the better figure.",
    "",
    `Machine: ${cpus()[0]?.model ?? "?"}, ${cpus().length} CPUs, ${platform()} ${arch()}, Node ${process.version}; load ${loadavg()[0]!.toFixed(0)}.`,
    "",
    "## Over KCS, from within the guest",
    "",
    "The same kernel everywhere, 32 bits, without a driver: it polls the registers, as Linux does without an interrupt. A round trip is " +
      "18 bytes of answer, so about 100 register accesses; wall time by marks on the serial console.",
    "",
    ...table(inBand, kcs, 1),
    "## Over LAN",
    "",
    "ipmitool's `exec` with as many `raw 6 1` in one session on loopback, its login taken off. The client's own time is in the figure.",
    "",
    ...table(overLan, lan, 0),
  ].join("\n");
  writeFileSync(join(ROOT, "docs/ipmi-performance.md"), text);
  console.log(text);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
