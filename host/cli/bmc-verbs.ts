// SPDX-License-Identifier: MIT
// The verbs of `glass86 bmc` that keep BMCs by name, as VirtualBMC has them: add, delete, list, show, start, stop.
import { randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ConfigError } from "../../common/errors.ts";
import { newBmcState } from "../../vmm/external-bmc.ts";
import { openControl, servingProcess, stopServing } from "../node/bmc-control.ts";
import type { BmcFolder } from "../node/bmc-folder.ts";
import { BmcServer } from "../node/bmc-server.ts";
import { socketError } from "../node/socket-error.ts";
import { openLanOption, PASSWORD_VARIABLE, type LanOption } from "./lan-option.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const LOOPBACK = "127.0.0.1";
const GUID_BYTES = 16;
const PATIENCE = 15_000;
const STEP = 100;
/** How often a served BMC is written down, where it changed. */
const SAVE_INTERVAL = 2000;

export interface AddOptions {
  name: string;
  port: number;
  bind?: string;
  lan: LanOption;
}

export async function addBmc(folder: BmcFolder, { name, port, bind = LOOPBACK, lan }: AddOptions): Promise<void> {
  if (folder.has(name)) throw new ConfigError(`there is a BMC ${name} already; "bmc delete ${name}" takes it away`);
  const { users } = await openLanOption(lan);
  const guid = (): number[] => [...randomBytes(GUID_BYTES)];
  const identity = { machineName: name, serialNumber: name, systemGuid: guid(), deviceGuid: guid() };
  const state = newBmcState({ identity, lan: { enabled: true, port: lan.port, ipmi15: lan.ipmi15 ?? false }, users });
  folder.write({ name, port, bind, lanPort: lan.port, lanBind: lan.bind ?? LOOPBACK, user: lan.user, state });
}

export async function deleteBmc(folder: BmcFolder, name: string): Promise<void> {
  folder.read(name);
  await stopBmc(folder, name);
  folder.delete(name);
}

export async function listBmcs(folder: BmcFolder): Promise<string> {
  const rows = await Promise.all(
    folder.names().map(async (name) => {
      const { lanBind, lanPort } = folder.read(name);
      const pid = await servingProcess(folder.socket(name));
      return [name, pid === undefined ? "down" : "running", lanBind, `${lanPort}`];
    }),
  );
  const table = [["NAME", "STATUS", "ADDRESS", "PORT"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((each, i) => each.padEnd(widths[i]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export async function showBmc(folder: BmcFolder, name: string): Promise<string> {
  const entry = folder.read(name);
  const pid = await servingProcess(folder.socket(name));
  const lines: [string, string][] = [
    ["name", name],
    ["status", pid === undefined ? "down" : `running (process ${pid})`],
    ["consoles", `${entry.lanBind}:${entry.lanPort} (UDP)`],
    ["machine", `${entry.bind}:${entry.port} (QEMU's ipmi-bmc-extern)`],
    ["user", entry.user],
    ["power", entry.state.chassis.powered ? "on" : "off"],
    ["events", `${entry.state.sel.records.length}`],
  ];
  return lines.map(([key, value]) => `${key.padEnd(9)} ${value}`).join("\n");
}

/** Starts a process of its own that serves the BMC, and waits until it does. */
export async function startBmc(folder: BmcFolder, name: string, nodeOptions = process.execArgv): Promise<void> {
  folder.read(name);
  if ((await servingProcess(folder.socket(name))) !== undefined) throw new ConfigError(`the BMC ${name} runs already`);
  const log = openSync(folder.logFile(name), "w", 0o600);
  const args = [...nodeOptions, MAIN, "bmc", "run", name, "--folder", folder.path];
  // It needs no password, so it gets none to show in its environment.
  const env = { ...process.env };
  delete env[PASSWORD_VARIABLE];
  const child = spawn(process.execPath, args, { detached: true, stdio: ["ignore", log, log], env });
  closeSync(log);
  child.unref();
  let ended = false;
  child.once("exit", () => (ended = true));
  for (let waited = 0; waited < PATIENCE && !ended; waited += STEP) {
    if ((await servingProcess(folder.socket(name))) !== undefined) return;
    await pause();
  }
  const why = readFileSync(folder.logFile(name), "utf8").replaceAll(/^glass86: |\n$/gm, "");
  throw new ConfigError(`the BMC ${name} did not start: ${why}`);
}

/** Ends the process that serves the BMC; it writes the state down before. */
export async function stopBmc(folder: BmcFolder, name: string): Promise<void> {
  folder.read(name);
  await stopServing(folder.socket(name));
}

/** Serves a kept BMC in this process until it is told to end. */
export async function runBmc(folder: BmcFolder, name: string): Promise<void> {
  const entry = folder.read(name);
  if ((await servingProcess(folder.socket(name))) !== undefined) throw new ConfigError(`the BMC ${name} runs already`);
  const server = new BmcServer({
    port: entry.port,
    bind: entry.bind,
    lan: { port: entry.lanPort, bind: entry.lanBind, users: [] },
    state: entry.state,
    log: (line) => console.log(line),
  });
  try {
    await server.listen();
    await server.lan!.listen();
  } catch (error) {
    await server.close();
    const { port, bind, lanPort, lanBind } = entry;
    throw new ConfigError(
      `bmc ${name} cannot listen on ${bind}:${port} and ${lanBind}:${lanPort} (UDP): ${socketError(error)}`,
    );
  }
  let written = "";
  const save = (): void => {
    const state = server.bmc.station.bmc.snapshot();
    const text = JSON.stringify({ ...state, at: 0 });
    if (text === written) return;
    written = text;
    folder.write({ ...entry, state });
  };
  const timer = setInterval(save, SAVE_INTERVAL);
  const end = (): void => {
    clearInterval(timer);
    save();
    rmSync(folder.socket(name), { force: true });
    process.exit(0);
  };
  await openControl(folder.socket(name), end);
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
  console.log(
    `bmc ${name}: consoles on ${entry.lanBind}:${entry.lanPort} (UDP), machine on ${entry.bind}:${entry.port}`,
  );
}

const pause = (): Promise<void> => new Promise((done) => setTimeout(done, STEP));
