import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orientation } from './orientation.ts';

const UNIT = 2 ** -53;

describe('orientation', () => {
  it('has the exact sign where rounding decides it wrongly', () => {
    // Points a few last bits around (0.5, 0.5), beside the diagonal from (12, 12) to (24, 24).
    let roundedWrong = 0;
    for (let i = 0; i < 64; i++) {
      for (let j = 0; j < 64; j++) {
        const [x, y] = [0.5 + i * UNIT * 2, 0.5 + j * UNIT * 2];
        const sign = Math.sign(orientation(12, 12, 24, 24, x, y));
        expect(sign).toBe(Math.sign(j - i));
        if (Math.sign((12 - x) * (24 - y) - (12 - y) * (24 - x)) !== sign) roundedWrong++;
      }
    }
    expect(roundedWrong).toBeGreaterThan(100);
  });

  it('turns its sign when the line or the point order is turned', () => {
    const coordinate = fc.oneof(
      fc.double({ min: -180, max: 180, noNaN: true }),
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom(0, 5e-324, -1e-300, 0.1, 0.2, 0.3),
    );
    fc.assert(
      fc.property(
        coordinate,
        coordinate,
        coordinate,
        coordinate,
        coordinate,
        coordinate,
        (ax, ay, bx, by, px, py) => {
          const sign = Math.sign(orientation(ax, ay, bx, by, px, py));
          expect(sign + Math.sign(orientation(bx, by, ax, ay, px, py))).toBe(0);
          expect(Math.sign(orientation(bx, by, px, py, ax, ay))).toBe(sign);
          expect(Math.sign(orientation(ax, ay, bx, by, ax, ay))).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
