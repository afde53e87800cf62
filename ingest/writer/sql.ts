import sql, { type Sql } from 'sql-template-tag';
import type { SqlQuery } from '../../core/ports.ts';
import type { Observation, PositionFix } from '../../core/reading.ts';
import { microsOf } from './copy.ts';
import type { QuarantineRow } from './entry.ts';
import type { LateSpan } from './late.ts';

export const COPY_OBSERVATIONS =
  'copy observations (series_id, time, value, quality) from stdin (format binary)';
export const COPY_POSITIONS =
  'copy positions (series_id, time, lon, lat, speed_kmh, heading_deg, accuracy_m, area_id) from stdin (format binary)';

/** Microseconds since 1970 → timestamptz, exactly: a float of seconds would lose the last digits. */
const AT = `timestamptz 'epoch' + t * interval '1 microsecond'`;
const MICROS = '(extract(epoch from time) * 1000000)::bigint';

const column = <Row, T>(rows: readonly Row[], pick: (row: Row) => T): T[] => rows.map(pick);
const statement = (text: string, values: unknown[]): SqlQuery => ({ text, values });

/** The same rows as COPY would take, leaving out what is there already; answers with the keys that are new. */
export function mergeObservations(rows: readonly Observation[]) {
  return statement(
    `insert into observations (series_id, time, value, quality)
     select s, ${AT}, v, q from unnest($1::int[], $2::bigint[], $3::float8[], $4::smallint[]) as r (s, t, v, q)
     on conflict do nothing
     returning series_id as "seriesId", ${MICROS} as micros`,
    [
      column(rows, (row) => row.seriesId),
      column(rows, (row) => microsOf(row.timeMs)),
      column(rows, (row) => row.value),
      column(rows, (row) => row.quality),
    ],
  );
}

/** Hours whose summaries have to be computed (again). */
export function noteLate(spans: readonly LateSpan[]) {
  const at = (column: string) => `to_timestamp(${column} / 1000.0)`;
  return statement(
    `insert into summary_pending (series_id, from_hour, to_hour)
     select s, ${at('f')}, ${at('t')} from unnest($1::int[], $2::float8[], $3::float8[]) as r (s, f, t)`,
    [
      column(spans, (span) => span.seriesId),
      column(spans, (span) => span.fromMs),
      column(spans, (span) => span.toMs),
    ],
  );
}

function fixColumns(rows: readonly PositionFix[]): unknown[] {
  return [
    column(rows, (row) => microsOf(row.timeMs)),
    column(rows, (row) => row.lon),
    column(rows, (row) => row.lat),
    column(rows, (row) => row.speedKmh),
    column(rows, (row) => row.headingDeg),
    column(rows, (row) => row.accuracyM),
    column(rows, (row) => row.areaId),
  ];
}

/** `$1` are series or units, as `keyType` says. */
const fixRows = (keyType: 'int' | 'text') =>
  `unnest($1::${keyType}[], $2::bigint[], $3::float8[], $4::float8[], $5::real[], $6::real[], $7::real[], $8::text[])
     as r (s, t, lon, lat, speed, heading, accuracy, area)`;

export function mergePositions(rows: readonly PositionFix[]) {
  return statement(
    `insert into positions (series_id, time, lon, lat, speed_kmh, heading_deg, accuracy_m, area_id)
     select s, ${AT}, lon, lat, speed, heading, accuracy, area from ${fixRows('int')}
     on conflict do nothing
     returning series_id as "seriesId", ${MICROS} as micros`,
    [column(rows, (row) => row.seriesId), ...fixColumns(rows)],
  );
}

export interface Received<Row> {
  row: Row;
  receivedAtMs: number;
}

/**
 * One row per series, in the order of their ids: two batches that meet here cannot deadlock. The latest value never
 * goes back; answers with the series that moved on.
 */
export function upsertLatestValues(rows: readonly Received<Observation>[]) {
  return statement(
    `insert into latest_values (series_id, time, value, quality, received_at)
     select s, ${AT}, v, q, timestamptz 'epoch' + at * interval '1 microsecond'
     from unnest($1::int[], $2::bigint[], $3::float8[], $4::smallint[], $5::bigint[]) as r (s, t, v, q, at)
     order by s
     on conflict (series_id) do update
       set time = excluded.time, value = excluded.value, quality = excluded.quality, received_at = excluded.received_at
       where excluded.time > latest_values.time
     returning series_id as "seriesId"`,
    [
      column(rows, ({ row }) => row.seriesId),
      column(rows, ({ row }) => microsOf(row.timeMs)),
      column(rows, ({ row }) => row.value),
      column(rows, ({ row }) => row.quality),
      column(rows, ({ receivedAtMs }) => microsOf(receivedAtMs)),
    ],
  );
}

