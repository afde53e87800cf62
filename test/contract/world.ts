import { tileAt } from '../../gis/index.ts';
import { LETTER, PNG } from '../support/account-requests.ts';
import type { TestApp } from '../support/app.ts';
import { PERSON_PASSWORD } from '../support/people.ts';
import { SAMPLE_AREAS } from '../support/sample-areas.ts';
import { DIMENSIONS, type Dimension, MARK, markOf, type World } from './authorisation-cases.ts';

/** Where the things of the west stand, and where its people may look. */
export const WEST = { areaId: '99001', agencyId: 'dae', domain: 'environment', class: 'internal' } as const;
type Place = { -readonly [K in keyof typeof WEST]: string };

/** What is foreign differs from the west in one thing only, so that every dimension of the scope model is tried. */
export const FOREIGN: Readonly<Record<Dimension, Place>> = {
  area: { ...WEST, areaId: '99002' },
  agency: { ...WEST, agencyId: 'police' },
  domain: { ...WEST, domain: 'traffic' },
  class: { ...WEST, class: 'restricted' },
};

/** Fills a centre with the same things on every side of the limits; what is beyond them carries the mark. */
export async function createWorld(app: TestApp): Promise<World> {
  const { token } = app;
  const post = async (path: string, body: unknown) => {
    const answer = await app.call('POST', path, { token, body });
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const areas = structuredClone(SAMPLE_AREAS);
  for (const { properties } of areas.features) {
    if (properties.code === '99002') Object.assign(properties, { name: MARK, fullName: `Xã ${MARK}` });
  }
  await post('/areas', areas);
  await post('/rules', {
    id: 'whole',
    kind: 'threshold',
    name: 'Mặn',
    domain: 'environment',
    severity: 'major',
    params: { quantity: 'salinity', above: 4 },
  });
  const west = await createSide(app, 'west', WEST);
  const foreign = {} as Record<Dimension, Awaited<ReturnType<typeof createSide>>>;
  for (const dimension of DIMENSIONS)
    foreign[dimension] = await createSide(app, markOf(dimension), FOREIGN[dimension]);
  const grantsOf = (place: Place) => [
    {
      role: 'viewer',
      areaIds: [place.areaId],
      agencies: [place.agencyId],
      domains: [place.domain],
      maxClass: place.class,
    },
  ];
  const user = async (username: string, place: Place) =>
    (
      await post('/users', {
        username,
        displayName: username,
        password: PERSON_PASSWORD,
        grants: grantsOf(place),
      })
    ).id as string;
  const request = async (dimension: Dimension) => {
    const username = `${markOf(dimension)}-asked`;
    const grants = grantsOf(FOREIGN[dimension]);
    const asked = { ...LETTER, action: 'grant', username, displayName: username, grants };
    const { id } = await post('/account-requests', asked);
    const scan = await post(`/account-requests/${id}/scans?name=${MARK}.png`, PNG);
    return { id: id as number, scan: scan.id as string };
  };
  const sides = async <T>(made: (dimension: Dimension) => T | Promise<T>) =>
    Object.fromEntries(
      await Promise.all(DIMENSIONS.map(async (dimension) => [dimension, await made(dimension)] as const)),
    ) as Record<Dimension, T>;
  const tile = (lon: number) => {
    const { z, x, y } = tileAt([lon, 10.5], 8);
    return `${z}/${x}/${y}.mvt`;
  };
  const people = await sides((dimension) => user(`${markOf(dimension)}-user`, FOREIGN[dimension]));
  await app.call('POST', '/auth/login', { body: { username: `${MARK}-user`, password: PERSON_PASSWORD } });
  const [session] = await app.database.query<{ id: string }>({
    text: 'select id from sessions where user_id = $1',
    values: [people.area],
  });
  const service = await post('/users', {
    username: `${MARK}service`,
    displayName: `${MARK}service`,
    kind: 'service',
    grants: [{ role: 'viewer', areaIds: ['99002'] }],
  });
  const key = await post(`/users/${service.id}/keys`, { name: 'X', days: 30 });
  const [loan] = await app.database.query<{ id: number }>({
    text: `insert into delegations (kind, from_user, to_user, grant_id, reason, valid_from, valid_to, created_at)
           select 'delegation', $1, $2, min(g.id), 'x', now(), now() + interval '1 day', now()
           from grants g where g.user_id = $1 returning id`,
    values: [people.area, people.agency],
  });
  const requests = await sides(request);
  // Something that was carried out, for the register.
  for (const dimension of DIMENSIONS)
    await post(`/users/${await user(`${markOf(dimension)}-locked`, FOREIGN[dimension])}/emergency-lock`, {
      reason: MARK,
    });
  const held = await app.database.query<{ id: number; user_id: string }>({
    text: 'select id, user_id from grants',
    values: [],
  });
  return {
    delegation: loan?.id ?? 0,
    request: await sides((dimension) => requests[dimension].id),
    scan: await sides((dimension) => requests[dimension].scan),
    grant: await sides((dimension) => held.find((grant) => grant.user_id === people[dimension])?.id ?? 0),
    session: session?.id ?? '',
    service: service.id,
    key: key.id,
    alert: { west: west.alert, ...(await sides((dimension) => foreign[dimension].alert)) },
    dispatch: { west: west.dispatch, ...(await sides((dimension) => foreign[dimension].dispatch)) },
    quarantine: { west: west.quarantine, ...(await sides((dimension) => foreign[dimension].quarantine)) },
    user: {
      west: await user('westuser', WEST),
      ...people,
    },
    areaTile: tile(111.5),
    westTile: tile(110.5),
  };
}

async function createSide(app: TestApp, side: string, place: Place) {
  const { areaId, agencyId, domain } = place;
  const lon = areaId === '99002' ? 111.5 : 110.5;
  // Units belong to no domain: that of the other domain is everybody's.
  const unit = side === markOf('domain') ? 'open-unit' : `${side}-unit`;
  const { token, database } = app;
  const position = [lon, 10.5];
  const ask = async (path: string, body: unknown) => {
    const answer = await app.call('POST', path, { token, body });
    if (answer.status !== 201) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  };
  await ask('/devices', {
    id: `${side}-device`,
    name: `Thử ${side}`,
    type: 'salinity',
    domain,
    agencyId,
    class: place.class,
    position,
  });
  await ask('/cameras', {
    id: `${side}-camera`,
    name: `Thử ${side}`,
    domain,
    agencyId,
    class: place.class,
    position,
    source: { kind: 'test-pattern', scene: 'road' },
  });
  const sql = async <Row>(text: string, values: unknown[]): Promise<Row> => {
    const [row] = await database.query<Row>({ text, values });
    return row as Row;
  };
  await sql(
    `with s as (insert into series (device_id, quantity, unit) values ($1, 'salinity', 'ppt') returning id),
          o as (insert into observations select id, now(), 1, 0 from s)
     insert into latest_values select id, now(), 1, 0, now() from s`,
    [`${side}-device`],
  );
  await sql(
    `insert into units (id, name, call_sign, kind, home_area_id, agency_id, class, search_text)
     values ($1, $1, $1, 'ambulance', $2, $3, $4, $1)`,
    [unit, areaId, agencyId, place.class],
  );
  await sql(
    `insert into unit_positions (unit_id, geom, time, area_id)
     values ($1, ST_SetSRID(ST_MakePoint($2, 10.5), 4326), now(), $3)`,
    [unit, lon, areaId],
  );
  const { id: alert } = await sql<{ id: number }>(
    `insert into alerts (rule_id, rule_version, kind, title, domain, severity, state, subject_type, subject_id,
                         subject_name, geom, area_id, agency_id, class, raised_at, explanation, last_seq,
                         search_text)
     values ('whole', 1, 'threshold', $1, $5, 'major', 'unacknowledged', 'device', $2, $1,
             ST_SetSRID(ST_MakePoint($3, 10.5), 4326), $4, $6, $7, now(), '{"vi": "", "en": ""}', 1, $1)
     returning id`,
    [`thu ${side}`, `${side}-device`, lon, areaId, domain, agencyId, place.class],
  );
  await sql(
    `insert into alert_events (alert_id, at, kind, actor, to_state, data)
     values ($1, now(), 'raised', 'system', 'unacknowledged', '{}')`,
    [alert],
  );
  const { id: dispatch } = await sql<{ id: number }>(
    `insert into dispatches (alert_id, unit_id, state, created_by) values ($1, $2, 'assigned', 'system') returning id`,
    [alert, unit],
  );
  await sql(`insert into dispatch_events (dispatch_id, state, actor) values ($1, 'assigned', 'system')`, [
    dispatch,
  ]);
  const { id: quarantine } = await sql<{ id: number }>(
    `insert into quarantine (received_at, source, device_id, code, reason, payload_bytes)
     values (now(), 'mqtt', $1, 'payload.not_json', $1, 3) returning id`,
    [`${side}-device`],
  );
  return { alert, dispatch, quarantine };
}
