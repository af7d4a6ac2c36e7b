// SPDX-License-Identifier: MIT
// Commands as rows of tables. A row says all that dispatch, privilege check, length check and documentation need, and
// holds the code that runs; nothing else decides what the BMC answers.
// Spec: IPMI 2.0 revision 1.1, section 5.2, appendix G (command assignments and privilege levels).
import type { Context, Peer } from "../context.ts";
import {
  CC_INSUFFICIENT_PRIVILEGE,
  CC_INVALID_COMMAND,
  CC_INVALID_FOR_LUN,
  CC_REQUEST_LENGTH,
} from "./completion-code.ts";
import { encodeResponse, type Request } from "./message.ts";
import { decodeShape, encodeShape, type Shape, type Values } from "./shape.ts";

/** Privilege levels. What needs ANYONE works before a session is there. */
export const ANYONE = 0;
export const CALLBACK = 1;
export const USER = 2;
export const OPERATOR = 3;
export const ADMINISTRATOR = 4;
export const PRIVILEGE_NAMES = ["anyone", "callback", "user", "operator", "administrator"] as const;

/** Where a request came from. */
export interface Origin {
  channel: number;
  privilege: number;
  /** The session's identifier, where there is one. */
  session?: number;
  /** Outside of sessions on the network: who asks, and at which of the BMC's ports. */
  peer?: Peer;
  port?: number;
}

export interface Command<Q extends Shape = Shape, R extends Shape = Shape> {
  readonly netFn: number;
  readonly command: number;
  readonly name: string;
  readonly privilege: number;
  /** The first byte of the data: whose extension it is, of the network functions that many share. */
  readonly body?: number;
  /** Only system software may use it. */
  readonly systemInterfaceOnly?: boolean;
  readonly request: Q;
  readonly response: R;
  /** The answer's values, or a completion code other than 0, in rare cases both. */
  execute(context: Context, request: Values<Q>, origin: Origin): Values<R> | number | Coded<Values<R>>;
}

/** Values that come with a completion code which is none of failure. */
export class Coded<V> {
  readonly code: number;
  readonly values: V;

  constructor(code: number, values: V) {
    this.code = code;
    this.values = values;
  }
}

export const SYSTEM_INTERFACE = 0x0f;

/** Gives a row its types from its shapes. */
export function command<Q extends Shape, R extends Shape>(row: Command<Q, R>): Command {
  return row as unknown as Command;
}

export class CommandTable {
  readonly rows: readonly Command[];
  readonly #byCode = new Map<number, Command>();

  constructor(rows: readonly Command[]) {
    this.rows = rows;
    for (const row of rows) {
      const code = (row.netFn << 8) | row.command;
      if (this.#byCode.has(code)) throw new Error(`two rows for ${row.name}`);
      this.#byCode.set(code, row);
    }
  }

  find(netFn: number, code: number): Command | undefined {
    return this.#byCode.get((netFn << 8) | code);
  }

  /** Runs a request and gives the answer as a system interface carries it. */
  dispatch(context: Context, request: Request, origin: Origin): number[] {
    const refuse = encodeResponse.bind(undefined, request);
    const row = this.find(request.netFn, request.command);
    if (!row || (row.systemInterfaceOnly && origin.channel !== SYSTEM_INTERFACE)) return refuse(CC_INVALID_COMMAND);
    if (row.body !== undefined && request.data[0] !== row.body) return refuse(CC_INVALID_COMMAND);
    if (request.lun !== 0) return refuse(CC_INVALID_FOR_LUN);
    if (origin.privilege < row.privilege) return refuse(CC_INSUFFICIENT_PRIVILEGE);
    const values = decodeShape(row.request, request.data);
    if (!values) return refuse(CC_REQUEST_LENGTH);
    const result = row.execute(context, values, origin);
    if (typeof result === "number") return refuse(result);
    const [code, answer] = result instanceof Coded ? [result.code, result.values] : [0, result];
    return encodeResponse(request, code, encodeShape(row.response, answer));
  }
}
