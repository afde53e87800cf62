import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERMISSIONS, type Permission } from '../../core/permissions.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import type { Answer } from '../support/call.ts';
import { PERSON_PASSWORD } from '../support/people.ts';
import { postgresBin } from '../support/postgres.ts';
import { ROLE_BOOK } from '../support/roles.ts';
import { BY_ID, DEVICE, LISTS, MARK, PUBLIC, SHARED, type World, WRITES } from './authorisation-cases.ts';
import { createWorld } from './world.ts';

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
      await addPerson(`west-${role}`, role, ['99001']);
      await addPerson(`whole-${role}`, role, null);
    }
  });
  afterAll(async () => {
    await app?.close();
  });

  const addPerson = async (username: string, role: string, areaIds: string[] | null) => {
    await app.call('POST', '/users', {
      token: app.token,
      body: { username, displayName: username, password: PERSON_PASSWORD, grants: [{ role, areaIds }] },
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

  it('says of an id out of scope exactly what it says of one that does not exist', async () => {
    const wrong: unknown[] = [];
    for (const route of routes) {
      const known = BY_ID[route.name];
      if (!known) continue;
      for (const role of ROLES.filter(
        (each) => route.access === 'authenticated' || has(each, route.access as Permission),
      )) {
        const call = { token: as(`west-${role}`), body: known.body };
        const foreign = await app.call(route.method, known.foreign(world), call);
        const missing = await app.call(route.method, known.missing, call);
        const same = JSON.stringify(bare(foreign)) === JSON.stringify(bare(missing));
        if (foreign.status !== 404 || !same) wrong.push([route.name, role, bare(foreign), bare(missing)]);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('knows the foreign ids, so that the test above has teeth', async () => {
    const unknown: unknown[] = [];
    for (const route of routes.filter(({ method }) => method === 'GET')) {
      const known = BY_ID[route.name];
      if (!known) continue;
      const answer = await app.call('GET', known.foreign(world), { token: app.token });
      // Without cameras and pictures there is nothing to show, but the thing itself is found.
      if (![200, 204, 503].includes(answer.status) && !/snapshot/.test(route.name))
        unknown.push([route.name, bare(answer)]);
    }
    expect(unknown).toEqual([]);
  });

  it('shows nothing of the other commune in any list, count or search', async () => {
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
        devices: { total: 2 },
        cameras: { total: 2 },
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
    expect(sum(whole)).toBe(2 * sum(west));
    expect(sum(west)).toBeGreaterThan(0);
  });

  it('leaves the other commune out of every layer of tiles', async () => {
    if (!routes.some(({ name }) => name === 'GET /tiles/{layer}/{z}/{x}/{y}.mvt')) return;
    for (const layer of ['areas', 'devices', 'cameras', 'units', 'alerts']) {
      const tile = (username: string) =>
        app.call('GET', `/tiles/${layer}/${world.areaTile}`, { token: as(username) });
      expect([layer, textOf(await tile('whole-viewer')).includes(MARK)]).toEqual([layer, true]);
      expect([layer, textOf(await tile('west-viewer')).includes(MARK)]).toEqual([layer, false]);
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
