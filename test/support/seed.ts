import type { Caller } from '../../core/permissions.ts';
import type { Database } from '../../core/ports.ts';
import type { LonLat } from '../../core/reading.ts';
import { grantWith, type Limits } from './roles.ts';

/** Rows straight into the tables, for suites that start behind the routes that would make them. */
const run = (database: Database, text: string, ...values: unknown[]) => database.query({ text, values });

/** A square area; `path` is the way down to it, itself last. */
export async function seedArea(
  database: Database,
  area: { path: string[]; name: string; at: LonLat; sizeDeg: number },
): Promise<void> {
  const [west, south] = area.at;
  const id = area.path.at(-1);
  await run(
    database,
    `insert into areas (id, code, parent_id, level, name, full_name, geom, path)
     values ($1, $1, $2, $3, $4, $4, st_multi(st_makeenvelope($5, $6, $7, $8, 4326)), $9)`,
    id,
    area.path.at(-2) ?? null,
    area.path.length === 1 ? 'province' : 'commune',
    area.name,
    west,
    south,
    west + area.sizeDeg,
    south + area.sizeDeg,
    area.path,
  );
}

export async function seedDevice(
  database: Database,
  device: { id: string; name?: string; type?: string; at?: LonLat; areaId?: string; enabled?: boolean },
): Promise<void> {
  await run(
    database,
    `insert into devices (id, site, name, type, geom, area_id, enabled)
     values ($1, 'main', $2, $3, st_setsrid(st_makepoint($4, $5), 4326), $6, $7)`,
    device.id,
    device.name ?? `Trạm ${device.id}`,
    device.type ?? 'air-quality',
    device.at?.[0] ?? null,
    device.at?.[1] ?? null,
    device.areaId ?? null,
    device.enabled ?? true,
  );
}

export async function seedRule(
  database: Database,
  rule: {
    id: string;
    kind?: string;
    params?: unknown;
    appliesTo?: unknown;
    severity?: string;
    domain?: string;
    state?: string;
    version?: number;
  },
): Promise<void> {
  await run(
    database,
    `insert into rules (id, kind, name, domain, severity, params, applies_to, state, version)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    rule.id,
    rule.kind ?? 'threshold',
    `Quy tắc ${rule.id}`,
    rule.domain ?? 'environment',
    rule.severity ?? 'major',
    JSON.stringify(rule.params ?? { quantity: 'pm25', above: 150 }),
    JSON.stringify(rule.appliesTo ?? {}),
    rule.state ?? 'active',
    rule.version ?? 1,
  );
}

export async function seedCamera(
  database: Database,
  camera: {
    id: string;
    at: LonLat;
    headingDeg?: number;
    fovDeg?: number;
    rangeM?: number;
    areaId?: string;
    enabled?: boolean;
  },
): Promise<void> {
  await run(
    database,
    `insert into cameras (id, name, geom, heading_deg, fov_deg, range_m, area_id, source, enabled)
     values ($1, $2, st_setsrid(st_makepoint($3, $4), 4326), $5, $6, $7, $8, '{"kind":"test-pattern"}', $9)`,
    camera.id,
    `Camera ${camera.id}`,
    camera.at[0],
    camera.at[1],
    camera.headingDeg ?? null,
    camera.fovDeg ?? null,
    camera.rangeM ?? null,
    camera.areaId ?? null,
    camera.enabled ?? true,
  );
}

/** Somebody who is signed in, with one grant. */
export function callerWith(role: string, limits: Limits = {}): Caller {
  return {
    userId: `u-${role}`,
    username: role,
    displayName: role,
    sessionId: 's',
    agencyId: null,
    grants: [grantWith(role, limits)],
  };
}

/** Takes every alert and dispatch out again. History is append-only by triggers, which stand aside for this. */
export async function emptyAlerts(database: Database): Promise<void> {
  const histories = ['alert_events', 'dispatch_events'];
  for (const table of histories) await run(database, `alter table ${table} disable trigger user`);
  await run(
    database,
    'truncate alert_shelves, alert_parties, alert_snapshots, dispatch_events, dispatches, alert_events, alerts',
  );
  for (const table of histories) await run(database, `alter table ${table} enable trigger user`);
}

/** Takes every rule and what it remembers out again, alerts included. */
export async function emptyRules(database: Database): Promise<void> {
  await emptyAlerts(database);
  await run(
    database,
    'truncate rule_state, rule_versions, rule_simulations, shadow_alarms, device_activity, latest_values, latest_positions',
  );
  await run(database, 'delete from rules');
  await run(database, 'delete from series');
}

export async function seedUnit(
  database: Database,
  unit: { id: string; kind?: string; at?: LonLat; seenAtMs?: number; areaId?: string; status?: string },
): Promise<void> {
  await run(
    database,
    `insert into units (id, name, call_sign, kind, home_area_id, status) values ($1, $2, $3, $4, $5, $6)`,
    unit.id,
    `Tổ ${unit.id}`,
    unit.id.slice(0, 16).toUpperCase(),
    unit.kind ?? 'environment',
    unit.areaId ?? null,
    unit.status ?? 'available',
  );
  if (!unit.at) return;
  await run(
    database,
    `insert into unit_positions (unit_id, geom, time, area_id)
     values ($1, st_setsrid(st_makepoint($2, $3), 4326), $4, $5)`,
    unit.id,
    unit.at[0],
    unit.at[1],
    new Date(unit.seenAtMs ?? 0),
    unit.areaId ?? null,
  );
}
