import sql from 'sql-template-tag';
import { type Caller, scopeOf, unlimited } from '../core/permissions.ts';
import type { OpenDatabase } from '../server/db/index.ts';
import { openPool, prepareSecondWall } from '../server/db/index.ts';
import { listDevices } from '../server/registry/sql/devices.ts';
import { rawObservations } from '../server/registry/sql/observations.ts';
import { createTestDatabase, postgresBin, startCluster } from '../test/support/postgres.ts';
import type { Bench, BenchRow } from './contract.ts';

const RUNS = 60;
const DEVICES = 5000;
const AREAS = 60;
const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };

/** Somebody with two grants, for four communes and for one domain. */
function reader(): Caller {
  const [grant] = unlimited('x').grants;
  if (!grant) throw new Error('no grant');
  return {
    ...unlimited('x'),
    grants: [
      { ...grant, areas: new Set(['a1', 'a2', 'a3', 'a4']), maxClass: 'internal' },
      { ...grant, areas: new Set(['a5']), domains: new Set(['environment']), maxClass: 'internal' },
    ],
  };
}

export const bench: Bench = {
  name: 'The second wall',
  method:
    `PostgreSQL, ${DEVICES} devices in ${AREAS} areas, a caller with two grants over five of them: median of ${RUNS} of the ` +
    'statement behind lists, counts and observations, as the caller’s role behind row-level security, and as the product itself.',
  async run(): Promise<BenchRow[]> {
    if (!postgresBin()) throw new Error('PostgreSQL with PostGIS is not installed');
    const cluster = startCluster();
    const { name, close } = await createTestDatabase(cluster);
    const database = await openPool({
      connection: { connectionString: cluster.url(name) },
      max: 4,
      kind: 'postgres',
      logger: quiet,
    });
    try {
      await prepareSecondWall(database, 'require', quiet);
      await fill(database);
      const caller = reader();
      const scope = scopeOf(caller, 'devices.read');
      const mine = database.as(caller, 'devices.read');
      const window = { from: new Date(Date.now() - 30 * 86_400_000), to: new Date() };
      const raw = { seriesIds: [1], ...window, order: 'desc', after: undefined, limit: 1000 } as const;
      const cases: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
        [
          'a page of 100 devices',
          () => listDevices(mine, scope, {}, '', 101),
          () => listDevices(database, scope, {}, '', 101),
        ],
        [
          'all devices in scope',
          () => listDevices(mine, scope, {}, '', 5001),
          () => listDevices(database, scope, {}, '', 5001),
        ],
        [
          'a count of devices, all asked for',
          () => mine.query(sql`select count(*) from devices`),
          () => database.query(sql`select count(*) from devices`),
        ],
        ['1000 values of one series', () => rawObservations(mine, raw), () => rawObservations(database, raw)],
      ];
      const rows: BenchRow[] = [];
      for (const [measure, behind, before] of cases) {
        const [ours, peer] = [await median(behind), await median(before)];
        rows.push({
          measure,
          ours: `${ours.toFixed(2)} ms`,
          peer: `${peer.toFixed(2)} ms`,
          ratio: ours / peer,
          goal: 'under 10 ms more',
        });
      }
      return rows;
    } finally {
      await database.close();
      await close();
      cluster.remove();
    }
  },
};

async function fill(database: OpenDatabase): Promise<void> {
  await database.query(sql`
    insert into areas (id, code, level, name, full_name, full_name_en, geom, path)
    select 'a' || n, 'a' || n, 'commune', 'a' || n, 'a' || n, 'a' || n,
           ST_Multi(ST_MakeEnvelope(105 + n * 0.01, 9, 105.01 + n * 0.01, 9.01, 4326)), array['a' || n]
    from generate_series(1, ${AREAS}::int) n`);
  await database.query(sql`
    insert into devices (id, site, name, type, domain, geom, area_id, search_text)
    select 'd' || n, 'main', 'd' || n, 'salinity', case when n % 2 = 0 then 'environment' else 'traffic' end,
           ST_SetSRID(ST_MakePoint(105, 9), 4326), 'a' || (n % ${AREAS}::int + 1), 'd' || n
    from generate_series(1, ${DEVICES}::int) n`);
  await database.query(
    sql`insert into series (device_id, quantity, unit) values ('d1', 'salinity', 'ppt') returning id`,
  );
  await database.query(sql`
    insert into observations (series_id, time, value, quality)
    select (select min(id) from series), t, 1, 0
    from generate_series(now() - interval '30 days', now(), interval '1 minute') t`);
  await database.query(sql`analyze`);
}

async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
}
