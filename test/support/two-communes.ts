import type { Clock } from '../../core/clock.ts';
import type { Caller } from '../../core/permissions.ts';
import type { Bus, Database } from '../../core/ports.ts';
import type { LonLat } from '../../core/reading.ts';
import { fold } from '../../core/text.ts';
import { type Areas, createAreas } from '../../server/areas/index.ts';
import { createMemoryBus } from '../../server/bus/index.ts';
import { testLogger } from './logger.ts';
import { IN_EAST, IN_WEST, SAMPLE_AREAS } from './sample-areas.ts';
import { callerWith, seedCamera, seedDevice } from './seed.ts';
import { testTrail } from './trail.ts';

export const WEST = '99001';
export const EAST = '99002';

/** Everything with a place twice: once in each commune of the sample province, and the ids say where. */
export interface TwoCommunes {
  areas: Areas;
  bus: Bus;
  close(): void;
}

export async function seedTwoCommunes(database: Database, clock: Clock): Promise<TwoCommunes> {
  const bus = createMemoryBus(testLogger());
  const areas = await createAreas({
    database,
    bus,
    clock,
    logger: testLogger(),
    audit: testTrail(database, clock),
    timezone: 'Asia/Ho_Chi_Minh',
  });
  await areas.import(SAMPLE_AREAS, {});
  for (const [side, name, at, areaId] of [
    ['west', 'Tây', IN_WEST, WEST],
    ['east', 'Đông', IN_EAST, EAST],
  ] as const) {
    const more = { at, areaId };
    await seedDevice(database, { id: `dust-${side}`, name: `Trạm bụi ${name}`, ...more });
    await seedDevice(database, { id: `cars-${side}`, name: `Đếm xe ${name}`, type: 'traffic', ...more });
    await seedCamera(database, { id: `cam-${side}`, headingDeg: 90, ...more });
    await seedUnit(database, { id: `unit-${side}`, name: `Đội ${name}`, callSign: `${name} 01`, ...more });
    await seedAlert(database, {
      subjectId: `dust-${side}`,
      subjectName: `Trạm bụi ${name}`,
      title: `Bụi mịn cao`,
      ...more,
    });
  }
  const run = (text: string) => database.query({ text, values: [] });
  await run(`update devices set domain = case when id like 'cars-%' then 'traffic' else 'environment' end`);
  await run(`update cameras set domain = 'traffic', state = 'online', name = 'Camera cầu ' || id`);
  await foldNames(database);
  return { areas, bus, close: areas.close };
}

async function seedUnit(
  database: Database,
  unit: { id: string; name: string; callSign: string; kind?: string; at?: LonLat; areaId?: string },
): Promise<void> {
  await database.query({
    text: `insert into units (id, name, call_sign, kind, home_area_id) values ($1, $2, $3, $4, $5)`,
    values: [unit.id, unit.name, unit.callSign, unit.kind ?? 'traffic_police', unit.areaId ?? null],
  });
  if (unit.at)
    await database.query({
      text: `insert into unit_positions (unit_id, geom, time, speed_kmh, heading_deg, area_id)
             values ($1, st_setsrid(st_makepoint($2, $3), 4326), '2026-11-22T01:00:00Z', 30, 45, $4)`,
      values: [unit.id, unit.at[0], unit.at[1], unit.areaId ?? null],
    });
}

/** One alert of no rule, open unless told otherwise. */
export async function seedAlert(
  database: Database,
  alert: {
    subjectId: string;
    subjectName: string;
    title: string;
    at: LonLat;
    areaId: string;
    domain?: string;
    state?: string;
  },
): Promise<number> {
  const [row] = await database.query<{ id: number }>({
    text: `insert into alerts (kind, title, domain, severity, state, subject_type, subject_id, subject_name, geom,
                               area_id, raised_at, explanation)
           values ('threshold', $1, $2, 'major', $3, 'device', $4, $5, st_setsrid(st_makepoint($6, $7), 4326), $8,
                   '2026-11-22T01:00:00Z', '{}') returning id`,
    values: [
      alert.title,
      alert.domain ?? 'environment',
      alert.state ?? 'unacknowledged',
      alert.subjectId,
      alert.subjectName,
      alert.at[0],
      alert.at[1],
      alert.areaId,
    ],
  });
  if (!row) throw new Error('no alert');
  return row.id;
}

/** Fills `search_text` the way the capabilities that own the tables do: names first. */
export async function foldNames(database: Database): Promise<void> {
  for (const [table, columns] of [
    ['devices', 'name, id'],
    ['cameras', 'name, id'],
    ['units', 'name, call_sign, id'],
    ['alerts', 'title, subject_name, subject_id'],
  ]) {
    const rows = await database.query<{ id: unknown; words: string }>({
      text: `select id, concat_ws(' ', ${columns}) as words from ${table} where search_text = ''`,
      values: [],
    });
    for (const { id, words } of rows)
      await database.query({
        text: `update ${table} set search_text = $2 where id = $1`,
        values: [id, fold(words)],
      });
  }
}

/** Tokens for {@link startApi}: who they name is who calls. */
export const CALLERS: Readonly<Record<string, Caller>> = {
  everywhere: callerWith('admin'),
  west: callerWith('viewer', { areas: [WEST] }),
  east: callerWith('viewer', { areas: [EAST] }),
  westTraffic: callerWith('viewer', { areas: [WEST], domains: ['traffic'] }),
  nowhere: callerWith('viewer', { areas: [] }),
  integrator: callerWith('integrator'),
  westOperator: callerWith('operator', { areas: [WEST] }),
  nobody: { ...callerWith('viewer'), grants: [] },
};
