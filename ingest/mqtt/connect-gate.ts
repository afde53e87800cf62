import type { Clock } from '../../core/clock.ts';

/** Wrong passwords one address may send in a row before its refusals are delayed. */
const FREE_FAILURES = 20;
/** One more is forgiven every so often. */
const FORGIVE_EVERY_MS = 3000;
const DELAY_MS = 2000;
/** Refusals that may wait at once; beyond it they leave at once, which costs the guesser less and us nothing. */
const MAX_WAITING = 1000;
const MAX_ADDRESSES = 10_000;

/**
 * Slows down guessing without ever locking anybody out: a right password always passes at once, whatever others try
 * from the same address. Only the answer to a wrong one waits, so a client that tries again after every refusal
 * comes once in two seconds.
 */
export class ConnectGate {
  readonly #clock: Clock;
  readonly #addresses = new Map<string, { failures: number; sinceMs: number }>();
  #waiting = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a wrong password and calls `answer`, now or later. */
  refuse(address: string, answer: () => void): void {
    if (this.#count(address) <= FREE_FAILURES || this.#waiting >= MAX_WAITING) {
      answer();
      return;
    }
    this.#waiting++;
    this.#clock.after(DELAY_MS, () => {
      this.#waiting--;
      answer();
    });
  }

  #count(address: string): number {
    const nowMs = this.#clock.monotonic();
    const known = this.#addresses.get(address);
    if (known) {
      const forgiven = Math.floor((nowMs - known.sinceMs) / FORGIVE_EVERY_MS);
      known.failures = Math.max(0, known.failures - forgiven) + 1;
      known.sinceMs += forgiven * FORGIVE_EVERY_MS;
      return known.failures;
    }
    if (this.#addresses.size >= MAX_ADDRESSES) {
      const [oldest] = this.#addresses.keys();
      if (oldest !== undefined) this.#addresses.delete(oldest);
    }
    this.#addresses.set(address, { failures: 1, sinceMs: nowMs });
    return 1;
  }
}
