/** Items for the examples in the rule kinds' files. Their day is 22 November 2026, shown in Vietnam's zone. */
import type { QualityCode } from '../../core/quality.ts';
import type { LonLat, Observation, PositionFix } from '../../core/reading.ts';
import type { Arrival, Tick } from './kind.ts';

/** The zone in which examples are put into words. */
export const EXAMPLE_ZONE = 'Asia/Ho_Chi_Minh';

/** The time that shows as `h:mm` (of the example day) in the examples' zone. */
export function exampleTime(hour: number, minute = 0): number {
  return Date.UTC(2026, 10, 22, hour - 7, minute);
}

/** Values every so many minutes, the first at 07:00. */
export function valuesEvery(
  minutes: number,
  values: readonly number[],
  options: { from?: number; quality?: QualityCode } = {},
): Observation[] {
  return values.map((value, index) => ({
    kind: 'value',
    deviceId: 'example',
    seriesId: 1,
    quantity: 'any',
    timeMs: exampleTime(options.from ?? 7, index * minutes),
    value,
    quality: options.quality ?? 0,
    areaId: null,
    position: null,
  }));
}

export const hourly = (values: readonly number[], options: { from?: number; quality?: QualityCode } = {}) =>
  valuesEvery(60, values, options);

/** Fixes a minute apart, the first at 07:00. */
export function fixes(
  points: readonly { at: LonLat; accuracyM?: number; speedKmh?: number; device?: string; minute?: number }[],
): PositionFix[] {
  return points.map(({ at, accuracyM, speedKmh, device, minute }, index) => ({
    kind: 'position',
    deviceId: device ?? 'example',
    seriesId: 1,
    timeMs: exampleTime(7, minute ?? index),
    lon: at[0],
    lat: at[1],
    speedKmh: speedKmh ?? null,
    headingDeg: null,
    accuracyM: accuracyM ?? 5,
    areaId: null,
    unitId: 'example-unit',
  }));
}

export const arrival = (timeMs: number): Arrival => ({
  kind: 'arrival',
  timeMs,
  heard: true,
  position: null,
  areaId: null,
});

export const tick = (timeMs: number): Tick => ({ kind: 'tick', timeMs, position: null, areaId: null });

/** One value of one of several devices, at so many minutes past 07:00. */
export function from(
  device: string,
  minute: number,
  value: number,
  more: { quantity?: string; at?: LonLat; quality?: QualityCode } = {},
): Observation {
  return {
    kind: 'value',
    deviceId: device,
    seriesId: 1,
    quantity: more.quantity ?? 'any',
    timeMs: exampleTime(7, minute),
    value,
    quality: more.quality ?? 0,
    areaId: null,
    position: more.at ?? null,
  };
}
