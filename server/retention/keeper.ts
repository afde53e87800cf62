import { KEPT_DATA, type KeptData } from '../../core/api/retention.ts';
import type { Clock } from '../../core/clock.ts';
import type { AuditTrail, Database, Health, Logger } from '../../core/ports.ts';
import type { Bilingual } from '../../core/text.ts';
import type { RetentionSettings } from './settings.ts';
import { type HeldSpan, heldSpans, impatient, isSummarised, noteRun, removeExpired, shutOut } from './sql.ts';

const DAY_MS = 86_400_000;
const FIRST_ROUND_MS = 10 * 60_000;
const ROUND_MS = 6 * 3_600_000;

export interface RetentionKeeper {
  /** One round over every kind of data that does not stay for ever; answers with how many rows went. */
  keep(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

export function daysOf(settings: RetentionSettings): Record<KeptData, number | null> {
  return {
    values: settings.valuesDays,
    positions: settings.positionsDays,
    minutes: settings.minutesDays,
    hours: settings.hoursDays,
    days: settings.daysDays,
  };
}

/** Removes exactly what is older than its settings say and not held, and never a value that is not summarised yet. */
export function createRetentionKeeper(options: {
  database: Database;
  clock: Clock;
  health: Health;
  logger: Logger;
  audit: Pick<AuditTrail, 'record'>;
  settings: RetentionSettings;
}): RetentionKeeper {
  const { database, clock, health, logger, audit, settings } = options;
  const days = daysOf(settings);
  let cancel: () => void = () => undefined;
  let stopped = false;
  let running: Promise<unknown> = Promise.resolve();

  const removeOf = (data: KeptData, keptDays: number) =>
    database.transaction(async (tx) => {
      await tx.query(shutOut);
      await tx.query(impatient);
      const at = new Date(clock.now());
      const before = new Date(at.getTime() - keptDays * DAY_MS);
      if (data === 'values' && !(await isSummarised(tx, before))) return 0;
      const held = await tx.query<HeldSpan>(heldSpans);
      const result = await removeExpired(tx, data, before, held);
      const run = { before, removed: Number(result.removed), held: Number(result.held) };
      await tx.query(noteRun({ data, at, ...run }));
      if (run.removed > 0) {
        await audit.record(tx, {
          by: null,
          action: 'retention.remove',
          object: { type: 'kept_data', id: data },
          after: { ...run, before: before.toISOString() },
        });
        logger.info({ data, ...run }, 'expired data removed');
      }
      return run.removed;
    });

  const keep = async () => {
    let removed = 0;
    for (const data of KEPT_DATA) {
      const keptDays = days[data];
      if (keptDays !== null && !stopped) removed += await removeOf(data, keptDays);
    }
    return removed;
  };

  const show = (state: 'ok' | 'degraded', message: Bilingual) =>
    health.set({
      component: 'retention',
      state,
      message,
      code: state === 'ok' ? undefined : 'db.unavailable',
    });

  const round = async () => {
    try {
      await keep();
      show('ok', { vi: 'Dữ liệu được giữ đúng thời hạn', en: 'Data is kept for its time' });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ err: reason }, 'expired data could not be removed');
      show('degraded', {
        vi: `Chưa xóa được dữ liệu hết hạn: ${reason}`,
        en: `Expired data could not be removed: ${reason}`,
      });
    }
    if (!stopped) cancel = clock.after(ROUND_MS, again);
  };
  const again = () => {
    running = round();
  };

  return {
    keep,
    start() {
      if (KEPT_DATA.some((data) => days[data] !== null)) cancel = clock.after(FIRST_ROUND_MS, again);
    },
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
}
