// SPDX-License-Identifier: MIT
// FreeIPMI's tools against the BMC on loopback, without any of their workaround flags: all of them end with 0.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasTool, missing } from "../harness/missing-tool.ts";
import { ClientBench, PASSWORD, USER, WANT } from "./client-bench.ts";

const FULL = process.env["GLASS86_FULL"] === "1";
const MINUTE = 60_000;
const CATEGORIES = ["core", "chassis", "sensors", "pef"];

/** Some of every section, for ipmi-config. */
const CHANGED = `Section User4
  Username frida
EndSection
Section Lan_Conf
  Subnet_Mask 255.255.0.0
  Default_Gateway_IP_Address 10.3.2.1
EndSection
Section SOL_Conf
  Character_Send_Threshold 77
  SOL_Privilege_Level User
EndSection
`;

type Row = [program: string, args: string, what?: RegExp];
/** The rest of what these programs can do. */
const more: Row[] = [
  ["bmc-device", "--platform-event=0x04 0x01 0x03 0x01 assertion 0x59 0x50 0x55".replaceAll(" ", "\u00a0")],
  ["ipmi-sel", "--tail=1", /Temp|Temperature/],
  ["ipmi-sel", "--display=1 --hex-dump"],
  ["ipmi-sel", "--output-event-state --legacy-output"],
  ["ipmi-sel", "--delete-range=1-3"],
  ["ipmi-sel", "--post-clear"],
  ["ipmi-sensors", "--sensor-types=temperature", /CPU Temp .*45.00/],
  ["ipmi-sensors", "--record-ids=3 --output-sensor-state", /Memory Use/],
  ["ipmi-sensors", "--sdr-info", /Largest free block/],
  ["ipmi-sensors", "--comma-separated-output --entity-sensor-names --ignore-not-available-sensors"],
  ["ipmi-sensors", "--flush-cache"],
  ["ipmi-fru", "--device-id=0 --verbose", /Product Name: Glass86/],
  ["ipmi-chassis", "--chassis-identify=FORCE"],
  ["ipmi-chassis", "--chassis-identify=TURN-OFF"],
  ["ipmi-chassis", "--chassis-control=power-down"],
  ["ipmi-chassis", "--chassis-control=power-up"],
  ["ipmi-chassis", "--chassis-control=power-cycle"],
  ["ipmi-chassis", "--chassis-control=diagnostic-interrupt"],
  ["ipmi-chassis", "--set-power-cycle-interval=3"],
  ["ipmi-chassis", "--set-power-restore-policy=always-off"],
  ["bmc-device", "--set-sel-time=now"],
  ["bmc-device", "--set-sel-time-utc-offset=60"],
  ["bmc-device", "--get-sel-time-utc-offset", /60/],
  ["bmc-device", "--get-sdr-repository-time"],
  ["bmc-device", "--set-acpi-power-state --set-acpi-system-power-state=S0/G0 --set-acpi-device-power-state=D0"],
  ["bmc-device", "--get-acpi-power-state", /S0\/G0[^]*D0/],
  ["bmc-device", "--clear-lan-statistics"],
  ["bmc-device", "--get-kcs-interface-capabilities", /version 1/],
  ["bmc-device", "--set-system-name=mill"],
  ["bmc-device", "--set-operating-system-name=Hurd"],
  ["bmc-device", "--set-primary-operating-system-name=Debian"],
  ["bmc-device", "--set-system-firmware-version=1.2"],
  ["bmc-info", "--get-system-info", /mill[^]*Debian[^]*Hurd/],
  ["bmc-device", "--set-system-name=Glass86"],
  ["ipmi-config", "--listsections", /SOL_Conf/],
  ["ipmi-config", "--checkout --section=Lan_Conf", /IP_Address +127.0.0.1/],
  ["ipmi-pef-config", "--info", /Number of Event Filter Table entries +: 8/],
];

