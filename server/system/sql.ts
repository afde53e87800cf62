import sql from 'sql-template-tag';
import type { Queryable } from '../../core/ports.ts';

/** The database's clock, epoch milliseconds: an answer is also the proof that it answers. */
export async function databaseNowMs(db: Queryable): Promise<number> {
  const [row] = await db.query<{ ms: number }>(
    sql`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`,
  );
  return row?.ms ?? Number.NaN;
}
