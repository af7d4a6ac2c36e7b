// SPDX-License-Identifier: MIT
// App commands about the BMC itself: identity, self test, resets, power state, global enables.
// Spec: IPMI 2.0 revision 1.1, sections 20 and 22.1 to 22.4, 22.14.
import { closeSessions } from "../sessions.ts";
import { showPower } from "../chassis.ts";
import { noteFullness } from "../sel.ts";
import { volatileState } from "../state.ts";
import { DEVICE_SUPPORT } from "../sdr-records.ts";
import { CC_INVALID_FIELD } from "./completion-code.ts";
import { ADMINISTRATOR, ANYONE, command, USER } from "./command.ts";
import { NETFN_APP } from "./message.ts";
import { octets, u16, u24, u8 } from "./shape.ts";

const IPMI_VERSION = 0x02; // 2.0, digits swapped
const DEVICE_SDRS = 0x80;
const SELF_TEST_PASSED = 0x55;
const SET_STATE = 0x80;
/** States that Set ACPI Power State may name; 7Fh: no change. */
const SYSTEM_STATES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x0a, 0x20, 0x21, 0x2a];
const DEVICE_STATES = [0, 1, 2, 3, 0x2a];
const NO_CHANGE = 0x7f;
/** Receive queue, event buffer, its interrupt, SEL logging; the OEM bits mean nothing here. */
const GLOBAL_ENABLES = 0x0f;

const netFn = NETFN_APP;

export const APP = [
  command({
    netFn,
    command: 0x01,
    name: "Get Device ID",
    privilege: USER,
    request: {},
    response: {
      deviceId: u8,
      deviceRevision: u8,
      firmwareMajor: u8,
      firmwareMinor: u8,
      ipmiVersion: u8,
      support: u8,
      manufacturer: u24,
      product: u16,
      auxiliary: octets(4),
    },
    execute: ({ state: { identity } }) => ({
      deviceId: identity.deviceId,
      deviceRevision: identity.deviceRevision & ~DEVICE_SDRS & 0x0f,
      firmwareMajor: identity.firmwareMajor & 0x7f,
      firmwareMinor: identity.firmwareMinor,
      ipmiVersion: IPMI_VERSION,
      support: DEVICE_SUPPORT,
      manufacturer: identity.manufacturer,
      product: identity.product,
      auxiliary: identity.auxiliary,
    }),
  }),
  command({
    netFn,
    command: 0x02,
    name: "Cold Reset",
    privilege: ADMINISTRATOR,
    request: {},
    response: {},
    execute(context) {
      const { state } = context;
      closeSessions(context, () => true);
      // The line levels stay as the system interface knows them; the core tells it what changed.
      const { attention, interrupts } = state;
      Object.assign(state, volatileState(), { attention, interrupts });
      showPower(context, state.chassis.powered);
      noteFullness(context);
      state.lanAccess.active = { ...state.lanAccess.stored };
      state.sel.reserved = state.sdr.reserved = false;
      return {};
    },
  }),
  command({
    netFn,
    command: 0x03,
    name: "Warm Reset",
    privilege: ADMINISTRATOR,
    request: {},
    response: {},
    execute({ state }) {
      state.receiveQueue = [];
      state.eventBuffer = null;
      state.messageFlags = 0;
      state.sel.reserved = state.sdr.reserved = false;
      return {};
    },
  }),
  command({
    netFn,
    command: 0x04,
    name: "Get Self Test Results",
    privilege: USER,
    request: {},
    response: { result: u8, detail: u8 },
    execute: () => ({ result: SELF_TEST_PASSED, detail: 0 }),
  }),
  command({
    netFn,
    command: 0x06,
    name: "Set ACPI Power State",
    privilege: ADMINISTRATOR,
    request: { system: u8, device: u8 },
    response: {},
    execute({ state: { acpi } }, { system, device }) {
      const valid = (value: number, known: readonly number[]) =>
        !(value & SET_STATE) || (value & 0x7f) === NO_CHANGE || known.includes(value & 0x7f);
      if (!valid(system, SYSTEM_STATES) || !valid(device, DEVICE_STATES)) return CC_INVALID_FIELD;
      if (system & SET_STATE && (system & 0x7f) !== NO_CHANGE) acpi.system = system & 0x7f;
      if (device & SET_STATE && (device & 0x7f) !== NO_CHANGE) acpi.device = device & 0x7f;
      return {};
    },
  }),
  command({
    netFn,
    command: 0x07,
    name: "Get ACPI Power State",
    privilege: USER,
    request: {},
    response: { system: u8, device: u8 },
    execute: ({ state: { acpi } }) => ({ ...acpi }),
  }),
  command({
    netFn,
    command: 0x08,
    name: "Get Device GUID",
    privilege: USER,
    request: {},
    response: { guid: octets(16) },
    execute: ({ state: { identity } }) => ({ guid: identity.deviceGuid }),
  }),
  command({
    netFn,
    command: 0x2e,
    name: "Set BMC Global Enables",
    privilege: ADMINISTRATOR,
    systemInterfaceOnly: true,
    request: { enables: u8 },
    response: {},
    execute({ state }, { enables }) {
      if (enables & ~GLOBAL_ENABLES) return CC_INVALID_FIELD;
      state.globalEnables = enables;
      return {};
    },
  }),
  command({
    netFn,
    command: 0x2f,
    name: "Get BMC Global Enables",
    privilege: USER,
    request: {},
    response: { enables: u8 },
    execute: ({ state }) => ({ enables: state.globalEnables }),
  }),
  command({
    netFn,
    command: 0x37,
    name: "Get System GUID",
    privilege: ANYONE,
    request: {},
    response: { guid: octets(16) },
    execute: ({ state: { identity } }) => ({ guid: identity.systemGuid }),
  }),
];
