import { createHash } from 'node:crypto';
import { type Caller, type Permission, type Scope, scopeOf } from '../../core/permissions.ts';
import type { Database, SqlQuery } from '../../core/ports.ts';

/** The same for scopes that reach the same rows in the same words, whatever the order of the grants. */
export function scopeKey(scope: Scope): string {
  const sorted = (ids: readonly string[] | 'all') => (ids === 'all' ? ids : [...ids].sort());
  const boxes = scope
    .map((box) =>
      JSON.stringify([
        sorted(box.areas),
        sorted(box.domains),
        sorted(box.agencies),
        sorted(box.parties),
        box.maxClass,
      ]),
    )
    .sort();
  return createHash('sha256').update(boxes.join('\n')).digest('base64url').slice(0, 16);
}

/** Scopes whose ids are kept: people with the same grants share one. */
const KEPT_SCOPES = 200;

/**
 * The second wall for what is kept in memory for everybody: the ids that the database shows this caller, asked once
 * per version of the content and scope. Undefined = there is no such wall, the first one stands alone.
 * @param ids statement whose rows have a column `id`
 */
export function createSeenIds(database: Database, permission: Permission, ids: SqlQuery) {
  let keptFor: number | undefined;
  const kept = new Map<string, Promise<ReadonlySet<string | number>>>();
  return async (caller: Caller, version: number): Promise<ReadonlySet<string | number> | undefined> => {
    const view = database.as(caller, permission);
    if (!view.walled) return undefined;
    if (keptFor !== version) kept.clear();
    keptFor = version;
    const key = scopeKey(scopeOf(caller, permission));
    let seen = kept.get(key);
    if (!seen) {
      const oldest = kept.keys().next();
      if (kept.size >= KEPT_SCOPES && !oldest.done) kept.delete(oldest.value);
      seen = view.query<{ id: string | number }>(ids).then((rows) => new Set(rows.map((row) => row.id)));
      kept.set(key, seen);
      seen.catch(() => kept.delete(key));
    }
    return await seen;
  };
}
