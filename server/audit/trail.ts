import type { Clock } from '../../core/clock.ts';
import type { AuditEntry, AuditTrail, Database, Health, Logger } from '../../core/ports.ts';
import { type PreparedEntry, prepareEntry } from './entry.ts';
import { createFolds } from './folds.ts';
import { createNoteQueue, type NoteLimits } from './note-queue.ts';
import { append } from './sql.ts';

export interface Trail extends AuditTrail {
  /** Resolves when everything noted so far is committed. */
  settled(): Promise<void>;
  /** Writes what waits, folds included; entries noted later are refused silently. */
  stop(): Promise<void>;
  stats(): { waiting: number; dropped: number };
}

/** Where acts and reads are written down. Needs nothing but the database: usable before and beside the product. */
export function createTrail(options: {
  database: Database;
  clock: Clock;
  logger: Logger;
  health?: Health;
  limits?: Partial<NoteLimits>;
}): Trail {
  const { database, clock } = options;
  const prepare = (entry: AuditEntry) => prepareEntry(entry, clock.now());

  const queue = createNoteQueue({
    ...options,
    async write(entries) {
      await database.transaction(async (tx) => {
        for (const [chain, texts] of byChain(entries)) await append(tx, chain, texts);
      });
    },
    droppedEntry: (count) => prepare({ by: null, action: 'audit.dropped', after: { count } }),
  });
  const folds = createFolds(clock, (entry) => queue.push(prepare(entry)));

  return {
    async record(tx, ...entries) {
      for (const [chain, texts] of byChain(entries.map(prepare))) await append(tx, chain, texts);
    },
    async note(entry, how = {}) {
      if (how.fold && folds.take(entry, how.fold)) return;
      if (!how.must) {
        queue.push(prepare(entry));
        return;
      }
      try {
        await queue.pushAndWait(prepare(entry));
      } catch (error) {
        // What follows in this window has no first entry to be counted with.
        if (how.fold) folds.forget(entry, how.fold.key);
        throw error;
      }
    },
    settled: () => queue.settled(),
    async stop() {
      folds.close();
      await queue.stop();
    },
    stats: queue.stats,
  };
}

/** Chains in the order of their names: two transactions never wait for each other crosswise. */
function byChain(entries: readonly PreparedEntry[]): [string, string[]][] {
  const chains = new Map<string, string[]>();
  for (const { chain, text } of entries) {
    const texts = chains.get(chain);
    if (texts) texts.push(text);
    else chains.set(chain, [text]);
  }
  return [...chains].sort(([a], [b]) => (a < b ? -1 : 1));
}
