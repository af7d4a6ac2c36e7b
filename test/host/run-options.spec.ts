// SPDX-License-Identifier: MIT
import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { ConfigError } from "../../common/errors.ts";
import { EscapeKeys } from "../../host/cli/escape-keys.ts";
import { optionsPage } from "../../host/cli/options-page.ts";
import { parseRunArguments } from "../../host/cli/run-options.ts";

const MIB = 1 << 20;

describe("the command line of run", () => {
  it("takes QEMU's words with one dash or two", () => {
    const words = "-m 256 -kernel k --initrd=i -append a=b -cpu max,-sse3 --nographic -no-reboot -limit 9".split(" ");
    expect(parseRunArguments(words)).toMatchObject({
      memoryBytes: 256 * MIB,
      kernel: "k",
      initrd: "i",
      append: "a=b",
      cpu: "max,-sse3",
      noReboot: true,
      limit: 9,
      serial: [{ kind: "stdio", monitor: true }],
    });
  });

  it("has 128 MiB and the console on COM1 when nothing is said", () => {
    expect(parseRunArguments(["--kernel", "k"])).toMatchObject({
      memoryBytes: 128 * MIB,
      append: "",
      serial: [{ kind: "stdio", monitor: true }],
      limit: Infinity,
    });
  });

  it("takes sockets in both of QEMU's spellings", () => {
    const serial = (text: string) => parseRunArguments(["-serial", text]).serial[0];
    const socket = { kind: "socket", telnet: false, reconnectSeconds: 0 };
    const place = { host: "127.0.0.1", port: 4444 };
    const name = "tcp::4444";
    const open = { ...socket, name, place, server: true, wait: false };
    expect([serial("tcp::4444,server,nowait"), serial("tcp::4444,server=on,wait=off")]).toEqual([open, open]);
    expect(serial("tcp::4444,server")).toEqual({ ...open, wait: true });
    expect(serial("telnet:[::1]:4444,server,nowait")).toMatchObject({
      place: { host: "::1", port: 4444 },
      telnet: true,
    });
    expect(serial("unix:/run/a,,b,server,nowait")).toMatchObject({ place: { path: "/run/a,b" }, server: true });
    expect(serial("tcp:host:1,reconnect=5")).toMatchObject({ place: { host: "host", port: 1 }, reconnectSeconds: 5 });
  });

  it("stays with a machine that is off when told so, or when there is a BMC and not told otherwise", () => {
    const stays = (...words: string[]) => parseRunArguments(words).noShutdown;
    expect([stays(), stays("-no-shutdown"), stays("-action", "shutdown=pause")]).toEqual([undefined, true, true]);
    expect(stays("-bmc", "", "-action", "shutdown=poweroff,reboot=shutdown")).toBe(false);
    expect(parseRunArguments(["-action", "reboot=shutdown"]).noReboot).toBe(true);
  });

  it("reads sizes as QEMU does", () => {
    const size = (text: string) => parseRunArguments(["-kernel", "k", "-m", text]).memoryBytes;
    expect([size("64"), size("1.5G"), size("512M"), size("4097K")]).toEqual([64, 1536, 512, 4].map((mib) => mib * MIB));
  });

  it("gives each -serial the next port", () => {
    const words = ["-kernel", "k", "-serial", "null", "-serial", "file:out.log", "-serial", "mon:stdio"];
    expect(parseRunArguments(words).serial).toEqual([
      { kind: "null" },
      { kind: "file", path: "out.log" },
      { kind: "stdio", monitor: true },
    ]);
  });

  it.each<[string, RegExp]>([
    ["-kernal k", /no option -kernal; nearest is -kernel/],
    ["--no-rebot", /no option -no-rebot; nearest is -no-reboot/],
    ["-kernel", /-kernel needs a value/],
    ["vmlinuz", /"vmlinuz" is not an option; a kernel is given as -kernel vmlinuz/],
    ["-m lots", /-m lots: 1M to 3072M are possible/],
    ["-m 0", /-m 0: 1M to 3072M are possible/],
    ["-m 5G", /-m 5G: 1M to 3072M are possible/],
    ["-smp 2", /-smp: one processor is possible yet/],
    ["-device virtio-rng-pci,max=1", /has no properties, but has "max=1"/],
    ["-drive disk.img", /-drive: "disk.img" is not NAME=VALUE; file= may be missing/],
    ["-drive file=a,snapsot=on", /-drive has no snapsot=; nearest is snapshot=/],
    ["-drive file=a,format=qcow3", /format=qcow3: raw is possible/],
    ["-serial tcp:localhost", /HOST:PORT is needed, as in tcp:127.0.0.1:4444/],
    ["-serial tcp:localhost:1,wait", /wait is for server=on/],
    ["-serial tcp:localhost:1,sever", /"sever" is not NAME=VALUE; nearest is server=/],
    ["-serial tcp:localhost:1,server,reconnect=1", /reconnect= is for server=off/],
    ["-serial udp:1", /-serial udp:1: .* are possible/],
    ["-monitor vc", /-monitor vc: stdio, none, tcp:HOST:PORT/],
    ["-action shutdown=stay", /shutdown=stay: poweroff, pause is possible/],
    ["-bmc prot=1", /-bmc has no prot=; nearest is port=/],
    ["-kernel k -serial sdtio", /-serial sdtio: .*nearest is stdio/],
    ["-kernel k -serial stdio -serial stdio", /stdio for two ports/],
    ["-kernel k -serial null -serial null -serial null -serial null -serial null", /4 serial ports/],
    ["-kernel k -limit -1", /-limit -1: a whole number/],
  ])("%j is refused with the nearest right thing", (line, message) => {
    const parse = () => parseRunArguments(line.split(" ").filter(Boolean));
    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(message);
  });
});

describe("the keys of the console", () => {
  const bytes = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));

  it("go to the guest but for those behind Ctrl-a", () => {
    expect(new EscapeKeys().feed(bytes("ls\x01h\x01b\r\x01x"))).toEqual({
      bytes: bytes("ls\r"),
      commands: ["help", "break", "quit"],
    });
  });

  it("may come one by one, and Ctrl-a twice is one for the guest", () => {
    const keys = new EscapeKeys();
    expect(keys.feed([1])).toEqual({ bytes: [], commands: [] });
    expect(keys.feed(bytes("x"))).toEqual({ bytes: [], commands: ["quit"] });
    expect(keys.feed([1, 1])).toEqual({ bytes: [1], commands: [] });
    expect(keys.feed(bytes("\x01qa"))).toEqual({ bytes: bytes("a"), commands: [] });
  });
});

test("docs/command-line.md is what the tables say", () => {
  const page = readFileSync(new URL("../../docs/command-line.md", import.meta.url), "utf8");
  expect(page, "node --import tsx tools/gen-cli-docs.ts writes it").toBe(optionsPage());
});
