import sql, { join, type Sql } from 'sql-template-tag';
import { DISPATCH_STATES, type DispatchState, type UnitStatus } from '../../core/api/dispatch.ts';
import { isActiveDispatch } from '../../core/dispatch-state.ts';
import type { DataClass, Scope } from '../../core/permissions.ts';
import { type LonLat, POSITION_SERIES } from '../../core/reading.ts';
import { ALERT_SCOPE, partiesOf } from '../alerts/index.ts';
import { type ScopeColumns, scopeCondition } from '../db/index.ts';

const ACTIVE = DISPATCH_STATES.filter(isActiveDispatch);

export interface UnitRow {
  id: string;
  name: string;
  call_sign: string;
  kind: string;
  agency: string | null;
  agency_id: string | null;
  class: DataClass;
  crew: number | null;
  tracker_device_id: string | null;
  status: UnitStatus;
  status_since: Date;
  status_reason: string | null;
  lon: number | null;
  lat: number | null;
  time: Date | null;
  speed_kmh: number | null;
  heading_deg: number | null;
  accuracy_m: number | null;
  area_id: string | null;
  dispatch_id: number | null;
  alert_id: number | null;
}

/** A unit is where it was last seen; until then in its home area. */
const AREA = sql`coalesce(p.area_id, u.home_area_id)`;

const UNIT_COLUMNS = sql`
  u.id, u.name, u.call_sign, u.kind, u.agency, u.agency_id, u.class, u.crew, u.tracker_device_id, u.status,
  u.status_since, u.status_reason,
  st_x(p.geom) as lon, st_y(p.geom) as lat, p.time, p.speed_kmh, p.heading_deg, p.accuracy_m, ${AREA} as area_id,
  busy.id as dispatch_id, busy.alert_id`;

const UNIT_JOINS = sql`
  left join unit_positions p on p.unit_id = u.id
  left join dispatches busy on busy.unit_id = u.id and busy.state = any(${ACTIVE}::text[])`;

const unitScope = (scope: Scope) =>
  scopeCondition(scope, { area: AREA, domain: null, agency: sql`u.agency_id`, class: sql`u.class` });

export const listUnits = (
  scope: Scope,
  filter: { status: string | null; kind: string | null },
  afterId: string | null,
  limit: number,
) => {
  const where: Sql[] = [unitScope(scope)];
  if (filter.status !== null) where.push(sql`u.status = ${filter.status}`);
  if (filter.kind !== null) where.push(sql`u.kind = ${filter.kind}`);
  if (afterId !== null) where.push(sql`u.id > ${afterId}`);
  return sql`
    select ${UNIT_COLUMNS} from units u ${UNIT_JOINS}
    where ${join(where, ' and ')} order by u.id limit ${limit}`;
};

/**
 * Nobody else changes the unit until the transaction ends; its readers and its tracker go on. What was joined before
 * the wait would be old, so the unit is read by a statement of its own after this one.
 */
export const lockUnit = (id: string) => sql`select id from units where id = ${id} for no key update`;

export const unitInScope = (id: string, scope: Scope) => sql`
  select ${UNIT_COLUMNS} from units u ${UNIT_JOINS} where u.id = ${id} and ${unitScope(scope)}`;

export const insertUnit = (unit: {
  id: string;
  name: string;
  callSign: string;
  kind: string;
  agency: string | null;
  agencyId: string | null;
  class: DataClass;
  crew: number | null;
  trackerDeviceId: string | null;
  homeAreaId: string | null;
  searchText: string;
  nowMs: number;
}) => sql`
  insert into units (id, name, call_sign, kind, agency, agency_id, class, crew, tracker_device_id, home_area_id,
                     search_text, status_since)
  values (${unit.id}, ${unit.name}, ${unit.callSign}, ${unit.kind}, ${unit.agency}, ${unit.agencyId}, ${unit.class},
          ${unit.crew}, ${unit.trackerDeviceId}, ${unit.homeAreaId}, ${unit.searchText}, ${new Date(unit.nowMs)})
  on conflict (id) do nothing returning id`;

/** A unit that gets a tracker is where that tracker was last. */
export const placeByTracker = (id: string) => sql`
  insert into unit_positions (unit_id, geom, time, speed_kmh, heading_deg, accuracy_m, area_id)
  select u.id, st_setsrid(st_makepoint(p.lon, p.lat), 4326), p.time, p.speed_kmh, p.heading_deg, p.accuracy_m, p.area_id
  from units u
  join series s on s.device_id = u.tracker_device_id and s.quantity = ${POSITION_SERIES.quantity}
  join latest_positions p on p.series_id = s.id
  where u.id = ${id}
  on conflict (unit_id) do nothing`;

export const setUnitStatus = (id: string, status: UnitStatus, reason: string | null, nowMs: number) => sql`
  update units
  set status = ${status}, status_reason = ${reason}, updated_at = ${new Date(nowMs)},
      status_since = case when status = ${status} then status_since else ${new Date(nowMs)} end
  where id = ${id}`;

export interface NearUnitRow extends UnitRow {
  distance_m: number | null;
}

export interface Search {
  scope: Scope;
  at: Readonly<LonLat>;
  /** null = any kind suits. */
  kinds: readonly string[] | null;
  seenSinceMs: number;
  limit: number;
}

