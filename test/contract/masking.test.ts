import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Camera } from '../../core/api/cameras.ts';
import { MASKED } from '../../core/field-masks.ts';
import { type Caller, unlimited } from '../../core/permissions.ts';
import { itemsOf } from '../../server/live/items.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { PERSON_PASSWORD } from '../support/people.ts';
import { postgresBin } from '../support/postgres.ts';

const HOST = '10.20.30.40';

describe.skipIf(!postgresBin())('a field that is more guarded than its thing', () => {
  let app: TestApp;
  const tokens = new Map<string, string>();

  beforeAll(async () => {
    app = await startTestApp();
    const post = async (path: string, body: unknown) => {
      const answer = await app.call('POST', path, { token: app.token, body });
      if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    };
    await post('/cameras', {
      id: 'cam',
      name: 'Cầu',
      position: [110.5, 10.5],
      source: { kind: 'rtsp', url: `rtsp://${HOST}/live` },
    });
    for (const [username, role, maxClass] of [
      ['trong', 'viewer', 'internal'],
      ['kin', 'viewer', 'restricted'],
      ['ky.thuat', 'integrator', 'internal'],
    ]) {
      await post('/users', {
        username,
        displayName: username,
        password: PERSON_PASSWORD,
        grants: [{ role, maxClass }],
      });
      const { body } = await app.call('POST', '/auth/login', {
        body: { username, password: PERSON_PASSWORD },
      });
      tokens.set(username ?? '', body.accessToken);
    }
  });
  afterAll(async () => {
    await app?.close();
  });

  it.each([
    ['trong', MASKED],
    ['kin', `rtsp://${HOST}/live`],
    ['ky.thuat', `rtsp://${HOST}/live`],
  ])('shows %s the address of a camera as %s, in the list as alone', async (who, address) => {
    const token = tokens.get(who) ?? '';
    const { body: list } = await app.call('GET', '/cameras', { token });
    const { body: one } = await app.call('GET', '/cameras/cam', { token });
    expect([list.items[0].source.address, one.source.address]).toEqual([address, address]);
    const { body: found } = await app.call('GET', '/search?q=cau', { token });
    expect(JSON.stringify(found)).not.toContain(HOST);
  });

  it('pushes it only to those who may see it, and the rest to the others', async () => {
    const { body } = await app.call('GET', '/cameras/cam', { token: app.token });
    const camera = body as Camera;
    const reader = (maxClass: 'internal' | 'restricted'): Caller => ({
      ...unlimited('x'),
      grants: unlimited('x').grants.map((grant) => ({
        ...grant,
        maxClass,
        permissions: new Set(['cameras.read'] as const),
      })),
    });
    const pushed = (caller: Caller) =>
      [...itemsOf('camera.changed', camera)].filter((item) => item.isFor(caller)).map((item) => item.json());
    expect(pushed(reader('internal'))).toHaveLength(1);
    expect(pushed(reader('internal')).join()).not.toContain(HOST);
    expect(pushed(reader('restricted'))).toHaveLength(1);
    expect(pushed(reader('restricted')).join()).toContain(HOST);
    expect(pushed({ ...reader('restricted'), grants: [] })).toEqual([]);
  });

  it('keeps it out of the audit trail and the log', async () => {
    const rows = await app.database.query<{ after: object }>({
      text: `select after from audit_log where action = 'camera.create'`,
      values: [],
    });
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(HOST);
    expect(app.logLines.filter((line) => line.includes(HOST))).toEqual([]);
  });
});
