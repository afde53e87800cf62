import { randomBytes, randomInt } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { AppError } from '../../core/errors.ts';
import { createGate } from '../../core/gate.ts';
import { fold } from '../../core/text.ts';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane; 57 ms on the machine this was written on. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Hashing runs in Node's four worker threads: at most two, so that files and name look-ups go on. */
const MAX_PARALLEL = 2;
const MAX_WAITING = 64;
const MIN_LENGTH = 12;
const MIN_DISTINCT = 5;
/** Parts that make a password guessable whatever surrounds them. */
const GUESSABLE = ['password', 'matkhau', 'qwerty', '123456', 'abcdef', 'haidang', 'changeme', 'letmein'];
/** Without letters and digits that look alike. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

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

/** Why a password is too weak, in English, or undefined. Length counts most (NIST SP 800-63B); the rest is the obvious. */
export function passwordWeakness(password: string, username: string): string | undefined {
  if ([...password].length < MIN_LENGTH) return `shorter than ${MIN_LENGTH} characters`;
  if (new Set(password).size < MIN_DISTINCT) return `fewer than ${MIN_DISTINCT} different characters`;
  const plain = fold(password).replace(/[\s._-]/g, '');
  if (username.length >= 4 && plain.includes(username.replace(/[._-]/g, ''))) return 'contains the user name';
  const part = GUESSABLE.find((word) => plain.includes(word));
  return part === undefined ? undefined : `contains "${part}"`;
}

/** Four groups of five: about 99 bits, and can be read out over the telephone. */
export function generatePassword(): string {
  const group = () => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: 4 }, group).join('-');
}
