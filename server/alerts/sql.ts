import sql, { join, type Sql } from 'sql-template-tag';
import type { AlertHold, AlertState } from '../../core/api/alerts.ts';
import type { Severity } from '../../core/api/common.ts';
import type { DataClass, Scope } from '../../core/permissions.ts';
import type { Bbox, LonLat } from '../../core/reading.ts';
import { bboxAround } from '../../gis/index.ts';
import { type ScopeColumns, scopeCondition } from '../db/index.ts';

/** Any number that nobody else locks by; held until the commit, so events commit in the order of their numbers. */
const LOCK = 'haidang.alert_events';

/** Taken first by whoever writes to alerts or their history. */
export const lockAlerts = () => sql`select pg_advisory_xact_lock(hashtext(${LOCK}))`;

/** Numbers for new alerts and events, taken under the lock. */
export const takeNumbers = (alerts: number, events: number) => sql`
  select array(select nextval(pg_get_serial_sequence('alerts', 'id')) from generate_series(1, ${alerts})) as ids,
         array(select nextval(pg_get_serial_sequence('alert_events', 'seq')) from generate_series(1, ${events})) as seqs`;

export interface SubjectKey {
  rule_id: string;
  subject_type: string;
  subject_id: string;
  /** ISO; the alert that began exactly then is the same one, written again. */
  raised_at: string | null;
}

export interface KnownAlertRow {
  id: number;
  rule_id: string;
  subject_type: string;
  subject_id: string;
  state: AlertState;
  active: boolean;
  hold: AlertHold | null;
  raised_at: Date;
  occurrences: number;
  peak: number | null;
  last_told: Date | null;
}

/** Per key: the alert that stands, and the one that began at the given time, whatever became of it. */
export const knownAlerts = (keys: readonly SubjectKey[]) => sql`
  select distinct a.id, a.rule_id, a.subject_type, a.subject_id, a.state, a.active, a.hold, a.raised_at, a.occurrences,
         a.peak, told.at as last_told
  from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb)
         as k(rule_id text, subject_type text, subject_id text, raised_at timestamptz)
  join alerts a on a.rule_id = k.rule_id and a.subject_type = k.subject_type and a.subject_id = k.subject_id
                and ((a.active and a.state <> 'closed') or a.raised_at = k.raised_at)
  left join lateral (
    select e.at from alert_events e
    where e.alert_id = a.id and e.kind in ('raised', 'updated') order by e.seq desc limit 1
  ) told on true`;

export interface StandingRow {
  subject_type: 'device' | 'unit' | 'camera' | 'group';
  subject_id: string;
  raised_at: Date;
}

/** The alerts of one rule that stand. */
export const standingAlerts = (ruleId: string) => sql`
  select a.subject_type, a.subject_id, a.raised_at from alerts a
  where a.rule_id = ${ruleId} and a.active and a.state <> 'closed' order by a.id`;

export interface SubjectRow {
  type: string;
  id: string;
  name: string;
  lon: number | null;
  lat: number | null;
  area_id: string | null;
  agency_id: string | null;
  class: DataClass;
}

/** Names and places of what alerts are about, and whose it is. */
export const subjects = (ids: { device: string[]; unit: string[]; camera: string[] }) => sql`
  select 'device' as type, id, name, st_x(geom) as lon, st_y(geom) as lat, area_id, agency_id, class
  from devices where id = any(${ids.device}::text[])
  union all
  select 'unit', u.id, u.name, st_x(p.geom), st_y(p.geom), coalesce(p.area_id, u.home_area_id), u.agency_id, u.class
  from units u left join unit_positions p on p.unit_id = u.id where u.id = any(${ids.unit}::text[])
  union all
  select 'camera', id, name, st_x(geom), st_y(geom), area_id, agency_id, class
  from cameras where id = any(${ids.camera}::text[])`;

export interface NewAlertRow {
  id: number;
  rule_id: string | null;
  rule_version: number | null;
  kind: string;
  title: string;
  domain: string;
  severity: Severity;
  state: AlertState;
  active: boolean;
  subject_type: string;
  subject_id: string;
  subject_name: string;
  lon: number | null;
  lat: number | null;
  area_id: string | null;
  agency_id: string | null;
  class: DataClass;
  raised_at: string;
  cleared_at: string | null;
  closed_at: string | null;
  explanation: unknown;
  evidence: unknown;
  occurrences: number;
  peak: number | null;
  last_seq: number;
  search_text: string;
}

