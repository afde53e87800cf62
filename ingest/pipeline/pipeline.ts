import { isAppError } from '../../core/errors.ts';
import type { IntakeMessage, IntakeReceipt, Logger } from '../../core/ports.ts';
import { type Job, newJob, type StageContext } from './job.ts';
import { STAGES } from './stages.ts';

export interface Pipeline {
  /** Takes a message; `settle` is called once, when everything in it is committed. */
  accept(message: IntakeMessage, settle: (receipt: IntakeReceipt) => void): void;
  /** Messages that have not reached the writer yet. */
  readonly waiting: number;
  /** Mean microseconds of each stage, of the messages that were timed. */
  stageMicros(): ReadonlyMap<string, number>;
}

/** One message of so many is timed. */
const TIME_EVERY = 64;

/**
 * Takes messages through the stages: those of one device one after the other, those of different devices side by
 * side. Nearly always a message runs through at once; only where a stage has to wait for the database does its
 * device get a queue, which is gone as soon as it is empty.
 */
export function createPipeline(context: StageContext, logger: Logger): Pipeline {
  const queues = new Map<string, Job[]>();
  let waiting = 0;

  const spentMs = new Float64Array(STAGES.length);
  let timed = 0;
  let seen = 0;

  const run = (job: Job): Promise<void> | undefined => {
    if (++seen % TIME_EVERY !== 0) return advance(job, context, logger, 0);
    timed++;
    return advance(job, context, logger, 0, (stage, ms) => {
      spentMs[stage] = (spentMs[stage] ?? 0) + ms;
    });
  };

  const drain = async (deviceId: string, queue: Job[], first: Promise<void>) => {
    await first;
    waiting--;
    for (let job = queue.shift(); job; job = queue.shift()) {
      await run(job);
      waiting--;
    }
    queues.delete(deviceId);
  };

  return {
    accept(message, settle) {
      const job = newJob(message, settle);
      const queue = queues.get(message.deviceId);
      if (queue) {
        waiting++;
        queue.push(job);
        return;
      }
      const pending = run(job);
      if (!pending) return;
      waiting++;
      const created: Job[] = [];
      queues.set(message.deviceId, created);
      void drain(message.deviceId, created, pending);
    },
    get waiting() {
      return waiting;
    },
    stageMicros() {
      const mean = (index: number) => (timed === 0 ? 0 : ((spentMs[index] ?? 0) * 1000) / timed);
      return new Map(STAGES.map(({ name }, index) => [name, mean(index)]));
    },
  };
}

/** Runs the stages from `from` on; a promise only where one of them waits. Never throws. */
function advance(
  job: Job,
  context: StageContext,
  logger: Logger,
  from: number,
  spent?: (stage: number, ms: number) => void,
): Promise<void> | undefined {
  let index = from;
  try {
    for (; index < STAGES.length; index++) {
      const startedMs = spent ? context.clock.monotonic() : 0;
      const pending = STAGES[index]?.run(job, context);
      // A stage that waits for the database is not timed: the wait is not its own.
      if (!pending) {
        spent?.(index, context.clock.monotonic() - startedMs);
        continue;
      }
      const next = index + 1;
      const stage = STAGES[index]?.name ?? '';
      return pending.then(
        () => advance(job, context, logger, next),
        (error: unknown) => refuseAll(job, context, logger, stage, error),
      );
    }
  } catch (error) {
    refuseAll(job, context, logger, STAGES[index]?.name ?? '', error);
  }
}

/** The whole message goes to quarantine with its reason, replayable. */
function refuseAll(job: Job, context: StageContext, logger: Logger, stage: string, error: unknown): void {
  job.items = [];
  job.duplicates = 0;
  job.parts = Math.max(1, job.parts);
  job.refusedParts = job.parts;
  if (isAppError(error)) {
    job.refusals = [{ code: error.code, reason: error.detail ?? error.message, part: '' }];
  } else {
    const reason = error instanceof Error ? error.message : String(error);
    logger.error({ deviceId: job.message.deviceId, stage, err: reason }, 'a stage failed');
    job.refusals = [{ code: 'internal', reason: `stage ${stage}: ${reason}`, part: '' }];
  }
  context.write(job);
}
