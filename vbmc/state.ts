// SPDX-License-Identifier: MIT
// The whole state of a BMC as one value of plain data, and how a new one looks. Byte strings are arrays of numbers, so
// that JSON holds the state as it is.
// Spec: IPMI 2.0 revision 1.1, sections 20 to 35 (the state that the commands there speak of).
import { newAlerts, type AlertState } from "./alerts.ts";
import { newSystemInfo, type SystemInfo } from "./ipmi/app-system-info.ts";
import type { RomLabel } from "../common/rom-label.ts";
import { newDcmi, type DcmiState } from "./ipmi/group-dcmi.ts";
import { newPowerMeter, type PowerMeter } from "./power-meter.ts";
import { newUpgradeStatus, type UpgradeStatus } from "./ipmi/group-hpm.ts";
import { buildFru } from "./fru-image.ts";
import { BMC_ADDRESS, padded, type Bytes } from "./ipmi/message.ts";
import { newRandom, type RandomState } from "./crypto/random.ts";
import { newCooling, type CoolingState } from "./cooling.ts";
import { newConsole, type ConsoleState } from "./console/console.ts";
import { newPef, type PefState } from "./pef.ts";
import { newSolConfig, type SolConfig } from "./sol-config.ts";
import { newLan, type LanOptions, type LanState } from "./lan-config.ts";
import { newSessions, type SessionTable } from "./sessions.ts";
import { newSensors, type SensorState } from "./sensors.ts";
import { buildSdrs } from "./sdr-records.ts";
import { newRomBank, type RomBank } from "./rom-bank.ts";
import { newUsers, type UserState } from "./users.ts";
import { newWatchdog, type WatchdogState } from "./watchdog.ts";

/** Of the state's shape. */
export const STATE_VERSION = 4;

/** Access modes of the LAN channel. */
const DISABLED = 0;
const ALWAYS_AVAILABLE = 2;

/** How the machine's own software reaches the BMC. */
export type SystemInterfaceKind = "kcs" | "bt" | "none";

/** Who the BMC and its machine are. */
export interface Identity {
  deviceId: number;
  deviceRevision: number;
  firmwareMajor: number;
  /** BCD. */
  firmwareMinor: number;
  /** IANA enterprise number, 20 bits. */
  manufacturer: number;
  product: number;
  auxiliary: Bytes;
  /** 16 bytes each, least significant field first as SMBIOS has it. */
  deviceGuid: Bytes;
  systemGuid: Bytes;
  machineName: string;
  serialNumber: string;
  /** Seconds since 1970 at virtual time 0; 0: the clock is not set. */
  epochSeconds: number;
  systemInterface: SystemInterfaceKind;
  /** The ROM that the machine came with; null: it takes none from the BMC. */
  rom: RomLabel | null;
}

export interface SelState {
  /** 16 bytes each, oldest first. */
  records: Bytes[];
  nextId: number;
  reservation: number;
  reserved: boolean;
  lastAdded: number;
  lastErased: number;
  overflow: boolean;
  /** Seconds to add to the virtual time. */
  timeOffset: number;
  utcOffset: number;
}

export interface ChassisState {
  powered: boolean;
  restorePolicy: number;
  lastPowerEvent: number;
  restartCause: number;
  /** 0 off, 1 for a time, 2 until told. */
  identify: number;
  identifyDue: number | null;
  /** Buttons that are switched off: power, reset, diagnostic interrupt, standby from bit 0 on. */
  buttonsDisabled: number;
  /** Seconds without power in a power cycle. */
  cycleSeconds: number;
  poweredSince: number;
  offSince: number;
  poweredNanos: number;
  /** FRU, SDR, SEL and system management device addresses, bridge, and the capability flags. */
  capabilities: number[];
  /** Boot option parameters by selector. */
  bootOptions: Record<number, number[]>;
}

export interface ChannelAccess {
  mode: number;
  privilege: number;
}

