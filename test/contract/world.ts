import { tileAt } from '../../gis/index.ts';
import type { TestApp } from '../support/app.ts';
import { PERSON_PASSWORD } from '../support/people.ts';
import { SAMPLE_AREAS } from '../support/sample-areas.ts';
import { MARK, type World } from './authorisation-cases.ts';

/** Fills a centre with the same things in two communes; what lies in the eastern one carries the mark. */
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
  const west = await createSide(app, 'west', '99001', 110.5);
  const east = await createSide(app, MARK, '99002', 111.5);
  const user = async (username: string, role: string, areaId: string) =>
    (
      await post('/users', {
        username,
        displayName: username,
        password: PERSON_PASSWORD,
        grants: [{ role, areaIds: [areaId] }],
      })
    ).id as string;
  const tile = tileAt([111.5, 10.5], 8);
  const eastUser = await user(`${MARK}user`, 'viewer', '99002');
  await app.call('POST', '/auth/login', { body: { username: `${MARK}user`, password: PERSON_PASSWORD } });
  const [session] = await app.database.query<{ id: string }>({
    text: 'select id from sessions where user_id = $1',
    values: [eastUser],
  });
  const service = await post('/users', {
    username: `${MARK}service`,
    displayName: `${MARK}service`,
    kind: 'service',
    grants: [{ role: 'viewer', areaIds: ['99002'] }],
  });
  const key = await post(`/users/${service.id}/keys`, { name: 'X', days: 30 });
  return {
    session: session?.id ?? '',
    service: service.id,
    key: key.id,
    alert: { west: west.alert, east: east.alert },
    dispatch: { west: west.dispatch, east: east.dispatch },
    quarantine: { west: west.quarantine, east: east.quarantine },
    user: {
      west: await user('westuser', 'viewer', '99001'),
      east: eastUser,
    },
    areaTile: `${tile.z}/${tile.x}/${tile.y}.mvt`,
  };
}

async function createSide(app: TestApp, side: string, areaId: string, lon: number) {
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
    domain: 'environment',
    position,
  });
  await ask('/cameras', {
    id: `${side}-camera`,
    name: `Thử ${side}`,
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
    `insert into units (id, name, call_sign, kind, home_area_id, search_text) values ($1, $1, $2, 'ambulance', $3, $1)`,
    [`${side}-unit`, side.slice(0, 8), areaId],
  );
  await sql(
    `insert into unit_positions (unit_id, geom, time, area_id)
     values ($1, ST_SetSRID(ST_MakePoint($2, 10.5), 4326), now(), $3)`,
    [`${side}-unit`, lon, areaId],
  );
  const { id: alert } = await sql<{ id: number }>(
    `insert into alerts (rule_id, rule_version, kind, title, domain, severity, state, subject_type, subject_id,
                         subject_name, geom, area_id, raised_at, explanation, last_seq, search_text)
     values ('whole', 1, 'threshold', $1, 'environment', 'major', 'unacknowledged', 'device', $2, $1,
             ST_SetSRID(ST_MakePoint($3, 10.5), 4326), $4, now(), '{"vi": "", "en": ""}', 1, $1) returning id`,
    [`thu ${side}`, `${side}-device`, lon, areaId],
  );
  await sql(
    `insert into alert_events (alert_id, at, kind, actor, to_state, data)
     values ($1, now(), 'raised', 'system', 'unacknowledged', '{}')`,
    [alert],
  );
  const { id: dispatch } = await sql<{ id: number }>(
    `insert into dispatches (alert_id, unit_id, state, created_by) values ($1, $2, 'assigned', 'system') returning id`,
    [alert, `${side}-unit`],
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
