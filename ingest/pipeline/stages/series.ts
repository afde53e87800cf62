import { POSITION_SERIES } from '../../../core/reading.ts';
import { deviceOf, type Item, type Job, refuse, type StageContext } from '../job.ts';
import { quantityOf } from './dedupe.ts';

/**
 * Device × quantity → series. Known ones come from memory; a new one is made by the directory, up to the device's
 * cap on different quantities.
 */
export function series(job: Job, context: StageContext): void | Promise<void> {
  const missing = new Map<string, string>();
  for (const item of job.items) if (!assign(item, context)) missing.set(quantityOf(item.row), item.unit);
  if (missing.size > 0) return create(job, context, missing);
}

function assign(item: Item, context: StageContext): boolean {
  const known = context.series.find(item.row.deviceId, quantityOf(item.row));
  if (!known) return false;
  item.row.seriesId = known.id;
  return true;
}

async function create(job: Job, context: StageContext, missing: Map<string, string>): Promise<void> {
  const deviceId = deviceOf(job).id;
  const cap = context.settings.maxQuantitiesPerDevice;
  for (const [quantity, unit] of missing) {
    if (quantity !== POSITION_SERIES.quantity && context.series.quantityCount(deviceId) >= cap) continue;
    const id = await context.resolveSeries(deviceId, quantity, unit);
    context.series.add({ id, deviceId, quantity, unit, lastMs: null });
  }
  const refused = new Set<string>();
  job.items = job.items.filter((item) => {
    if (assign(item, context)) return true;
    const quantity = quantityOf(item.row);
    if (!refused.has(quantity)) {
      const reason = `the device already has ${cap} quantities`;
      refuse(job, item.reading, `values.${quantity}`, 'device.too_many_quantities', reason, 0);
    }
    job.refusedParts++;
    refused.add(quantity);
    return false;
  });
}
