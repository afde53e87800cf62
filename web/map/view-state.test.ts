import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bbox } from '../../core/reading.ts';
import {
  bboxContains,
  formatView,
  hashWithView,
  isComfortablyInside,
  MAX_ZOOM,
  MIN_ZOOM,
  mustReport,
  padBbox,
  parseView,
  REPORT_PAD,
  viewOfHash,
} from './view-state.ts';

describe('the view in the address', () => {
  it('comes back within half a pixel of where it was', () => {
    const views = fc.record({
      zoom: fc.double({ min: MIN_ZOOM, max: MAX_ZOOM, noNaN: true }),
      lat: fc.double({ min: -80, max: 80, noNaN: true }),
      lon: fc.double({ min: -179, max: 179, noNaN: true }),
    });
    fc.assert(
      fc.property(views, (view) => {
        const back = viewOfHash(hashWithView('#', view));
        const degreesPerPx = 360 / (256 * 2 ** view.zoom);
        expect(Math.abs((back?.lat ?? 999) - view.lat)).toBeLessThanOrEqual(degreesPerPx / 2 + 1e-12);
        expect(Math.abs((back?.lon ?? 999) - view.lon)).toBeLessThanOrEqual(degreesPerPx / 2 + 1e-12);
        expect(Math.abs((back?.zoom ?? 99) - view.zoom)).toBeLessThanOrEqual(0.005);
      }),
    );
  });

  it('is short at the zoom of a province', () => {
    expect(formatView({ zoom: 10, lat: 9.2234567, lon: 105.5123456 })).toBe('10/9.2235/105.5123');
  });

  it('leaves the other keys of the hash alone', () => {
    expect(hashWithView('#list=open&map=3/1/1', { zoom: 5, lat: 1, lon: 2 })).toMatch(/^#list=open&map=5\//);
  });

  it.each(['', '10/9.2', 'x/9/105', '10/95/105', '10/9/205', '10//105', '10/9/105/3'])(
    'refuses %j',
    (text) => {
      expect(parseView(text)).toBeNull();
    },
  );

  it('keeps zooms inside what the map can show', () => {
    expect(parseView('2/9/105')?.zoom).toBe(MIN_ZOOM);
    expect(parseView('25/9/105')?.zoom).toBe(MAX_ZOOM);
  });
});

const bboxes = fc
  .tuple(
    fc.double({ min: -170, max: 150, noNaN: true }),
    fc.double({ min: -80, max: 70, noNaN: true }),
    fc.double({ min: 0.001, max: 20, noNaN: true }),
    fc.double({ min: 0.001, max: 10, noNaN: true }),
  )
  .map(([west, south, dx, dy]): Bbox => [west, south, west + dx, south + dy]);

describe('what the server is told of the view', () => {
  it('always covers the screen', () => {
    fc.assert(fc.property(bboxes, (view) => bboxContains(padBbox(view, REPORT_PAD), view)));
  });

  it('is not told again while one pans inside it', () => {
    fc.assert(
      fc.property(bboxes, fc.double({ min: -1, max: 1, noNaN: true }), (view, share) => {
        const reported = padBbox(view, REPORT_PAD);
        const shift = (view[2] - view[0]) * REPORT_PAD * 0.98 * share;
        const panned: Bbox = [view[0] + shift, view[1], view[2] + shift, view[3]];
        expect(mustReport(reported, panned)).toBe(false);
      }),
    );
  });

  it('is told when the screen leaves it, and when it has become far too large', () => {
    const reported = padBbox([105, 9, 106, 10], REPORT_PAD);
    expect(mustReport(reported, [106, 9, 107, 10])).toBe(true);
    expect(mustReport(reported, [105.4, 9.4, 105.45, 9.45])).toBe(true);
    expect(mustReport(null, [105, 9, 106, 10])).toBe(true);
  });

  it('stays inside the world', () => {
    expect(padBbox([-179, -89, 179, 89], 1)).toEqual([-180, -90, 180, 90]);
  });
});

it('counts a place at the very wall as off screen', () => {
  const view: Bbox = [105, 9, 106, 10];
  expect(isComfortablyInside(view, [105.5, 9.5])).toBe(true);
  expect(isComfortablyInside(view, [105.02, 9.5])).toBe(false);
});
