import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrantInput } from '../../core/api/auth.ts';
import { manualClock } from '../../core/clock.ts';
import type { EventMap } from '../../core/events.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { startApi, type TestApi } from '../../test/support/api.ts';
import { ADMIN_PASSWORD, createPeople, type People } from '../../test/support/people.ts';
import type { OpenDatabase } from '../db/index.ts';

describe.each(DATABASE_ADAPTERS)('API keys of machines, on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    let database: OpenDatabase;
    let people: People;
    let api: TestApi;
    let admin: string;
    let serviceId: string;
    const clock = manualClock(Date.parse('2026-11-22T08:00:00+07:00'));
    const ended: EventMap['user.revoked'][] = [];

    beforeAll(async () => {
      database = await open();
      people = await createPeople(database, clock);
      people.bus.on('test', 'user.revoked', (event) => ended.push(event));
      api = await startApi(people.accounts.routes, people.accounts.sessions, { clock });
      await signInAgain();
      // As the owner of the machine: over the API it takes a written request (server/account-requests).
      const user = await people.accounts.users.create({
        username: 'lgsp',
        displayName: 'Trục LGSP',
        kind: 'service',
        grants: [GrantInput.parse({ role: 'admin' })],
      });
      expect(user.password).toBeUndefined();
      serviceId = user.id;
    });
    afterAll(async () => {
      await api?.close();
      people?.close();
      await database?.close();
    });

    const signInAgain = async () => {
      const body = { username: 'admin', password: ADMIN_PASSWORD };
      admin = (await api.call('POST', '/auth/login', { body })).body.accessToken;
    };
    const make = async (more: object = {}): Promise<{ id: string; key: string }> => {
      const body = { name: 'LGSP', days: 30, ...more };
      const answer = await api.call('POST', `/users/${serviceId}/keys`, { token: admin, body });
      expect(answer.status).toBe(201);
      return answer.body;
    };
    /** What a carried-out request does to the account. */
    const change = async (patch: Parameters<People['accounts']['users']['update']>[1]) =>
      people.accounts.users.update(serviceId, patch, await people.accounts.sessions.authenticate(admin));
    const ask = async (key: string, path = '/users') => (await api.call('GET', path, { token: key })).status;

    it('show their secret once and keep only its hash', async () => {
      const { id, key } = await make();
      expect(key).toMatch(/^hdk_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/);
      const list = await api.call('GET', `/users/${serviceId}/keys`, { token: admin });
      expect(JSON.stringify(list.body)).not.toContain(key.split('_').at(-1));
      const [stored] = await database.query<{ text: string }>({
        text: 'select row_to_json(k)::text as text from api_keys k where id = $1',
        values: [id],
      });
      expect(stored?.text).not.toContain(key.slice(21));
      expect(await ask(key)).toBe(200);
      for (const wrong of [
        `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`,
        'hdk_',
        key.slice(0, 30),
        `${key}x`,
      ])
        expect(await ask(wrong)).toBe(401);
    });

    it('do less than their account where they are limited, and never more', async () => {
      const reader = await make({ permissions: ['users.read'] });
      expect(await ask(reader.key)).toBe(200);
      const write = await api.call('PATCH', `/users/${serviceId}`, {
        token: reader.key,
        body: { displayName: 'X' },
      });
      expect([write.status, write.body.code]).toEqual([403, 'auth.forbidden']);
      const me = await api.call('GET', '/me', { token: reader.key });
      expect(me.body.permissions).toEqual(['users.read']);

      const foreign = await api.call('POST', `/users/${serviceId}/keys`, {
        token: admin,
        body: { name: 'X', days: 1, grantIds: [99_999] },
      });
      expect(foreign.status).toBe(400);
      // What the account loses, its keys lose.
      const whole = await make();
      const grants = (role: string) => change({ grants: [GrantInput.parse({ role })] });
      await grants('viewer');
      await expect.poll(() => ask(whole.key), { timeout: 30_000 }).toBe(403);
      await grants('admin');
      await expect.poll(() => ask(whole.key), { timeout: 30_000 }).toBe(200);
    });

    it('are no person: they prove nothing, so acts that ask for a proof refuse them', async () => {
      const { key } = await make();
      const answer = await api.call('POST', `/users/${serviceId}/keys`, {
        token: key,
        body: { name: 'X', days: 1 },
      });
      expect([answer.status, answer.body.code]).toEqual([403, 'auth.step_up']);
    });

    it('work from their networks only', async () => {
      expect(await ask((await make({ networks: ['127.0.0.0/8'] })).key)).toBe(200);
      expect(await ask((await make({ networks: ['10.0.0.0/8', '2001:db8::/32'] })).key)).toBe(401);
    });

    it('end at once when they are revoked, their account is locked, or their time is over', async () => {
      const gone = await make();
      expect(await ask(gone.key)).toBe(200);
      ended.length = 0;
      const path = `/users/${serviceId}/keys/${gone.id}`;
      expect((await api.call('DELETE', path, { token: admin })).status).toBe(204);
      // Sockets hear of it.
      expect(ended).toEqual([{ userId: serviceId, sessionId: `key:${gone.id}` }]);
      expect(await ask(gone.key)).toBe(401);
      expect((await api.call('DELETE', path, { token: admin })).status).toBe(404);

      const late = await make({ days: 1 });
      expect(await ask(late.key)).toBe(200);
      clock.advance(86_400_000);
      await signInAgain();
      expect(await ask(late.key)).toBe(401);

      const locked = await make();
      expect(await ask(locked.key)).toBe(200);
      await change({ status: 'locked' });
      await expect.poll(() => ask(locked.key), { timeout: 30_000 }).toBe(401);
    });

    it('are for machines only, and machines sign in by no password', async () => {
      const { body } = await api.call('GET', '/users', { token: admin });
      const person = body.items.find((user: { kind: string }) => user.kind === 'person');
      const answer = await api.call('POST', `/users/${person.id}/keys`, {
        token: admin,
        body: { name: 'X', days: 1 },
      });
      expect(answer.status).toBe(409);
      const login = await api.call('POST', '/auth/login', { body: { username: 'lgsp', password: '' } });
      expect(login.status).toBe(400);
      const guess = await api.call('POST', '/auth/login', { body: { username: 'lgsp', password: 'x' } });
      expect(guess.status).toBe(401);
    });
  });
});
