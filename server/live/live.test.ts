import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { systemClock } from '../../core/clock.ts';
import type { LatestEvent } from '../../core/events.ts';
import { ANY_DATABASE } from '../../test/support/adapters.ts';
import { startApi, type TestApi } from '../../test/support/api.ts';
import { testLogger } from '../../test/support/logger.ts';
import { addPerson, createPeople, PERSON_PASSWORD, type People } from '../../test/support/people.ts';
import { SAMPLE_AREAS } from '../../test/support/sample-areas.ts';
import type { OpenDatabase } from '../db/index.ts';
import { createLive, type Live } from './index.ts';

const value = (deviceId: string, areaId: string | null): LatestEvent => ({
  deviceId,
  quantity: 'pm25',
  unit: 'ug/m3',
  timeMs: 1,
  value: 1,
  quality: 0,
  areaId,
  domain: null,
  agencyId: null,
  class: 'internal',
  position: null,
});

describe('the live socket over the network', () => {
  let database: OpenDatabase;
  let people: People;
  let live: Live;
  let api: TestApi;
  beforeAll(async () => {
    database = await ANY_DATABASE.open();
    people = await createPeople(database, systemClock);
    await people.areas.import(SAMPLE_AREAS, {});
    await addPerson(people.accounts, 'west', { role: 'viewer', areaIds: ['99001'] });
    await addPerson(people.accounts, 'leaver', { role: 'viewer' });
    live = createLive({
      bus: people.bus,
      clock: systemClock,
      logger: testLogger(),
      sessions: people.accounts.sessions,
      alerts: { eventsSince: async () => [], lastSeq: async () => 0 },
      allowedHosts: [],
    });
    await live.start();
    api = await startApi([...people.accounts.routes, ...live.routes], people.accounts.sessions);
    api.server.on('upgrade', (request, socket, head) => {
      if (!live.handleUpgrade(request, socket, head)) socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    });
  });
  afterAll(async () => {
    live?.stop();
    await api?.close();
    people?.close();
    await database?.close();
  });

  const signIn = async (username: string) => {
    const answer = await api.call('POST', '/auth/login', { body: { username, password: PERSON_PASSWORD } });
    return answer.body.accessToken as string;
  };
  const ticketFor = async (token: string) =>
    (await api.call('POST', '/live/ticket', { token })).body.ticket as string;
  /** An open socket with every frame it has got, or the HTTP status with which it was refused. */
  const connect = async (query: string, headers: Record<string, string> = {}, path = '/api/v1/live') => {
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}${path}${query}`, { headers });
    const frames: Record<string, unknown>[] = [];
    socket.on('message', (data) => frames.push(JSON.parse(String(data))));
    return await new Promise<{ socket: WebSocket; frames: typeof frames } | number>((resolve) => {
      socket.on('open', () => resolve({ socket, frames }));
      socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0);
        socket.terminate();
      });
      socket.on('error', () => undefined);
    });
  };
  const opened = async (query: string, headers?: Record<string, string>) => {
    const connection = await connect(query, headers);
    if (typeof connection === 'number') throw new Error(`refused with ${connection}`);
    return connection;
  };

  it('opens with a ticket, once, from the own page', async () => {
    const ticket = await ticketFor(await signIn('west'));
    const { socket, frames } = await opened(`?ticket=${ticket}`, { origin: api.url });
    await expect.poll(() => frames[0]?.type).toBe('hello');
    expect(await connect(`?ticket=${ticket}`)).toBe(401);
    socket.close();
  });

  it('opens with a bearer token for programs', async () => {
    const { socket, frames } = await opened('', { authorization: `Bearer ${await signIn('west')}` });
    await expect.poll(() => frames[0]?.type).toBe('hello');
    socket.close();
  });

  it('is refused without a credential, from foreign pages and hosts, and on other paths', async () => {
    const token = await signIn('west');
    expect(await connect('')).toBe(401);
    expect(await connect('?ticket=')).toBe(401);
    expect(await connect('?ticket=guess')).toBe(401);
    expect(await connect(`?ticket=${token}`)).toBe(401);
    expect(await connect('', { authorization: 'Bearer x' })).toBe(401);
    expect(await connect(`?ticket=${await ticketFor(token)}`, { origin: 'https://evil.example' })).toBe(403);
    expect(await connect(`?ticket=${await ticketFor(token)}`, { host: 'evil.example' })).toBe(403);
    expect(await connect(`?ticket=${await ticketFor(token)}`, {}, '/api/v1/other')).toBe(404);
  });

  it('carries only what the grants cover', async () => {
    const { socket, frames } = await opened(`?ticket=${await ticketFor(await signIn('west'))}`);
    socket.send(JSON.stringify({ type: 'subscribe', topics: ['latest'] }));
    await expect
      .poll(() => {
        people.bus.emit('latest.changed', [
          value('own', '99001'),
          value('foreign', '99002'),
          value('none', null),
        ]);
        return JSON.stringify(frames.filter((frame) => frame.type === 'event'));
      })
      .toContain('own');
    expect(JSON.stringify(frames)).not.toMatch(/foreign|none/);
    socket.close();
  });

  it('closes when its session is signed out, and its tickets open nothing any more', async () => {
    const token = await signIn('leaver');
    const [ticket, spare] = [await ticketFor(token), await ticketFor(token)];
    const { socket } = await opened(`?ticket=${ticket}`);
    const closed = once(socket, 'close');
    await api.call('POST', '/auth/logout', { token, headers: { 'x-requested-with': 'test' } });
    expect((await closed)[0]).toBe(4401);
    expect(await connect(`?ticket=${spare}`)).toBe(401);
  });

  it('closes on a message that is too large', async () => {
    const { socket } = await opened(`?ticket=${await ticketFor(await signIn('west'))}`);
    const closed = once(socket, 'close');
    socket.send('x'.repeat(20_000));
    expect((await closed)[0]).toBe(1009);
  });
});
