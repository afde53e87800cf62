import sql, { join } from 'sql-template-tag';
import type { GrantInput } from '../../core/api/auth.ts';
import type { DataClass } from '../../core/permissions.ts';
import type { Queryable } from '../../core/ports.ts';

export interface UserRow {
  id: string;
  username: string;
  display_name: string;
  password_hash: string;
  agency_id: string | null;
  status: 'active' | 'locked' | 'revoked';
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

export interface SessionRow {
  id: string;
  user_id: string;
  username: string;
  display_name: string;
  agency_id: string | null;
  created_at: Date;
  expires_at: Date;
}

const USER = sql`select id, username, display_name, password_hash, agency_id, status from users`;

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

export async function listUsers(db: Queryable, after: string, limit: number): Promise<UserRow[]> {
  return db.query<UserRow>(sql`${USER} where username > ${after} order by username limit ${limit}`);
}

/** Undefined when the name is taken. */
export async function insertUser(
  db: Queryable,
  user: { username: string; displayName: string; passwordHash: string; agencyId?: string | undefined },
  at: Date,
): Promise<UserRow | undefined> {
  const rows = await db.query<UserRow>(sql`
    insert into users (username, display_name, password_hash, agency_id, created_at, password_changed_at)
    values (${user.username}, ${user.displayName}, ${user.passwordHash}, ${user.agencyId ?? null}, ${at}, ${at})
    on conflict (username) do nothing
    returning id, username, display_name, password_hash, agency_id, status`);
  return rows[0];
}

export async function updateUser(
  db: Queryable,
  id: string,
  change: {
    displayName?: string | undefined;
    status?: UserRow['status'] | undefined;
    passwordHash?: string | undefined;
    agencyId?: string | null | undefined;
  },
  at: Date,
): Promise<void> {
  const sets = [
    ...(change.displayName === undefined ? [] : [sql`display_name = ${change.displayName}`]),
    ...(change.agencyId === undefined ? [] : [sql`agency_id = ${change.agencyId}`]),
    ...(change.status === undefined ? [] : [sql`status = ${change.status}`, sql`status_changed_at = ${at}`]),
    ...(change.passwordHash === undefined
      ? []
      : [sql`password_hash = ${change.passwordHash}`, sql`password_changed_at = ${at}`]),
  ];
  if (sets.length > 0) await db.query(sql`update users set ${join(sets)} where id = ${id}`);
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
): Promise<void> {
  for (const grant of grants) {
    const listed = typeof grant.agencies !== 'string';
    await db.query(sql`
      insert into grants (user_id, role, agency_rule, agency_ids, area_ids, domains, max_class, valid_from, valid_to,
                          created_at)
      values (${userId}, ${grant.role}, ${listed ? 'listed' : grant.agencies}, ${listed ? grant.agencies : null},
              ${grant.areaIds}, ${grant.domains}, ${grant.maxClass},
              ${grant.validFrom === undefined ? at : new Date(grant.validFrom)},
              ${grant.validTo === undefined ? null : new Date(grant.validTo)}, ${at})`);
  }
}

/** Grants are not deleted: that they were once given stays on record. */
export async function endGrants(db: Queryable, userId: string, at: Date): Promise<void> {
  await db.query(sql`
    update grants set valid_to = greatest(valid_from, ${at}::timestamptz)
    where user_id = ${userId} and (valid_to is null or valid_to > ${at})`);
}

/** Serialises changes that must not leave the centre without an administrator. */
export async function lockAdministrators(db: Queryable): Promise<void> {
  await db.query(sql`select pg_advisory_xact_lock(hashtext('accounts.administrators'))`);
}

/** Active accounts with an in-date, unlimited admin grant. */
export async function fullAdministrators(db: Queryable, at: Date): Promise<string[]> {
  const rows = await db.query<{ id: string }>(sql`
    select distinct u.id from users u join grants g on g.user_id = u.id
    where u.status = 'active' and g.role = 'admin' and g.area_ids is null and g.domains is null
      and g.agency_rule = 'all' and g.max_class = 'restricted' and g.valid_from <= ${at} and (g.valid_to is null or g.valid_to > ${at})`);
  return rows.map((row) => row.id);
}

export async function knownAreas(db: Queryable, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db.query<{ id: string }>(sql`select id from areas where id = any(${[...ids]}::text[])`);
  return new Set(rows.map((row) => row.id));
}

export async function insertSession(
  db: Queryable,
  session: { id: string; userId: string; ip: string; userAgent: string; at: Date; expiresAt: Date },
): Promise<void> {
  await db.query(sql`
    insert into sessions (id, user_id, created_at, last_used_at, expires_at, ip, user_agent)
    values (${session.id}, ${session.userId}, ${session.at}, ${session.at}, ${session.expiresAt},
            ${session.ip}, ${session.userAgent})`);
}

export async function insertRefreshToken(
  db: Queryable,
  hash: Buffer,
  sessionId: string,
  at: Date,
): Promise<void> {
  await db.query(sql`
    insert into refresh_tokens (token_sha256, session_id, issued_at) values (${hash}, ${sessionId}, ${at})`);
}

/** Marks the token used; exactly one of two racing requests gets the session id. */
export async function useRefreshToken(db: Queryable, hash: Buffer, at: Date): Promise<string | undefined> {
  const [row] = await db.query<{ session_id: string }>(sql`
    update refresh_tokens set used_at = ${at} where token_sha256 = ${hash} and used_at is null
    returning session_id`);
  return row?.session_id;
}

export async function sessionOfToken(db: Queryable, hash: Buffer): Promise<string | undefined> {
  const [row] = await db.query<{ session_id: string }>(
    sql`select session_id from refresh_tokens where token_sha256 = ${hash}`,
  );
  return row?.session_id;
}

/** Sessions that are open at `at`, of accounts that are not locked. */
export async function openSessions(db: Queryable, ids: readonly string[], at: Date): Promise<SessionRow[]> {
  return db.query<SessionRow>(sql`
    select s.id, s.user_id, u.username, u.display_name, u.agency_id, s.created_at, s.expires_at
    from sessions s join users u on u.id = s.user_id
    where s.id = any(${[...ids]}::text[]) and s.revoked_at is null and s.expires_at > ${at}
      and u.status = 'active'`);
}

export async function prolongSession(db: Queryable, id: string, at: Date, expiresAt: Date): Promise<void> {
  await db.query(sql`update sessions set last_used_at = ${at}, expires_at = ${expiresAt} where id = ${id}`);
}

/** The user whose session it was, or undefined when it was closed already. */
export async function revokeSession(
  db: Queryable,
  id: string,
  reason: string,
  at: Date,
): Promise<string | undefined> {
  const [row] = await db.query<{ user_id: string }>(sql`
    update sessions set revoked_at = ${at}, revoke_reason = ${reason} where id = ${id} and revoked_at is null
    returning user_id`);
  return row?.user_id;
}

export async function revokeSessionsOf(
  db: Queryable,
  userId: string,
  reason: string,
  at: Date,
  except: string | null,
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(sql`
    update sessions set revoked_at = ${at}, revoke_reason = ${reason}
    where user_id = ${userId} and revoked_at is null and id is distinct from ${except}
    returning id`);
  return rows.map((row) => row.id);
}

/** Refresh tokens are kept as long as their use could still mean theft: while the session could be open. */
export async function forgetTokensBefore(db: Queryable, before: Date): Promise<void> {
  await db.query(sql`
    delete from refresh_tokens where session_id in (select id from sessions where expires_at < ${before})`);
}
