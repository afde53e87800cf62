import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { Scope } from '../../../core/permissions.ts';
import type { Queryable } from '../../../core/ports.ts';
import type { Bbox } from '../../../core/reading.ts';
import { scopeCondition } from '../../db/index.ts';
import { DEVICE_SCOPE } from './devices.ts';

export interface SeriesRow {
  id: number;
  device_id: string;
  quantity: string;
  unit: string;
}

export async function allSeries(db: Queryable): Promise<SeriesRow[]> {
  return db.query<SeriesRow>(sql`select id, device_id, quantity, unit from series`);
}

export async function seriesOfDevice(db: Queryable, deviceId: string): Promise<SeriesRow[]> {
  return db.query<SeriesRow>(sql`
    select id, device_id, quantity, unit from series
    where device_id = ${deviceId} and quantity <> 'position' order by quantity`);
}

/** The series, made if it is not there yet; whoever races gets the same one. */
export async function ensureSeries(
  db: Queryable,
  deviceId: string,
  quantity: string,
  unit: string,
): Promise<SeriesRow | undefined> {
  const [made] = await db.query<SeriesRow>(sql`
    insert into series (device_id, quantity, unit) values (${deviceId}, ${quantity}, ${unit})
    on conflict (device_id, quantity) do nothing returning id, device_id, quantity, unit`);
  if (made) return made;
  const [found] = await db.query<SeriesRow>(sql`
    select id, device_id, quantity, unit from series where device_id = ${deviceId} and quantity = ${quantity}`);
  return found;
}

export interface RawRow {
  series_id: number;
  micros: number;
  time: Date;
  value: number;
  quality: number;
}

export interface RawQuery {
  seriesIds: readonly number[];
  from: Date;
  to: Date;
  order: 'asc' | 'desc';
  /** Time (µs since 1970) and series of the last row seen. */
  after: { micros: number; seriesId: number } | undefined;
  limit: number;
}

const MICROS = sql`(extract(epoch from o.time) * 1000000)::bigint`;

/**
 * Single values by time. Each series gives at most `limit` rows by its own index before they are merged, so that
 * a long range costs no more than a short one.
 */
export async function rawObservations(db: Queryable, query: RawQuery): Promise<RawRow[]> {
  const { seriesIds, from, to, order, after, limit } = query;
  const ascending = order === 'asc';
  const direction = raw(order);
  // What comes after the last row seen begins, for series that stand behind it in the order, in the same microsecond.
  const edge =
    after &&
    sql`timestamptz 'epoch' + (${after.micros}::bigint + (s.id ${raw(ascending ? '<=' : '<')} ${after.seriesId}::bigint)::int)
          * interval '1 microsecond'`;
  const start = ascending && edge ? sql`greatest(${from}::timestamptz, ${edge})` : sql`${from}::timestamptz`;
  const end = !ascending && edge ? sql`least(${to}::timestamptz, ${edge})` : sql`${to}::timestamptz`;
  return db.query<RawRow>(sql`
    select o.series_id, ${MICROS} as micros, o.time, o.value, o.quality
    from unnest(${[...seriesIds]}::int[]) as s(id)
    cross join lateral observations_page(s.id, ${start}, ${end}, ${ascending}, ${limit}) as o
    order by o.time ${direction}, o.series_id ${direction} limit ${limit}`);
}

/** Start of the bucket in which a time lies, and of the one `count` buckets later. */
export async function bucketEdges(
  db: Queryable,
  at: Date,
  width: string,
  timezone: string,
  count: number,
): Promise<{ start: Date; end: Date } | undefined> {
  const [row] = await db.query<{ start: Date; end: Date }>(sql`
    select local at time zone ${timezone} as start,
           (local + ${width}::interval * ${count}::int) at time zone ${timezone} as end
    from (select date_bin(${width}::interval, ${at}::timestamptz at time zone ${timezone},
                          timestamp '2001-01-01') as local) as bucket`);
  return row;
}

export interface LatestRow {
  series_id: number;
  device_id: string;
  device_name: string;
  device_type: string;
  domain: string | null;
  quantity: string;
  unit: string;
  time: Date;
  value: number;
  quality: number;
  lon: number | null;
  lat: number | null;
  area_id: string | null;
}

export interface LatestFilter {
  quantity?: string;
  device?: string;
  areas?: readonly string[];
  bbox?: Readonly<Bbox>;
}

export async function latestValues(
  db: Queryable,
  scope: Scope,
  filter: LatestFilter,
  after: number,
  limit: number,
): Promise<LatestRow[]> {
  const area = sql`coalesce(p.area_id, d.area_id)`;
  const [lon, lat] = [sql`coalesce(p.lon, ST_X(d.geom))`, sql`coalesce(p.lat, ST_Y(d.geom))`];
  const { bbox } = filter;
  const where: Sql[] = [
    scopeCondition(scope, DEVICE_SCOPE),
    sql`s.id > ${after}::bigint`,
    ...(filter.quantity === undefined ? [] : [sql`s.quantity = ${filter.quantity}`]),
    ...(filter.device === undefined ? [] : [sql`d.id = ${filter.device}`]),
    ...(filter.areas === undefined ? [] : [sql`${area} = any(${[...filter.areas]}::text[])`]),
    ...(bbox === undefined
      ? []
      : [sql`${lon} between ${bbox[0]} and ${bbox[2]} and ${lat} between ${bbox[1]} and ${bbox[3]}`]),
  ];
  return db.query<LatestRow>(sql`
    select s.id as series_id, d.id as device_id, d.name as device_name, d.type as device_type, d.domain,
           s.quantity, s.unit, v.time, v.value, v.quality, ${lon} as lon, ${lat} as lat, ${area} as area_id
    from latest_values v
    join series s on s.id = v.series_id
    join devices d on d.id = s.device_id
    left join series ps on ps.device_id = d.id and ps.quantity = 'position'
    left join latest_positions p on p.series_id = ps.id
    where ${join(where, ' and ')} order by s.id limit ${limit}`);
}
