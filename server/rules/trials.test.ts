import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { seedAlertWorld } from '../../test/support/alert-signals.ts';
import { callersByToken, startApi, type TestApi } from '../../test/support/api.ts';
import {
  deviceRecord,
  handDirectory,
  type RunningRules,
  reading,
  startRules,
} from '../../test/support/rules.ts';
import { callerWith, emptyRules } from '../../test/support/seed.ts';
import type { OpenDatabase } from '../db/index.ts';

const T0 = Date.UTC(2026, 10, 22, 1);
const MINUTE = 60_000;
const sessions = callersByToken({
  author: { ...callerWith('admin'), username: 'author' },
  head: { ...callerWith('admin'), username: 'head' },
});
const DUST = {
  id: 'dust',
  kind: 'threshold',
  name: 'Bụi mịn cao',
  domain: 'environment',
  severity: 'major',
  params: { quantity: 'pm25', above: 150 },
};

describe.each(DATABASE_ADAPTERS)('trying a rule out on the $name', (adapter) => {
  let database: OpenDatabase;
  let rules: RunningRules;
  let api: TestApi;

  beforeAll(async () => {
    if (!adapter.available) return;
    database = await adapter.open();
    await seedAlertWorld(database);
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
    rules = await startRules({
      database,
      devices: handDirectory([deviceRecord('st-1'), deviceRecord('st-2')]),
    });
    api = await startApi([...rules.routes, ...rules.alerts.routes], sessions);
  });

  const as = (token: string) => (method: string, path: string, body?: unknown) =>
    api.call(method, path, { token, body });
  const author = as('author');
  const head = as('head');
  const alerts = async () => (await author('GET', '/alerts')).body.items;

  it('puts a rule that is being written into words, with its schedule, and says whom it is about', async () => {
    const { body } = await author('POST', '/rules/explain', {
      kind: 'band',
      params: { quantity: 'ph', low: 6, high: 8.5 },
      appliesTo: { devices: ['st-2'] },
      options: { schedule: { from: '22:00', to: '05:00', holidays: 'never' }, latenessS: 120 },
    });
    expect(body).toEqual({
      explanation: {
        vi: 'pH ngoài khoảng 6–8,5; từ 22:00 đến 05:00, trừ ngày lễ; chờ dữ liệu trễ 2 phút',
        en: 'pH outside 6–8.5; from 22:00 to 05:00, not on public holidays; waits 2 minutes for late data',
      },
      devices: 1,
    });
    const wrong = await author('POST', '/rules/explain', {
      kind: 'expression',
      params: { inputs: ['pm25'], expression: 'pm25 >' },
    });
    expect(wrong.status).toBe(422);
    expect(wrong.body.code).toBe('rule.invalid');
    expect(wrong.body.detail).toContain('params.expression');
  });

  it('goes from draft to simulated to approved, and not by the author alone', async () => {
    await author('POST', '/rules', DUST);
    const range = { from: new Date(T0).toISOString(), to: new Date(T0 + 60 * MINUTE).toISOString() };
    const looked = await author('POST', '/rules/dust/backtest', range);
    expect(looked.status).toBe(200);
    expect(looked.body).toMatchObject({ count: 0, devices: 2, items: 0, inForce: null });
    expect((await author('GET', '/rules/dust')).body.state).toBe('simulated');
    expect((await author('GET', '/rules/dust/simulations')).body.items).toMatchObject([
      { version: 1, ranBy: 'author', summary: { count: 0, devices: 2 } },
    ]);
    expect((await author('POST', '/rules/dust/approve')).status).toBe(409);
    expect((await head('POST', '/rules/dust/approve')).body).toMatchObject({
      state: 'approved',
      approvedBy: 'head',
      updatedBy: 'author',
    });
    // What is changed after that is a draft again.
    const changed = await author('PATCH', '/rules/dust', { severity: 'minor' });
    expect(changed.body).toMatchObject({ state: 'draft', approvedBy: null, version: 2 });
    expect((await head('POST', '/rules/dust/approve')).body.state).toBe('approved');
    expect((await author('POST', '/rules/dust/activate')).body).toMatchObject({
      state: 'active',
      approvedBy: 'head',
    });
  });

  it('runs in the shadow and tells nobody; put into force it begins anew', async () => {
    await author('POST', '/rules', DUST);
    expect((await author('POST', '/rules/dust/shadow')).body.state).toBe('shadow');
    await rules.feed([
      reading('st-1', T0, 200),
      reading('st-1', T0 + MINUTE, 100),
      reading('st-1', T0 + 2 * MINUTE, 300),
    ]);
    expect(await alerts()).toEqual([]);
    const { body } = await author('GET', '/rules/dust/shadow-alarms');
    expect(body.items).toMatchObject([
      { subjectId: 'st-1', raisedAt: new Date(T0 + 2 * MINUTE).toISOString(), clearedAt: null, version: 1 },
      {
        subjectId: 'st-1',
        raisedAt: new Date(T0).toISOString(),
        clearedAt: new Date(T0 + MINUTE).toISOString(),
      },
    ]);
    await author('POST', '/rules/dust/activate');
    await rules.feed([reading('st-1', T0 + 3 * MINUTE, 300)]);
    expect(await alerts()).toMatchObject([
      { ruleId: 'dust', raisedAt: new Date(T0 + 3 * MINUTE).toISOString() },
    ]);
    expect((await author('POST', '/rules/dust/shadow')).status).toBe(409);
  });

  it('has one alert for a group of stations, about the group', async () => {
    await author('POST', '/rules', {
      ...DUST,
      id: 'many',
      kind: 'k-of-n',
      params: { quantity: 'pm25', above: 100, k: 2 },
    });
    await author('POST', '/rules/many/activate');
    await rules.feed([reading('st-1', T0, 200), reading('st-2', T0 + MINUTE, 200)]);
    await rules.feed([reading('st-1', T0 + 2 * MINUTE, 210)]);
    expect(await alerts()).toMatchObject([
      {
        subject: { type: 'group', id: 'many', name: 'Bụi mịn cao' },
        active: true,
        class: 'internal',
        explanation: { vi: '2/2 trạm có PM2,5 > 100 µg/m³ lúc 08:01' },
      },
    ]);
  });

  it('refuses a stretch that runs backwards', async () => {
    await author('POST', '/rules', DUST);
    const turned = { from: new Date(T0).toISOString(), to: new Date(T0 - 1).toISOString() };
    expect((await author('POST', '/rules/dust/backtest', turned)).status).toBe(400);
  });
});
