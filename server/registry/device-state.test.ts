import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceState } from './device-state.ts';

const NOW = 1_000_000_000;
const at = (ageS: number | null, expectedIntervalS = 60, enabled = true) =>
  deviceState({
    enabled,
    lastReceivedMs: ageS === null ? null : NOW - ageS * 1000,
    expectedIntervalS,
    nowMs: NOW,
  });

describe('the state of a device', () => {
  it.each([
    [0, 'online'],
    [60, 'online'],
    [90, 'online'],
    [91, 'late'],
    [210, 'late'],
    [211, 'offline'],
  ])('is after %i s of a minute’s interval: %s', (ageS, state) => {
    expect(at(ageS)).toBe(state);
  });

  it('is never before the first message, and disabled whatever it sends', () => {
    expect(at(null)).toBe('never');
    expect(at(0, 60, false)).toBe('disabled');
    expect(at(null, 60, false)).toBe('disabled');
  });

  it('only ever gets worse with time', () => {
    const order = ['online', 'late', 'offline'];
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.integer({ min: 1, max: 31_536_000 }), (a, b, interval) => {
        const [young, old] = [Math.min(a, b), Math.max(a, b)];
        expect(order.indexOf(at(young, interval))).toBeLessThanOrEqual(order.indexOf(at(old, interval)));
      }),
    );
  });
});
