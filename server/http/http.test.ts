import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Problem, Slug } from '../../core/api/common.ts';
import { AppError } from '../../core/errors.ts';
import { startApi, type TestApi } from '../../test/support/api.ts';
import { testLogger } from '../../test/support/logger.ts';
import { plainHttp, type Raw } from '../../test/support/plain-http.ts';
import { callerWith } from '../../test/support/seed.ts';
import { openApi } from './openapi.ts';
import { route } from './route.ts';

const Thing = z.strictObject({
  name: z.string().max(1000),
  more: z.record(z.string(), z.unknown()).optional(),
});
let handled: unknown[] = [];

const ROUTES = [
  route({
    method: 'get',
    path: '/things/:id',
    summary: 'A thing',
    tag: 'test',
    access: 'public',
    params: z.object({ id: Slug }),
    query: z.object({ limit: z.coerce.number().int().min(1).max(10).default(5) }),
    response: z.object({ id: z.string(), limit: z.number(), text: z.string() }),
    handler: async ({ params, query }) => ({ ...params, ...query, text: 'Cửa Biển '.repeat(500) }),
  }),
  route({
    method: 'post',
    path: '/things',
    summary: 'Take a thing',
    tag: 'test',
    access: 'public',
    body: Thing,
    bodyLimit: 2000,
    response: z.object({ name: z.string() }),
    async handler({ body }) {
      handled.push(body);
      return { name: body.name };
    },
  }),
  route({
    method: 'post',
    path: '/empty',
    summary: 'Needs nothing in its body',
    tag: 'test',
    access: 'authenticated',
    body: z.strictObject({ note: z.string().optional() }),
    response: null,
    async handler({ body }) {
      handled.push(body);
    },
  }),
  route({
    method: 'post',
    path: '/raw',
    summary: 'Takes bytes',
    tag: 'test',
    access: 'public',
    rawBody: true,
    bodyLimit: 100,
    response: z.object({ bytes: z.number() }),
    handler: async ({ body }) => ({ bytes: (body as unknown as Buffer).length }),
  }),
  route({
    method: 'get',
    path: '/fails',
    summary: 'Breaks',
    tag: 'test',
    access: 'public',
    response: null,
    handler: () => Promise.reject(new Error('the password is hunter2')),
  }),
  route({
    method: 'get',
    path: '/away',
    summary: 'Is away for now',
    tag: 'test',
    access: 'public',
    response: null,
    handler: () => Promise.reject(new AppError('db.unavailable')),
  }),
  route({
    method: 'get',
    path: '/rules-only',
    summary: 'Needs a permission',
    tag: 'test',
    access: 'rules.write',
    response: z.object({}),
    handler: async () => ({}),
  }),
];

