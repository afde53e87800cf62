import type { Logger } from '../../core/ports.ts';

/** What was started is stopped in the reverse order, each with a deadline, whatever the others do. */
export interface Lifecycle {
  /** Remembers how to stop a part that has just started. */
  add(name: string, stop: () => Promise<void> | void, deadlineMs?: number): void;
  stop(): Promise<void>;
}

const DEADLINE_MS = 12_000;

export function createLifecycle(logger: Logger): Lifecycle {
  const parts: { name: string; stop: () => Promise<void> | void; deadlineMs: number }[] = [];
  let stopping: Promise<void> | undefined;
  const stopAll = async () => {
    for (let part = parts.pop(); part; part = parts.pop()) {
      const { name, stop, deadlineMs } = part;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => {
        timer = setTimeout(() => resolve('late'), deadlineMs);
      });
      try {
        const result = await Promise.race([Promise.resolve(stop()), late]);
        if (result === 'late') logger.warn({ part: name }, 'did not stop in time');
      } catch (error) {
        logger.warn({ part: name, err: String(error) }, 'did not stop cleanly');
      }
      clearTimeout(timer);
    }
  };
  return {
    add: (name, stop, deadlineMs = DEADLINE_MS) => void parts.push({ name, stop, deadlineMs }),
    stop: () => {
      stopping ??= stopAll();
      return stopping;
    },
  };
}
