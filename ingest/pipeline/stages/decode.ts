import { parseJson } from '../../../core/json.ts';
import type { Job } from '../job.ts';

/** Bytes → the moments in them, by the device's type. Throws `payload.*` or `device.too_many_quantities`. */
export function decode(job: Job): void {
  job.readings = job.type?.decode(parseJson(job.message.payload)) ?? [];
}
