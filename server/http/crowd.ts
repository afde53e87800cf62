import type { RequestHandler } from 'express';
import { AppError } from '../../core/errors.ts';

/**
 * Lets so many requests in at once; the others are refused before their body is read, and late: a thousand guesses at
 * once then cost little more than their sockets, and whoever asks again at once waits first. Readings share this
 * process with whoever signs in.
 */
export function refuseCrowds(maxInside: number, refuseAfterMs: number): RequestHandler {
  let inside = 0;
  let refused = 0;
  return (_req, res, next) => {
    if (inside < maxInside) {
      inside++;
      res.once('close', () => {
        inside--;
      });
      next();
      return;
    }
    const retryAfterS = Math.max(1, Math.ceil(refuseAfterMs / 1000));
    // Spread out: refused together, they would all be back together.
    const waitMs = refuseAfterMs * (0.5 + (refused++ % 32) / 32);
    const refuse = () => next(new AppError('auth.too_many', { data: { retryAfterS } }));
    const timer = setTimeout(refuse, waitMs);
    res.once('close', () => clearTimeout(timer));
  };
}
