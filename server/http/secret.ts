import { createHash, timingSafeEqual } from 'node:crypto';

/** What is kept of a secret that was made at random: nobody guesses it, so a slow hash would add nothing. */
export function sha256(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Tells whether it is this secret, in a time that does not say how much of it was right. */
export function secretMatcher(secret: string): (given: string) => boolean {
  const expected = sha256(secret);
  return (given) => timingSafeEqual(sha256(given), expected);
}
