import sql from 'sql-template-tag';
import type { DataClass, Scope } from '../../core/permissions.ts';
import type { Queryable } from '../../core/ports.ts';
import { partiesOf } from '../alerts/index.ts';
import { scopeCondition } from '../db/index.ts';
import { likeLiteral, SEARCHED, type StoredKind } from '../search/index.ts';

export interface SightRow {
  id: string;
  name: string;
  area_id: string | null;
  domain: string | null;
  agency_id: string | null;
  class: DataClass;
  parties: string[];
}

/** Rows of one kind within a scope, with their place in the scope model: one by its id, or those with a text. */
export function rowsOf(
  db: Queryable,
  kind: StoredKind,
  scope: Scope,
  wanted: { id: string | undefined; text: string },
  limit: number,
): Promise<SightRow[]> {
  const { from, id, title, text, scope: place } = SEARCHED[kind];
  const which =
    wanted.id !== undefined
      ? sql`${id} = ${wanted.id}`
      : sql`(${text} like ${`%${likeLiteral(wanted.text)}%`} or lower(${id}) like ${`%${likeLiteral(wanted.text)}%`})`;
  return db.query<SightRow>(sql`
    select ${id} as id, ${title} as name, ${place.area} as area_id, ${place.domain ?? sql`null`} as domain,
           ${place.agency} as agency_id, ${place.class} as class,
           ${kind === 'alert' ? partiesOf(sql`a.id`) : sql`'{}'::text[]`} as parties
    from ${from}
    where ${scopeCondition(scope, place)} and ${which}
    order by ${title}, ${id} limit ${limit}`);
}
