import { LRUCache } from 'lru-cache';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';

export interface RateOptions {
  /** What flows into each bucket; 0 = nobody is limited. */
  perS: number;
  /** What a bucket holds: so many at once after a rest. */
  burst: number;
  clock: Pick<Clock, 'now'>;
}

export interface Rate {
  /** Takes one from the bucket of this key; throws `request.too_many` when it is empty. */
  take(key: string): void;
}

/** A forgotten bucket is a full one, so the bound on memory costs strictness only against very many addresses. */
const MAX_KEYS = 20_000;

/** One bucket for each caller: nobody's flood takes anything from anybody else. */
export function createRate({ perS, burst, clock }: RateOptions): Rate {
  const buckets = new LRUCache<string, { left: number; atMs: number }>({ max: MAX_KEYS });
  return {
    take(key) {
      if (perS === 0) return;
      const nowMs = clock.now();
      const bucket = buckets.get(key) ?? { left: burst, atMs: nowMs };
      // A clock that was set back gives nothing and takes nothing.
      const flowed = (Math.max(0, nowMs - bucket.atMs) / 1000) * perS;
      const left = Math.min(burst, bucket.left + flowed);
      buckets.set(key, { left: Math.max(0, left - 1), atMs: nowMs });
      if (left < 1) throw new AppError('request.too_many');
    },
  };
}
