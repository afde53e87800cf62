import type { Clock } from '../../core/clock.ts';
import type { Announcement, Bus, Database, Logger, Tx } from '../../core/ports.ts';

const RETRY_MS = 2000;

/** Work of timers and of changed registries, which no batch carries: each piece in its own small transaction. */
export interface Outbox {
  /** Runs `work` after what was put before it, again and again until it is stored; then announces. */
  put(work: (tx: Tx) => Promise<readonly Announcement[]>): void;
  idle(): Promise<void>;
  /** Gives up what cannot be stored now. */
  stop(): Promise<void>;
}

export function createOutbox(deps: { database: Database; bus: Bus; clock: Clock; logger: Logger }): Outbox {
  const { database, bus, clock, logger } = deps;
  let last: Promise<void> = Promise.resolve();
  let stopped = false;
  let wake: (() => void) | undefined;

  const run = async (work: (tx: Tx) => Promise<readonly Announcement[]>) => {
    while (!stopped) {
      try {
        for (const { event, data } of await database.transaction(work)) bus.emit(event, data);
        return;
      } catch (error) {
        logger.warn({ err: String(error) }, 'effects of rules not stored yet');
        await new Promise<void>((resolve) => {
          wake = resolve;
          clock.after(RETRY_MS, resolve);
        });
      }
    }
  };

  return {
    put(work) {
      last = last.then(() => run(work));
    },
    idle: () => last,
    async stop() {
      stopped = true;
      wake?.();
      await last;
    },
  };
}