/** An area that is gone by now must not cost the alert: the reference is then left empty. */
export const insertAlerts = (rows: readonly NewAlertRow[]) => sql`
  insert into alerts (id, rule_id, rule_version, kind, title, domain, severity, state, active, subject_type,
                      subject_id, subject_name, geom, area_id, agency_id, class, raised_at, cleared_at, closed_at,
                      explanation, evidence, occurrences, peak, last_seq, search_text)
  overriding system value
  select x.id, x.rule_id, x.rule_version, x.kind, x.title, x.domain, x.severity, x.state, x.active, x.subject_type,
         x.subject_id, x.subject_name, st_setsrid(st_makepoint(x.lon, x.lat), 4326), ar.id, x.agency_id,
         x.class, x.raised_at, x.cleared_at, x.closed_at, x.explanation, x.evidence, x.occurrences, x.peak, x.last_seq, x.search_text
  from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as x(
         id bigint, rule_id text, rule_version integer, kind text, title text, domain text, severity text,
         state text, active boolean, subject_type text, subject_id text, subject_name text, lon float8, lat float8,
         area_id text, agency_id text, class text, raised_at timestamptz, cleared_at timestamptz, closed_at timestamptz, explanation jsonb,
         evidence jsonb, occurrences integer, peak float8, last_seq bigint, search_text text)
  left join areas ar on ar.id = x.area_id
  order by x.id`;

export interface AlertChangeRow {
  id: number;
  state: AlertState;
  active: boolean;
  /** Null = as it was, here and below. */
  cleared_at: string | null;
  closed_at: string | null;
  acknowledged_at: string | null;
  acknowledged_by: string | null;
  explanation: unknown;
  evidence: unknown;
  occurrences: number | null;
  peak: number | null;
  last_seq: number;
}

export const updateAlerts = (rows: readonly AlertChangeRow[]) => sql`
  update alerts a
  set state = x.state, active = x.active, hold = case when x.state = 'closed' then null else a.hold end, cleared_at = coalesce(x.cleared_at, a.cleared_at),
      closed_at = coalesce(x.closed_at, a.closed_at),
      acknowledged_at = coalesce(x.acknowledged_at, a.acknowledged_at),
      acknowledged_by = coalesce(x.acknowledged_by, a.acknowledged_by),
      explanation = coalesce(x.explanation, a.explanation), evidence = coalesce(x.evidence, a.evidence),
      occurrences = coalesce(x.occurrences, a.occurrences), peak = coalesce(x.peak, a.peak), last_seq = x.last_seq
  from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as x(
         id bigint, state text, active boolean, cleared_at timestamptz, closed_at timestamptz,
         acknowledged_at timestamptz, acknowledged_by text, explanation jsonb, evidence jsonb, occurrences integer,
         peak float8, last_seq bigint)
  where a.id = x.id`;

export interface NewEventRow {
  seq: number;
  alert_id: number;
  at: string;
  kind: string;
  actor: string;
  from_state: AlertState | null;
  to_state: AlertState;
  text: string | null;
  data: Record<string, unknown>;
}

export const insertEvents = (rows: readonly NewEventRow[]) => sql`
  insert into alert_events (seq, alert_id, at, kind, actor, from_state, to_state, text, data)
  overriding system value
  select x.seq, x.alert_id, x.at, x.kind, x.actor, x.from_state, x.to_state, x.text, x.data
  from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as x(
         seq bigint, alert_id bigint, at timestamptz, kind text, actor text, from_state text, to_state text,
         text text, data jsonb)
  order by x.seq`;

export interface AlertRow {
  id: number;
  last_seq: number;
  rule_id: string | null;
  rule_version: number | null;
  kind: string;
  title: string;
  domain: string;
  severity: Severity;
  state: AlertState;
  active: boolean;
  subject_type: 'device' | 'unit' | 'camera' | 'group';
  subject_id: string;
  subject_name: string;
  lon: number | null;
  lat: number | null;
  area_id: string | null;
  area_name: string | null;
  agency_id: string | null;
  class: DataClass;
  parties: string[];
  raised_at: Date;
  cleared_at: Date | null;
  acknowledged_at: Date | null;
  acknowledged_by: string | null;
  closed_at: Date | null;
  explanation: { vi: string; en: string };
  evidence: Record<string, unknown>;
  occurrences: number;
  peak: number | null;
  camera_id: string | null;
  camera_name: string | null;
  taken_at: Date | null;
  distance_m: number | null;
  dispatches: { id: number; unitId: string; state: string }[];
  hold: AlertHold | null;
  hold_until: Date | null;
  hold_reason: string | null;
  hold_by: string | null;
}

/** Agencies that an alert was forwarded to and not recalled from. */
export const partiesOf = (alertId: Sql) => sql`
  array(select ap.agency_id from alert_parties ap where ap.alert_id = ${alertId} and ap.until is null
        order by ap.agency_id)`;

