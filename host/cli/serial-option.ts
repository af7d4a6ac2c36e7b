// SPDX-License-Identifier: MIT
// `-serial DEV` and `-monitor DEV`: the far end of a serial port's cable, in QEMU's words.
// Spec: QEMU user documentation, "-serial dev" (tcp, telnet, unix with server and wait in both spellings, pty).
import { ConfigError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import type { SocketTarget } from "../node/socket-line.ts";
import { parsePort } from "./lan-option.ts";
import { Properties } from "./properties.ts";

export type SerialTarget =
  | { kind: "stdio"; monitor: boolean }
  | { kind: "null" }
  | { kind: "file"; path: string }
  | { kind: "pty" }
  | SocketTarget;

export type MonitorTarget = "mux" | "stdio" | "none" | SocketTarget;

const PLAIN: Readonly<Record<string, SerialTarget>> = {
  stdio: { kind: "stdio", monitor: false },
  "mon:stdio": { kind: "stdio", monitor: true },
  null: { kind: "null" },
  none: { kind: "null" },
  pty: { kind: "pty" },
};
const SOCKETS = ["tcp", "telnet", "unix"];
const FORMS = [...Object.keys(PLAIN), "file:PATH", "tcp:HOST:PORT", "telnet:HOST:PORT", "unix:PATH"];
/** Bare words that older command lines have. */
const FLAGS: Readonly<Record<string, string>> = {
  server: "server=on",
  wait: "wait=on",
  nowait: "wait=off",
  nodelay: "nodelay=on",
  telnet: "telnet=on",
};
const NAMES = ["address", "server", "wait", "nodelay", "reconnect", "telnet"];
const LOOPBACK = "127.0.0.1";

export function parseSerial(text: string): SerialTarget {
  if (Object.hasOwn(PLAIN, text)) return PLAIN[text]!;
  if (text.startsWith("file:") && text.length > 5) return { kind: "file", path: text.slice(5) };
  return parseSocket("-serial", text) ?? refuse("-serial", text, FORMS);
}

export function parseMonitor(text: string): MonitorTarget {
  if (text === "stdio" || text === "none") return text;
  const forms = ["stdio", "none", "tcp:HOST:PORT", "telnet:HOST:PORT", "unix:PATH"];
  return parseSocket("-monitor", text) ?? refuse("-monitor", text, forms);
}

function refuse(option: string, text: string, forms: readonly string[]): never {
  throw new ConfigError(`${option} ${text}: ${forms.join(", ")} are possible; nearest is ${nearest(text, forms)}`);
}

/** undefined: it names no socket. */
function parseSocket(option: string, text: string): SocketTarget | undefined {
  const kind = text.split(":", 1)[0]!;
  if (!SOCKETS.includes(kind) || text.length <= kind.length + 1) return undefined;
  const words = text.slice(kind.length + 1).replaceAll(/(?<=[^,],)[a-z]+(?=,|$)/g, (word) => FLAGS[word] ?? word);
  const given = new Properties(`${option} ${kind}`, `address=${words}`, NAMES);
  const address = given.needed("address", "where it is");
  const server = given.flag("server");
  const wait = given.flag("wait", server);
  const reconnect = given.text("reconnect");
  given.flag("nodelay");
  if (wait && !server) throw new ConfigError(`${option} ${text}: wait is for server=on`);
  if (server && reconnect !== undefined) throw new ConfigError(`${option} ${text}: reconnect= is for server=off`);
  return {
    kind: "socket",
    name: `${kind}:${address}`,
    place: kind === "unix" ? { path: address } : parseAddress(`${option} ${text}`, address),
    server,
    wait,
    telnet: kind === "telnet" || given.flag("telnet"),
    reconnectSeconds: given.count("reconnect", 0),
  };
}

/** No host is this one: a port is not open to the network unless told so. */
function parseAddress(where: string, text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(text);
  if (!match) throw new ConfigError(`${where}: HOST:PORT is needed, as in tcp:127.0.0.1:4444`);
  const [, six, four, port = ""] = match;
  return { host: six ?? (four || LOOPBACK), port: parsePort(where, port) };
}
