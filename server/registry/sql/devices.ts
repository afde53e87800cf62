import sql, { join, type Sql } from 'sql-template-tag';
import type { DataClass, Scope } from '../../../core/permissions.ts';
import type { Queryable } from '../../../core/ports.ts';
import type { Bbox } from '../../../core/reading.ts';
import { type ScopeColumns, scopeCondition } from '../../db/index.ts';

interface DeviceFields {
  id: string;
  site: string;
  name: string;
  type: string;
  domain: string | null;
  owner_agency: string | null;
  agency_id: string | null;
  class: DataClass;
  lon: number | null;
  lat: number | null;
  area_id: string | null;
  expected_interval_s: number | null;
  enabled: boolean;
  properties: Record<string, unknown>;
}

export interface DeviceRow extends DeviceFields {
  last_received_at: Date | null;
}

export interface DeviceWrite extends DeviceFields {
  search_text: string;
}

/** What is asked of a list of devices; `areas` with subtrees already expanded. */
export interface DeviceFilter {
  type?: string;
  domain?: string;
  areas?: readonly string[];
  bbox?: Readonly<Bbox>;
}

/** A mover is where it was last seen, and lies in that area; everything else is where it was installed. */
const AREA = sql`coalesce(p.area_id, d.area_id)`;
const LON = sql`coalesce(p.lon, ST_X(d.geom))`;
const LAT = sql`coalesce(p.lat, ST_Y(d.geom))`;
const FROM = sql`
  from devices d
  left join device_activity act on act.device_id = d.id
  left join series ps on ps.device_id = d.id and ps.quantity = 'position'
  left join latest_positions p on p.series_id = ps.id`;
const COLUMNS = sql`
  d.id, d.site, d.name, d.type, d.domain, d.owner_agency, d.agency_id, d.class, ${LON} as lon, ${LAT} as lat, ${AREA} as area_id,
  d.expected_interval_s, d.enabled, d.properties, act.last_received_at`;

/** Where a device stands in the scope model: aliases `d` (devices) and `p` (latest position). */
export const DEVICE_SCOPE: ScopeColumns = {
  area: AREA,
  domain: sql`d.domain`,
  agency: sql`d.agency_id`,
  class: sql`d.class`,
};

/** Conditions over the aliases `d` (devices) and `p` (latest position). */
function conditions(scope: Scope, filter: DeviceFilter): Sql[] {
  const { bbox } = filter;
  return [
    scopeCondition(scope, DEVICE_SCOPE),
    ...(filter.type === undefined ? [] : [sql`d.type = ${filter.type}`]),
    ...(filter.domain === undefined ? [] : [sql`d.domain = ${filter.domain}`]),
    ...(filter.areas === undefined ? [] : [sql`${AREA} = any(${[...filter.areas]}::text[])`]),
    ...(bbox === undefined
      ? []
      : [sql`${LON} between ${bbox[0]} and ${bbox[2]} and ${LAT} between ${bbox[1]} and ${bbox[3]}`]),
  ];
}

export async function listDevices(
  db: Queryable,
  scope: Scope,
  filter: DeviceFilter,
  after: string,
  limit: number,
): Promise<DeviceRow[]> {
  const where = join([...conditions(scope, filter), sql`d.id > ${after}`], ' and ');
  return db.query<DeviceRow>(sql`
    select ${COLUMNS} ${FROM} where ${where} order by d.id limit ${limit}`);
}

export async function deviceById(db: Queryable, id: string): Promise<DeviceRow | undefined> {
  return (await db.query<DeviceRow>(sql`select ${COLUMNS} ${FROM} where d.id = ${id}`))[0];
}

export async function devicesById(db: Queryable, ids: readonly string[]): Promise<DeviceRow[]> {
  return db.query<DeviceRow>(sql`select ${COLUMNS} ${FROM} where d.id = any(${[...ids]}::text[])`);
}

export interface KnownDevice {
  id: string;
  site: string;
  name: string;
  type: string;
  domain: string | null;
  agency_id: string | null;
  class: DataClass;
  lon: number | null;
  lat: number | null;
  area_id: string | null;
  expected_interval_s: number | null;
  enabled: boolean;
  unit_id: string | null;
  unit_agency_id: string | null;
  unit_class: DataClass | null;
  username: string | null;
  secret_sha256: Buffer | null;
  previous_sha256: Buffer | null;
  previous_until: Date | null;
}

