import type { Clock } from '../../core/clock.ts';
import type { AuditTrail, Bus, Database, Logger } from '../../core/ports.ts';
import type { SignInPolicy } from './policy.ts';
import type { Sessions } from './sessions.ts';
import { lastUsedOf, lockIdleAccounts } from './sql/credentials.ts';
import { fullAdministrators, lockAdministrators } from './sql.ts';

const DAY_MS = 86_400_000;

/**
 * Locks accounts that nobody has signed in with for `idleAccountDays`. Of the administrators of the whole centre the
 * one who was here last stays: somebody must be able to unlock the others.
 */
export async function lockIdle(options: {
  database: Database;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  policy: SignInPolicy;
  sessions: Pick<Sessions, 'revokeUser'>;
  audit: Pick<AuditTrail, 'record'>;
}): Promise<void> {
  const { database, bus, clock, logger, policy, sessions, audit } = options;
  if (policy.idleAccountDays === 0) return;
  const at = new Date(clock.now());
  const locked = await database.transaction(async (tx) => {
    await lockAdministrators(tx);
    const last = await lastUsedOf(tx, await fullAdministrators(tx, at));
    const before = new Date(at.getTime() - policy.idleAccountDays * DAY_MS);
    const idle = await lockIdleAccounts(tx, before, last === undefined ? [] : [last]);
    if (idle.length > 0)
      await audit.record(
        tx,
        ...idle.map(({ id, username }) => ({
          by: null,
          action: 'account.lock' as const,
          object: { type: 'account' as const, id, name: username },
          before: { status: 'active' },
          after: { status: 'locked' },
          reason: `not used for ${policy.idleAccountDays} days`,
        })),
      );
    return idle;
  });
  for (const { id, username } of locked) {
    logger.warn({ user: username, days: policy.idleAccountDays }, 'an idle account was locked');
    await sessions.revokeUser(id, 'account idle');
    bus.emit('registry.changed', { kind: 'user', id });
  }
}
