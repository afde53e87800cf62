import type { Clock } from '../../core/clock.ts';
import { AppError, isAppError } from '../../core/errors.ts';
import type { Database, Health } from '../../core/ports.ts';
import { within } from './deadline.ts';
import { databaseNowMs } from './sql.ts';

const DEADLINE_MS = 2000;
/** Anybody may ask: more often than this the last answer is given again. */
const KEPT_MS = 1000;

export interface ReadinessOptions {
  database: Database;
  clock: Clock;
  health: Health;
  /** Migrations of this build that the database does not have. */
  pendingMigrations(): Promise<string[]>;
  /** Whether the product is of no use while this component is down. */
  isEssential(component: string): boolean;
}

/** Resolves when the product can do its work. Throws `db.unavailable` or `system.not_ready` with what is missing. */
export function createReadiness(options: ReadinessOptions): () => Promise<void> {
  const { database, clock, health, pendingMigrations, isEssential } = options;
  let migrated = false;

  const ask = async () => {
    await databaseNowMs(database);
    if (!migrated) {
      const pending = await pendingMigrations();
      if (pending.length > 0)
        throw new AppError('system.not_ready', {
          detail: `${pending.length} migrations are not applied`,
          data: { pending },
        });
      migrated = true;
    }
  };
  const check = async () => {
    try {
      await within(clock, DEADLINE_MS, ask(), () => new AppError('db.unavailable', { detail: 'no answer' }));
    } catch (error) {
      // Nothing else the database may say concerns whoever asks here.
      throw isAppError(error) ? error : new AppError('db.unavailable', { cause: error });
    }
    const down = health.items().filter((item) => item.state === 'down' && isEssential(item.component));
    if (down.length > 0)
      throw new AppError('system.not_ready', {
        detail: `down: ${down.map((item) => item.component).join(', ')}`,
        data: { components: down.map(({ component, state, code }) => ({ component, state, code })) },
      });
  };

  let last: { atMs: number; answer: Promise<void> } | undefined;
  return () => {
    if (!last || clock.monotonic() - last.atMs >= KEPT_MS)
      last = { atMs: clock.monotonic(), answer: check() };
    return last.answer;
  };
}
