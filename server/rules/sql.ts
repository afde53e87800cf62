import sql, { type Sql } from 'sql-template-tag';
import type { Severity } from '../../core/api/common.ts';
import type { AppliesTo, RULE_STATES, RuleOptions } from '../../core/api/rules.ts';
import type { QualityCode } from '../../core/quality.ts';
import type { Bilingual } from '../../core/text.ts';

export interface RuleRow {
  id: string;
  kind: string;
  name: string;
  domain: string;
  severity: Severity;
  params: Record<string, unknown>;
  applies_to: AppliesTo;
  options: RuleOptions;
  state: (typeof RULE_STATES)[number];
  version: number;
  updated_at: Date;
  updated_by: string | null;
  approved_by: string | null;
  approved_at: Date | null;
}

const RULE_COLUMNS = sql`id, kind, name, domain, severity, params, applies_to, options, state, version, updated_at, updated_by,
  approved_by, approved_at`;

/** Rules that are judged: those in force, and those that run in the shadow. */
export const runningRules = () => sql`
  select ${RULE_COLUMNS} from rules where state in ('active', 'shadow') order by id`;

/** Those of the given rules that run now. */
export const rulesRunning = (ids: readonly string[]) => sql`
  select ${RULE_COLUMNS} from rules where state in ('active', 'shadow') and id = any(${[...ids]}::text[])`;

type SubjectType = 'device' | 'unit' | 'camera' | 'group';

export interface StateRow {
  rule_id: string;
  subject_type: SubjectType;
  subject_id: string;
  rule_version: number;
  state: { t: number; raised: boolean };
}

/** States that belong to the versions that run. */
export const statesInForce = () => sql`
  select s.rule_id, s.subject_type, s.subject_id, s.rule_version, s.state
  from rule_state s join rules r on r.id = s.rule_id and r.version = s.rule_version and r.state in ('active', 'shadow')`;

/**
 * Writes states of versions in force, in one order for all, so that two writers never wait for each other in a
 * circle. A state never goes back in time: the keys that were written come back, the others have a newer state.
 */
export const upsertStates = (rows: readonly StateRow[]) => sql`
  insert into rule_state (rule_id, subject_type, subject_id, rule_version, state, updated_at)
  select x.rule_id, x.subject_type, x.subject_id, x.rule_version, x.state, now()
  from unnest(${rows.map((row) => row.rule_id)}::text[], ${rows.map((row) => row.subject_type)}::text[],
              ${rows.map((row) => row.subject_id)}::text[], ${rows.map((row) => row.rule_version)}::int[],
              ${rows.map((row) => JSON.stringify(row.state))}::jsonb[])
         as x(rule_id, subject_type, subject_id, rule_version, state)
  join rules r on r.id = x.rule_id and r.version = x.rule_version and r.state in ('active', 'shadow')
  order by x.rule_id, x.subject_type, x.subject_id
  on conflict (rule_id, subject_type, subject_id) do update
  set rule_version = excluded.rule_version, state = excluded.state, updated_at = excluded.updated_at
  where rule_state.rule_version < excluded.rule_version
     or (rule_state.rule_version = excluded.rule_version
         and (rule_state.state ->> 't')::float8 <= (excluded.state ->> 't')::float8)
  returning rule_id, subject_type, subject_id`;

export const statesOf = (keys: readonly Pick<StateRow, 'rule_id' | 'subject_type' | 'subject_id'>[]) => sql`
  select s.rule_id, s.subject_type, s.subject_id, s.rule_version, s.state
  from rule_state s
  join unnest(${keys.map((key) => key.rule_id)}::text[], ${keys.map((key) => key.subject_type)}::text[],
              ${keys.map((key) => key.subject_id)}::text[]) as k(rule_id, subject_type, subject_id)
    using (rule_id, subject_type, subject_id)`;

export const deleteStates = (
  keys: readonly Pick<StateRow, 'rule_id' | 'subject_type' | 'subject_id'>[],
) => sql`
  delete from rule_state s
  using unnest(${keys.map((key) => key.rule_id)}::text[], ${keys.map((key) => key.subject_type)}::text[],
               ${keys.map((key) => key.subject_id)}::text[]) as k(rule_id, subject_type, subject_id)
  where s.rule_id = k.rule_id and s.subject_type = k.subject_type and s.subject_id = k.subject_id`;

export const deleteStatesOfRule = (ruleId: string) => sql`delete from rule_state where rule_id = ${ruleId}`;

export interface NewestRow {
  series_id: number;
  device_id: string;
  quantity: string;
  time: Date;
  received_at: Date;
  value: number | null;
  quality: QualityCode | null;
  lon: number | null;
  lat: number | null;
  speed_kmh: number | null;
  heading_deg: number | null;
  accuracy_m: number | null;
  area_id: string | null;
}

/** The newest row of every series: what is older is late, and rules about groups begin with it. */
export const newestRows = () => sql`
  select l.series_id, coalesce(s.device_id, '') as device_id, coalesce(s.quantity, '') as quantity, l.time, l.received_at, l.value, l.quality, null::float8 as lon,
         null::float8 as lat, null::float8 as speed_kmh, null::float8 as heading_deg, null::float8 as accuracy_m,
         null::text as area_id
  from latest_values l left join series s on s.id = l.series_id
  union all
  select p.series_id, coalesce(s.device_id, ''), coalesce(s.quantity, ''), p.time, p.received_at, null, null, p.lon, p.lat, p.speed_kmh::float8,
         p.heading_deg::float8, p.accuracy_m::float8, p.area_id
  from latest_positions p left join series s on s.id = p.series_id`;

