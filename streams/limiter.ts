import { MediaFailure } from './failure.ts';

/** At most so many at one time; the next ones wait in line, and the line has an end. */
export interface Limiter {
  /** Resolves to a function that frees the place, once. Throws `busy` when the line is full. */
  enter(): Promise<() => void>;
  /** A place at once, or undefined. */
  tryEnter(): (() => void) | undefined;
}

export function createLimiter(places: number, maxWaiting: number): Limiter {
  let taken = 0;
  const line: (() => void)[] = [];
  const ticket = () => {
    let used = false;
    return () => {
      if (used) return;
      used = true;
      const next = line.shift();
      // The place goes from hand to hand, so nobody slips in between.
      if (next) next();
      else taken--;
    };
  };
  return {
    async enter() {
      if (taken < places) {
        taken++;
        return ticket();
      }
      if (line.length >= maxWaiting) throw new MediaFailure('busy', 'too many requests for pictures');
      await new Promise<void>((resolve) => line.push(resolve));
      return ticket();
    },
    tryEnter() {
      if (taken >= places) return undefined;
      taken++;
      return ticket();
    },
  };
}
