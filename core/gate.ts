/** Runs work a few at a time, in the order of asking. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * At most `maxParallel` run, at most `maxWaiting` wait; beyond that `refuse()` is thrown at once, so that a flood
 * costs neither memory nor time.
 */
export function createGate(maxParallel: number, maxWaiting: number, refuse: () => Error): Gate {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= maxParallel) {
      if (waiting.length >= maxWaiting) throw refuse();
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running++;
    }
    try {
      return await work();
    } finally {
      // The place passes to the next in line, or is given up.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
