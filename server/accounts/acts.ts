import type { z } from 'zod';
import type { GrantDto, GrantInput, User } from '../../core/api/auth.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller, Permission } from '../../core/permissions.ts';
import type { Bus, Queryable, Tx } from '../../core/ports.ts';
import type { Credentials } from './credentials.ts';
import { type GrantWorld, grantDto, type WrittenLimits } from './grants.ts';
import { generatePassword } from './passwords.ts';
import { createReach } from './reach.ts';
import type { Lockouts } from './sign-in/lockouts.ts';
import { revokeSessionsOf } from './sql/sessions.ts';
import {
  endGrant,
  endGrants,
  type GrantRow,
  grantsOf,
  insertGrants,
  insertUser,
  lockAdministrators,
  standingUsers,
  type UserRow,
  updateUser,
  userById,
  userByName,
  usersById,
} from './sql.ts';

/** An account as requests about it see it. */
export interface Standing {
  id: string;
  kind: UserRow['kind'];
  username: string;
  displayName: string;
  agencyId: string | null;
  status: User['status'];
  /** Grants in date or still to begin. */
  grants: z.output<typeof GrantDto>[];
  /** By what it is judged whose account it is. */
  limits: WrittenLimits[];
}

/** To be called once the transaction has committed: sessions, sockets, tickets and video of the account end. */
export type Announce = () => void;

/** A password that was made and hashed before the transaction, which must not wait for it. */
export interface FirstPassword {
  password: string;
  hash: string;
  /** Long enough to stand without a second factor. */
  full: boolean;
}

/**
 * Account acts inside somebody else's transaction. Whoever calls has judged that the act may be done; what would
 * leave the centre without an administrator is refused here all the same (`request.conflict`).
 */
export interface AccountActs {
  standings(db: Queryable, ids: readonly string[]): Promise<Map<string, Standing>>;
  /** Every account that is not closed. */
  everybody(db: Queryable): Promise<Standing[]>;
  isTaken(db: Queryable, username: string): Promise<boolean>;
  /** Whether all these limits, for a holder of this agency, are within what the caller's grants reach. */
  mayManage(
    caller: Caller,
    limits: readonly WrittenLimits[],
    holderAgencyId: string | null,
    permission: Permission,
  ): boolean;
  /** Throws `request.invalid`. */
  checkGrants(db: Queryable, grants: readonly GrantInput[], holderAgencyId: string | null): Promise<void>;
  /** Throws `request.invalid`. */
  checkAgency(agencyId: string | null | undefined): void;
  firstPassword(username: string): Promise<FirstPassword>;
  /** `first` is null for the account of a machine. Throws `request.conflict` for a name that was ever used. */
  create(
    tx: Tx,
    account: {
      username: string;
      displayName: string;
      agencyId: string | null;
      grants: readonly GrantInput[];
    },
    first: FirstPassword | null,
    basisRequestId: number,
  ): Promise<{ userId: string; announce: Announce }>;
  /** Replaces the grants; the sessions end, so that nothing opened under the old ones goes on. */
  replaceGrants(
    tx: Tx,
    userId: string,
    change: { grants: readonly GrantInput[]; agencyId?: string | null },
    basisRequestId: number,
  ): Promise<Announce>;
  setStatus(tx: Tx, userId: string, status: User['status'], reason: string): Promise<Announce>;
  /** Ends one grant and the sessions that used it. */
  withdrawGrant(tx: Tx, userId: string, grantId: number, reason: string): Promise<Announce>;
  /** Gives grants again that were withdrawn. */
  giveBack(tx: Tx, userId: string, grants: readonly GrantInput[], basisRequestId: number): Promise<Announce>;
}

