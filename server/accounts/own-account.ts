import type { Security, Session, Terms } from '../../core/api/sign-in.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../../core/permissions.ts';
import type { AuditEntry, AuditTrail, Bus, Database, Tx } from '../../core/ports.ts';
import type { Credentials } from './credentials.ts';
import type { SignInPolicy } from './policy.ts';
import type { Sessions } from './sessions.ts';
import type { Passkeys, WebPlace } from './sign-in/passkeys.ts';
import { type Factors, hasFactor, type SecondFactors } from './sign-in/second-factors.ts';
import type { SignIn } from './sign-in/sign-in.ts';
import { setTerms } from './sql/credentials.ts';
import { linksOf, unlink } from './sql/identities.ts';
import type { ListedSession } from './sql/sessions.ts';
import { userById } from './sql.ts';
import { isAdministrator } from './standing.ts';

const DAY_MS = 86_400_000;

export interface OwnAccount {
  security(caller: Caller, place: WebPlace): Promise<Security>;
  changePassword(caller: Caller, current: string, next: string): Promise<void>;
  /** Throws `request.conflict` when these are not the terms in force. */
  acceptTerms(caller: Caller, version: string): Promise<void>;
  addTotp(caller: Caller, ticket: string, code: string): Promise<{ recoveryCodes: string[] | null }>;
  addPasskey(
    caller: Caller,
    answer: Parameters<Passkeys['register']>[1],
    place: WebPlace,
  ): Promise<{ recoveryCodes: string[] | null }>;
  removeTotp(caller: Caller): Promise<void>;
  removePasskey(caller: Caller, credentialId: string): Promise<void>;
  newRecoveryCodes(caller: Caller): Promise<{ recoveryCodes: string[] }>;
  unlinkIdentity(caller: Caller, issuer: string): Promise<void>;
  sessions(caller: Caller): Promise<{ items: Session[] }>;
}

