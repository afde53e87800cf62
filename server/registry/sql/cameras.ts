import sql, { join, type Sql } from 'sql-template-tag';
import type { CameraState } from '../../../core/api/cameras.ts';
import type { DataClass, Scope } from '../../../core/permissions.ts';
import type { Queryable } from '../../../core/ports.ts';
import type { Bbox } from '../../../core/reading.ts';
import { type ScopeColumns, scopeCondition } from '../../db/index.ts';

/** As in the database: never with a credential. */
export type StoredSource =
  | { kind: 'rtsp'; url: string }
  | { kind: 'file'; path: string }
  | { kind: 'test-pattern'; scene: string };

interface CameraFields {
  id: string;
  name: string;
  lon: number;
  lat: number;
  heading_deg: number | null;
  fov_deg: number | null;
  range_m: number | null;
  area_id: string | null;
  domain: string | null;
  owner_agency: string | null;
  agency_id: string | null;
  class: DataClass;
  source: StoredSource;
  enabled: boolean;
}

export interface CameraRow extends CameraFields {
  has_credential: boolean;
  state: CameraState;
  state_since: Date | null;
  state_reason: string | null;
  last_frame_at: Date | null;
}

export interface CameraWrite extends CameraFields {
  search_text: string;
}

export interface CameraFilter {
  areas?: readonly string[];
  domain?: string;
  bbox?: Readonly<Bbox>;
  ids?: readonly string[];
}

const COLUMNS = sql`
  c.id, c.name, ST_X(c.geom) as lon, ST_Y(c.geom) as lat, c.heading_deg, c.fov_deg, c.range_m, c.area_id, c.domain,
  c.owner_agency, c.agency_id, c.class, c.source, exists (select 1 from secrets where secrets.name = 'camera/' || c.id) as has_credential,
  c.enabled, c.state, c.state_since, c.state_reason, c.last_frame_at`;

/** Where a camera stands in the scope model: alias `c`. */
const CAMERA_SCOPE: ScopeColumns = {
  area: sql`c.area_id`,
  domain: sql`c.domain`,
  agency: sql`c.agency_id`,
  class: sql`c.class`,
};

export async function allCameras(db: Queryable): Promise<CameraRow[]> {
  return db.query<CameraRow>(sql`select ${COLUMNS} from cameras c`);
}

export async function cameraById(db: Queryable, id: string): Promise<CameraRow | undefined> {
  return (await db.query<CameraRow>(sql`select ${COLUMNS} from cameras c where c.id = ${id}`))[0];
}

export async function listCameras(
  db: Queryable,
  scope: Scope,
  filter: CameraFilter,
  after: string,
  limit: number,
): Promise<CameraRow[]> {
  const { bbox } = filter;
  const where: Sql[] = [
    scopeCondition(scope, CAMERA_SCOPE),
    sql`c.id > ${after}`,
    ...(filter.ids === undefined ? [] : [sql`c.id = any(${[...filter.ids]}::text[])`]),
    ...(filter.domain === undefined ? [] : [sql`c.domain = ${filter.domain}`]),
    ...(filter.areas === undefined ? [] : [sql`c.area_id = any(${[...filter.areas]}::text[])`]),
    ...(bbox === undefined
      ? []
      : [sql`c.geom && ST_MakeEnvelope(${bbox[0]}, ${bbox[1]}, ${bbox[2]}, ${bbox[3]}, 4326)`]),
  ];
  return db.query<CameraRow>(sql`
    select ${COLUMNS} from cameras c where ${join(where, ' and ')} order by c.id limit ${limit}`);
}

/** False when the id is taken. */
export async function insertCamera(db: Queryable, camera: CameraWrite): Promise<boolean> {
  const rows = await db.query(sql`
    insert into cameras (id, name, geom, heading_deg, fov_deg, range_m, area_id, domain, owner_agency, agency_id,
                         class, source, enabled, search_text)
    values (${camera.id}, ${camera.name}, ST_SetSRID(ST_MakePoint(${camera.lon}, ${camera.lat}), 4326),
            ${camera.heading_deg}, ${camera.fov_deg}, ${camera.range_m}, ${camera.area_id}, ${camera.domain},
            ${camera.owner_agency}, ${camera.agency_id}, ${camera.class}, ${JSON.stringify(camera.source)}::jsonb,
            ${camera.enabled}, ${camera.search_text})
    on conflict (id) do nothing returning id`);
  return rows.length > 0;
}

export async function updateCamera(
  db: Queryable,
  camera: CameraWrite,
  sourceChanged: boolean,
): Promise<void> {
  await db.query(sql`
    update cameras set
      name = ${camera.name}, geom = ST_SetSRID(ST_MakePoint(${camera.lon}, ${camera.lat}), 4326),
      heading_deg = ${camera.heading_deg}, fov_deg = ${camera.fov_deg}, range_m = ${camera.range_m},
      area_id = ${camera.area_id}, domain = ${camera.domain}, owner_agency = ${camera.owner_agency},
      agency_id = ${camera.agency_id}, class = ${camera.class},
      source = ${JSON.stringify(camera.source)}::jsonb, enabled = ${camera.enabled},
      search_text = ${camera.search_text}, updated_at = now(),
      -- What was known of the old source says nothing about the new one.
      state = case when ${sourceChanged} then 'unknown' else state end,
      state_since = case when ${sourceChanged} then now() else state_since end,
      state_reason = case when ${sourceChanged} then null else state_reason end
    where id = ${camera.id}`);
}

/** The last frame never goes back: a verdict may come from a process that has seen less. */
export async function writeCameraState(
  db: Queryable,
  id: string,
  state: { state: CameraState; since: Date; reason: string | null; lastFrameAt: Date | null },
): Promise<CameraRow | undefined> {
  const [row] = await db.query<CameraRow>(sql`
    update cameras c set state = ${state.state}, state_since = ${state.since}, state_reason = ${state.reason},
      last_frame_at = greatest(c.last_frame_at, ${state.lastFrameAt}::timestamptz)
    where c.id = ${id} returning ${COLUMNS}`);
  return row;
}

/** Cameras by state, of those that are in use and within a scope. */
export async function cameraCounts(db: Queryable, scope: Scope): Promise<{ total: number; online: number }> {
  const [row] = await db.query<{ total: number; online: number }>(sql`
    select count(*) as total, count(*) filter (where c.state in ('online', 'degraded')) as online
    from cameras c where c.enabled and ${scopeCondition(scope, CAMERA_SCOPE)}`);
  return row ?? { total: 0, online: 0 };
}
