// SPDX-License-Identifier: MIT
// Our own commands for the fan: who sets its speed, and to what.
// Spec: IPMI 2.0 revision 1.1, table 5-1 (network functions 30h to 3Fh are the controller's own).
import { wantedDuty } from "../cooling.ts";
import { CC_INVALID_FIELD, CC_OUT_OF_RANGE } from "./completion-code.ts";
import { command, OPERATOR, USER } from "./command.ts";
import { NETFN_OEM } from "./message.ts";
import { optional, u16, u8 } from "./shape.ts";

const BY_TEMPERATURE = 0;
const FIXED = 1;
const netFn = NETFN_OEM;

export const OEM_FAN = [
  command({
    netFn,
    command: 0x01,
    name: "Get Fan Control",
    privilege: USER,
    request: {},
    response: { mode: u8, percent: u8, rpm: u16 },
    execute({ state: { cooling } }) {
      const mode = cooling.duty === null ? BY_TEMPERATURE : FIXED;
      return { mode, percent: wantedDuty(cooling), rpm: cooling.rpm };
    },
  }),
  command({
    netFn,
    command: 0x02,
    name: "Set Fan Control",
    privilege: OPERATOR,
    request: { mode: u8, percent: optional(u8) },
    response: {},
    execute({ state: { cooling } }, { mode, percent = 0 }) {
      if (mode > FIXED) return CC_INVALID_FIELD;
      if (percent > 100) return CC_OUT_OF_RANGE;
      cooling.duty = mode === FIXED ? percent : null;
      return {};
    },
  }),
];
