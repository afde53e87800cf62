import type { Clock } from '../../core/clock.ts';
import type { EventMap } from '../../core/events.ts';
import { type Caller, type Scope, WHOLE_SCOPE } from '../../core/permissions.ts';
import type { Logger } from '../../core/ports.ts';

export type AlertChange = EventMap['alert.changed'];

/** The alert history as the live push reads it; whoever keeps alerts provides it. */
export interface AlertSource {
  /** Events after `seq` within a scope, in the order of their sequence, at most `limit`; `reader` = for whom. */
  eventsSince(scope: Scope, seq: number, limit: number, reader?: Caller): Promise<AlertChange[]>;
  lastSeq(): Promise<number>;
}

const EVENTS_PER_READ = 500;
const RETRY_MS = 1000;
/** In case an announcement got lost, or another process wrote the event. */
const POLL_MS = 5000;

export interface AlertTail {
  /** Sequence of the last event handed on. */
  readonly seq: number;
  start(): Promise<void>;
  /** An event was announced. */
  notice(change: AlertChange): void;
  stop(): void;
}

/**
 * Turns announcements, which may come out of order, into the one order of the database without a gap: the next in
 * sequence is handed on as it is; at any other the tail is read from the database.
 */
export function createAlertTail(options: {
  source: AlertSource;
  clock: Clock;
  logger: Logger;
  deliver(changes: readonly AlertChange[]): void;
}): AlertTail {
  const { source, clock, logger, deliver } = options;
  let seq = 0;
  let reading = false;
  let again = false;
  let stopped = true;
  let cancel = () => {};

  const read = async () => {
    do {
      again = false;
      const changes = await source.eventsSince(WHOLE_SCOPE, seq, EVENTS_PER_READ);
      if (stopped || changes.length === 0) continue;
      seq = changes.at(-1)?.seq ?? seq;
      deliver(changes);
      if (changes.length === EVENTS_PER_READ) again = true;
    } while (again && !stopped);
  };
  const plan = (delayMs: number) => {
    cancel();
    if (!stopped) cancel = clock.after(delayMs, readSoon);
  };
  const readSoon = () => {
    again = true;
    if (reading || stopped) return;
    reading = true;
    read()
      .then(
        () => plan(POLL_MS),
        (error) => {
          logger.warn({ err: String(error) }, 'alert history could not be read');
          plan(RETRY_MS);
        },
      )
      .finally(() => {
        reading = false;
        // Asked for between the last look and now.
        if (again && !stopped) plan(0);
      });
  };
  return {
    get seq() {
      return seq;
    },
    async start() {
      seq = await source.lastSeq();
      stopped = false;
      plan(POLL_MS);
    },
    notice(change) {
      if (stopped || change.seq <= seq) return;
      if (reading || change.seq !== seq + 1) {
        readSoon();
        return;
      }
      seq = change.seq;
      deliver([change]);
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}
