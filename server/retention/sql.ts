import sql from 'sql-template-tag';
import type { KeptData } from '../../core/api/retention.ts';
import type { Queryable } from '../../core/ports.ts';

const TABLES: Record<KeptData, string> = {
  values: 'observations',
  positions: 'positions',
  minutes: 'observations_1m',
  hours: 'observations_1h',
  days: 'observations_1d',
};

export interface HoldRow {
  id: number;
  reason: string;
  document_no: string | null;
  device_ids: string[] | null;
  from_time: Date;
  to_time: Date;
  placed_by: string;
  placed_at: Date;
  release_reason: string | null;
  release_asked_by: string | null;
  release_asked_at: Date | null;
  released_by: string | null;
  released_at: Date | null;
}

export const allHolds = sql`select * from legal_holds order by released_at nulls first, id desc limit 500`;

export async function holdById(db: Queryable, id: number): Promise<HoldRow | undefined> {
  const [row] = await db.query<HoldRow>(sql`select * from legal_holds where id = ${id} for update`);
  return row;
}

export async function insertHold(
  db: Queryable,
  hold: {
    reason: string;
    documentNo: string | null;
    deviceIds: readonly string[] | null;
    from: Date;
    to: Date;
    by: string;
    at: Date;
  },
): Promise<HoldRow | undefined> {
  const [row] = await db.query<HoldRow>(sql`
    insert into legal_holds (reason, document_no, device_ids, from_time, to_time, placed_by, placed_at)
    values (${hold.reason}, ${hold.documentNo}, ${hold.deviceIds ? [...hold.deviceIds] : null}::text[], ${hold.from},
            ${hold.to}, ${hold.by}, ${hold.at})
    returning *`);
  return row;
}

export const unknownDevices = (ids: readonly string[]) => sql`
  select id from unnest(${[...ids]}::text[]) as wanted (id)
  where not exists (select from devices d where d.id = wanted.id)`;

export async function askRelease(db: Queryable, id: number, reason: string, by: string, at: Date) {
  const [row] = await db.query<HoldRow>(sql`
    update legal_holds set release_reason = ${reason}, release_asked_by = ${by}, release_asked_at = ${at}
    where id = ${id} returning *`);
  return row;
}

export async function release(db: Queryable, id: number, by: string, at: Date) {
  const [row] = await db.query<HoldRow>(sql`
    update legal_holds set released_by = ${by}, released_at = ${at} where id = ${id} returning *`);
  return row;
}

export interface HeldSpan {
  /** null = every series. */
  seriesId: number | null;
  from: Date;
  to: Date;
}

/** What may not be removed, as spans of series. */
export const heldSpans = sql`
  select s.id as "seriesId", h.from_time as "from", h.to_time as "to"
  from legal_holds h
  left join lateral unnest(h.device_ids) as d (device_id) on true
  left join series s on s.device_id = d.device_id
  where h.released_at is null and (h.device_ids is null or s.id is not null)`;

/** Whoever places a hold waits for a round that is on its way, and a round for them. */
export const shutOut = sql`select pg_advisory_xact_lock(hashtext('retention'))`;
/** Dropping a week waits for whoever reads it, and everybody then waits for the drop: not for long. */
export const impatient = sql`set local lock_timeout = '5s'`;

export async function removeExpired(db: Queryable, data: KeptData, before: Date, held: readonly HeldSpan[]) {
  const [row] = await db.query<{ removed: number; held: number }>(sql`
    select removed, held from remove_expired(
      ${TABLES[data]}, ${before}, ${held.map(({ seriesId }) => seriesId)}::int[],
      ${held.map(({ from }) => from)}::timestamptz[], ${held.map(({ to }) => to)}::timestamptz[])`);
  return row ?? { removed: 0, held: 0 };
}

export const noteRun = (run: {
  data: KeptData;
  before: Date;
  removed: number;
  held: number;
  at: Date;
}) => sql`
  insert into retention_runs (data, before, removed, held, at)
  values (${run.data}, ${run.before}, ${run.removed}, ${run.held}, ${run.at})`;

export interface RunRow {
  data: KeptData;
  before: Date;
  removed: number;
  held: number;
  at: Date;
}
export const lastRuns = sql`select distinct on (data) data, before, removed, held, at from retention_runs order by data, id desc`;

/** True when every value before a time stands in the summaries: only then may it go. */
export async function isSummarised(db: Queryable, before: Date): Promise<boolean> {
  const [row] = await db.query<{ done: boolean }>(sql`
    select coalesce(watermark >= ${before}, false)
           and not exists (select from summary_pending where from_hour < ${before}) as done
    from summary_state`);
  return row?.done === true;
}
