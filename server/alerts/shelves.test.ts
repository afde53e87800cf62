import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../core/clock.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { about, seedAlertWorld, signalAt, T0 } from '../../test/support/alert-signals.ts';
import { callersByToken, startApi, type TestApi } from '../../test/support/api.ts';
import { testLogger } from '../../test/support/logger.ts';
import { callerWith, emptyAlerts } from '../../test/support/seed.ts';
import { testTrail } from '../../test/support/trail.ts';
import { until } from '../../test/support/wait.ts';
import { createMemoryBus } from '../bus/index.ts';
import type { OpenDatabase } from '../db/index.ts';
import { createHealth } from '../system/index.ts';
import { type Alerts, createAlerts } from './index.ts';

const MINUTE = 60_000;
const sessions = callersByToken({
  operator: callerWith('operator'),
  viewer: callerWith('viewer'),
  b: callerWith('operator', { areas: ['commune-b'] }),
});

describe.each(DATABASE_ADAPTERS)('the shelf of alarms on the $name', (adapter) => {
  let database: OpenDatabase;
  let alerts: Alerts;
  let api: TestApi;
  let clock: ReturnType<typeof manualClock>;
  let id: number;

  beforeAll(async () => {
    if (!adapter.available) return;
    database = await adapter.open();
    await seedAlertWorld(database);
  });
  afterAll(async () => {
    await api?.close();
    await alerts?.stop();
    await database?.close();
  });
  beforeEach(async (context) => {
    if (!adapter.available) return context.skip();
    await api?.close();
    await alerts?.stop();
    await emptyAlerts(database);
    clock = manualClock(T0 + 10 * MINUTE);
    alerts = createAlerts({
      database,
      bus: createMemoryBus(testLogger()),
      clock,
      logger: testLogger(),
      health: createHealth(clock),
      audit: testTrail(database, clock),
      dataDir: '/nowhere',
      snapshotSource: null,
    });
    api = await startApi(alerts.routes, sessions);
    id = await raise(0);
  });

  const apply = async (minute: number, kind: 'raise' | 'clear') =>
    await database.transaction((tx) => alerts.apply(tx, [about('st-1', signalAt(minute, kind))]));
  const raise = async (minute: number) => (await apply(minute, 'raise'))[0]?.data.alert.id ?? 0;
  const call = (method: string, path: string, body?: unknown, token = 'operator') =>
    api.call(method, path, { token, body });
  const listed = async (query: string) =>
    (await call('GET', `/alerts${query}`)).body.items.map((alert: { id: number }) => alert.id);

  it('takes a reason, and no more time than the severity allows', async () => {
    const shelve = (body: object, token?: string) => call('POST', `/alerts/${id}/shelve`, body, token);
    expect((await shelve({ minutes: 30 })).status).toBe(400);
    expect((await shelve({ minutes: 30, reason: ' ' })).status).toBe(400);
    // Two hundred and forty minutes for a major one.
    expect((await shelve({ minutes: 241, reason: 'thay cảm biến' })).status).toBe(400);
    expect((await shelve({ minutes: 30, reason: 'x' }, 'viewer')).status).toBe(403);
    expect((await shelve({ minutes: 30, reason: 'x' }, 'b')).status).toBe(404);
    const { body } = await shelve({ minutes: 240, reason: 'thay cảm biến' });
    expect(body).toMatchObject({
      state: 'unacknowledged',
      active: true,
      hold: {
        kind: 'shelved',
        by: 'operator',
        reason: 'thay cảm biến',
        until: new Date(T0 + 250 * MINUTE).toISOString(),
      },
    });
    expect((await shelve({ minutes: 30, reason: 'x' })).body.code).toBe('alert.illegal_transition');
  });

  it('is one click away, and out of what is counted', async () => {
    await call('POST', `/alerts/${id}/shelve`, { minutes: 30, reason: 'x' });
    expect(await listed('?state=open&held=no')).toEqual([]);
    expect(await listed('?state=open&held=only')).toEqual([id]);
    expect(await listed('?state=open')).toEqual([id]);
    expect((await call('GET', '/alerts/counts')).body.major.unacknowledged).toBe(0);
    expect((await call('GET', '/alerts/figures')).body).toMatchObject({ held: 1, stale: 0 });
    await call('POST', `/alerts/${id}/unshelve`);
    expect((await call('GET', '/alerts/counts')).body.major.unacknowledged).toBe(1);
    expect((await call('POST', `/alerts/${id}/unshelve`)).body.code).toBe('alert.illegal_transition');
  });

  it('holds what comes of the same alarm meanwhile, and gives all of it back when its time is over', async () => {
    await call('POST', `/alerts/${id}/shelve`, { minutes: 30, reason: 'x' });
    await apply(12, 'clear');
    const again = await raise(15);
    expect(again).not.toBe(id);
    expect(await listed('?state=open&held=only')).toEqual([again, id]);
    alerts.start();
    clock.advance(31 * MINUTE);
    await until('the shelf is empty', async () => (await listed('?held=only')).length === 0);
    const { body } = await call('GET', `/alerts/${again}`);
    expect(body).toMatchObject({ state: 'unacknowledged', hold: null });
    expect(body.events.map((event: { kind: string; actor: string }) => [event.kind, event.actor])).toEqual([
      ['raised', 'system'],
      ['unshelved', 'system'],
    ]);
    const third = await (async () => {
      await apply(41, 'clear');
      return await raise(42);
    })();
    expect((await call('GET', `/alerts/${third}`)).body.hold).toBeNull();
  });

  it('lets go of what is closed', async () => {
    await call('POST', `/alerts/${id}/shelve`, { minutes: 30, reason: 'x' });
    const { body } = await call('POST', `/alerts/${id}/resolve`, { text: 'xong' });
    expect(body).toMatchObject({ state: 'closed', hold: null });
  });

  it('tells how the alarms behave', async () => {
    for (let minute = 1; minute < 9; minute += 2) {
      await apply(minute, 'clear');
      await raise(minute + 1);
    }
    await call('POST', `/alerts/${id}/acknowledge`, {});
    const { body } = await call('GET', '/alerts/figures?hours=1');
    expect(body).toMatchObject({
      total: 5,
      severities: { critical: 0, major: 5, minor: 0, info: 0 },
      per10MinMost: 5,
      floodShare: 0,
      medianAcknowledgeS: 600,
      chattering: 0,
    });
    expect(body.worst).toMatchObject([{ subjectId: 'st-1', count: 5, share: 1 }]);
    expect(body.hours.reduce((sum: number, hour: { count: number }) => sum + hour.count, 0)).toBe(5);
  });
});
