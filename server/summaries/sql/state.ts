import sql from 'sql-template-tag';
import type { Queryable, SqlQuery } from '../../../core/ports.ts';

export interface State {
  /** Hours before it are summarised, but for the pending ones; null = nothing is. */
  watermark: Date | null;
  timezone: string | null;
}

export const readState = sql`select watermark, timezone from summary_state`;

/** One keeper at a time: a second process that comes along finds the lock taken and leaves it for its next round. */
export async function tryLock(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ locked: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtext('summaries')) as locked`,
  );
  return row?.locked === true;
}

/** Days of another zone are other days: all of them are computed again from their hours. */
export const layOutDays = (timezone: string) => [
  sql`truncate observations_1d`,
  sql`select summarise_days('-infinity', 'infinity', ${timezone})`,
  sql`update summary_state set timezone = ${timezone}`,
];

/** Everything that is stored already has to be summarised once. */
export const noteEverything = (before: Date) => sql`
  insert into summary_pending (series_id, from_hour, to_hour)
  select series_id, date_trunc('hour', min(time), 'UTC'), date_trunc('hour', max(time), 'UTC') + interval '1 hour'
  from observations where time < ${before}
  group by series_id, date_bin('7 days', time, timestamptz '2001-01-01 00:00:00+00')`;

export const setWatermark = (at: Date) => sql`update summary_state set watermark = ${at}`;

export interface Pending {
  id: number;
  seriesId: number;
  from: Date;
  to: Date;
}

export const oldestPending = (before: Date, limit: number) => sql`
  select id, series_id as "seriesId", from_hour as "from", to_hour as "to" from summary_pending
  where to_hour <= ${before} order by id limit ${limit}`;

export const forget = (ids: readonly number[]) =>
  sql`delete from summary_pending where id = any(${[...ids]}::bigint[])`;

/** Minutes and hours of plain PostgreSQL; `series` undefined = all of them. */
export const summariseValues = (from: Date, to: Date, series: readonly number[] | undefined) =>
  sql`select summarise_values(${from}, ${to}, ${series ? [...series] : null}::int[])`;

export const summariseDays = (
  from: Date,
  to: Date,
  timezone: string,
  series: readonly number[] | undefined,
) => sql`select summarise_days(${from}, ${to}, ${timezone}, ${series ? [...series] : null}::int[])`;

/** Without parameters, because CALL would plan none of them. */
export const refreshAggregate = (
  name: 'observations_1m' | 'observations_1h',
  from: Date,
  to: Date,
): SqlQuery => ({
  text: `call refresh_continuous_aggregate('${name}', '${from.toISOString()}', '${to.toISOString()}')`,
  values: [],
});

export const pendingOf = (seriesIds: readonly number[], from: Date, to: Date, limit: number) => sql`
  select series_id as "seriesId", from_hour as "from", to_hour as "to" from summary_pending
  where series_id = any(${[...seriesIds]}::int[]) and from_hour < ${to} and to_hour > ${from} limit ${limit}`;
