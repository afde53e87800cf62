import type { Clock } from '../../core/clock.ts';
import { AppError, isAppError } from '../../core/errors.ts';
import type { Health, Logger } from '../../core/ports.ts';
import type { PreparedEntry } from './entry.ts';

export interface NoteLimits {
  /** What waits in memory, bytes of canonical text. */
  maxBytes: number;
  /** Entries of one transaction. */
  batch: number;
  /** Pause after a transaction that failed. */
  retryMs: number;
}

const LIMITS: NoteLimits = { maxBytes: 4 * 1024 * 1024, batch: 200, retryMs: 1000 };
const HEALTH = 'audit.notes';

export interface NoteQueue {
  /** For what may be lost in a storm: never waits, is tried again, dropped and counted beyond the bound. */
  push(entry: PreparedEntry): void;
  /** For what must be kept: resolves when it is committed, rejects when it could not be. */
  pushAndWait(entry: PreparedEntry): Promise<void>;
  settled(): Promise<void>;
  stop(): Promise<void>;
  stats(): { waiting: number; dropped: number };
}

interface Waiting {
  entry: PreparedEntry;
  bytes: number;
  /** Who waits for it, if anybody does. */
  waiter?: { resolve(): void; reject(error: unknown): void };
}

/**
 * Entries that have no transaction of their own, in the order they came, as many at once as have gathered while the
 * last ones were written. Bound: `maxBytes`. Overflow: what must be kept waits outside with whoever pushed it, the
 * rest is dropped, counted, and the count is written as soon as there is room.
 */
export function createNoteQueue(options: {
  clock: Clock;
  logger: Logger;
  health?: Health;
  limits?: Partial<NoteLimits>;
  write(entries: readonly PreparedEntry[]): Promise<void>;
  droppedEntry(count: number): PreparedEntry;
}): NoteQueue {
  const { clock, logger, health, write, droppedEntry } = options;
  const limits = { ...LIMITS, ...options.limits };
  let queue: Waiting[] = [];
  /** Must be kept, but the queue is full: they enter when it has room. */
  const outside: Waiting[] = [];
  const idle: (() => void)[] = [];
  let bytes = 0;
  let dropped = 0;
  let unreported = 0;
  let running = false;
  let stopping = false;
  let isFailing = false;
  let batchSize = limits.batch;

  const take = (items: readonly Waiting[]) => {
    const gone = new Set(items);
    queue = queue.filter((item) => !gone.has(item));
    for (const item of items) bytes -= item.bytes;
    for (let next = outside[0]; next && bytes + next.bytes <= limits.maxBytes; next = outside[0]) {
      outside.shift();
      queue.push(next);
      bytes += next.bytes;
    }
  };

  const drop = (count: number) => {
    dropped += count;
    unreported += count;
  };

  const failed = (error: unknown, batch: readonly Waiting[]) => {
    if (!isFailing) logger.warn({ err: String(error), waiting: queue.length }, 'audit notes not written');
    isFailing = true;
    health?.set({
      component: HEALTH,
      state: 'degraded',
      code: 'db.unavailable',
      message: {
        vi: 'Chưa ghi được lượt xem vào nhật ký; thao tác vẫn được ghi cùng giao dịch',
        en: 'Reads cannot be written to the audit trail now; acts are, with their transactions',
      },
    });
    // Whoever waits answers with an error, and the data are not handed out.
    const awaited = batch.filter((item) => item.waiter);
    take(awaited);
    for (const { waiter } of awaited) waiter?.reject(error);
    const rest = batch.length - awaited.length;
    if (isAppError(error) && error.retryable) return;
    // Not the database's absence but one of them: found by trying each alone, so that it does not stop the others.
    if (batchSize > 1) batchSize = 1;
    else if (rest > 0) {
      logger.error({ err: String(error) }, 'an audit note cannot be written and is left out');
      take(batch.filter((item) => !item.waiter));
      drop(rest);
    }
  };

  const written = (batch: readonly Waiting[], reported: number) => {
    if (isFailing)
      health?.set({
        component: HEALTH,
        state: 'ok',
        message: { vi: 'Nhật ký ghi bình thường', en: 'The audit trail is being written' },
      });
    isFailing = false;
    unreported -= reported;
    take(batch);
    for (const { waiter } of batch) waiter?.resolve();
  };

  const pump = async () => {
    while (queue.length > 0 || unreported > 0) {
      const batch = queue.slice(0, batchSize);
      const reported = unreported;
      const entries = batch.map((item) => item.entry);
      if (reported > 0) entries.push(droppedEntry(reported));
      try {
        await write(entries);
        written(batch, reported);
        batchSize = limits.batch;
      } catch (error) {
        failed(error, batch);
        if (stopping) {
          // Nobody waits at the end for a database that is gone; how much was lost is in the log.
          if (queue.length > 0) logger.error({ lost: queue.length }, 'audit notes lost at the end');
          take([...queue]);
          return;
        }
        await new Promise<void>((resolve) => clock.after(limits.retryMs, resolve));
      }
    }
  };

  const start = () => {
    if (running) return;
    running = true;
    void pump().finally(() => {
      running = false;
      for (const resolve of idle.splice(0)) resolve();
    });
  };

  const settled = () =>
    new Promise<void>((resolve) => {
      if (running) idle.push(resolve);
      else resolve();
    });

  const admit = (entry: PreparedEntry, waiter?: Waiting['waiter']): boolean => {
    const item: Waiting = { entry, bytes: Buffer.byteLength(entry.text), waiter };
    if (bytes + item.bytes > limits.maxBytes) {
      if (!waiter) return false;
      outside.push(item);
      return true;
    }
    queue.push(item);
    bytes += item.bytes;
    start();
    return true;
  };

  return {
    push(entry) {
      if (stopping || !admit(entry)) drop(1);
    },
    pushAndWait: (entry) =>
      new Promise<void>((resolve, reject) => {
        if (stopping) reject(new AppError('system.not_ready'));
        else admit(entry, { resolve, reject });
      }),
    settled,
    async stop() {
      stopping = true;
      start();
      await settled();
    },
    stats: () => ({ waiting: queue.length + outside.length, dropped }),
  };
}
