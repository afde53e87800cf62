import type { Evaluable } from '../../core/reading.ts';

/** Rows a series remembers: enough for a device that repeats what it had in flight when its connection broke. */
const CAPACITY = 8;
const FIELDS = 3;

/**
 * The last few rows of one series, to drop exact repeats without asking the database. Forgetting one costs nothing
 * but a look-up there: the database keeps one row per series and time whatever comes.
 */
export class RecentRows {
  #ring: Float64Array | undefined;
  #next = 0;
  #newestMs = Number.NEGATIVE_INFINITY;

  /** True when the very same row was seen lately; otherwise remembers it. */
  repeats(row: Evaluable): boolean {
    const a = row.kind === 'value' ? row.value : row.lon;
    const b = row.kind === 'value' ? 0 : row.lat;
    // The usual case is a newer row, which needs no search.
    if (row.timeMs <= this.#newestMs && this.#has(row.timeMs, a, b)) return true;
    this.#remember(row.timeMs, a, b);
    return false;
  }

  #has(timeMs: number, a: number, b: number): boolean {
    const ring = this.#ring;
    if (!ring) return false;
    for (let i = 0; i < ring.length; i += FIELDS) {
      if (ring[i] === timeMs && ring[i + 1] === a && ring[i + 2] === b) return true;
    }
    return false;
  }

  #remember(timeMs: number, a: number, b: number): void {
    this.#ring ??= new Float64Array(CAPACITY * FIELDS).fill(Number.NaN);
    this.#ring[this.#next] = timeMs;
    this.#ring[this.#next + 1] = a;
    this.#ring[this.#next + 2] = b;
    this.#next = (this.#next + FIELDS) % this.#ring.length;
    if (timeMs > this.#newestMs) this.#newestMs = timeMs;
  }
}
