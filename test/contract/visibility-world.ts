import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Random, seededRandom, systemClock } from '../../core/clock.ts';
import type { AuditEntry } from '../../core/ports.ts';
import { createTrail } from '../../server/audit/trail.ts';
import type { TestApp } from '../support/app.ts';
import { testLogger } from '../support/logger.ts';

/**
 * A random centre, and who may see what of it, said a second time: nothing here is taken from the product's scope
 * model, so that the two can be held against each other. Every row carries a token of four signs that is found again
 * in whatever form it is shown.
 */
const KINDS = ['device', 'camera', 'unit', 'alert', 'audit'] as const;
export type RowKind = (typeof KINDS)[number];

export interface Row {
  kind: RowKind;
  token: string;
  area: string | null;
  domain: string | null;
  agency: string | null;
  class: (typeof CLASSES)[number];
  parties: string[];
  alertId?: number;
}

interface RandomGrant {
  role: string;
  rule: 'all' | 'self' | 'self+subordinate' | 'listed';
  agencies: string[] | null;
  areas: string[] | null;
  domains: string[] | null;
  maxClass: (typeof CLASSES)[number];
  fromDays: number;
  toDays: number | null;
}

export interface RandomUser {
  name: string;
  agency: string | null;
  grants: RandomGrant[];
}

const CLASSES = ['public', 'internal', 'restricted'] as const;
const DOMAINS = ['environment', 'traffic', 'security'];
const COMMUNES = ['99001', '99002', '99003', '99004'];
/** Everybody has a grant for what stands here: after it nothing more is to come. */
const MEETING_PLACE = '99009';
/** What a row of each kind is read by. */
const READ: Record<RowKind, string> = {
  device: 'devices.read',
  camera: 'cameras.read',
  unit: 'units.read',
  alert: 'alerts.read',
  audit: 'audit.read',
};

const yaml = parse(readFileSync(new URL('../../config/roles.yaml', import.meta.url), 'utf8')) as {
  sets: Record<string, string[]>;
  roles: { id: string; all?: true; sets?: string[]; permissions?: string[] }[];
};
/** Whether a role has a permission, straight from the file. */
function roleHas(role: string, permission: string): boolean {
  const entry = yaml.roles.find(({ id }) => id === role);
  if (!entry) return false;
  const given = [...(entry.permissions ?? []), ...(entry.sets ?? []).flatMap((set) => yaml.sets[set] ?? [])];
  return entry.all === true || given.includes(permission);
}

export const hasPermission = (user: RandomUser, permission: string): boolean =>
  user.grants.some((grant) => isInForce(grant) && roleHas(grant.role, permission));
const isInForce = ({ fromDays, toDays }: RandomGrant) => fromDays <= 0 && (toDays === null || toDays > 0);

/** Who may see a row, one question after the other. */
export function mayBeSeen(
  row: Row,
  user: RandomUser,
  parentOf: ReadonlyMap<string, string | null>,
  permission = READ[row.kind],
): boolean {
  const isBelow = (agency: string, top: string): boolean => {
    for (let at: string | null = agency; at !== null; at = parentOf.get(at) ?? null)
      if (at === top) return true;
    return false;
  };
  const isTheirs = (grant: RandomGrant, agency: string): boolean => {
    if (grant.rule === 'listed') return grant.agencies?.includes(agency) ?? false;
    if (user.agency === null) return false;
    return grant.rule === 'self+subordinate' ? isBelow(agency, user.agency) : agency === user.agency;
  };
  for (const grant of user.grants) {
    if (!isInForce(grant) || !roleHas(grant.role, permission)) continue;
    if (CLASSES.indexOf(row.class) > CLASSES.indexOf(grant.maxClass)) continue;
    // 'all' sees rows of every agency, but takes part in what was forwarded for the own agency only.
    if (row.parties.some((agency) => isTheirs(grant, agency))) return true;
    const inArea =
      grant.areas === null ||
      (row.area !== null &&
        grant.areas.some((root) => row.area === root || (root === '99' && row.area?.startsWith('99'))));
    const inDomain = grant.domains === null || row.domain === null || grant.domains.includes(row.domain);
    const ofAgency = grant.rule === 'all' || (row.agency !== null && isTheirs(grant, row.agency));
    if (inArea && inDomain && ofAgency) return true;
  }
  return false;
}

function chooser(random: Random) {
  const below = (n: number) => Math.floor(random.next() * n);
  const one = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const some = <T>(list: readonly T[]): T[] => {
    const chosen = list.filter(() => random.next() < 0.4);
    return chosen.length > 0 ? chosen : [one(list)];
  };
  return { below, one, some, maybe: (chance: number) => random.next() < chance };
}

