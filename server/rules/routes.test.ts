import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceRecord } from '../../core/ports.ts';
import type { LonLat, PositionFix } from '../../core/reading.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { seedAlertWorld } from '../../test/support/alert-signals.ts';
import { callersByToken, startApi, type TestApi } from '../../test/support/api.ts';
import {
  deviceRecord,
  handDirectory,
  type RunningRules,
  reading,
  seriesId,
  startRules,
} from '../../test/support/rules.ts';
import { callerWith, emptyRules, seedUnit } from '../../test/support/seed.ts';
import type { OpenDatabase } from '../db/index.ts';

const T0 = Date.UTC(2026, 10, 22, 1);
const MINUTE = 60_000;

const sessions = callersByToken({
  admin: callerWith('admin'),
  local: callerWith('admin', { areas: ['commune-a'] }),
  traffic: callerWith('admin', { domains: ['traffic'] }),
  viewer: callerWith('viewer'),
});

const DUST = {
  id: 'dust',
  kind: 'threshold',
  name: 'Bụi mịn cao',
  domain: 'environment',
  severity: 'major',
  params: { quantity: 'pm25', above: 150, clearBelow: 120, forS: 10_800 },
};

const fix = (minute: number, at: LonLat): PositionFix => ({
  kind: 'position',
  deviceId: 'gps-1',
  seriesId: seriesId('gps-1', 'position'),
  timeMs: T0 + minute * MINUTE,
  lon: at[0],
  lat: at[1],
  speedKmh: 40,
  headingDeg: 90,
  accuracyM: 10,
  areaId: 'commune-a',
  unitId: 'team',
});

