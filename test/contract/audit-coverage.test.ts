import { generateSync } from 'otplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS } from '../../core/audit-actions.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { PERSON_PASSWORD } from '../support/people.ts';
import { postgresBin } from '../support/postgres.ts';
import { until } from '../support/wait.ts';
import { type Act, NO_ACT, newAccount, PERFORMED, type Performer, READS } from './audit-coverage-cases.ts';
import { createWorld } from './world.ts';

interface Listed {
  /** `METHOD /path/{id}` */
  name: string;
  method: string;
  audit: readonly string[];
}

interface Entry {
  action: string;
  actor_name: string;
  ip: string | null;
}

const HOW = 'see docs/audit.md, "How a service records an act", and test/contract/audit-coverage-cases.ts';

/**
 * Every route that writes is performed on the running product, and the trail is looked at: promises in a list count
 * for nothing.
 */
describe.skipIf(!postgresBin())('audit coverage, from the route table of the running product', () => {
  let app: TestApp;
  let stage: Performer;
  let routes: Listed[];

  beforeAll(async () => {
    app = await startTestApp({ roles: ['api', 'streams'] });
    const { body } = await app.call('GET', '/openapi.json');
    routes = Object.entries(body.paths as Record<string, Record<string, { 'x-audit'?: string[] }>>).flatMap(
      ([path, operations]) =>
        Object.entries(operations).map(([method, operation]) => ({
          name: `${method.toUpperCase()} ${path}`,
          method: method.toUpperCase(),
          audit: operation['x-audit'] ?? [],
        })),
    );
    const world = await createWorld(app);
    await app.database.query({
      text: `update quarantine set payload = $1, payload_bytes = 1 where device_id = 'west-device'`,
      values: [Buffer.from('{')],
    });
    stage = {
      world,
      async ask(method, path, body) {
        const answer = await app.call(method, path, { token: app.token, body });
        if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
        return answer.body;
      },
      async signIn(username) {
        const answer = await app.call('POST', '/auth/login', {
          body: { username, password: PERSON_PASSWORD },
        });
        if (answer.status !== 200) throw new Error(`${username}: ${JSON.stringify(answer.body)}`);
        const cookie = answer.headers
          .getSetCookie()
          .map((line) => line.split(';')[0])
          .join('; ');
        return { token: answer.body.accessToken, cookie };
      },
      call: (method, path, options) => app.call(method, path, options),
      async withTotp(username) {
        await stage.ask('POST', '/users', newAccount(username));
        const { token } = await stage.signIn(username);
        const { body } = await app.call('POST', '/me/totp/options', { token });
        return { token, ticket: body.ticket, code: generateSync({ secret: body.secret }) };
      },
    };
  });
  afterAll(async () => {
    await app?.close();
  });

  const writes = () => routes.filter(({ method }) => method !== 'GET');
  const declared = () => routes.filter(({ audit }) => audit.length > 0);

  it('knows every route that writes, or leaves an entry, and declares the acts of each', () => {
    const problems = new Set<string>();
    for (const { name } of [...writes(), ...declared()])
      if (!Object.hasOwn(PERFORMED, name) && !Object.hasOwn(READS, name) && !Object.hasOwn(NO_ACT, name))
        problems.add(`${name} is not named in audit-coverage-cases.ts: say how it is performed; ${HOW}`);
    for (const { name, audit } of writes())
      if (audit.length === 0 && !Object.hasOwn(NO_ACT, name))
        problems.add(`${name} declares no act: add audit: '…' to its route; ${HOW}`);
    for (const { name, audit } of declared())
      for (const action of audit)
        if (!Object.hasOwn(AUDIT_ACTIONS, action))
          problems.add(`${name}: ${action} is no act of core/audit-actions.ts`);
    const names = new Set(routes.map(({ name }) => name));
    for (const name of Object.keys({ ...PERFORMED, ...READS, ...NO_ACT }))
      if (!names.has(name))
        problems.add(`${name} is named in audit-coverage-cases.ts and is no route any more`);
    expect([...problems]).toEqual([]);
  });

  it.each([...Object.entries(PERFORMED), ...Object.entries(READS)])(
    '%s leaves an entry with the act, the person and the address',
    async (name, perform) => {
      const route = routes.find((each) => each.name === name);
      const act = await perform(stage);
      const { status, requestId, text } = await send(route?.method ?? '', act);
      expect({ name, status: status < 300 || status === act.refused, text }).toMatchObject({ status: true });
      const entries = await entriesOf(requestId);
      const seen = entries.map(({ action }) => action);
      // Whoever reads this: the route answered, and the trail has nothing of the request.
      expect({
        route: name,
        missing: seen.length === 0 ? `no entry of ${route?.audit.join(', ')}; ${HOW}` : null,
        undeclared: seen.filter((action) => !route?.audit.includes(action)),
      }).toEqual({ route: name, missing: null, undeclared: [] });
      expect(entries.every(({ actor_name, ip }) => actor_name !== '' && ip !== null)).toBe(true);
    },
  );

  it('leaves an entry of every reading of a restricted row, before it is handed out', async () => {
    const body = { id: 'quiet', name: 'Kín', type: 'salinity', position: [110.5, 10.5], class: 'restricted' };
    await stage.ask('POST', '/devices', body);
    for (const path of ['/devices/quiet', '/devices']) {
      const { requestId } = await send('GET', { path });
      expect([path, await entriesOf(requestId)]).toMatchObject([path, [{ action: 'restricted.read' }]]);
    }
  });

  const send = async (method: string, act: Act) => {
    const { path, body, raw, token = app.token, headers } = act;
    const answer = await app.call(method, path, {
      ...(token === '' ? {} : { token }),
      body: raw ?? body,
      headers: { ...(raw === undefined ? {} : { 'content-type': 'text/csv' }), ...headers },
    });
    return {
      status: answer.status,
      requestId: answer.headers.get('x-request-id') ?? '',
      text: answer.status < 300 ? '' : JSON.stringify(answer.body),
    };
  };

  /** What the request left; what is written in a transaction of its own may come a moment later. */
  const entriesOf = async (requestId: string): Promise<Entry[]> => {
    let entries: Entry[] = [];
    await until('an entry of the request', async () => {
      entries = await app.database.query<Entry>({
        text: 'select action, actor_name, ip from audit_log where request_id = $1',
        values: [requestId],
      });
      return entries.length > 0;
    }).catch(() => undefined);
    return entries;
  };
});