/** Where an alert stands in the scope model: alias `a`. */
export const ALERT_SCOPE: ScopeColumns = {
  area: sql`a.area_id`,
  domain: sql`a.domain`,
  agency: sql`a.agency_id`,
  class: sql`a.class`,
  forwardedTo: (agencies) => sql`exists (
    select 1 from alert_parties ap where ap.alert_id = a.id and ap.until is null and ap.agency_id = any(${agencies}))`,
};

const ALERT_COLUMNS = sql`
  a.id, a.last_seq, a.rule_id, a.rule_version, a.kind, a.title, a.domain, a.severity, a.state, a.active,
  a.subject_type, a.subject_id, a.subject_name, st_x(a.geom) as lon, st_y(a.geom) as lat, a.area_id,
  ar.name as area_name, a.agency_id, a.class, ${partiesOf(sql`a.id`)} as parties, a.raised_at, a.cleared_at,
  a.acknowledged_at, a.acknowledged_by, a.closed_at,
  a.explanation, a.evidence, a.occurrences, a.peak, a.hold, a.hold_until, a.hold_reason, a.hold_by,
  snap.camera_id, snap.camera_name, snap.taken_at, snap.distance_m, disp.dispatches`;

const ALERT_JOINS = sql`
  left join areas ar on ar.id = a.area_id
  left join lateral (
    select s.camera_id, s.camera_name, s.taken_at, s.distance_m
    from alert_snapshots s where s.alert_id = a.id order by s.taken_at desc limit 1
  ) snap on true
  left join lateral (
    select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'unitId', d.unit_id, 'state', d.state)
                              order by d.id), '[]') as dispatches
    from dispatches d where d.alert_id = a.id
  ) disp on true`;

const scopeOfAlerts = (scope: Scope) => scopeCondition(scope, ALERT_SCOPE);

export const alertsById = (ids: readonly number[]) => sql`
  select ${ALERT_COLUMNS} from alerts a ${ALERT_JOINS} where a.id = any(${[...ids]}::bigint[]) order by a.id`;

export const alertInScope = (id: number, scope: Scope) => sql`
  select ${ALERT_COLUMNS} from alerts a ${ALERT_JOINS} where a.id = ${id} and ${scopeOfAlerts(scope)}`;

export interface AlertFilter {
  states: readonly AlertState[] | null;
  severities: readonly Severity[] | null;
  domain: string | null;
  areaId: string | null;
  ruleId: string | null;
  subjectId: string | null;
  bbox: Readonly<Bbox> | null;
  sinceMs: number | null;
  held: 'only' | 'no' | 'any';
}

export const listAlerts = (
  scope: Scope,
  filter: AlertFilter,
  after: { raisedAtMs: number; id: number } | null,
  limit: number,
) => {
  const where: Sql[] = [scopeOfAlerts(scope)];
  if (filter.states) where.push(sql`a.state = any(${[...filter.states]}::text[])`);
  // The partial index serves lists of what is open, whatever else is asked.
  if (filter.states && !filter.states.includes('closed')) where.push(sql`a.state <> 'closed'`);
  if (filter.severities) where.push(sql`a.severity = any(${[...filter.severities]}::text[])`);
  if (filter.domain !== null) where.push(sql`a.domain = ${filter.domain}`);
  if (filter.areaId !== null) {
    where.push(sql`a.area_id in (select id from areas where path @> array[${filter.areaId}]::text[])`);
  }
  if (filter.held !== 'any')
    where.push(filter.held === 'only' ? sql`a.hold is not null` : sql`a.hold is null`);
  if (filter.ruleId !== null) where.push(sql`a.rule_id = ${filter.ruleId}`);
  if (filter.subjectId !== null) where.push(sql`a.subject_id = ${filter.subjectId}`);
  if (filter.bbox) {
    const [west, south, east, north] = filter.bbox;
    where.push(sql`a.geom && st_makeenvelope(${west}, ${south}, ${east}, ${north}, 4326)`);
  }
  if (filter.sinceMs !== null) where.push(sql`a.raised_at >= ${new Date(filter.sinceMs)}`);
  if (after) where.push(sql`(a.raised_at, a.id) < (${new Date(after.raisedAtMs)}, ${after.id})`);
  return sql`
    select ${ALERT_COLUMNS} from alerts a ${ALERT_JOINS}
    where ${join(where, ' and ')} order by a.raised_at desc, a.id desc limit ${limit}`;
};

export interface EventRow {
  seq: number;
  alert_id: number;
  at: Date;
  kind: string;
  actor: string;
  from_state: AlertState | null;
  to_state: AlertState;
  text: string | null;
  data: Record<string, unknown>;
}

const EVENT_COLUMNS = sql`
  e.seq, e.alert_id, e.at, e.kind, e.actor, e.from_state, e.to_state, e.text, e.data`;