describe.each(DATABASE_ADAPTERS)('rules as data on the $name', (adapter) => {
  let database: OpenDatabase;
  let rules: RunningRules;
  let api: TestApi;
  const devices: DeviceRecord[] = [
    deviceRecord('st-1'),
    deviceRecord('gps-1', {
      mobile: true,
      type: 'gps-tracker',
      unitId: 'team',
      position: null,
      areaId: null,
    }),
  ];

  beforeAll(async () => {
    if (!adapter.available) return;
    database = await adapter.open();
    await seedAlertWorld(database);
    await seedUnit(database, { id: 'team' });
  });
  afterAll(async () => {
    await api?.close();
    await rules?.stop();
    await database?.close();
  });
  beforeEach(async (context) => {
    if (!adapter.available) return context.skip();
    await api?.close();
    await rules?.stop();
    await emptyRules(database);
    rules = await startRules({ database, devices: handDirectory(devices) });
    api = await startApi([...rules.routes, ...rules.alerts.routes], sessions);
  });

  const admin = (method: string, path: string, body?: unknown) =>
    api.call(method, path, { token: 'admin', body });
  const alerts = async (query = '') => (await admin('GET', `/alerts${query}`)).body.items;

  it('lists the kinds with the schema of their parameters', async () => {
    const { body } = await api.call('GET', '/rule-kinds', { token: 'viewer' });
    const threshold = body.items.find((kind: { id: string }) => kind.id === 'threshold');
    expect(threshold).toMatchObject({ vi: 'Vượt ngưỡng', subject: 'device' });
    expect(Object.keys(threshold.params.properties)).toEqual([
      'quantity',
      'above',
      'below',
      'clearBelow',
      'clearAbove',
      'forS',
      'offS',
    ]);
  });

  it('makes a draft that says itself in words, and puts it into force on demand', async () => {
    const made = await admin('POST', '/rules', DUST);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      id: 'dust',
      state: 'draft',
      version: 1,
      updatedBy: 'admin',
      appliesTo: {},
      explanation: {
        vi: 'PM2,5 trên 150 µg/m³ liên tục 3 giờ, hết khi dưới 120 µg/m³',
        en: 'PM2.5 above 150 µg/m³ for 3 hours, cleared below 120 µg/m³',
      },
    });
    await admin('PATCH', '/rules/dust', { appliesTo: { devices: ['st-1'] } });
    const changed = await admin('PATCH', '/rules/dust', { params: { quantity: 'pm25', above: 150 } });
    expect(changed.body).toMatchObject({ appliesTo: { devices: ['st-1'] }, severity: 'major', version: 3 });
    await rules.feed([reading('st-1', T0, 200)]);
    expect(await alerts()).toEqual([]);
    expect((await admin('POST', '/rules/dust/activate')).body).toMatchObject({ state: 'active', version: 3 });
    await rules.feed([reading('st-1', T0 + MINUTE, 200)]);
    expect(await alerts()).toMatchObject([{ ruleId: 'dust', ruleVersion: 3, title: 'Bụi mịn cao' }]);
  });

  it('begins anew with every version, ends what stood by the old one, and keeps every version', async () => {
    await admin('POST', '/rules', { ...DUST, params: { quantity: 'pm25', above: 150 } });
    await admin('POST', '/rules/dust/activate');
    await rules.feed([reading('st-1', T0, 200)]);
    const changed = await admin('PATCH', '/rules/dust', {
      name: 'Bụi rất cao',
      params: { quantity: 'pm25', above: 180 },
    });
    expect(changed.body).toMatchObject({ version: 2, state: 'active', name: 'Bụi rất cao' });
    const [old] = await alerts();
    expect(old).toMatchObject({ state: 'returned_unacknowledged', active: false, title: 'Bụi mịn cao' });
    expect((await admin('GET', `/alerts/${old.id}`)).body.events.at(-1).text).toBe('Quy tắc đã được sửa');
    await rules.feed([reading('st-1', T0 + MINUTE, 170), reading('st-1', T0 + 2 * MINUTE, 190)]);
    expect((await alerts('?state=unacknowledged')).map((alert: { title: string }) => alert.title)).toEqual([
      'Bụi rất cao',
    ]);
    const versions = (await admin('GET', '/rules/dust/versions')).body.items;
    expect(
      versions.map((v: { version: number; snapshot: { params: { above: number } } }) => [
        v.version,
        v.snapshot.params.above,
      ]),
    ).toEqual([
      [2, 180],
      [1, 150],
    ]);
  });

  it('retires a rule: its alerts end, its states are gone, and it judges nothing any more', async () => {
    await admin('POST', '/rules', { ...DUST, params: { quantity: 'pm25', above: 150 } });
    await admin('POST', '/rules/dust/activate');
    await rules.feed([reading('st-1', T0, 200)]);
    const retired = await admin('PATCH', '/rules/dust', { state: 'retired' });
    expect(retired.body).toMatchObject({ state: 'retired', version: 1 });
    expect((await alerts())[0]).toMatchObject({ active: false });
    await rules.feed([reading('st-1', T0 + MINUTE, 300)]);
    expect(await alerts()).toHaveLength(1);
    const states = await database.query({ text: 'select * from rule_state', values: [] });
    expect(states).toEqual([]);
    await admin('POST', '/rules/dust/activate');
    await rules.feed([reading('st-1', T0 + 2 * MINUTE, 300)]);
    expect(await alerts()).toHaveLength(2);
  });

  it.each([
    ['an unknown kind', { kind: 'crystal-ball' }, 'kind: crystal-ball is none of'],
    ['a limit on both sides', { params: { quantity: 'pm25', above: 1, below: 0 } }, 'either above or below'],
    ['a parameter that is not known', { params: { quantity: 'pm25', above: 1, forMin: 3 } }, 'forMin'],
    [
      'a clearing limit on the wrong side',
      { params: { quantity: 'pm25', above: 1, clearBelow: 2 } },
      'clearBelow',
    ],
    ['a quantity with a strange name', { params: { quantity: 'PM 2.5', above: 1 } }, 'params.quantity'],
    ['a device that is not there', { appliesTo: { devices: ['ghost'] } }, 'there is no device ghost'],
    ['an area that is not there', { appliesTo: { areas: ['atlantis'] } }, 'there is no area atlantis'],
    [
      'a fence of an area that is not there',
      { kind: 'geofence', params: { area: 'atlantis', on: 'enter' } },
      'there is no area atlantis',
    ],
    [
      'a fence that crosses itself',
      {
        kind: 'geofence',
        params: {
          polygon: {
            type: 'Polygon',
            coordinates: [
              [
                [0, 0],
                [1, 1],
                [1, 0],
                [0, 3],
                [0, 0],
              ],
            ],
          },
          on: 'enter',
        },
      },
      'crosses itself',
    ],
  ])('refuses %s with the reason', async (_, wrong, reason) => {
    const answer = await admin('POST', '/rules', { ...DUST, ...wrong });
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe('rule.invalid');
    expect(answer.body.detail).toContain(reason);
  });

  it('makes ids from names without taking one twice', async () => {
    const { id: _, ...nameless } = DUST;
    expect((await admin('POST', '/rules', nameless)).body.id).toBe('bui-min-cao');
    expect((await admin('POST', '/rules', nameless)).body.id).toBe('bui-min-cao-2');
    expect((await admin('POST', '/rules', { ...DUST, id: 'bui-min-cao' })).status).toBe(409);
  });

  it('lets everybody who may read see all rules, and only those write who may everywhere', async () => {
    await admin('POST', '/rules', DUST);
    expect((await api.call('GET', '/rules', { token: 'viewer' })).body.items).toHaveLength(1);
    expect((await api.call('GET', '/rules/dust', { token: 'local' })).body.id).toBe('dust');
    for (const token of ['viewer', 'local', 'traffic']) {
      const body = { ...DUST, id: `by-${token}` };
      expect((await api.call('POST', '/rules', { token, body })).status, token).toBe(403);
      expect((await api.call('PATCH', '/rules/dust', { token, body: { name: 'x' } })).status).toBe(403);
      expect((await api.call('POST', '/rules/dust/activate', { token })).status).toBe(403);
    }
    // Allowed in traffic: to make a rule there, not to move one in from elsewhere.
    const body = { ...DUST, id: 'jam', domain: 'traffic' };
    expect((await api.call('POST', '/rules', { token: 'traffic', body })).status).toBe(201);
    expect((await admin('GET', '/rules/none')).status).toBe(404);
    expect((await admin('PATCH', '/rules/none', { name: 'x' })).status).toBe(404);
  });

  it('pages and filters the list', async () => {
    for (const id of ['a', 'b', 'c']) await admin('POST', '/rules', { ...DUST, id });
    await admin('POST', '/rules/b/activate');
    const first = (await admin('GET', '/rules?limit=2')).body;
    expect(first.items.map((rule: { id: string }) => rule.id)).toEqual(['a', 'b']);
    const second = (await admin('GET', `/rules?limit=2&cursor=${first.nextCursor}`)).body;
    expect(second.items.map((rule: { id: string }) => rule.id)).toEqual(['c']);
    expect(second.nextCursor).toBeNull();
    const active = (await admin('GET', '/rules?state=active')).body;
    expect(active.items.map((rule: { id: string }) => rule.id)).toEqual(['b']);
  });

  it('raises about the unit whose tracker crosses a fence, once, and ends it when it leaves', async () => {
    await admin('POST', '/rules', {
      ...DUST,
      id: 'zone',
      kind: 'geofence',
      params: { area: 'commune-a', on: 'enter' },
      appliesTo: { types: ['gps-tracker'] },
    });
    await admin('POST', '/rules/zone/activate');
    await rules.feed([fix(0, [105.05, 9.2]), fix(1, [105.15, 9.2]), fix(2, [105.16, 9.2])]);
    const [alert] = await alerts();
    expect(alert).toMatchObject({
      subject: { type: 'unit', id: 'team', name: 'Tổ team' },
      position: [105.15, 9.2],
      active: true,
      explanation: { vi: 'Vào Xã A lúc 08:01', en: 'Entered Xã A at 08:01' },
    });
    await rules.feed([fix(3, [105.05, 9.2])]);
    expect((await alerts())[0]).toMatchObject({
      active: false,
      clearedAt: new Date(T0 + 3 * MINUTE).toISOString(),
    });
  });

  it('speaks of the unit as soon as a tracker is its own, and ends what was said of the device', async () => {
    await admin('POST', '/rules', {
      ...DUST,
      id: 'zone',
      kind: 'geofence',
      params: { circle: { centre: [105.15, 9.2], radiusM: 2000 }, on: 'enter' },
      appliesTo: { devices: ['gps-1'] },
    });
    await admin('POST', '/rules/zone/activate');
    devices[1] = deviceRecord('gps-1', { ...devices[1], unitId: null });
    await rules.feed([fix(0, [105.05, 9.2]), fix(1, [105.15, 9.2])]);
    expect((await alerts())[0].subject).toMatchObject({ type: 'device', id: 'gps-1' });
    devices[1] = deviceRecord('gps-1', { ...devices[1], unitId: 'team' });
    await rules.feed([fix(2, [105.05, 9.2]), fix(3, [105.15, 9.2])]);
    rules.clock.advance(1000);
    await rules.settled();
    expect(
      (await alerts()).map((a: { subject: { type: string }; active: boolean }) => [a.subject.type, a.active]),
    ).toEqual([
      ['unit', true],
      ['device', false],
    ]);
  });
});
