// SPDX-License-Identifier: MIT
// The compliance checklist: who may do what by which suite, password, key and privilege, and how consoles are opened,
// refused, shared and stolen. Real clients throughout, and none of their workaround flags. The lock behind wrong passwords is
// in lan-session.spec.ts: these clients see by themselves that a password is wrong and do not try it.
// Spec: IPMI 2.0 revision 1.1, sections 13.17 to 13.33 (login), 22.25 (K_g), 24 and 26 (payloads, SOL), appendix G.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasTool } from "../harness/missing-tool.ts";
import { ADMIN, ComplianceBench, type Login, OPERATOR, ORDINARY, SUITES, type Way } from "./compliance-bench.ts";

const FULL = process.env["GLASS86_FULL"] === "1";
const MINUTE = 60_000;
/** Every so manieth row in the fast run. */
const SAMPLE = 8;
const rows = <T>(all: readonly T[]): T[] => all.filter((_, index) => FULL || index % SAMPLE === 0);

const PASSWORDS = ["p", "fifteen-letters", "sixteen-letters!", "seventeen-letters", "twenty-letters-long!"];
const KEY = "a-channel-key";
const ESTABLISHED = "SOL established";
const LOW = "privilege level insufficient";

const bytesOf = (text: string, size: number): number[] => [...Buffer.alloc(size).fill(text, 0, text.length, "latin1")];

const available = [
  hasTool("bmc-info", "the compliance checklist"),
  hasTool("ipmitool", "the compliance checklist"),
  hasTool("expect", "the compliance checklist"),
].every(Boolean);

