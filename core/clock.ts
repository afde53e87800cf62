/** Time and chance are ports: production hands in the system's, tests hand in their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number;
  /** Milliseconds of a clock that never steps; only differences mean anything. */
  monotonic(): number;
  /** Calls `fn` once after `delayMs`; the returned function cancels it. Never keeps the process alive. */
  after(delayMs: number, fn: () => void): () => void;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, fn) {
    const timer: unknown = setTimeout(fn, delayMs);
    // In Node a timer keeps the process alive unless told otherwise; in a browser it is a plain number.
    if (typeof timer === 'object' && timer !== null && 'unref' in timer) (timer as { unref(): void }).unref();
    return () => clearTimeout(timer as number);
  },
};

/** Deterministic generator (mulberry32) for the demo and for tests. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    },
  };
}

/** A clock that tests move by hand. Due timers run in order while time advances. */
export function manualClock(startMs: number): Clock & { advance(ms: number): void; set(ms: number): void } {
  let now = startMs;
  let serial = 0;
  const timers = new Map<number, { at: number; fn: () => void }>();
  const runUntil = (limit: number) => {
    for (;;) {
      let due: [number, { at: number; fn: () => void }] | undefined;
      for (const entry of timers) if (entry[1].at <= limit && (!due || entry[1].at < due[1].at)) due = entry;
      if (!due) break;
      timers.delete(due[0]);
      now = Math.max(now, due[1].at);
      due[1].fn();
    }
    now = limit;
  };
  return {
    now: () => now,
    monotonic: () => now - startMs,
    after(delayMs, fn) {
      const id = serial++;
      timers.set(id, { at: now + delayMs, fn });
      return () => timers.delete(id);
    },
    advance: (ms) => runUntil(now + ms),
    set: (ms) => runUntil(ms),
  };
}
