// SPDX-License-Identifier: MIT
// Firmware upgrade: which components the BMC has, and the way of a new ROM for the machine, block by block. Component 0 is
// the BMC's own firmware, which comes with Glass86 and is not replaced here; component 1 is the machine's ROM, where it is
// ours to give.
// Spec: PICMG HPM.1 R1.0, sections 3.3 to 3.5 and tables 3-1 to 3-15 (commands 2Eh to 38h).
import { ROM_BYTES, readRomLabel } from "../../common/rom-label.ts";
import type { Context } from "../context.ts";
import { fromHex, romImage, stageRom, toHex, TRIAL_SECONDS, type RomImage } from "../rom-bank.ts";
import type { BmcState } from "../state.ts";
import { CC_INVALID_FIELD, CC_NOT_IN_THIS_STATE, CC_OUT_OF_SPACE, CC_REQUEST_LENGTH } from "./completion-code.ts";
import { ADMINISTRATOR, command, OPERATOR, type Command } from "./command.ts";
import { NETFN_GROUP, padded, type Bytes } from "./message.ts";
import { optional, rest, u32, u8 } from "./shape.ts";

export const BODY_PICMG = 0x00;
const COMPONENT_BMC = 0;
export const COMPONENT_ROM = 1;
const REVISION_1_0 = 0;

const SELF_TEST = 1 << 0;
const AUTOMATIC_ROLLBACK = 1 << 1;
const MANUAL_ROLLBACK = 1 << 2;
const DEFERRED_ACTIVATION = 1 << 4;
const ROLLBACK_OVERRIDE = 1 << 6;
const CAPABILITIES = SELF_TEST | AUTOMATIC_ROLLBACK | MANUAL_ROLLBACK | DEFERRED_ACTIVATION | ROLLBACK_OVERRIDE;

const PROPERTY_GENERAL = 0;
const PROPERTY_CURRENT = 1;
const PROPERTY_DESCRIPTION = 2;
const PROPERTY_ROLLBACK = 3;
const PROPERTY_DEFERRED = 4;
const DESCRIPTION_BYTES = 12;
/** Rollback with a backup that needs no order; preparation; comparison; deferred activation; the payload must be reset. */
const ROM_PROPERTIES = 0x02 | (1 << 2) | (1 << 3) | (1 << 4) | (1 << 5);
const NO_VERSION = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

const ACTION_BACKUP = 0;
const ACTION_PREPARE = 1;
const ACTION_UPLOAD = 2;
const ACTION_COMPARE = 3;

const CC_COMPONENTS = 0x81;
const CC_LENGTH_MISMATCH = 0x81;
const CC_NO_COMPONENT = 0x82;
const CC_CHECKSUM = 0x82;
const CC_PROPERTY = 0x83;
const CC_DIFFERENT = 0x83;
const CC_ROLLBACK_DENIED = 0x83;

/** In units of five seconds. */
const UPGRADE_TIMEOUT = 2;
const SELF_TEST_TIMEOUT = 1;
const ROLLBACK_TIMEOUT = TRIAL_SECONDS / 5;
const INACCESSIBILITY_TIMEOUT = 0;
const SELF_TEST_PASSED = 0x55;

/** An image on its way; it is lost when the BMC starts anew. */
export interface Upload {
  compare: boolean;
  /** In hexadecimal, so that states stay small. */
  bytes: string;
  blocks: number;
  /** How long the last block was, for a console that sends it again. */
  last: number;
}

/** What Get Upgrade Status tells: the last command that changed something and how it ended. */
export interface UpgradeStatus {
  upload: Upload | null;
  command: number;
  code: number;
}

export function newUpgradeStatus(): UpgradeStatus {
  return { upload: null, command: 0, code: 0 };
}

const netFn = NETFN_GROUP;
const body = BODY_PICMG;