/** What a person does about their own account: password, second factors, sessions. */
export function createOwnAccount(options: {
  database: Database;
  bus: Bus;
  clock: Clock;
  policy: SignInPolicy;
  credentials: Credentials;
  sessions: Sessions;
  signIn: SignIn;
  factors: SecondFactors;
  passkeys: Passkeys;
  terms: Terms;
  audit: Pick<AuditTrail, 'record'>;
}): OwnAccount {
  const { database, bus, clock, policy, credentials, sessions, signIn, factors, passkeys, terms, audit } =
    options;

  /** What the trail keeps of an act on one's own account, as the last step of its transaction. */
  const recorded = (caller: Caller, action: AuditEntry['action'], after?: object) => (tx: Tx) =>
    audit.record(tx, {
      by: caller,
      action,
      object: { type: 'account', id: caller.userId, name: caller.username },
      after: after ?? null,
    });

  /** Grants of a caller, also while their session needs something. */
  const isRequired = (caller: Caller) =>
    policy.needsSecondFactor((caller.whenUnlocked ?? caller.grants).map((grant) => grant.role)) ||
    caller.needs === 'enrolment' ||
    caller.needs === 'second_factor';

  /** The account and its callers in memory see the change at once. */
  const added = async (caller: Caller) => {
    await sessions.proved(caller.sessionId, { secondFactor: true });
    bus.emit('registry.changed', { kind: 'user', id: caller.userId });
    return { recoveryCodes: await factors.firstRecoveryCodes(caller.userId) };
  };

  /** A factor may go as long as what is left is enough. */
  const mayRemove = async (caller: Caller, left: (held: Factors) => Factors) => {
    const held = await factors.of(caller.userId);
    if (hasFactor(left(held))) return;
    if (isRequired(caller))
      throw new AppError('request.conflict', { detail: 'this account must keep a second factor' });
    const user = await userById(database, caller.userId);
    if (user && !user.password_full)
      throw new AppError('request.conflict', {
        detail: 'the password is too short to stand alone; choose a longer one first',
      });
  };

  return {
    async security(caller, place) {
      const [user, held, links] = await Promise.all([
        userById(database, caller.userId),
        factors.of(caller.userId),
        linksOf(database, caller.userId),
      ]);
      if (!user) throw new AppError('request.not_found');
      const changesAt =
        policy.passwordDays > 0 && isAdministrator(caller.grants)
          ? new Date(user.password_changed_at.getTime() + policy.passwordDays * DAY_MS)
          : null;
      return {
        secondFactorRequired: isRequired(caller),
        totp: held.totp
          ? {
              since: held.totp.created_at.toISOString(),
              lastUsedAt: held.totp.last_used_at?.toISOString() ?? null,
            }
          : null,
        passkeys: held.passkeys.map((key) => ({
          id: key.credential_id,
          name: key.name,
          createdAt: key.created_at.toISOString(),
          lastUsedAt: key.last_used_at?.toISOString() ?? null,
          backedUp: key.backed_up,
        })),
        passkeysPossible: place.rpId !== undefined,
        recoveryCodesLeft: held.recoveryCodesLeft,
        password: {
          changedAt: user.password_changed_at.toISOString(),
          changeBy: changesAt?.toISOString() ?? null,
          rule: credentials.rule(hasFactor(held)),
        },
        identities: links.map((link) => ({
          issuer: link.issuer,
          label: link.label,
          linkedAt: link.linked_at.toISOString(),
          lastUsedAt: link.last_used_at?.toISOString() ?? null,
        })),
      };
    },

    async changePassword(caller, current, next) {
      const hasSecondFactor = hasFactor(await factors.of(caller.userId));
      const owner = { username: caller.username, hasSecondFactor };
      credentials.check(next, owner, 'body.next');
      const user = await signIn.checkPassword(caller, current);
      const isAdmin = isAdministrator(caller.grants) || caller.needs === 'password';
      await credentials.refuseUsed(caller.userId, user.password_hash, next, isAdmin);
      const made = await credentials.make(next, owner, 'body.next');
      const at = new Date(clock.now());
      await database.transaction(async (tx) => {
        await credentials.set(tx, caller.userId, made, 'owner', at);
        await recorded(caller, 'account.password')(tx);
      });
      await sessions.revokeUser(caller.userId, 'password changed', caller.sessionId);
      await sessions.proved(caller.sessionId, { secondFactor: false });
    },

    async acceptTerms(caller, version) {
      if (version !== terms.version)
        throw new AppError('request.conflict', { detail: `the terms in force are version ${terms.version}` });
      await database.transaction(async (tx) => {
        await setTerms(tx, caller.userId, version, new Date(clock.now()));
        await recorded(caller, 'account.terms', { version })(tx);
      });
      await sessions.reread(caller.sessionId);
      bus.emit('registry.changed', { kind: 'user', id: caller.userId });
    },

    async addTotp(caller, ticket, code) {
      await factors.addTotp(
        caller.userId,
        ticket,
        code,
        recorded(caller, 'account.factor_add', { kind: 'totp' }),
      );
      return added(caller);
    },
    async addPasskey(caller, answer, place) {
      const after = { kind: 'passkey', name: answer.name };
      await passkeys.register(caller.userId, answer, place, recorded(caller, 'account.factor_add', after));
      return added(caller);
    },
    async removeTotp(caller) {
      await mayRemove(caller, (held) => ({ ...held, totp: undefined }));
      const within = recorded(caller, 'account.factor_remove', { kind: 'totp' });
      if (!(await factors.removeTotp(caller.userId, within))) throw new AppError('request.not_found');
      bus.emit('registry.changed', { kind: 'user', id: caller.userId });
    },
    async removePasskey(caller, credentialId) {
      await mayRemove(caller, (held) => ({
        ...held,
        passkeys: held.passkeys.filter((key) => key.credential_id !== credentialId),
      }));
      const within = recorded(caller, 'account.factor_remove', { kind: 'passkey', id: credentialId });
      if (!(await factors.removePasskey(caller.userId, credentialId, within)))
        throw new AppError('request.not_found');
      bus.emit('registry.changed', { kind: 'user', id: caller.userId });
    },
    async newRecoveryCodes(caller) {
      if (!hasFactor(await factors.of(caller.userId)))
        throw new AppError('request.conflict', { detail: 'there is no second factor to recover from' });
      return {
        recoveryCodes: await factors.newRecoveryCodes(
          caller.userId,
          recorded(caller, 'account.recovery_codes'),
        ),
      };
    },
    async unlinkIdentity(caller, issuer) {
      await database.transaction(async (tx) => {
        if (!(await unlink(tx, caller.userId, issuer))) throw new AppError('request.not_found');
        await recorded(caller, 'account.identity_unlink', { issuer })(tx);
      });
    },

    sessions: async (caller) => ({
      items: (await sessions.list(caller.userId)).map((row) => sessionDto(row, caller.sessionId)),
    }),
  };
}

function sessionDto(row: ListedSession, currentId: string): Session {
  return {
    id: row.id,
    current: row.id === currentId,
    startedAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at.toISOString(),
    activeAt: row.active_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    locked: row.locked_at !== null,
    ip: row.ip ?? '',
    userAgent: row.user_agent ?? '',
    method: row.method,
    secondFactor: row.second_factor_at !== null,
  };
}
