// SPDX-License-Identifier: MIT
// Readings and their raw bytes: y = (M x + B 10^K1) 10^K2, as the sensor's record has the factors.
// Spec: IPMI 2.0 revision 1.1, section 36.3 (linear sensors), table 43-1 bytes 25 to 30.

/** What a reading is made of; what is left out is M 1 and the others 0. */
export interface Factors {
  /** -512 to 511, as B. */
  m?: number;
  b?: number;
  /** K1 and K2: -8 to 7. */
  bExponent?: number;
  exponent?: number;
}

/** Exact, where a power of a fraction would not be. */
const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];
const scale = (value: number, exponent: number): number =>
  exponent < 0 ? value / POWERS[-exponent]! : value * POWERS[exponent]!;

/** The raw byte whose reading is nearest; what lies beyond the ends is the end. */
export function rawOf({ m = 1, b = 0, bExponent = 0, exponent = 0 }: Factors, reading: number): number {
  const raw = Math.round((scale(reading, -exponent) - scale(b, bExponent)) / m);
  return Math.min(255, Math.max(0, raw));
}

export function readingOf({ m = 1, b = 0, bExponent = 0, exponent = 0 }: Factors, raw: number): number {
  return scale(m * raw + scale(b, bExponent), exponent);
}

/** A difference of readings in raw steps, at least one unless there is none. */
export function stepsOf({ m = 1, exponent = 0 }: Factors, difference: number): number {
  return difference === 0 ? 0 : Math.max(1, Math.round(scale(difference, -exponent) / m));
}

/** M, tolerance, B, accuracy and the exponents, as records and Get Sensor Reading Factors have them. */
export function factorBytes({ m = 1, b = 0, bExponent = 0, exponent = 0 }: Factors): number[] {
  const nibbles = ((exponent & 0x0f) << 4) | (bExponent & 0x0f);
  return [m & 0xff, ((m >> 8) & 3) << 6, b & 0xff, ((b >> 8) & 3) << 6, 0, nibbles];
}