export function upsertLatestPositions(rows: readonly Received<PositionFix>[]) {
  const fixes = rows.map(({ row }) => row);
  return statement(
    `insert into latest_positions
       (series_id, time, lon, lat, speed_kmh, heading_deg, accuracy_m, area_id, received_at)
     select s, ${AT}, lon, lat, speed, heading, accuracy, area, timestamptz 'epoch' + a.at * interval '1 microsecond'
     from ${fixRows('int')} join unnest($1::int[], $9::bigint[]) as a (series, at) on a.series = s
     order by s
     on conflict (series_id) do update
       set time = excluded.time, lon = excluded.lon, lat = excluded.lat, speed_kmh = excluded.speed_kmh,
           heading_deg = excluded.heading_deg, accuracy_m = excluded.accuracy_m, area_id = excluded.area_id,
           received_at = excluded.received_at
       where excluded.time > latest_positions.time`,
    [
      column(fixes, (row) => row.seriesId),
      ...fixColumns(fixes),
      column(rows, ({ receivedAtMs }) => microsOf(receivedAtMs)),
    ],
  );
}

/** The one place with geometry. A unit that is gone is left out; answers with the units that moved. */
export function upsertUnitPositions(rows: readonly PositionFix[]) {
  return statement(
    `insert into unit_positions (unit_id, geom, time, speed_kmh, heading_deg, accuracy_m, area_id)
     select units.id, ST_SetSRID(ST_MakePoint(lon, lat), 4326), ${AT}, speed, heading, accuracy, area
     from ${fixRows('text')} join units on units.id = s
     order by units.id
     on conflict (unit_id) do update
       set geom = excluded.geom, time = excluded.time, speed_kmh = excluded.speed_kmh,
           heading_deg = excluded.heading_deg, accuracy_m = excluded.accuracy_m, area_id = excluded.area_id
       where excluded.time > unit_positions.time
     returning unit_id as "unitId"`,
    [column(rows, (row) => row.unitId), ...fixColumns(rows)],
  );
}

/** Both in one statement: one round trip less in every batch. */
export function upsertLatestAndActivity(
  values: readonly Received<Observation>[],
  activity: readonly Activity[],
): SqlQuery {
  const latest = upsertLatestValues(values);
  const seen = upsertActivity(activity, latest.values.length);
  return statement(`with a as (${seen.text}), l as (${latest.text}) select * from l`, [
    ...latest.values,
    ...seen.values,
  ]);
}

export interface Activity {
  deviceId: string;
  receivedAtMs: number;
  observedAtMs: number;
}

/** `after` = parameters of the statement it is part of. */
export function upsertActivity(rows: readonly Activity[], after = 0) {
  return statement(
    `insert into device_activity (device_id, last_received_at, last_observed_at)
     select d, timestamptz 'epoch' + r * interval '1 microsecond', timestamptz 'epoch' + o * interval '1 microsecond'
     from unnest($${after + 1}::text[], $${after + 2}::bigint[], $${after + 3}::bigint[]) as u (d, r, o)
     order by d
     on conflict (device_id) do update
       set last_received_at = greatest(device_activity.last_received_at, excluded.last_received_at),
           last_observed_at = greatest(device_activity.last_observed_at, excluded.last_observed_at)`,
    [
      column(rows, (row) => row.deviceId),
      column(rows, (row) => microsOf(row.receivedAtMs)),
      column(rows, (row) => microsOf(row.observedAtMs)),
    ],
  );
}

/** Ids come back in the order of the rows. */
export function insertQuarantine(rows: readonly QuarantineRow[]) {
  return statement(
    `insert into quarantine (received_at, source, device_id, topic, code, reason, payload, payload_bytes)
     select ${AT}, source, device, topic, code, reason, payload, bytes
     from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::bigint[])
       with ordinality as r (t, source, device, topic, code, reason, payload, bytes, n)
     order by n
     returning id`,
    [
      column(rows, (row) => microsOf(row.receivedAtMs)),
      column(rows, (row) => row.source),
      column(rows, (row) => row.deviceId),
      column(rows, (row) => row.topic),
      column(rows, (row) => row.code),
      column(rows, (row) => row.reason),
      column(rows, (row) => (row.payload === null ? null : Buffer.from(row.payload))),
      column(rows, (row) => row.payloadBytes),
    ],
  );
}

export function ensurePartitions(parent: 'observations' | 'positions', fromMs: number, toMs: number): Sql {
  return sql`select ensure_partitions(${parent}, ${new Date(fromMs)}, ${new Date(toMs)}) as made`;
}

export const defaultPartitionRows = sql`
  select parent, row_count as "rowCount" from default_partition_rows where row_count > 0`;

/** Weeks (their first moment) that have rows in a default partition; at most 50 at a time. */
export function weeksInDefaultPartition(parent: 'observations' | 'positions') {
  return statement(
    `select distinct extract(epoch from date_bin('7 days', time, timestamptz '2001-01-01 00:00:00+00'))::bigint * 1000 as ms
     from ${parent}_default limit 50`,
    [],
  );
}

/** Every series with the time of its latest row: what ingest must know before it takes the first message. */
export const storedSeries = sql`
  select s.id, s.device_id as "deviceId", s.quantity, s.unit,
         (extract(epoch from coalesce(v.time, p.time)) * 1000)::float8 as "lastMs"
  from series s
  left join latest_values v on v.series_id = s.id
  left join latest_positions p on p.series_id = s.id`;