/** Middles of the areas: communes side by side, land of no commune, and what is outside, all within one tile. */
function lonOf(area: string | null): number {
  if (area === null) return 109.8;
  return area === '99' ? 110.7 : 110 + 0.1 * Number(area.slice(-1));
}

export async function createRandomCentre(app: TestApp, seed: number, sizes: { users: number; rows: number }) {
  const { below, one, some, maybe } = chooser(seededRandom(seed));
  const sql = async <T>(text: string, values: unknown[]) => await app.database.query<T>({ text, values });

  const square = (code: string, west: number, east: number) => ({
    type: 'Feature',
    properties: { code, name: code, fullName: code },
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [west, 10.2],
          [east, 10.2],
          [east, 10.8],
          [west, 10.8],
          [west, 10.2],
        ],
      ],
    },
  });
  const made = await app.call('POST', '/areas', {
    token: app.token,
    body: {
      type: 'FeatureCollection',
      features: [
        square('99', 109.9, 111),
        ...[...COMMUNES, MEETING_PLACE].map((code) => square(code, lonOf(code) - 0.05, lonOf(code) + 0.05)),
      ],
    },
  });
  if (made.status >= 300) throw new Error(JSON.stringify(made.body));
  const agencies = (await app.call('GET', '/agencies', { token: app.token })).body.items as {
    id: string;
    parentId: string | null;
  }[];
  const parentOf = new Map(agencies.map(({ id, parentId }) => [id, parentId]));
  const agencyIds = agencies.map(({ id }) => id);

  const rows: Row[] = [];
  for (let i = 0; i < sizes.rows; i++) {
    const kind = KINDS[i % KINDS.length] as RowKind;
    rows.push({
      kind,
      token: `q${kind === 'device' ? 'd' : kind === 'camera' ? 'c' : kind === 'unit' ? 'u' : kind === 'alert' ? 'a' : 'l'}${String(i).padStart(4, '0')}x`,
      area: maybe(0.1) ? null : maybe(0.1) ? '99' : one(COMMUNES),
      domain: kind === 'unit' || (kind !== 'alert' && maybe(0.2)) ? null : one(DOMAINS),
      agency: maybe(0.1) ? null : one(agencyIds),
      class: one(CLASSES),
      parties: kind === 'alert' && maybe(0.3) ? some(agencyIds).slice(0, 2) : [],
    });
  }
  for (const [i, kind] of KINDS.entries())
    rows.push({
      kind,
      token: `q${'dcual'[i]}9999x`,
      area: MEETING_PLACE,
      domain: kind === 'alert' ? 'environment' : null,
      agency: null,
      class: 'public',
      parties: [],
    });

  await sql(
    `insert into rules (id, kind, name, domain, severity, params, applies_to, state, version)
     values ('r', 'threshold', 'r', 'environment', 'major', '{"quantity":"pm25","above":1}', '{}', 'draft', 1)`,
    [],
  );
  for (const row of rows) {
    const { token } = row;
    const lon = lonOf(row.area) + below(80) / 2000;
    const lat = 10.3 + below(100) / 250;
    const place = [row.area, row.agency, row.class];
    if (row.kind === 'device') {
      await sql(
        `insert into devices (id, site, name, type, geom, area_id, agency_id, class, domain, search_text)
         values ($1, 'main', $1, 'air-quality', st_setsrid(st_makepoint($2, $3), 4326), $4, $5, $6, $7, 'quan sat ' || $1)`,
        [token, lon, lat, ...place, row.domain],
      );
      await sql(
        `with s as (insert into series (device_id, quantity, unit) values ($1, 'pm25', 'ug/m3') returning id)
         insert into latest_values select id, now(), 1, 0, now() from s`,
        [token],
      );
    }
    if (row.kind === 'camera')
      await sql(
        `insert into cameras (id, name, geom, area_id, agency_id, class, domain, source, search_text)
         values ($1, $1, st_setsrid(st_makepoint($2, $3), 4326), $4, $5, $6, $7, '{"kind":"test-pattern","scene":"road"}',
                 'quan sat ' || $1)`,
        [token, lon, lat, ...place, row.domain],
      );
    if (row.kind === 'unit') {
      await sql(
        `insert into units (id, name, call_sign, kind, home_area_id, agency_id, class, search_text)
         values ($1, $1, $1, 'ambulance', $2, $3, $4, 'quan sat ' || $1)`,
        [token, ...place],
      );
      await sql(
        `insert into unit_positions (unit_id, geom, time, area_id)
         values ($1, st_setsrid(st_makepoint($2, $3), 4326), now(), $4)`,
        [token, lon, lat, row.area],
      );
    }
    if (row.kind === 'alert') {
      const [alert] = await sql<{ id: number }>(
        `insert into alerts (rule_id, rule_version, kind, title, domain, severity, state, subject_type, subject_id,
                             subject_name, geom, area_id, agency_id, class, raised_at, explanation, last_seq, search_text)
         values ('r', 1, 'threshold', $1, $7, 'major', 'unacknowledged', 'device', $1, $1,
                 st_setsrid(st_makepoint($2, $3), 4326), $4, $5, $6, now(), '{"vi": "", "en": ""}', 1, 'quan sat ' || $1)
         returning id`,
        [token, lon, lat, ...place, row.domain],
      );
      row.alertId = alert?.id ?? 0;
      await sql(
        `insert into alert_events (alert_id, at, kind, actor, to_state, data)
         values ($1, now(), 'raised', 'system', 'unacknowledged', '{}')`,
        [row.alertId],
      );
      for (const agency of row.parties)
        await sql(
          `insert into alert_parties (alert_id, agency_id, since, forwarded_by) values ($1, $2, now(), 'system')`,
          [row.alertId, agency],
        );
    }
  }
  const trail = createTrail({ database: app.database, clock: systemClock, logger: testLogger() });
  await app.database.transaction((tx) =>
    trail.record(
      tx,
      ...rows
        .filter(({ kind }) => kind === 'audit')
        .map(
          (row): AuditEntry => ({
            by: null,
            action: 'device.change',
            object: { type: 'device', id: row.token, name: row.token },
            place: { areaId: row.area, domain: row.domain, agencyId: row.agency, class: row.class },
          }),
        ),
    ),
  );
  await trail.stop();

  const users: RandomUser[] = [];
  const roles = yaml.roles.map(({ id }) => id);
  for (let i = 0; i < sizes.users; i++) {
    const agency = maybe(0.2) ? null : one(agencyIds);
    const grants: RandomGrant[] = Array.from({ length: 1 + below(3) }, () => {
      const rule = one(['all', 'self', 'self+subordinate', 'listed'] as const);
      const [fromDays, toDays] = one([
        [-1, null],
        [-1, 1],
        [-1, null],
        [-2, -1],
        [1, null],
        [-9, 9],
      ] as const);
      return {
        role: one([...roles, 'viewer', 'operator', 'commune_officer', 'auditor', 'supervisor']),
        rule,
        agencies: rule === 'listed' ? some(agencyIds) : null,
        areas: maybe(0.25) ? null : maybe(0.2) ? ['99'] : some(COMMUNES),
        domains: maybe(0.4) ? null : some(DOMAINS),
        maxClass: one(CLASSES),
        fromDays,
        toDays,
      };
    });
    for (const role of ['viewer', 'auditor'])
      grants.push({
        role,
        rule: 'all',
        agencies: null,
        areas: [MEETING_PLACE],
        domains: null,
        maxClass: 'public',
        fromDays: -1,
        toDays: null,
      });
    users.push({ name: `random-${String(i).padStart(3, '0')}`, agency, grants });
  }
  return { rows, users, parentOf, tokens: await signIn(app, users) };
}