describe.skipIf(!available)("the checklist", () => {
  const bench = new ComplianceBench();
  beforeAll(() => bench.open());
  afterAll(() => bench.close());

  describe("suites", () => {
    const told = async (suite: number): Promise<[number, string]> => {
      const { code, err } = await bench.freeipmiAs("bmc-info", ADMIN, "--get-device-id", { suite });
      return [code, err.trim()];
    };

    test.each(rows([0, 6, 7, 8, 11, 12]))("%i is not there", async (suite) => {
      expect(await told(suite)).toEqual([1, "bmc-info: cipher suite id unavailable"]);
    });

    // One nibble a suite; parameter 24 has none for 15 and above.
    test.each(rows([3, 1, 2]))("%i has a privilege of its own: what is above it is refused", async (suite) => {
      const limit = (level: number) => {
        const levels = Array.from({ length: 16 }, (_, id) => (id === suite ? level : SUITES.includes(id) ? 4 : 0));
        const bytes = Array.from({ length: 8 }, (_, i) => levels[2 * i]! | (levels[2 * i + 1]! << 4));
        return bench.owner(0x30, 0x01, 0x01, 24, 0, ...bytes);
      };
      expect(limit(2)).toBe(0);
      try {
        expect((await told(suite))[1]).toContain("privilege level cannot be obtained");
        expect((await bench.freeipmiAs("bmc-info", ORDINARY, "--get-device-id", { suite })).code).toBe(0);
      } finally {
        expect(limit(4)).toBe(0);
      }
      expect(await told(suite)).toEqual([0, ""]);
    });
  });

  describe("passwords of 1 to 20 characters", () => {
    const ID = 5;
    const login = (password: string): Login => ({ user: "pia", password, level: "ADMIN" });
    const cases = PASSWORDS.flatMap((password) => SUITES.map((suite) => [password, suite] as const));

    test.each(rows(cases))("%s with suite %i: right, wrong, and longer by one", async (password, suite) => {
      bench.server.bmc.grant({ id: ID, name: "pia", password });
      const told = async (given: string) =>
        (await bench.freeipmiAs("bmc-info", login(given), "--get-device-id", { suite })).err.trim();
      expect(await told(password)).toBe("");
      expect(await told(`${password.slice(0, -1)}?`)).toBe("bmc-info: password invalid");
      if (password.length < 20) expect(await told(`${password}x`)).toBe("bmc-info: password invalid");
      const { code } = await bench.ipmitoolAs(login(password), "mc guid", { suite });
      expect(code).toBe(0);
    });

    test("set as one of 16 bytes, it is told apart from one of 20", async () => {
      const { code } = await bench.ipmitoolAs(ADMIN, `user set password ${ID} sixteen-letters! 16`);
      expect(code).toBe(0);
      expect((await bench.ipmitoolAs(ADMIN, `user test ${ID} 16 sixteen-letters!`)).out).toContain("Success");
      expect((await bench.ipmitoolAs(ADMIN, `user test ${ID} 20 sixteen-letters!`)).code).toBe(1);
      await bench.ipmitoolAs(ADMIN, `user set password ${ID} twenty-letters-long! 20`);
      expect((await bench.ipmitoolAs(ADMIN, `user test ${ID} 20 twenty-letters-long!`)).out).toContain("Success");
    });
  });

  describe("the channel's key", () => {
    const set = (key: string) => bench.owner(0x18, 0x56, 0x01, 0x01, 0x01, ...bytesOf(key, 20));
    const cases: [set: string, given: Way["key"], freeipmi: string, code: number][] = [
      ["", undefined, "", 0],
      ["", KEY, "bmc-info: k_g invalid", 1],
      [KEY, KEY, "", 0],
      [KEY, undefined, "bmc-info: k_g invalid", 1],
      [KEY, `${KEY}!`, "bmc-info: k_g invalid", 1],
      ["k".repeat(20), "k".repeat(20), "", 0],
    ];
    const all = cases.flatMap((each) => [3, 17].map((suite) => [...each, suite] as const));
    test.each(rows(all))("set %j, given %j: FreeIPMI says %j, ipmitool ends with %i, suite %i", async (...row) => {
      const [key, given, freeipmi, code, suite] = row;
      expect(set(key)).toBe(0);
      try {
        const way = given === undefined ? { suite } : { suite, key: given };
        expect((await bench.freeipmiAs("bmc-info", ADMIN, "--get-device-id", way)).err.trim()).toBe(freeipmi);
        expect((await bench.ipmitoolAs(ADMIN, "mc guid", way)).code).toBe(code);
      } finally {
        set("");
      }
    });
  });

  describe("power by privilege", () => {
    const verbs = ["status", "off", "on", "cycle", "reset", "diag", "soft"];
    const logins: [string, Login][] = [
      ["a user", ORDINARY],
      ["an operator", OPERATOR],
      ["an administrator", ADMIN],
    ];
    const cases = verbs.flatMap((verb) => logins.map(([name, login]) => [verb, name, login] as const));
    test.each(rows(cases))("%s by %s", async (verb, _, login) => {
      bench.powerOn();
      const { code, err } = await bench.ipmitoolAs(login, `chassis power ${verb}`);
      const may = verb === "status" || login !== ORDINARY;
      expect([code, /Insufficient privilege/.test(err)]).toEqual([may ? 0 : 1, !may]);
    });

    const words = [
      "stat",
      "off",
      "on",
      "cycle",
      "reset",
      "pulse",
      "soft",
      "on --wait-until-on",
      "off --wait-until-off",
    ];
    test.each(rows(words))("ipmipower --%s", async (word) => {
      bench.powerOn();
      const { code, out } = await bench.freeipmiAs("ipmipower", OPERATOR, `--${word}`);
      expect([code, out]).toEqual([0, `127.0.0.1: ${word === "stat" ? "on" : "ok"}\n`]);
    });

    test("who asks for more than his is refused at login, and changes nothing of users", async () => {
      const { out } = await bench.freeipmiAs("ipmipower", { ...ORDINARY, level: "OPERATOR" }, "--off");
      expect(out).toContain("privilege level cannot be obtained for this user");
      for (const login of [ORDINARY, OPERATOR]) {
        expect((await bench.ipmitoolAs(login, "user disable 2")).err).toContain("Insufficient privilege level");
      }
    });
  });

  describe("consoles", () => {
    /** What ipmitool sets before as an administrator, who comes how, what is said, and what puts things back. */
    interface Scenario {
      name: string;
      before?: string[];
      login?: Login;
      suite?: number;
      words?: string;
      says: string;
      after?: string[];
    }
    const open = ["sol set force-encryption false 1", "sol set force-authentication false 1"];
    const closed = ["sol set force-encryption true 1", "sol set force-authentication true 1"];
    const level = (privilege: string) => [`sol set privilege-level ${privilege} 1`];
    const usual = level("operator");
    const protection = [
      { name: "nothing forced", before: open, fits: SUITES },
      { name: "authentication forced", before: [open[0]!, closed[1]!], fits: [2, 3, 16, 17] },
      { name: "encryption forced", before: [closed[0]!, open[1]!], fits: [3, 17] },
      { name: "both forced", before: closed, fits: [3, 17] },
    ].flatMap(({ name, before, fits }) =>
      SUITES.map((suite): Scenario => {
        const unencrypted = before.includes(closed[0]!) ? "SOL requires encryption" : "BMC Error";
        return {
          name: `${name}, suite ${suite}`,
          before,
          suite,
          says: fits.includes(suite) ? ESTABLISHED : unencrypted,
          after: closed,
        };
      }),
    );
    const privileges = (
      [
        ["user", ESTABLISHED, ESTABLISHED],
        ["operator", LOW, ESTABLISHED],
        ["admin", LOW, LOW],
      ] as const
    ).flatMap(([least, user, operator]): Scenario[] => [
      { name: `a user where ${least} is needed`, before: level(least), login: ORDINARY, says: user, after: usual },
      {
        name: `an operator where ${least} is needed`,
        before: level(least),
        login: OPERATOR,
        says: operator,
        after: usual,
      },
      { name: `an administrator where ${least} is needed`, before: level(least), says: ESTABLISHED, after: usual },
    ]);
    const others: Scenario[] = [
      { name: "suite 0", suite: 0, says: "cipher suite id unavailable" },
      {
        name: "SOL off",
        before: ["sol set enabled false 1"],
        says: "SOL unavailable",
        after: ["sol set enabled true 1"],
      },
      {
        name: "a user whose payload is off",
        before: ["sol payload disable 1 3"],
        login: OPERATOR,
        says: LOW,
        after: ["sol payload enable 1 3"],
      },
      { name: "a wrong password", login: { ...ADMIN, password: "no" }, says: "password invalid" },
      { name: "a wrong user", login: { ...ADMIN, user: "nobody" }, says: "username invalid" },
      {
        name: "too high a role",
        login: { ...ORDINARY, level: "ADMIN" },
        says: "privilege level cannot be obtained for this user",
      },
      { name: "instance 1", words: "--sol-payload-instance=1", says: ESTABLISHED },
      { name: "instance 4", words: "--sol-payload-instance=4", says: ESTABLISHED },
      { name: "an instance that there is not", words: "--sol-payload-instance=5", says: "BMC Error" },
      { name: "keep-alives", words: "--serial-keepalive-empty", says: ESTABLISHED },
    ];
    test.each(rows([...others, ...privileges, ...protection]))(
      "$name: $says",
      async ({ before = [], login = ADMIN, suite = 17, words, says, after = [] }) => {
        const settle = async (commands: readonly string[]) => {
          for (const command of commands) expect((await bench.ipmitoolAs(ADMIN, command)).code, command).toBe(0);
        };
        await settle(before);
        try {
          expect(await bench.consoleAs(login, words, { suite })).toBe(says);
        } finally {
          await settle(after);
        }
        expect(bench.server.bmc.station.bmc.state.console.viewers).toEqual([]);
      },
      MINUTE,
    );

    const LOGIN = `send "\\r"
      want "login: "
      send "root\\r"
      want "# "
      send "id\\r"
      want "uid=0(root)"`;
    const scripts: [name: string, script: string][] = [
      ["a login, a command and a break", `console ""\nwant "SOL established"\n${LOGIN}\nsend "&B"\nwant "<break>"`],
      [
        "one that does not steal leaves the other alone",
        `set one [console ""]
        want "SOL established"
        console "--dont-steal"
        want "SOL in use"
        expect eof
        set spawn_id $one
        ${LOGIN}`,
      ],
      [
        "one that steals: the other is told",
        `set one [console ""]
        want "SOL established"
        set two [console ""]
        want "SOL established"
        set spawn_id $one
        want "SOL session stolen"
        set spawn_id $two
        ${LOGIN}`,
      ],
      [
        "two instances see the same, and either types",
        `set one [console "--sol-payload-instance=1"]
        want "SOL established"
        set two [console "--sol-payload-instance=2"]
        want "SOL established"
        ${LOGIN}
        set spawn_id $one
        want "uid=0(root)"
        send "id\\r"
        want "uid=0(root)"
        set spawn_id $two
        want "uid=0(root)"`,
      ],
      [
        "somebody else ends it",
        `set one [console ""]
        want "SOL established"
        console "--deactivate"
        expect eof
        set spawn_id $one
        want "SOL session stolen"`,
      ],
      [
        "all instances are ended at once",
        `set one [console "--sol-payload-instance=1"]
        want "SOL established"
        set two [console "--sol-payload-instance=3"]
        want "SOL established"
        console "--deactivate --deactivate-all-instances"
        expect eof
        set spawn_id $one
        want "SOL session stolen"
        set spawn_id $two
        want "SOL session stolen"`,
      ],
    ];
    test.each(rows(scripts))(
      "%s",
      async (_, script) => {
        bench.powerOn();
        const { code, out } = await bench.converse(`${script}\nexit 0`);
        expect(code, out).toBe(0);
      },
      MINUTE,
    );
  });
});
