// SPDX-License-Identifier: MIT
// docs/command-line.md, from the tables of options, log items, keys and monitor commands.
import { COMMANDS } from "../../vmm/monitor/monitor.ts";
import { INFO_TOPICS } from "../../vmm/monitor/info.ts";
import { KEYS } from "./escape-keys.ts";
import { PASSWORD_VARIABLE } from "./lan-option.ts";
import { LOG_ITEMS } from "./run-arguments.ts";
import { usageOf } from "./run-options.ts";
import { OPTION_GROUPS } from "./run-table.ts";

type Row = readonly [string, string];

function table(head: Row, rows: readonly Row[]): string {
  const cells = [head, ["-", "-"] as Row, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = [0, 1].map((column) => Math.max(...cells.map((row) => row[column]!.length), 3));
  const line = (row: readonly string[], index: number): string => {
    const fill = index === 1 ? "-" : " ";
    return `| ${row.map((cell, column) => (index === 1 ? "" : cell).padEnd(widths[column]!, fill)).join(" | ")} |`;
  };
  return cells.map(line).join("\n");
}

export function optionsPage(): string {
  const groups = OPTION_GROUPS.map(({ title, rows }) => {
    const lines = rows.map((row): Row => [`\`${usageOf(row)}\``, row.help]);
    return `### ${title}\n\n${table(["Option", "What it does"], lines)}\n`;
  });
  const items = Object.entries(LOG_ITEMS).map(([name, help]): Row => [`\`${name}\``, help]);
  const keys = KEYS.map(({ keys: [key], help }): Row => [`\`Ctrl-a ${key}\``, help]);
  const commands = COMMANDS.map(({ name, short, parameters, help }): Row => {
    const names = short === undefined ? name : `${name}, ${short}`;
    return [`\`${`${names} ${parameters}`.trim()}\``, help];
  });
  const topics = INFO_TOPICS.map(({ name, help }): Row => [`\`info ${name}\``, help]);
  return `# The command line

<!-- Made by \`node --import tsx tools/gen-cli-docs.ts\` from the program's own tables: do not edit. -->

\`glass86 run [options]\` boots a PC with its console in the terminal; from a checkout it is \`npm run -s glass86 -- run [options]\`. Options have
one dash or two, and values stand behind them or behind "=".

## Options

${groups.join("\n")}
## The BMC on the network

\`-bmc\` opens the BMC of the running machine to consoles, for the host alone unless \`bind=\` says otherwise:

    glass86 run -bmc port=9623,password-file=secret
    ipmitool -I lanplus -H 127.0.0.1 -p 9623 -U admin -f secret chassis power cycle
    ipmitool -I lanplus -H 127.0.0.1 -p 9623 -U admin -f secret sol activate

The password is the one line of a file, which others had better not read, else \`${PASSWORD_VARIABLE}\`, else it is asked for; it
is never an argument, and what the machine, its snapshots and recordings keep of it cannot be read back. The machine's console is one: what is typed at
the terminal and over SOL goes to the same UART, and all see what it sends.

The BMC lives as long as the program. When the guest or \`chassis power off\` switches the machine off, the program stays, and
\`chassis power on\` starts the machine again; with \`-action shutdown=poweroff\` it ends. Ctrl-a x, the monitor's quit, SIGINT, SIGTERM
and SIGHUP end it too, with code 0. A recorded run (\`-record\`) is replayed with the same \`-bmc\` and password, and without a network.

## Serial ports

Each \`-serial\` is the next of COM1 to COM4. A server (\`server=on\`, or QEMU's older \`server\`) waits for its first visitor unless
\`wait=off\` (\`nowait\`) is given, has one visitor at a time, and takes the next when that has gone; a host left out is 127.0.0.1. \`pty\`
needs the program script of util-linux and prints the device's name. What a visitor does not read is lost beyond 1 MiB; what a visitor
types ahead of the guest is not read until there is room.

## What \`-d\` shows

${table(["Item", "What it shows"], items)}

## Keys

${table(["Key", "What it does"], keys)}

## The monitor

${table(["Command", "What it does"], commands)}

${table(["Topic", "What it tells"], topics)}

## Exit codes

${table(
  ["Code", "Meaning"],
  [
    ["0", "the guest ended well, or the user ended it"],
    ["1", "something on the command line, or a file it names, cannot be"],
    ["2", "the guest failed"],
    ["3", "an error in glass86 itself"],
    ["42", "the limit of instructions was reached"],
    ["2v + 1", "the guest wrote v to port 501h"],
  ],
)}
`;
}
