import { randomBytes, randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { AppError } from '../../core/errors.ts';
import { createGate } from '../../core/gate.ts';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane; 57 ms on the machine this was written on. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/**
 * Hashing runs in Node's four worker threads: at most two, so that files and name look-ups go on, and on a small machine
 * one, so that a core is left for the readings.
 */
const MAX_PARALLEL = availableParallelism() > 2 ? 2 : 1;
const MAX_WAITING = 64;
/** Without letters and digits that look alike. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz';
const DIGITS = '23456789';

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long when there is no such user (`stored` undefined) as when there is one. */
  verify(stored: string | undefined, password: string): Promise<boolean>;
}

/** argon2id behind a gate of two, with a bounded queue: beyond it `auth.too_many`. */
export async function createPasswords(): Promise<Passwords> {
  const gate = createGate(MAX_PARALLEL, MAX_WAITING, () => new AppError('auth.too_many'));
  const nobody = await hash(randomBytes(24).toString('base64url'), COST);
  return {
    hash: (password) => gate.run(() => hash(password, COST)),
    async verify(stored, password) {
      const matches = await gate.run(() => verify(stored ?? nobody, password));
      return matches && stored !== undefined;
    },
  };
}

/** Four groups of five, each with a capital first: about 97 bits, of every kind, and can be read out over the telephone. */
export function generatePassword(): string {
  const pick = (from: string) => from[randomInt(from.length)] ?? '';
  const group = () =>
    pick(LETTERS).toUpperCase() + Array.from({ length: 4 }, () => pick(LETTERS + DIGITS)).join('');
  for (;;) {
    const password = Array.from({ length: 4 }, group).join('-');
    if (/\d/.test(password)) return password;
  }
}
