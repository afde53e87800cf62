import sql, { empty, type Sql } from 'sql-template-tag';
import type { AreaLevel } from '../../core/api/areas.ts';
import type { Queryable } from '../../core/ports.ts';
import type { Bbox, LonLat } from '../../core/reading.ts';

export interface AreaRow {
  id: string;
  code: string;
  parent_id: string | null;
  level: (typeof AreaLevel)['options'][number];
  name: string;
  full_name: string;
  full_name_en: string;
  area_km2: number | null;
  path: string[];
  valid_from: string | null;
  valid_to: string | null;
  bbox: Bbox;
  centroid: LonLat;
}

/** What is written for one imported feature; `geometry` is a GeoJSON MultiPolygon. */
export interface AreaWrite {
  id: string;
  code: string;
  level: string;
  name: string;
  full_name: string;
  full_name_en: string;
  area_km2: number | null;
  search_text: string;
  geometry: unknown;
}

export interface ParentWish {
  id: string;
  parent_code: string | null;
  /** Taken when no polygon covers the area. */
  fallback_id: string | null;
}

const RANK = sql`array['province', 'district', 'commune']`;
/** Deepest first, then the smaller box, then the id: the order of the in-memory index. */
const SMALLEST_FIRST = sql`array_length(a.path, 1) desc, ST_Area(ST_Envelope(a.geom)), a.id collate "C"`;

const inForce = (on: string): Sql => sql`
  (a.valid_from is null or a.valid_from <= ${on}::date) and (a.valid_to is null or a.valid_to > ${on}::date)`;

/** One import at a time; released with the transaction. */
export async function lockAreas(db: Queryable): Promise<void> {
  await db.query(sql`select pg_advisory_xact_lock(hashtext('areas.import'))`);
}

export async function allAreas(db: Queryable): Promise<AreaRow[]> {
  return db.query<AreaRow>(sql`
    select a.id, a.code, a.parent_id, a.level, a.name, a.full_name, a.full_name_en, a.area_km2, a.path,
           a.valid_from::text as valid_from, a.valid_to::text as valid_to,
           array[ST_XMin(a.geom), ST_YMin(a.geom), ST_XMax(a.geom), ST_YMax(a.geom)] as bbox,
           -- The centroid of a crescent lies outside it; a label must not.
           case when ST_Covers(a.geom, ST_Centroid(a.geom))
                then array[ST_X(ST_Centroid(a.geom)), ST_Y(ST_Centroid(a.geom))]
                else array[ST_X(ST_PointOnSurface(a.geom)), ST_Y(ST_PointOnSurface(a.geom))] end as centroid
    from areas a order by a.code, a.valid_from nulls first`);
}

/** Every area of the tree, as the database shows them to whoever asks. */
export const areaIds = (): Sql => sql`select id from areas`;

export interface GeometryRow {
  id: string;
  geometry: string;
}

/** Borders of some areas as GeoJSON text with every digit, so that memory and database agree on every point. */
export async function geometriesOf(db: Queryable, ids: readonly string[]): Promise<GeometryRow[]> {
  return db.query<GeometryRow>(sql`
    select a.id, ST_AsGeoJSON(a.geom, 15) as geometry from areas a where a.id = any(${[...ids]}::text[])`);
}

export async function areaIdsAt(db: Queryable, lon: number, lat: number, on: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>(sql`
    select a.id from areas a
    where ST_Covers(a.geom, ST_SetSRID(ST_MakePoint(${lon}, ${lat}), 4326)) and ${inForce(on)}
    order by ${SMALLEST_FIRST}`);
  return rows.map((row) => row.id);
}

/** For each geometry whether it is valid, and if not what PostGIS would make of it; in the order given. */
export async function checkGeometries(
  db: Queryable,
  geometries: readonly unknown[],
): Promise<{ reason: string | null; repaired: string | null }[]> {
  return db.query(sql`
    select case when ST_IsValid(g) then null else ST_IsValidReason(g) end as reason,
           case when ST_IsValid(g) then null else ST_AsGeoJSON(ST_MakeValid(g), 15) end as repaired
    from (select n, ST_SetSRID(ST_GeomFromGeoJSON(item), 4326) as g
          from jsonb_array_elements(${JSON.stringify(geometries)}::jsonb) with ordinality as t(item, n)) as given
    order by n`);
}

/** Inserts or, for the same code and first day, updates. New rows stand alone until their parents are set. */
export async function upsertAreas(
  db: Queryable,
  areas: readonly AreaWrite[],
  validFrom: string | null,
): Promise<void> {
  await db.query(sql`
    insert into areas (id, code, level, name, full_name, full_name_en, area_km2, geom, path, valid_from, search_text)
    select x.id, x.code, x.level, x.name, x.full_name, x.full_name_en, x.area_km2,
           ST_Multi(ST_SetSRID(ST_GeomFromGeoJSON(x.geometry), 4326)), array[x.id], ${validFrom}::date, x.search_text
    from jsonb_to_recordset(${JSON.stringify(areas)}::jsonb)
      as x(id text, code text, level text, name text, full_name text, full_name_en text,
           area_km2 double precision, search_text text, geometry jsonb)
    on conflict (code, coalesce(valid_from, '-infinity')) do update set
      level = excluded.level, name = excluded.name, full_name = excluded.full_name,
      full_name_en = excluded.full_name_en, area_km2 = excluded.area_km2, geom = excluded.geom,
      search_text = excluded.search_text, valid_to = null`);
}

