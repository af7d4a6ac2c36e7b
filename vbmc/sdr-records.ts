// SPDX-License-Identifier: MIT
// The sensor data records that describe the BMC and its sensors, made from the sensor list.
// Spec: IPMI 2.0 revision 1.1, sections 43.1 (full sensor), 43.2 (compact sensor), 43.9 (management controller locator).
import { BMC_ADDRESS, type Bytes } from "./ipmi/message.ts";
import { littleEndian } from "./ipmi/shape.ts";
import { SENSORS, UNIT_PERCENT, type SensorDefinition } from "./sensor-list.ts";
import { factorBytes } from "./sensor-maths.ts";
import { eventOffsets, rawHysteresis, rawThresholds, thresholdMask } from "./sensors.ts";

export const SDR_VERSION = 0x51;
const TYPE_FULL = 0x01;
const TYPE_COMPACT = 0x02;
const TYPE_CONTROLLER = 0x12;
const ENTITY_MANAGEMENT = 0x06;
const ASCII = 0xc0; // type/length byte: 8-bit characters

/** Device support bits, the same as in Get Device ID: sensor, SDR, SEL, FRU, event generator is not, chassis. */
export const DEVICE_SUPPORT = 0x8f;

export function buildSdrs({ machineName }: { machineName: string }): Bytes[] {
  const controller = [
    BMC_ADDRESS,
    0,
    0,
    DEVICE_SUPPORT,
    0,
    0,
    0,
    ENTITY_MANAGEMENT,
    1,
    0,
    ...idString(`${machineName} BMC`),
  ];
  const bodies: [number, number[]][] = [
    [TYPE_CONTROLLER, controller],
    ...SENSORS.map((each): [number, number[]] =>
      each.thresholds ? [TYPE_FULL, fullSensor(each)] : [TYPE_COMPACT, compactSensor(each)],
    ),
  ];
  return bodies.map(([type, body], i) => [...littleEndian(i + 1, 2), SDR_VERSION, type, body.length, ...body]);
}

function idString(name: string): number[] {
  const bytes = [...name].slice(0, 16).map((each) => each.charCodeAt(0) & 0x7f);
  return [ASCII | bytes.length, ...bytes];
}

/** Owner, LUN, number, entity: the key of every sensor record. */
function key({ number, entity }: SensorDefinition): number[] {
  return [BMC_ADDRESS, 0, number, entity, 1];
}

function fullSensor(sensor: SensorDefinition): number[] {
  const { type, eventType, unit = 0, rate = 0, factors = {}, name } = sensor;
  const hysteresis = rawHysteresis(sensor);
  const thresholds = rawThresholds(sensor);
  const mask = thresholdMask(sensor);
  const offsets = eventOffsets(mask);
  // Which thresholds are compared goes into the upper bits.
  const lower = (mask & 7) << 12;
  const upper = (mask >> 3) << 12;
  const limit = (index: number) => thresholds[index] ?? 0;
  return [
    key(sensor),
    [0x7f], // scanning, events, thresholds, hysteresis and type are initialised
    [0x68], // re-arms itself; hysteresis and thresholds can be read and set; an event per threshold
    [type, eventType],
    littleEndian(offsets | lower, 2),
    littleEndian(offsets | upper, 2),
    [mask, mask], // settable, readable
    [(rate << 3) | (unit === UNIT_PERCENT ? 0x01 : 0x00)], // unsigned; what it is counted over, percentage
    [unit, 0, 0], // base unit, no modifier, linear
    factorBytes(factors),
    [0], // no nominal reading
    [0, 0, 0, 0xff, 0],
    [limit(5), limit(4), limit(3), limit(2), limit(1), limit(0)],
    [hysteresis, hysteresis],
    [0, 0, 0],
    idString(name),
  ].flat();
}

function compactSensor(sensor: SensorDefinition): number[] {
  const { type, eventType, offsets = 0, name } = sensor;
  return [
    key(sensor),
    [0x63], // scanning and events are initialised, also enabled
    [0x40], // re-arms itself, no thresholds
    [type, eventType],
    littleEndian(offsets, 2),
    littleEndian(0, 2), // no deassertion events
    littleEndian(offsets, 2),
    [0xc0, 0, 0], // no analog reading
    [1, 0], // shared by one
    [0, 0], // no hysteresis
    [0, 0, 0, 0],
    idString(name),
  ].flat();
}
