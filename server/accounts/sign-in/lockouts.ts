import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { Database } from '../../../core/ports.ts';
import type { SignInPolicy } from '../policy.ts';
import { clearLockouts, forgetLockouts, lockedUntil, lockOut } from '../sql/sign-in.ts';

/** Failures of one network under any names: thirty at once, then one every five seconds. */
const NETWORK_BURST = 30;
const NETWORK_REFILL_MS = 5_000;
const MAX_ENTRIES = 20_000;

/** Where a try comes from. */
interface Source {
  ip: string;
  /** A browser that has signed in under this name before, as its own cookie proves. */
  browserId?: string | undefined;
}

export interface Attempt {
  /**
   * To be called once. `so far`: the password was right and a code is still wanted, which forgives no wrong code
   * before. `unknown`: nothing was looked at, so nothing counts.
   */
  end(outcome: 'right' | 'wrong' | 'so far' | 'unknown'): Promise<void>;
}

/**
 * Who guesses is locked out, nobody else: failures are counted for a name at a network, never for a name alone, or
 * anybody could lock anybody out. A browser that has signed in under the name before is counted by itself, so that a
 * guesser behind the same address (an office, a carrier) does not lock out its colleague either. Lock-outs outlive
 * the process.
 */
export interface Lockouts {
  /** Before the password is looked at, so that parallel tries count too. Throws `auth.too_many`. */
  begin(username: string, source: Source): Promise<Attempt>;
  /** Lets a name try again from everywhere. */
  clear(username: string): Promise<void>;
  forgetOld(): Promise<void>;
}

interface Pair {
  failures: number;
  running: number;
  atMs: number;
}

export function createLockouts(options: {
  database: Database;
  clock: Clock;
  policy: SignInPolicy;
}): Lockouts {
  const { database, clock, policy } = options;
  const pairs = new LRUCache<string, Pair>({ max: MAX_ENTRIES });
  const networks = new LRUCache<string, { tokens: number; atMs: number }>({ max: MAX_ENTRIES });
  const lifeMs = policy.lockoutMinutes * 60_000;

  const tooMany = (waitMs: number) =>
    new AppError('auth.too_many', { data: { retryAfterS: Math.max(1, Math.ceil(waitMs / 1000)) } });

  const takeNetwork = (network: string) => {
    const nowMs = clock.monotonic();
    const bucket = networks.get(network) ?? { tokens: NETWORK_BURST, atMs: nowMs };
    const tokens = Math.min(NETWORK_BURST, bucket.tokens + (nowMs - bucket.atMs) / NETWORK_REFILL_MS);
    if (tokens < 1) throw tooMany((1 - tokens) * NETWORK_REFILL_MS);
    networks.set(network, { tokens: tokens - 1, atMs: nowMs });
  };
  const refundNetwork = (network: string) => {
    const bucket = networks.get(network);
    if (bucket) bucket.tokens = Math.min(NETWORK_BURST, bucket.tokens + 1);
  };

  return {
    async begin(rawName, { ip, browserId }) {
      const username = rawName.slice(0, 128);
      const network = networkOf(ip);
      const source = browserId === undefined ? network : `browser ${browserId}`;
      const key = `${username} ${source}`;
      if (browserId === undefined) takeNetwork(network);
      const until = await lockedUntil(database, username, source, new Date(clock.now()));
      if (until) throw tooMany(until.getTime() - clock.now());
      const nowMs = clock.monotonic();
      let pair = pairs.get(key);
      if (!pair || (pair.running === 0 && nowMs - pair.atMs > lifeMs))
        pair = { failures: 0, running: 0, atMs: nowMs };
      pairs.set(key, pair);
      if (pair.failures + pair.running >= policy.lockoutFailures) throw tooMany(1000);
      const mine = pair;
      mine.running++;
      return {
        async end(outcome) {
          mine.running--;
          if (outcome === 'unknown') return;
          if (outcome !== 'wrong') {
            if (outcome === 'right') mine.failures = 0;
            if (browserId === undefined) refundNetwork(network);
            return;
          }
          mine.failures++;
          mine.atMs = clock.monotonic();
          if (mine.failures < policy.lockoutFailures) return;
          await lockOut(database, username, source, new Date(clock.now() + lifeMs));
          // From here on the row says so, in every process; when it is over, counting begins anew.
          mine.failures = 0;
        },
      };
    },
    async clear(username) {
      for (const key of pairs.keys()) if (key.startsWith(`${username} `)) pairs.delete(key);
      await clearLockouts(database, username);
    },
    forgetOld: () => forgetLockouts(database, new Date(clock.now())),
  };
}

/** An IPv6 customer has a whole /64 to try from. */
function networkOf(ip: string): string {
  if (!ip.includes(':') || ip.startsWith('::ffff:')) return ip;
  return ip.split(':').slice(0, 4).join(':');
}
