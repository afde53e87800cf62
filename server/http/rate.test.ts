import { describe, expect, it } from 'vitest';
import { manualClock } from '../../core/clock.ts';
import { callersByToken, startApi } from '../../test/support/api.ts';
import { callerWith } from '../../test/support/seed.ts';
import { createRate } from './rate.ts';
import { route } from './route.ts';

const START_MS = Date.UTC(2026, 10, 22);

describe('the rate of requests', () => {
  it('lets a burst through, then as much as flows, each caller apart', () => {
    const clock = manualClock(START_MS);
    const rate = createRate({ perS: 2, burst: 3, clock });
    const taken = (key: string, tries: number) =>
      Array.from({ length: tries }, () => {
        try {
          rate.take(key);
          return true;
        } catch {
          return false;
        }
      }).filter(Boolean).length;
    expect(taken('a', 10)).toBe(3);
    expect(taken('b', 10)).toBe(3);
    clock.advance(1000);
    expect(taken('a', 10)).toBe(2);
    clock.advance(3_600_000);
    expect(taken('a', 10)).toBe(3);
  });

  it('limits nobody when it is nought', () => {
    const rate = createRate({ perS: 0, burst: 0, clock: manualClock(START_MS) });
    for (let n = 0; n < 1000; n++) rate.take('a');
  });

  it('is kept for each person and for each address that nobody signed in from; devices have gates of their own', async () => {
    const list = (path: string, access: 'public' | 'authenticated' | 'device') =>
      route({
        method: 'get',
        path,
        summary: path,
        tag: 'test',
        access,
        response: null,
        async handler({ res }) {
          res.status(204).end();
        },
      });
    const callers = callersByToken({
      anna: callerWith('viewer'),
      binh: callerWith('operator'),
    });
    const api = await startApi(
      [list('/mine', 'authenticated'), list('/open', 'public'), list('/push', 'device')],
      callers,
      {
        authenticateDevice: async () => 'device',
        rate: { perS: 1, burst: 3, clock: manualClock(START_MS), isFree: ({ userId }) => userId === 'local' },
      },
    );
    const statuses = async (path: string, headers: Record<string, string>) => {
      const answers: number[] = [];
      for (let n = 0; n < 5; n++) answers.push((await api.call('GET', path, { headers })).status);
      return answers;
    };
    const as = (name: string) => ({ authorization: `Bearer ${name}` });
    expect(await statuses('/mine', as('anna'))).toEqual([204, 204, 204, 429, 429]);
    expect(await statuses('/mine', as('binh'))).toEqual([204, 204, 204, 429, 429]);
    // A token that is none counts for the address, like a request without one.
    expect(await statuses('/mine', as('nobody'))).toEqual([401, 401, 401, 429, 429]);
    expect(await statuses('/open', {})).toEqual([429, 429, 429, 429, 429]);
    const basic = { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` };
    expect(await statuses('/push', basic)).toEqual([204, 204, 204, 204, 204]);
    await api.close();
  });
});
