// SPDX-License-Identifier: MIT
// `glass86 run` as its users meet it: the real program in a process of its own. What it says to bad input is asked of the same
// code in this process, as a process takes a second to start.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bzImage } from "../harness/bzimage.ts";
import { CLOSE, glass86, glass86Here } from "../harness/program.ts";
import { ECHO, ECHO_TO_END, hex, HLT, out, print } from "../harness/tiny-guest.ts";

let folder = "";
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "glass86-"));
  writeFileSync(file("hello"), bzImage([HLT], print("hello from the guest\r\n", [HLT])));
  writeFileSync(file("echo"), bzImage([HLT], ECHO));
  writeFileSync(file("echo-to-end"), bzImage([HLT], ECHO_TO_END));
  writeFileSync(file("exit7"), bzImage([HLT], [...out(0x501, 3), ...hex("eb fe")]));
  writeFileSync(file("crash"), bzImage([HLT], hex("0f 0b")));
  writeFileSync(file("empty"), "");
  writeFileSync(file("text"), "this is not a kernel".repeat(100));
  writeFileSync(file("truncated"), readFileSync(file("hello")).subarray(0, 1100));
  writeFileSync(file("odd.img"), new Uint8Array(1000));
  writeFileSync(file("one.img"), new Uint8Array(1024));
  writeFileSync(file("broken.g86"), "G86-SNAP and then nothing of use, but enough of it to look like a header");
  writeFileSync(file("broken.log"), "{}\n");
  const saved = await glass86(
    [...small("echo"), "-S", "-monitor", "stdio", "-snapshots", folder],
    ["savevm pc\nquit\n"],
  );
  expect(saved.out).toContain("saved pc");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Four processes, each with a machine, on a host that may be busy. */
const PATIENCE = 240_000;
const small = (name: string): string[] => ["run", "-m", "32", "-kernel", file(name)];

describe("the program", () => {
  it("boots a kernel, shows its console and ends with code 0", async () => {
    const { code, out: text, error } = await glass86([...small("hello"), "-nographic"]);
    expect({ code, text }).toEqual({ code: 0, text: "hello from the guest\r\n" });
    expect(error).toMatch(/halted with interrupts off after [\d,]+ instructions/);
  });

  it("takes two dashes as well, and passes the guest's exit code on", async () => {
    const { code } = await glass86(["run", "--m=32", `--kernel=${file("exit7")}`, "--serial", "null"]);
    expect(code).toBe(7);
  });

  it("ends with 2 when the guest fails and with 42 at the limit", async () => {
    expect((await glass86([...small("crash"), "-no-reboot"])).code).toBe(2);
    const limited = await glass86([...small("echo"), "-limit", "100000"]);
    expect([limited.code, limited.error]).toEqual([42, expect.stringContaining("the limit was reached after 100,000")]);
  });

  it(
    "gives what is typed to the guest, records it, and replays it to the same state",
    async () => {
      const recorded = await glass86(
        [...small("echo-to-end"), "-record", file("typed.log")],
        ["HELLO", /hello/, " AGAIN!"],
      );
      expect([recorded.code, recorded.out]).toEqual([0, "hello again!"]);
      const replayed = await glass86([...small("echo-to-end"), "-replay", file("typed.log")]);
      expect([replayed.code, replayed.out]).toEqual([0, "hello again!"]);
      expect(replayed.error).toContain("replayed to the recorded state");
      const log = readFileSync(file("typed.log"), "utf8");
      writeFileSync(file("forged.log"), log.replace(/"[0-9a-f]{16}"(?=\}\}\n$)/, '"0123456789abcdef"'));
      const forged = await glass86([...small("echo-to-end"), "-replay", file("forged.log")]);
      expect([forged.code, forged.error]).toEqual([2, expect.stringContaining("another state than was recorded")]);
    },
    PATIENCE,
  );

  it("has a monitor that saves and loads in another process", async () => {
    const held = [...small("echo"), "-monitor", "stdio", "-serial", `file:${file("com1")}`, "-snapshots", folder];
    const first = await glass86([...held, "-S"], ["info status\nsavevm start\ninfo snapshots\ndigest\nfrob\nquit\n"]);
    expect(first.code).toBe(0);
    expect(first.out).toMatch(/VM status: paused\n0 instructions/);
    expect(first.out).toMatch(/saved start, .*\n.*broken .*\nstart +\d/s);
    expect(first.out).toMatch(/Error: there is no command frob; nearest is/);
    const digest = /[0-9a-f]{16}/.exec(first.out)![0];
    const second = await glass86([...held, "-S", "-loadvm", "start"], ["digest\nx /2i $pc\ninfo mtree\nquit\n"]);
    expect(second.out).toContain(digest);
    expect(second.out).toMatch(/jmp 0xf000:/);
    expect(second.out).toMatch(/03f8-03ff com1/);
  });

  it("shows what POST says when there is nothing to boot, and when there is only a disk", async () => {
    const drive = ["-drive", `file=${file("one.img")},format=raw`];
    for (const words of [["-kernel", "none"], drive]) {
      const { code, out: text, error } = await glass86(["run", "-m", "32", ...words]);
      expect(text).toMatch(/no bootable device: the machine was given no kernel \(-kernel FILE\); system halted/);
      expect([code, error]).toEqual([2, expect.stringContaining("POST halted the machine")]);
    }
  });

  it("goes on when a file takes no more, and says so; ends where nobody reads", async () => {
    const full = await glass86([...small("hello"), "-serial", "stdio", "-record", "/dev/full"]);
    expect([full.code, full.out]).toEqual([0, "hello from the guest\r\n"]);
    expect(full.error).toMatch(/-record \/dev\/full: the disk is full; what follows is lost/);
    const head = await glass86(["run", "-m", "32"], [/./, CLOSE]);
    expect([head.code, head.error]).toEqual([0, ""]);
  });

  it("cannot save where nothing can be written, and goes on", async () => {
    const monitor = [...small("echo"), "-S", "-monitor", "stdio", "-snapshots", file("text")];
    const { code, out: text } = await glass86(monitor, ["savevm a\ninfo snapshots\nquit\n"]);
    expect(text).toMatch(/a.g86 cannot be written: a part of the path is no folder[^]*there is none/);
    expect(code).toBe(0);
  });

  it("logs what is asked for", async () => {
    const { code } = await glass86([
      ...small("crash"),
      "-no-reboot",
      "-d",
      "int,in_asm,cpu_reset",
      "-D",
      file("d.log"),
    ]);
    expect(code).toBe(2);
    const log = readFileSync(file("d.log"), "utf8");
    expect(log).toMatch(/^f000:0000fff0 {2}jmp/);
    expect(log).toMatch(/\n0{8}01000200 {2}ud2/);
    expect(log).toMatch(/Triple fault at/);
  });
});

