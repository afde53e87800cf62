import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { turnDeg } from '../core/plane.ts';
import type { LonLat } from '../core/reading.ts';
import { DEFAULT_RANGE_M, sees, type View, viewBbox, viewPolygon, viewRank } from './fov.ts';
import { azimuthDeg, destination, distanceM } from './geo.ts';
import { covers, flattenPolygon } from './polygon.ts';

const position: LonLat = [105.15, 9.18];
const double = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const view: fc.Arbitrary<View> = fc.record({
  position: fc.tuple(double(102, 110), double(8, 24)),
  headingDeg: fc.option(double(0, 360), { freq: 6 }),
  fovDeg: fc.option(double(5, 360), { freq: 6 }),
  rangeM: fc.option(double(20, 5000), { freq: 6 }),
});

describe('what a camera sees', () => {
  it('is a sector: near enough, and within half its angle of where it looks', () => {
    const camera: View = { position, headingDeg: 350, fovDeg: 60, rangeM: 200 };
    expect(sees(camera, destination(position, 350, 199))).toBe(true);
    expect(sees(camera, destination(position, 350, 201))).toBe(false);
    expect(sees(camera, destination(position, 19, 100))).toBe(true);
    expect(sees(camera, destination(position, 21, 100))).toBe(false);
    expect(sees(camera, destination(position, 321, 100))).toBe(true);
    expect(sees(camera, destination(position, 170, 10))).toBe(false);
    expect(sees(camera, position)).toBe(true);
  });

  it('is a circle when heading or angle are not known, as far as a usual camera', () => {
    const dome: View = { position, headingDeg: null, fovDeg: 60, rangeM: null };
    for (const azimuth of [0, 90, 200]) {
      expect(sees(dome, destination(position, azimuth, DEFAULT_RANGE_M - 1))).toBe(true);
      expect(sees(dome, destination(position, azimuth, DEFAULT_RANGE_M + 1))).toBe(false);
    }
  });

  it('is drawn as it is judged', () => {
    fc.assert(
      fc.property(view, double(0, 360), double(0, 1.3), (camera, azimuth, reach) => {
        const rangeM = camera.rangeM ?? DEFAULT_RANGE_M;
        const point = destination(camera.position, azimuth, reach * rangeM);
        const fovDeg = camera.headingDeg === null ? 360 : (camera.fovDeg ?? 360);
        const off = Math.abs(turnDeg(camera.headingDeg ?? 0, azimuthDeg(camera.position, point)));
        // Leave out the strip along the border where a chord differs from its arc.
        fc.pre(Math.abs(reach - 1) > 0.02 && reach > 0.01);
        fc.pre(fovDeg >= 359 || Math.abs(off - fovDeg / 2) > 0.5);
        const rings = viewPolygon(camera);
        expect(covers(flattenPolygon([rings]), point[0], point[1])).toBe(sees(camera, point));
      }),
      { numRuns: 500 },
    );
  });

  it('is drawn as a closed ring, counter-clockwise, inside its box', () => {
    fc.assert(
      fc.property(view, (camera) => {
        const [ring] = viewPolygon(camera);
        if (!ring) throw new Error('no ring');
        expect(ring.at(-1)).toEqual(ring[0]);
        let area = 0;
        for (const [i, [x, y]] of ring.slice(1).entries()) {
          const [x0, y0] = ring[i] as LonLat;
          area +=
            (x0 - camera.position[0]) * (y - camera.position[1]) -
            (x - camera.position[0]) * (y0 - camera.position[1]);
        }
        expect(area).toBeGreaterThan(0);
        const [west, south, east, north] = viewBbox(camera);
        for (const [x, y] of ring) expect(x >= west && x <= east && y >= south && y <= north).toBe(true);
      }),
    );
  });

  it('ranks a far camera that sees the place before a near one that looks away', () => {
    const target = destination(position, 0, 100);
    const away: View = { position, headingDeg: 180, fovDeg: 60, rangeM: 500 };
    const far: View = { position: destination(position, 0, 400), headingDeg: 180, fovDeg: 60, rangeM: 500 };
    const nearer: View = { ...far, position: destination(position, 0, 300) };
    const order = [away, far, nearer].sort((a, b) => viewRank(a, target) - viewRank(b, target));
    expect(order).toEqual([nearer, far, away]);
    expect(viewRank(nearer, target)).toBeCloseTo(distanceM(nearer.position, target), 6);
  });
});
