import sql from 'sql-template-tag';
import type { Queryable } from '../../../core/ports.ts';

export type SignInMethod = 'password' | 'passkey' | 'oidc';
/** Of a caller: how its person came in, or that it is a machine with an API key. */
type CallerMethod = SignInMethod | 'key';

export interface SessionRow {
  id: string;
  user_id: string;
  username: string;
  display_name: string;
  agency_id: string | null;
  created_at: Date;
  expires_at: Date;
  method: CallerMethod;
  second_factor_at: Date | null;
  verified_at: Date;
  active_at: Date;
  locked_at: Date | null;
  password_issued: boolean;
  password_changed_at: Date;
  has_second_factor: boolean;
  terms_version: string | null;
}

export interface NewSession {
  id: string;
  userId: string;
  method: SignInMethod;
  secondFactor: boolean;
  ip: string;
  userAgent: string;
  at: Date;
  expiresAt: Date;
}

export async function insertSession(db: Queryable, session: NewSession): Promise<void> {
  await db.query(sql`
    insert into sessions (id, user_id, method, second_factor_at, created_at, last_used_at, verified_at, active_at,
                          expires_at, ip, user_agent)
    values (${session.id}, ${session.userId}, ${session.method}, ${session.secondFactor ? session.at : null},
            ${session.at}, ${session.at}, ${session.at}, ${session.at}, ${session.expiresAt}, ${session.ip},
            ${session.userAgent})`);
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
    select s.id, s.user_id, u.username, u.display_name, u.agency_id, s.created_at, s.expires_at, s.method, s.second_factor_at,
           s.verified_at, s.active_at, s.locked_at, u.password_issued, u.password_changed_at, u.terms_version,
           exists (select 1 from totp_factors t where t.user_id = u.id)
             or exists (select 1 from passkeys p where p.user_id = u.id) as has_second_factor
    from sessions s join users u on u.id = s.user_id
    where s.id = any(${[...ids]}::text[]) and s.revoked_at is null and s.expires_at > ${at}
      and u.status = 'active'`);
}

/** Acts of people since the last time; never back, for another process may have seen a later one. */
export async function keepActivity(db: Queryable, acts: readonly { id: string; at: Date }[]): Promise<void> {
  await db.query(sql`
    update sessions s set active_at = a.at
    from unnest(${acts.map((act) => act.id)}::text[], ${acts.map((act) => act.at)}::timestamptz[]) as a (id, at)
    where s.id = a.id and s.active_at < a.at`);
}

/** Locks a session unless somebody acted in it meanwhile. */
export async function lockSession(db: Queryable, id: string, idleSince: Date, at: Date): Promise<boolean> {
  const rows = await db.query(sql`
    update sessions set locked_at = ${at}
    where id = ${id} and locked_at is null and active_at <= ${idleSince} returning id`);
  return rows.length === 1;
}

/** The person has proved who they are: unlocks the session too. */
export async function markVerified(
  db: Queryable,
  id: string,
  proof: { secondFactor: boolean; at: Date },
): Promise<void> {
  await db.query(sql`
    update sessions
    set verified_at = ${proof.at}, active_at = ${proof.at}, locked_at = null,
        second_factor_at = case when ${proof.secondFactor} then ${proof.at} else second_factor_at end
    where id = ${id}`);
}

export interface ListedSession {
  id: string;
  created_at: Date;
  last_used_at: Date;
  active_at: Date;
  expires_at: Date;
  locked_at: Date | null;
  ip: string | null;
  user_agent: string | null;
  method: SignInMethod;
  second_factor_at: Date | null;
}

export async function sessionsOf(db: Queryable, userId: string, at: Date): Promise<ListedSession[]> {
  return db.query<ListedSession>(sql`
    select id, created_at, last_used_at, active_at, expires_at, locked_at, ip, user_agent, method, second_factor_at
    from sessions where user_id = ${userId} and revoked_at is null and expires_at > ${at}
    order by last_used_at desc, id limit 200`);
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