export const eventsOf = (alertId: number) => sql`
  select ${EVENT_COLUMNS} from alert_events e where e.alert_id = ${alertId} order by e.seq`;

export const eventsAfter = (scope: Scope, seq: number, limit: number) => sql`
  select ${EVENT_COLUMNS} from alert_events e join alerts a on a.id = e.alert_id
  where e.seq > ${seq} and ${scopeOfAlerts(scope)} order by e.seq limit ${limit}`;

export const lastEventSeq = () => sql`select coalesce(max(seq), 0) as seq from alert_events`;

export interface CountRow {
  severity: Severity;
  state: AlertState;
  count: number;
}

export const countOpen = (scope: Scope) => sql`
  select a.severity, a.state, count(*) as count from alerts a
  where a.state <> 'closed' and a.hold is null and ${scopeOfAlerts(scope)} group by a.severity, a.state`;

export interface HistogramRow {
  bucket: number;
  severity: Severity;
  count: number;
}

export const histogram = (scope: Scope, fromMs: number, toMs: number, bucketS: number) => sql`
  select floor(extract(epoch from a.raised_at - ${new Date(fromMs)}::timestamptz) / ${bucketS}::float8)::int as bucket,
         a.severity, count(*) as count
  from alerts a
  where a.raised_at >= ${new Date(fromMs)} and a.raised_at < ${new Date(toMs)} and ${scopeOfAlerts(scope)}
  group by 1, 2`;

/** How far a camera is taken to see that has a direction but no range. */
const UNKNOWN_RANGE_M = 300;

export interface CameraCandidateRow {
  id: string;
  name: string;
  distance_m: number;
  sees: boolean;
}

/**
 * Cameras for a picture of a place: those whose field of view covers it, the nearest first, then any within
 * `nearM`. The index finds those in a box; distance and direction are geodesic. A camera that does not say where
 * it looks counts by distance only.
 */
export const camerasFor = (
  [lon, lat]: Readonly<LonLat>,
  options: { seesWithinM: number; nearM: number; limit: number; classes: readonly DataClass[] },
) => {
  const point = sql`st_setsrid(st_makepoint(${lon}, ${lat}), 4326)`;
  const [west, south, east, north] = bboxAround([lon, lat], Math.max(options.seesWithinM, options.nearM));
  return sql`
    with near as (
      select id, name, heading_deg, fov_deg, range_m,
             st_distance(geom::geography, ${point}::geography) as distance_m,
             degrees(st_azimuth(geom::geography, ${point}::geography)) as azimuth_deg
      from cameras
      where enabled and class = any(${[...options.classes]}::text[]) and geom && st_makeenvelope(${west}, ${south}, ${east}, ${north}, 4326)
    ), judged as (
      select id, name, distance_m,
             coalesce(
               distance_m <= least(coalesce(range_m, ${UNKNOWN_RANGE_M}), ${options.seesWithinM}) and (
                 fov_deg >= 360 or azimuth_deg is null
                 or abs(mod((azimuth_deg - heading_deg + 540)::numeric, 360) - 180) <= fov_deg / 2),
               false) as sees
      from near
    )
    select id, name, distance_m, sees from judged
    where sees or distance_m <= ${options.nearM}
    order by sees desc, distance_m, id limit ${options.limit}`;
};

export interface SnapshotRow {
  file: string;
  camera_id: string;
  taken_at: Date;
  sha256: string;
}

export const latestSnapshot = (alertId: number) => sql`
  select s.file, s.camera_id, s.taken_at, s.sha256
  from alert_snapshots s join cameras c on c.id = s.camera_id
  where s.alert_id = ${alertId} order by s.taken_at desc limit 1`;

export interface CameraScopeRow {
  id: string;
  area_id: string | null;
  domain: string | null;
  agency_id: string | null;
  class: DataClass;
}

export const cameraScopes = (ids: readonly string[]) => sql`
  select id, area_id, domain, agency_id, class from cameras where id = any(${[...ids]}::text[])`;

export const unitClasses = (ids: readonly string[]) => sql`
  select id, class from units where id = any(${[...ids]}::text[])`;

export const insertSnapshot = (row: {
  id: string;
  alertId: number;
  cameraId: string;
  cameraName: string;
  distanceM: number;
  takenAtMs: number;
  file: string;
  sha256: string;
  bytes: number;
}) => sql`
  insert into alert_snapshots (id, alert_id, camera_id, camera_name, distance_m, taken_at, file, sha256, bytes)
  values (${row.id}, ${row.alertId}, ${row.cameraId}, ${row.cameraName}, ${row.distanceM},
          ${new Date(row.takenAtMs)}, ${row.file}, ${row.sha256}, ${row.bytes})`;
