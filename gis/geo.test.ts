import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fastAzimuthDeg, fastDistanceM, fastOffset, normalizeDeg, turnDeg } from '../core/plane.ts';
import type { LonLat } from '../core/reading.ts';
import { azimuthDeg, bboxAround, destination, distanceM } from './geo.ts';

const double = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const place: fc.Arbitrary<LonLat> = fc.tuple(double(-179, 179), double(-60, 60));

it('arrives where it set out to go', () => {
  fc.assert(
    fc.property(place, double(0, 360), double(1, 1_000_000), (from, azimuth, lengthM) => {
      const to = destination(from, azimuth, lengthM);
      expect(distanceM(from, to)).toBeCloseTo(lengthM, 5);
      expect(Math.abs(turnDeg(azimuthDeg(from, to), azimuth))).toBeLessThan(1e-6);
    }),
  );
});

it('keeps the fast distance within 0.1 % up to 100 km, and the fast direction within a degree', () => {
  fc.assert(
    fc.property(place, double(0, 360), double(1, 100_000), (from, azimuth, lengthM) => {
      const to = destination(from, azimuth, lengthM);
      fc.pre(Math.abs(to[0]) < 179.99 && Math.abs(to[0] - from[0]) < 10);
      expect(Math.abs(fastDistanceM(from, to) / lengthM - 1)).toBeLessThan(0.001);
      expect(Math.abs(turnDeg(fastAzimuthDeg(from, to), azimuth))).toBeLessThan(1);
    }),
  );
});

it('offsets by the metres asked for', () => {
  fc.assert(
    fc.property(place, double(-5000, 5000), double(-5000, 5000), (from, eastM, northM) => {
      const lengthM = Math.hypot(eastM, northM);
      fc.pre(lengthM > 1);
      expect(distanceM(from, fastOffset(from, eastM, northM)) / lengthM).toBeCloseTo(1, 2);
    }),
  );
});

it('holds every point of a circle in its box, and little else', () => {
  fc.assert(
    fc.property(place, double(1, 200_000), double(0, 360), (centre, radiusM, azimuth) => {
      const [lon, lat] = destination(centre, azimuth, radiusM);
      const [west, south, east, north] = bboxAround(centre, radiusM);
      fc.pre(Math.abs(lon - centre[0]) < 180);
      expect(lon >= west && lon <= east && lat >= south && lat <= north).toBe(true);
      expect(distanceM(centre, [centre[0], north])).toBeLessThan(radiusM * 1.02 + 1);
    }),
  );
});

it('keeps angles in their range', () => {
  fc.assert(
    fc.property(double(-1e6, 1e6), double(-720, 720), (a, b) => {
      expect(normalizeDeg(a) >= 0 && normalizeDeg(a) < 360).toBe(true);
      expect(turnDeg(a, b) > -180 && turnDeg(a, b) <= 180).toBe(true);
    }),
  );
});
