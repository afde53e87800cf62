import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { manualClock } from '../../core/clock.ts';
import { callersByToken, startApi, type TestApi } from '../../test/support/api.ts';
import { plainHttp, type Raw } from '../../test/support/plain-http.ts';
import { answerFile } from './file-answer.ts';
import { CONSOLE_POLICY, DATA_POLICY, DOCS_POLICY } from './headers.ts';
import { route } from './route.ts';

let taken = 0;
const ROUTES = [
  route({
    method: 'get',
    path: '/things/:id',
    summary: 'A thing',
    tag: 'test',
    access: 'public',
    params: z.object({ id: z.string() }),
    response: z.object({ id: z.string() }),
    handler: async ({ params }) => params,
  }),
  route({
    method: 'post',
    path: '/things',
    summary: 'Take a thing',
    tag: 'test',
    access: 'public',
    body: z.strictObject({ name: z.string() }),
    response: z.object({ name: z.string() }),
    async handler({ body }) {
      taken++;
      return body;
    },
  }),
  route({
    method: 'get',
    path: '/fails',
    summary: 'Breaks',
    tag: 'test',
    access: 'public',
    response: null,
    handler: () => Promise.reject(new Error('broken')),
  }),
  route({
    method: 'get',
    path: '/file',
    summary: 'A file with a name from outside',
    tag: 'test',
    access: 'public',
    query: z.object({ name: z.string() }),
    response: null,
    async handler({ query, res }) {
      answerFile(res, 'image/jpeg', query.name);
      res.end('x');
    },
  }),
];

describe('what the web server tells browsers', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi(ROUTES, callersByToken({}));
  });
  afterAll(() => api.close());

  const ask = (path: string, options: Parameters<typeof plainHttp>[2] = {}) =>
    plainHttp(api.url, path, options);
  const post = (body: string, headers: Record<string, string>) =>
    ask('/api/v1/things', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  const codeOf = async (answer: Promise<Raw>) =>
    (JSON.parse((await answer).body.toString()) as { code: string }).code;

  it('sends its policy with every answer, refusals too', async () => {
    for (const [path, policy, headers] of [
      ['/api/v1/things/a', DATA_POLICY],
      ['/api/v1/nothing', DATA_POLICY],
      ['/api/v1/fails', DATA_POLICY],
      ['/api/docs', DOCS_POLICY],
      ['/nothing', CONSOLE_POLICY],
      ['/', CONSOLE_POLICY, { host: 'evil.example' }],
    ] as const) {
      const answer = await ask(path, { headers });
      expect(answer.headers, path).toMatchObject({
        'content-security-policy': policy,
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('geolocation=()'),
      });
      for (const name of ['x-powered-by', 'strict-transport-security'])
        expect(answer.headers, path).not.toHaveProperty(name);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('allows no page anything but its own origin, and nothing inside the page', () => {
    const allowed = /^('none'|'self'|'script'|data:|blob:|default)$/;
    for (const policy of [CONSOLE_POLICY, DOCS_POLICY, DATA_POLICY]) {
      const directives = new Map(
        policy.split('; ').map((part) => {
          const [name = '', ...values] = part.split(' ');
          return [name, values];
        }),
      );
      expect([...directives.values()].flat().filter((value) => !allowed.test(value))).toEqual([]);
      expect(directives.get('frame-ancestors')).toEqual(["'none'"]);
      expect(directives.get('script-src') ?? directives.get('default-src')).not.toContain('data:');
    }
    expect(CONSOLE_POLICY).toMatch(/style-src-attr 'none'.*require-trusted-types-for 'script'/);
    expect(DATA_POLICY).toMatch(/^default-src 'none'.*sandbox$/);
  });

  it('asks browsers for TLS where there is TLS, and only there', async () => {
    const proxied = await startApi(ROUTES, callersByToken({}), {
      mount: (app) => void app.set('trust proxy', 1),
    });
    const header = async (proto: string) =>
      (
        await fetch(`${proxied.url}/api/v1/things/a`, { headers: { 'x-forwarded-proto': proto } })
      ).headers.get('strict-transport-security');
    expect(await header('https')).toBe('max-age=31536000; includeSubDomains');
    expect(await header('http')).toBeNull();
    await proxied.close();
  });

  it('changes nothing at the wish of a page of another origin', async () => {
    const body = JSON.stringify({ name: 'a' });
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: api.url.replace('http:', 'https:').replace(/:\d+$/, '') },
      { origin: `${api.url}.evil.example` },
      { 'sec-fetch-site': 'cross-site' },
    ] as Record<string, string>[])
      for (const authorization of ['Bearer viewer', ''])
        expect(await codeOf(post(body, { ...headers, authorization })), JSON.stringify(headers)).toBe(
          'auth.origin',
        );
    expect(taken).toBe(0);
    const own = { origin: api.url, 'sec-fetch-site': 'same-origin' };
    expect((await post(body, own)).status).toBe(200);
    // Reading is no change, and no other origin can read the answer.
    expect((await ask('/api/v1/things/a', { headers: { origin: 'https://evil.example' } })).status).toBe(200);
  });

  it('says in security.txt whom to tell of a weakness, when the settings name somebody', async () => {
    expect((await ask('/.well-known/security.txt')).status).toBe(404);
    const told = await startApi(ROUTES, callersByToken({}), {
      securityContact: {
        contacts: ['mailto:an-ninh@vi-du.vn', 'tel:+84-299-000-000'],
        policyUrl: 'https://vi-du.vn/bao-loi',
        clock: manualClock(Date.UTC(2026, 10, 22, 5)),
      },
    });
    const answer = await fetch(`${told.url}/.well-known/security.txt`);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await answer.text()).toBe(
      'Contact: mailto:an-ninh@vi-du.vn\nContact: tel:+84-299-000-000\nExpires: 2027-02-20T00:00:00.000Z\n' +
        'Preferred-Languages: vi, en\nPolicy: https://vi-du.vn/bao-loi\n',
    );
    await told.close();
  });

  it('offers what is no page of ours as a file with its own name', async () => {
    for (const [name, said] of [
      ['cam-1.jpg', 'attachment; filename=cam-1.jpg'],
      ['a"; filename="b.html', 'attachment; filename="a\\"; filename=\\"b.html"'],
      ['../../x.jpg', 'attachment; filename=.._.._x.jpg'],
      ['a\r\nSet-Cookie: b=c', 'attachment; filename="a__Set-Cookie_ b=c"'],
      ['ảnh.jpg', `attachment; filename="?nh.jpg"; filename*=UTF-8''%E1%BA%A3nh.jpg`],
    ] as const) {
      const { headers } = await ask(`/api/v1/file?name=${encodeURIComponent(name)}`);
      expect(headers, name).toMatchObject({
        'content-disposition': said,
        'content-type': 'image/jpeg',
        'content-security-policy': DATA_POLICY,
        'x-content-type-options': 'nosniff',
      });
      expect(headers).not.toHaveProperty('set-cookie');
    }
  });
});
