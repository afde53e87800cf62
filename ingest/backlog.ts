import type { Clock } from '../core/clock.ts';

/**
 * How long one stretch of work may last. Between two the event loop looks at its sockets: the database's answers are
 * read and the next batch leaves, however much the devices have sent at once.
 */
const STRETCH_MS = 2;
/** Looking at the clock costs as much as a small message. */
const LOOK_EVERY = 16;

export interface Backlog<T> {
  push(item: T): void;
  readonly length: number;
}

/** Work that is done soon, in order, in short stretches. What waits is bounded by whoever pushes. */
export function createBacklog<T>(clock: Clock, work: (item: T) => void): Backlog<T> {
  let items: T[] = [];
  let next = 0;
  let scheduled = false;

  const run = () => {
    const untilMs = clock.monotonic() + STRETCH_MS;
    for (let done = 1; next < items.length; done++) {
      const item = items[next++];
      if (item !== undefined) work(item);
      if (done % LOOK_EVERY === 0 && clock.monotonic() >= untilMs) break;
    }
    // Under a load without a pause this is never empty: what is done must go all the same.
    items = items.slice(next);
    next = 0;
    scheduled = items.length > 0;
    if (scheduled) setImmediate(run);
  };

  return {
    push(item) {
      items.push(item);
      if (scheduled) return;
      scheduled = true;
      setImmediate(run);
    },
    get length() {
      return items.length - next;
    },
  };
}
