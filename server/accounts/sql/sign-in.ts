import sql from 'sql-template-tag';
import type { Queryable } from '../../../core/ports.ts';

/** True for exactly one of those who use the same envelope. */
export async function spendEnvelope(db: Queryable, nonce: string, until: Date): Promise<boolean> {
  const rows = await db.query(sql`
    insert into spent_envelopes (nonce, until) values (${nonce}, ${until})
    on conflict (nonce) do nothing returning nonce`);
  return rows.length === 1;
}

export async function forgetEnvelopes(db: Queryable, at: Date): Promise<void> {
  await db.query(sql`delete from spent_envelopes where until < ${at}`);
}

export async function lockedUntil(
  db: Queryable,
  username: string,
  source: string,
  at: Date,
): Promise<Date | undefined> {
  const [row] = await db.query<{ until: Date }>(sql`
    select until from sign_in_lockouts where username = ${username} and source = ${source} and until > ${at}`);
  return row?.until;
}

export async function lockOut(db: Queryable, username: string, source: string, until: Date): Promise<void> {
  await db.query(sql`
    insert into sign_in_lockouts (username, source, until) values (${username}, ${source}, ${until})
    on conflict (username, source) do update set until = excluded.until`);
}

export async function clearLockouts(db: Queryable, username: string): Promise<number> {
  const rows = await db.query(
    sql`delete from sign_in_lockouts where username = ${username} returning source`,
  );
  return rows.length;
}

export async function forgetLockouts(db: Queryable, at: Date): Promise<void> {
  await db.query(sql`delete from sign_in_lockouts where until < ${at}`);
}
