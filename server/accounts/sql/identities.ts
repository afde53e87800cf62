import sql from 'sql-template-tag';
import type { Queryable } from '../../../core/ports.ts';

export interface LinkRow {
  issuer: string;
  subject: string;
  user_id: string;
  label: string;
  linked_at: Date;
  last_used_at: Date | null;
}

export async function linksOf(db: Queryable, userId: string): Promise<LinkRow[]> {
  return db.query<LinkRow>(sql`
    select issuer, subject, user_id, label, linked_at, last_used_at
    from identity_links where user_id = ${userId} order by issuer`);
}

/** Notes the use. */
export async function useLink(
  db: Queryable,
  issuer: string,
  subject: string,
  at: Date,
): Promise<string | undefined> {
  const [row] = await db.query<{ user_id: string }>(sql`
    update identity_links set last_used_at = ${at} where issuer = ${issuer} and subject = ${subject}
    returning user_id`);
  return row?.user_id;
}

/** False when that identity, or that account at this issuer, is taken. */
export async function link(
  db: Queryable,
  row: { issuer: string; subject: string; userId: string; label: string },
  at: Date,
): Promise<boolean> {
  const rows = await db.query(sql`
    insert into identity_links (issuer, subject, user_id, label, linked_at)
    values (${row.issuer}, ${row.subject}, ${row.userId}, ${row.label}, ${at})
    on conflict do nothing returning subject`);
  return rows.length === 1;
}

export async function unlink(db: Queryable, userId: string, issuer: string): Promise<boolean> {
  const rows = await db.query(sql`
    delete from identity_links where user_id = ${userId} and issuer = ${issuer} returning subject`);
  return rows.length === 1;
}