export const HPM: Command[] = [
  command({
    netFn,
    command: 0x2e,
    name: "Get Target Upgrade Capabilities",
    privilege: OPERATOR,
    body,
    request: { body: u8 },
    response: {
      body: u8,
      revision: u8,
      capabilities: u8,
      upgrade: u8,
      selfTest: u8,
      rollback: u8,
      inaccessibility: u8,
      components: u8,
    },
    execute: ({ state }) => ({
      body,
      revision: REVISION_1_0,
      capabilities: state.rom ? CAPABILITIES : SELF_TEST,
      upgrade: UPGRADE_TIMEOUT,
      selfTest: SELF_TEST_TIMEOUT,
      rollback: state.rom ? ROLLBACK_TIMEOUT : 0,
      inaccessibility: INACCESSIBILITY_TIMEOUT,
      components: componentsOf(state),
    }),
  }),
  command({
    netFn,
    command: 0x2f,
    name: "Get Component Properties",
    privilege: OPERATOR,
    body,
    request: { body: u8, component: u8, selector: u8 },
    response: { body: u8, property: rest },
    execute({ state }, { component, selector }) {
      if (component > 7 || !(componentsOf(state) & (1 << component))) return CC_NO_COMPONENT;
      const property = (component === COMPONENT_BMC ? bmcProperty : romProperty)(state, selector);
      return property ? { body, property } : CC_PROPERTY;
    },
  }),
  action({
    command: 0x30,
    name: "Abort Firmware Upgrade",
    request: { body: u8 },
    run({ state }) {
      state.upgrade.upload = null;
      return 0;
    },
  }),
  action({
    command: 0x31,
    name: "Initiate Upgrade Action",
    request: { body: u8, components: u8, action: u8 },
    run({ state }, { components, action: wanted }) {
      const { rom, upgrade } = state;
      if (!rom || components !== 1 << COMPONENT_ROM) return CC_COMPONENTS;
      if (wanted > ACTION_COMPARE) return CC_INVALID_FIELD;
      upgrade.upload = null;
      // The active ROM stays until another one is active, and is the backup from then on.
      if (wanted === ACTION_BACKUP) return 0;
      if (wanted === ACTION_PREPARE) stageRom(rom, null);
      else upgrade.upload = { compare: wanted !== ACTION_UPLOAD, bytes: "", blocks: 0, last: 0 };
      return 0;
    },
  }),
  action({
    command: 0x32,
    name: "Upload Firmware Block",
    request: { body: u8, number: u8, data: rest },
    run: ({ state }, { number, data }) => takeBlock(state, number, data),
  }),
  action({
    command: 0x33,
    name: "Finish Firmware Upload",
    request: { body: u8, component: u8, length: u32 },
    run({ state }, { component, length }) {
      const { rom, upgrade } = state;
      const { upload } = upgrade;
      if (!rom || !upload) return CC_NOT_IN_THIS_STATE;
      if (component !== COMPONENT_ROM) return CC_INVALID_FIELD;
      upgrade.upload = null;
      if (length !== upload.bytes.length / 2) return CC_LENGTH_MISMATCH;
      const label = readRomLabel(fromHex(upload.bytes));
      if (typeof label === "string") return CC_CHECKSUM;
      if (upload.compare) return label.hash === rom.active.hash ? 0 : CC_DIFFERENT;
      stageRom(rom, romImage(label, upload.bytes));
      return 0;
    },
  }),
  command({
    netFn,
    command: 0x34,
    name: "Get Upgrade Status",
    privilege: OPERATOR,
    body,
    request: { body: u8 },
    response: { body: u8, command: u8, code: u8 },
    execute: ({ state: { upgrade } }) => ({ body, command: upgrade.command, code: upgrade.code }),
  }),
  action({
    command: 0x35,
    name: "Activate Firmware",
    request: { body: u8, override: optional(u8) },
    run({ state: { rom, upgrade } }, { override = 0 }) {
      if (!rom?.staged || upgrade.upload) return CC_NOT_IN_THIS_STATE;
      rom.next = "staged";
      rom.unconditional = (override & 1) !== 0;
      return 0;
    },
  }),
  command({
    netFn,
    command: 0x36,
    name: "Query Self-test Results",
    privilege: OPERATOR,
    body,
    request: { body: u8 },
    response: { body: u8, result: u8, detail: u8 },
    execute: () => ({ body, result: SELF_TEST_PASSED, detail: 0 }),
  }),
  command({
    netFn,
    command: 0x37,
    name: "Query Rollback Status",
    privilege: OPERATOR,
    body,
    request: { body: u8 },
    response: { body: u8, components: u8 },
    execute: ({ state: { rom } }) => ({
      body,
      components: rom && (rom.rolledBack || rom.next === "previous") ? 1 << COMPONENT_ROM : 0,
    }),
  }),
  action({
    command: 0x38,
    name: "Initiate Manual Rollback",
    request: { body: u8 },
    run({ state: { rom } }) {
      if (!rom?.previous) return CC_ROLLBACK_DENIED;
      rom.next = "previous";
      return 0;
    },
  }),
];

