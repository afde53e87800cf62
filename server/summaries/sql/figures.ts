import sql, { join, type Sql } from 'sql-template-tag';
import type { Queryable } from '../../../core/ports.ts';
import { mergeSpans, type Part, planParts, type SeriesSpan } from '../plan.ts';
import { pendingOf, readState, type State } from './state.ts';

export interface Figures {
  series_id: number;
  /** Where the bucket begins. */
  time: Date;
  count: number;
  valid: number;
  min: number | null;
  max: number | null;
  avg: number | null;
  last: number | null;
}

export interface FiguresQuery {
  seriesIds: readonly number[];
  from: Date;
  to: Date;
  /** PostgreSQL interval, for example `15 minutes`, and the same in milliseconds. */
  width: string;
  widthMs: number;
  /** Where the bucket begins in which `from` lies. */
  bucketStart: Date;
  /** IANA zone in whose local time buckets begin. */
  timezone: string;
}

/** Beyond so many spans that wait to be summarised, reading all the values is quicker than leaving them out. */
const MAX_SPANS = 500;

/**
 * Figures per bucket: from the summaries where they are up to date, from the values elsewhere, so that the answer is
 * the same at every moment. Buckets are laid in local time from 1 January 2001, so that days begin at midnight. Only
 * valid values (good, suspect) enter the figures; all are counted.
 */
export async function bucketFigures(db: Queryable, query: FiguresQuery): Promise<Figures[]> {
  const { seriesIds, from, to, width, widthMs, bucketStart, timezone } = query;
  const [state] = await db.query<State>(readState);
  const waiting = await db.query<{ seriesId: number; from: Date; to: Date }>(
    pendingOf(seriesIds, from, to, MAX_SPANS + 1),
  );
  const summarised = state?.watermark && waiting.length <= MAX_SPANS ? state.watermark : undefined;
  const span = { fromMs: from.getTime(), toMs: to.getTime() };
  const parts = planParts({
    ...span,
    widthMs,
    bucketStartMs: bucketStart.getTime(),
    watermarkMs: summarised?.getTime() ?? null,
    days:
      summarised && waiting.length === 0 && state?.timezone === timezone && widthMs >= DAY_MS
        ? await wholeDays(db, from, new Date(Math.min(to.getTime(), summarised.getTime())), timezone)
        : undefined,
  });
  const spans = waiting.map(({ seriesId, from, to }) => ({
    seriesId,
    fromMs: from.getTime(),
    toMs: to.getTime(),
  }));
  const cells = parts.flatMap((part) =>
    isOfSummary(part)
      ? ofSummary(seriesIds, part, mergeSpans(spans, part.fromMs, part.toMs))
      : [ofValues(seriesIds, part)],
  );
  return db.query<Figures>(sql`
    select series_id,
           date_bin(${width}::interval, at at time zone ${timezone}, timestamp '2001-01-01')
             at time zone ${timezone} as time,
           sum(count)::bigint as count, sum(valid)::bigint as valid, min(min) as min, max(max) as max,
           sum(sum) / nullif(sum(valid), 0) as avg,
           (array_agg(last order by at desc) filter (where valid > 0))[1] as last
    from (${join(cells, ' union all ')}) as cell
    group by 1, 2 order by 2, 1`);
}

const DAY_MS = 86_400_000;
const at = (ms: number) => new Date(ms);

/** Each value as a cell of its own. */
const VALUE = sql`
  1 as count, (o.quality <= 1)::int as valid,
  case when o.quality <= 1 then o.value end as min, case when o.quality <= 1 then o.value end as max,
  case when o.quality <= 1 then o.value end as sum, case when o.quality <= 1 then o.value end as last`;

const ofValues = (seriesIds: readonly number[], { fromMs, toMs }: Part): Sql => sql`
  select o.series_id, o.time as at, ${VALUE} from observations o
  where o.series_id = any(${[...seriesIds]}::int[]) and o.time >= ${at(fromMs)} and o.time < ${at(toMs)}`;

type SummaryPart = Part & { source: keyof typeof TABLES };
const TABLES = {
  '1m': sql`observations_1m`,
  '1h': sql`observations_1h`,
  '1d': sql`observations_1d`,
};
const isOfSummary = (part: Part): part is SummaryPart => part.source !== 'values';

/** A part of a summary; in the spans that wait, the values themselves instead. */
function ofSummary(seriesIds: readonly number[], part: SummaryPart, spans: readonly SeriesSpan[]): Sql[] {
  const summary = sql`
    select o.series_id, o.bucket as at, o.count, o.valid, o.min, o.max, o.sum, o.last from ${TABLES[part.source]} o
    where o.series_id = any(${[...seriesIds]}::int[]) and o.bucket >= ${at(part.fromMs)} and o.bucket < ${at(part.toMs)}`;
  if (spans.length === 0) return [summary];
  const rows = sql`unnest(${spans.map(({ seriesId }) => seriesId)}::int[],
    ${spans.map(({ fromMs }) => at(fromMs))}::timestamptz[], ${spans.map(({ toMs }) => at(toMs))}::timestamptz[])
    as w (series_id, from_hour, to_hour)`;
  return [
    sql`${summary} and not exists (
      select from ${rows} where w.series_id = o.series_id and o.bucket >= w.from_hour and o.bucket < w.to_hour)`,
    sql`select o.series_id, o.time as at, ${VALUE} from ${rows}
        join observations o on o.series_id = w.series_id and o.time >= w.from_hour and o.time < w.to_hour
        where o.series_id = any(${[...seriesIds]}::int[])
          and o.time >= ${at(Math.min(...spans.map(({ fromMs }) => fromMs)))}
          and o.time < ${at(Math.max(...spans.map(({ toMs }) => toMs)))}`,
  ];
}

/** The local days that lie wholly in a span. */
async function wholeDays(db: Queryable, from: Date, to: Date, timezone: string) {
  const [row] = await db.query<{ from: Date; to: Date }>(sql`
    select (date_trunc('day', ${from}::timestamptz at time zone ${timezone} - interval '1 microsecond') + interval '1 day')
             at time zone ${timezone} as from,
           date_trunc('day', ${to}::timestamptz at time zone ${timezone}) at time zone ${timezone} as to`);
  return row && { fromMs: row.from.getTime(), toMs: row.to.getTime() };
}