/** Everybody with a session of their own. Not by password: two hundred of them would take longer than the test. */
async function signIn(app: TestApp, users: readonly RandomUser[]): Promise<Map<string, string>> {
  const sql = async (text: string, values: unknown[]) => await app.database.query({ text, values });
  const tokens = new Map<string, string>();
  for (const user of users) {
    await sql(
      `insert into users (id, username, display_name, password_hash, agency_id) values ($1, $1, $1, 'none', $2)`,
      [user.name, user.agency],
    );
    for (const grant of user.grants)
      await sql(
        `insert into grants (user_id, role, agency_rule, agency_ids, area_ids, domains, max_class, valid_from, valid_to)
         values ($1, $2, $3, $4, $5, $6, $7, now() + $8::int * interval '1 day', now() + $9::int * interval '1 day')`,
        [
          user.name,
          grant.role,
          grant.rule,
          grant.agencies,
          grant.areas,
          grant.domains,
          grant.maxClass,
          grant.fromDays,
          grant.toDays,
        ],
      );
    const refresh = randomBytes(32).toString('base64url');
    await sql(`insert into sessions (id, user_id, expires_at) values ($1, $1, now() + interval '1 hour')`, [
      user.name,
    ]);
    await sql(`insert into refresh_tokens (token_sha256, session_id) values ($1, $2)`, [
      createHash('sha256').update(refresh).digest(),
      user.name,
    ]);
    const { status, body } = await app.call('POST', '/auth/refresh', {
      headers: { cookie: `haidang_refresh=${refresh}`, 'x-requested-with': 'test' },
    });
    if (status !== 200) throw new Error(JSON.stringify(body));
    tokens.set(user.name, body.accessToken);
  }
  return tokens;
}
