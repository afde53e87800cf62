import sql, { empty, join, type Sql } from 'sql-template-tag';
import type { Scope } from '../../core/permissions.ts';

/**
 * The scope of a caller as a SQL condition over two columns: the one builder behind every list, count, tile,
 * search and export. No grant = no row.
 * `area` and `domain` are column expressions of the query, for example `sql\`d.area_id\``.
 */
export function scopeCondition(scope: Scope, area: Sql, domain: Sql | null): Sql {
  if (scope.some((box) => box.areas === 'all' && (box.domains === 'all' || domain === null)))
    return sql`true`;
  if (scope.length === 0) return sql`false`;
  const boxes = scope.map((box) => {
    const inArea = box.areas === 'all' ? empty : sql`${area} = any(${[...box.areas]}::text[])`;
    const inDomain =
      box.domains === 'all' || domain === null
        ? empty
        : sql`(${domain} is null or ${domain} = any(${[...box.domains]}::text[]))`;
    const parts = [inArea, inDomain].filter((part) => part !== empty);
    return parts.length === 0 ? sql`true` : sql`(${join(parts, ' and ')})`;
  });
  return sql`(${join(boxes, ' or ')})`;
}