/** Sets parents: the one named by its code, else the deepest one above that covers the area, else the fallback. */
export async function setParents(
  db: Queryable,
  wishes: readonly ParentWish[],
  fileIds: readonly string[],
  on: string,
): Promise<{ id: string; parent_id: string | null; covered: boolean }[]> {
  return db.query(sql`
    with wish as (
      select x.id, x.fallback_id, coalesce(
        (select a.id from areas a
         where a.code = x.parent_code and a.id <> x.id and ${inForce(on)}
           and array_position(${RANK}, a.level) < array_position(${RANK}, child.level)
         limit 1),
        (select a.id from areas a
         where ST_Covers(a.geom, ST_PointOnSurface(child.geom)) and a.id <> x.id and ${inForce(on)}
           and array_position(${RANK}, a.level) < array_position(${RANK}, child.level)
         -- Where provinces of different files overlap, a file's own is meant.
         order by array_position(${RANK}, a.level) desc, a.id = any(${[...fileIds]}::text[]) desc,
                  ST_Area(ST_Envelope(a.geom)), a.id collate "C"
         limit 1)) as found
      from jsonb_to_recordset(${JSON.stringify(wishes)}::jsonb) as x(id text, parent_code text, fallback_id text)
      join areas child on child.id = x.id)
    update areas set parent_id = coalesce(wish.found, wish.fallback_id) from wish where areas.id = wish.id
    returning areas.id, areas.parent_id, wish.found is not null as covered`);
}

export async function deleteAreas(db: Queryable, ids: readonly string[]): Promise<void> {
  await db.query(sql`delete from areas where id = any(${[...ids]}::text[])`);
}

export async function refreshPaths(db: Queryable): Promise<void> {
  await db.query(sql`
    with recursive tree as (
      select id, array[id] as path from areas where parent_id is null
      union all
      select child.id, tree.path || child.id from areas child join tree on child.parent_id = tree.id)
    update areas set path = tree.path from tree where areas.id = tree.id and areas.path is distinct from tree.path`);
}

/** Each version of a code ends on the day the next one begins. Returns how many ends moved. */
export async function closeOlderVersions(db: Queryable, codes: readonly string[]): Promise<number> {
  const rows = await db.query(sql`
    update areas set valid_to = version.next_from
    from (select id, lead(valid_from) over (partition by code order by valid_from nulls first) as next_from
          from areas where code = any(${[...codes]}::text[])) as version
    where areas.id = version.id and version.next_from is not null
      and (areas.valid_to is null or areas.valid_to > version.next_from)
    returning areas.id`);
  return rows.length;
}

/** Ends what lay in these provinces and is not among the codes kept. */
export async function closeMissing(
  db: Queryable,
  provinceCodes: readonly string[],
  keptCodes: readonly string[],
  on: string,
): Promise<number> {
  const rows = await db.query(sql`
    update areas set valid_to = ${on}::date
    where level <> 'province' and not code = any(${[...keptCodes]}::text[])
      and path && array(select id from areas where level = 'province' and code = any(${[...provinceCodes]}::text[]))
      and (valid_from is null or valid_from < ${on}::date) and (valid_to is null or valid_to > ${on}::date)
    returning id`);
  return rows.length;
}

/**
 * Two provinces cannot hold the same ground: those of other files that overlap one of these by more than a tenth of
 * the smaller end, with all that lies in them. Slivers along a border are differences in drawing.
 */
export async function replaceOverlapped(
  db: Queryable,
  provinceCodes: readonly string[],
  on: string,
): Promise<{ level: string; code: string; full_name: string }[]> {
  return db.query(sql`
    update areas set valid_to = ${on}::date
    where (valid_from is null or valid_from < ${on}::date) and (valid_to is null or valid_to > ${on}::date)
      and path && array(
        select a.id from areas a join areas fresh
          on fresh.level = 'province' and fresh.code = any(${[...provinceCodes]}::text[])
             and (fresh.valid_from is null or fresh.valid_from <= ${on}::date)
             and (fresh.valid_to is null or fresh.valid_to > ${on}::date)
        where a.level = 'province' and not a.code = any(${[...provinceCodes]}::text[]) and ${inForce(on)}
          and ST_Intersects(a.geom, fresh.geom)
          and ST_Area(ST_Intersection(a.geom, fresh.geom)) > 0.1 * least(ST_Area(a.geom), ST_Area(fresh.geom)))
    returning level, code, full_name`);
}

/** Puts what has a place into the area it lies in today. Returns the ids that changed. */
export async function relocate(
  db: Queryable,
  table: 'devices' | 'cameras' | 'unit_positions',
  on: string,
): Promise<number> {
  const target = { devices: sql`devices`, cameras: sql`cameras`, unit_positions: sql`unit_positions` }[table];
  const key = table === 'unit_positions' ? sql`unit_id` : sql`id`;
  const touched = table === 'unit_positions' ? empty : sql`, updated_at = now()`;
  const rows = await db.query(sql`
    update ${target} as thing set area_id = place.area_id ${touched}
    from (select t.${key} as id,
                 (select a.id from areas a where ST_Covers(a.geom, t.geom) and ${inForce(on)}
                  order by ${SMALLEST_FIRST} limit 1) as area_id
          from ${target} as t where t.geom is not null) as place
    where thing.${key} = place.id and thing.area_id is distinct from place.area_id
    returning 1`);
  return rows.length;
}
