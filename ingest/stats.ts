import type { Clock } from '../core/clock.ts';
import type { IntakeReceipt } from '../core/ports.ts';
import type { Books } from './reconciliation.ts';
import type { Tally } from './writer/entry.ts';

export interface IngestStats {
  receivedTotal: number;
  storedTotal: number;
  duplicateTotal: number;
  quarantinedTotal: number;
  /** Values and fixes that were refused; several may share a row in quarantine. */
  refusedTotal: number;
  /** Messages settled per second, over the last minute. */
  ratePerS: number;
  /** From arrival to commit, milliseconds, over the last minute; null when nothing came. */
  delayP50Ms: number | null;
  delayP99Ms: number | null;
}

const WINDOW_S = 60;
/** Bucket i holds delays up to 1.25^i ms: 25 % wide, and 64 of them reach half an hour. */
const BUCKETS = 64;
const GROWTH = Math.log(1.25);

/** Totals since the start, and rate and delay over a sliding minute in one-second slots: constant memory. */
export class StatsRecorder {
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #slots = Array.from({ length: WINDOW_S }, () => ({
    second: -1,
    counts: new Uint32Array(BUCKETS),
  }));
  #received = 0;
  #stored = 0;
  #duplicates = 0;
  #quarantined = 0;
  #refused = 0;
  #settled = 0;
  #parts = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedMs = clock.monotonic();
  }

  received(): void {
    this.#received++;
  }

  /** What became of the values and fixes of a message. */
  tally(tally: Tally): void {
    this.#settled++;
    this.#parts += tally.parts;
    this.#stored += tally.stored;
    this.#duplicates += tally.duplicates;
    this.#refused += tally.refused;
  }

  /** Counts of what is settled; see `Books`. */
  books(): Pick<Books, 'received' | 'settled' | 'parts' | 'stored' | 'duplicates' | 'refused'> {
    return {
      received: this.#received,
      settled: this.#settled,
      parts: this.#parts,
      stored: this.#stored,
      duplicates: this.#duplicates,
      refused: this.#refused,
    };
  }

  /** `delayMs` is measured on the monotonic clock. */
  settled(receipt: IntakeReceipt, delayMs: number): void {
    this.#quarantined += receipt.quarantined.length;
    const second = Math.floor(this.#clock.monotonic() / 1000);
    const slot = this.#slots[second % WINDOW_S];
    if (!slot) return;
    if (slot.second !== second) {
      slot.second = second;
      slot.counts.fill(0);
    }
    const bucket = delayMs <= 1 ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log(delayMs) / GROWTH));
    slot.counts[bucket] = (slot.counts[bucket] ?? 0) + 1;
  }

  snapshot(): IngestStats {
    const nowS = this.#clock.monotonic() / 1000;
    const counts = new Array<number>(BUCKETS).fill(0);
    for (const slot of this.#slots) {
      if (slot.second < 0 || nowS - slot.second > WINDOW_S) continue;
      for (let i = 0; i < BUCKETS; i++) counts[i] = (counts[i] ?? 0) + (slot.counts[i] ?? 0);
    }
    const total = counts.reduce((sum, count) => sum + count, 0);
    const coveredS = Math.max(1, Math.min(WINDOW_S, nowS - this.#startedMs / 1000));
    return {
      receivedTotal: this.#received,
      storedTotal: this.#stored,
      duplicateTotal: this.#duplicates,
      quarantinedTotal: this.#quarantined,
      refusedTotal: this.#refused,
      ratePerS: total / coveredS,
      delayP50Ms: quantile(counts, total, 0.5),
      delayP99Ms: quantile(counts, total, 0.99),
    };
  }
}

/** Upper edge of the bucket that holds the quantile. */
function quantile(counts: readonly number[], total: number, q: number): number | null {
  if (total === 0) return null;
  let seen = 0;
  for (const [bucket, count] of counts.entries()) {
    seen += count;
    if (seen >= total * q) return Number((1.25 ** bucket).toFixed(1));
  }
  return null;
}
