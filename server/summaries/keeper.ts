import type { Clock } from '../../core/clock.ts';
import type { Database, Health, Logger, Queryable } from '../../core/ports.ts';
import type { Bilingual } from '../../core/text.ts';
import {
  forget,
  layOutDays,
  noteEverything,
  oldestPending,
  type Pending,
  readState,
  refreshAggregate,
  type State,
  setWatermark,
  summariseDays,
  summariseValues,
  tryLock,
} from './sql/state.ts';

const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;
/**
 * An hour is summarised this long after its end. Whoever stores values calls an hour late from
 * `LATE_AFTER_MS` on (ingest: writer), well before: between the two no transaction of theirs may last.
 */
const SETTLE_MS = 30 * 60_000;
const ROUND_MS = 60_000;
/** Pending spans of one transaction: the embedded database serves nobody else meanwhile. */
const PENDING_PER_STEP = 200;
/** Hours that the watermark moves over in one transaction: after a long stop it catches up in steps. */
const HOURS_PER_STEP = 6;

export interface SummaryKeeper {
  /** Summarises all that is due; answers with how many pending spans it went over. */
  keep(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

/** Keeps the summaries of minutes, hours and local days in step with what is stored, late data included. */
export function createSummaryKeeper(options: {
  database: Database & { capabilities: { timescaledb: boolean } };
  clock: Clock;
  health: Health;
  logger: Logger;
  timezone: string;
}): SummaryKeeper {
  const { database, clock, health, logger, timezone } = options;
  const continuous = database.capabilities.timescaledb;
  let cancel: () => void = () => undefined;
  let stopped = false;
  let running: Promise<unknown> = Promise.resolve();

  /** A step of the work in one transaction; undefined when another process is at it. */
  const step = <T>(work: (tx: Queryable, state: State) => Promise<T>): Promise<T | undefined> =>
    database.transaction(async (tx) => {
      if (!(await tryLock(tx))) return undefined;
      const [state] = await tx.query<State>(readState);
      return state && (await work(tx, state));
    });

  const begin = () =>
    step(async (tx, state) => {
      if (state.timezone !== timezone) for (const query of layOutDays(timezone)) await tx.query(query);
      if (state.watermark !== null) return;
      const due = new Date(dueMs());
      await tx.query(noteEverything(due));
      await tx.query(setWatermark(due));
    });

  const dueMs = () => Math.floor((clock.now() - SETTLE_MS) / HOUR_MS) * HOUR_MS;

  const summarise = async (tx: Queryable, { from, to }: Span, series?: readonly number[]) => {
    if (!continuous) await tx.query(summariseValues(from, to, series));
    await tx.query(summariseDays(from, to, timezone, series));
  };

  // TimescaleDB computes minutes and hours itself, but not inside a transaction of ours. Dying in between is
  // harmless: the step is done again.
  const refresh = async ({ from, to }: Span) => {
    await database.query(refreshAggregate('observations_1m', from, to));
    await database.query(refreshAggregate('observations_1h', from, to));
  };

  /** Moves the watermark on; false when it stands where it should. */
  const advance = async (): Promise<boolean> => {
    const next = ({ watermark }: State): Span | undefined => {
      const due = dueMs();
      if (watermark === null || watermark.getTime() >= due) return undefined;
      return { from: watermark, to: new Date(Math.min(due, watermark.getTime() + HOURS_PER_STEP * HOUR_MS)) };
    };
    if (continuous) {
      const [state] = await database.query<State>(readState);
      const span = state && next(state);
      if (span) await refresh(span);
    }
    const moved = await step(async (tx, state) => {
      const span = next(state);
      if (!span) return false;
      await summarise(tx, span);
      await tx.query(setWatermark(span.to));
      return true;
    });
    return moved === true;
  };

  /** Goes over some of the pending spans; answers with how many there were. */
  const settle = async (): Promise<number> => {
    const due = async (from: Queryable, { watermark }: State) =>
      watermark === null ? [] : await from.query<Pending>(oldestPending(watermark, PENDING_PER_STEP));
    let refreshed: Pending[] | undefined;
    if (continuous) {
      const [state] = await database.query<State>(readState);
      refreshed = state ? await due(database, state) : [];
      for (const week of byWeek(refreshed)) await refresh(week);
    }
    const settled = await step(async (tx, state) => {
      const pending = refreshed ?? (await due(tx, state));
      for (const week of byWeek(pending)) await summarise(tx, week, week.series);
      if (pending.length > 0) await tx.query(forget(pending.map(({ id }) => id)));
      return pending.length;
    });
    return settled ?? 0;
  };

  const keep = async () => {
    await begin();
    while (!stopped && (await advance()));
    let spans = 0;
    for (let settled = PENDING_PER_STEP; !stopped && settled === PENDING_PER_STEP; spans += settled)
      settled = await settle();
    return spans;
  };

  const show = (state: 'ok' | 'degraded', message: Bilingual) =>
    health.set({
      component: 'summaries',
      state,
      message,
      code: state === 'ok' ? undefined : 'db.unavailable',
    });

  const round = async () => {
    try {
      await keep();
      show('ok', {
        vi: 'Số liệu tổng hợp theo phút, giờ, ngày đã cập nhật',
        en: 'The summaries of minutes, hours and days are up to date',
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ err: reason }, 'the summaries have to wait');
      show('degraded', {
        vi: `Chưa cập nhật được số liệu tổng hợp: ${reason}`,
        en: `The summaries could not be brought up to date: ${reason}`,
      });
    }
    if (!stopped) cancel = clock.after(ROUND_MS, again);
  };
  const again = () => {
    running = round();
  };

  return {
    keep,
    start: again,
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
}

interface Span {
  from: Date;
  to: Date;
}

/** Pending spans, week by week: one statement reads one partition and the series that need it. */
function byWeek(pending: readonly Omit<Pending, 'id'>[]): (Span & { series: number[] })[] {
  const weeks = new Map<number, { from: number; to: number; series: Set<number> }>();
  for (const { seriesId, from, to } of pending) {
    const week = Math.floor(from.getTime() / WEEK_MS);
    const found = weeks.get(week) ?? { from: Number.POSITIVE_INFINITY, to: 0, series: new Set<number>() };
    found.from = Math.min(found.from, from.getTime());
    found.to = Math.max(found.to, to.getTime());
    weeks.set(week, found);
    found.series.add(seriesId);
  }
  return [...weeks.values()].map(({ from, to, series }) => ({
    from: new Date(from),
    to: new Date(to),
    series: [...series],
  }));
}
