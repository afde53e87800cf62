import type { z } from 'zod';
import type { Me, User, UserCreate, UserCreated, UserPatch } from '../../core/api/auth.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../../core/permissions.ts';
import type { AuditEntry, AuditTrail, Bus, Database } from '../../core/ports.ts';
import type { Credentials } from './credentials.ts';
import { type GrantWorld, grantDto, isInDate, type WrittenLimits } from './grants.ts';
import { generatePassword } from './passwords.ts';
import type { SignInPolicy } from './policy.ts';
import { createReach } from './reach.ts';
import type { Sessions } from './sessions.ts';
import type { Lockouts } from './sign-in/lockouts.ts';
import { hasFactor, type SecondFactors } from './sign-in/second-factors.ts';
import {
  endGrants,
  type GrantRow,
  grantsOf,
  insertGrants,
  insertUser,
  listUsers,
  lockAdministrators,
  type NewGrant,
  type UserRow,
  updateUser,
  userById,
} from './sql.ts';
import { lockAfterMs } from './standing.ts';

export interface Users {
  me(caller: Caller): Promise<Me>;
  list(caller: Caller, after: string, limit: number): Promise<{ users: User[]; last: string | null }>;
  create(
    input: z.input<typeof UserCreate> & { grants: NewGrant[] },
    caller?: Caller,
  ): Promise<z.output<typeof UserCreated>>;
  /** `allow` throws for what this caller may not do to an account that is theirs to manage. */
  update(id: string, input: z.output<typeof UserPatch>, caller: Caller, allow?: () => void): Promise<User>;
  /** For somebody who has lost every second factor: all of them go, and the sessions end. */
  resetFactors(id: string, caller: Caller): Promise<void>;
  /** An account whose every grant lies within the caller's own; throws `request.not_found` for any other. */
  manageable(
    id: string,
    caller: Caller,
    permission?: 'users.read' | 'users.write',
  ): Promise<{ user: UserRow; grants: GrantRow[]; held: WrittenLimits[] }>;
}

