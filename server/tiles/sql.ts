import sql, { raw, type Sql } from 'sql-template-tag';
import type { DataClass } from '../../core/permissions.ts';
import type { Queryable } from '../../core/ports.ts';
import { partiesOf } from '../alerts/index.ts';

/** Every row has a place; area, domain, agency and class say who may see it. */
interface PlacedRow {
  lon: number;
  lat: number;
  area_id: string | null;
  agency_id: string | null;
  class: DataClass;
}

export interface DeviceTileRow extends PlacedRow {
  id: string;
  name: string;
  type: string;
  domain: string | null;
  enabled: boolean;
}

/** A mover is where it was last seen, and lies in that area; everything else is where it was installed. */
export async function deviceTileRows(db: Queryable): Promise<DeviceTileRow[]> {
  return db.query<DeviceTileRow>(sql`
    select d.id, d.name, d.type, d.domain, d.agency_id, d.class, d.enabled,
           coalesce(p.area_id, d.area_id) as area_id,
           coalesce(p.lon, ST_X(d.geom)) as lon, coalesce(p.lat, ST_Y(d.geom)) as lat
    from devices d
    left join series s on s.device_id = d.id and s.quantity = 'position'
    left join latest_positions p on p.series_id = s.id
    where d.geom is not null or p.series_id is not null
    order by d.id`);
}

export interface CameraTileRow extends PlacedRow {
  id: string;
  name: string;
  domain: string | null;
  heading_deg: number | null;
  fov_deg: number | null;
  range_m: number | null;
  enabled: boolean;
  state: string;
}

export async function cameraTileRows(db: Queryable): Promise<CameraTileRow[]> {
  return db.query<CameraTileRow>(sql`
    select c.id, c.name, c.domain, c.agency_id, c.class, c.area_id, ST_X(c.geom) as lon, ST_Y(c.geom) as lat,
           c.heading_deg, c.fov_deg, c.range_m, c.enabled, c.state
    from cameras c order by c.id`);
}

export interface UnitTileRow extends PlacedRow {
  id: string;
  name: string;
  call_sign: string;
  kind: string;
  status: string;
  heading_deg: number | null;
  speed_kmh: number | null;
  time: Date;
}

/** Units that have ever said where they are. */
export async function unitTileRows(db: Queryable): Promise<UnitTileRow[]> {
  return db.query<UnitTileRow>(sql`
    select u.id, u.name, u.call_sign, u.kind, u.status, u.agency_id, u.class, coalesce(p.area_id, u.home_area_id) as area_id,
           ST_X(p.geom) as lon, ST_Y(p.geom) as lat, p.heading_deg, p.speed_kmh, p.time
    from units u join unit_positions p on p.unit_id = u.id order by u.id`);
}

export interface AlertTileRow extends PlacedRow {
  id: number;
  title: string;
  domain: string;
  severity: string;
  state: string;
  active: boolean;
  subject_type: string;
  subject_id: string;
  raised_at: Date;
  parties: string[];
}

/** Alerts that are not closed. */
export async function openAlertTileRows(db: Queryable): Promise<AlertTileRow[]> {
  return db.query<AlertTileRow>(sql`
    select a.id, a.title, a.domain, a.severity, a.state, a.active, a.subject_type, a.subject_id, a.raised_at,
           a.area_id, a.agency_id, a.class, ${partiesOf(sql`a.id`)} as parties, ST_X(a.geom) as lon, ST_Y(a.geom) as lat
    from alerts a where a.state <> 'closed' and a.geom is not null order by a.id`);
}

/** Everything of one kind that can be on a map. */
export const idsOf = (kind: 'areas' | 'devices' | 'cameras' | 'units' | 'alerts'): Sql =>
  kind === 'alerts' ? sql`select id from alerts where state <> 'closed'` : sql`select id from ${raw(kind)}`;
