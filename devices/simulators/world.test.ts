import { describe, expect, it } from 'vitest';
import { fastOffset } from '../../core/plane.ts';
import type { LonLat } from '../../core/reading.ts';
import { MAX_TIDE_M, tideM } from './tide.ts';
import { createWorld } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const centre: LonLat = [105.45, 9.2];
/** A Monday, midnight at UTC+7. */
const MIDNIGHT = Date.UTC(2026, 10, 22, 17);
const ROAD = { lanes: 2, laneCapacityVehH: 2400, freeSpeedKmh: 50, rushLoad: 0.85 };
const worlds = [1, 2, 3, 20261122].map((seed) => createWorld({ seed, centre }));

const every = (stepMs: number, lengthMs: number) =>
  Array.from({ length: Math.ceil(lengthMs / stepMs) }, (_, i) => MIDNIGHT + i * stepMs);
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const correlation = (a: number[], b: number[]) => {
  const [ma, mb] = [mean(a), mean(b)];
  const cov = mean(a.map((value, i) => (value - ma) * ((b[i] ?? 0) - mb)));
  return cov / Math.sqrt(mean(a.map((v) => (v - ma) ** 2)) * mean(b.map((v) => (v - mb) ** 2)));
};

describe.each(worlds)('a world', (world) => {
  it('is warm and dry after noon, cool and humid before sunrise', () => {
    for (let day = 0; day < 10; day++) {
      const at = (hour: number) => world.weather(MIDNIGHT + day * DAY + hour * HOUR, centre);
      expect(at(13.5).irradianceWm2).toBeGreaterThan(at(7.5).irradianceWm2 * 0.5);
      expect(at(2).irradianceWm2).toBe(0);
      expect(at(5).humidityPct).toBeGreaterThan(80);
    }
    const times = every(30 * MINUTE, 10 * DAY);
    const weather = times.map((time) => world.weather(time, centre));
    const temperature = weather.map((now) => now.temperatureC);
    expect(Math.min(...temperature)).toBeGreaterThan(19);
    expect(Math.max(...temperature)).toBeLessThan(36);
    expect(
      correlation(
        temperature,
        weather.map((now) => now.humidityPct),
      ),
    ).toBeLessThan(-0.8);
    for (const now of weather) expect(now.dewPointC).toBeLessThan(now.temperatureC);
  });

  it('lets showers cross the land, cool it and hide the sun', () => {
    let wet = 0;
    let total = 0;
    for (const time of every(10 * MINUTE, 20 * DAY)) {
      const now = world.weather(time, centre);
      if (now.rainRateMmh === 0) continue;
      wet++;
      total += now.rainRateMmh / 6;
      const dry = world.weather(time, fastOffset(centre, 400_000, 0));
      expect(now.temperatureC).toBeLessThan(dry.temperatureC + 1);
      expect(now.rainRateMmh).toBeLessThan(150);
    }
    expect(wet).toBeGreaterThan(5);
    expect(total).toBeGreaterThan(15);
    expect(total).toBeLessThan(500);
  });

  it('adds rain up to what fell: a sum over an hour is the sum over its minutes', () => {
    for (const time of every(HOUR, 10 * DAY)) {
      const minutes = Array.from({ length: 60 }, (_, i) =>
        world.rainfallMm(time - i * MINUTE, centre, MINUTE),
      );
      expect(world.rainfallMm(time, centre, HOUR)).toBeCloseTo(mean(minutes) * 60, 9);
    }
  });

  it('has a rush in the morning and one in the afternoon, slower than the rest of the day, and none on Sunday', () => {
    const traffic = (hour: number, day = 0) =>
      world.traffic(MIDNIGHT + day * DAY + hour * HOUR, centre, ROAD);
    for (const rush of [7.25, 17.5]) {
      for (const quiet of [3, 10, 14.5, 21, 23]) {
        expect(traffic(rush).flowVehH).toBeGreaterThan(1.4 * traffic(quiet).flowVehH);
        expect(traffic(rush).speedKmh).toBeLessThan(traffic(quiet).speedKmh);
        expect(traffic(rush).occupancyPct).toBeGreaterThan(traffic(quiet).occupancyPct);
      }
      expect(traffic(rush, 6).flowVehH).toBeLessThan(0.75 * traffic(rush).flowVehH);
    }
  });

  it('has water that is salt at the sea, fresh inland, and follows the tide', () => {
    const times = every(20 * MINUTE, 15 * DAY);
    const at = (seaKm: number) => times.map((time) => world.water(time, centre, { seaKm, zeroM: 0 }));
    const [mouth, middle, inland] = [at(2), at(20), at(70)];
    expect(mean(mouth.map((w) => w.salinityPpt))).toBeGreaterThan(20);
    expect(mean(inland.map((w) => w.salinityPpt))).toBeLessThan(1);
    expect(
      correlation(
        middle.map((w) => w.salinityPpt),
        middle.map((w) => w.levelM),
      ),
    ).toBeGreaterThan(0.6);
    const range = (values: number[]) => Math.max(...values) - Math.min(...values);
    expect(range(mouth.map((w) => w.levelM))).toBeGreaterThan(1.7 * range(inland.map((w) => w.levelM)));
    for (const w of [...mouth, ...middle, ...inland]) {
      expect(w.dissolvedOxygenMgL).toBeGreaterThan(3);
      expect(w.ph).toBeGreaterThan(6.5);
      expect(w.ph).toBeLessThan(8.5);
    }
  });

  it('keeps the air of an ordinary fortnight below the limits, worst in town before sunrise and in the rush', () => {
    const air = (hour: number, urban: number) =>
      Array.from({ length: 14 }, (_, day) =>
        world.air(MIDNIGHT + day * DAY + hour * HOUR, centre, { urban }),
      );
    const pm = (hour: number, urban: number) => mean(air(hour, urban).map((now) => now.pm25));
    expect(pm(7.25, 1)).toBeGreaterThan(1.3 * pm(14, 1));
    expect(pm(5, 0.1)).toBeGreaterThan(1.2 * pm(14, 0.1));
    expect(pm(7.25, 1)).toBeGreaterThan(pm(7.25, 0));
    for (const time of every(20 * MINUTE, 14 * DAY)) {
      const now = world.air(time, centre, { urban: 1 });
      expect(now.pm25).toBeLessThan(70);
      expect(now.pm10).toBeGreaterThan(now.pm25);
      expect(now.o3).toBeLessThan(160);
    }
  });
});

