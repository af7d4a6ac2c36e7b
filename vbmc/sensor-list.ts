// SPDX-License-Identifier: MIT
// The sensors that the BMC has, as data: what the records of the SDR repository are built from and what readings mean.
// Spec: IPMI 2.0 revision 1.1, tables 42-1 to 42-3 (event and sensor types), 43-12 (entities), 43-15 (units).
import type { Factors } from "./sensor-maths.ts";

export const EVENT_THRESHOLD = 0x01;
export const EVENT_SENSOR_SPECIFIC = 0x6f;

export const UNIT_PERCENT = 0; // unit "unspecified" with the percentage bit
const UNIT_CELSIUS = 1;
const UNIT_WATTS = 6;
const UNIT_RPM = 18;
const UNIT_KILOBYTES = 71;
const UNIT_CHARACTERS = 87;
/** What a unit is counted over: sensor units 1, bits 5 to 3. */
const PER_SECOND = 3;

const TYPE_TEMPERATURE = 0x01;
const TYPE_FAN = 0x04;
const TYPE_OTHER_UNITS = 0x0b;

const ENTITY_PROCESSOR = 0x03;
const ENTITY_MANAGEMENT = 0x06;
const ENTITY_BOARD = 0x07;
const ENTITY_POWER_SUPPLY = 0x0a;
const ENTITY_FAN = 0x1d;
const ENTITY_MEMORY = 0x20;
const ENTITY_BIOS = 0x22;
const ENTITY_OPERATING_SYSTEM = 0x23;
const ENTITY_DISK = 0x04;
const ENTITY_NETWORK = 0x0b; // add-in card

/** Threshold bits, as in Get Sensor Thresholds; the same order as the threshold bytes. */
export const LOWER_NON_CRITICAL = 1 << 0;
export const LOWER_CRITICAL = 1 << 1;
export const LOWER_NON_RECOVERABLE = 1 << 2;
export const UPPER_NON_CRITICAL = 1 << 3;
export const UPPER_CRITICAL = 1 << 4;
export const UPPER_NON_RECOVERABLE = 1 << 5;

export interface SensorDefinition {
  number: number;
  name: string;
  /** What it shows, for people. */
  meaning: string;
  type: number;
  eventType: number;
  entity: number;
  /** Threshold sensors: the unit, and how a raw byte is read. */
  unit?: number;
  rate?: number;
  factors?: Factors;
  /** Six readings from lower non-critical to upper non-recoverable; null: not supported. */
  thresholds?: readonly (number | null)[];
  /** In the unit. */
  hysteresis?: number;
  /** Events are possible but off until somebody enables them, for what it measures is no fault. */
  silent?: true;
  /** Discrete sensors: the offsets that may be read and may raise events. */
  offsets?: number;
  /** Discrete sensors: there is no reading until the machine tells of itself. A threshold sensor never has one before. */
  told?: true;
}

export const SENSOR_CPU_LOAD = 1;
export const SENSOR_MEMORY_USE = 2;
export const SENSOR_TEMPERATURE = 3;
export const SENSOR_FAN = 4;
export const SENSOR_WATCHDOG = 5;
export const SENSOR_EVENT_LOG = 6;
export const SENSOR_POWER = 7;
export const SENSOR_BOOT_PROGRESS = 8;
export const SENSOR_DISK = 9;
export const SENSOR_NETWORK = 10;
export const SENSOR_CONSOLE = 11;
export const SENSOR_POWER_DRAW = 12;
export const SENSOR_GUEST = 13;
export const SENSOR_POWER_UNIT = 14;
export const SENSOR_DRIVE = 15;

