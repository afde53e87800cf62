import sql, { join } from 'sql-template-tag';
import type { GrantInput } from '../../core/api/auth.ts';
import type { DataClass } from '../../core/permissions.ts';
import type { Queryable } from '../../core/ports.ts';

export interface UserRow {
  id: string;
  username: string;
  display_name: string;
  /** Null = a machine's account: there is nothing to sign in with. */
  password_hash: string | null;
  kind: 'person' | 'service';
  agency_id: string | null;
  status: 'active' | 'locked' | 'revoked';
  last_used_at: Date;
  password_changed_at: Date;
  password_issued: boolean;
  password_full: boolean;
}

export interface GrantRow {
  id: number;
  user_id: string;
  role: string;
  agency_rule: 'all' | 'self' | 'self+subordinate' | 'listed';
  agency_ids: string[] | null;
  area_ids: string[] | null;
  domains: string[] | null;
  max_class: DataClass;
  valid_from: Date;
  valid_to: Date | null;
}

export type NewGrant = GrantInput;

const COLUMNS = sql`id, username, display_name, kind, password_hash, agency_id, status, last_used_at,
  password_changed_at, password_issued, password_full`;
const USER = sql`select ${COLUMNS} from users`;

export async function countUsers(db: Queryable): Promise<number> {
  const [row] = await db.query<{ count: number }>(sql`select count(*) as count from users`);
  return row?.count ?? 0;
}

export async function userByName(db: Queryable, username: string): Promise<UserRow | undefined> {
  return (await db.query<UserRow>(sql`${USER} where username = ${username}`))[0];
}

export async function userById(db: Queryable, id: string): Promise<UserRow | undefined> {
  return (await db.query<UserRow>(sql`${USER} where id = ${id}`))[0];
}

export async function usersById(db: Queryable, ids: readonly string[]): Promise<UserRow[]> {
  return db.query<UserRow>(sql`${USER} where id = any(${[...ids]}::text[])`);
}

export async function standingUsers(db: Queryable): Promise<UserRow[]> {
  return db.query<UserRow>(sql`${USER} where status <> 'revoked' order by username`);
}

export async function listUsers(db: Queryable, after: string, limit: number): Promise<UserRow[]> {
  return db.query<UserRow>(
    sql`${USER} where username > ${after} and kind = 'person' order by username limit ${limit}`,
  );
}

/** Undefined when the name is taken. */
export async function insertUser(
  db: Queryable,
  user: {
    username: string;
    displayName: string;
    /** Null = a machine's account. */
    passwordHash: string | null;
    agencyId?: string | undefined;
    issued: boolean;
    full: boolean;
  },
  at: Date,
): Promise<UserRow | undefined> {
  const rows = await db.query<UserRow>(sql`
    insert into users (username, display_name, kind, password_hash, agency_id, created_at, password_changed_at,
                       last_used_at, password_issued, password_full)
    values (${user.username}, ${user.displayName}, ${user.passwordHash === null ? 'service' : 'person'}, ${user.passwordHash}, ${user.agencyId ?? null}, ${at}, ${at},
            ${at}, ${user.issued}, ${user.full})
    on conflict do nothing
    returning ${COLUMNS}`);
  return rows[0];
}

export async function updateUser(
  db: Queryable,
  id: string,
  change: {
    displayName?: string | undefined;
    status?: UserRow['status'] | undefined;
    agencyId?: string | null | undefined;
  },
  at: Date,
): Promise<void> {
  const sets = [
    ...(change.displayName === undefined ? [] : [sql`display_name = ${change.displayName}`]),
    ...(change.agencyId === undefined ? [] : [sql`agency_id = ${change.agencyId}`]),
    // Whoever is let in again has as long as a new account to come.
    ...(change.status === undefined
      ? []
      : [
          sql`status = ${change.status}`,
          sql`status_changed_at = ${at}`,
          sql`locked_reason = null`,
          sql`last_used_at = case when ${change.status} = 'active' then ${at} else last_used_at end`,
        ]),
  ];
  if (sets.length > 0) await db.query(sql`update users set ${join(sets)} where id = ${id}`);
}

export async function markUsed(db: Queryable, id: string, at: Date): Promise<void> {
  await db.query(sql`update users set last_used_at = ${at} where id = ${id}`);
}

export async function grantsOf(db: Queryable, userIds: readonly string[]): Promise<GrantRow[]> {
  return db.query<GrantRow>(sql`
    select id, user_id, role, agency_rule, agency_ids, area_ids, domains, max_class, valid_from, valid_to
    from grants where user_id = any(${[...userIds]}::text[]) order by id`);
}

export async function insertGrants(
  db: Queryable,
  userId: string,
  grants: readonly NewGrant[],
  at: Date,
  basisRequestId: number | null = null,
): Promise<void> {
  for (const grant of grants) {
    const listed = typeof grant.agencies !== 'string';
    await db.query(sql`
      insert into grants (user_id, role, agency_rule, agency_ids, area_ids, domains, max_class, valid_from, valid_to,
                          created_at, basis_request_id)
      values (${userId}, ${grant.role}, ${listed ? 'listed' : grant.agencies}, ${listed ? grant.agencies : null},
              ${grant.areaIds}, ${grant.domains}, ${grant.maxClass},
              ${grant.validFrom === undefined ? at : new Date(grant.validFrom)},
              ${grant.validTo === undefined ? null : new Date(grant.validTo)}, ${at}, ${basisRequestId})`);
  }
}

/** Grants are not deleted: that they were once given stays on record. */
export async function endGrants(db: Queryable, userId: string, at: Date): Promise<void> {
  await db.query(sql`
    update grants set valid_to = greatest(valid_from, ${at}::timestamptz)
    where user_id = ${userId} and (valid_to is null or valid_to > ${at})`);
}

export async function endGrant(db: Queryable, id: number, at: Date): Promise<void> {
  await db.query(sql`
    update grants set valid_to = greatest(valid_from, ${at}::timestamptz)
    where id = ${id} and (valid_to is null or valid_to > ${at})`);
}

/** Serialises changes that must not leave the centre without an administrator. */
export async function lockAdministrators(db: Queryable): Promise<void> {
  await db.query(sql`select pg_advisory_xact_lock(hashtext('accounts.administrators'))`);
}

/** Active accounts with an in-date, unlimited admin grant. */
export async function fullAdministrators(db: Queryable, at: Date): Promise<string[]> {
  const rows = await db.query<{ id: string }>(sql`
    select distinct u.id from users u join grants g on g.user_id = u.id
    where u.status = 'active' and u.kind = 'person' and g.role = 'admin' and g.area_ids is null and g.domains is null
      and g.agency_rule = 'all' and g.max_class = 'restricted' and g.valid_from <= ${at} and (g.valid_to is null or g.valid_to > ${at})`);
  return rows.map((row) => row.id);
}

export async function knownAreas(db: Queryable, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db.query<{ id: string }>(sql`select id from areas where id = any(${[...ids]}::text[])`);
  return new Set(rows.map((row) => row.id));
}
