import sql from 'sql-template-tag';
import type { Queryable, Tx } from '../../../core/ports.ts';

/** What stands behind a grant: its document, and when a review last confirmed it. */
export interface GrantRecordRow {
  grant_id: number;
  given_at: Date;
  basis_request_id: number | null;
  basis_document: string | null;
  confirmed_at: Date | null;
  confirmed_by: string | null;
}

export async function grantRecords(db: Queryable, grantIds: readonly number[]): Promise<GrantRecordRow[]> {
  return db.query<GrantRecordRow>(sql`
    select g.id as grant_id, g.created_at as given_at, g.basis_request_id, r.document_number as basis_document, v.at as confirmed_at,
      v.actor_name as confirmed_by
    from grants g
    left join account_requests r on r.id = g.basis_request_id
    left join lateral (
      select at, actor_name from grant_reviews w
      where w.grant_id = g.id and w.outcome = 'confirmed' order by at desc limit 1) v on true
    where g.id = any(${[...grantIds]}::bigint[])`);
}

export async function insertReview(
  db: Queryable | Tx,
  review: {
    grantId: number;
    outcome: 'confirmed' | 'withdrawn';
    by: { id: string; name: string };
    note: string | null;
    requestId: number | null;
    at: Date;
  },
): Promise<void> {
  await db.query(sql`
    insert into grant_reviews (grant_id, at, outcome, actor_id, actor_name, note, request_id)
    values (${review.grantId}, ${review.at}, ${review.outcome}, ${review.by.id}, ${review.by.name}, ${review.note},
            ${review.requestId})`);
}