export const SENSORS: readonly SensorDefinition[] = [
  {
    number: SENSOR_CPU_LOAD,
    name: "CPU Load",
    meaning: "share of the last second in which the processor was not halted",
    type: TYPE_OTHER_UNITS,
    eventType: EVENT_THRESHOLD,
    entity: ENTITY_PROCESSOR,
    unit: UNIT_PERCENT,
    thresholds: [null, null, null, 95, null, null],
    hysteresis: 5,
    silent: true,
  },
  {
    number: SENSOR_MEMORY_USE,
    name: "Memory Use",
    meaning: "pages that the guest has written to since it was switched on; what it frees stays counted",
    type: TYPE_OTHER_UNITS,
    eventType: EVENT_THRESHOLD,
    entity: ENTITY_MEMORY,
    unit: UNIT_PERCENT,
    thresholds: [null, null, null, 98, null, null],
    hysteresis: 2,
  },
  {
    number: SENSOR_TEMPERATURE,
    name: "CPU Temp",
    meaning: "a model: follows power and fan with a lag of 20 s; 25 °C around it",
    type: TYPE_TEMPERATURE,
    eventType: EVENT_THRESHOLD,
    entity: ENTITY_PROCESSOR,
    unit: UNIT_CELSIUS,
    thresholds: [null, null, null, 85, 95, 105],
    hysteresis: 2,
  },
  {
    number: SENSOR_FAN,
    name: "CPU Fan",
    meaning: "a model: by temperature, or as Set Fan Control says",
    type: TYPE_FAN,
    eventType: EVENT_THRESHOLD,
    entity: ENTITY_FAN,
    unit: UNIT_RPM,
    factors: { m: 4, exponent: 1 },
    thresholds: [600, 400, null, null, null, null],
    hysteresis: 80,
  },
  {
    number: SENSOR_WATCHDOG,
    name: "Watchdog",
    meaning: "what the watchdog timer has done",
    type: 0x23,
    eventType: EVENT_SENSOR_SPECIFIC,
    entity: ENTITY_MANAGEMENT,
    offsets: 0x010f, // no action, reset, power down, power cycle, timer interrupt
  },
  {
    number: SENSOR_EVENT_LOG,
    name: "Event Log",
    meaning: "empty, almost full (90 %), full",
    type: 0x10,
    eventType: EVENT_SENSOR_SPECIFIC,
    entity: ENTITY_MANAGEMENT,
    offsets: 0x0034, // cleared, full, almost full
  },
  {
    number: SENSOR_POWER,
    name: "ACPI Power",
    meaning: "the machine is on (S0) or off (S5)",
    type: 0x22,
    eventType: EVENT_SENSOR_SPECIFIC,
    entity: ENTITY_BOARD,
    offsets: 0x0061, // S0, S5, S4 or S5
  },
  {
    number: SENSOR_BOOT_PROGRESS,
    name: "Boot Progress",
    meaning: "POST is under way or done, or has found an error, whose code is in the event",
    type: 0x0f,
    eventType: EVENT_SENSOR_SPECIFIC,
    entity: ENTITY_BIOS,
    offsets: 0x0007, // error, hang, progress
    told: true,
  },
  {
    number: SENSOR_DISK,
    name: "Disk Traffic",
    meaning: "bytes read and written over the last second, rounded up; no reading without a disk",
    type: TYPE_OTHER_UNITS,
    eventType: EVENT_THRESHOLD,
    entity: ENTITY_DISK,
    unit: UNIT_KILOBYTES,
    rate: PER_SECOND,
    factors: { m: 4, exponent: 2 },
    thresholds: [null, null, null, null, null, null],
  },
  {
    number: SENSOR_NETWORK,
    name: "Network Traffic",
    meaning: "bytes to and from networks over the last second; no reading without one",
    type: TYPE_OTHER_UNITS,
    eventType: EVENT_THRESHOLD,
    entity: ENTITY_NETWORK,
    unit: UNIT_KILOBYTES,
    rate: PER_SECOND,
    factors: { m: 4, exponent: 2 },
    thresholds: [null, null, null, null, null, null],
  },
  {
    number: SENSOR_CONSOLE,
    name: "Console Output",
    meaning: "characters that the guest has printed over the last second, on all of its lines",
    type: TYPE_OTHER_UNITS,
    eventType: EVENT_THRESHOLD,
    entity: ENTITY_BOARD,
    unit: UNIT_CHARACTERS,
    rate: PER_SECOND,
    factors: { m: 5, exponent: 1 }, // 115,200 baud are 11,520 characters
    thresholds: [null, null, null, null, null, null],
  },
  {
    number: SENSOR_POWER_DRAW,
    name: "Power Draw",
    meaning: "a model: 30 W, 60 W more at full load, 5 W each for a working disk and a fan at full speed; 0 W when off",
    type: TYPE_OTHER_UNITS,
    eventType: EVENT_THRESHOLD,
    entity: ENTITY_POWER_SUPPLY,
    unit: UNIT_WATTS,
    thresholds: [null, null, null, null, null, null],
  },
  {
    number: SENSOR_GUEST,
    name: "Guest OS",
    meaning:
      "the guest has stopped (event data 2: 1 it said so on the panic port, 2 halted with interrupts off, 3 has taken no interrupt in 10 s of work, though it lived by them), or has switched itself off",
    type: 0x20,
    eventType: EVENT_SENSOR_SPECIFIC,
    entity: ENTITY_OPERATING_SYSTEM,
    offsets: 0x000a, // run-time critical stop, graceful shutdown
    told: true,
  },
  {
    number: SENSOR_POWER_UNIT,
    name: "Power Unit",
    meaning: "the machine is off",
    type: 0x09,
    eventType: EVENT_SENSOR_SPECIFIC,
    entity: ENTITY_POWER_SUPPLY,
    offsets: 0x0003, // power down, power cycle
  },
  {
    number: SENSOR_DRIVE,
    name: "Drives",
    meaning: "there is a disk; one has failed a request since the machine started, whose number is in event data 2",
    type: 0x0d,
    eventType: EVENT_SENSOR_SPECIFIC,
    entity: ENTITY_DISK,
    offsets: 0x0003, // presence, fault
    told: true,
  },
];

export function findSensor(number: number): SensorDefinition | undefined {
  return SENSORS.find((each) => each.number === number);
}

export function isThreshold(number: number): boolean {
  return findSensor(number)?.eventType === EVENT_THRESHOLD;
}