export function createActs(options: {
  bus: Bus;
  clock: Clock;
  world: GrantWorld;
  credentials: Credentials;
  lockouts: Pick<Lockouts, 'clear'>;
}): AccountActs {
  const { bus, clock, world, credentials, lockouts } = options;
  const reach = createReach({ clock, world });
  const now = () => new Date(clock.now());

  const standing = (row: UserRow, grants: readonly GrantRow[]): Standing => {
    const at = now();
    return {
      id: row.id,
      kind: row.kind,
      username: row.username,
      displayName: row.display_name,
      agencyId: row.agency_id,
      status: row.status,
      grants: grants.filter((grant) => grant.valid_to === null || grant.valid_to > at).map(grantDto),
      limits: reach.reachOf(grants, at),
    };
  };

  const standingsOf = async (db: Queryable, rows: readonly UserRow[]) => {
    const grants = new Map<string, GrantRow[]>();
    for (const grant of await grantsOf(
      db,
      rows.map((row) => row.id),
    ))
      grants.set(grant.user_id, [...(grants.get(grant.user_id) ?? []), grant]);
    return rows.map((row) => standing(row, grants.get(row.id) ?? []));
  };

  const announceOf =
    (userId: string, ends: boolean): Announce =>
    () => {
      if (ends) bus.emit('user.revoked', { userId, sessionId: null });
      bus.emit('registry.changed', { kind: 'user', id: userId });
    };

  /** The account, for a change that must not leave the centre without an administrator. */
  const open = async (tx: Tx, userId: string): Promise<UserRow> => {
    await lockAdministrators(tx);
    const user = await userById(tx, userId);
    if (!user) throw new AppError('request.not_found');
    if (user.status === 'revoked')
      throw new AppError('request.conflict', { detail: 'the account is revoked for good' });
    return user;
  };

  return {
    mayManage: reach.mayManage,
    checkGrants: reach.checkGrants,
    checkAgency: reach.checkAgency,

    async standings(db, ids) {
      return new Map((await standingsOf(db, await usersById(db, ids))).map((one) => [one.id, one]));
    },

    everybody: async (db) => standingsOf(db, await standingUsers(db)),

    isTaken: async (db, username) => (await userByName(db, username)) !== undefined,

    async firstPassword(username) {
      const password = generatePassword();
      return {
        password,
        ...(await credentials.make(password, { username, hasSecondFactor: false }, 'password')),
      };
    },

    async create(tx, { username, displayName, agencyId, grants }, first, basisRequestId) {
      reach.checkAgency(agencyId);
      await reach.checkGrants(tx, grants, agencyId);
      const at = now();
      const user = await insertUser(
        tx,
        {
          username,
          displayName,
          passwordHash: first?.hash ?? null,
          agencyId: agencyId ?? undefined,
          issued: first !== null,
          full: first?.full ?? true,
        },
        at,
      );
      if (!user) throw new AppError('request.conflict', { detail: 'the user name is taken' });
      await insertGrants(tx, user.id, grants, at, basisRequestId);
      return { userId: user.id, announce: announceOf(user.id, false) };
    },

    async replaceGrants(tx, userId, { grants, agencyId }, basisRequestId) {
      const at = now();
      const user = await open(tx, userId);
      reach.checkAgency(agencyId);
      await reach.checkGrants(tx, grants, agencyId === undefined ? user.agency_id : agencyId);
      if (agencyId !== undefined) await updateUser(tx, userId, { agencyId }, at);
      await endGrants(tx, userId, at);
      await insertGrants(tx, userId, grants, at, basisRequestId);
      await reach.keepAnAdministrator(tx, at);
      await revokeSessionsOf(tx, userId, 'grants changed', at, null);
      return announceOf(userId, true);
    },

    async setStatus(tx, userId, status, reason) {
      const at = now();
      const user = await open(tx, userId);
      if (user.status === status)
        throw new AppError('request.conflict', { detail: `the account is ${status} already` });
      await updateUser(tx, userId, { status }, at);
      // Of a closed account nothing stays open, whatever happens to its status later.
      if (status === 'revoked') await endGrants(tx, userId, at);
      await reach.keepAnAdministrator(tx, at);
      if (status === 'active')
        return () => {
          announceOf(userId, false)();
          // Whoever is let in again begins anew; a wait that could not be cleared ends by itself.
          lockouts.clear(user.username).catch(() => undefined);
        };
      await revokeSessionsOf(tx, userId, reason, at, null);
      return announceOf(userId, true);
    },

    async withdrawGrant(tx, userId, grantId, reason) {
      const at = now();
      await open(tx, userId);
      await endGrant(tx, grantId, at);
      await reach.keepAnAdministrator(tx, at);
      await revokeSessionsOf(tx, userId, reason, at, null);
      return announceOf(userId, true);
    },

    async giveBack(tx, userId, grants, basisRequestId) {
      await open(tx, userId);
      await insertGrants(tx, userId, grants, now(), basisRequestId);
      return announceOf(userId, false);
    },
  };
}
