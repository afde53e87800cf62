import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock, seededRandom } from '../../core/clock.ts';
import { TIME_SERIES_ADAPTERS } from '../../test/support/adapters.ts';
import { testLogger } from '../../test/support/logger.ts';
import type { OpenDatabase } from '../db/index.ts';
import { createHealth } from '../system/index.ts';
import { createSummaryKeeper, type SummaryKeeper } from './keeper.ts';
import { bucketFigures } from './sql/figures.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ZONE = 'Asia/Ho_Chi_Minh';
/** Half past the hour, so that the last hours are not summarised yet. */
const NOW = Date.parse('2026-03-20T08:40:00Z');
const LOCAL_ORIGIN = Date.parse('2001-01-01T00:00:00+07:00');

interface Stored {
  seriesId: number;
  timeMs: number;
  value: number;
  quality: number;
}

describe.each(TIME_SERIES_ADAPTERS)('summaries on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    const clock = manualClock(NOW);
    const random = seededRandom(3);
    const stored = new Map<string, Stored>();
    let database: OpenDatabase;
    let keeper: SummaryKeeper;

    beforeAll(async () => {
      database = await open();
      await database.query(sql`select ensure_partitions('observations', '2026-03-01', '2026-03-31')`);
      keeper = createSummaryKeeper({
        database,
        clock,
        health: createHealth(clock),
        logger: testLogger(),
        timezone: ZONE,
      });
      await store(Array.from({ length: 3000 }, () => anyRow(NOW - 9 * DAY, NOW)));
    });
    afterAll(async () => await database?.close());

    const anyRow = (fromMs: number, toMs: number): Stored => ({
      seriesId: random.next() < 0.5 ? 1 : 2,
      timeMs: Math.floor(fromMs + random.next() * (toMs - fromMs)),
      value: Math.round(random.next() * 1000) / 8,
      quality: random.next() < 0.1 ? 2 : 0,
    });
    const store = async (rows: readonly Stored[]) => {
      const fresh = rows.filter((row) => !stored.has(`${row.seriesId} ${row.timeMs}`));
      for (const row of fresh) stored.set(`${row.seriesId} ${row.timeMs}`, row);
      await database.query(sql`
        insert into observations (series_id, time, value, quality)
        select s, to_timestamp(t / 1000.0), v, q
        from unnest(${fresh.map((row) => row.seriesId)}::int[], ${fresh.map((row) => row.timeMs)}::float8[],
                    ${fresh.map((row) => row.value)}::float8[], ${fresh.map((row) => row.quality)}::int2[]) as r (s, t, v, q)
        on conflict do nothing`);
    };
    /** What the writer notes beside late values. */
    const note = async (rows: readonly Stored[]) => {
      for (const { seriesId, timeMs } of rows) {
        const hour = Math.floor(timeMs / HOUR) * HOUR;
        await database.query(sql`
          insert into summary_pending (series_id, from_hour, to_hour)
          values (${seriesId}, ${new Date(hour)}, ${new Date(hour + HOUR)})`);
      }
    };
    const WIDTHS = [
      ['15 minutes', 15 * 60_000],
      ['1 hours', HOUR],
      ['7 hours', 7 * HOUR],
      ['1 days', DAY],
      ['2 days', 2 * DAY],
    ] as const;
    const bucketOf = (timeMs: number, widthMs: number) =>
      LOCAL_ORIGIN + Math.floor((timeMs - LOCAL_ORIGIN) / widthMs) * widthMs;

    /** Compares every width over spans with ragged ends with a reading of all rows. */
    const check = async () => {
      const [from, to] = [NOW - 8 * DAY - 12_345, NOW - 5_000];
      for (const [width, widthMs] of WIDTHS) {
        const figures = await bucketFigures(database, {
          seriesIds: [1, 2],
          from: new Date(from),
          to: new Date(to),
          width,
          widthMs,
          bucketStart: new Date(bucketOf(from, widthMs)),
          timezone: ZONE,
        });
        const groups = new Map<string, Stored[]>();
        for (const row of stored.values()) {
          if (row.timeMs < from || row.timeMs >= to) continue;
          const key = `${new Date(bucketOf(row.timeMs, widthMs)).toISOString()} ${row.seriesId}`;
          groups.set(key, [...(groups.get(key) ?? []), row]);
        }
        const expected = [...groups]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, rows]) => {
            const valid = rows.filter((row) => row.quality <= 1).sort((a, b) => a.timeMs - b.timeMs);
            const values = valid.map((row) => row.value);
            return {
              key,
              count: rows.length,
              valid: valid.length,
              min: values.length > 0 ? Math.min(...values) : null,
              max: values.length > 0 ? Math.max(...values) : null,
              // Eighths, so that sums are exact in whatever order they are added.
              avg: values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null,
              last: valid.at(-1)?.value ?? null,
            };
          });
        expect(
          figures.map(({ time, series_id, count, valid, ...rest }) => ({
            key: `${time.toISOString()} ${series_id}`,
            count: Number(count),
            valid: Number(valid),
            ...rest,
          })),
        ).toEqual(expected);
      }
    };
    const waiting = async () =>
      Number((await database.query<{ n: number }>(sql`select count(*) as n from summary_pending`))[0]?.n);

    it('are not needed for an answer: before there are any, it comes from the values', async () => {
      await check();
    });

    it('take up all that is stored, and the answers stay the same', async () => {
      expect(await keeper.keep()).toBeGreaterThan(0);
      expect(await waiting()).toBe(0);
      const [hours] = await database.query<{ n: number }>(sql`select count(*) as n from observations_1h`);
      expect(Number(hours?.n)).toBeGreaterThan(300);
      await check();
    });

    it('follow late values: at once in the answers, after a round in the summaries', async () => {
      const late = Array.from({ length: 40 }, () => anyRow(NOW - 8 * DAY, NOW - 3 * HOUR));
      await store(late);
      await note(late);
      await check();
      expect(await keeper.keep()).toBe(40);
      await check();
      expect(await waiting()).toBe(0);
    });

    it('move on with the clock', async () => {
      clock.advance(2 * HOUR);
      await store(Array.from({ length: 50 }, () => anyRow(NOW, NOW + 2 * HOUR)));
      await keeper.keep();
      const [state] = await database.query<{ watermark: Date }>(sql`select watermark from summary_state`);
      expect(state?.watermark.toISOString()).toBe('2026-03-20T10:00:00.000Z');
      await check();
    });

    it('lay the days anew when the province moves to another zone', async () => {
      const other = createSummaryKeeper({
        database,
        clock,
        health: createHealth(clock),
        logger: testLogger(),
        timezone: 'UTC',
      });
      await other.keep();
      const [day] = await database.query<{ at: Date }>(sql`select min(bucket) as at from observations_1d`);
      expect((day?.at.getTime() ?? 1) % DAY).toBe(0);
      await keeper.keep();
      await check();
    });
  });
});
