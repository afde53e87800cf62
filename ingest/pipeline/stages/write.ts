import type { Job, StageContext } from '../job.ts';

/** Hands what is left, and what was refused, to the batch writer; it settles the job after the commit. */
export function write(job: Job, context: StageContext): void {
  context.write(job);
}
