import type { Clock } from '../../core/clock.ts';
import type { Database, Health, Logger } from '../../core/ports.ts';
import { countWithoutDocument } from './sql/requests.ts';

const EVERY_MS = 60_000;
const COMPONENT = 'account-requests';

/** Says on the system page that an act done at once still lacks its document past its time. */
export function createDocumentWatch(options: {
  database: Database;
  clock: Clock;
  logger: Logger;
  health: Health;
}): { look(): Promise<void>; start(): void; close(): void } {
  const { database, clock, logger, health } = options;
  let cancel = () => {};
  let closed = false;

  const look = async () => {
    const { late, oldest } = await countWithoutDocument(database, new Date(clock.now()));
    health.set(
      late === 0
        ? {
            component: COMPONENT,
            state: 'ok',
            message: { vi: 'Không có văn bản nào quá hạn', en: 'No document is overdue' },
          }
        : {
            component: COMPONENT,
            state: 'degraded',
            message: {
              vi: `${late} việc khóa hoặc thu hồi ngay đã quá hạn bổ sung văn bản (từ đề nghị số ${oldest})`,
              en: `${late} immediate locks or withdrawals lack their document past its time (from request ${oldest})`,
            },
          },
    );
  };
  const tick = () => {
    if (closed) return;
    look().catch((error) => logger.warn({ err: String(error) }, 'overdue documents could not be counted'));
    cancel = clock.after(EVERY_MS, tick);
  };

  return {
    look,
    start: tick,
    close() {
      closed = true;
      cancel();
    },
  };
}
