import { describe, expect, it } from 'vitest';
import { parseJson } from '../core/json.ts';
import { describeQuantity, isQuantity } from '../core/quantities.ts';
import type { LonLat } from '../core/reading.ts';
import { QUANTITY_NAME } from './contract.ts';
import { loadDeviceTypes } from './registry.ts';
import { nextSendMs } from './simulators/schedule.ts';
import { createWorld } from './simulators/world.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 10, 22, 17);
const SEED = 20261122;
const PLACE: LonLat = [105.45, 9.2];
const types = await loadDeviceTypes();

/** The whole day with everything that can happen to a device in it. */
const world = createWorld({
  seed: SEED,
  centre: PLACE,
  episodes: (['pollution', 'salinity', 'congestion'] as const).map((kind, i) => ({
    kind,
    startMs: START_MS + (4 + 6 * i) * 3_600_000,
    durationMs: 4 * 3_600_000,
    centre: PLACE,
    radiusKm: 10,
    peak: [400, 12, 1][i] ?? 0,
  })),
});
const asSent = (body: unknown) => parseJson(new TextEncoder().encode(JSON.stringify(body)));

it('has the types that a centre starts with', () => {
  expect(types.all().map((type) => type.id)).toEqual([
    'air-quality',
    'generic-json',
    'gps-tracker',
    'salinity',
    'traffic-counter',
    'water-level',
    'weather',
  ]);
});

describe.each(types.all().map((type) => [type.id, type] as const))('%s', (id, type) => {
  it.each(type.samples.map((sample) => [sample.name, sample] as const))('decodes %s', (_name, sample) => {
    expect(type.decode(asSent(sample.payload))).toEqual(sample.expect);
  });

  it('measures in its samples only what it says it can', () => {
    const measured = type.samples.flatMap((sample) =>
      sample.expect.flatMap(({ values }) => Object.keys(values)),
    );
    for (const name of measured) {
      expect(name).toMatch(QUANTITY_NAME);
      if (type.quantities !== 'any') expect(type.quantities).toContain(name);
    }
  });

  const simulate = (deviceId: string, timeMs: number, seed = SEED) =>
    type.simulate({
      seed,
      deviceId,
      timeMs,
      position: PLACE,
      intervalS: type.expectedIntervalS,
      world,
      properties: {},
    });

  it('simulates a whole day inside the bounds of its quantities, in messages its decoder takes', () => {
    const values = new Map<string, number[]>();
    // Every interval would be 17 280 messages for a tracker; one a minute tells as much.
    const stepMs = type.expectedIntervalS * 1000 * Math.ceil(60 / type.expectedIntervalS);
    for (let timeMs = START_MS; timeMs < START_MS + DAY_MS; timeMs += stepMs) {
      const readings = type.decode(asSent(simulate(`${id}-1`, timeMs)));
      expect(readings).toHaveLength(1);
      expect(readings[0]?.ts).toBe(timeMs);
      if (type.mobile) expect(readings[0]?.position).toHaveLength(2);
      for (const [name, { v, unit }] of Object.entries(readings[0]?.values ?? {})) {
        const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = describeQuantity(name);
        expect(unit).toBeUndefined();
        expect(v).toBeTypeOf('number');
        expect(v).toBeGreaterThanOrEqual(min);
        expect(v).toBeLessThanOrEqual(max);
        values.set(name, [...(values.get(name) ?? []), v as number]);
      }
    }
    if (type.quantities !== 'any') {
      for (const name of values.keys()) expect(isQuantity(name) && type.quantities.includes(name)).toBe(true);
    }
    // Instruments are noisy: nothing but rain and the speed of what stands is the same all day.
    for (const [name, series] of values) {
      if (!['rainfall', 'rain_rate', 'speed'].includes(name))
        expect([name, new Set(series).size > 3]).toEqual([name, true]);
    }
  });

  it('sends the same message again for the same moment, and another for another device, time or seed', () => {
    const first = simulate('a', START_MS + 36_000_000);
    expect(simulate('a', START_MS + 36_000_000)).toEqual(first);
    expect(simulate('b', START_MS + 36_000_000)).not.toEqual(first);
    expect(simulate('a', START_MS + 36_060_000)).not.toEqual(first);
    expect(simulate('a', START_MS + 36_000_000, SEED + 1)).not.toEqual(first);
  });

  it('sends once per expected interval, each device at its own beat', () => {
    const sends = (deviceId: string) => {
      const times = [nextSendMs(SEED, deviceId, type.expectedIntervalS, START_MS)];
      while (times.length < 5) {
        times.push(nextSendMs(SEED, deviceId, type.expectedIntervalS, times.at(-1) ?? 0));
      }
      return times;
    };
    const times = sends('a');
    expect((times[0] ?? 0) - START_MS).toBeGreaterThan(0);
    expect((times[0] ?? 0) - START_MS).toBeLessThanOrEqual(type.expectedIntervalS * 1000);
    for (const [i, time] of times.slice(1).entries())
      expect(time - (times[i] ?? 0)).toBe(type.expectedIntervalS * 1000);
    expect(sends('b')[0]).not.toBe(times[0]);
  });
});
