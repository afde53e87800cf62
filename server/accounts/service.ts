import { z } from 'zod';
import type { GrantDto, Me, User, UserCreate, UserCreated, UserPatch } from '../../core/api/auth.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { type Caller, ROLE_PERMISSIONS, ROLES } from '../../core/permissions.ts';
import type { AreaDirectory, Bus, Database, Queryable, Tx } from '../../core/ports.ts';
import { generatePassword, type Passwords, passwordWeakness } from './passwords.ts';
import type { Sessions } from './sessions.ts';
import {
  endGrants,
  fullAdministrators,
  type GrantRow,
  grantsOf,
  insertGrants,
  insertUser,
  knownAreas,
  listUsers,
  lockAdministrators,
  type NewGrant,
  type UserRow,
  updateUser,
  userById,
} from './sql.ts';

export interface Users {
  me(caller: Caller): Promise<Me>;
  list(caller: Caller, after: string, limit: number): Promise<{ users: User[]; last: string | null }>;
  create(input: z.output<typeof UserCreate>, caller?: Caller): Promise<z.output<typeof UserCreated>>;
  update(id: string, input: z.output<typeof UserPatch>, caller: Caller): Promise<User>;
  changePassword(caller: Caller, current: string, next: string): Promise<void>;
}

export function createUsers(options: {
  database: Database;
  bus: Bus;
  clock: Clock;
  areas: AreaDirectory;
  passwords: Passwords;
  sessions: Pick<Sessions, 'revokeUser'>;
}): Users {
  const { database, bus, clock, areas, passwords, sessions } = options;
  const now = () => new Date(clock.now());

  const inDate = (grants: GrantRow[], at: Date) =>
    grants.filter((grant) => grant.valid_from <= at && (grant.valid_to === null || grant.valid_to > at));

  const strong = (password: string, username: string, field: string) => {
    const weakness = passwordWeakness(password, username);
    if (weakness !== undefined)
      throw new AppError('request.invalid', { detail: `body.${field}: too weak: ${weakness}` });
  };

  /** Nobody gives away, takes or even sees more than they hold themselves. */
  const mayManage = (caller: Caller, grants: readonly NewGrant[]) =>
    grants.every((grant) =>
      caller.grants.some(
        (own) =>
          ROLE_PERMISSIONS[own.role].has('users.write') &&
          (own.areas === 'all' ||
            (grant.areaIds !== null && isSubset(areas.subtree(grant.areaIds), own.areas))) &&
          (own.domains === 'all' || (grant.domains !== null && isSubset(grant.domains, own.domains))),
      ),
    );

  const checkGrants = async (db: Queryable, grants: readonly NewGrant[]) => {
    const ids = grants.flatMap((grant) => grant.areaIds ?? []);
    const known = await knownAreas(db, ids);
    const missing = ids.find((id) => !known.has(id));
    if (missing !== undefined)
      throw new AppError('request.invalid', { detail: `body.grants: no area ${missing}` });
    if (grants.some((grant) => grant.areaIds?.length === 0 || grant.domains?.length === 0))
      throw new AppError('request.invalid', {
        detail: 'body.grants: an empty list covers nothing; null = all',
      });
  };

  const keepAnAdministrator = async (tx: Tx, at: Date) => {
    if ((await fullAdministrators(tx, at)).length === 0)
      throw new AppError('request.conflict', { detail: 'the centre would have no administrator left' });
  };

  return {
    async me(caller) {
      const grants = inDate(await grantsOf(database, [caller.userId]), now());
      const permissions = new Set(caller.grants.flatMap((grant) => [...ROLE_PERMISSIONS[grant.role]]));
      return {
        id: caller.userId,
        username: caller.username,
        displayName: caller.displayName,
        grants: grants.map(grantDto),
        permissions: [...permissions],
      };
    },

    async list(caller, after, limit) {
      const at = now();
      const rows = await listUsers(database, after, limit);
      const grants = await grantsOf(
        database,
        rows.map((row) => row.id),
      );
      const users = rows
        .map((row) =>
          userDto(
            row,
            inDate(
              grants.filter((grant) => grant.user_id === row.id),
              at,
            ),
          ),
        )
        .filter((user) => user.id === caller.userId || mayManage(caller, user.grants));
      return { users, last: rows.length < limit ? null : (rows.at(-1)?.username ?? null) };
    },

    async create(input, caller) {
      const password = input.password ?? generatePassword();
      if (input.password !== undefined) strong(input.password, input.username, 'password');
      if (caller && !mayManage(caller, input.grants))
        throw new AppError('auth.forbidden', { detail: 'grants beyond your own' });
      const passwordHash = await passwords.hash(password);
      const at = now();
      const user = await database.transaction(async (tx) => {
        await checkGrants(tx, input.grants);
        const row = await insertUser(
          tx,
          { username: input.username, displayName: input.displayName, passwordHash },
          at,
        );
        if (!row) throw new AppError('request.conflict', { detail: 'the user name is taken' });
        await insertGrants(tx, row.id, input.grants, at);
        return userDto(row, await grantsOf(tx, [row.id]));
      });
      return input.password === undefined ? { ...user, password } : user;
    },

    async update(id, input, caller) {
      const before = await userById(database, id);
      const at = now();
      const held = before ? inDate(await grantsOf(database, [id]), at).map(grantDto) : [];
      if (!before || !mayManage(caller, held)) throw new AppError('request.not_found');
      if (input.grants && !mayManage(caller, input.grants))
        throw new AppError('auth.forbidden', { detail: 'grants beyond your own' });
      if (input.password !== undefined) strong(input.password, before.username, 'password');
      const passwordHash = input.password === undefined ? undefined : await passwords.hash(input.password);
      const user = await database.transaction(async (tx) => {
        await lockAdministrators(tx);
        await updateUser(tx, id, { displayName: input.displayName, status: input.status, passwordHash }, at);
        if (input.grants) {
          await checkGrants(tx, input.grants);
          await endGrants(tx, id, at);
          await insertGrants(tx, id, input.grants, at);
        }
        await keepAnAdministrator(tx, at);
        const row = await userById(tx, id);
        if (!row) throw new AppError('request.not_found');
        return userDto(row, inDate(await grantsOf(tx, [id]), at));
      });
      if (input.status === 'locked') await sessions.revokeUser(id, 'account locked');
      else if (passwordHash !== undefined)
        await sessions.revokeUser(
          id,
          'password changed',
          id === caller.userId ? caller.sessionId : undefined,
        );
      bus.emit('registry.changed', { kind: 'user', id });
      return user;
    },

    async changePassword(caller, current, next) {
      strong(next, caller.username, 'next');
      const user = await userById(database, caller.userId);
      if (!(await passwords.verify(user?.password_hash, current))) throw new AppError('auth.invalid');
      await updateUser(database, caller.userId, { passwordHash: await passwords.hash(next) }, now());
      await sessions.revokeUser(caller.userId, 'password changed', caller.sessionId);
    },
  };
}

function isSubset(inner: Iterable<string>, outer: ReadonlySet<string>): boolean {
  for (const item of inner) if (!outer.has(item)) return false;
  return true;
}

const KnownRole = z.enum(ROLES);

function grantDto(row: GrantRow): z.output<typeof GrantDto> {
  return {
    role: KnownRole.parse(row.role),
    areaIds: row.area_ids,
    domains: row.domains,
    validFrom: row.valid_from.toISOString(),
    validTo: row.valid_to?.toISOString() ?? null,
  };
}

function userDto(row: UserRow, grants: GrantRow[]): User {
  return {
    id: row.id,
    username: row.username,
    displayName: row.display_name,
    status: row.status,
    grants: grants.map(grantDto),
  };
}
