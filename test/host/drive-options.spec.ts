// SPDX-License-Identifier: MIT
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseDevice, planVirtio, portTargets } from "../../host/cli/device-option.ts";
import { checkDrives, parseDrive } from "../../host/cli/drive-option.ts";
import { openDrive } from "../../host/node/drives.ts";

describe("-drive", () => {
  test("is a writable raw disk on virtio unless it says otherwise", () => {
    expect(parseDrive("file=a,,b.img")).toEqual({
      file: "a,b.img",
      id: undefined,
      interface: "virtio",
      raw: false,
      readOnly: false,
      snapshot: false,
      readErrors: "report",
      writeErrors: "report",
    });
    const all = "file=x,format=raw,if=none,id=d0,readonly=on,snapshot=on,werror=ignore,rerror=report,media=disk";
    expect(parseDrive(all)).toMatchObject({
      id: "d0",
      interface: "none",
      raw: true,
      readOnly: true,
      snapshot: true,
      writeErrors: "ignore",
    });
  });

  test.each([
    ["format=raw", /file= is needed/],
    ["file=", /file= needs a value/],
    ["file=x,formt=raw", /-drive has no formt=; nearest is format=/],
    ["file=x,format=qcow2", /format=qcow2: raw is possible/],
    ["file=x,if=virito", /if=virito: virtio, none is possible; nearest is virtio/],
    ["file=x,readonly=yes", /readonly=yes: on, off is possible/],
    ["file=x,werror=stop", /werror=stop: report, ignore is possible/],
    ["file=x,file=y", /file= is given twice/],
    ["file=x,readonly", /"readonly" is not NAME=VALUE; nearest is readonly=/],
    ["disk.img", /"disk.img" is not NAME=VALUE; file= may be missing/],
  ])("%s is refused", (text, message) => {
    expect(() => parseDrive(text)).toThrow(message);
  });

  test("ids tell drives apart", () => {
    const drives = ["file=a,id=x", "file=b,id=x"].map(parseDrive);
    expect(() => checkDrives(drives)).toThrow(/id=x: two drives/);
    checkDrives(["file=a,id=x", "file=b,id=y", "file=c", "file=d"].map(parseDrive));
  });
});

describe("-device", () => {
  test("names a model, its transport and its properties", () => {
    expect(parseDevice("virtio-blk-pci,drive=d0,serial=S1,num-queues=4")).toEqual({
      kind: "block",
      transport: "pci",
      drive: "d0",
      serial: "S1",
      queues: 4,
    });
    expect(parseDevice("virtio-rng-device")).toEqual({ kind: "entropy", transport: "mmio" });
    expect(parseDevice("virtserialport,name=org.example")).toEqual({
      kind: "port",
      terminal: false,
      name: "org.example",
      target: { kind: "null" },
    });
    expect(parseDevice("virtconsole,chardev=file:out.txt")).toMatchObject({
      terminal: true,
      target: { kind: "file", path: "out.txt" },
    });
  });

  test.each([
    ["virtio-blk", /there is no -device virtio-blk; nearest is virtio-blk-pci/],
    ["virtio-blk-pci", /drive= is needed/],
    ["virtio-blk-pci,drve=x", /-device virtio-blk-pci has no drve=; nearest is drive=/],
    ["virtio-rng-pci,rng=x", /has no properties, but has "rng=x"/],
    ["virtio-blk-pci,drive=x,num-queues=0", /whole number from 1/],
    ["virtserialport", /name= is needed/],
    ["virtconsole,chardev=studio", /chardev=studio: stdio, null, file:PATH is possible; nearest is stdio/],
  ])("%s is refused", (text, message) => {
    expect(() => parseDevice(text)).toThrow(message);
  });
});

describe("a plan", () => {
  const plan = (drives: string[], devices: string[]) => planVirtio(drives.map(parseDrive), devices.map(parseDevice));

  test("gives a drive its own device, or the one that names it", () => {
    expect(
      plan(
        ["file=a", "file=b,if=none,id=b"],
        [
          "virtio-blk-pci,drive=b,serial=B",
          "virtio-rng-pci",
          "virtio-serial-pci",
          "virtconsole",
          "virtserialport,name=n",
        ],
      ),
    ).toMatchObject([
      { kind: "block", drive: { file: "a" } },
      { kind: "block", transport: "pci", drive: { file: "b" }, serial: "B" },
      { kind: "entropy" },
      { kind: "console", ports: [{ terminal: true }, { terminal: false, name: "n" }] },
    ]);
  });

  test("counts the ports of all consoles through", () => {
    const words = ["virtio-serial-pci", "virtconsole,chardev=stdio", "virtio-serial-pci", "virtconsole"];
    expect(portTargets(words.map(parseDevice))).toEqual([{ kind: "stdio" }, { kind: "null" }]);
  });

  test.each([
    [[], ["virtio-blk-pci,drive=x"], /there is no -drive with an id/],
    [["file=a,if=none,id=disk0"], ["virtio-blk-pci,drive=disk1"], /no such drive; nearest is disk0/],
    [["file=a,id=d"], ["virtio-blk-pci,drive=d"], /if=none leaves it to -device/],
    [["file=a,if=none,id=d"], ["virtio-blk-pci,drive=d", "virtio-blk-pci,drive=d"], /belongs to another device/],
    [[], ["virtconsole"], /virtio-serial-pci before it/],
    [[], ["virtio-serial-pci"], /behind it is needed/],
  ])("%j with %j is refused", (drives, devices, message) => {
    expect(() => plan(drives, devices)).toThrow(message);
  });
});

test("snapshot=on leaves the file as it is, readonly=on too; otherwise it is written", () => {
  const folder = mkdtempSync(join(tmpdir(), "glass86-drive-"));
  const file = join(folder, "disk.img");
  writeFileSync(file, new Uint8Array(1024));
  const written = (words: string) => {
    const { disk, close } = openDrive(parseDrive(`file=${file}${words}`));
    const accepted = disk.write(0, new Uint8Array(512).fill(1));
    const back = new Uint8Array(512);
    disk.read(0, back);
    close();
    return [accepted, back[0], readFileSync(file)[0]];
  };
  expect(written(",snapshot=on")).toEqual([true, 1, 0]);
  expect(written(",readonly=on")).toEqual([false, 0, 0]);
  expect(written(",readonly=on,snapshot=on")).toEqual([false, 0, 0]);
  expect(written(",readonly=on,werror=ignore")).toEqual([true, 0, 0]);
  expect(written("")).toEqual([true, 1, 1]);
  rmSync(folder, { recursive: true });
});