/** What the directory keeps in memory: of one device, or of all. */
export async function knownDevices(db: Queryable, id: string | null): Promise<KnownDevice[]> {
  const only = id === null ? sql`true` : sql`d.id = ${id}`;
  return db.query<KnownDevice>(sql`
    select d.id, d.site, d.name, d.type, d.domain, d.agency_id, d.class, ST_X(d.geom) as lon, ST_Y(d.geom) as lat,
           d.area_id, d.expected_interval_s, d.enabled, u.id as unit_id, u.agency_id as unit_agency_id,
           u.class as unit_class, c.username, c.secret_sha256, c.previous_sha256, c.previous_until
    from devices d
    left join units u on u.tracker_device_id = d.id
    left join device_credentials c on c.device_id = d.id and c.revoked_at is null
    where ${only}`);
}

/** Writes devices by id. Answers with the ids that were new. */
export async function upsertDevices(db: Queryable, devices: readonly DeviceWrite[]): Promise<Set<string>> {
  const rows = await db.query<{ id: string; is_new: boolean }>(sql`
    insert into devices (id, site, name, type, domain, owner_agency, agency_id, class, geom, area_id,
                         expected_interval_s, enabled, properties, search_text)
    select x.id, x.site, x.name, x.type, x.domain, x.owner_agency, x.agency_id, x.class,
           case when x.lon is null then null else ST_SetSRID(ST_MakePoint(x.lon, x.lat), 4326) end,
           x.area_id, x.expected_interval_s, x.enabled, x.properties, x.search_text
    from jsonb_to_recordset(${JSON.stringify(devices)}::jsonb)
      as x(id text, site text, name text, type text, domain text, owner_agency text, agency_id text, class text,
           lon double precision, lat double precision, area_id text, expected_interval_s integer, enabled boolean, properties jsonb,
           search_text text)
    on conflict (id) do update set
      name = excluded.name, domain = excluded.domain, owner_agency = excluded.owner_agency,
      agency_id = excluded.agency_id, class = excluded.class, geom = excluded.geom, area_id = excluded.area_id, expected_interval_s = excluded.expected_interval_s, enabled = excluded.enabled,
      properties = excluded.properties, search_text = excluded.search_text, updated_at = now()
    -- A row that was only updated carries the id of the transaction that did it.
    returning id, xmax = 0 as is_new`);
  return new Set(rows.filter((row) => row.is_new).map((row) => row.id));
}

/** Undefined when the id is taken. */
export async function insertDevice(db: Queryable, device: DeviceWrite): Promise<boolean> {
  const point =
    device.lon === null ? sql`null` : sql`ST_SetSRID(ST_MakePoint(${device.lon}, ${device.lat}), 4326)`;
  const rows = await db.query(sql`
    insert into devices (id, site, name, type, domain, owner_agency, agency_id, class, geom, area_id,
                         expected_interval_s, enabled, properties, search_text)
    values (${device.id}, ${device.site}, ${device.name}, ${device.type}, ${device.domain}, ${device.owner_agency},
            ${device.agency_id}, ${device.class}, ${point}, ${device.area_id}, ${device.expected_interval_s},
            ${device.enabled}, ${JSON.stringify(device.properties)}::jsonb, ${device.search_text})
    on conflict (id) do nothing returning id`);
  return rows.length > 0;
}

export interface NewCredential {
  device_id: string;
  username: string;
  secret: Buffer;
}

/** Ends the credentials these devices had and gives them new ones; the old ones work until `oldUntil`. */
export async function replaceCredentials(
  db: Queryable,
  credentials: readonly NewCredential[],
  oldUntil: Date | null = null,
): Promise<void> {
  const ids = credentials.map((credential) => credential.device_id);
  const ended = await db.query<{ device_id: string; secret_sha256: Buffer }>(sql`
    update device_credentials set revoked_at = now()
    where device_id = any(${ids}::text[]) and revoked_at is null
    returning device_id, secret_sha256`);
  await db.query(sql`
    insert into device_credentials (device_id, username, secret_sha256)
    select * from unnest(${ids}::text[], ${credentials.map((c) => c.username)}::text[],
                         ${credentials.map((c) => c.secret)}::bytea[])`);
  if (oldUntil === null) return;
  for (const { device_id, secret_sha256 } of ended)
    await db.query(sql`
      update device_credentials set previous_sha256 = ${secret_sha256}, previous_until = ${oldUntil}
      where device_id = ${device_id} and revoked_at is null`);
}

export async function deviceActivity(
  db: Queryable,
  scope: Scope,
): Promise<{ id: string; last_received_at: Date | null }[]> {
  return db.query(sql`
    select d.id, act.last_received_at ${FROM}
    where d.enabled and ${scopeCondition(scope, DEVICE_SCOPE)}`);
}
