import type { Evaluable } from '../../../core/reading.ts';
import { POSITION_SERIES } from '../../../core/reading.ts';
import type { Job, StageContext } from '../job.ts';

/**
 * Puts the message in the order of its times, drops exact repeats that memory still knows, and marks what is newer
 * than its series: only that is live. Every other repeat is the database's, which keeps one row per series and time.
 * A replay is never dropped here: what memory knows may be what was refused.
 */
export function dedupe(job: Job, context: StageContext): void {
  const replay = job.message.replayOf !== undefined;
  if (!isOrdered(job)) job.items.sort((a, b) => a.row.timeMs - b.row.timeMs);
  job.items = job.items.filter((item) => {
    const { row } = item;
    const known = context.series.find(row.deviceId, quantityOf(row));
    if (!known) throw new Error(`series ${row.seriesId} is not in memory`);
    if (known.recent.repeats(row) && !replay) {
      job.duplicates++;
      return false;
    }
    item.live = row.timeMs > known.lastMs;
    if (item.live) known.lastMs = row.timeMs;
    return true;
  });
}

export function quantityOf(row: Evaluable): string {
  return row.kind === 'value' ? row.quantity : POSITION_SERIES.quantity;
}

function isOrdered(job: Job): boolean {
  let last = Number.NEGATIVE_INFINITY;
  for (const { row } of job.items) {
    if (row.timeMs < last) return false;
    last = row.timeMs;
  }
  return true;
}
