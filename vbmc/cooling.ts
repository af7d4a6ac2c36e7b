// SPDX-License-Identifier: MIT
// What a machine that is none would be like inside: it draws power as it works, the power warms the processor, a fan carries
// the warmth away, and a controller turns the fan by the temperature unless somebody has set its speed. All in whole numbers
// and steps of one second, so that it is the same on every host.
// Spec: none (own model): temperature follows its end by a first order lag.

/** Milliwatts: always, at full load, while a disk works, and of the fan at full speed. */
const BASE_POWER = 30_000;
const LOAD_POWER = 60_000;
const DISK_POWER = 5_000;
const FAN_POWER = 5_000;
/** Thousandths of a degree Celsius. */
const AMBIENT = 25_000;
/** Thousandths of a degree a watt: at full speed, and what comes to it where the fan stands. */
const RESISTANCE = 250;
const STILL_AIR = 600;
/** Steps of the first order lags. */
const WARMTH_LAG = 20;
const FAN_LAG = 3;
/** Behind so many steps of cooling nothing is left to cool. */
const COOL_STEPS = 30 * WARMTH_LAG;

const FULL_RPM = 7000;
/** The controller: percent of the full speed, from one temperature on to another. */
const LEAST_DUTY = 20;
const WARM = 40_000;
const HOT = 80_000;

export interface CoolingState {
  /** Thousandths of a degree. */
  temperature: number;
  rpm: number;
  /** Milliwatts, 0 while the machine is off. */
  power: number;
  /** The fan's speed in percent as somebody has set it; null: by temperature. */
  duty: number | null;
}

export function newCooling(): CoolingState {
  return { temperature: AMBIENT, rpm: 0, power: 0, duty: null };
}

/** Percent of full speed that the fan is to have. */
export function wantedDuty({ temperature, duty }: CoolingState): number {
  if (duty !== null) return duty;
  const share = (temperature - WARM) / (HOT - WARM);
  return Math.round(LEAST_DUTY + (100 - LEAST_DUTY) * Math.min(1, Math.max(0, share)));
}

function wantedRpm(state: CoolingState): number {
  return Math.trunc((FULL_RPM * wantedDuty(state)) / 100);
}

/** A second passes; `load`: thousandths of the time that the processor worked. */
export function heat(state: CoolingState, load: number, disk: boolean): void {
  state.rpm = approach(state.rpm, wantedRpm(state), FAN_LAG);
  const processor = BASE_POWER + Math.trunc((LOAD_POWER * load) / 1000);
  const fan = Math.trunc((FAN_POWER * state.rpm) / FULL_RPM);
  state.power = processor + fan + (disk ? DISK_POWER : 0);
  const resistance = RESISTANCE + Math.trunc((STILL_AIR * (FULL_RPM - state.rpm)) / FULL_RPM);
  state.temperature = approach(state.temperature, AMBIENT + Math.trunc((processor * resistance) / 1000), WARMTH_LAG);
}

/** The machine goes on after so many seconds: it has cooled, and its fan is up to speed before anybody looks. */
export function powerUp(state: CoolingState, seconds: number): void {
  for (let i = Math.min(seconds, COOL_STEPS); i > 0; i--)
    state.temperature = approach(state.temperature, AMBIENT, WARMTH_LAG);
  state.rpm = wantedRpm(state);
}

/** One step nearer, and there in the end. */
function approach(value: number, end: number, lag: number): number {
  const step = Math.trunc((end - value) / lag);
  return step === 0 ? value + Math.sign(end - value) : value + step;
}
