import type { Clock } from '../core/clock.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Health, HealthItem, Logger } from '../core/ports.ts';
import type { Bilingual } from '../core/text.ts';

export interface Light {
  /** Shows a fault; a log line only when the light was not on with this code already. */
  fault(state: 'degraded' | 'down', code: ErrorCode, message: Bilingual): void;
  clear(): void;
  /** The code that is shown, or undefined when all is well. */
  readonly code: ErrorCode | undefined;
}

/**
 * One component's line in the health list. With `quietMs` it goes out by itself when no new fault came for so long.
 */
export function createLight(options: {
  component: string;
  ok: Bilingual;
  health: Health;
  logger: Logger;
  clock: Clock;
  quietMs?: number;
}): Light {
  const { component, health, logger, clock, quietMs } = options;
  let code: ErrorCode | undefined;
  let cancel: () => void = () => undefined;
  let faults = 0;
  const set = (item: Pick<HealthItem, 'state' | 'message' | 'code'>) => health.set({ component, ...item });
  const light: Light = {
    fault(state, next, message) {
      faults++;
      if (next !== code) logger.warn({ component, code: next }, message.en);
      code = next;
      set({ state, code: next, message });
      cancel();
      if (quietMs !== undefined) cancel = clock.after(quietMs, () => light.clear());
    },
    clear() {
      if (code === undefined) return;
      logger.info({ component, code, faults }, 'back to normal');
      code = undefined;
      faults = 0;
      cancel();
      set({ state: 'ok', message: options.ok });
    },
    get code() {
      return code;
    },
  };
  set({ state: 'ok', message: options.ok });
  return light;
}