const point = ([lon, lat]: Readonly<LonLat>) => sql`st_setsrid(st_makepoint(${lon}, ${lat}), 4326)`;

const isFit = ({ kinds, seenSinceMs }: Search) => sql`
  u.status = 'available' and busy.id is null and p.time >= ${new Date(seenSinceMs)}
  and (${kinds === null}::boolean or u.kind = any(${kinds === null ? [] : [...kinds]}::text[]))`;

/**
 * Free and suitable units, nearest first: the index finds the nearest in degrees, more of them than are shown, and
 * these are put in order by their true distance over the ellipsoid.
 */
export const fitUnits = (search: Search) => sql`
  select * from (
    select ${UNIT_COLUMNS}, st_distance(p.geom::geography, ${point(search.at)}::geography) as distance_m
    from units u ${UNIT_JOINS}
    where ${isFit(search)} and ${unitScope(search.scope)}
    order by p.geom <-> ${point(search.at)} limit ${search.limit}
  ) near order by distance_m, id`;

/** The nearest of all others; those without a position come last. */
export const unfitUnits = (search: Search) => sql`
  select * from (
    select ${UNIT_COLUMNS}, st_distance(p.geom::geography, ${point(search.at)}::geography) as distance_m
    from units u ${UNIT_JOINS}
    where (${isFit(search)}) is not true and ${unitScope(search.scope)}
    order by p.geom <-> ${point(search.at)} limit ${search.limit}
  ) near order by distance_m nulls last, id`;

/** A point of an area, for alerts that have an area but no place. */
export const pointInArea = (areaId: string) => sql`
  select st_x(p) as lon, st_y(p) as lat from (select st_pointonsurface(geom) as p from areas where id = ${areaId}) a`;

export const distanceOfUnit = (unitId: string, at: Readonly<LonLat>) => sql`
  select st_distance(geom::geography, ${point(at)}::geography) as distance_m
  from unit_positions where unit_id = ${unitId}`;

export interface DispatchRow {
  id: number;
  alert_id: number;
  unit_id: string;
  unit_name: string;
  state: DispatchState;
  reason: string;
  distance_m: number | null;
  created_by: string;
  created_at: Date;
  updated_at: Date;
  area_id: string | null;
  domain: string;
  agency_id: string | null;
  class: DataClass;
  parties: string[];
  history: { state: DispatchState; at: string; actor: string; note: string | null }[];
}

/** A dispatch is as guarded as the more guarded of its alert and its unit. */
const DISPATCH_CLASS = sql`
  case when 'restricted' in (a.class, u.class) then 'restricted'
       when 'internal' in (a.class, u.class) then 'internal' else 'public' end`;

const DISPATCH_SCOPE: ScopeColumns = { ...ALERT_SCOPE, class: DISPATCH_CLASS };

const DISPATCHES = sql`
  select d.id, d.alert_id, d.unit_id, u.name as unit_name, d.state, d.reason, d.distance_m, d.created_by,
         d.created_at, d.updated_at, a.area_id, a.domain, a.agency_id, ${DISPATCH_CLASS} as class,
         ${partiesOf(sql`a.id`)} as parties,
         (select coalesce(jsonb_agg(jsonb_build_object('state', e.state, 'at', e.at, 'actor', e.actor,
                                                       'note', e.note) order by e.id), '[]')
          from dispatch_events e where e.dispatch_id = d.id) as history
  from dispatches d join unit_labels u on u.id = d.unit_id join alerts a on a.id = d.alert_id`;

export const dispatchById = (id: number) => sql`${DISPATCHES} where d.id = ${id}`;

export const listDispatches = (
  scope: Scope,
  filter: { alertId: number | null; active: boolean | null },
  beforeId: number | null,
  limit: number,
) => {
  const where: Sql[] = [scopeCondition(scope, DISPATCH_SCOPE)];
  if (filter.alertId !== null) where.push(sql`d.alert_id = ${filter.alertId}`);
  if (filter.active !== null) where.push(sql`(d.state = any(${ACTIVE}::text[])) = ${filter.active}`);
  if (beforeId !== null) where.push(sql`d.id < ${beforeId}`);
  return sql`${DISPATCHES} where ${join(where, ' and ')} order by d.id desc limit ${limit}`;
};

export const alertOfDispatch = (id: number) => sql`select alert_id from dispatches where id = ${id}`;

export const insertDispatch = (row: {
  alertId: number;
  unitId: string;
  reason: string;
  distanceM: number | null;
  actor: string;
  nowMs: number;
}) => sql`
  insert into dispatches (alert_id, unit_id, state, reason, distance_m, created_by, created_at, updated_at)
  values (${row.alertId}, ${row.unitId}, 'assigned', ${row.reason}, ${row.distanceM}, ${row.actor},
          ${new Date(row.nowMs)}, ${new Date(row.nowMs)})
  returning id`;

export const setDispatchState = (id: number, state: DispatchState, nowMs: number) => sql`
  update dispatches set state = ${state}, updated_at = ${new Date(nowMs)} where id = ${id}`;

export const insertDispatchEvent = (row: {
  dispatchId: number;
  state: DispatchState;
  actor: string;
  note: string | null;
  nowMs: number;
}) => sql`
  insert into dispatch_events (dispatch_id, at, state, actor, note)
  values (${row.dispatchId}, ${new Date(row.nowMs)}, ${row.state}, ${row.actor}, ${row.note})`;
