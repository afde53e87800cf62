import sql, { join, type Sql } from 'sql-template-tag';
import type { Scope } from '../../core/permissions.ts';
import type { Queryable } from '../../core/ports.ts';
import { ALERT_SCOPE } from '../alerts/index.ts';
import { type ScopeColumns, scopeCondition } from '../db/index.ts';
import { likeLiteral, type Sought } from './match.ts';

/** The kinds that are rows; areas and places are looked up in memory. */
export const STORED_KINDS = ['device', 'camera', 'unit', 'alert'] as const;
export type StoredKind = (typeof STORED_KINDS)[number];

export interface CandidateRow {
  kind: StoredKind;
  id: string;
  title: string;
  /** Type of a device, kind of a unit, subject of an alert; null for cameras. */
  detail: string | null;
  /** Another name that it goes by. */
  alias: string;
  area_id: string | null;
  lon: number | null;
  lat: number | null;
}

/** Who are ranked again by their names; more than anybody is shown, and a bound on what one search may cost. */
const CANDIDATES_PER_KIND = 200;

interface Source {
  title: Sql;
  columns: Sql;
  from: Sql;
  id: Sql;
  text: Sql;
  scope: ScopeColumns;
  /** Besides the words. */
  only?: Sql;
}

/** Where the rows of each kind are, what they are called, and where they stand in the scope model. */
export const SOURCES: Readonly<Record<StoredKind, Source>> = {
  device: {
    title: sql`d.name`,
    columns: sql`d.type as detail, d.id as alias, coalesce(p.area_id, d.area_id) as area_id,
      coalesce(p.lon, ST_X(d.geom)) as lon, coalesce(p.lat, ST_Y(d.geom)) as lat`,
    // A mover is where it was last seen, and lies in that area.
    from: sql`devices d left join series s on s.device_id = d.id and s.quantity = 'position'
      left join latest_positions p on p.series_id = s.id`,
    id: sql`d.id`,
    text: sql`d.search_text`,
    scope: {
      area: sql`coalesce(p.area_id, d.area_id)`,
      domain: sql`d.domain`,
      agency: sql`d.agency_id`,
      class: sql`d.class`,
    },
  },
  camera: {
    title: sql`c.name`,
    columns: sql`null as detail, c.id as alias, c.area_id, ST_X(c.geom) as lon, ST_Y(c.geom) as lat`,
    from: sql`cameras c`,
    id: sql`c.id`,
    text: sql`c.search_text`,
    scope: {
      area: sql`c.area_id`,
      domain: sql`c.domain`,
      agency: sql`c.agency_id`,
      class: sql`c.class`,
    },
  },
  unit: {
    title: sql`u.name`,
    columns: sql`u.kind as detail, u.call_sign as alias,
      coalesce(p.area_id, u.home_area_id) as area_id, ST_X(p.geom) as lon, ST_Y(p.geom) as lat`,
    from: sql`units u left join unit_positions p on p.unit_id = u.id`,
    id: sql`u.id`,
    text: sql`u.search_text`,
    scope: {
      area: sql`coalesce(p.area_id, u.home_area_id)`,
      domain: null,
      agency: sql`u.agency_id`,
      class: sql`u.class`,
    },
  },
  alert: {
    title: sql`a.title`,
    columns: sql`a.subject_name as detail, a.subject_id as alias, a.area_id, ST_X(a.geom) as lon,
      ST_Y(a.geom) as lat`,
    from: sql`alerts a`,
    id: sql`a.id::text`,
    text: sql`a.search_text`,
    scope: ALERT_SCOPE,
    only: sql`a.state <> 'closed'`,
  },
};

/** Rows of the wanted kinds, each within its scope, whose text holds every word or whose id is just that. */
export async function candidates(
  db: Queryable,
  sought: Sought,
  scopes: ReadonlyMap<StoredKind, Scope>,
): Promise<CandidateRow[]> {
  if (scopes.size === 0) return [];
  const parts = [...scopes].map(([kind, scope]) => branch(kind, SOURCES[kind], sought, scope));
  return db.query<CandidateRow>(sql`${join(parts, ' union all ')}`);
}

function branch(kind: StoredKind, source: Source, { phrase, words }: Sought, scope: Scope): Sql {
  const { text } = source;
  const literal = likeLiteral(phrase);
  const patterns = words.map((word) => `%${likeLiteral(word)}%`);
  const where = [
    scopeCondition(scope, source.scope),
    sql`(${text} like all(${patterns}::text[]) or lower(${source.id}) = ${phrase})`,
    ...(source.only ? [source.only] : []),
  ];
  // Nearly the final order, so that the bound cuts off the worst: of texts that begin alike, the shortest name fits best.
  return sql`(
    select ${kind} as kind, ${source.id} as id, ${source.title} as title, ${source.columns}
    from ${source.from} where ${join(where, ' and ')}
    order by case when lower(${source.id}) = ${phrase} or ${text} = ${phrase} then 0
                  when ${text} like ${`${literal}%`} then 1
                  when ${text} like ${`% ${literal}%`} then 2
                  when ${text} like ${`%${literal}%`} then 3 else 4 end,
             length(${source.title}), ${source.id} limit ${CANDIDATES_PER_KIND})`;
}