describe.skipIf(!hasTool("bmc-info", "FreeIPMI over LAN"))("FreeIPMI", () => {
  const bench = new ClientBench();
  beforeAll(() => bench.open());
  afterAll(() => bench.close());

  const commands: Row[] = [
    ["bmc-info", "", /IPMI Version +: 2.0[^]*System Name +: Glass86/],
    ["ipmi-sensors", "", /CPU Temp +\| Temperature +\| 45.00 +\| C +\| 'OK'[^]*ACPI Power .*'S0\/G0'/],
    ["ipmi-sensors", "--output-sensor-thresholds --verbose", /CPU Fan/],
    ["ipmi-sel", "", /ACPI Power/],
    ["ipmi-sel", "--info", /Delete SEL Command +: supported/],
    ["ipmi-sel", "--clear"],
    ["ipmi-fru", "", /Product Name: Glass86/],
    ["ipmi-chassis", "--get-chassis-status", /System Power +: on/],
    ["ipmi-chassis", "--get-chassis-capabilities"],
    ["ipmi-chassis", "--chassis-identify=10"],
    ["ipmi-chassis", "--chassis-control=hard-reset"],
    ["ipmi-chassis", "--set-power-restore-policy=restore"],
    ["ipmi-chassis", "--get-system-restart-cause", /Chassis Control/i],
    ["ipmi-chassis", "--get-power-on-hours-counter"],
    ["ipmipower", "--stat", /: on/],
    ["ipmipower", "--off --wait-until-off", /: ok/],
    ["ipmipower", "--on --wait-until-on", /: ok/],
    ["bmc-device", "--get-self-test-results"],
    ["bmc-device", "--get-sel-time"],
    ["bmc-device", "--get-lan-statistics", /Valid RMCP Packets Received +: [1-9]\d*\n/],
    ["bmc-device", "--rearm-sensor=3"],
    ["bmc-device", "--get-mca-auxiliary-log-status"],
    ["bmc-device", "--warm-reset"],
    ["ipmi-raw", "0 6 1", /20 01 00 10 02/],
    ...(FULL ? more : []),
  ];
  test.each(FULL ? [17, 3] : [17])(
    "every tool ends well with suite %i",
    async (suite) => {
      for (const [program, args, what = /^/] of commands) {
        const words = args.split(" ").filter(Boolean);
        const typed = words.map((each) => each.replaceAll("\u00a0", " "));
        if (program === "ipmi-sensors") bench.measure(); // other commands switch the machine off and on
        const { code, out, err } = await bench.freeipmi(program, typed, suite);
        expect(code, `${program} ${args}: ${err}${out}`).toBe(0);
        expect(out, `${program} ${args}`).toMatch(what);
      }
    },
    3 * MINUTE,
  );

  test.each(CATEGORIES)(
    "ipmi-config: what was checked out of %s goes in again and differs in nothing",
    async (category) => {
      const file = join(bench.home, category);
      const config = (what: string) =>
        bench.freeipmi("ipmi-config", [`--category=${category}`, what, `--filename=${file}`]);
      for (const step of ["--checkout", "--commit", "--diff"]) {
        const { code, out, err } = await config(step);
        expect([code, err], `${step}: ${out}`).toEqual([0, ""]);
        if (step === "--diff") expect(out).toBe("");
      }
      expect(readFileSync(file, "utf8").split("\n").length).toBeGreaterThan(50);
    },
    2 * MINUTE,
  );

  test(
    "ipmi-config: what is changed in a file is so after the commit, and after the BMC was switched off and on",
    async () => {
      const file = join(bench.home, "changed");
      const config = async (...words: string[]) => {
        const { code, out, err } = await bench.freeipmi("ipmi-config", ["--category=core", ...words]);
        expect(code, `${words.join(" ")}: ${err}`).toBe(0);
        return out;
      };
      writeFileSync(file, CHANGED);
      expect((await bench.freeipmi("ipmi-config", ["--category=core", "--diff", `--filename=${file}`])).out).not.toBe(
        "",
      );
      await config("--commit", `--filename=${file}`);
      expect(await config("--diff", `--filename=${file}`)).toBe("");
      await bench.restart();
      expect(await config("--diff", `--filename=${file}`)).toBe("");
      const told = await bench.ipmitool("user list 1");
      expect(told.out).toMatch(/4 +frida/);
    },
    MINUTE,
  );

  test("wrong secrets are told apart", async () => {
    const base = ["-D", "LAN_2_0", "-h", `127.0.0.1:${bench.port}`, "-I", "17"];
    const login = async (...args: string[]) => (await bench.run("bmc-info", [...base, ...args])).err;
    expect(await login("-u", USER, "-p", "wrong")).toContain("password invalid");
    expect(await login("-u", "nobody", "-p", PASSWORD)).toContain("username invalid");
    expect(await login("-u", USER, "-p", PASSWORD, "-I", "8")).toContain("cipher suite id unavailable");
    expect(await login("-u", USER, "-p", PASSWORD, "-k", "some-other-key")).toMatch(/invalid|unavailable/);
  });

  test.skipIf(!hasTool("expect", "ipmiconsole"))(
    "ipmiconsole: a login and a command; a second one steals",
    async () => {
      bench.powerOn();
      const spawn = (...more: string[]) =>
        `spawn ipmiconsole -h 127.0.0.1:${bench.port} -u ${USER} -p ${PASSWORD} -I 17 ${more.join(" ")}`;
      const script = `set timeout 20
      ${WANT}
      ${spawn()}
      want "SOL established"
      want "login: "
      send "root\\r"
      want "# "
      send "id\\r"
      want "uid=0(root)"
      send "&B"
      want "<break>"
      set first $spawn_id
      ${spawn("--dont-steal")}
      want "SOL in use"
      expect eof
      ${spawn()}
      want "SOL established"
      set second $spawn_id
      set spawn_id $first
      want "stolen"
      set spawn_id $second
      send "&."
      expect eof
      exit [lindex [wait] 3]`;
      const { code, out } = await bench.run("expect", ["-c", script]);
      expect(code, out).toBe(0);
    },
    MINUTE,
  );

  test("rmcpping and ipmiping on the port of RMCP", async () => {
    const port = new ClientBench();
    try {
      await port.open({ port: 623, bind: "127.0.0.86" });
    } catch {
      await port.close();
      missing("rmcpping and ipmiping: port 623 cannot be bound here");
      return;
    }
    try {
      expect((await port.run("rmcpping", ["-c", "1", "127.0.0.86"])).out).toContain("0.0% packet loss");
      expect((await port.run("ipmiping", ["-c", "1", "-r", "2.0", "127.0.0.86"])).out).toContain("0.0% packet loss");
    } finally {
      await port.close();
    }
  });
});

describe.skipIf(!hasTool("openipmicmd", "OpenIPMI over LAN"))("OpenIPMI", () => {
  const bench = new ClientBench();
  beforeAll(() => bench.open());
  afterAll(() => bench.close());
  const session = () => ["lan", "-U", USER, "-P", PASSWORD, "-p", `${bench.port}`];

  test("openipmicmd logs in, and where it leaves the algorithms to us too", async () => {
    const pick = ["-Ra", "bmcpick", "-Ri", "bmcpick", "-Rc", "bmcpick"];
    for (const more of [[], pick]) {
      const { code, out } = await bench.run("openipmicmd", ["-k", "0f 00 06 01", ...session(), ...more, "127.0.0.1"]);
      expect([code, out.slice(0, 20)]).toEqual([0, "0f 07 00 01 00 20 01"]);
    }
  });

  test("openipmish finds the machine, its sensors and its controls", async () => {
    const open = `domain open it ${session().join(" ")} 127.0.0.1`;
    const { out } = await bench.run("sh", ["-c", `(echo "${open}"; sleep 8; echo exit; sleep 1) | openipmish`]);
    expect(out).toContain("it(3.1).CPU Temp");
    expect(out).toContain("it(23.1).power");
  });
});
