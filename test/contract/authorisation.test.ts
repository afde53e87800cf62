import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { PERMISSIONS, type Permission } from '../../core/permissions.ts';
import { LETTER } from '../support/account-requests.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import type { Answer } from '../support/call.ts';
import { PERSON_PASSWORD } from '../support/people.ts';
import { postgresBin } from '../support/postgres.ts';
import { watchQuestions } from '../support/questions.ts';
import { ROLE_BOOK } from '../support/roles.ts';
import {
  BY_ID,
  DEVICE,
  DIMENSIONS,
  LISTS,
  MARK,
  markOf,
  OUTSIDE,
  PUBLIC,
  SHARED,
  type World,
  WRITES,
} from './authorisation-cases.ts';
import { createWorld, FOREIGN, WEST } from './world.ts';

interface Listed {
  /** `METHOD /path/{id}` */
  name: string;
  method: string;
  path: string;
  access: 'public' | 'authenticated' | 'device' | Permission;
}

/** A JSON Schema, as far as it is looked at here. */
interface Json {
  $ref?: string;
  anyOf?: Json[];
  oneOf?: Json[];
  additionalProperties?: unknown;
}

const ROLES = [...ROLE_BOOK.keys()];
const has = (role: string, permission: Permission) =>
  ROLE_BOOK.get(role)?.permissions.has(permission) ?? false;

const TABLES = { PUBLIC, DEVICE, BY_ID, SHARED, LISTS, WRITES };

