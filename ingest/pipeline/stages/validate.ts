import { isQuantity, QUANTITIES } from '../../../core/quantities.ts';
import { type Item, type Job, refuse, type StageContext } from '../job.ts';
import { judge } from '../value.ts';

/** 1 January 1990: what claims to be older is a clock that was never set. */
const MIN_TIME_MS = Date.UTC(1990, 0, 1);

/**
 * Judges what can be read: times outside the window are refused with everything of their reading, values get their
 * quality. The window is measured against the clock, not the arrival: what was refused because **our** clock was
 * wrong can be replayed later.
 */
export function validate(job: Job, context: StageContext): void {
  const maxTimeMs = context.clock.now() + context.settings.maxFutureS * 1000;
  let refusedReading = -1;
  job.items = job.items.filter((item) => {
    const { timeMs } = item.row;
    if (timeMs > maxTimeMs || timeMs < MIN_TIME_MS) {
      // Items of one reading stand together: its time is refused once, not once per value.
      if (item.reading !== refusedReading) refuseTime(job, item, timeMs > maxTimeMs);
      refusedReading = item.reading;
      job.refusedParts++;
      return false;
    }
    if (item.row.kind === 'value') {
      const { quantity } = item.row;
      const known = isQuantity(quantity) ? QUANTITIES[quantity] : undefined;
      item.row.quality = judge(item.row.value, item.status, known);
    }
    return true;
  });
}

function refuseTime(job: Job, item: Item, future: boolean): void {
  const at = new Date(item.row.timeMs);
  const shown = Number.isNaN(at.getTime()) ? `${item.row.timeMs} ms` : at.toISOString();
  if (future) refuse(job, item.reading, '', 'time.future', `${shown} is ahead of the clock`, 0);
  else refuse(job, item.reading, '', 'time.too_old', `${shown} is before 1990`, 0);
}
