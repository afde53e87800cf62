import { AppError } from './errors.ts';

/** Lets a few in at a time, in the order of asking. */
export interface Gate {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** For work that does not end where it began: resolves to the function that gives the place back, once. */
  enter(): Promise<() => void>;
}

/**
 * At most `maxParallel` are inside, at most `maxWaiting` wait; beyond that `refuse()` is thrown at once, so that a
 * flood costs neither memory nor time.
 */
export function createGate(
  maxParallel: number,
  maxWaiting: number,
  refuse: () => Error = () => new AppError('request.too_many'),
): Gate {
  let inside = 0;
  const waiting: (() => void)[] = [];
  const enter = async () => {
    if (inside < maxParallel) inside++;
    else {
      if (waiting.length >= maxWaiting) throw refuse();
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    let left = false;
    return () => {
      if (left) return;
      left = true;
      // The place goes from hand to hand, so nobody slips in between.
      const next = waiting.shift();
      if (next) next();
      else inside--;
    };
  };
  return {
    enter,
    async run(work) {
      const leave = await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
