import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  frameIntervalMs,
  type Glide,
  glideTo,
  isMoving,
  pixelsPerSecond,
  positionAt,
  restingAt,
} from './glide.ts';

const place = fc.tuple(
  fc.double({ min: -500, max: 500, noNaN: true }),
  fc.double({ min: -500, max: 500, noNaN: true }),
);

describe('a gliding unit', () => {
  it('stays on the straight line between its two fixes, and ends at the last', () => {
    fc.assert(
      fc.property(
        place,
        place,
        fc.integer({ min: 1, max: 4000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (from, to, durationMs, share) => {
          const glide: Glide = { from, to, startMs: 1000, durationMs };
          const [x, y] = positionAt(glide, 1000 + durationMs * share);
          const whole = Math.hypot(to[0] - from[0], to[1] - from[1]);
          const parts = Math.hypot(x - from[0], y - from[1]) + Math.hypot(to[0] - x, to[1] - y);
          expect(parts).toBeCloseTo(whole, 6);
          const end = positionAt(glide, 1000 + durationMs + 5);
          expect(end[0]).toBeCloseTo(to[0], 9);
          expect(end[1]).toBeCloseTo(to[1], 9);
        },
      ),
    );
  });

  it('goes on from where it is drawn when a fix comes early, without a step', () => {
    const first = glideTo(restingAt([0, 0]), [100, 0], 0, 2000, false);
    const halfway = positionAt(first, 1000);
    const second = glideTo(first, [100, 80], 1000, 1000, false);
    expect(positionAt(second, 1000)).toEqual(halfway);
    expect(isMoving(second, 1500)).toBe(true);
    expect(isMoving(second, 2001)).toBe(false);
  });

  it('jumps to a fix that no car could have driven to', () => {
    const glide = glideTo(restingAt([0, 0]), [5000, 0], 0, 2000, false);
    expect(positionAt(glide, 0)).toEqual([5000, 0]);
  });

  it('takes a long gap in its stride, in at most four seconds', () => {
    const glide = glideTo(restingAt([0, 0]), [600, 0], 0, 60_000, false);
    expect(glide.durationMs).toBe(4000);
  });

  it('does not glide when nothing may move', () => {
    const glide = glideTo(restingAt([0, 0]), [50, 0], 0, 2000, true);
    expect(positionAt(glide, 0)).toEqual([50, 0]);
    expect(isMoving(glide, 0)).toBe(false);
  });
});

describe('the pace of drawing', () => {
  it('follows the fastest mover: half a pixel a step, never faster than thirty a second', () => {
    const glide: Glide = { from: [0, 0], to: [40, 0], startMs: 0, durationMs: 2000 };
    expect(pixelsPerSecond(glide, 10)).toBe(2);
    expect(frameIntervalMs(2, 0)).toBe(250);
    expect(frameIntervalMs(1000, 0)).toBe(33);
    expect(frameIntervalMs(0, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('slows down where drawing is dear, so that it takes a fifth of the time at most', () => {
    expect(frameIntervalMs(1000, 100)).toBe(500);
  });
});