export interface BmcState {
  version: number;
  at: number;
  identity: Identity;
  globalEnables: number;
  messageFlags: number;
  /** What software has not fetched by Get Message yet: channel and message. */
  receiveQueue: Bytes[];
  eventBuffer: Bytes | null;
  acpi: { system: number; device: number };
  /** Where events go: address (FFh: nowhere) and LUN. */
  eventReceiver: { address: number; lun: number };
  /** What the system interface was told last. */
  attention: boolean;
  interrupts: boolean;
  watchdog: WatchdogState;
  chassis: ChassisState;
  sel: SelState;
  sdr: {
    records: Bytes[];
    reservation: number;
    reserved: boolean;
    added: number;
    erased: number;
    partial: number[] | null;
  };
  fru: number[];
  rom: RomBank | null;
  upgrade: UpgradeStatus;
  dcmi: DcmiState;
  powerMeter: PowerMeter;
  sensors: SensorState[];
  cooling: CoolingState;
  users: UserState[];
  systemInfo: SystemInfo;
  /** Access of the LAN channel, non-volatile and volatile. */
  lanAccess: { stored: ChannelAccess; active: ChannelAccess };
  lan: LanState;
  sol: SolConfig;
  pef: PefState;
  alerts: AlertState;
  sessions: SessionTable;
  console: ConsoleState;
  random: RandomState;
}

export const DEFAULT_IDENTITY: Identity = {
  deviceId: 0x20,
  deviceRevision: 1,
  firmwareMajor: 0,
  firmwareMinor: 0x10,
  manufacturer: 0,
  product: 0x8600,
  auxiliary: [0, 0, 0, 0],
  deviceGuid: padded([], 16),
  systemGuid: padded([], 16),
  machineName: "Glass86",
  serialNumber: "0",
  epochSeconds: 0,
  systemInterface: "kcs",
  rom: null,
};

/** A BMC as it leaves the factory, its machine off. */
export function newState(given: Partial<Identity> = {}, lan: Partial<LanOptions> = {}): BmcState {
  const identity = { ...DEFAULT_IDENTITY, ...given };
  const records = buildSdrs(identity);
  const lanState = newLan(lan);
  const mode = lan.enabled ? ALWAYS_AVAILABLE : DISABLED;
  return {
    version: STATE_VERSION,
    at: 0,
    identity,
    ...volatileState(),
    chassis: {
      powered: false,
      restorePolicy: 0,
      lastPowerEvent: 0,
      restartCause: 0,
      identify: 0,
      identifyDue: null,
      buttonsDisabled: 0,
      cycleSeconds: 0,
      poweredSince: 0,
      offSince: 0,
      poweredNanos: 0,
      capabilities: [0x00, 0x20, 0x20, 0x20, 0x20],
      bootOptions: {},
    },
    sel: {
      records: [],
      nextId: 1,
      reservation: 0,
      reserved: false,
      lastAdded: 0xffffffff,
      lastErased: 0xffffffff,
      overflow: false,
      timeOffset: identity.epochSeconds,
      utcOffset: 0x7ff,
    },
    sdr: { records, reservation: 0, reserved: false, added: identity.epochSeconds, erased: 0, partial: null },
    fru: buildFru(identity),
    rom: newRomBank(identity.rom),
    users: newUsers(),
    systemInfo: newSystemInfo(identity.machineName),
    lanAccess: { stored: { mode, privilege: 4 }, active: { mode, privilege: 4 } },
    lan: lanState,
    dcmi: newDcmi(lanState.parameters[5]!),
    powerMeter: newPowerMeter(),
    sol: newSolConfig(),
    pef: newPef(),
    alerts: newAlerts(),
    cooling: newCooling(),
    console: newConsole(),
    random: newRandom(identity.systemGuid),
  };
}

/** What a cold reset of the BMC puts back. */
export function volatileState() {
  return {
    globalEnables: 0x08, // SEL logging
    messageFlags: 0,
    receiveQueue: [] as Bytes[],
    eventBuffer: null as Bytes | null,
    acpi: { system: 0x2a, device: 0x2a }, // unknown
    eventReceiver: { address: BMC_ADDRESS, lun: 0 },
    attention: false,
    interrupts: false,
    watchdog: newWatchdog(),
    sensors: newSensors(),
    sessions: newSessions(),
    upgrade: newUpgradeStatus(),
  };
}
