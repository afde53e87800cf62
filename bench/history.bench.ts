import sql from 'sql-template-tag';
import { systemClock } from '../core/clock.ts';
import type { OpenDatabase } from '../server/db/index.ts';
import { bucketFigures, createSummaryKeeper } from '../server/summaries/index.ts';
import { createHealth } from '../server/system/index.ts';
import { createTestDatabase, postgresBin, startCluster } from '../test/support/postgres.ts';
import type { Bench, BenchRow } from './contract.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ZONE = 'Asia/Ho_Chi_Minh';
const GOAL_MS = 500;
const RUNS = 9;
const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };

const WIDTHS = [
  ['1 hours', HOUR_MS],
  ['6 hours', 6 * HOUR_MS],
  ['1 days', DAY_MS],
] as const;

export const bench: Bench = {
  name: 'A year of minutes',
  method:
    'PostgreSQL, one series with a value each minute of the last 365 days among nine others, summarised: the figures of the whole year ' +
    `per bucket, median of ${RUNS}. Beside it the same figures read from the values, before there were summaries.`,
  async run(): Promise<BenchRow[]> {
    if (!postgresBin()) throw new Error('PostgreSQL with PostGIS is not installed');
    const cluster = startCluster();
    const database = await createTestDatabase(cluster);
    try {
      const to = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS);
      const from = new Date(to.getTime() - 365 * DAY_MS);
      await database.query(sql`select ensure_partitions('observations', ${from}, ${to})`);
      for (let series = 1; series <= 10; series++) {
        await database.query(sql`
          insert into observations (series_id, time, value, quality)
          select ${series}::int, t, 20 + 10 * sin(extract(epoch from t) / 7000), 0
          from generate_series(${from}::timestamptz, ${to}::timestamptz - interval '1 minute', interval '1 minute') as t`);
      }
      await database.query(sql`analyze observations`);
      const before = await measure(database, from, to);
      const keeper = createSummaryKeeper({
        database,
        clock: systemClock,
        health: createHealth(systemClock),
        logger: quiet,
        timezone: ZONE,
      });
      const started = performance.now();
      await keeper.keep();
      const keptMs = performance.now() - started;
      await database.query(sql`analyze observations_1h`);
      const after = await measure(database, from, to);
      return [
        ...WIDTHS.map(([width], index) => {
          const [ours, peer] = [after[index] ?? 0, before[index] ?? 0];
          return {
            measure: `a year by ${width}`,
            ours: `${ours.toFixed(1)} ms`,
            peer: `${peer.toFixed(0)} ms from the values`,
            ratio: peer / ours,
            goal: `< ${GOAL_MS} ms`,
          };
        }),
        {
          measure: 'summarising all of it once',
          ours: `${Math.round(5_256_000 / (keptMs / 1000)).toLocaleString('en')} values/s`,
          peer: '–',
          ratio: null,
          goal: '–',
        },
      ];
    } finally {
      await database.close();
      cluster.remove();
    }
  },
};

/** Median milliseconds of each width. */
async function measure(database: OpenDatabase, from: Date, to: Date): Promise<number[]> {
  const medians: number[] = [];
  for (const [width, widthMs] of WIDTHS) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const started = performance.now();
      const rows = await bucketFigures(database, {
        seriesIds: [1],
        from,
        to,
        width,
        widthMs,
        // Midnight in the zone of the buckets is 17:00 in UTC.
        bucketStart: new Date(from.getTime() - 7 * HOUR_MS),
        timezone: ZONE,
      });
      times.push(performance.now() - started);
      const count = rows.reduce((sum, row) => sum + Number(row.count), 0);
      if (count !== 525_600) throw new Error(`525 600 values expected, ${count} found`);
    }
    medians.push(times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0);
  }
  return medians;
}
