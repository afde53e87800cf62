import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../core/clock.ts';
import { about, seedAlertWorld, signalAt, T0 } from '../../test/support/alert-signals.ts';
import { callersByToken, startApi, type TestApi } from '../../test/support/api.ts';
import { createEmbeddedTestDatabase } from '../../test/support/embedded.ts';
import { testLogger } from '../../test/support/logger.ts';
import { callerWith, emptyAlerts, seedCamera } from '../../test/support/seed.ts';
import { testTrail } from '../../test/support/trail.ts';
import { createMemoryBus } from '../bus/index.ts';
import type { OpenDatabase } from '../db/index.ts';
import { createHealth } from '../system/index.ts';
import { type Alerts, createAlerts } from './index.ts';

const sessions = callersByToken({
  operator: callerWith('operator'),
  viewer: callerWith('viewer'),
  integrator: callerWith('integrator'),
  a: callerWith('operator', { areas: ['commune-a'] }),
  b: callerWith('operator', { areas: ['commune-b'] }),
});

describe('the routes of alerts', () => {
  let database: OpenDatabase;
  let alerts: Alerts;
  let api: TestApi;
  let dataDir: string;
  let id: number;

  beforeAll(async () => {
    database = await createEmbeddedTestDatabase();
    await seedAlertWorld(database);
    // Seen from the neighbouring commune.
    await seedCamera(database, { id: 'eye', at: [105.145, 9.18], areaId: 'commune-b' });
    dataDir = mkdtempSync(join(tmpdir(), 'haidang-alerts-'));
    alerts = createAlerts({
      database,
      bus: createMemoryBus(testLogger()),
      clock: manualClock(T0),
      logger: testLogger(),
      health: createHealth(manualClock(T0)),
      audit: testTrail(database, manualClock(T0)),
      dataDir,
      snapshotSource: null,
    });
    api = await startApi(alerts.routes, sessions);
  });
  afterAll(async () => {
    await api.close();
    await database.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await emptyAlerts(database);
    const [change] = await database.transaction((tx) =>
      alerts.apply(tx, [about('st-1', signalAt(0, 'raise'))]),
    );
    id = change?.data.alert.id ?? 0;
  });

  const call = (token: string, method: string, path: string, body?: unknown) =>
    api.call(method, path, { token, body });

  it('let an operator acknowledge, comment and resolve', async () => {
    expect((await call('operator', 'POST', `/alerts/${id}/acknowledge`, {})).body).toMatchObject({
      id,
      state: 'acknowledged',
      acknowledgedBy: 'operator',
    });
    expect((await call('operator', 'POST', `/alerts/${id}/comment`, { text: 'đang xem' })).status).toBe(200);
    expect((await call('operator', 'POST', `/alerts/${id}/comment`, { text: '' })).status).toBe(400);
    expect((await call('operator', 'POST', `/alerts/${id}/acknowledge`, {})).body).toMatchObject({
      status: 409,
      code: 'alert.illegal_transition',
    });
    const resolved = await call('operator', 'POST', `/alerts/${id}/resolve`, { text: 'đã xử lý' });
    expect(resolved.body).toMatchObject({ state: 'closed', active: false });
    const detail = (await call('viewer', 'GET', `/alerts/${id}`)).body;
    expect(detail.events.map((event: { kind: string; text: string }) => [event.kind, event.text])).toEqual([
      ['raised', 'phút 0'],
      ['acknowledged', null],
      ['commented', 'đang xem'],
      ['resolved', 'đã xử lý'],
    ]);
  });

  it('count, and draw a bar for every hour', async () => {
    expect((await call('viewer', 'GET', '/alerts/counts')).body.major).toEqual({
      unacknowledged: 1,
      acknowledged: 0,
      returned_unacknowledged: 0,
    });
    const { buckets, bucketS } = (await call('viewer', 'GET', '/alerts/histogram?hours=24')).body;
    expect(bucketS).toBe(3600);
    expect(buckets).toHaveLength(24);
    expect(buckets.at(-1)).toMatchObject({ time: new Date(T0).toISOString(), major: 1 });
  });

  it('refuse who may not, and do not tell others’ alerts from none', async () => {
    expect((await call('viewer', 'POST', `/alerts/${id}/acknowledge`, {})).status).toBe(403);
    expect((await call('integrator', 'GET', '/alerts')).status).toBe(403);
    expect((await api.call('GET', '/alerts')).status).toBe(401);
    const missing = await call('b', 'GET', '/alerts/999999');
    for (const path of ['', '/snapshot']) {
      const answer = await call('b', 'GET', `/alerts/${id}${path}`);
      expect({ ...answer.body, requestId: '' }).toEqual({ ...missing.body, requestId: '' });
    }
    expect((await call('b', 'POST', `/alerts/${id}/comment`, { text: 'x' })).status).toBe(404);
    expect((await call('operator', 'GET', '/alerts/one')).status).toBe(400);
  });

  describe('give the stored picture', () => {
    const store = async (file: string) => {
      await database.query({
        text: `insert into alert_snapshots (alert_id, camera_id, camera_name, distance_m, taken_at, file, sha256, bytes)
               values ($1, 'eye', 'Camera eye', 10, $2, $3, 'abc', 4)`,
        values: [id, new Date(T0), file],
      });
    };

    it('to who may see the alert and the camera', async () => {
      mkdirSync(join(dataDir, 'media/alerts/2026/11'), { recursive: true });
      writeFileSync(join(dataDir, 'media/alerts/2026/11/x.jpg'), 'jpeg');
      expect((await call('operator', 'GET', `/alerts/${id}/snapshot`)).status).toBe(404);
      await store('alerts/2026/11/x.jpg');
      const { snapshot } = (await call('operator', 'GET', `/alerts/${id}`)).body;
      expect(snapshot).toMatchObject({ cameraId: 'eye', url: `/api/v1/alerts/${id}/snapshot` });
      const answer = await call('operator', 'GET', `/alerts/${id}/snapshot`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('image/jpeg');
      expect(Buffer.from(answer.body).toString()).toBe('jpeg');
      const again = await api.call('GET', `/alerts/${id}/snapshot`, {
        token: 'operator',
        headers: { 'if-none-match': answer.headers.get('etag') ?? '' },
      });
      expect(again.status).toBe(304);
      // The alert is theirs, the camera is not.
      expect((await call('a', 'GET', `/alerts/${id}`)).status).toBe(200);
      expect((await call('a', 'GET', `/alerts/${id}/snapshot`)).status).toBe(404);
    });

    it('and never a file outside the media folder', async () => {
      writeFileSync(join(dataDir, 'secret'), 'password');
      mkdirSync(join(dataDir, 'media'), { recursive: true });
      symlinkSync(join(dataDir, 'secret'), join(dataDir, 'media/link.jpg'));
      for (const file of [
        '../secret',
        'alerts/../../secret',
        join(dataDir, 'secret'),
        'link.jpg',
        'gone.jpg',
      ]) {
        await database.query({ text: 'truncate alert_snapshots', values: [] });
        await store(file);
        expect((await call('operator', 'GET', `/alerts/${id}/snapshot`)).status, file).toBe(404);
      }
    });
  });
});
