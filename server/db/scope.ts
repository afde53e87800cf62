import sql, { join, type Sql } from 'sql-template-tag';
import { CLASSES, classesUpTo, isWhole, type Scope, type ScopeBox } from '../../core/permissions.ts';

/** Where the dimensions of the scope model stand in a query, for example `sql\`d.area_id\``. */
export interface ScopeColumns {
  area: Sql;
  /** Null = such rows belong to no domain. */
  domain: Sql | null;
  agency: Sql;
  class: Sql;
  /** For rows that can be forwarded: a condition that says whether one of these agencies is a party to the row. */
  forwardedTo?: (agencies: Sql) => Sql;
}

/**
 * The scope of a caller as a SQL condition: the one builder behind every list, count, tile, search and export.
 * It says what `can()` says of the same row. No grant = no row.
 */
export function scopeCondition(scope: Scope, columns: ScopeColumns): Sql {
  if (isWhole(scope, 'restricted')) return sql`true`;
  if (scope.length === 0) return sql`false`;
  return sql`(${join(
    scope.map((box) => boxCondition(box, columns)),
    ' or ',
  )})`;
}

function boxCondition(box: ScopeBox, columns: ScopeColumns): Sql {
  const { area, domain, agency, forwardedTo } = columns;
  const place: Sql[] = [];
  if (box.areas !== 'all') place.push(sql`${area} = any(${[...box.areas]}::text[])`);
  if (box.domains !== 'all' && domain !== null)
    place.push(sql`(${domain} is null or ${domain} = any(${[...box.domains]}::text[]))`);
  if (box.agencies !== 'all') place.push(sql`${agency} = any(${[...box.agencies]}::text[])`);
  const parts: Sql[] = [];
  if (place.length > 0) {
    const inPlace = sql`(${join(place, ' and ')})`;
    const asParty = box.parties.length > 0 && forwardedTo?.(sql`${[...box.parties]}::text[]`);
    parts.push(asParty ? sql`(${inPlace} or ${asParty})` : inPlace);
  }
  const classes = classesUpTo(box.maxClass);
  if (classes.length < CLASSES.length) parts.push(sql`${columns.class} = any(${classes}::text[])`);
  return parts.length === 0 ? sql`true` : sql`(${join(parts, ' and ')})`;
}