describe("bad input ends with a clear error, exit code 1, and nothing written over", () => {
  it("as the process sees it, too", async () => {
    const { code, out: text, error } = await glass86(["run", "-kernel", file("nowhere")]);
    expect([code, text, error]).toEqual([1, "", `glass86: -kernel ${file("nowhere")}: there is no such file\n`]);
  });

  it.each<[string, string[], RegExp]>([
    ["an unknown option", ["-kernal", "x"], /there is no option -kernal; nearest is -kernel/],
    [
      "an unknown device",
      ["-device", "virtio-blk-pic"],
      /there is no -device virtio-blk-pic; nearest is virtio-blk-pci/,
    ],
    ["an unknown board", ["-kernel", "@echo", "-M", "q36"], /q36.*did you mean "q35"/],
    [
      "an unknown processor",
      ["-kernel", "@echo", "-cpu", "pentum3"],
      /unknown CPU model "pentum3"; did you mean "pentium3"/,
    ],
    [
      "a disk twice",
      ["-drive", "file=@one.img,format=raw", "-drive", "file=@one.img,format=raw"],
      /one.img is in use by another drive/,
    ],
    ["a UUID that is none", ["-uuid", "86"], /uuid "86": 32 hexadecimal digits/],
    ["a missing kernel", ["-kernel", "@nowhere"], /-kernel \S+nowhere: there is no such file/],
    ["a folder as kernel", ["-kernel", "@"], /-kernel \S+: it is a folder/],
    ["an empty kernel", ["-kernel", "@empty"], /-kernel \S+empty: kernel of 0 bytes/],
    ["text as kernel", ["-kernel", "@text"], /-kernel \S+text: kernel: no Linux boot header/],
    ["a truncated kernel", ["-kernel", "@truncated"], /cut off|truncated|bytes/i],
    ["a missing initrd", ["-kernel", "@echo", "-initrd", "@none"], /-initrd \S+none: there is no such file/],
    ["an empty initrd", ["-kernel", "@echo", "-initrd", "@empty"], /initrd of 0 bytes/],
    ["a missing disk", ["-kernel", "@echo", "-drive", "file=@none,format=raw"], /none.*(no such file|not there)/i],
    ["a disk with half a sector", ["-kernel", "@echo", "-drive", "file=@odd.img,format=raw"], /1000 bytes/],
    ["memory that is too small", ["-kernel", "@echo", "-m", "2"], /too small/],
    ["more memory than there can be", ["-kernel", "@echo", "-m", "5G"], /-m 5G: 1M to 3072M are possible/],
    ["a broken snapshot", ["-kernel", "@echo", "-loadvm", "broken", "-snapshots", "@"], /snapshot: /],
    [
      "a snapshot of another board",
      ["-kernel", "@echo", "-M", "q35", "-m", "32", "-loadvm", "pc", "-snapshots", "@"],
      /snapshot of another machine: its board is pc, this one's is q35/,
    ],
    ["no folder of snapshots", ["-kernel", "@echo", "-loadvm", "pc", "-snapshots", "@none"], /there is no such folder/],
    ["a snapshot that is not there", ["-kernel", "@echo", "-loadvm", "broke", "-snapshots", "@"], /nearest is broken/],
    [
      "a broken log",
      ["-kernel", "@echo", "-replay", "@broken.log"],
      /-replay \S+broken.log: line 1: this is no glass86/,
    ],
    ["a socket's path that the system would cut", ["-serial", `unix:/tmp/${"x".repeat(120)},server`], /longer than/],
    ["an output that cannot be written", ["-kernel", "@echo", "-record", "@none/log"], /-record \S+: there is no such/],
  ])("%s", async (_name, words, message) => {
    const before = readdirSync(folder).map((name) => [name, readFileSync(file(name)).toString("hex")]);
    const {
      code,
      out: text,
      error,
    } = await glass86Here(["run", ...words.map((word) => word.replace("@", `${folder}/`))]);
    expect(error).toMatch(message);
    expect([code, text]).toEqual([1, ""]);
    expect(error).not.toMatch(/^ +at /m);
    expect(readdirSync(folder).map((name) => [name, readFileSync(file(name)).toString("hex")])).toEqual(before);
  });
});
