import type { Job, StageContext } from '../job.ts';

/**
 * Asks the rules about every live item, in the order of its time. A rule that throws must not cost the reading:
 * the reading is stored, and the fault is shown.
 */
export function evaluate(job: Job, context: StageContext): void {
  for (const item of job.items) {
    if (!item.live) continue;
    try {
      item.effects = context.rules.evaluate(item.row);
    } catch (error) {
      context.ruleFault(item.row.deviceId, error);
    }
  }
}
