// SPDX-License-Identifier: MIT
// Sensors at work: readings come in as events, thresholds are compared with hysteresis, crossings are logged once.
// Spec: IPMI 2.0 revision 1.1, sections 35.7 to 35.15, 36.1 (hysteresis), table 42-2 (generic event offsets).
import type { Context } from "./context.ts";
import { logEvent } from "./sel.ts";
import { EVENT_THRESHOLD, findSensor, isThreshold, SENSORS, type SensorDefinition } from "./sensor-list.ts";
import { rawOf, stepsOf } from "./sensor-maths.ts";

export interface SensorState {
  number: number;
  /** The raw reading of a threshold sensor; null: unavailable. */
  raw: number | null;
  /** A discrete sensor has a reading. */
  known: boolean;
  /** Threshold sensors: comparison bits as Get Sensor Reading gives them. Discrete ones: asserted offsets. */
  states: number;
  /** Event offsets that were asserted and are not any more, since the events were re-armed. */
  gone: number;
  thresholds: number[];
  /** Bits of `thresholds` that count. */
  mask: number;
  hysteresis: [positive: number, negative: number];
  scanning: boolean;
  events: boolean;
  /** Event offsets that may be logged when they come and when they go. */
  assertions: number;
  deassertions: number;
}

export function newSensors(): SensorState[] {
  return SENSORS.map((sensor) => {
    const mask = thresholdMask(sensor);
    const hysteresis = rawHysteresis(sensor);
    return {
      number: sensor.number,
      raw: null,
      known: !sensor.told,
      states: 0,
      gone: 0,
      thresholds: rawThresholds(sensor),
      mask,
      hysteresis: [hysteresis, hysteresis],
      scanning: true,
      events: true,
      ...(sensor.silent ? { assertions: 0, deassertions: 0 } : possibleEvents(sensor)),
    };
  });
}

/** The events that a sensor may raise at all. */
export function possibleEvents(sensor: SensorDefinition): { assertions: number; deassertions: number } {
  const crossings = eventOffsets(thresholdMask(sensor));
  return { assertions: (sensor.offsets ?? 0) | crossings, deassertions: crossings };
}

/** Raw bytes, 0 where a threshold is not supported. */
export function rawThresholds({ factors = {}, thresholds = [] }: SensorDefinition): number[] {
  return thresholds.map((each) => (each === null ? 0 : rawOf(factors, each)));
}

export function rawHysteresis({ factors = {}, hysteresis = 0 }: SensorDefinition): number {
  return stepsOf(factors, hysteresis);
}

/** Event offsets of thresholds: lower ones are met going low (even offsets), upper ones going high. */
export function eventOffset(index: number): number {
  return index < 3 ? 2 * index : 2 * index + 1;
}

export function eventOffsets(mask: number): number {
  let bits = 0;
  for (let i = 0; i < 6; i++) if (mask & (1 << i)) bits |= 1 << eventOffset(i);
  return bits;
}

export function thresholdMask({ thresholds = [] }: Pick<SensorDefinition, "thresholds">): number {
  return thresholds.reduce<number>((mask, each, i) => (each === null ? mask : mask | (1 << i)), 0);
}

export function sensorState({ state }: Context, number: number): SensorState | undefined {
  return state.sensors.find((each) => each.number === number);
}

/** Nothing is known of what the sensor measures. */
export function isUnavailable({ number, raw, known }: SensorState): boolean {
  return isThreshold(number) ? raw === null : !known;
}

/** A raw reading arrives; null: there is none any more. */
export function setReading(context: Context, number: number, raw: number | null): void {
  const sensor = sensorState(context, number);
  if (!sensor || !isThreshold(number)) return;
  sensor.raw = raw === null ? null : Math.min(255, Math.max(0, Math.round(raw)));
  compare(context, sensor);
}

/** A reading in the sensor's unit arrives. */
export function measure(context: Context, number: number, reading: number | null): void {
  setReading(context, number, reading === null ? null : rawOf(findSensor(number)!.factors ?? {}, reading));
}

/** Compares the reading with the thresholds and logs what changed. */
export function compare(context: Context, sensor: SensorState): void {
  const before = sensor.states;
  const { raw } = sensor;
  if (!sensor.scanning) return;
  if (raw === null) {
    sensor.states = 0;
    return;
  }
  const [positive, negative] = sensor.hysteresis;
  let states = 0;
  for (let i = 0; i < 6; i++) {
    if (!(sensor.mask & (1 << i))) continue;
    const limit = sensor.thresholds[i]!;
    const was = (before & (1 << i)) !== 0;
    // Once met, a threshold is left only behind the whole hysteresis.
    const beyond =
      i < 3 ? raw <= limit || (was && raw < limit + negative) : raw >= limit || (was && raw > limit - positive);
    if (beyond) states |= 1 << i;
  }
  sensor.states = states;
  sensor.gone = (sensor.gone | eventOffsets(before)) & ~eventOffsets(states);
  for (let i = 0; i < 6; i++)
    if ((before ^ states) & (1 << i)) logThreshold(context, sensor, i, (states & (1 << i)) !== 0);
}

function logThreshold(context: Context, sensor: SensorState, index: number, assertion: boolean): void {
  const offset = eventOffset(index);
  if (!isEnabled(sensor, offset, assertion)) return;
  const { type } = findSensor(sensor.number)!;
  logEvent(context, {
    sensorType: type,
    sensor: sensor.number,
    eventType: EVENT_THRESHOLD,
    assertion,
    data: [0x50 | offset, sensor.raw ?? 0, sensor.thresholds[index]!], // bytes 2 and 3: reading and threshold
  });
}

function isEnabled({ events, assertions, deassertions }: SensorState, offset: number, assertion: boolean): boolean {
  return events && ((assertion ? assertions : deassertions) & (1 << offset)) !== 0;
}

/** Sets or clears an offset of a discrete sensor, which has a reading from now on; logs nothing. */
export function setOffset(context: Context, number: number, offset: number, on: boolean): void {
  const sensor = sensorState(context, number);
  if (!sensor) return;
  const bit = 1 << offset;
  sensor.known = true;
  if (on) sensor.gone &= ~bit;
  else if (sensor.states & bit) sensor.gone |= bit;
  sensor.states = on ? sensor.states | bit : sensor.states & ~bit;
}

/** What event data 2 and 3 of a discrete sensor are, in the upper bits of event data 1: OEM codes, the type's extension. */
export const OEM_IN_DATA2 = 0x80;
export const EXTENSION_IN_DATA2 = 0xc0;
export const EXTENSION_IN_DATA3 = 0x30;

/** Something happens that a discrete sensor watches for: its offset is set, and the event logged where it is enabled. */
export function raiseOffset(
  context: Context,
  number: number,
  offset: number,
  { kind = 0, data2 = 0xff, data3 = 0xff }: { kind?: number; data2?: number; data3?: number } = {},
): void {
  setOffset(context, number, offset, true);
  const sensor = sensorState(context, number);
  if (!sensor || !isEnabled(sensor, offset, true)) return;
  const { type, eventType } = findSensor(number)!;
  const data = [kind | offset, data2, data3];
  logEvent(context, { sensorType: type, sensor: number, eventType, assertion: true, data });
}
