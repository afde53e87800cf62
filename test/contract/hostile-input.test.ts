import fc from 'fast-check';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../support/app.ts';
import { postgresBin } from '../support/postgres.ts';
import { type JsonSchema, placesIn, sampleOf, withPart } from '../support/schema-sample.ts';
import { BY_ID, SHARED, type World } from './authorisation-cases.ts';
import { createWorld } from './world.ts';

/** Many requests on a machine that does other things, too; nothing here says how fast they should be. */
const SLOW_MS = 600_000;
const SEED = 20261122;

interface Operation {
  /** `METHOD /path/{id}` */
  name: string;
  method: string;
  path: string;
  access: string;
  parameters: { name: string; in: 'path' | 'query'; schema: JsonSchema; required: boolean }[];
  body: JsonSchema | undefined;
}

/** Fragments of SQL that leave a trace wherever they are run, in any kind of quotes, at any place of a statement. */
const RUNS = "nextval('hostile_canary')";
const injection = fc
  .tuple(
    fc.constantFrom('', 'x', '1', 'west-device', '2026-11-22', 'salinity', 'Asia/Ho_Chi_Minh', 'time'),
    fc.constantFrom(
      "'",
      '"',
      "')",
      "'))",
      "']",
      '',
      "\\'",
      '$$',
      "'::text",
      "'}",
      '`',
      '\u02bc',
      '%27',
      '\0',
    ),
    fc.constantFrom(' or ', ' and ', '; select ', ' union select ', '||', ',', ' = ', ') or (', '/**/or/**/'),
    fc.constantFrom(
      RUNS,
      `(select ${RUNS})`,
      `${RUNS}::text`,
      `(case when true then ${RUNS} end)`,
      '1=1',
      'null',
      'version()',
      'desc',
    ),
    fc.constantFrom('', ' --', ';--', ' /*', "'", '"', ') --', "::text='", '\n--'),
  )
  .map((parts) => parts.join(''));
const RUN_ALONE = [
  RUNS,
  `(select ${RUNS})`,
  `time; select ${RUNS}`,
  `asc, ${RUNS}`,
  `areas' union select ${RUNS} --`,
  `UTC' || ${RUNS} || '`,
  "'; drop table devices; --",
  '{"$gt":""}',
  '%',
  '\\',
  '\ud800',
  "' or '1'='1",
];
const injections = (seed: number) => [...RUN_ALONE, ...fc.sample(injection, { numRuns: 6, seed })];

/** 503 is an answer, too: the database of a machine that does other things has no session free just now. */
const isBroken = (status: number) => status >= 500 && status !== 503;

