import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/ports.ts';

/** A shelf ends by itself within this time of its hour. */
const EVERY_MS = 5000;

/** Takes alarms off the shelf when their time is over. */
export function createShelfKeeper(deps: { clock: Clock; logger: Logger; takeDown: () => Promise<void> }) {
  const { clock, logger, takeDown } = deps;
  let cancel: (() => void) | undefined;
  let busy: Promise<void> = Promise.resolve();
  let running = false;

  const turn = () => {
    cancel = clock.after(EVERY_MS, () => {
      busy = takeDown()
        .catch((error: unknown) =>
          logger.warn({ err: String(error) }, 'shelved alarms could not be taken down'),
        )
        .then(() => {
          if (running) turn();
        });
    });
  };

  return {
    start() {
      running = true;
      turn();
    },
    async stop() {
      running = false;
      cancel?.();
      await busy;
    },
  };
}
