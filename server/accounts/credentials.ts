import { AppError } from '../../core/errors.ts';
import type { Database, Tx } from '../../core/ports.ts';
import { isFullPassword, type PasswordRule, passwordRule, passwordWeakness } from './password-rules.ts';
import type { Passwords } from './passwords.ts';
import type { SignInPolicy } from './policy.ts';
import { forgetPasswords, lastPasswords, setPassword } from './sql/credentials.ts';

interface Owner {
  username: string;
  hasSecondFactor: boolean;
}

/** New passwords by the rules of the house. */
export interface Credentials {
  rule(hasSecondFactor: boolean): PasswordRule;
  /** Throws `request.invalid` naming the field. */
  check(password: string, owner: Owner, field: string): void;
  /** Checks and hashes one. */
  make(password: string, owner: Owner, field: string): Promise<{ hash: string; full: boolean }>;
  /** Throws `request.conflict` for the password of today and, of administrators, the last ones too. */
  refuseUsed(userId: string, current: string | null, next: string, isAdmin: boolean): Promise<void>;
  set(
    tx: Tx,
    userId: string,
    next: { hash: string; full: boolean },
    by: 'owner' | 'other',
    at: Date,
  ): Promise<void>;
}

export function createCredentials(options: {
  database: Database;
  passwords: Passwords;
  policy: SignInPolicy;
}): Credentials {
  const { database, passwords, policy } = options;
  const rule = (hasSecondFactor: boolean) => passwordRule(policy, hasSecondFactor);
  const check: Credentials['check'] = (password, { username, hasSecondFactor }, field) => {
    const weakness = passwordWeakness(password, username, rule(hasSecondFactor));
    if (weakness !== undefined)
      throw new AppError('request.invalid', { detail: `${field}: too weak: ${weakness}` });
  };
  return {
    rule,
    check,
    async make(password, owner, field) {
      check(password, owner, field);
      return { hash: await passwords.hash(password), full: isFullPassword(password, owner.username, policy) };
    },
    async refuseUsed(userId, current, next, isAdmin) {
      const before = isAdmin ? await lastPasswords(database, userId, policy.passwordHistory) : [];
      const used = current === null ? before : [current, ...before];
      for (const hash of used.slice(0, Math.max(1, policy.passwordHistory))) {
        if (await passwords.verify(hash, next))
          throw new AppError('request.conflict', { detail: 'body.next: this password was used before' });
      }
    },
    async set(tx, userId, next, by, at) {
      await setPassword(tx, userId, { ...next, issued: by === 'other' }, at);
      await forgetPasswords(tx, userId, policy.passwordHistory);
    },
  };
}
