import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../core/clock.ts';
import { createBacklog } from './backlog.ts';

describe('the backlog', () => {
  it('does everything once and in order, in stretches between which others have their turn', async () => {
    const clock = manualClock(0);
    const done: number[] = [];
    // Every piece of work takes a millisecond: a stretch ends at the next look at the clock.
    const backlog = createBacklog<number>(clock, (n) => {
      done.push(n);
      clock.advance(1);
    });
    for (let n = 0; n < 100; n++) backlog.push(n);
    expect(done).toEqual([]);
    await turn();
    const first = done.length;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(100);
    expect(backlog.length).toBe(100 - first);
    while (backlog.length > 0) await turn();
    expect(done).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  it('takes more while it works', async () => {
    const clock = manualClock(0);
    let pushed = 0;
    let worked = 0;
    const backlog = createBacklog<{ n: number }>(clock, () => {
      worked++;
      clock.advance(1);
      // One more for each that is done: it never runs dry.
      if (pushed < 3000) backlog.push({ n: pushed++ });
    });
    for (let n = 0; n < 50; n++) {
      backlog.push({ n: pushed++ });
    }
    while (worked < 3000) await turn();
    expect(worked).toBeGreaterThanOrEqual(3000);
    expect(backlog.length).toBeLessThanOrEqual(50);
  });
});
