import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.ts';

const NOW = Date.UTC(2026, 10, 22);
const reading = (pm25: number, seq?: number) => ({ values: { pm25: { v: pm25 } }, seq });

describe('times for readings without one', () => {
  it('are the arrival, and never the same twice for one device', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 300 }), (steps) => {
        const arrivals = new Arrivals();
        let ms = NOW;
        const times = steps.map((step) => {
          ms += step;
          return arrivals.timeOf('a', reading(1), ms);
        });
        expect(new Set(times.map((time) => Math.round(time * 1000))).size).toBe(times.length);
        for (const [i, time] of times.entries()) {
          expect(time).toBeGreaterThanOrEqual(times[i - 1] ?? 0);
          expect(time - NOW).toBeLessThan(steps.length * 3 + 1);
        }
        expect(arrivals.timeOf('b', reading(1), NOW)).toBe(NOW);
      }),
    );
  });

  it('are the same again for a numbered reading that comes again word for word', () => {
    const arrivals = new Arrivals();
    const first = arrivals.timeOf('a', reading(5, 7), NOW);
    expect(arrivals.timeOf('a', reading(5, 7), NOW + 2000)).toBe(first);
    expect(arrivals.timeOf('a', reading(6, 7), NOW + 3000)).toBe(NOW + 3000);
    expect(arrivals.timeOf('b', reading(5, 7), NOW + 4000)).toBe(NOW + 4000);
    // The same number much later: the device has begun to count anew.
    expect(arrivals.timeOf('a', reading(5, 7), NOW + 3_600_000)).toBe(NOW + 3_600_000);
  });

  it('follow the clock when it steps back', () => {
    const arrivals = new Arrivals();
    arrivals.timeOf('a', reading(1), NOW);
    expect(arrivals.timeOf('a', reading(1), NOW - 3_600_000)).toBe(NOW - 3_600_000);
  });
});