describe('the web server', () => {
  const lines: string[] = [];
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi(
      ROUTES,
      {
        async authenticate(token) {
          if (token === 'admin' || token === 'viewer') return callerWith(token);
          throw new AppError('auth.expired');
        },
      },
      { allowedHosts: ['ioc.tinhmau.vn'], logger: testLogger(lines) },
    );
  });
  afterAll(() => api.close());

  const ask = (path: string, options: Parameters<typeof plainHttp>[2] = {}) => {
    handled = [];
    return plainHttp(api.url, path, options);
  };
  const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    ask(path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  const problemOf = ({ headers, body }: Raw) => {
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    const problem = Problem.strict().parse(JSON.parse(body.toString()));
    expect(problem.requestId).toBe(headers['x-request-id']);
    expect(problem.type).toBe(`https://haidang.invalid/errors/${problem.code}`);
    return problem;
  };

  it('is reached only under names that it knows', async () => {
    for (const host of [
      'localhost',
      'LOCALHOST:8080',
      '127.0.0.1:1',
      '[::1]:8080',
      'ioc.tinhmau.vn',
      'ioc.tinhmau.vn:443',
    ])
      expect((await ask('/api/v1/things/a', { headers: { host } })).status, host).toBe(200);
    for (const host of [
      'evil.example',
      '127.0.0.1.evil.example',
      'ioc.tinhmau.vn.evil.example',
      'localhost@evil.example',
      '10.0.0.1',
    ]) {
      const refused = await ask('/api/v1/things/a', { headers: { host } });
      expect(problemOf(refused), host).toMatchObject({ status: 403, code: 'auth.origin' });
    }
    const unnamed = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1', () =>
        socket.write('GET /api/v1/things/a HTTP/1.0\r\n\r\n'),
      );
      let text = '';
      socket.on('data', (part) => {
        text += part;
      });
      socket.on('end', () => resolve(text)).on('error', reject);
    });
    expect(unnamed).toMatch(/^HTTP\/1\.1 400 /);
    // What a proxy says of the host is not what the guard goes by.
    const forwarded = await ask('/api/v1/things/a', {
      headers: { host: 'evil.example', 'x-forwarded-host': 'localhost' },
    });
    expect(forwarded.status).toBe(403);
  });

  it('numbers every request itself', async () => {
    const mine = { 'x-request-id': 'forged\u00a0id' };
    const [one, two] = [await ask('/api/v1/things/a', { headers: mine }), await ask('/api/v1/things/a')];
    expect(one.headers['x-request-id']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(one.headers['x-request-id']).not.toBe(two.headers['x-request-id']);
  });

  it('lets nobody keep an answer that does not say it may be kept', async () => {
    expect((await ask('/api/v1/things/a')).headers['cache-control']).toBe('no-store');
    expect((await ask('/api/v1/nothing')).headers['cache-control']).toBe('no-store');
    expect((await ask('/api/v1/openapi.json')).headers['cache-control']).toBe('no-cache');
  });

  it('answers in problem+json wherever nothing is', async () => {
    for (const path of [
      '/api/v1/nothing',
      '/api/v1/',
      '/api/v2/things',
      '/nothing.js',
      '/assets/gone.js',
      '/api/v1/things/a/b',
      '/api/docs/index.html',
      '/api/docs/swagger-initializer.js',
      '/api/docs/..%2f..%2fapp.ts',
    ])
      expect(problemOf(await ask(path)), path).toMatchObject({ status: 404, code: 'request.not_found' });
  });

  it('refuses addresses and queries that are not valid, naming the field', async () => {
    for (const path of [
      '/api/v1/things/%E0%A4%A',
      '/api/v1/things/a%00b',
      '/api/v1/things/a%2e%2e%2fb',
      '/api/v1/things/a?limit=11',
      '/api/v1/things/a?limit=1&limit=2',
      '/api/v1/things/a?limit[x]=1&limit=x',
    ])
      expect(problemOf(await ask(path)), path).toMatchObject({ status: 400, code: 'request.invalid' });
    expect(problemOf(await ask('/api/v1/things/a?limit=0')).detail).toMatch(/^query\.limit: /);
  });

  it('shows nothing of an unexpected error, and says when to try again', async () => {
    const failed = await ask('/api/v1/fails');
    expect(problemOf(failed)).toMatchObject({ status: 500, code: 'internal', title: 'Internal error' });
    expect(failed.body.toString()).not.toMatch(/hunter2|Error:|\.ts/);
    const away = await ask('/api/v1/away');
    expect(problemOf(away)).toMatchObject({ status: 503, code: 'db.unavailable' });
    expect(away.headers['retry-after']).toBe('2');
  });

  it('asks who is there, and for the permission', async () => {
    const as = (authorization: string) => ask('/api/v1/rules-only', { headers: { authorization } });
    const nobody = await ask('/api/v1/rules-only');
    expect(problemOf(nobody)).toMatchObject({ status: 401, code: 'auth.required' });
    expect(nobody.headers['www-authenticate']).toBe('Bearer');
    expect(problemOf(await as('Basic YTpi')).status).toBe(401);
    expect(problemOf(await as('Bearer old'))).toMatchObject({ status: 401, code: 'auth.expired' });
    expect(problemOf(await as('Bearer viewer'))).toMatchObject({ status: 403, code: 'auth.forbidden' });
    expect((await as('Bearer admin')).status).toBe(200);
  });

  it('writes down who was refused what, and from where', async () => {
    lines.splice(0);
    const ofViewer = { authorization: 'Bearer viewer' };
    await ask('/api/v1/rules-only', { headers: ofViewer });
    await ask('/api/v1/things/a', { headers: { host: 'evil.example' } });
    // Not to have signed in yet, or no longer to be, is no attempt at anything.
    await ask('/api/v1/rules-only');
    await ask('/api/v1/rules-only', { headers: { authorization: 'Bearer old' } });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^warn refused .*"code":"auth.forbidden","method":"GET","path":"\/api\/v1\/rules-only","user":"viewer","ip":"127.0.0.1"/,
    );
    expect(lines[1]).toMatch(/^warn refused .*"code":"auth.origin"/);
  });

  it('refuses bodies that are no JSON object of the right form', async () => {
    for (const body of ['{', '{"name": "a"', '"text"', 'null', '[]', '{"name": 1}', '{}', '', '\ufeff{'])
      expect(problemOf(await post('/api/v1/things', body)), body).toMatchObject({
        status: 400,
        code: 'request.invalid',
      });
    // Deep nesting is refused as such, not by a broken stack behind; so is a key that says two things.
    const nested = (levels: number) => `{"name":"a","more":{"x":${'['.repeat(levels)}${']'.repeat(levels)}}}`;
    expect((await post('/api/v1/things', nested(30))).status).toBe(200);
    for (const body of [nested(31), nested(900), '{"name":"a","name":"b"}'])
      expect(problemOf(await post('/api/v1/things', body)), body).toMatchObject({
        status: 400,
        code: 'request.invalid',
      });
    const invalid = Buffer.from([0x7b, 0x22, 0x6e, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
    expect(problemOf(await post('/api/v1/things', invalid)).status).toBe(400);
  });

  it('refuses bodies that are too large, whether they say so or not', async () => {
    const large = JSON.stringify({ name: 'x'.repeat(2001) });
    expect(problemOf(await post('/api/v1/things', large))).toMatchObject({
      status: 413,
      code: 'request.too_large',
    });
    const chunked = await post('/api/v1/things', large, { 'transfer-encoding': 'chunked' });
    expect(problemOf(chunked).status).toBe(413);
    expect(handled).toEqual([]);
    expect(problemOf(await post('/api/v1/raw', Buffer.alloc(101))).status).toBe(413);
    expect((await post('/api/v1/raw', Buffer.alloc(100))).status).toBe(200);
  });

  it('takes only JSON, in no encoding: neither a form of a foreign page nor a bomb', async () => {
    const signedIn = { authorization: 'Bearer viewer' };
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/xml',
    ]) {
      const refused = await post('/api/v1/empty', '{}', { ...signedIn, 'content-type': type });
      expect(problemOf(refused), type).toMatchObject({ status: 415, code: 'request.unsupported' });
      expect(handled).toEqual([]);
    }
    for (const type of ['application/json', 'application/json; charset=utf-8', 'application/geo+json'])
      expect((await post('/api/v1/empty', '{}', { ...signedIn, 'content-type': type })).status, type).toBe(
        204,
      );
    // No body at all is an empty one.
    expect((await ask('/api/v1/empty', { method: 'POST', headers: signedIn })).status).toBe(204);
    for (const encoding of ['gzip', 'deflate', 'br', 'nonsense'])
      expect(problemOf(await post('/api/v1/things', 'x', { 'content-encoding': encoding })).status).toBe(415);
    const charset = await post('/api/v1/things', '{}', {
      'content-type': 'application/json; charset=klingon',
    });
    expect(problemOf(charset).status).toBe(415);
  });

  it('lets no key of a body reach the prototype of anything', async () => {
    for (const body of [
      '{"name":"a","__proto__":{"polluted":true}}',
      '{"name":"a","\\u005f_proto\\u005F_":{"polluted":true}}',
      '{"name":"a","constructor":{"prototype":{"polluted":true}}}',
      '{"name":"a","prototype":{"polluted":true}}',
      '{"name":"a","more":{"__proto__":{"polluted":true}}}',
      '{"name":"a","more":{"x":[{"__proto__":{"polluted":true}}]}}',
    ])
      expect(problemOf(await post('/api/v1/things', body)), body).toMatchObject({
        status: 400,
        code: 'request.invalid',
      });
    expect(handled).toEqual([]);
    await ask('/api/v1/things/a?__proto__[polluted]=true&constructor[prototype][polluted]=true&__proto__=1');
    for (const object of [{}, [], () => 1])
      expect((object as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('answers HEAD like GET without the body, OPTIONS with what there is, and 405 to the rest', async () => {
    // TRACE would show a page the headers that it may not see.
    expect((await ask('/api/v1/things/a', { method: 'TRACE', headers: { cookie: 'a=b' } })).status).toBe(405);
    expect((await ask('/', { method: 'TRACE', headers: { cookie: 'a=b' } })).status).toBe(404);
    const get = await ask('/api/v1/things/a');
    const head = await ask('/api/v1/things/a', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.body.length).toBe(0);
    expect(head.headers.etag).toBe(get.headers.etag);
    expect(head.headers['content-length']).toBe(String(get.body.length));

    const options = await ask('/api/v1/things/a', { method: 'OPTIONS' });
    expect([options.status, options.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS']);
    // What a browser asks before a request from another origin: nothing is allowed.
    const preflight = await ask('/api/v1/things', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.allow).toBe('POST, OPTIONS');
    expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);

    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND']) {
      const refused = await ask('/api/v1/things/a', { method });
      expect(problemOf(refused), method).toMatchObject({ status: 405, code: 'request.method' });
      expect(refused.headers.allow).toBe('GET, HEAD, OPTIONS');
    }
    expect((await ask('/api/v1/nothing', { method: 'OPTIONS' })).status).toBe(404);
  });

  it('compresses what gains by it, for those who can read it', async () => {
    const plain = await ask('/api/v1/things/a');
    const zipped = await ask('/api/v1/things/a', { headers: { 'accept-encoding': 'gzip' } });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(zipped.headers.vary).toMatch(/Accept-Encoding/);
    expect(zipped.body.length).toBeLessThan(plain.body.length / 10);
    expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true);
    expect(
      (await ask('/api/v1/nothing', { headers: { 'accept-encoding': 'gzip' } })).headers,
    ).not.toHaveProperty('content-encoding');
  });

  it('answers 304 to who has the same already', async () => {
    const { headers } = await ask('/api/v1/openapi.json');
    const again = await ask('/api/v1/openapi.json', { headers: { 'if-none-match': headers.etag ?? '' } });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  it('describes itself: every route, its parameters, its body and who may call it', async () => {
    const document = JSON.parse((await ask('/api/v1/openapi.json')).body.toString());
    expect(document).toEqual(
      JSON.parse(JSON.stringify(openApi(ROUTES, { title: 'Hải Đăng', version: '0.0.0' }))),
    );
    expect(document.paths['/things/{id}'].get).toMatchObject({
      'x-access': 'public',
      security: [],
      parameters: [
        { name: 'id', in: 'path', required: true },
        { name: 'limit', in: 'query', required: false },
      ],
      responses: { 200: {}, default: {} },
    });
    expect(document.paths['/rules-only'].get).toMatchObject({
      'x-access': 'rules.write',
      security: [{ bearer: [] }],
    });
  });
});
