import { describe, expect, it } from 'vitest';
import { fan, fanOffsets } from './fan.ts';

describe('things at one place', () => {
  it('stand far enough apart to be told from each other and clicked', () => {
    for (let count = 2; count <= 24; count++) {
      const offsets = fanOffsets(count);
      for (const [i, a] of offsets.entries()) {
        for (const b of offsets.slice(i + 1)) {
          expect(Math.hypot(a[0] - b[0], a[1] - b[1])).toBeGreaterThan(17);
        }
      }
    }
  });

  it('keep the middle at the true place', () => {
    for (const count of [1, 2, 5, 9]) {
      const offsets = fanOffsets(count);
      expect(offsets.reduce((sum, [dx]) => sum + dx, 0)).toBeCloseTo(0, 6);
      expect(offsets.reduce((sum, [, dy]) => sum + dy, 0)).toBeCloseTo(0, 6);
    }
  });

  it('are those within a metre; others stay where they are', () => {
    const places = [
      [105.45, 9.2],
      [105.450001, 9.2],
      [105.46, 9.2],
    ] as const;
    const placed = fan(places, (place) => place);
    expect(placed.map(({ dx }) => dx)).toEqual([-10, 10, 0]);
  });
});