export function createUsers(options: {
  database: Database;
  bus: Bus;
  clock: Clock;
  world: GrantWorld;
  policy: SignInPolicy;
  credentials: Credentials;
  factors: Pick<SecondFactors, 'of' | 'removeAll'>;
  lockouts: Pick<Lockouts, 'clear'>;
  sessions: Pick<Sessions, 'revokeUser'>;
  audit: Pick<AuditTrail, 'record'>;
}): Users {
  const { database, bus, clock, world, policy, credentials, factors, lockouts, sessions, audit } = options;
  const { mayManage, reachOf, checkGrants, checkAgency, keepAnAdministrator } = createReach({ clock, world });
  const now = () => new Date(clock.now());

  const inDate = (grants: GrantRow[], at: Date) => grants.filter((grant) => isInDate(grant, at.getTime()));

  const manageable: Users['manageable'] = async (id, caller, permission = 'users.write') => {
    const user = await userById(database, id);
    // Asked even of nobody, so that an account out of reach takes no longer than one that is not there.
    const grants = await grantsOf(database, [id]);
    const held = reachOf(grants, now());
    if (!user || !mayManage(caller, held, user.agency_id, permission))
      throw new AppError('request.not_found');
    if (user.status === 'revoked' && permission === 'users.write')
      throw new AppError('request.conflict', { detail: 'the account is revoked for good' });
    return { user, grants, held };
  };

  return {
    async me(caller) {
      const grants = inDate(await grantsOf(database, [caller.userId]), now());
      const lockMs = lockAfterMs(policy, caller.whenUnlocked ?? caller.grants);
      const permissions = new Set(caller.grants.flatMap((grant) => [...grant.permissions]));
      return {
        id: caller.userId,
        username: caller.username,
        displayName: caller.displayName,
        agencyId: caller.agencyId,
        grants: grants.map(grantDto),
        permissions: [...permissions],
        needs: caller.needs ?? null,
        lockAfterS: Number.isFinite(lockMs) ? lockMs / 1000 : null,
      };
    },

    async list(caller, after, limit) {
      const at = now();
      const rows = await listUsers(database, after, limit);
      const grants = await grantsOf(
        database,
        rows.map((row) => row.id),
      );
      const users = rows.flatMap((row) => {
        const theirs = grants.filter((grant) => grant.user_id === row.id);
        const visible =
          row.id === caller.userId || mayManage(caller, reachOf(theirs, at), row.agency_id, 'users.read');
        return visible ? [userDto(row, inDate(theirs, at))] : [];
      });
      return { users, last: rows.length < limit ? null : (rows.at(-1)?.username ?? null) };
    },

    async create(input, caller) {
      const isPerson = input.kind !== 'service';
      if (!isPerson && input.password !== undefined)
        throw new AppError('request.invalid', {
          detail: 'body.password: a service has none; it uses API keys',
        });
      const password = isPerson ? (input.password ?? generatePassword()) : null;
      checkAgency(input.agencyId);
      const agencyId = input.agencyId ?? null;
      if (caller && !mayManage(caller, input.grants, agencyId, 'users.write'))
        throw new AppError('auth.forbidden', { detail: 'grants beyond your own' });
      const owner = { username: input.username, hasSecondFactor: false };
      const { hash, full } =
        password === null
          ? { hash: null, full: true }
          : await credentials.make(password, owner, 'body.password');
      const at = now();
      const user = await database.transaction(async (tx) => {
        await checkGrants(tx, input.grants, agencyId);
        const row = await insertUser(
          tx,
          {
            username: input.username,
            displayName: input.displayName,
            passwordHash: hash,
            agencyId: input.agencyId,
            issued: isPerson,
            full,
          },
          at,
        );
        if (!row) throw new AppError('request.conflict', { detail: 'the user name is taken' });
        await insertGrants(tx, row.id, input.grants, at);
        const made = userDto(row, await grantsOf(tx, [row.id]));
        await audit.record(tx, { ...actOn(caller, made), action: 'account.create', after: made });
        return made;
      });
      return input.password === undefined && password !== null ? { ...user, password } : user;
    },

    async update(id, input, caller, allow) {
      const at = now();
      const { user: before, grants, held } = await manageable(id, caller);
      allow?.();
      if (before.kind === 'service' && input.password !== undefined)
        throw new AppError('request.invalid', {
          detail: 'body.password: a service has none; it uses API keys',
        });
      checkAgency(input.agencyId);
      const agencyId = input.agencyId === undefined ? before.agency_id : input.agencyId;
      // Another agency gives grants on the own agency another meaning.
      if (!mayManage(caller, input.grants ?? held, agencyId, 'users.write'))
        throw new AppError('auth.forbidden', { detail: 'grants beyond your own' });
      const owner = { username: before.username, hasSecondFactor: hasFactor(await factors.of(id)) };
      const made =
        input.password === undefined
          ? undefined
          : await credentials.make(input.password, owner, 'body.password');
      const user = await database.transaction(async (tx) => {
        await lockAdministrators(tx);
        const { displayName, status } = input;
        await updateUser(tx, id, { displayName, status, agencyId: input.agencyId }, at);
        if (made) await credentials.set(tx, id, made, id === caller.userId ? 'owner' : 'other', at);
        if (input.grants) {
          await checkGrants(tx, input.grants, agencyId);
          await endGrants(tx, id, at);
          await insertGrants(tx, id, input.grants, at);
        }
        await keepAnAdministrator(tx, at);
        const row = await userById(tx, id);
        if (!row) throw new AppError('request.not_found');
        const after = userDto(row, inDate(await grantsOf(tx, [id]), at));
        const was = userDto(before, inDate(grants, at));
        await audit.record(tx, ...changesOf(was, after, made !== undefined, actOn(caller, after)));
        return after;
      });
      if (made || input.status === 'active') await lockouts.clear(before.username);
      if (input.status === 'locked') await sessions.revokeUser(id, 'account locked');
      // Nothing that was opened under the old grants goes on.
      else if (input.grants !== undefined || input.agencyId !== undefined)
        await sessions.revokeUser(id, 'grants changed');
      else if (made)
        await sessions.revokeUser(
          id,
          'password changed',
          id === caller.userId ? caller.sessionId : undefined,
        );
      bus.emit('registry.changed', { kind: 'user', id });
      return user;
    },

    async resetFactors(id, caller) {
      const { user } = await manageable(id, caller);
      await factors.removeAll(id, (tx) =>
        audit.record(tx, { ...actOn(caller, user), action: 'account.factors_reset' }),
      );
      await lockouts.clear(user.username);
      await sessions.revokeUser(
        id,
        'second factors reset',
        id === caller.userId ? caller.sessionId : undefined,
      );
      bus.emit('registry.changed', { kind: 'user', id });
    },

    manageable,
  };
}

/** An act on an account, as the audit trail keeps it. */
const actOn = (caller: Caller | undefined, user: { id: string; username: string }) => ({
  by: caller ?? null,
  object: { type: 'account' as const, id: user.id, name: user.username },
});

/** One entry per kind of change, so that each can be searched for by itself. */
function changesOf(
  before: User,
  after: User,
  hasNewPassword: boolean,
  act: ReturnType<typeof actOn>,
): AuditEntry[] {
  const { status: statusBefore, grants: grantsBefore, ...restBefore } = before;
  const { status, grants, ...rest } = after;
  const entries: AuditEntry[] = [];
  const differs = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);
  if (status !== statusBefore)
    entries.push({
      ...act,
      action: status === 'active' ? 'account.unlock' : 'account.lock',
      before: { status: statusBefore },
      after: { status },
    });
  if (differs(grants, grantsBefore))
    entries.push({
      ...act,
      action: 'account.grants',
      before: { grants: grantsBefore },
      after: { grants },
    });
  if (hasNewPassword) entries.push({ ...act, action: 'account.password_set' });
  if (differs(rest, restBefore) || entries.length === 0)
    entries.push({ ...act, action: 'account.change', before: restBefore, after: rest });
  return entries;
}

function userDto(row: UserRow, grants: GrantRow[]): User {
  return {
    id: row.id,
    username: row.username,
    displayName: row.display_name,
    kind: row.kind,
    agencyId: row.agency_id,
    status: row.status,
    grants: grants.map(grantDto),
  };
}
