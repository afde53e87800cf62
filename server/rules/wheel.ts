import type { Clock } from '../../core/clock.ts';

export interface Wheel<T> {
  /** Puts a thing under the time at which it is to be looked at again; forgets an earlier time of it. */
  arm(thing: T, atMs: number): void;
  disarm(thing: T): void;
  start(): void;
  stop(): void;
}

/**
 * Many coarse timers behind one: what is due within the same second is handed out together, never early. `now` may
 * be any clock that does not step.
 */
export function createWheel<T>(deps: {
  clock: Clock;
  now: () => number;
  slotMs: number;
  due: (things: T[]) => void;
}): Wheel<T> {
  const { clock, now, slotMs, due } = deps;
  const slots = new Map<number, Set<T>>();
  const slotOf = new Map<T, number>();
  let cancel: (() => void) | undefined;

  const turn = () => {
    const current = Math.floor(now() / slotMs);
    const things: T[] = [];
    // At most one slot per second of the longest deadline: looking at all their numbers is nothing.
    for (const slot of [...slots.keys()].filter((slot) => slot <= current)) {
      for (const thing of slots.get(slot) ?? []) {
        slotOf.delete(thing);
        things.push(thing);
      }
      slots.delete(slot);
    }
    if (things.length > 0) due(things);
  };
  const run = () => {
    cancel = clock.after(slotMs, () => {
      turn();
      run();
    });
  };

  return {
    arm(thing, atMs) {
      this.disarm(thing);
      const slot = Math.ceil(atMs / slotMs);
      const things = slots.get(slot);
      if (things) things.add(thing);
      else slots.set(slot, new Set([thing]));
      slotOf.set(thing, slot);
    },
    disarm(thing) {
      const slot = slotOf.get(thing);
      if (slot === undefined) return;
      slotOf.delete(thing);
      const things = slots.get(slot);
      things?.delete(thing);
      if (things?.size === 0) slots.delete(slot);
    },
    start: run,
    stop: () => cancel?.(),
  };
}
