import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/ports.ts';

const WINDOW_MS = 10_000;

/** Says the same thing once and then, every ten seconds while it goes on, how often more. */
export function createFoldedLog(logger: Logger, clock: Clock): (fields: object, message: string) => void {
  const open = new Map<string, number>();
  return (fields, message) => {
    const more = open.get(message);
    if (more !== undefined) {
      open.set(message, more + 1);
      return;
    }
    open.set(message, 0);
    logger.warn(fields, message);
    clock.after(WINDOW_MS, () => {
      const count = open.get(message) ?? 0;
      open.delete(message);
      if (count > 0) logger.warn({ ...fields, count }, `${message} (repeated)`);
    });
  };
}
