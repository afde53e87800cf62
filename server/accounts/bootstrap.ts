import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Database, Logger } from '../../core/ports.ts';
import { ADMIN_ROLE } from '../../core/roles.ts';
import { guessability, isFullPassword } from './password-rules.ts';
import { generatePassword, type Passwords } from './passwords.ts';
import type { SignInPolicy } from './policy.ts';
import { countUsers, insertGrants, insertUser, type NewGrant } from './sql.ts';

const FIRST_USER = 'admin';
/** Below this the start is refused; what is better and not yet what the policy asks for is changed at the first sign-in. */
const LEAST_LENGTH = 12;
const WHOLE: NewGrant = {
  role: ADMIN_ROLE,
  agencies: 'all',
  areaIds: null,
  domains: null,
  maxClass: 'restricted',
};

/**
 * Makes `admin` when there is no account at all. A configured password that is weak is refused at every start, not
 * only the first: it would stand in the configuration for all to copy. A generated one is written to
 * `<dataDir>/first-password` (mode 600) before the account exists, so that no crash leaves a centre without a key.
 *
 * Returns the path of the password file when one was written.
 */
export async function makeFirstUser(options: {
  database: Database;
  clock: Clock;
  logger: Logger;
  passwords: Passwords;
  dataDir: string;
  adminPassword: string | undefined;
  policy: SignInPolicy;
}): Promise<string | undefined> {
  const { database, clock, logger, passwords, dataDir, adminPassword, policy } = options;
  if (adminPassword !== undefined) {
    const weakness =
      [...adminPassword].length < LEAST_LENGTH
        ? `shorter than ${LEAST_LENGTH} characters`
        : guessability(adminPassword, FIRST_USER);
    if (weakness !== undefined)
      throw new AppError('config.invalid', { detail: `adminPassword is too weak: ${weakness}` });
  }
  if ((await countUsers(database)) > 0) return undefined;
  const password = adminPassword ?? generatePassword();
  const passwordHash = await passwords.hash(password);
  const at = new Date(clock.now());
  const file = join(dataDir, 'first-password');
  const made = await database.transaction(async (tx) => {
    const full = isFullPassword(password, FIRST_USER, policy);
    const issued = adminPassword === undefined || !full;
    const person = { username: FIRST_USER, displayName: 'Quản trị', passwordHash, issued, full };
    const user = await insertUser(tx, person, at);
    if (!user) return false;
    await insertGrants(tx, user.id, [WHOLE], at);
    if (adminPassword === undefined) {
      // A file of an earlier database may be there, with a mode of its own.
      rmSync(file, { force: true });
      writeFileSync(file, `${password}\n`, { mode: 0o600, flag: 'wx' });
    }
    return true;
  });
  if (!made) return undefined;
  logger.info({ user: FIRST_USER }, 'first account made');
  return adminPassword === undefined ? file : undefined;
}
