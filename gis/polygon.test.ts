import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/clock.ts';
import type { LonLat } from '../core/reading.ts';
import { realAreas } from '../test/support/areas.ts';
import { distanceM, type MultiPolygonRings } from './geo.ts';
import { readAreaFile } from './geojson.ts';
import { borderDistanceM, covers, flattenPolygon } from './polygon.ts';

const square = (west: number, south: number, size: number): LonLat[] => [
  [west, south],
  [west + size, south],
  [west + size, south + size],
  [west, south + size],
  [west, south],
];

describe('covers', () => {
  const withHole = flattenPolygon([[square(0, 0, 10), square(4, 4, 2)], [square(20, 0, 1)]]);

  it.each<[string, number, number, boolean]>([
    ['inside', 1, 1, true],
    ['in the second part', 20.5, 0.5, true],
    ['outside', 11, 5, false],
    ['in the hole', 5, 5, false],
    ['on an edge', 10, 5, true],
    ['on a corner', 0, 0, true],
    ['on the hole’s edge', 4, 5, true],
    ['on the hole’s corner', 6, 6, true],
    ['level with corners, between the parts', 15, 0, false],
    ['level with an edge, east of all', 30, 0, false],
  ])('says of a point %s what it is', (_name, lon, lat, expected) => {
    expect(covers(withHole, lon, lat)).toBe(expected);
  });

  it('decides exactly where rounding would not', () => {
    // The edge from (0, 0) to (3, 1) passes 1e-17 degrees from the double nearest to (0.3, 0.1).
    const triangle = flattenPolygon([
      [
        [
          [0, 0],
          [3, 1],
          [0, 1],
          [0, 0],
        ],
      ],
    ]);
    const exact = 3n * BigInt(Math.round(0.1 * 2 ** 56)) - BigInt(Math.round(0.3 * 2 ** 56));
    expect(covers(triangle, 0.3, 0.1)).toBe(exact >= 0n);
    expect(covers(triangle, 1.5, 0.5)).toBe(true);
    expect(covers(triangle, 1.5 + 2 ** -52, 0.5)).toBe(false);
  });

  it('covers nothing when there is no edge', () => {
    const nothing = flattenPolygon([]);
    expect(covers(nothing, 0, 0)).toBe(false);
    expect(borderDistanceM(nothing, 0, 0)).toBe(Infinity);
  });
});

describe('borderDistanceM', () => {
  const collection = realAreas('ca-mau');

  it.skipIf(!collection)('is within 0.1 % of the shortest geodesic to a real border', () => {
    const polygons: MultiPolygonRings = readAreaFile(collection).areas[0]?.polygons ?? [];
    const flat = flattenPolygon(polygons);
    const random = seededRandom(5);
    const [west, south, east, north] = flat.bbox;
    let checked = 0;
    while (checked < 60) {
      const point: LonLat = [west + random.next() * (east - west), south + random.next() * (north - south)];
      const ours = borderDistanceM(flat, point[0], point[1]);
      if (ours > 20_000) continue;
      let truth = Infinity;
      for (let i = 0; i < flat.edges.length; i += 4) {
        const [x1, y1, x2, y2] = flat.edges.subarray(i, i + 4) as unknown as [number, number, number, number];
        const on = (share: number): LonLat => [x1 + share * (x2 - x1), y1 + share * (y2 - y1)];
        const fromMiddle = distanceM(point, on(0.5));
        if (fromMiddle - distanceM(on(0), on(1)) / 2 > ours * 1.01) continue;
        let [low, high] = [0, 1];
        for (let step = 0; step < 40; step++) {
          const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
          if (distanceM(point, on(a)) < distanceM(point, on(b))) high = b;
          else low = a;
        }
        truth = Math.min(truth, distanceM(point, on(low)));
      }
      expect(Math.abs(ours - truth)).toBeLessThan(0.01 + truth * 0.001);
      checked++;
    }
  });
});
