// SPDX-License-Identifier: MIT
// Platform event filtering as consoles use it: set up by FreeIPMI, its trap received on the port of traps and read by
// FreeIPMI's interpreter, acknowledged by it, and shown by ipmitool.
// Spec: IPMI 2.0 revision 1.1, section 17; IPMI Platform Event Trap Format 1.0; RFC 1157, 4.1.6.
import { createSocket, type Socket } from "node:dgram";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasTool, missing } from "../harness/missing-tool.ts";
import { ClientBench } from "./client-bench.ts";
import { readTrap } from "./trap-reader.ts";

const MINUTE = 60_000;
/** Loopback, where nobody else waits for traps. */
const MANAGER = "127.0.0.87";
const TRAP_PORT = 162;

describe.skipIf(!hasTool("ipmi-pet", "traps of the BMC"))("an alert", () => {
  const bench = new ClientBench();
  const traps: Buffer[] = [];
  let manager: Socket | undefined;

  beforeAll(async () => {
    await bench.open();
    const { station } = bench.server.bmc;
    const state = station.bmc.snapshot();
    state.identity.systemGuid = Array.from({ length: 16 }, (_, i) => 0x10 + i);
    station.restore(state);
    const socket = createSocket("udp4");
    socket.on("message", (bytes) => traps.push(bytes));
    manager = await new Promise((resolve) => {
      socket.once("error", () => resolve(undefined));
      socket.bind(TRAP_PORT, MANAGER, () => resolve(socket));
    });
    if (!manager) missing("alerts by traps: port 162 cannot be bound here");
  });
  afterAll(async () => {
    manager?.close();
    await bench.close();
  });

  const configure = async (settings: string): Promise<void> => {
    const file = join(bench.home, "pef");
    writeFileSync(file, settings);
    for (const step of ["--commit", "--diff"]) {
      const { code, out, err } = await bench.freeipmi("ipmi-config", ["--category=pef", step, `--filename=${file}`]);
      expect([code, out, err], step).toEqual([0, "", ""]);
    }
  };
  /** The interpreter's words, without the spaces that only align. */
  const interpret = async (trap: Buffer, ...more: string[]): Promise<string> => {
    const { specific, bindings } = readTrap(trap);
    const words = [specific, ...bindings].map((each) => `0x${each.toString(16)}`);
    const { code, out, err } = await bench.freeipmi("ipmi-pet", ["--no-header-output", ...more, ...words]);
    expect(code, err).toBe(0);
    return out.replace(/ +/g, " ").trim();
  };

  test(
    "is what happened, in the words of the interpreter, and ends when it is acknowledged",
    async () => {
      if (!manager) return;
      await configure(`Section PEF_Conf
  Enable_PEF Yes
  Enable_PEF_Event_Messages Yes
  Enable_Alert_Action Yes
EndSection
Section Community_String
  Community_String secret
EndSection
Section Lan_Alert_Destination_1
  Alert_Destination_Type PET_Trap
  Alert_Acknowledge Yes
  Alert_Acknowledge_Timeout 1
  Alert_Retries 7
  Alert_IP_Address ${MANAGER}
EndSection
Section Alert_String_1
  Event_Filter_Number 1
  Alert_String_Set 5
  Alert_String too-hot
EndSection
Section Alert_Policy_1
  Policy_Type Always_Send_To_This_Destination
  Policy_Enabled Yes
  Policy_Number 3
  Destination_Selector 1
  Channel_Number 1
  Alert_String_Set_Selector 5
  Event_Specific_Alert_String Yes
EndSection
Section Event_Filter_1
  Filter_Type Software_Configurable
  Enable_Filter Yes
  Event_Filter_Action_Alert Yes
  Alert_Policy_Number 3
  Event_Severity Critical
  Sensor_Type Temperature
EndSection
`);
      expect((await bench.ipmitool("event CPU\u00a0Temp ucr assert")).code).toBe(0);
      await expect.poll(() => traps.length, { timeout: 10_000 }).toBeGreaterThan(1);
      const [first, second] = traps;
      const read = readTrap(first!);
      expect(read).toMatchObject({ community: "secret", enterprise: "1.3.6.1.4.1.3183.1.1", generic: 6 });
      expect(read.oid).toBe("1.3.6.1.4.1.3183.1.1.1");
      // The try behind it counts as the same.
      expect(readTrap(second!).bindings).toEqual(read.bindings);

      const { out: sel } = await bench.freeipmi("ipmi-sel", ["--no-header-output"]);
      const line = sel.split("\n").find((each) => each.includes("CPU Temp"))!;
      const [, date, time, , , event] = line.split("|").map((each) => each.trim());
      const said = await interpret(first!, "-v");
      expect(said).toContain(`${date} | ${time} | CPU Temp | Temperature | Critical condition`);
      expect(said.replaceAll(" | ", " ; ")).toContain(event!.replaceAll(" | ", " ; "));
      expect(said).toContain("too-hot");
      const guid = /System GUID +: (\S+)/.exec((await bench.freeipmi("bmc-info")).out)![1]!;
      expect(guid).toContain("1f1e1d1c");
      expect(await interpret(first!, "-vv")).toContain(guid);

      const { specific, bindings } = read;
      const words = [specific, ...bindings].map((each) => `0x${each.toString(16)}`);
      const acknowledged = await bench.run("ipmi-pet", [
        "-h",
        `127.0.0.1:${bench.port}`,
        "--pet-acknowledge",
        ...words,
      ]);
      expect(acknowledged).toMatchObject({ code: 0, err: "" });
      const { alerts, sel: log } = bench.server.bmc.station.bmc.state;
      expect([alerts.sending, alerts.queue]).toEqual([null, []]);
      // What the filter did is in the log itself.
      expect(log.records.at(-1)!.slice(10)).toEqual([0x12, 0xfe, 0x6f, 0xc4, 0x01, 0xff]);
      // The last record, the last that software and that the BMC has dealt with.
      expect((await bench.ipmitool("pef status")).out).toMatch(/\| 0x0003 \| 0x0000 \| 0x0002/);
      expect((await bench.ipmitool("pef policy list")).out).toMatch(
        /1 \| 3 \| enabled \| Match-always \| true \| 1 \| 802.3 LAN \| PET \| secret \| 1 \| 7 \| 127.0.0.87/,
      );
      expect((await bench.ipmitool("pef filter list")).out).toMatch(/1 \| enabled[^]*Temperature[^]*Alert/);
    },
    3 * MINUTE,
  );

  test(
    "is sent at once where somebody asks for it",
    async () => {
      if (!manager) return;
      traps.length = 0;
      expect((await bench.ipmitool("raw 0x04 0x16 1 1 0x81 0x20 4 0x23 5 0x6f 0xc1 4 0xff")).code).toBe(0);
      await expect.poll(() => traps.length, { timeout: 10_000 }).toBeGreaterThan(0);
      expect(await interpret(traps[0]!, "-v")).toMatch(/Watchdog \| Watchdog 2 .*Hard Reset.*too-hot/);
      expect((await bench.ipmitool("raw 0x04 0x16 1 0x41 0")).out.trim()).toBe("ff");
    },
    MINUTE,
  );
});
