import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { LETTER, PNG } from '../support/account-requests.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { PERSON_PASSWORD } from '../support/people.ts';
import { postgresBin } from '../support/postgres.ts';
import { until } from '../support/wait.ts';

const NEXT_PASSWORD = 'bến-đò.chiều-mưa-91';

/** Everything somebody can have open: it must all be over soon after the account act, whatever the act was. */
interface Opened {
  userId: string;
  accessToken: string;
  cookie: string;
  live: WebSocket;
  video: WebSocket;
  /** Got but not used yet. */
  liveTicket: string;
  videoUrl: string;
}

describe.skipIf(!postgresBin())('locking, revoking, cutting a role and changing a password', () => {
  let app: TestApp;
  let decider: string;
  const sockets: WebSocket[] = [];
  let people = 0;

  beforeAll(async () => {
    app = await startTestApp({ roles: ['api', 'streams'] });
    await must('POST', '/cameras', app.token, {
      id: 'cam',
      name: 'Cam',
      position: [110.5, 10.5],
      source: { kind: 'test-pattern', scene: 'road' },
    });
    await must('POST', '/users', app.token, account('decider', [{ role: 'admin', maxClass: 'restricted' }]));
    decider = (await signIn('decider')).accessToken;
  });
  afterAll(async () => {
    for (const socket of sockets) socket.terminate();
    await app?.close();
  });

  const account = (username: string, grants: object[]) => ({
    username,
    displayName: username,
    password: PERSON_PASSWORD,
    grants,
  });
  const must = async (method: string, path: string, token: string, body?: unknown) => {
    const answer = await app.call(method, path, { token, body });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const signIn = async (username: string) => {
    const { body, headers } = await app.call('POST', '/auth/login', {
      body: { username, password: PERSON_PASSWORD },
    });
    const cookie = headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    return { accessToken: body.accessToken as string, cookie };
  };
  const socket = async (path: string) => {
    const opened = new WebSocket(app.url.replace('http', 'ws') + path);
    sockets.push(opened);
    opened.on('error', () => undefined);
    await once(opened, 'open');
    return opened;
  };
  const open = async (): Promise<Opened> => {
    const username = `nguoi${++people}`;
    const { id } = await must('POST', '/users', app.token, account(username, [{ role: 'operator' }]));
    const { accessToken, cookie } = await signIn(username);
    const ticket = async () => (await must('POST', '/live/ticket', accessToken)).ticket as string;
    const play = async () => (await must('POST', '/cameras/cam/play', accessToken)).flvUrl as string;
    return {
      userId: id,
      accessToken,
      cookie,
      live: await socket(`/api/v1/live?ticket=${await ticket()}`),
      video: await socket(await play()),
      liveTicket: await ticket(),
      videoUrl: await play(),
    };
  };
  /** Files a request as the local operator, takes it through every step; somebody else decides. */
  const onRequest = async (asked: object) => {
    const { id } = await must('POST', '/account-requests', app.token, { ...LETTER, ...asked });
    await must('POST', `/account-requests/${id}/scans`, app.token, PNG);
    await must('POST', `/account-requests/${id}/check`, app.token, {});
    await must('POST', `/account-requests/${id}/approve`, decider, {});
    await must('POST', `/account-requests/${id}/execute`, app.token, {});
  };
  const isClosed = ({ readyState }: WebSocket) => readyState === WebSocket.CLOSED;
  const refused = (path: string) =>
    new Promise<boolean>((resolve) => {
      const late = new WebSocket(app.url.replace('http', 'ws') + path);
      sockets.push(late);
      late.on('open', () => resolve(false));
      late.on('error', () => resolve(true));
      late.on('close', () => resolve(true));
    });

  const over = async (opened: Opened) => {
    await until('the live socket to close', () => isClosed(opened.live));
    await until('the video to close', () => isClosed(opened.video));
    const me = await app.call('GET', '/me', { token: opened.accessToken });
    expect([me.status, me.body.code]).toEqual([401, 'auth.expired']);
    const refresh = await app.call('POST', '/auth/refresh', {
      headers: { cookie: opened.cookie, 'x-requested-with': 'test' },
    });
    expect(refresh.status).toBe(401);
    expect(await refused(opened.videoUrl)).toBe(true);
    expect(await refused(`/api/v1/live?ticket=${opened.liveTicket}`)).toBe(true);
  };

  it.each([
    [
      'the emergency lock',
      (userId: string) => must('POST', `/users/${userId}/emergency-lock`, app.token, { reason: 'thử' }),
    ],
    ['a lock on request', (userId: string) => onRequest({ action: 'lock', userId })],
    ['revoking', (userId: string) => onRequest({ action: 'revoke', userId })],
    [
      'cutting a role',
      (userId: string) => onRequest({ action: 'change', userId, grants: [{ role: 'field_responder' }] }),
    ],
  ] as const)('%s ends sessions, sockets, tickets, cookies and video', async (_name, act) => {
    const opened = await open();
    await act(opened.userId);
    await over(opened);
  });

  it('a changed password ends everything of the other sessions, and leaves the own one', async () => {
    const opened = await open();
    const here = (await signIn(`nguoi${people}`)).accessToken;
    await must('POST', '/me/password', here, { current: PERSON_PASSWORD, next: NEXT_PASSWORD });
    await over(opened);
    expect((await app.call('GET', '/me', { token: here })).status).toBe(200);
  });

  it('a lock ends the API keys of a machine, and what runs with them', async () => {
    const made = await must('POST', '/users', app.token, {
      username: 'may',
      displayName: 'may',
      kind: 'service',
      grants: [{ role: 'api_client' }],
    });
    const { key } = await must('POST', `/users/${made.id}/keys`, app.token, { name: 'thử', days: 30 });
    expect((await app.call('GET', '/devices', { token: key })).status).toBe(200);
    await must('POST', `/users/${made.id}/emergency-lock`, app.token, { reason: 'thử' });
    await until(
      'the key to be refused',
      async () => (await app.call('GET', '/devices', { token: key })).status === 401,
    );
  });

  it('ends all of it too when another process has written the lock', async () => {
    const opened = await open();
    await app.database.query({
      text: `update users set status = 'locked' where id = $1`,
      values: [opened.userId],
    });
    await over(opened);
  });
});
