import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AlertState } from '../../core/api/alerts.ts';
import type { DeviceRecord, Effect } from '../../core/ports.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { seedAlertWorld } from '../../test/support/alert-signals.ts';
import {
  deviceRecord,
  handDirectory,
  type RunningRules,
  reading,
  startRules,
} from '../../test/support/rules.ts';
import { emptyAlerts, emptyRules, seedRule } from '../../test/support/seed.ts';
import type { OpenDatabase } from '../db/index.ts';

const T0 = Date.UTC(2026, 10, 22, 1);
const MINUTE = 60_000;

interface Row {
  rule_id: string;
  subject_id: string;
  state: AlertState;
  active: boolean;
  raised_at: Date;
  cleared_at: Date | null;
  occurrences: number;
  peak: number | null;
  explanation: { vi: string };
}

describe.each(DATABASE_ADAPTERS)('the rule engine on the $name', (adapter) => {
  let database: OpenDatabase;
  let devices: DeviceRecord[];
  const running: RunningRules[] = [];

  beforeAll(async () => {
    if (!adapter.available) return;
    database = await adapter.open();
    await seedAlertWorld(database);
  });
  afterAll(async () => await database?.close());
  beforeEach(async (context) => {
    if (!adapter.available) return context.skip();
    for (const rules of running.splice(0)) await rules.stop();
    await emptyRules(database);
    devices = [deviceRecord('st-1'), deviceRecord('st-2', { areaId: 'commune-b', type: 'weather' })];
  });

  const start = async () => {
    const rules = await startRules({ database, devices: handDirectory(devices) });
    running.push(rules);
    return rules;
  };
  const alerts = () =>
    database.query<Row>({ text: 'select * from alerts order by raised_at, id', values: [] });
  const states = () =>
    database.query<{ rule_id: string; state: { t: number; raised: boolean } }>({
      text: 'select rule_id, subject_id, state from rule_state order by rule_id, subject_id',
      values: [],
    });
  const minutes = (values: number[], from = 0) =>
    values.map((value, index) => reading('st-1', T0 + (from + index) * MINUTE, value));

  it('turns a reading over the limit into an alert, and its return into the end', async () => {
    await seedRule(database, { id: 'dust', params: { quantity: 'pm25', above: 150, clearBelow: 120 } });
    const rules = await start();
    await rules.feed(minutes([100, 151]));
    const [alert] = await alerts();
    expect(alert).toMatchObject({
      rule_id: 'dust',
      subject_id: 'st-1',
      active: true,
      state: 'unacknowledged',
    });
    expect(alert?.explanation.vi).toBe('PM2,5 = 151 µg/m³ > 150 lúc 08:01');
    await rules.feed(minutes([130, 119], 2));
    expect((await alerts())[0]).toMatchObject({ active: false, state: 'returned_unacknowledged' });
  });

  it('stores nothing for readings that say nothing', async () => {
    await seedRule(database, { id: 'dust' });
    const rules = await start();
    expect(rules.evaluate(minutes([10, 20, 30]))).toEqual([]);
  });

  it('writes one batch twice, after a rollback and after a lost answer, as if once', async () => {
    await seedRule(database, { id: 'dust' });
    const rules = await start();
    const effects = rules.evaluate(minutes([151, 100, 160]));
    const failed = database.transaction(async (tx) => {
      await rules.engine.persist(tx, effects);
      throw new Error('the connection broke');
    });
    await expect(failed).rejects.toThrow();
    expect(await alerts()).toEqual([]);
    await rules.commit(effects);
    const first = [await alerts(), await states()];
    expect(await rules.commit(effects)).toEqual([]);
    expect([await alerts(), await states()]).toEqual(first);
    expect(first[0]).toHaveLength(2);
  });

  it('goes on in the middle of a hold after a restart', async () => {
    await seedRule(database, { id: 'dust', params: { quantity: 'pm25', above: 150, forS: 600 } });
    const before = await start();
    await before.feed(minutes([160, 160, 160, 170, 160, 160, 160, 160]));
    expect(await alerts()).toEqual([]);
    await before.stop();
    const after = await start();
    await after.feed(minutes([160, 160], 8));
    expect(await alerts()).toEqual([]);
    await after.feed(minutes([160], 10));
    const [alert] = await alerts();
    expect(alert?.raised_at.getTime()).toBe(T0 + 10 * MINUTE);
    expect(alert?.peak).toBe(170);
    expect(alert?.explanation.vi).toBe('PM2,5 = 160 µg/m³ > 150 trong 10 phút (từ 08:00 đến 08:10)');
  });

  it('forgets in a crash exactly what was not committed', async () => {
    await seedRule(database, { id: 'dust', params: { quantity: 'pm25', above: 150, forS: 120 } });
    const before = await start();
    await before.feed(minutes([160]));
    // Evaluated, but the process dies before the commit: the device sends it again.
    before.evaluate(minutes([160, 160], 1));
    await before.stop();
    const after = await start();
    await after.feed(minutes([160, 160], 1));
    expect((await alerts()).map((alert) => alert.raised_at.getTime())).toEqual([T0 + 2 * MINUTE]);
  });

  it('never raises by late data, not even right after a restart', async () => {
    await seedRule(database, { id: 'dust' });
    const before = await start();
    await before.feed(minutes([100], 60));
    await before.feed(minutes([500], 30));
    expect(await alerts()).toEqual([]);
    await before.stop();
    const id = reading('st-1', T0, 0).seriesId;
    await database.query({
      text: `insert into latest_values (series_id, time, value, quality, received_at) values ($1, $2, 100, 0, now())`,
      values: [id, new Date(T0 + 60 * MINUTE)],
    });
    const after = await start();
    await after.feed(minutes([500], 40));
    expect(await alerts()).toEqual([]);
    await after.feed(minutes([500], 61));
    expect(await alerts()).toHaveLength(1);
  });

  it('gives the same alerts however the stream is cut into batches and processes', async () => {
    await seedRule(database, {
      id: 'dust',
      params: { quantity: 'pm25', above: 150, clearBelow: 120, forS: 180 },
    });
    await seedRule(database, {
      id: 'jump',
      kind: 'rate-of-change',
      params: { quantity: 'pm25', windowS: 300, rise: 40 },
    });
    const outcome = async () =>
      (await alerts()).map((alert) => [
        alert.rule_id,
        alert.raised_at.getTime(),
        alert.cleared_at?.getTime() ?? null,
        alert.peak,
        alert.occurrences,
      ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 90, max: 200 }), { minLength: 5, maxLength: 30 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.boolean()), { minLength: 30, maxLength: 30 }),
        async (values, cuts) => {
          const clean = async () => {
            await emptyAlerts(database);
            await database.query({ text: 'truncate rule_state', values: [] });
          };
          await clean();
          const whole = await start();
          await whole.feed(minutes(values));
          await whole.stop();
          const expected = await outcome();
          await clean();
          let rules = await start();
          const items = minutes(values);
          for (const [size, restart] of cuts) {
            await rules.feed(items.splice(0, size));
            if (items.length === 0) break;
            if (!restart) continue;
            await rules.stop();
            rules = await start();
          }
          await rules.stop();
          expect(await outcome()).toEqual(expected);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('applies a rule to the devices, types and areas that it names, all at once', async () => {
    await seedRule(database, { id: 'by-device', appliesTo: { devices: ['st-2'] } });
    await seedRule(database, { id: 'by-type', appliesTo: { types: ['weather'] } });
    await seedRule(database, { id: 'by-area', appliesTo: { areas: ['commune-b'] } });
    await seedRule(database, { id: 'by-tree', appliesTo: { areas: ['province'] } });
    await seedRule(database, { id: 'both', appliesTo: { areas: ['commune-a'], types: ['weather'] } });
    await seedRule(database, { id: 'draft', state: 'draft' });
    await seedRule(database, { id: 'water', params: { quantity: 'water_level', above: 1 } });
    const rules = await start();
    await rules.feed([reading('st-1', T0, 200), reading('st-2', T0, 200)]);
    expect((await alerts()).map((alert) => `${alert.rule_id} ${alert.subject_id}`).sort()).toEqual([
      'by-area st-2',
      'by-device st-2',
      'by-tree st-1',
      'by-tree st-2',
      'by-type st-2',
    ]);
  });

  it('follows a device that changes its area', async () => {
    await seedRule(database, { id: 'by-area', appliesTo: { areas: ['commune-b'] } });
    const rules = await start();
    await rules.feed([reading('st-1', T0, 200)]);
    expect(await alerts()).toEqual([]);
    devices[0] = deviceRecord('st-1', { areaId: 'commune-b' });
    rules.bus.emit('registry.changed', { kind: 'device', id: 'st-1' });
    rules.clock.advance(1000);
    await rules.settled();
    await rules.feed([reading('st-1', T0 + MINUTE, 200)]);
    expect(await alerts()).toHaveLength(1);
  });

  it('ends the alert of a device that is switched off, and forgets its state', async () => {
    await seedRule(database, { id: 'dust' });
    const rules = await start();
    await rules.feed(minutes([200]));
    devices[0] = deviceRecord('st-1', { enabled: false });
    rules.bus.emit('registry.changed', { kind: 'device', id: 'st-1' });
    rules.clock.advance(1000);
    await rules.settled();
    expect((await alerts())[0]).toMatchObject({ active: false, state: 'returned_unacknowledged' });
    expect(await states()).toEqual([]);
  });

  it('drops what belongs to a version that is not in force any more', async () => {
    await seedRule(database, { id: 'dust' });
    const rules = await start();
    const effects = rules.evaluate(minutes([200]));
    await database.query({ text: `update rules set version = 2 where id = 'dust'`, values: [] });
    expect(await rules.commit(effects)).toEqual([]);
    expect(await alerts()).toEqual([]);
    expect(await states()).toEqual([]);
  });

  it('tells an episode whose beginning is written after its end, and leaves nothing standing', async () => {
    await seedRule(database, { id: 'dust' });
    const rules = await start();
    const raise = rules.evaluate(minutes([200]));
    const clear = rules.evaluate(minutes([100], 1));
    await rules.commit(clear);
    expect(await alerts()).toEqual([]);
    await rules.commit(raise);
    expect(await alerts()).toMatchObject([{ state: 'returned_unacknowledged', active: false }]);
    expect((await states()).map((row) => row.state.raised)).toEqual([false]);
  });

  it('lets a newer beginning stand when an older end is written late', async () => {
    await seedRule(database, { id: 'dust' });
    const rules = await start();
    await rules.feed(minutes([200]));
    const clear = rules.evaluate(minutes([100], 1));
    const again = rules.evaluate(minutes([200], 2));
    await rules.commit(again);
    await rules.commit(clear);
    expect((await alerts()).map((alert) => alert.active)).toEqual([true]);
  });

  it('writes states in one order whoever writes, so that writers never block each other for good', async () => {
    await seedRule(database, { id: 'dust', params: { quantity: 'pm25', above: 150, forS: 86_400 } });
    devices.push(...Array.from({ length: 30 }, (_, index) => deviceRecord(`many-${index}`)));
    const rules = await start();
    const batches = Array.from({ length: 20 }, (_, batch): Effect[] => {
      const items = devices.map((device) => reading(device.id, T0 + batch * MINUTE, 160));
      return rules.evaluate(batch % 2 === 0 ? items : items.reverse());
    });
    await Promise.all(batches.map((effects) => rules.commit(effects)));
    const newest = (await states()).map((row) => row.state.t);
    expect(newest).toHaveLength(32);
    expect(new Set(newest)).toEqual(new Set([T0 + 19 * MINUTE]));
  });
});
