import sql from 'sql-template-tag';
import type { Queryable } from '../../core/ports.ts';

export async function readSealed(db: Queryable, name: string): Promise<Buffer | undefined> {
  const [row] = await db.query<{ sealed: Buffer }>(sql`select sealed from secrets where name = ${name}`);
  return row?.sealed;
}

export async function anySealed(db: Queryable): Promise<{ name: string; sealed: Buffer } | undefined> {
  const [row] = await db.query<{ name: string; sealed: Buffer }>(
    sql`select name, sealed from secrets order by name limit 1`,
  );
  return row;
}

export async function writeSealed(db: Queryable, name: string, sealed: Buffer): Promise<void> {
  await db.query(sql`
    insert into secrets (name, sealed) values (${name}, ${sealed})
    on conflict (name) do update set sealed = excluded.sealed, updated_at = now()`);
}

export async function deleteSealed(db: Queryable, name: string): Promise<void> {
  await db.query(sql`delete from secrets where name = ${name}`);
}

/** Until the transaction ends nobody else changes this secret in one step with reading it. */
export async function lockSealed(db: Queryable, name: string): Promise<void> {
  await db.query(sql`select pg_advisory_xact_lock(hashtextextended(${`secret ${name}`}, 0))`);
}
