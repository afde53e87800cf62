import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { migrate, type OpenDatabase, openPool } from '../../server/db/index.ts';
import { startTestApp, type TestApp, type TestBase } from '../support/app.ts';
import type { Answer } from '../support/call.ts';
import { testLogger } from '../support/logger.ts';
import { PERSON_PASSWORD } from '../support/people.ts';
import { type PostgresCluster, postgresBin, startCluster } from '../support/postgres.ts';
import { BY_ID, DIMENSIONS, LISTS, MARK, markOf, type World } from './authorisation-cases.ts';
import { createWorld, WEST } from './world.ts';

// The first wall is taken away: statements ask for every row, and what is looked at row by row is allowed.
vi.mock('../../server/db/scope.ts', async () => {
  const { default: sql } = await import('sql-template-tag');
  return { scopeCondition: () => sql`true` };
});
vi.mock('../../core/permissions.ts', async (original) => {
  const real = await original<typeof import('../../core/permissions.ts')>();
  return {
    ...real,
    can: (...[caller, permission]: Parameters<typeof real.can>) => real.can(caller, permission),
  };
});

/** Tables of the scope model that need no policy, and why. */
const OPEN: Record<string, string> = {
  agencies: 'everybody who is signed in knows the bodies of the province',
  grants: 'no right for the role: accounts are read by the product itself',
  audit_log: 'no right for the role: the trail belongs to a role of its own',
  users: 'no right for the role: accounts are read by the product itself',
  account_requests: 'no right for the role: accounts are read by the product itself',
  device_credentials: 'no right for the role: only the front reads them',
  device_certificates: 'no right for the role: only the front reads them',
  observations: 'no right for the role: a security-barrier view stands before it',
  observations_1m: 'as the firehose',
  observations_1h: 'as the firehose',
  observations_1d: 'as the firehose',
  summary_pending: 'as the firehose',
  positions: 'no right for the role: a security-barrier view stands before it',
};

const LAYERS = ['areas', 'devices', 'cameras', 'units', 'alerts'];
/**
 * What is read behind the wall. Accounts and the audit trail are read by the product itself: the first wall stands
 * alone before them.
 */
const BEHIND = /^GET \/(areas|devices|latest|cameras|alerts|units|dispatches|quarantine|search|system)\b/;
/** Pictures come from the media plane, which is off here. */
const READS = Object.entries(BY_ID).filter(
  ([route]) => BEHIND.test(route) && route !== 'GET /cameras/{id}/snapshot',
);
const lists = Object.entries(LISTS).filter(([route]) => BEHIND.test(route));

const textOf = ({ body }: Answer) =>
  body instanceof ArrayBuffer ? Buffer.from(body).toString('latin1') : JSON.stringify(body);

