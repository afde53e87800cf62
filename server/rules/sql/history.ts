import sql from 'sql-template-tag';

export interface HistorySeriesRow {
  id: number;
  device_id: string;
  quantity: string;
}

/** The series of devices; null quantity = all of them. */
export const seriesOf = (deviceIds: readonly string[], quantity: string | null) => sql`
  select id, device_id, quantity from series
  where device_id = any(${[...deviceIds]}::text[]) and (${quantity}::text is null or quantity = ${quantity})
  order by id`;

export interface PackedRow {
  packed: Uint8Array | null;
}

/**
 * Values in the order of their times, one after the other in one byte string: series int4, epoch µs int8, value
 * float8, quality int2. Half a year of a station comes as one row, ten times as fast as row by row.
 */
export const packedValues = (seriesIds: readonly number[], fromMs: number, toMs: number) => sql`
  select string_agg(int4send(series_id) || int8send((extract(epoch from time) * 1000000)::int8) || float8send(value)
                    || int2send(quality), ''::bytea order by time, series_id) as packed
  from observations
  where series_id = any(${[...seriesIds]}::int[]) and time >= ${new Date(fromMs)} and time < ${new Date(toMs)}`;

/** Fixes likewise: series int4, epoch µs int8, then lon, lat, speed, heading, accuracy as float8, NaN = not said. */
export const packedPositions = (seriesIds: readonly number[], fromMs: number, toMs: number) => sql`
  select string_agg(int4send(series_id) || int8send((extract(epoch from time) * 1000000)::int8) || float8send(lon)
                    || float8send(lat) || float8send(coalesce(speed_kmh::float8, 'NaN'))
                    || float8send(coalesce(heading_deg::float8, 'NaN'))
                    || float8send(coalesce(accuracy_m::float8, 'NaN')), ''::bytea order by time, series_id) as packed
  from positions
  where series_id = any(${[...seriesIds]}::int[]) and time >= ${new Date(fromMs)} and time < ${new Date(toMs)}`;

export const insertSimulation = (row: {
  ruleId: string;
  version: number;
  by: string;
  fromMs: number;
  toMs: number;
  summary: object;
}) => sql`
  insert into rule_simulations (rule_id, rule_version, ran_by, from_time, to_time, summary)
  values (${row.ruleId}, ${row.version}, ${row.by}, ${new Date(row.fromMs)}, ${new Date(row.toMs)},
          ${JSON.stringify(row.summary)})`;

export interface SimulationRow {
  rule_version: number;
  ran_at: Date;
  ran_by: string;
  from_time: Date;
  to_time: Date;
  summary: Record<string, unknown>;
}

export const simulationsOf = (ruleId: string) => sql`
  select rule_version, ran_at, ran_by, from_time, to_time, summary
  from rule_simulations where rule_id = ${ruleId} order by ran_at desc, id desc limit 20`;