describe.skipIf(!postgresBin())('authorisation, from the route table of the running product', () => {
  let app: TestApp;
  let world: World;
  let routes: Listed[];
  /** One person per role with a grant for the western commune, and one who sees the whole centre. */
  const tokens = new Map<string, string>();

  const watch = watchQuestions();

  beforeAll(async () => {
    app = await startTestApp();
    world = await createWorld(app);
    const { body } = await app.call('GET', '/openapi.json');
    routes = Object.entries(
      body.paths as Record<string, Record<string, { 'x-access': Listed['access'] }>>,
    ).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        access: operation['x-access'],
      })),
    );
    for (const role of ROLES) {
      await addPerson(`west-${role}`, {
        role,
        areaIds: [WEST.areaId],
        agencies: [WEST.agencyId],
        domains: [WEST.domain],
        maxClass: WEST.class,
      });
      await addPerson(`whole-${role}`, { role, maxClass: 'restricted' });
    }
  });
  afterAll(async () => {
    watch.stop();
    await app?.close();
  });

  const addPerson = async (username: string, grant: object) => {
    await app.call('POST', '/users', {
      token: app.token,
      body: { username, displayName: username, password: PERSON_PASSWORD, grants: [grant] },
    });
    const { body } = await app.call('POST', '/auth/login', { body: { username, password: PERSON_PASSWORD } });
    tokens.set(username, body.accessToken);
  };
  const as = (username: string) => tokens.get(username) ?? '';
  /** An address of the route, for calls that must be refused before anything is looked up. */
  const anyPath = ({ path }: Listed) => path.replace(/\{[^}]+\}/g, '1');
  const bare = ({ status, body }: Answer) => ({ status, body: { ...body, requestId: undefined } });
  const textOf = (answer: Answer) =>
    answer.body instanceof ArrayBuffer
      ? Buffer.from(answer.body).toString('latin1')
      : JSON.stringify(answer.body);

  it('names every route in exactly one table of cases', () => {
    const misplaced = routes
      .map(({ name }) => ({
        name,
        tables: Object.entries(TABLES).flatMap(([table, cases]) =>
          Object.hasOwn(cases, name) ? [table] : [],
        ),
      }))
      .filter(({ tables }) => tables.length !== 1);
    expect(misplaced).toEqual([]);
    const wrongAccess = routes.filter(
      ({ name, access }) =>
        (access === 'public') !== Object.hasOwn(PUBLIC, name) ||
        (access === 'device') !== Object.hasOwn(DEVICE, name),
    );
    expect(wrongAccess).toEqual([]);
    const known: readonly string[] = [...PERMISSIONS, 'public', 'authenticated', 'device'];
    expect(routes.filter(({ access }) => !known.includes(access))).toEqual([]);
  });

  it('knows every other address that is answered, and why', () => {
    const { otherAddresses } = app.app;
    expect(otherAddresses.filter((known) => !OUTSIDE.some(({ address }) => address.test(known)))).toEqual([]);
    // The two sockets are among them: the list is that of the running product.
    expect(otherAddresses.filter((known) => known.startsWith('WS '))).toHaveLength(2);
  });

  it('opens no socket without a ticket, with a wrong one, or with the ticket of another socket', async () => {
    const ticket = (await app.call('POST', '/live/ticket', { token: as('whole-admin') })).body.ticket;
    const answers = await Promise.all(
      [
        '/api/v1/live',
        '/api/v1/live?ticket=guess',
        '/media/west-camera.flv',
        '/media/west-camera.flv?ticket=guess',
        `/media/west-camera.flv?ticket=${ticket}`,
        '/media/west-camera/../../etc/passwd.flv',
        '/other',
      ].map((path) => upgradeStatus(`${app.url}${path}`)),
    );
    expect(answers.map((status) => status === 101)).toEqual(answers.map(() => false));
    expect(answers.slice(0, 2)).toEqual([401, 401]);
  });

  it('answers 401 on every route that is not public, without a token and with a wrong one', async () => {
    const wrong: string[] = [];
    for (const route of routes.filter(({ access }) => access !== 'public')) {
      const basic = `Basic ${Buffer.from('west-device:guess').toString('base64')}`;
      for (const headers of [
        {},
        { authorization: 'Bearer x.y.z' },
        { authorization: basic },
        { authorization: 'Bearer ' },
      ]) {
        const answer = await app.call(route.method, anyPath(route), {
          headers: headers as Record<string, string>,
        });
        if (answer.status !== 401) wrong.push(`${route.name} ${JSON.stringify(headers)} ${answer.status}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('answers 403 to every role that lacks the permission, whatever its area', async () => {
    const wrong: string[] = [];
    for (const route of routes) {
      for (const role of ROLES) {
        const { access } = route;
        if (access === 'public' || access === 'authenticated' || access === 'device') continue;
        if (has(role, access)) continue;
        for (const place of ['west', 'whole']) {
          const answer = await app.call(route.method, anyPath(route), { token: as(`${place}-${role}`) });
          if (answer.status !== 403 || answer.body.code !== 'auth.forbidden')
            wrong.push(`${route.name} ${place}-${role} ${answer.status}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('says of an id out of scope exactly what it says of one that does not exist, asking the database the same', async () => {
    const wrong: unknown[] = [];
    for (const route of routes) {
      const known = BY_ID[route.name];
      if (!known) continue;
      for (const role of ROLES.filter(
        (each) => route.access === 'authenticated' || has(each, route.access as Permission),
      )) {
        const call = { token: as(`west-${role}`), body: known.body };
        // The first call of a session reads who it is.
        await app.call('GET', '/me', { token: call.token });
        const ask = (path: string) =>
          watch.during((headers) => app.call(route.method, path, { ...call, headers }));
        // What a route keeps in memory of a caller it has after the first call, whatever that asks for.
        await ask(known.missing);
        const missing = await ask(known.missing);
        for (const dimension of DIMENSIONS) {
          const path = known.foreign(world, dimension);
          if (path === undefined) continue;
          const foreign = await ask(path);
          const same = JSON.stringify(bare(foreign.result)) === JSON.stringify(bare(missing.result));
          if (foreign.result.status !== 404 || !same)
            wrong.push([route.name, role, dimension, bare(foreign.result), bare(missing.result)]);
          if (JSON.stringify(foreign.questions) !== JSON.stringify(missing.questions))
            wrong.push([route.name, role, dimension, foreign.questions, missing.questions]);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('knows the foreign ids, so that the test above has teeth', async () => {
    const unknown: unknown[] = [];
    for (const route of routes.filter(({ method }) => method === 'GET')) {
      for (const dimension of DIMENSIONS) {
        const path = BY_ID[route.name]?.foreign(world, dimension);
        if (path === undefined) continue;
        const answer = await app.call('GET', path, { token: app.token });
        // Without cameras and pictures there is nothing to show, but the thing itself is found.
        if (![200, 204, 503].includes(answer.status) && !/snapshot/.test(route.name))
          unknown.push([route.name, dimension, bare(answer)]);
      }
    }
    expect(unknown).toEqual([]);
  });

  it('shows nothing foreign in any list, count or search', async () => {
    const leaks: string[] = [];
    const blind: string[] = [];
    for (const route of routes.filter(({ name }) => Object.hasOwn(LISTS, name))) {
      const { queries, marked } = LISTS[route.name] as { queries: string[]; marked: boolean };
      for (const query of queries) {
        for (const role of ROLES) {
          const answer = await app.call('GET', `${route.path}${query}`, { token: as(`west-${role}`) });
          if (textOf(answer).includes(MARK)) leaks.push(`${route.name}${query} ${role}`);
          if (answer.status >= 500) leaks.push(`${route.name}${query} ${role} failed: ${textOf(answer)}`);
        }
      }
      const whole = await Promise.all(
        queries.map((query) => app.call('GET', `${route.path}${query}`, { token: as('whole-admin') })),
      );
      if (marked && !whole.some((answer) => textOf(answer).includes(MARK))) blind.push(route.name);
    }
    expect({ leaks, blind }).toEqual({ leaks: [], blind: [] });
  });

  it('counts only what it shows', async () => {
    const count = async (username: string, path: string) =>
      (await app.call('GET', path, { token: as(username) })).body;
    if (routes.some(({ name }) => name === 'GET /system')) {
      expect(await count('west-operator', '/system')).toMatchObject({
        devices: { total: 1 },
        cameras: { total: 1 },
      });
      expect(await count('whole-operator', '/system')).toMatchObject({
        devices: { total: 5 },
        cameras: { total: 5 },
      });
    }
    const sum = (value: unknown): number =>
      typeof value === 'number'
        ? value
        : Object.values((value as object | null) ?? {}).reduce((a: number, b) => a + sum(b), 0);
    const [west, whole] = [
      await count('west-viewer', '/alerts/counts'),
      await count('whole-viewer', '/alerts/counts'),
    ];
    expect(sum(whole)).toBe(5 * sum(west));
    expect(sum(west)).toBeGreaterThan(0);
  });

  it('leaves what is foreign out of every layer of tiles', async () => {
    if (!routes.some(({ name }) => name === 'GET /tiles/{layer}/{z}/{x}/{y}.mvt')) return;
    for (const layer of ['areas', 'devices', 'cameras', 'units', 'alerts']) {
      const tile = (username: string, address: string) =>
        app.call('GET', `/tiles/${layer}/${address}`, { token: as(username) });
      const marked = [];
      for (const username of ['whole-viewer', 'west-viewer'])
        for (const address of [world.areaTile, world.westTile])
          marked.push(textOf(await tile(username, address)).includes(MARK));
      // Of areas only the eastern one is marked, and its edge shows in the western tile.
      expect([layer, marked]).toEqual([layer, [true, layer === 'areas' ? marked[1] : true, false, false]]);
    }
  });

  it('lets nobody make or change anything outside their grants', async () => {
    const wrong: unknown[] = [];
    for (const route of routes) {
      const known = WRITES[route.name];
      if (!known || known.ends === 'own') continue;
      const token = as('west-admin');
      const body = known.raw ?? known.body?.(world);
      const headers = known.raw === undefined ? undefined : { 'content-type': 'text/csv' };
      const answer = await app.call(route.method, route.path, {
        token,
        body,
        ...(headers ? { headers } : {}),
      });
      if (known.ends === 'row') {
        if (answer.body.rejected !== 1) wrong.push([route.name, bare(answer)]);
      } else if (answer.status !== known.ends) wrong.push([route.name, bare(answer)]);
    }
    const ask = async (path: string, body: object, status: number) => {
      const answer = await app.call('POST', path, { token: as('west-admin'), body });
      if (answer.status !== status) wrong.push([path, body, bare(answer)]);
    };
    for (const dimension of DIMENSIONS) {
      const { areaId, ...place } = FOREIGN[dimension];
      const position = [areaId === '99002' ? 111.5 : 110.5, 10.5];
      await ask('/devices', { name: 'X', type: 'salinity', position, ...place }, 403);
      await ask(
        '/cameras',
        { name: 'X', position, source: { kind: 'test-pattern', scene: 'road' }, ...place },
        403,
      );
      const grant = { agencies: [place.agencyId], domains: [place.domain], maxClass: place.class };
      await ask(
        '/account-requests',
        {
          ...LETTER,
          action: 'grant',
          username: 'neu',
          displayName: 'X',
          grants: [{ role: 'viewer', areaIds: [areaId], ...grant }],
        },
        403,
      );
      await ask('/dispatches', { alertId: world.alert[dimension], unitId: 'west-unit' }, 404);
      if (dimension === 'domain') continue;
      await ask(
        '/units',
        { name: 'X', callSign: 'X1', kind: 'ambulance', areaId, ...place, domain: undefined },
        403,
      );
      await ask('/dispatches', { alertId: world.alert.west, unitId: `${markOf(dimension)}-unit` }, 404);
    }
    for (const [method, path, body] of [
      ['PATCH', '/rules/whole', { name: 'X' }],
      ['POST', '/rules/whole/activate', undefined],
    ] as const) {
      const answer = await app.call(method, path, { token: as('west-admin'), body });
      if (answer.status !== 403) wrong.push([method, path, bare(answer)]);
    }
    expect(wrong).toEqual([]);
  });

  it('lets a device speak with its own credential and for itself only', async () => {
    for (const route of routes.filter(({ name }) => Object.hasOwn(DEVICE, name))) {
      const known = DEVICE[route.name] as { path: string; foreign: string };
      const credential = (await app.call('POST', '/devices/west-device/credential', { token: app.token }))
        .body;
      const authorization = `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`;
      const send = (path: string) =>
        app.call(route.method, path, { headers: { authorization }, body: { values: { salinity: 1 } } });
      expect((await send(known.path)).status).toBeLessThan(300);
      const foreign = await send(known.foreign);
      expect([403, 404]).toContain(foreign.status);
      expect((await app.call(route.method, known.path, { token: as('whole-admin') })).status).toBe(401);
      expect((await app.call('GET', '/me', { headers: { authorization } })).status).toBe(401);
    }
  });

  it('has bodies that name every field they take, so that nothing can be smuggled in', async () => {
    const { body } = await app.call('GET', '/openapi.json');
    const loose: string[] = [];
    const isStrict = (schema: Json): boolean => {
      if (schema.$ref !== undefined)
        return isStrict(body.components.schemas[schema.$ref.split('/').at(-1) ?? '']);
      const choices = schema.anyOf ?? schema.oneOf;
      return choices ? choices.every(isStrict) : schema.additionalProperties === false;
    };
    for (const { method, path, name } of routes) {
      const schema = body.paths[path][method.toLowerCase()].requestBody?.content['application/json']?.schema;
      if (schema && name !== 'POST /areas' && !isStrict(schema)) loose.push(name);
    }
    expect(loose).toEqual([]);
  });
});

/** What a server answers to the wish to open a WebSocket. */
function upgradeStatus(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'));
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', reject);
  });
}