it('gives the same world for the same seed and another for another', () => {
  const [first] = worlds;
  const again = createWorld({ seed: 1, centre });
  for (const time of every(HOUR, 3 * DAY).reverse()) {
    expect(again.weather(time, centre)).toEqual(first?.weather(time, centre));
  }
  expect(worlds[1]?.weather(MIDNIGHT, centre)).not.toEqual(first?.weather(MIDNIGHT, centre));
});

describe('the tide', () => {
  it('has two unequal high waters on most days, springs and neaps', () => {
    const heights = every(10 * MINUTE, 60 * DAY).map((time) => tideM(time, 0));
    const highs = heights.filter((h, i) => h > (heights[i - 1] ?? h) && h >= (heights[i + 1] ?? h));
    expect(highs.length / 60).toBeGreaterThan(1.5);
    expect(highs.length / 60).toBeLessThan(2.1);
    expect(Math.max(...highs) - Math.min(...highs)).toBeGreaterThan(0.8);
    const ranges = Array.from({ length: 60 }, (_, day) => {
      const today = heights.slice(day * 144, day * 144 + 144);
      return Math.max(...today) - Math.min(...today);
    });
    expect(Math.max(...ranges)).toBeGreaterThan(1.8 * Math.min(...ranges));
    for (const height of heights) expect(Math.abs(height)).toBeLessThanOrEqual(MAX_TIDE_M);
  });

  it('comes later and lower upstream', () => {
    const peakAfter = (seaKm: number) => {
      const curve = every(5 * MINUTE, 20 * HOUR).map((time) => tideM(time, seaKm));
      return { at: curve.indexOf(Math.max(...curve)), height: Math.max(...curve) };
    };
    const [mouth, inland] = [peakAfter(0), peakAfter(24)];
    const delayMin = (inland.at - mouth.at) * 5;
    expect(delayMin).toBeGreaterThan(30);
    expect(delayMin).toBeLessThan(90);
    expect(inland.height).toBeLessThan(mouth.height * 0.85);
  });
});

describe('an episode', () => {
  const start = MIDNIGHT + 10 * HOUR;
  const world = createWorld({
    seed: 5,
    centre,
    episodes: [
      {
        kind: 'pollution',
        startMs: start,
        durationMs: 3 * HOUR,
        riseMs: 2 * MINUTE,
        centre,
        radiusKm: 6,
        peak: 180,
        drift: { towardsDeg: 90, speedKmh: 6 },
        everyMs: 2 * DAY,
      },
      { kind: 'salinity', startMs: start, durationMs: 12 * HOUR, centre, radiusKm: 15, peak: 6 },
      { kind: 'congestion', startMs: start, durationMs: 2 * HOUR, centre, radiusKm: 2, peak: 0.85 },
    ],
  });
  const calm = createWorld({ seed: 5, centre });
  const east = fastOffset(centre, 12_000, 0);
  const pm = (time: number, at = centre) => world.air(time, at, { urban: 0.5 }).pm25;

  it('of pollution drives PM2.5 over any limit near its centre within minutes, and nothing far away', () => {
    expect(pm(start - MINUTE)).toBe(calm.air(start - MINUTE, centre, { urban: 0.5 }).pm25);
    expect(pm(start + 3 * MINUTE)).toBeGreaterThan(150);
    const far = fastOffset(centre, 0, 40_000);
    expect(pm(start + HOUR, far)).toBeCloseTo(calm.air(start + HOUR, far, { urban: 0.5 }).pm25, 6);
    expect(pm(start + 3 * HOUR)).toBeLessThan(60);
  });

  it('of pollution drifts with its plume and comes back after its period', () => {
    expect(pm(start + 2 * HOUR, east)).toBeGreaterThan(pm(start + 10 * MINUTE, east) + 80);
    expect(pm(start + 2 * HOUR, east)).toBeGreaterThan(pm(start + 2 * HOUR));
    expect(pm(start + 2 * DAY + 3 * MINUTE)).toBeGreaterThan(150);
    expect(pm(start + DAY)).toBeLessThan(60);
  });

  it('of salinity makes fresh water salt for hours', () => {
    const ppt = (time: number) => world.water(time, centre, { seaKm: 60, zeroM: 0 }).salinityPpt;
    expect(ppt(start - MINUTE)).toBeLessThan(1);
    expect(ppt(start + 6 * HOUR)).toBeGreaterThan(4);
    expect(ppt(start + 13 * HOUR)).toBeLessThan(1);
  });

  it('of congestion stops the traffic: fewer vehicles pass, slowly, and the loop stays covered', () => {
    const [jam, free] = [world, calm].map((w) => w.traffic(start + HOUR, centre, ROAD));
    expect(jam?.speedKmh).toBeLessThan(15);
    expect(jam?.flowVehH).toBeLessThan((free?.flowVehH ?? 0) * 0.9);
    expect(jam?.occupancyPct).toBeGreaterThan(3 * (free?.occupancyPct ?? 0));
  });
});
