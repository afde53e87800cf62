import sql from 'sql-template-tag';
import type { Queryable } from '../../../core/ports.ts';

export interface NewPassword {
  hash: string;
  /** Set by somebody else than the person. */
  issued: boolean;
  /** Long enough to stand without a second factor. */
  full: boolean;
}

/** The old one goes into the history. */
export async function setPassword(db: Queryable, userId: string, next: NewPassword, at: Date): Promise<void> {
  await db.query(sql`
    insert into password_history (user_id, password_hash, replaced_at)
    select id, password_hash, ${at}::timestamptz from users where id = ${userId} and password_hash is not null`);
  await db.query(sql`
    update users set password_hash = ${next.hash}, password_changed_at = ${at}, password_issued = ${next.issued},
                     password_full = ${next.full}
    where id = ${userId}`);
}

/** Hashes of the last passwords, the newest first. */
export async function lastPasswords(db: Queryable, userId: string, limit: number): Promise<string[]> {
  const rows = await db.query<{ password_hash: string }>(sql`
    select password_hash from password_history where user_id = ${userId} order by id desc limit ${limit}`);
  return rows.map((row) => row.password_hash);
}

/** What no rule asks for any more. */
export async function forgetPasswords(db: Queryable, userId: string, keep: number): Promise<void> {
  await db.query(sql`
    delete from password_history where user_id = ${userId} and id not in (
      select id from password_history where user_id = ${userId} order by id desc limit ${keep})`);
}

/**
 * Locks accounts that nobody has used since `before`, except those named: somebody must be able to unlock the rest.
 * Returns who was locked.
 */
export async function lockIdleAccounts(
  db: Queryable,
  before: Date,
  except: readonly string[],
): Promise<{ id: string; username: string }[]> {
  return db.query(sql`
    update users set status = 'locked', locked_reason = 'idle'
    where status = 'active' and kind = 'person' and last_used_at < ${before}
      and not (id = any(${[...except]}::text[]))
    returning id, username`);
}

/** Of the given accounts the one that was used last. */
export async function lastUsedOf(db: Queryable, ids: readonly string[]): Promise<string | undefined> {
  const [row] = await db.query<{ id: string }>(sql`
    select id from users where id = any(${[...ids]}::text[]) order by last_used_at desc, id limit 1`);
  return row?.id;
}

export async function setTerms(db: Queryable, userId: string, version: string, at: Date): Promise<void> {
  await db.query(sql`
    update users set terms_version = ${version}, terms_accepted_at = ${at} where id = ${userId}`);
}
