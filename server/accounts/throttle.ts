import { LRUCache } from 'lru-cache';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';

interface Budget {
  burst: number;
  refillMs: number;
}

/** A person who mistypes has five tries, then one every half minute; a network that guesses has thirty. */
const PER_USER_AND_IP: Budget = { burst: 5, refillMs: 30_000 };
const PER_IP: Budget = { burst: 30, refillMs: 5_000 };
const MAX_ENTRIES = 20_000;

export interface LoginThrottle {
  /**
   * Takes one try before the password is looked at, so that parallel guesses count too. Throws `auth.too_many`.
   * There is no budget per user name alone: it would let anybody lock anybody out.
   */
  take(username: string, ip: string): void;
  /** Gives the try back: only failures count. */
  refund(username: string, ip: string): void;
}

/** Token buckets per user name and address, and per address; the least recently tried are forgotten first. */
export function createLoginThrottle(clock: Clock): LoginThrottle {
  const buckets = new LRUCache<string, { tokens: number; at: number }>({ max: MAX_ENTRIES });
  const level = (key: string, budget: Budget) => {
    const now = clock.monotonic();
    const bucket = buckets.get(key) ?? { tokens: budget.burst, at: now };
    const tokens = Math.min(budget.burst, bucket.tokens + (now - bucket.at) / budget.refillMs);
    return { tokens, at: now };
  };
  const keysOf = (username: string, ip: string): [string, Budget][] => {
    const network = networkOf(ip);
    return [
      [`u ${username.slice(0, 128)} ${network}`, PER_USER_AND_IP],
      [`i ${network}`, PER_IP],
    ];
  };
  return {
    take(username, ip) {
      const entries = keysOf(username, ip).map(([key, budget]) => ({
        key,
        budget,
        bucket: level(key, budget),
      }));
      const empty = entries.find(({ bucket }) => bucket.tokens < 1);
      if (empty) {
        const retryAfterS = Math.ceil(((1 - empty.bucket.tokens) * empty.budget.refillMs) / 1000);
        throw new AppError('auth.too_many', { data: { retryAfterS } });
      }
      for (const { key, bucket } of entries) buckets.set(key, { ...bucket, tokens: bucket.tokens - 1 });
    },
    refund(username, ip) {
      for (const [key, budget] of keysOf(username, ip)) {
        const bucket = level(key, budget);
        buckets.set(key, { ...bucket, tokens: Math.min(budget.burst, bucket.tokens + 1) });
      }
    },
  };
}

/** An IPv6 customer has a whole /64 to try from. */
function networkOf(ip: string): string {
  if (!ip.includes(':') || ip.startsWith('::ffff:')) return ip;
  return ip.split(':').slice(0, 4).join(':');
}
