import { describe, expect, it } from 'vitest';
import { manualClock } from '../../core/clock.ts';
import { createHealth } from './index.ts';

describe('health', () => {
  it('keeps since when a state has lasted, whatever the message says meanwhile', () => {
    const clock = manualClock(1000);
    const health = createHealth(clock);
    const say = (state: 'ok' | 'degraded' | 'down', en: string) =>
      health.set({ component: 'disk', state, message: { vi: en, en } });
    say('degraded', '86 %');
    clock.advance(500);
    say('degraded', '87 %');
    expect(health.items()).toEqual([
      { component: 'disk', state: 'degraded', message: { vi: '87 %', en: '87 %' }, sinceMs: 1000 },
    ]);
    say('down', 'full');
    expect(health.items()[0]?.sinceMs).toBe(1500);
    clock.advance(1);
    say('ok', 'room');
    clock.advance(1);
    health.set({ component: 'clock', state: 'ok', message: { vi: '', en: '' } });
    expect(health.items().map(({ component, sinceMs }) => [component, sinceMs])).toEqual([
      ['disk', 1501],
      ['clock', 1502],
    ]);
  });
});