export interface ActivityRow {
  device_id: string;
  /** When something last came from it; never = when it was registered. */
  last_at: Date;
  heard: boolean;
}

export const lastArrivals = () => sql`
  select d.id as device_id, coalesce(a.last_received_at, d.created_at) as last_at,
         a.device_id is not null as heard
  from devices d left join device_activity a on a.device_id = d.id`;

export interface QuantityArrivalRow {
  device_id: string;
  quantity: string;
  received_at: Date;
}

export const lastArrivalsOfQuantities = () => sql`
  select s.device_id, s.quantity, l.received_at from latest_values l join series s on s.id = l.series_id`;

/** When the centre last heard anything at all: from then on it may have been deaf. */
export const lastArrivalAtAll = () => sql`select max(last_received_at) as last_at from device_activity`;

export const ruleById = (id: string, lock = false) => {
  const suffix: Sql = lock ? sql`for update` : sql``;
  return sql`select ${RULE_COLUMNS} from rules where id = ${id} ${suffix}`;
};

export const listRules = (
  filter: { state: string | null; kind: string | null; domain: string | null },
  afterId: string | null,
  limit: number,
) => sql`
  select ${RULE_COLUMNS} from rules
  where (${filter.state}::text is null or state = ${filter.state})
    and (${filter.kind}::text is null or kind = ${filter.kind})
    and (${filter.domain}::text is null or domain = ${filter.domain})
    and (${afterId}::text is null or id > ${afterId})
  order by id limit ${limit}`;

export const insertRule = (
  row: Omit<RuleRow, 'updated_at' | 'version' | 'state' | 'approved_by' | 'approved_at'>,
) => sql`
  insert into rules (id, kind, name, domain, severity, params, applies_to, options, updated_by)
  values (${row.id}, ${row.kind}, ${row.name}, ${row.domain}, ${row.severity}, ${JSON.stringify(row.params)},
          ${JSON.stringify(row.applies_to)}, ${JSON.stringify(row.options)}, ${row.updated_by})
  on conflict (id) do nothing
  returning ${RULE_COLUMNS}`;

export const updateRule = (row: Omit<RuleRow, 'updated_at' | 'kind'>) => sql`
  update rules
  set name = ${row.name}, domain = ${row.domain}, severity = ${row.severity}, params = ${JSON.stringify(row.params)},
      applies_to = ${JSON.stringify(row.applies_to)}, options = ${JSON.stringify(row.options)}, state = ${row.state}, version = ${row.version},
      updated_at = now(), updated_by = ${row.updated_by}, approved_by = ${row.approved_by}, approved_at = ${row.approved_at}
  where id = ${row.id}
  returning ${RULE_COLUMNS}`;

/** A draft that was looked at over history; what is further already stays. */
export const markSimulated = (id: string, version: number) => sql`
  update rules set state = 'simulated' where id = ${id} and version = ${version} and state = 'draft'`;

export const insertVersion = (row: RuleRow, snapshot: unknown) => sql`
  insert into rule_versions (rule_id, version, snapshot, created_by)
  values (${row.id}, ${row.version}, ${JSON.stringify(snapshot)}, ${row.updated_by})`;

export interface VersionRow {
  version: number;
  snapshot: Record<string, unknown>;
  created_at: Date;
  created_by: string | null;
}

export const versionsOf = (ruleId: string) => sql`
  select version, snapshot, created_at, created_by from rule_versions where rule_id = ${ruleId} order by version desc`;

export interface ShadowRow {
  rule_id: string;
  rule_version: number;
  subject_type: SubjectType;
  subject_id: string;
  raised_at: Date;
  cleared_at: Date | null;
  peak: number | null;
  explanation: Bilingual;
}

/** Written twice, an alarm in the shadow is the same one. */
export const insertShadow = (row: {
  ruleId: string;
  version: number;
  subjectType: string;
  subjectId: string;
  raisedAtMs: number;
  peak: number | null;
  explanation: Bilingual;
}) => sql`
  insert into shadow_alarms (rule_id, rule_version, subject_type, subject_id, raised_at, peak, explanation)
  values (${row.ruleId}, ${row.version}, ${row.subjectType}, ${row.subjectId}, ${new Date(row.raisedAtMs)},
          ${row.peak}, ${JSON.stringify(row.explanation)})
  on conflict do nothing`;

export const endShadow = (row: {
  ruleId: string;
  version: number;
  subjectType: string;
  subjectId: string;
  timeMs: number;
  peak: number | null;
  cleared: boolean;
}) => sql`
  update shadow_alarms
  set peak = coalesce(${row.peak}, peak),
      cleared_at = case when ${row.cleared} then ${new Date(row.timeMs)}::timestamptz else cleared_at end
  where rule_id = ${row.ruleId} and rule_version = ${row.version} and subject_type = ${row.subjectType}
    and subject_id = ${row.subjectId} and cleared_at is null and raised_at <= ${new Date(row.timeMs)}`;

export const shadowOf = (ruleId: string, limit: number) => sql`
  select rule_id, rule_version, subject_type, subject_id, raised_at, cleared_at, peak, explanation
  from shadow_alarms where rule_id = ${ruleId} order by raised_at desc, subject_id limit ${limit}`;

/** Names of what alarms would have been about. */
export const namesOf = (ids: { devices: readonly string[]; units: readonly string[] }) => sql`
  select 'device' as type, id, name from devices where id = any(${[...ids.devices]}::text[])
  union all
  select 'unit', id, name from units where id = any(${[...ids.units]}::text[])`;
