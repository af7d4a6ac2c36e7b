// SPDX-License-Identifier: MIT
// ipmitool against the BMC on loopback, as an administrator uses it: every command ends well and shows what is so.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasTool } from "../harness/missing-tool.ts";
import { ClientBench, PASSWORD, USER, WANT } from "./client-bench.ts";

const FULL = process.env["GLASS86_FULL"] === "1";
const MINUTE = 60_000;

describe.skipIf(!hasTool("ipmitool", "sessions over LAN"))("ipmitool", () => {
  const bench = new ClientBench();
  beforeAll(() => bench.open());
  afterAll(() => bench.close());

  test("finds the best suite itself", async () => {
    const args = ["-I", "lanplus", "-H", "127.0.0.1", "-p", `${bench.port}`, "-U", USER, "-E", "mc", "info"];
    expect((await bench.run("ipmitool", args)).code).toBe(0);
  });

  test(
    "is refused with a wrong password, a wrong user, too high a role, and suite 0",
    async () => {
      expect((await bench.ipmitool("mc info", 17, { IPMI_PASSWORD: "wrong" })).code).toBe(1);
      const args = [
        "-I",
        "lanplus",
        "-C",
        "17",
        "-H",
        "127.0.0.1",
        "-p",
        `${bench.port}`,
        "-U",
        "nobody",
        "-E",
        "mc",
        "info",
      ];
      expect((await bench.run("ipmitool", args)).code).toBe(1);
      expect((await bench.ipmitool("mc info", 0)).err).toContain("no matching cipher suite");
      await bench.all(["user set name 4 olga", "user set password 4 olga-pass", "user enable 4"]);
      expect((await bench.ipmitool("channel setaccess 1 4 callin=on ipmi=on link=on privilege=3")).code).toBe(0);
      const olga = [
        "-I",
        "lanplus",
        "-C",
        "17",
        "-H",
        "127.0.0.1",
        "-p",
        `${bench.port}`,
        "-U",
        "olga",
        "-P",
        "olga-pass",
      ];
      expect((await bench.run("ipmitool", [...olga, "mc", "info"])).code).toBe(1);
      expect((await bench.run("ipmitool", [...olga, "-L", "OPERATOR", "mc", "info"])).code).toBe(0);
      expect((await bench.run("ipmitool", [...olga, "-L", "OPERATOR", "user", "enable", "4"])).code).toBe(1);
    },
    MINUTE,
  );

  describe.each(FULL ? [17, 3] : [17])("suite %i", (suite) => {
    const shows: [command: string, what: RegExp][] = [
      ["mc info", /IPMI Version +: 2.0[^]*Chassis Device/],
      ["mc selftest", /Selftest: passed/],
      ["mc guid", /System GUID/],
      ["mc getenables", /System Event Logging +: enabled/],
      ["mc getsysinfo system_name", /Glass86/],
      ["mc watchdog get", /Watchdog Timer Is: +Stopped/],
      ["sdr list all", /Glass86 BMC +\| Dynamic MC[^]*CPU Temp +\| 45 degrees C +\| ok/],
      ["sdr elist full", /CPU Fan +\| 04h \| ok +\| 29.1 \| 2400 RPM/],
      ["sdr info", /Record Count +: 17[^]*Delete SDR supported +: yes/],
      ["sdr type Temperature", /CPU Temp/],
      ["sensor", /Memory Use +\| 30.000 +\| percent +\| ok/],
      ["sel info", /Version +: 1.5[^]*Supported Cmds +: 'Delete' 'Reserve' 'Get Alloc Info'/],
      ["sel time get", /\d\d\/\d\d\/\d\d/],
      ["fru print 0", /Product Name +: Glass86/],
      ["chassis status", /System Power +: on/],
      ["chassis power status", /Chassis Power is on/],
      ["chassis policy list", /always-on/],
      ["chassis poh", /POH Counter/],
      ["chassis restart_cause", /System restart cause/],
      ["chassis selftest", /passed/],
      ["lan print 1", /IP Address +: 127.0.0.1[^]*Cipher Suite Priv Max +: XXXaXXXXXXXXXXX/],
      ["lan alert print 1", /Alert Destination/],
      ["lan stats get 1", /RMCP Rx Valid/],
      ["user list 1", /2 +admin +true +true +true +ADMINISTRATOR/],
      ["user summary 1", /Maximum IDs\s+: 10/],
      ["user test 2 20 a-20-byte-password-1", /Success/],
      ["channel info 1", /802.3 LAN[^]*Access Mode +: always available/],
      ["channel getaccess 1 2", /User Name +: admin[^]*ADMINISTRATOR/],
      ["channel authcap 1 4", /IPMI v2.0/],
      [
        "channel getciphers ipmi 1",
        /3 +N\/A +hmac_sha1 +hmac_sha1_96 +aes_cbc_128 +\n17 +N\/A +hmac_sha256 +sha256_128 +aes_cbc_128/,
      ],
      ["session info active", /IPMIv2\/RMCP\+/],
      ["session info all", /user id +: 2/],
      ["sol info 1", /Enabled +: true[^]*Volatile Bit Rate \(kbps\) +: 115.2/],
      ["sol payload status 1 2", /is enabled/],
      ["pef info", /Version +: 0x51|0x51/],
      ["raw 0x06 0x01", /20 01 00 10 02/],
    ];
    test(
      "shows what is so",
      async () => {
        bench.measure(); // the suite before this one has switched the machine off and on
        const ran = await bench.all(
          shows.map(([command]) => command),
          suite,
        );
        for (const [i, { code, out, err }] of ran.entries()) {
          const [command, what] = shows[i]!;
          expect(code, `${command}: ${err}`).toBe(0);
          expect(out, command).toMatch(what);
        }
      },
      2 * MINUTE,
    );

    /** In this order; what must be shown afterwards, by which command. */
    const changes: [command: string, shown?: string, what?: RegExp][] = [
      ["sensor thresh CPU\u00a0Temp unc 80", "sensor get CPU\u00a0Temp", /Upper Non-Critical +: 80/],
      ["chassis power cycle"],
      ["chassis power reset"],
      ["chassis power diag"],
      ["chassis power soft", "power status", /is off/],
      ["chassis power on", "power status", /is on/],
      ["chassis power off", "power status", /is off/],
      ["chassis power on"],
      ["chassis identify force"],
      ["chassis identify 0"],
      ["chassis policy always-on", "chassis status", /Restore Policy : always-on/],
      ["chassis policy always-off"],
      ["chassis bootdev pxe", "chassis bootparam get 5", /Force PXE/],
      ["chassis bootdev cdrom options=persistent,efiboot", "chassis bootparam get 5", /CD\/DVD/],
      ["chassis bootdev none"],
      ["mc watchdog set use=oem timeout=100 action=none", "mc watchdog get", /Initial Countdown: +100.0 sec/],
      ["mc watchdog reset", "mc watchdog get", /Running|Started/],
      ["mc watchdog off", "mc watchdog get", /Stopped/],
      ["lan set 1 snmp secret", "lan print 1", /Community String +: secret/],
      ["lan set 1 defgw ipaddr 10.1.2.3", "lan print 1", /Default Gateway IP +: 10.1.2.3/],
      ["lan set 1 vlan id 5", "lan print 1", /VLAN ID +: 5/],
      ["lan set 1 vlan id off"],
      ["lan set 1 arp generate off"],
      ["lan set 1 bad_pass_thresh 20 1 60 120", "lan print 1", /Bad Password Threshold +: 20/],
      ["lan set 1 cipher_privs XXXoXXXXXXXXXXX", "lan print 1", /: XXXoXXXXXXXXXXX/],
      ["lan set 1 cipher_privs XXXaXXXXXXXXXXX"],
      ["lan stats clear 1"],
      ["user set name 3 bob", "user list 1", /3 +bob/],
      ["user set password 3 bob-password"],
      ["user enable 3"],
      ["user priv 3 3 1", "user list 1", /bob .*OPERATOR/],
      ["user test 3 16 bob-password"],
      ["channel setaccess 1 3 callin=on ipmi=on link=on privilege=2", "user list 1", /bob .*USER/],
      ["user disable 3"],
      ["sol set retry-count 5 1", "sol info 1", /Retry Count +: 5/],
      ["sol set character-send-threshold 50 1"],
      ["sol set privilege-level admin 1", "sol info 1", /ADMINISTRATOR/],
      ["sol set enabled true 1"],
      ["sol payload disable 1 3", "sol payload status 1 3", /disabled/],
      ["mc setsysinfo os_name Debian", "mc getsysinfo os_name", /Debian/],
      ["sel clear"],
      ["event 1", "sel list", /Temperature .*Upper Critical/],
      ["sel add SEL-FILE", "sel elist", /Temperature #0x03 .*Upper Critical/],
      ["sel save OUT-FILE"],
      ["sel delete 1"],
      ["sel clear", "sel info", /Entries +: 0/],
      ["fru read 0 OUT-FILE"],
      ["mc reset warm"],
    ];
    /** The rest of what these commands can do. */
    const more: typeof changes = [
      ["sel time set now", "sel time get", /^\d\d\/\d\d\/\d\d/],
      ["event 2", "sel list last 1", /Voltage .*Lower Critical/],
      ["event CPU\u00a0Temp ucr assert", "sel elist last 1", /CPU Temp .*Upper Critical going high/],
      ["sel writeraw OUT-FILE"],
      ["sel readraw OUT-FILE", "sel get 1", /SEL Record ID +: 0001/],
      ["sdr dump OUT-FILE"],
      ["sdr fill file OUT-FILE", "sdr elist all", /Glass86 BMC[^]*Boot Progress/],
      ["sdr entity 3", "sdr get CPU\u00a0Temp", /Sensor Type \(Threshold\) +: Temperature/],
      ["sdr list mcloc", "sdr list compact", /ACPI Power/],
      ["sensor reading CPU\u00a0Fan", "sensor get CPU\u00a0Fan", /Sensor Reading +: 2400/],
      ["sensor thresh CPU\u00a0Temp upper 70 80 90", "sensor get CPU\u00a0Temp", /Upper Critical +: 80/],
      ["sensor thresh CPU\u00a0Temp upper 75 95 100"],
      ["fru read 0 OUT-FILE"],
      ["fru write 0 OUT-FILE", "fru list", /Product Name +: Glass86/],
      ["session info handle 1", "session info active", /user id +: 2/],
      ["chassis bootdev disk", "chassis bootparam get 5", /Hard-Drive/],
      ["chassis bootdev bios", "chassis bootparam get 5", /BIOS Setup/],
      ["chassis bootdev safe", "chassis bootparam get 5", /Safe-Mode/],
      ["chassis bootdev diag", "chassis bootparam get 5", /Diagnostic/],
      ["chassis bootdev floppy", "chassis bootparam get 5", /Floppy/],
      ["chassis bootparam set bootflag force_pxe", "chassis bootparam get 5", /Force PXE/],
      ["chassis bootdev none"],
      ["chassis policy previous", "chassis status", /Restore Policy : previous/],
      ["chassis policy always-off"],
      ["chassis power down", "power status", /is off/],
      ["power up", "power status", /is on/],
      ["mc setsysinfo primary_os_name Hurd", "mc getsysinfo primary_os_name", /Hurd/],
      ["lan set 1 ipsrc static", "lan print 1", /IP Address Source +: Static/],
      ["lan set 1 ipaddr 10.0.0.9", "lan print 1", /IP Address +: 10.0.0.9/],
      ["lan set 1 ipaddr 127.0.0.1"],
      ["lan set 1 netmask 255.0.0.0"],
      ["lan set 1 macaddr 52:54:00:86:00:77", "lan print 1", /MAC Address +: 52:54:00:86:00:77/],
      ["lan set 1 bakgw ipaddr 10.0.0.2", "lan print 1", /Backup Gateway IP +: 10.0.0.2/],
      ["lan set 1 arp respond on", "lan print 1", /ARP Responses Enabled/],
      ["lan set 1 arp interval 4"],
      ["lan set 1 access on", "channel info 1", /Access Mode +: always available/],
      ["lan alert set 1 1 ipaddr 10.0.0.4", "lan alert print 1", /Alert IP Address +: 10.0.0.4/],
      ["lan alert set 1 1 type pet"],
      ["sol set volatile-bit-rate 19.2 1", "sol info 1", /Volatile Bit Rate \(kbps\) +: 19.2/],
      ["sol set volatile-bit-rate 115.2 1"],
      ["sol set retry-interval 60 1", "sol info 1", /Retry Interval \(ms\) +: 600/],
      ["sol set character-accumulate-level 5 1"],
      ["pef policy list", "pef filter list", /disabled, configurable/],
    ];
    test(
      "changes what it is told to",
      async () => {
        writeFileSync(join(bench.home, "sel"), "0x04 0x01 0x03 0x01 0x59 0x50 0x55 # a hot one\n");
        for (const [command, shown, what] of [...changes, ...(FULL ? more : [])]) {
          const given = command
            .replace("SEL-FILE", join(bench.home, "sel"))
            .replace("OUT-FILE", join(bench.home, "out"));
          // Who limits the suite it came with is out.
          const by = command.includes("cipher_privs") ? 17 : suite;
          bench.measure();
          const { code, err, out } = await bench.ipmitool(given, by);
          expect(code, `${command}: ${err}${out}`).toBe(0);
          if (shown) expect((await bench.ipmitool(shown, by)).out, command).toMatch(what!);
        }
      },
      4 * MINUTE,
    );
  });

  test.skipIf(!hasTool("expect", "sol activate"))(
    "sol activate: a login and a command, then a break",
    async () => {
      bench.powerOn();
      const script = `set timeout 20
      spawn ipmitool -I lanplus -C 17 -H 127.0.0.1 -p ${bench.port} -U ${USER} -E sol activate
      ${WANT}
      want "Session operational"
      want "login: "
      send "root\\r"
      want "# "
      send "id\\r"
      want "uid=0(root)"
      want "# "
      send "\\r~B"
      want "<break>"
      send "\\r~."
      expect eof
      exit [lindex [wait] 3]`;
      const { code, out } = await bench.run("expect", ["-c", script], "", { IPMI_PASSWORD: PASSWORD });
      expect(code, out).toBe(0);
      expect(bench.server.bmc.station.bmc.state.console.viewers).toEqual([]);
    },
    MINUTE,
  );

  test("mc reset cold ends the session, and the next one finds what is kept", async () => {
    expect((await bench.ipmitool("user set name 5 eve")).code).toBe(0);
    expect((await bench.ipmitool("mc reset cold")).code).toBe(0);
    expect(bench.server.bmc.station.bmc.state.sessions.list).toEqual([]);
    expect((await bench.ipmitool("user list 1")).out).toMatch(/5 +eve/);
  });
});
