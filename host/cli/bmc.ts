// SPDX-License-Identifier: MIT
// `glass86 bmc`: our BMC for machines of QEMU and for consoles, served at once or kept by name.
import { ConfigError } from "../../common/errors.ts";
import { nearest } from "../../common/nearest.ts";
import { BmcFolder, FOLDER_VARIABLE } from "../node/bmc-folder.ts";
import { BmcServer, type BmcServerOptions } from "../node/bmc-server.ts";
import { LOOPBACK } from "../node/lan-server.ts";
import { socketError } from "../node/socket-error.ts";
import { addBmc, deleteBmc, listBmcs, runBmc, showBmc, startBmc, stopBmc } from "./bmc-verbs.ts";
import { hpmImageCommand } from "./hpm-image.ts";
import { openLanOption, parseLanOption, parsePort, PASSWORD_VARIABLE, type LanOption } from "./lan-option.ts";

/** Options of each verb; those that are followed by the BMC's name. */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  serve: ["--port", "--bind", "--name", "--lan"],
  add: ["--port", "--bind", "--lan", "--folder"],
  delete: ["--folder"],
  list: ["--folder"],
  show: ["--folder"],
  start: ["--folder"],
  stop: ["--folder"],
  run: ["--folder"],
  "hpm-image": [],
};
const NAMELESS = ["serve", "list"];
/** Where OpenIPMI's simulator listens for machines by custom. */
const DEFAULT_PORT = 9002;

export const BMC_HELP = `glass86 bmc VERB [NAME] [options]

BMCs for machines of QEMU; a machine of our own has its BMC with it (glass86 run -bmc).

  serve           serves a new BMC until it is interrupted
  add NAME        keeps a BMC under a name, with --port, --bind and --lan as it shall be served
  start NAME      serves it from now on, in a process of its own
  stop NAME       ends that
  run NAME        serves it in this process
  list            the BMCs that are kept, and which of them are served
  show NAME       how one is reached, and what it says of its machine
  delete NAME     stops it and forgets it
  hpm-image FILE  makes a firmware upgrade for the BMCs of our machines, for "ipmitool hpm upgrade FILE activate"

Machines of QEMU reach a BMC over its external-BMC protocol:

  qemu-system-x86_64 -chardev socket,id=ipmi0,host=127.0.0.1,port=${DEFAULT_PORT},reconnect=1
    -device ipmi-bmc-extern,id=bmc0,chardev=ipmi0 -device isa-ipmi-kcs,bmc=bmc0 ...

Without one the chassis is a machine that can only be on or off. Consoles come over the network:

  ipmitool -I lanplus -H 127.0.0.1 -p 623 -U admin mc info

  --port N        where machines connect (${DEFAULT_PORT}; 0: any free one, which is printed)
  --bind ADDRESS  on which address (127.0.0.1)
  --name NAME     the machine's name in the inventory and the sensor records (Glass86)
  --lan LIST      consoles: port=623,bind=127.0.0.1,user=admin,password-file=PATH
                  (without a file the password is taken from ${PASSWORD_VARIABLE}, or asked for)
                  ipmi15=on: sessions of IPMI 1.5 too, which are not encrypted; passwords of up to 16 characters are then
                  kept as they are
  --rom-version N for hpm-image: this firmware's ROM under another version, like 0.3 or 0.3-trial
  --rom FILE      for hpm-image: another ROM of Glass86; --save-rom FILE: the ROM alone is written too
  --folder PATH   where BMCs are kept (${FOLDER_VARIABLE}, else glass86/bmc in the user's configuration);
                  passwords are kept sealed: nobody can read them out of it
`;

/** What the command line said; passwords are read later. */
export interface BmcCommandOptions extends Omit<BmcServerOptions, "lan" | "log" | "state"> {
  lan?: LanOption;
}

export type BmcCommand =
  | "help"
  | { verb: "serve"; options: BmcCommandOptions }
  | { verb: string; name: string; folder: string | undefined; options: BmcCommandOptions };

export function parseBmcCommand(args: readonly string[]): BmcCommand {
  const [verb, ...rest] = args;
  if (verb === undefined || verb === "--help" || verb === "-h") return "help";
  const known = VERBS[verb];
  if (!known) throw new ConfigError(`there is no "bmc ${verb}"; nearest is "bmc ${nearest(verb, Object.keys(VERBS))}"`);
  const options: BmcCommandOptions = { port: DEFAULT_PORT };
  let name: string | undefined;
  let folder: string | undefined;
  for (let i = 0; i < rest.length; i++) {
    const [option = "", attached] = rest[i]!.split(/=(.*)/s);
    if (option === "--help" || option === "-h") return "help";
    if (!option.startsWith("-")) {
      if (NAMELESS.includes(verb) || name !== undefined)
        throw new ConfigError(`bmc ${verb}: "${rest[i]}" is one too many`);
      name = rest[i]!;
      continue;
    }
    if (!known.includes(option))
      throw new ConfigError(`bmc ${verb} has no option ${option}; nearest is ${nearest(option, known)}`);
    const value = attached ?? rest[++i];
    if (value === undefined) throw new ConfigError(`${option} needs a value`);
    if (option === "--port") options.port = parsePort("--port", value);
    else if (option === "--bind") options.bind = value;
    else if (option === "--lan") options.lan = parseLanOption(value);
    else if (option === "--folder") folder = value;
    else options.identity = { machineName: value };
  }
  if (verb === "serve") return { verb, options };
  if (name === undefined && verb !== "list") throw new ConfigError(`bmc ${verb} needs the name of a BMC`);
  return { verb, name: name ?? "", folder, options };
}

export async function bmcCommand(args: readonly string[]): Promise<void> {
  if (args[0] === "hpm-image" && !args.includes("--help")) return hpmImageCommand(args.slice(1));
  const command = parseBmcCommand(args);
  if (command === "help") process.stdout.write(BMC_HELP);
  else if (!("name" in command)) await serve(command.options);
  else {
    const folder = new BmcFolder(command.folder);
    const { verb, name, options } = command;
    if (verb === "add") await addBmc(folder, { ...options, name, lan: options.lan ?? parseLanOption("") });
    else if (verb === "delete") await deleteBmc(folder, name);
    else if (verb === "start") await startBmc(folder, name);
    else if (verb === "stop") await stopBmc(folder, name);
    else if (verb === "run") await runBmc(folder, name);
    else console.log(await (verb === "list" ? listBmcs(folder) : showBmc(folder, name)));
  }
}

/** Starts serving; the process lives as long as the server listens. */
async function serve(options: BmcCommandOptions): Promise<void> {
  const { lan: lanOption, ...rest } = options;
  const lan = lanOption && (await openLanOption(lanOption));
  const server = new BmcServer({ ...rest, ...(lan && { lan }), log: (line) => console.log(line) });
  const listen = async (place: string, bind: string, port: number, start: () => Promise<number>): Promise<void> => {
    try {
      console.log(`bmc: ${place} ${bind}:${await start()}`);
    } catch (error) {
      await server.close();
      throw new ConfigError(`bmc serve cannot listen on ${bind}:${port}: ${socketError(error)}`);
    }
  };
  await listen("listening on", options.bind ?? LOOPBACK, options.port, () => server.listen());
  if (lan && server.lan) {
    const { lan: consoles } = server;
    await listen("consoles on UDP", lan.bind ?? LOOPBACK, lan.port, () => consoles.listen());
  }
}
