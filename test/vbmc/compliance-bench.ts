// SPDX-License-Identifier: MIT
// Users of every privilege at one BMC, and the clients that log in as any of them with any suite.
import { ClientBench, PASSWORD, WANT, type Ran } from "./client-bench.ts";

export const SUITES = [1, 2, 3, 15, 16, 17];

export interface Login {
  user: string;
  password: string;
  /** Privilege that is asked for. */
  level: "USER" | "OPERATOR" | "ADMIN";
}

export const ADMIN: Login = { user: "admin", password: PASSWORD, level: "ADMIN" };
export const OPERATOR: Login = { user: "olga", password: "an-operator", level: "OPERATOR" };
export const ORDINARY: Login = { user: "ugo", password: "a-user", level: "USER" };

export interface Way {
  suite?: number;
  /** K_g. */
  key?: string;
}

export class ComplianceBench extends ClientBench {
  override async open(): Promise<void> {
    await super.open({ suites: SUITES });
    this.server.bmc.grant({ id: 3, name: OPERATOR.user, password: OPERATOR.password, privilege: 3 });
    this.server.bmc.grant({ id: 4, name: ORDINARY.user, password: ORDINARY.password, privilege: 2 });
  }

  /** Over the system interface, as the machine's owner. */
  owner(...message: number[]): number {
    let code = -1;
    this.server.bmc.station.request({ channel: 0x0f, privilege: 4 }, message, (answer) => (code = answer[2]!));
    return code;
  }

  freeipmiAs(program: string, login: Login, words: string, { suite = 17, key }: Way = {}): Promise<Ran> {
    const session = ["-h", `127.0.0.1:${this.port}`, "-u", login.user, "-p", login.password];
    const driver = program === "ipmiconsole" ? [] : ["-D", "LAN_2_0"];
    const how = ["-I", `${suite}`, "-l", login.level, ...(key ? ["-k", key] : [])];
    return this.run(program, [...driver, ...session, ...how, ...words.split(" ").filter(Boolean)]);
  }

  ipmitoolAs(login: Login, words: string, { suite = 17, key }: Way = {}): Promise<Ran> {
    const level = login.level === "ADMIN" ? "ADMINISTRATOR" : login.level;
    const session = ["-H", "127.0.0.1", "-p", `${this.port}`, "-U", login.user, "-P", login.password, "-L", level];
    const how = ["-I", "lanplus", "-C", `${suite}`, ...(key ? ["-k", key] : [])];
    return this.run("ipmitool", [...how, ...session, ...words.split(" ")]);
  }

  /** Opens a console by ipmiconsole and leaves it; gives what it says of it: "SOL established" or why not. */
  async consoleAs(login: Login, words = "", { suite = 17, key }: Way = {}): Promise<string> {
    const session = `-h 127.0.0.1:${this.port} -u ${login.user} -p ${login.password} -I ${suite} -l ${login.level}`;
    const script = `set timeout 10
      spawn ipmiconsole ${session} ${key ? `-k ${key}` : ""} ${words}
      expect {
        "SOL established" { send "&." }
        "error received" {}
        timeout { puts "TIMEOUT" }
      }
      expect eof`;
    const { out } = await this.run("expect", ["-c", script]);
    return /SOL established|\[error received\]: ([^\r]*)/.exec(out)?.[1] ?? (/SOL established/.exec(out)?.[0] || out);
  }

  /** Runs a script of expect with `console LOGIN WORDS` standing for starting an ipmiconsole. */
  async converse(script: string): Promise<Ran> {
    const spawn = `proc console {words} {
      eval spawn ipmiconsole -h 127.0.0.1:${this.port} -u ${ADMIN.user} -p ${ADMIN.password} -I 17 $words
      return $spawn_id
    }`;
    return this.run("expect", ["-c", `set timeout 20\n${WANT}\n${spawn}\n${script}`]);
  }
}