/** A row whose end Get Upgrade Status tells afterwards. */
function action<Q extends Command["request"]>(row: {
  command: number;
  name: string;
  request: Q;
  run(context: Context, request: Parameters<Command<Q>["execute"]>[1]): number;
}): Command {
  return command<Q, { body: typeof u8 }>({
    netFn,
    command: row.command,
    name: row.name,
    privilege: ADMINISTRATOR,
    body,
    request: row.request,
    response: { body: u8 },
    execute(context, request) {
      const code = row.run(context, request);
      Object.assign(context.state.upgrade, { command: row.command, code });
      return code === 0 ? { body } : code;
    },
  });
}

/** Blocks are numbered from 0 and 255 is followed by 0; a number again is the same block again. */
function takeBlock({ upgrade }: BmcState, number: number, data: Bytes): number {
  const { upload } = upgrade;
  if (!upload) return CC_NOT_IN_THIS_STATE;
  if (data.length === 0) return CC_REQUEST_LENGTH;
  const text = toHex(data);
  const again = upload.blocks > 0 && number === ((upload.blocks - 1) & 0xff);
  if (again) return upload.last === text.length && upload.bytes.endsWith(text) ? 0 : CC_INVALID_FIELD;
  if (number !== (upload.blocks & 0xff)) return CC_INVALID_FIELD;
  if (upload.bytes.length + text.length > 2 * ROM_BYTES) return CC_OUT_OF_SPACE;
  upload.bytes += text;
  upload.last = text.length;
  upload.blocks++;
  return 0;
}

function componentsOf({ rom }: BmcState): number {
  return (1 << COMPONENT_BMC) | (rom ? 1 << COMPONENT_ROM : 0);
}

function bmcProperty({ identity }: BmcState, selector: number): number[] | undefined {
  const { firmwareMajor, firmwareMinor, auxiliary } = identity;
  if (selector === PROPERTY_GENERAL) return [0];
  if (selector === PROPERTY_CURRENT) return [firmwareMajor & 0x7f, firmwareMinor, ...auxiliary];
  return selector === PROPERTY_DESCRIPTION ? text("BMC") : undefined;
}

function romProperty({ rom }: BmcState, selector: number): number[] | undefined {
  if (!rom) return undefined;
  const version = (image: RomImage | null): number[] => [...(image?.version ?? NO_VERSION)];
  if (selector === PROPERTY_GENERAL) return [ROM_PROPERTIES];
  if (selector === PROPERTY_CURRENT) return version(rom.active);
  if (selector === PROPERTY_DESCRIPTION) return text("ROM");
  if (selector === PROPERTY_ROLLBACK) return version(rom.previous);
  return selector === PROPERTY_DEFERRED ? version(rom.staged) : undefined;
}

function text(name: string): number[] {
  return padded(
    [...name].map((each) => each.charCodeAt(0)),
    DESCRIPTION_BYTES,
  );
}
