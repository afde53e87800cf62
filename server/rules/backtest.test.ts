import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chatterIndex, floods, timeInAlarmS } from '../../core/alarm-figures.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import {
  deviceRecord,
  handDirectory,
  type RunningRules,
  reading,
  startRules,
} from '../../test/support/rules.ts';
import { callerWith, seedRule } from '../../test/support/seed.ts';
import { realAir } from '../../test/support/stations.ts';
import type { OpenDatabase } from '../db/index.ts';
import { differenceOf, type WouldBe } from './backtest.ts';

const FROM = Date.UTC(2014, 0, 10);
const TO = Date.UTC(2014, 1, 10);
const air = realAir(FROM, TO);
const RULES = [
  { id: 'dust', kind: 'threshold', params: { quantity: 'pm25', above: 150, clearBelow: 120, forS: 10_800 } },
  {
    id: 'dust-high',
    kind: 'threshold',
    params: { quantity: 'pm25', above: 75, clearBelow: 60, forS: 7200, offS: 7200 },
  },
  { id: 'dust-often', kind: 'n-of-m', params: { quantity: 'pm25', above: 115, n: 3, m: 4, clearN: 0 } },
  { id: 'aqi', kind: 'vn-aqi', params: { above: 200, clearBelow: 150, hourlyMeans: true } },
  { id: 'silent', kind: 'missing-data', params: { quantity: 'pm25', forS: 14_400 } },
];

describe.skipIf(air.length === 0).each(DATABASE_ADAPTERS)(
  'looking back over a month of twelve real stations on the $name (../shared/data/air-quality)',
  (adapter) => {
    let database: OpenDatabase;
    let rules: RunningRules;

    beforeAll(async () => {
      if (!adapter.available) return;
      database = await adapter.open();
      for (const rule of RULES) await seedRule(database, rule);
      const names = [...new Set(air.map(({ station }) => station))];
      rules = await startRules({ database, devices: handDirectory(names.map((name) => deviceRecord(name))) });
      const items = air.map(({ station, quantity, timeMs, value }) =>
        reading(station, timeMs, value, { quantity }),
      );
      const series = [...new Map(items.map((item) => [item.seriesId, item])).values()];
      await database.query({
        text: `insert into series (id, device_id, quantity, unit) overriding system value
               select * from unnest($1::int[], $2::text[], $3::text[], $4::text[])`,
        values: [
          series.map((item) => item.seriesId),
          series.map((item) => item.deviceId),
          series.map((item) => item.quantity),
          series.map(() => 'ug/m3'),
        ],
      });
      for (let at = 0; at < items.length; at += 5000) {
        const batch = items.slice(at, at + 5000);
        await rules.feed(batch);
        await database.query({
          text: `insert into observations (series_id, time, value, quality)
                 select s, to_timestamp(t / 1000), v, 0 from unnest($1::int[], $2::float8[], $3::float8[]) as x(s, t, v)`,
          values: [
            batch.map((item) => item.seriesId),
            batch.map((item) => item.timeMs),
            batch.map((item) => item.value),
          ],
        });
      }
    });
    afterAll(async () => {
      await rules?.stop();
      await database?.close();
    });

    const range = { from: new Date(FROM).toISOString(), to: new Date(TO).toISOString() };

    it.skipIf(!adapter.available).each(['dust', 'dust-high', 'dust-often', 'aqi'])(
      'the rule %s would have raised, alarm for alarm, what it raised live on the same replay',
      async (id) => {
        const found = await rules.trials.backtest(callerWith('admin'), id, range);
        const live = await database.query<{
          subject_id: string;
          raised_at: Date;
          cleared_at: Date | null;
          explanation: unknown;
        }>({
          text: 'select subject_id, raised_at, cleared_at, explanation from alerts where rule_id = $1 order by raised_at, subject_id',
          values: [id],
        });
        expect(found.alarms.length).toBeGreaterThan(10);
        expect(
          found.alarms.map(({ subjectId, raisedAt, clearedAt }) => [subjectId, raisedAt, clearedAt]),
        ).toEqual(
          live.map((row) => [
            row.subject_id,
            row.raised_at.toISOString(),
            row.cleared_at?.toISOString() ?? null,
          ]),
        );
        expect(found.count).toBe(live.length);
        expect(found.days.reduce((sum, { count }) => sum + count, 0)).toBe(live.length);
      },
    );

    it.skipIf(!adapter.available)('tells the difference that a change would make', async () => {
      const found = await rules.trials.backtest(callerWith('admin'), 'dust', {
        ...range,
        change: { params: { quantity: 'pm25', above: 200, clearBelow: 120, forS: 10_800 } },
      });
      const { inForce } = found;
      // A higher limit raises nothing that the lower one did not.
      expect(inForce?.added).toEqual([]);
      expect(inForce?.removed.length).toBeGreaterThan(0);
      expect((inForce?.same ?? 0) + (inForce?.removed.length ?? 0)).toBe(inForce?.count);
      expect(found.timeInAlarmS).toBeLessThan(inForce?.timeInAlarmS ?? 0);
    });

    it.skipIf(!adapter.available)('judges silence by the gaps between what is stored', async () => {
      const found = await rules.trials.backtest(callerWith('admin'), 'silent', range);
      const times = new Map<string, number[]>();
      for (const { station, quantity, timeMs } of air) {
        if (quantity === 'pm25') times.set(station, [...(times.get(station) ?? []), timeMs]);
      }
      let gaps = 0;
      for (const all of times.values()) {
        for (const [index, time] of [...all, TO].entries()) {
          if (index > 0 && time - (all[index - 1] ?? time) > 14_400_000) gaps += 1;
        }
      }
      expect(found.count).toBe(gaps);
    });
  },
);

describe('the figures of alarms', () => {
  it('flood from more than ten in ten minutes until fewer than five', () => {
    const minute = 60_000;
    const times = Array.from({ length: 12 }, (_, index) => index * 10_000);
    // The eleventh comes after 100 s; only four are younger than ten minutes 670 s on; it is looked at every minute.
    expect(floods(times, 60 * minute)).toEqual([[100_000, 710_000]]);
    expect(floods(times.slice(0, 10), 60 * minute)).toEqual([]);
  });

  it('chatter when the same one comes three times a minute', () => {
    const span = (key: string, raisedAtMs: number) => ({ key, raisedAtMs, clearedAtMs: raisedAtMs + 1000 });
    expect(chatterIndex([span('a', 0), span('a', 20_000), span('a', 40_000)])).toBeCloseTo(0.05);
    expect(chatterIndex([span('a', 0), span('b', 20_000)])).toBe(0);
    expect(timeInAlarmS([span('a', 0), { key: 'a', raisedAtMs: 5000, clearedAtMs: null }], 500, 7000)).toBe(
      2.5,
    );
  });

  it('match alarms of one subject that overlap, each once', () => {
    const alarm = (subjectId: string, raisedAtMs: number, clearedAtMs: number | null): WouldBe => ({
      subjectType: 'device',
      subjectId,
      raisedAtMs,
      clearedAtMs,
      peak: null,
      position: null,
      explanation: { vi: '', en: '' },
    });
    const found = differenceOf(
      [alarm('a', 10, 20), alarm('a', 30, null), alarm('b', 1, 2)],
      [alarm('a', 5, 12), alarm('b', 3, 4)],
    );
    expect(found.same).toBe(1);
    expect(found.added.map((one) => [one.subjectId, one.raisedAtMs])).toEqual([
      ['a', 30],
      ['b', 1],
    ]);
    expect(found.removed.map((one) => one.subjectId)).toEqual(['b']);
  });
});
