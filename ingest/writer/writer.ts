import type { Clock } from '../../core/clock.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Logger, RuleEngine } from '../../core/ports.ts';
import type { Light } from '../health-light.ts';
import type { IngestDatabase } from './connection.ts';
import type { Entry } from './entry.ts';
import type { Partitions } from './partitions.ts';
import { createStore, newTurn, type Stored, type Turn } from './store.ts';

export interface WriterOptions {
  database: IngestDatabase;
  rules: Pick<RuleEngine, 'persist'>;
  partitions: Partitions;
  clock: Clock;
  logger: Logger;
  /** Shows that the database takes nothing. */
  light: Light;
  /** Shows that effects of rules could not be written. */
  ruleLight: Light;
  maxBatchRows: number;
  maxBatchBytes: number;
  /** Called after a commit, before the entries are settled, in the order of the entries. */
  committed(entries: readonly Entry[], result: Stored): void;
}

export interface WriterStats {
  batchesTotal: number;
  rowsTotal: number;
  /** Seconds that batches took from their making to their commit, added up. */
  secondsTotal: number;
}

export interface Writer {
  enqueue(entry: Entry): void;
  /** Resolves when everything that was enqueued is committed and settled. */
  drained(): Promise<void>;
  /** Why nothing is taken right now; undefined while batches go through. */
  readonly blockedBy: ErrorCode | undefined;
  readonly waitingEntries: number;
  /** Those of them that are messages, not rows of the front about something it turned away. */
  readonly waitingMessages: number;
  stats(): WriterStats;
}

/**
 * A second batch starts beside a running one only when this many rows wait: below that, waiting for the running one
 * makes one decent batch of two small ones.
 */
const OVERLAP_ROWS = 500;

/**
 * Commits entries in batches without a timer: what waits is written as soon as a slot is free, so that a lone
 * message waits for nobody and a crowd shares one commit. Batches settle in the order in which they were made.
 */
export function createWriter(options: WriterOptions): Writer {
  const slots = options.database.capabilities.kind === 'embedded' ? 1 : 2;
  const store = createStore(options);
  let queue: Entry[] = [];
  let queuedRows = 0;
  let running = 0;
  let unsettled = 0;
  let messages = 0;
  const stats: WriterStats = { batchesTotal: 0, rowsTotal: 0, secondsTotal: 0 };
  let last: Turn | undefined;
  let scheduled = false;
  let idle: (() => void)[] = [];

  const take = (): Entry[] => {
    let rows = 0;
    let bytes = 0;
    let count = 0;
    for (const entry of queue) {
      const more = rowsOf(entry);
      // One entry always fits, however large; its own size was bounded on the way in.
      if (count > 0 && (rows + more > options.maxBatchRows || bytes + entry.bytes > options.maxBatchBytes))
        break;
      rows += more;
      bytes += entry.bytes;
      count++;
    }
    const batch = queue.slice(0, count);
    queue = queue.slice(count);
    queuedRows -= rows;
    return batch;
  };

  const run = async (entries: Entry[], previous: Turn | undefined, turn: Turn) => {
    const startedMs = options.clock.monotonic();
    const result = await store.write(entries, previous, turn);
    await previous?.done;
    stats.batchesTotal++;
    stats.rowsTotal += result.rowsInDatabase;
    stats.secondsTotal += (options.clock.monotonic() - startedMs) / 1000;
    options.committed(entries, result);
    unsettled -= entries.length;
    for (const { message } of entries) if (message !== null) messages--;
    turn.finish();
    running--;
    if (last === turn) last = undefined;
    pump();
    if (unsettled === 0) {
      const waiting = idle;
      idle = [];
      for (const resolve of waiting) resolve();
    }
  };

  const pump = () => {
    while (queue.length > 0 && running < slots && (running === 0 || queuedRows >= OVERLAP_ROWS)) {
      const previous = last;
      const turn = newTurn();
      last = turn;
      running++;
      void run(take(), previous, turn);
    }
  };

  return {
    enqueue(entry) {
      unsettled++;
      if (entry.message !== null) messages++;
      queue.push(entry);
      queuedRows += rowsOf(entry);
      if (scheduled) return;
      scheduled = true;
      // After this turn of the event loop: all messages of one socket chunk go into one batch.
      setImmediate(() => {
        scheduled = false;
        pump();
      });
    },
    drained: () => (unsettled === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
    get blockedBy() {
      return options.light.code;
    },
    get waitingEntries() {
      return unsettled;
    },
    get waitingMessages() {
      return messages;
    },
    stats: () => ({ ...stats }),
  };
}

/** An entry without rows still costs a little: a batch of nothing but repeats must end somewhere. */
function rowsOf(entry: Entry): number {
  return Math.max(1, entry.items.length + entry.quarantine.length);
}
