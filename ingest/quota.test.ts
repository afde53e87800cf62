import { describe, expect, it } from 'vitest';
import { manualClock } from '../core/clock.ts';
import { SourceQuota } from './quota.ts';

function setUp(readingsPerS: number) {
  const clock = manualClock(0);
  const shown: string[] = [];
  const light = {
    fault: (_: string, __: string, message: { en: string }) => shown.push(message.en),
    clear: () => undefined,
    code: undefined,
  };
  return { clock, shown, quota: new SourceQuota({ clock, light, readingsPerS }) };
}

describe('the allowance of a device', () => {
  it('lets a minute’s worth through at once and then asks for as much time as the excess is worth', () => {
    const { clock, quota, shown } = setUp(100);
    expect(quota.take('a', 6000)).toBe(0);
    expect(quota.take('a', 50)).toBe(500);
    expect(quota.waitMs('a')).toBe(500);
    expect(shown[0]).toContain('a');
    clock.advance(500);
    expect(quota.waitMs('a')).toBe(0);
  });

  it('is each device’s own', () => {
    const { quota } = setUp(100);
    quota.take('a', 7000);
    expect(quota.waitMs('a')).toBeGreaterThan(0);
    expect(quota.take('b', 100)).toBe(0);
  });

  it('never lets more through over any time than that time is worth, beyond the first minute', () => {
    const { clock, quota } = setUp(100);
    let taken = 0;
    for (let second = 0; second < 600; second++) {
      clock.set(second * 1000);
      for (let i = 0; i < 10; i++) {
        if (quota.waitMs('a') > 0) break;
        quota.take('a', 40);
        taken += 40;
      }
    }
    expect(taken).toBeLessThanOrEqual(100 * 600 + 6000 + 40);
    expect(taken).toBeGreaterThan(100 * 600);
  });
});
