import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../core/clock.ts';
import { about, HERE, seedAlertWorld, signalAt, T0 } from '../../test/support/alert-signals.ts';
import { callersByToken, startApi, type TestApi } from '../../test/support/api.ts';
import { createEmbeddedTestDatabase } from '../../test/support/embedded.ts';
import { testLogger } from '../../test/support/logger.ts';
import { handDirectory, testAreas } from '../../test/support/rules.ts';
import { callerWith, seedUnit } from '../../test/support/seed.ts';
import { testTrail } from '../../test/support/trail.ts';
import { createAgencyTree } from '../agencies/tree.ts';
import { type Alerts, createAlerts } from '../alerts/index.ts';
import { createMemoryBus } from '../bus/index.ts';
import type { OpenDatabase } from '../db/index.ts';
import { createHealth } from '../system/index.ts';
import { createDispatch } from './index.ts';

const sessions = callersByToken({
  operator: callerWith('operator'),
  viewer: callerWith('viewer'),
  admin: callerWith('admin'),
});

describe('the routes of dispatch', () => {
  let database: OpenDatabase;
  let alerts: Alerts;
  let api: TestApi;
  let alertId: number;

  beforeAll(async () => {
    database = await createEmbeddedTestDatabase();
    await seedAlertWorld(database);
    await seedUnit(database, { id: 'a', at: HERE, seenAtMs: T0, areaId: 'commune-a' });
    const base = {
      database,
      bus: createMemoryBus(testLogger()),
      clock: manualClock(T0),
      logger: testLogger(),
      health: createHealth(manualClock(T0)),
      audit: testTrail(database, manualClock(T0)),
    };
    alerts = createAlerts({ ...base, dataDir: '/nowhere', snapshotSource: null });
    const { routes } = createDispatch({
      ...base,
      alerts,
      devices: handDirectory([]),
      areas: testAreas,
      agencies: createAgencyTree([]),
      profile: {
        dispatch: {
          unitKinds: [{ id: 'environment', nameVi: 'Tổ môi trường', nameEn: 'Environment team' }],
          suitability: {},
        },
      },
    });
    api = await startApi([...routes, ...alerts.routes], sessions);
    const [change] = await database.transaction((tx) =>
      alerts.apply(tx, [about('st-1', signalAt(0, 'raise'))]),
    );
    alertId = change?.data.alert.id ?? 0;
  });
  afterAll(async () => {
    await api.close();
    await database.close();
  });
  const call = (token: string, method: string, path: string, body?: unknown) =>
    api.call(method, path, { token, body });

  it('take an operator from the alert to the unit on scene', async () => {
    const { items } = (await call('operator', 'GET', `/alerts/${alertId}/recommendations`)).body;
    expect(items[0]).toMatchObject({ unit: { id: 'a' }, suitable: true });
    const sent = await call('operator', 'POST', '/dispatches', { alertId, unitId: 'a' });
    expect(sent.status).toBe(201);
    expect(sent.body).toMatchObject({ state: 'assigned', unitName: 'Tổ a', createdBy: 'operator' });
    const again = await call('operator', 'POST', '/dispatches', { alertId, unitId: 'a' });
    expect(again.body).toMatchObject({ status: 409, code: 'dispatch.unit_busy' });
    for (const state of ['accepted', 'en_route', 'on_scene']) {
      expect((await call('operator', 'PATCH', `/dispatches/${sent.body.id}`, { state })).body.state).toBe(
        state,
      );
    }
    const wrong = await call('operator', 'PATCH', `/dispatches/${sent.body.id}`, { state: 'accepted' });
    expect(wrong.body).toMatchObject({ status: 409, code: 'dispatch.illegal_transition' });
    expect((await call('viewer', 'GET', '/units/a')).body.status).toBe('on_scene');
    const list = (await call('viewer', 'GET', `/dispatches?alertId=${alertId}&active=true`)).body.items;
    expect(list).toHaveLength(1);
    expect((await call('viewer', 'GET', '/dispatches?active=false')).body.items).toEqual([]);
  });

  it('let each role do its part and no more', async () => {
    const unit = { name: 'Tổ 2', callSign: 'TO-2', kind: 'environment' };
    expect((await call('operator', 'POST', '/units', unit)).status).toBe(403);
    expect((await call('admin', 'POST', '/units', unit)).body).toMatchObject({ id: 'to-2' });
    expect((await call('viewer', 'PATCH', '/units/to-2/status', { status: 'out_of_service' })).status).toBe(
      403,
    );
    const off = await call('operator', 'PATCH', '/units/to-2/status', {
      status: 'out_of_service',
      reason: 'bảo dưỡng',
    });
    expect(off.body).toMatchObject({ status: 'out_of_service', statusReason: 'bảo dưỡng' });
    expect((await call('viewer', 'GET', '/units?status=out_of_service')).body.items).toHaveLength(1);
    expect((await call('operator', 'PATCH', '/units/to-2/status', { status: 'en_route' })).status).toBe(400);
    expect((await call('viewer', 'POST', '/dispatches', { alertId, unitId: 'to-2' })).status).toBe(403);
  });
});