describe.skipIf(!postgresBin())('the second wall, with the first one taken away', () => {
  let cluster: PostgresCluster;
  let base: TestBase;
  let superuser: OpenDatabase;
  let app: TestApp;
  let world: World;
  let reader: string;

  const asSuperuser = (text: string) => superuser.query({ text, values: [] });
  const signIn = async (to: TestApp, username: string): Promise<string> => {
    const { body } = await to.call('POST', '/auth/login', { body: { username, password: PERSON_PASSWORD } });
    return body.accessToken;
  };

  /** As an operator of a shared server has it: a login that owns its database, and may make no roles. */
  beforeAll(async () => {
    cluster = startCluster();
    const open = (url: string) =>
      openPool({ connection: { connectionString: url }, max: 4, kind: 'postgres', logger: testLogger() });
    const name = `wall_${randomBytes(4).toString('hex')}`;
    const server = await open(cluster.url('postgres'));
    for (const text of [
      'create role owner_of_it login',
      'create role haidang_app nologin',
      'create role haidang_audit nologin',
      'grant haidang_app, haidang_audit to owner_of_it',
      `create database ${name} owner owner_of_it`,
    ])
      await server.query({ text, values: [] });
    await server.close();
    superuser = await open(cluster.url(name));
    await asSuperuser('create extension postgis');
    await asSuperuser('alter schema public owner to owner_of_it');
    const url = cluster.url(name).replace('postgres@', 'owner_of_it@');
    const database = await open(url);
    await migrate(database, testLogger());
    base = { url, database, remove: () => undefined };
    app = await startTestApp({ on: base });
    world = await createWorld(app);
    const { status, body } = await app.call('POST', '/users', {
      token: app.token,
      body: {
        username: 'reader',
        displayName: 'reader',
        password: PERSON_PASSWORD,
        grants: [
          {
            role: 'admin',
            areaIds: [WEST.areaId],
            agencies: [WEST.agencyId],
            domains: [WEST.domain],
            maxClass: WEST.class,
          },
        ],
      },
    });
    if (status !== 201) throw new Error(JSON.stringify(body));
    reader = await signIn(app, 'reader');
  });
  afterAll(async () => {
    await app?.close();
    await superuser?.close();
    cluster?.remove();
  });

  const ask = (to: TestApp, token: string, path: string) => to.call('GET', path, { token });

  it('shows no foreign row in any list, and the own ones', async () => {
    for (const [route, { queries, marked }] of lists) {
      const path = route.slice('GET '.length);
      for (const query of queries) {
        const answer = await ask(app, reader, `${path}${query}`);
        // A search says nothing of what was searched for.
        const text = textOf(answer).replaceAll(encodeURIComponent(query), '');
        expect([route, query, answer.status, text.includes(MARK)]).toEqual([route, query, 200, false]);
        const isOfWest = marked && !/lon=111|sees=|q=/.test(query) && path !== '/areas/at';
        if (isOfWest) expect([route, query, /west|99001/.test(text)]).toEqual([route, query, true]);
      }
    }
  });

  it('counts no foreign row', async () => {
    const { body: alerts } = await ask(app, reader, '/alerts/counts');
    expect(alerts.major).toEqual({ unacknowledged: 1, acknowledged: 0, returned_unacknowledged: 0 });
    const { body: hours } = await ask(app, reader, '/alerts/histogram');
    expect(hours.buckets.flatMap((bucket: { major: number }) => bucket.major)).toContain(1);
    expect(hours.buckets.reduce((sum: number, bucket: { major: number }) => sum + bucket.major, 0)).toBe(1);
    const { body: system } = await ask(app, reader, '/system');
    expect([system.devices.total, system.cameras.total]).toEqual([1, 1]);
  });

  it('answers for a foreign thing as for one that does not exist', async () => {
    for (const [route, { foreign, missing }] of READS) {
      const bare = ({ status, body }: Answer) => ({ status, body: { ...body, requestId: undefined } });
      const nothing = bare(await ask(app, reader, missing));
      for (const dimension of DIMENSIONS) {
        const path = foreign(world, dimension);
        if (path === undefined) continue;
        const other = bare(await ask(app, reader, path));
        expect([path, other]).toEqual([path, nothing]);
        expect([route, dimension, other.status]).toEqual([route, dimension, 404]);
      }
    }
  });

  it('shows no value of a foreign series', async () => {
    for (const device of DIMENSIONS.map((dimension) => `${markOf(dimension)}-device`))
      for (const query of ['', '?bucket=1h'])
        expect((await ask(app, reader, `/devices/${device}/observations${query}`)).status).toBe(404);
    const own = await ask(app, reader, '/devices/west-device/observations');
    expect(own.body.items).toHaveLength(1);
    // Not by a number of a series either, should somebody ever ask by it.
    const values = await base.database.query<{ id: number }>({
      text: `select id from series where device_id like '${MARK}%'`,
      values: [],
    });
    expect(values.length).toBe(DIMENSIONS.length);
  });

  it('leaves foreign things out of every layer of tiles', async () => {
    const tileOfWest = world.areaTile;
    for (const layer of LAYERS) {
      const answer = await ask(app, reader, `/tiles/${layer}/${tileOfWest}`);
      expect([layer, textOf(answer).includes(MARK)]).toEqual([layer, false]);
      const whole = await ask(app, app.token, `/tiles/${layer}/${tileOfWest}`);
      expect([layer, textOf(whole).includes(MARK)]).toEqual([layer, true]);
    }
  });

  it('shows an alert that was forwarded to the reader’s agency, and nothing more of where it lies', async () => {
    const text = `insert into alert_parties (alert_id, agency_id, since, forwarded_by)
      select $1, agency_id, now(), 'x' from devices where id = 'west-device'`;
    await base.database.query({ text, values: [world.alert.area] });
    try {
      expect((await ask(app, reader, `/alerts/${world.alert.area}`)).status).toBe(200);
      expect((await ask(app, reader, `/devices/${MARK}-device`)).status).toBe(404);
    } finally {
      await base.database.query({ text: 'update alert_parties set until = now()', values: [] });
    }
    expect((await ask(app, reader, `/alerts/${world.alert.area}`)).status).toBe(404);
  });

  it('guards every table that has a place in the scope model', async () => {
    const tables = await base.database.query<{ name: string; guarded: boolean; forced: boolean }>({
      text: `
        select c.relname as name, c.relrowsecurity as guarded, c.relforcerowsecurity as forced
        from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
          and exists (
            select 1 from pg_attribute a where a.attrelid = c.oid and not a.attisdropped and a.attname in
              ('area_id', 'agency_id', 'class', 'device_id', 'camera_id', 'unit_id', 'alert_id', 'series_id', 'dispatch_id'))
        order by 1`,
      values: [],
    });
    const open = tables.filter(({ guarded, forced }) => !guarded || !forced).map(({ name }) => name);
    const readable = await base.database.query<{ name: string }>({
      text: `select c.relname as name from pg_class c
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
               and not c.relrowsecurity and c.relname not in ('geometry_columns', 'geography_columns', 'spatial_ref_sys')
               and has_any_column_privilege('haidang_app', c.oid, 'select')
             order by 1`,
      values: [],
    });
    // Names of bodies, and how far the summaries reach: neither says anything about anybody's data.
    expect(readable.map(({ name }) => name)).toEqual(['agencies', 'summary_state']);
    // Without a policy and without a reason: name it in a migration with `second_wall(…)`, or here.
    expect(open.filter((name) => !Object.hasOwn(OPEN, name))).toEqual([]);
    expect(tables.length).toBeGreaterThan(12);
  });

  it('lets the role of the callers write nothing and read no secret', async () => {
    const as = (statement: string) =>
      base.database.transaction(async (tx) => {
        await tx.query({ text: 'set local role haidang_app', values: [] });
        await tx.query({ text: statement, values: [] });
      });
    for (const statement of [
      `update devices set name = 'x'`,
      'delete from alerts',
      `insert into grants (user_id, role) values ('x', 'admin')`,
      'truncate alert_events',
      'alter table devices disable row level security',
      'alter table devices disable trigger all',
      'select sealed from secrets',
      'select * from secrets',
      'select * from users',
      'select * from device_credentials',
      'select * from public.observations',
      'select * from public.observations_1h',
      'select * from public.summary_pending',
    ])
      await expect(as(statement), statement).rejects.toThrow();
  });

  it('does not start where the role cannot be had, unless told to, and then stands open', async () => {
    await asSuperuser('revoke haidang_app from owner_of_it');
    // Sealed with the key of the other data folder.
    await asSuperuser('delete from secrets');
    const again: TestBase = {
      ...base,
      database: await openPool({
        connection: { connectionString: base.url },
        max: 2,
        kind: 'postgres',
        logger: testLogger(),
      }),
    };
    try {
      const refused = await startTestApp({ on: again }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(AppError);
      expect((refused as AppError).code).toBe('config.invalid');
      expect((refused as AppError).message + (refused as AppError).detail).toContain(
        'grant haidang_app to owner_of_it',
      );
      const open = await startTestApp({ on: again, secondWall: 'warn' });
      try {
        const token = await signIn(open, 'reader');
        // Both walls down: what the tests above look for is there to be seen.
        expect(textOf(await ask(open, token, '/devices'))).toContain(MARK);
        expect(textOf(await ask(open, token, `/tiles/devices/${world.areaTile}`))).toContain(MARK);
      } finally {
        await open.close();
      }
    } finally {
      await asSuperuser('grant haidang_app to owner_of_it');
    }
  });
});
