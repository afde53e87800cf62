import type { Clock } from '../../core/clock.ts';
import type { AuditEntry, AuditNoteOptions } from '../../core/ports.ts';

/** Beyond so many keys at once, further ones share one per action: a storm from many addresses stays small. */
const MAX_KEYS = 2000;

export interface Folds {
  /** True when the entry is counted with an earlier one of its key and need not be written itself. */
  take(entry: AuditEntry, fold: NonNullable<AuditNoteOptions['fold']>): boolean;
  /** The first entry of a key could not be written. */
  forget(entry: AuditEntry, key: string): void;
  /** Writes every count now. */
  close(): void;
}

interface Fold {
  entry: AuditEntry;
  more: number;
  startedMs: number;
  cancel: () => void;
}

/** Repetitions within a window: the first is written at once, the others become one entry with their number. */
export function createFolds(clock: Clock, write: (entry: AuditEntry) => void): Folds {
  const open = new Map<string, Fold>();

  const end = (key: string) => {
    const fold = open.get(key);
    if (!fold) return;
    open.delete(key);
    fold.cancel();
    if (fold.more === 0) return;
    const seconds = Math.round((clock.now() - fold.startedMs) / 1000);
    write({ ...fold.entry, after: { ...fold.entry.after, more: fold.more, seconds } });
  };

  return {
    take(entry, { key: wanted, windowMs }) {
      const own = `${entry.action} ${wanted}`;
      const key = open.has(own) || open.size < MAX_KEYS ? own : `${entry.action} *`;
      const fold = open.get(key);
      if (fold) {
        fold.more += 1;
        fold.entry = entry;
        return true;
      }
      open.set(key, {
        entry,
        more: 0,
        startedMs: clock.now(),
        cancel: clock.after(windowMs, () => end(key)),
      });
      return false;
    },
    forget(entry, key) {
      const own = `${entry.action} ${key}`;
      open.get(own)?.cancel();
      open.delete(own);
    },
    close() {
      for (const key of [...open.keys()]) end(key);
    },
  };
}
