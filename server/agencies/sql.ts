import sql, { type Sql } from 'sql-template-tag';
import type { Queryable } from '../../core/ports.ts';

export interface AgencyRow {
  id: string;
  name_vi: string;
  name_en: string;
  type: string;
  parent_id: string | null;
  area_code: string | null;
  active: boolean;
}

export async function allAgencies(db: Queryable): Promise<AgencyRow[]> {
  return db.query<AgencyRow>(sql`
    select id, name_vi, name_en, type, parent_id, area_code, active_to is null as active from agencies order by id`);
}

export type AgencyWrite = Omit<AgencyRow, 'active'>;

/** Makes the table say what the profile says; what it no longer names is closed. */
export async function syncAgencies(db: Queryable, agencies: readonly AgencyWrite[], at: Date): Promise<void> {
  await db.query(sql`
    insert into agencies (id, name_vi, name_en, type, parent_id, area_code, active_from)
    select x.id, x.name_vi, x.name_en, x.type, x.parent_id, x.area_code, ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(agencies)}::jsonb)
      as x(id text, name_vi text, name_en text, type text, parent_id text, area_code text)
    on conflict (id) do update set
      name_vi = excluded.name_vi, name_en = excluded.name_en, type = excluded.type,
      parent_id = excluded.parent_id, area_code = excluded.area_code, active_to = null`);
  await db.query(sql`
    update agencies set active_to = ${at}
    where active_to is null and id <> all(${agencies.map((agency) => agency.id)}::text[])`);
}

/** Where rows say in words whose they are, and as what subject their alerts know them. */
export const OWNED = {
  device: { table: sql`devices`, owner: sql`owner_agency` },
  camera: { table: sql`cameras`, owner: sql`owner_agency` },
  unit: { table: sql`units`, owner: sql`agency` },
} as const satisfies Record<string, { table: Sql; owner: Sql }>;
export type OwnedKind = keyof typeof OWNED;

/** What stands as owner on rows that belong to no agency yet. */
export async function unmappedOwners(db: Queryable, kind: OwnedKind): Promise<string[]> {
  const { table, owner } = OWNED[kind];
  const rows = await db.query<{ owner: string }>(sql`
    select distinct ${owner} as owner from ${table} where agency_id is null and ${owner} is not null`);
  return rows.map((row) => row.owner);
}

/** Gives the rows of one owner, and the alerts about them, to an agency. Answers with how many rows it were. */
export async function mapOwner(
  db: Queryable,
  kind: OwnedKind,
  owner: string,
  agencyId: string,
): Promise<number> {
  const { table, owner: column } = OWNED[kind];
  const mapped = await db.query<{ id: string }>(sql`
    update ${table} set agency_id = ${agencyId} where agency_id is null and ${column} = ${owner} returning id`);
  await db.query(sql`
    update alerts set agency_id = ${agencyId}
    where agency_id is null and subject_type = ${kind} and subject_id = any(${mapped.map((row) => row.id)}::text[])`);
  return mapped.length;
}