describe.skipIf(!postgresBin())('hostile input, at every place of every route of the running product', () => {
  let app: TestApp;
  let world: World;
  let document: { paths: Record<string, Record<string, Record<string, unknown>>> };
  let operations: Operation[];

  beforeAll(async () => {
    app = await startTestApp();
    world = await createWorld(app);
    await app.database.query(sql`create sequence hostile_canary`);
    await app.database.query(sql`grant all on sequence hostile_canary to public`);
    document = (await app.call('GET', '/openapi.json')).body;
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        access: String(operation['x-access']),
        parameters: (operation.parameters ?? []) as Operation['parameters'],
        body: bodyOf(operation),
      })),
    );
  });
  afterAll(async () => {
    await app?.close();
  });

  const bodyOf = (operation: Record<string, unknown>) =>
    (operation.requestBody as { content: Record<string, { schema: JsonSchema }> } | undefined)?.content[
      'application/json'
    ]?.schema;
  const call = (method: string, path: string, body?: string) =>
    app.call(method, path, { token: app.token, ...(body === undefined ? {} : { body }) });
  /** An address under which the route finds something. */
  const pathOf = ({ name, path }: Operation) =>
    BY_ID[name]?.foreign(world, 'area') ?? SHARED[name]?.path(world) ?? path.replace(/\{[^}]+\}/g, '1');
  const canary = async () => {
    const [row] = await app.database.query<{ called: boolean }>(
      sql`select is_called as called from hostile_canary`,
    );
    return row?.called;
  };
  const rows = async () => {
    const [row] = await app.database.query<{ n: number }>(
      sql`select (select count(*) from devices) + (select count(*) from areas) + (select count(*) from alerts) as n`,
    );
    return Number(row?.n);
  };

  it(
    'is never run as SQL: not from a parameter, not from a cursor',
    async () => {
      const wrong: string[] = [];
      const before = await rows();
      for (const [n, operation] of operations.entries()) {
        if (operation.method !== 'GET') continue;
        for (const [m, parameter] of operation.parameters.entries()) {
          // What the parameter takes, and behind it what it should not: some checks look at the beginning only.
          const like = String(sampleOf(parameter.schema, document));
          const values = injections(SEED + n * 100 + m).map((text, k) => (k % 3 === 2 ? like + text : text));
          await Promise.all(
            values.map(async (value) => {
              const path = pathWith(operation, parameter, value);
              const { status } = await call('GET', path);
              if (isBroken(status)) wrong.push(`${status} ${path}`);
            }),
          );
          if (parameter.name !== 'cursor') continue;
          const keys = [
            ...injections(SEED + n).flatMap((text) => [[text], [1, text], [text, 1, 1]]),
            ...[1e300, 2 ** 53 - 1, 8.64e15, -(2 ** 31) - 1, 0.5].flatMap((key) => [
              [key],
              [key, key],
              ['x', key, key],
            ]),
          ];
          await Promise.all(
            keys.map(async (key) => {
              const cursor = Buffer.from(JSON.stringify(key)).toString('base64url');
              const { status } = await call('GET', pathWith(operation, parameter, cursor));
              if (isBroken(status)) wrong.push(`${status} ${operation.name} cursor ${JSON.stringify(key)}`);
            }),
          );
        }
      }
      expect(wrong).toEqual([]);
      expect(await canary()).toBe(false);
      expect(await rows()).toBe(before);
    },
    SLOW_MS,
  );

  const requiredOf = ({ parameters }: Operation, but: string) =>
    parameters
      .filter(({ in: place, required, name }) => place === 'query' && required && name !== but)
      .map(({ name, schema }) => `${name}=${encodeURIComponent(String(sampleOf(schema, document)))}&`)
      .join('');
  /** An address of the route with this value for one parameter. */
  const pathWith = (
    operation: Operation,
    { name, in: place }: Operation['parameters'][number],
    value: string,
  ) => {
    const encoded = encodeURIComponent(value.toWellFormed());
    if (place === 'query')
      return `${pathOf(operation)}?${requiredOf(operation, name)}${encodeURIComponent(name)}=${encoded}`;
    return operation.path
      .replace(`{${name}}`, encoded)
      .replace(/\{[^}]+\}/g, name === 'layer' ? '1' : 'areas');
  };

  it(
    'is never run as SQL from a body either, whatever text of it',
    async () => {
      const wrong: string[] = [];
      for (const [n, operation] of operations.entries()) {
        if (operation.body === undefined) continue;
        const sample = sampleOf(operation.body, document);
        // A third of the texts at each place, another third at the next.
        for (const [m, place] of placesIn(sample).texts.entries())
          for (const text of injections(SEED + n * 100 + m).filter((_, k) => k % 3 === m % 3)) {
            const body = JSON.stringify(withPart(sample, place, () => text));
            const { status } = await call(operation.method, pathOf(operation), body);
            if (isBroken(status)) wrong.push(`${status} ${operation.name} ${place.join('.')} ${text}`);
          }
      }
      expect(wrong).toEqual([]);
      expect(await canary()).toBe(false);
    },
    SLOW_MS,
  );

  it(
    'reaches no prototype from any object of any body',
    async () => {
      const wrong: string[] = [];
      for (const operation of operations) {
        if (operation.body === undefined) continue;
        const sample = sampleOf(operation.body, document);
        for (const place of placesIn(sample).objects)
          for (const key of ['"__proto__"', '"\\u005f_proto__"', '"constructor"', '"prototype"']) {
            const marked = JSON.stringify(
              withPart(sample, place, (part) => ({ ...(part as object), [MARKER]: 0 })),
            );
            const pollution = `${key}:{"polluted":"yes","prototype":{"polluted":"yes"}}`;
            const { status, body } = await call(
              operation.method,
              pathOf(operation),
              marked.replace(`"${MARKER}":0`, pollution),
            );
            if (isBroken(status)) wrong.push(`${status} ${operation.name} ${place.join('.')} ${key}`);
            if (key.includes('proto__') && status !== 400)
              wrong.push(
                `${operation.name} took ${key} at ${place.join('.')}: ${status} ${JSON.stringify(body)}`,
              );
          }
        for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
          for (const { name } of operation.parameters) {
            const { status } = await call(
              operation.method,
              `${pathOf(operation)}?${name}[${key}][polluted]=yes&${key}=${key}&${name}=${key}`,
              '{}',
            );
            if (isBroken(status)) wrong.push(`${status} ${operation.name}?${name}[${key}]`);
          }
      }
      expect(wrong).toEqual([]);
      // The product runs in this very process.
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      expect(([] as { polluted?: unknown }).polluted).toBeUndefined();
    },
    SLOW_MS,
  );

  it(
    'costs no stack and no memory by its depth, its width or its length',
    async () => {
      const wrong: string[] = [];
      const deep = (open: string, close: string) => open.repeat(60_000) + close.repeat(60_000);
      for (const operation of operations) {
        if (operation.body === undefined) continue;
        for (const body of [
          deep('[', ']'),
          deep('{"a":', '}').replace(':}', ':1}'),
          `{${Array.from({ length: 20_000 }, (_, n) => `"k${n}":1`).join(',')}}`,
          `{"name":"${'x'.repeat(200_000)}"}`,
          `[${'1e999,'.repeat(40_000)}1]`,
          `{"a":${'9'.repeat(200_000)}}`,
          '\ufeff{}',
          '{"a":"\\ud800"}',
        ]) {
          const { status } = await call(operation.method, pathOf(operation), body);
          if (isBroken(status) || status < 400)
            if (!(status < 400 && body.length < 50))
              wrong.push(`${status} ${operation.name} ${body.slice(0, 20)}`);
        }
      }
      expect(wrong).toEqual([]);
    },
    SLOW_MS,
  );
});

const MARKER = 'here-comes-the-key';
