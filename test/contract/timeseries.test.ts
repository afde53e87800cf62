import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, type OpenDatabase, pendingMigrations } from '../../server/db/index.ts';
import { TIME_SERIES_ADAPTERS } from '../support/adapters.ts';
import { testLogger } from '../support/logger.ts';
import { createTimescaleTestDatabase } from '../support/timescale.ts';

/**
 * The time-series part of the schema behaves the same on every database: this is the only suite that also runs on
 * TimescaleDB, whose WASM build has no PostGIS.
 */
describe.each(TIME_SERIES_ADAPTERS)('time series on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    let db: OpenDatabase;
    beforeAll(async () => {
      db = await open();
    });
    afterAll(async () => await db?.close());

    const insert = (rows: readonly [series: number, time: string, value: number, quality: number][]) =>
      db.query(sql`
        insert into observations (series_id, time, value, quality)
        select * from unnest(
          ${rows.map((row) => row[0])}::int[], ${rows.map((row) => row[1])}::timestamptz[],
          ${rows.map((row) => row[2])}::float8[], ${rows.map((row) => row[3])}::int2[])
        on conflict do nothing
        returning series_id`);

    it('gives each device and quantity one series', async () => {
      const make = () =>
        db.query<{ id: number }>(sql`
          insert into series (device_id, quantity, unit) values ('contract-1', 'pm25', 'ug/m3')
          on conflict (device_id, quantity) do update set unit = series.unit returning id`);
      const [first] = await make();
      const [second] = await make();
      expect(first?.id).toEqual(second?.id);
    });

    it('stores one moment of one series once, however often it comes', async () => {
      await db.query(sql`select ensure_partitions('observations', '2026-03-01', '2026-03-10')`);
      expect(await insert([[1, '2026-03-02T00:00:00Z', 5, 0]])).toHaveLength(1);
      expect(await insert([[1, '2026-03-02T00:00:00Z', 6, 0]])).toHaveLength(0);
      const [row] = await db.query<{ value: number }>(
        sql`select value from observations where series_id = 1 and time = '2026-03-02T00:00:00Z'`,
      );
      expect(row?.value).toBe(5);
    });

    it('takes rows for which no partition was made, and moves them when it is made', async () => {
      await insert([
        [2, '2031-05-05T12:00:00Z', 1, 0],
        [2, '2031-05-06T12:00:00Z', 2, 0],
      ]);
      await db.query(sql`select ensure_partitions('observations', '2031-05-01', '2031-05-20')`);
      const [left] = await db.query<{ rows: number }>(
        sql`select coalesce(sum(row_count), 0)::int as rows from default_partition_rows`,
      );
      expect(left?.rows).toBe(0);
      const rows = await db.query(sql`select value from observations where series_id = 2 order by time`);
      expect(rows).toEqual([{ value: 1 }, { value: 2 }]);
    });

    it('makes partitions once, and only of tables that have them', async () => {
      const make = () =>
        db.query<{ made: number }>(
          sql`select ensure_partitions('positions', '2026-06-01', '2026-06-30') as made`,
        );
      await make();
      expect((await make())[0]?.made).toBe(0);
      if (!db.capabilities.timescaledb) {
        await expect(db.query(sql`select ensure_partitions('series', now(), now())`)).rejects.toThrow(
          /no such partitioned table/,
        );
      }
    });

    it('keeps one latest row per series that a later value replaces and an earlier one does not', async () => {
      const put = (time: string, value: number) =>
        db.query(sql`
          insert into latest_values (series_id, time, value, quality, received_at)
          values (7, ${time}, ${value}, 0, now())
          on conflict (series_id) do update set time = excluded.time, value = excluded.value
          where excluded.time >= latest_values.time`);
      await put('2026-04-01T10:00:00Z', 1);
      await put('2026-04-01T11:00:00Z', 2);
      await put('2026-04-01T10:30:00Z', 3);
      expect(await db.query(sql`select value from latest_values where series_id = 7`)).toEqual([
        { value: 2 },
      ]);
    });
  });
});

describe('what each database is', () => {
  it('uses hypertables, compression and continuous aggregates where TimescaleDB is there', async () => {
    const db = await createTimescaleTestDatabase();
    await migrate(db, testLogger(), ['timeseries']);
    const tables = await db.query<{ name: string; compressed: boolean }>(sql`
      select hypertable_name as name, compression_enabled as compressed
      from timescaledb_information.hypertables where hypertable_schema = 'public' order by 1`);
    expect(tables).toEqual([
      { name: 'observations', compressed: true },
      { name: 'positions', compressed: false },
    ]);
    const views = await db.query(
      sql`select view_name as name from timescaledb_information.continuous_aggregates order by 1`,
    );
    expect(views).toEqual([{ name: 'observations_1h' }, { name: 'observations_1m' }]);
    const policies = await db.query<{ name: string }>(
      sql`select proc_name as name from timescaledb_information.jobs where hypertable_name is not null order by 1`,
    );
    // The product refreshes the aggregates itself: a policy would not come back for late data.
    expect(policies.map((policy) => policy.name)).toEqual(['policy_compression']);
    // Redelivery after weeks meets a compressed chunk: still stored once.
    const put = () =>
      db.query(
        sql`insert into observations values (1, '2026-01-05T00:00:00Z', 1, 0) on conflict do nothing returning 1`,
      );
    expect(await put()).toHaveLength(1);
    await db.query(sql`select compress_chunk(chunk) from show_chunks('observations') as chunk`);
    expect(await put()).toHaveLength(0);
    await db.close();
  });

  it('keeps what was stored when the embedded database is opened again', async () => {
    const { openEmbedded } = await import('../../server/db/index.ts');
    const dir = mkdtempSync(`${tmpdir()}/haidang-reopen-`);
    const open = () =>
      openEmbedded({ dataDir: `${dir}/database`, socketDir: `${dir}/run`, logger: testLogger() });
    let db = await open();
    await migrate(db, testLogger(), ['timeseries']);
    await db.query(sql`insert into series (device_id, quantity, unit) values ('a', 'pm25', 'ug/m3')`);
    await db.close();
    db = await open();
    expect(await migrate(db, testLogger(), ['timeseries'])).toEqual({ applied: [] });
    expect(await db.query(sql`select device_id from series`)).toEqual([{ device_id: 'a' }]);
    expect((await pendingMigrations(db)).every((name) => name.startsWith('core/'))).toBe(true);
    await db.close();
    expect(existsSync(`${dir}/database`)).toBe(true);
    rmSync(dir, { recursive: true });
  });
});
