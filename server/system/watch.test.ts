import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Clock, manualClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Database } from '../../core/ports.ts';
import { testLogger } from '../../test/support/logger.ts';
import { createHealth } from './index.ts';
import { createWatch, type WatchOptions } from './watch.ts';

const START = Date.parse('2026-11-22T08:00:00+07:00');
const dir = mkdtempSync(join(tmpdir(), 'haidang-watch-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A watch over a database of our making, and what it says about one component. */
function watching(over: Partial<WatchOptions> & { answer?: () => Promise<number> } = {}) {
  const manual = manualClock(START);
  let stepMs = 0;
  const clock: Clock = { ...manual, now: () => manual.now() + stepMs };
  const health = createHealth(clock);
  const answer = over.answer ?? (async () => clock.now());
  const query: Database['query'] = async <Row>() => [{ ms: await answer() }] as Row[];
  const watch = createWatch({
    database: {
      query,
      transaction: () => Promise.reject(new Error('not here')),
      as: () => {
        throw new Error('not here');
      },
    },
    clock,
    logger: testLogger(),
    health,
    dataDir: dir,
    disk: async () => ({ totalBytes: 100e9, freeBytes: 50e9 }),
    ...over,
  });
  return {
    watch,
    manual,
    stepClock: (ms: number) => {
      stepMs += ms;
    },
    item: (component: string) => health.items().find((each) => each.component === component),
    async seen(component: string) {
      await watch.round();
      return health.items().find((each) => each.component === component);
    },
  };
}

describe('the watch', () => {
  it.each([
    [0.5, 'ok', undefined],
    [0.849, 'ok', undefined],
    [0.85, 'degraded', undefined],
    [0.969, 'degraded', undefined],
    [0.97, 'down', 'storage.full'],
    [1, 'down', 'storage.full'],
  ])('says of a disk that is full to %d: %s', async (used, state, code) => {
    const { seen } = watching({ disk: async () => ({ totalBytes: 1e12, freeBytes: 1e12 * (1 - used) }) });
    expect(await seen('disk')).toMatchObject({ state, ...(code ? { code } : {}) });
  });

  it('asks the operating system about the real disk', async () => {
    const { seen } = watching({ disk: undefined });
    expect((await seen('disk'))?.message.en).toMatch(/data disk/);
  });

  it('reports a database that fails, one that hangs and one that is slow, and that it is back', async () => {
    let behaviour: 'fine' | 'fails' | 'hangs' | 'slow' = 'fails';
    const { watch, manual, item } = watching({
      answer: async () => {
        if (behaviour === 'fails') throw new AppError('db.unavailable');
        if (behaviour === 'hangs') return new Promise<number>(() => {});
        if (behaviour === 'slow') manual.advance(1600);
        return manual.now();
      },
    });
    await watch.round();
    expect(item('database')).toMatchObject({ state: 'down', code: 'db.unavailable' });
    behaviour = 'fine';
    await watch.round();
    expect(item('database')).toMatchObject({ state: 'ok' });
    behaviour = 'slow';
    await watch.round();
    expect(item('database')).toMatchObject({
      state: 'degraded',
      message: { en: 'The database answers slowly (1.6 s)' },
    });
    behaviour = 'hangs';
    const round = watch.round();
    manual.advance(5000);
    await round;
    expect(item('database')).toMatchObject({ state: 'down' });
  });

  it('sees a clock that jumps, either way, for ten minutes', async () => {
    const { seen, stepClock, manual } = watching();
    expect(await seen('clock')).toMatchObject({ state: 'ok' });
    stepClock(-3_600_000);
    expect(await seen('clock')).toMatchObject({
      state: 'degraded',
      message: { en: expect.stringContaining('jumped by −3600 s') },
    });
    manual.advance(599_000);
    expect(await seen('clock')).toMatchObject({ state: 'degraded' });
    manual.advance(1000);
    expect(await seen('clock')).toMatchObject({ state: 'ok' });
    // A second or so is what time synchronisation does every day.
    stepClock(1500);
    expect(await seen('clock')).toMatchObject({ state: 'ok' });
  });

  it('sees a clock that differs from the database’s', async () => {
    const { seen } = watching({ answer: async () => START + 10_000 });
    expect(await seen('clock')).toMatchObject({
      state: 'degraded',
      message: { en: expect.stringContaining('+10 s off') },
    });
  });

  it.skipIf(!hasOpenssl())('warns a week before a certificate ends, and says when it has ended', async () => {
    const file = join(dir, 'cert.pem');
    execFileSync(
      'openssl',
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=x -keyout ${join(dir, 'key.pem')} -out ${file}`.split(
        ' ',
      ),
      { stdio: 'ignore' },
    );
    // Made today, whatever day that is: the watch's clock is set beside it.
    const atDays = async (days: number) => {
      const clock = manualClock(Date.now() + days * 86_400_000);
      const { seen } = watching({ clock, certificates: [{ name: 'MQTT', file }] });
      return seen('certificate.MQTT');
    };
    expect(await atDays(20)).toMatchObject({ state: 'ok' });
    expect(await atDays(24)).toMatchObject({
      state: 'degraded',
      message: { en: 'The certificate MQTT expires in 5 days' },
    });
    expect(await atDays(31)).toMatchObject({ state: 'down' });
  });

  it('says so when a certificate cannot be read', async () => {
    writeFileSync(join(dir, 'torn.pem'), 'not a certificate');
    const { seen } = watching({ certificates: [{ name: 'MQTT', file: join(dir, 'torn.pem') }] });
    expect(await seen('certificate.MQTT')).toMatchObject({ state: 'degraded' });
  });

  it('looks again and again until it is stopped', async () => {
    let asked = 0;
    const { watch, manual } = watching({
      answer: async () => {
        asked++;
        return manual.now();
      },
    });
    const settle = async () => {
      for (let i = 0; i < 20; i++) await Promise.resolve();
    };
    watch.start();
    await settle();
    expect(asked).toBe(1);
    manual.advance(5000);
    await settle();
    expect(asked).toBe(2);
    watch.stop();
    manual.advance(60_000);
    await settle();
    expect(asked).toBe(2);
  });
});
