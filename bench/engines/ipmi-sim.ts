// SPDX-License-Identifier: MIT
// OpenIPMI's simulator as a server: a BMC with a LAN door and one for QEMU's machines.
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface LanServer {
  pid: number;
  end(): Promise<void>;
}

const PING = Uint8Array.of(6, 0, 255, 6, 0, 0, 0x11, 0xbe, 0x80, 0x2a, 0, 0);
const TRIES = 200;
const PAUSE_MS = 50;

export const USER = "bench";
export const PASSWORD = "bench-password";

/** It stops silently at the first line that it does not like. */
const lan = (lanPort: number, vmPort: number): string => `name "bench"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 ${lanPort}
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
  serial 15 127.0.0.1 ${vmPort} codec VM
  user 2 true "${USER}" "${PASSWORD}" admin 10 none md2 md5 straight
`;
const COMMANDS = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02
sel_enable 0x20 1000 0x0a
mc_enable 0x20
`;

export async function startIpmiSim(lanPort: number, vmPort: number): Promise<LanServer> {
  const folder = mkdtempSync(join(tmpdir(), "glass86-ipmi-sim-"));
  writeFileSync(join(folder, "lan.conf"), lan(lanPort, vmPort));
  writeFileSync(join(folder, "commands"), COMMANDS);
  const words = ["-n", "-c", join(folder, "lan.conf"), "-f", join(folder, "commands"), "-s", folder];
  const child = spawn("ipmi_sim", words, { stdio: "ignore" });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await awake(lanPort);
  return {
    pid: child.pid!,
    end: async () => {
      child.kill("SIGKILL");
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until a BMC answers to a presence ping. */
export async function awake(lanPort: number): Promise<void> {
  const socket = createSocket("udp4");
  let answered = false;
  socket.on("message", () => (answered = true));
  socket.on("error", () => {}); // while nobody is there
  socket.connect(lanPort, "127.0.0.1");
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  for (let tries = 0; tries < TRIES && !answered; tries++) {
    socket.send(PING);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  socket.close();
  if (!answered) throw new Error(`nobody answers at port ${lanPort}`);
}
