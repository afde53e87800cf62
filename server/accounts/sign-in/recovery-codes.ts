import { createHash, randomInt } from 'node:crypto';

/** Without letters and digits that look alike. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const CHARS = 24;
const RECOVERY_CODES = 10;

/** Ten codes of 24 characters, 119 bits each: enough for a plain hash (OWASP ASVS 5.0, 6.5.2). */
export function newRecoveryCodes(): string[] {
  const code = () => Array.from({ length: CHARS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: RECOVERY_CODES }, () => (code().match(/.{4}/g) ?? []).join('-'));
}

/** SHA-256 of a code as it may be typed, with whatever between its groups; undefined when it cannot be one. */
export function recoveryHash(typed: string): Buffer | undefined {
  const bare = typed.toLowerCase().replace(/[\s-]/g, '');
  if (bare.length !== CHARS) return undefined;
  return createHash('sha256').update(bare).digest();
}
