import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserCreate } from '../../core/api/auth.ts';
import { manualClock } from '../../core/clock.ts';
import type { EventMap } from '../../core/events.ts';
import { unlimited } from '../../core/permissions.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { type Answer, startApi, type TestApi } from '../../test/support/api.ts';
import { testLogger } from '../../test/support/logger.ts';
import {
  ADMIN_PASSWORD,
  addPerson,
  createPeople,
  PERSON_PASSWORD,
  type People,
} from '../../test/support/people.ts';
import type { OpenDatabase } from '../db/index.ts';
import { makeFirstUser } from './bootstrap.ts';
import { createPasswords } from './passwords.ts';
import { SignInSettings, signInPolicy } from './policy.ts';

/** Token of whoever owns the machine: account acts without a request are theirs alone. */
const MACHINE = 'machine';
const OWN_PAGE = { 'x-requested-with': 'haidang' };

describe.each(DATABASE_ADAPTERS)('accounts on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    let database: OpenDatabase;
    let people: People;
    let api: TestApi;
    const clock = manualClock(Date.parse('2026-11-22T08:00:00+07:00'));
    const revoked: EventMap['user.revoked'][] = [];
    beforeAll(async () => {
      database = await open();
      people = await createPeople(database, clock);
      people.bus.on('test', 'user.revoked', (event) => revoked.push(event));
      const { sessions } = people.accounts;
      const machineToo = {
        authenticate: async (token: string, facts: Parameters<typeof sessions.authenticate>[1]) =>
          token === MACHINE
            ? unlimited('haidang-cli', { provedUntilMs: Number.POSITIVE_INFINITY })
            : sessions.authenticate(token, facts),
      };
      api = await startApi(people.accounts.routes, machineToo, { clock });
    });
    afterAll(async () => {
      await api?.close();
      people?.close();
      await database?.close();
    });

    const refreshCookie = (answer: Answer) =>
      answer.headers.getSetCookie().find((each) => each.includes('haidang_refresh=')) ?? '';
    const cookieOf = (answer: Answer) => refreshCookie(answer).split(';')[0] ?? '';
    const login = async (username: string, password: string) => {
      const answer = await api.call('POST', '/auth/login', { body: { username, password } });
      return { answer, token: answer.body.accessToken as string, cookie: cookieOf(answer) };
    };
    const refresh = (cookie: string, headers: Record<string, string> = OWN_PAGE) =>
      api.call('POST', '/auth/refresh', { headers: { ...headers, cookie } });
    const me = async (token: string) => {
      const answer = await api.call('GET', '/me', { token });
      return answer.status === 200 ? answer.body.username : answer.body.code;
    };

    it('signs the first administrator in, with a cookie that scripts and other sites cannot use', async () => {
      const { answer, token } = await login('admin', ADMIN_PASSWORD);
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({ accessToken: token, expiresIn: 600 });
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const cookie = refreshCookie(answer);
      for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/api/v1/auth']) expect(cookie).toContain(part);
      expect(cookie).not.toContain('Secure');
      const secure = await api.call('POST', '/auth/login', {
        body: { username: ' Admin ', password: ADMIN_PASSWORD },
        headers: { 'x-forwarded-proto': 'https' },
      });
      const ofHost = secure.headers.getSetCookie().find((each) => each.startsWith('__Host-haidang_refresh='));
      for (const part of ['; Secure', 'Path=/;', 'HttpOnly', 'SameSite=Strict'])
        expect(ofHost).toContain(part);
      expect(ofHost).not.toContain('Domain');
      const who = await api.call('GET', '/me', { token });
      expect(who.body).toMatchObject({
        username: 'admin',
        grants: [{ role: 'admin', areaIds: null, domains: null }],
      });
      expect(who.body.permissions).toContain('users.write');
    });

    it('says the same to a wrong password, an unknown user and a locked account', async () => {
      const id = await addPerson(people.accounts, 'locked', { role: 'viewer' });
      await api.call('PATCH', `/users/${id}`, { token: MACHINE, body: { status: 'locked' } });
      const answers = await Promise.all([
        login('admin', 'wrong-wrong-wrong'),
        login('nobody', 'wrong-wrong-wrong'),
        login('locked', PERSON_PASSWORD),
      ]);
      for (const { answer } of answers) {
        expect(answer.status).toBe(401);
        expect({ ...answer.body, requestId: '' }).toEqual({ ...answers[0]?.answer.body, requestId: '' });
      }
    });

    it('stops guessing after five failures, also when they come at once', async () => {
      await addPerson(people.accounts, 'guessed', { role: 'viewer' });
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, n) => login('guessed', `wrong-wrong-wrong-${n}`)),
      );
      const statuses = answers.map(({ answer }) => answer.status).sort();
      expect(statuses).toEqual([...Array(5).fill(401), ...Array(7).fill(429)]);
      expect((await login('guessed', PERSON_PASSWORD)).answer.status).toBe(429);
      clock.advance(11 * 3600_000);
      expect((await login('guessed', PERSON_PASSWORD)).answer.status).toBe(429);
      clock.advance(3600_000);
      expect((await login('guessed', PERSON_PASSWORD)).answer.status).toBe(200);
    });

    it('trades each refresh cookie once; a second use closes the session at once', async () => {
      const first = await login('admin', ADMIN_PASSWORD);
      const second = await refresh(first.cookie);
      expect(second.status).toBe(200);
      expect(cookieOf(second)).not.toBe(first.cookie);
      expect(await me(second.body.accessToken)).toBe('admin');
      revoked.length = 0;
      const reused = await refresh(first.cookie);
      expect([reused.status, reused.body.code]).toEqual([401, 'auth.reused']);
      expect(cookieOf(reused)).toBe('haidang_refresh=');
      expect(revoked.length).toBe(1);
      expect(await me(second.body.accessToken)).toBe('auth.expired');
      expect((await refresh(cookieOf(second))).body.code).toBe('auth.expired');
    });

    it('lets exactly one of many racing refreshes win', async () => {
      const { cookie } = await login('admin', ADMIN_PASSWORD);
      const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(cookie)));
      expect(answers.filter((answer) => answer.status === 200).length).toBe(1);
    });

    it('takes the refresh cookie only from its own page, and nothing else for it', async () => {
      const { cookie, token } = await login('admin', ADMIN_PASSWORD);
      expect((await refresh(cookie, {})).body.code).toBe('auth.origin');
      expect((await refresh(cookie, { origin: 'https://evil.example' })).body.code).toBe('auth.origin');
      expect((await refresh(cookie, { origin: 'null' })).body.code).toBe('auth.origin');
      expect(
        (
          await api.call('POST', '/auth/login', {
            body: { username: 'a', password: 'b' },
            headers: { origin: 'https://evil.example' },
          })
        ).body.code,
      ).toBe('auth.origin');
      expect((await refresh(`haidang_refresh=${token}`)).body.code).toBe('auth.required');
      expect(await me(cookie.split('=')[1] ?? '')).toBe('auth.required');
      expect((await refresh(cookie, { origin: api.url })).status).toBe(200);
    });

    it('ends a session after a night without use, and after a week in any case', async () => {
      const idle = await login('admin', ADMIN_PASSWORD);
      let { cookie } = await login('admin', ADMIN_PASSWORD);
      const started = clock.now();
      clock.advance(11 * 3600_000);
      cookie = cookieOf(await refresh(cookie));
      clock.advance(3600_000);
      expect((await refresh(idle.cookie)).body.code).toBe('auth.expired');
      for (;;) {
        clock.advance(10 * 3600_000);
        const answer = await refresh(cookie);
        if (answer.status !== 200) break;
        cookie = cookieOf(answer);
      }
      expect(clock.now() - started).toBeGreaterThan(6.5 * 86_400_000);
      expect(clock.now() - started).toBeLessThan(7.5 * 86_400_000);
    });

    it('signs out: the tokens of the session are worth nothing from then on', async () => {
      const { cookie, token } = await login('admin', ADMIN_PASSWORD);
      expect((await api.call('POST', '/auth/logout', { headers: { cookie } })).body.code).toBe('auth.origin');
      const answer = await api.call('POST', '/auth/logout', { headers: { ...OWN_PAGE, cookie } });
      expect([answer.status, cookieOf(answer)]).toEqual([204, 'haidang_refresh=']);
      expect(await me(token)).toBe('auth.expired');
      expect((await refresh(cookie)).body.code).toBe('auth.expired');
    });

    it('makes accounts, with a generated password shown once, and refuses names and passwords that do not do', async () => {
      const { token } = await login('admin', ADMIN_PASSWORD);
      const grants = [{ role: 'operator' }];
      const post = (body: unknown) => api.call('POST', '/users', { token: MACHINE, body });
      const made = await post({ username: 'lan', displayName: 'Lan', grants });
      expect(made.status).toBe(201);
      expect((await login('lan', made.body.password)).answer.status).toBe(200);
      const listed = await api.call('GET', '/users', { token });
      expect(JSON.stringify(listed.body)).not.toContain(made.body.password);
      expect(JSON.stringify(listed.body)).not.toContain('argon2');
      const bad: [unknown, number][] = [
        [{ username: 'lan', displayName: 'Lan', grants }, 409],
        [{ username: 'Lan Anh', displayName: 'Lan', grants }, 400],
        [{ username: 'anh', displayName: 'Anh', grants: [] }, 400],
        [{ username: 'anh', displayName: 'Anh', grants: [{ role: 'root' }] }, 400],
        [{ username: 'anh', displayName: 'Anh', grants, password: 'password-2026' }, 400],
        [{ username: 'anh', displayName: 'Anh', grants, isAdmin: true }, 400],
        [{ username: 'anh', displayName: 'Anh', grants: [{ role: 'viewer', areaIds: ['nowhere'] }] }, 400],
        [{ username: 'anh', displayName: 'Anh', grants: [{ role: 'viewer', areaIds: [] }] }, 400],
      ];
      for (const [body, status] of bad)
        expect([JSON.stringify(body), (await post(body)).status]).toEqual([JSON.stringify(body), status]);
    });

    it('lists accounts page by page', async () => {
      const { token } = await login('admin', ADMIN_PASSWORD);
      const names: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const answer = await api.call('GET', `/users?limit=2${cursor ? `&cursor=${cursor}` : ''}`, { token });
        names.push(...answer.body.items.map((user: { username: string }) => user.username));
        cursor = answer.body.nextCursor;
      }
      expect(names).toEqual([...names].sort());
      expect(names).toContain('admin');
      expect(new Set(names).size).toBe(names.length);
    });

    it('locks an account: its sessions end at once; unlocking does not bring them back', async () => {
      const id = await addPerson(people.accounts, 'minh', { role: 'operator' });
      const minh = await login('minh', PERSON_PASSWORD);
      expect(await me(minh.token)).toBe('minh');
      revoked.length = 0;
      expect(
        (await api.call('PATCH', `/users/${id}`, { token: MACHINE, body: { status: 'locked' } })).body.status,
      ).toBe('locked');
      expect(revoked).toEqual([{ userId: id, sessionId: expect.any(String) }]);
      expect(await me(minh.token)).toBe('auth.expired');
      await api.call('PATCH', `/users/${id}`, { token: MACHINE, body: { status: 'active' } });
      expect(await me(minh.token)).toBe('auth.expired');
      expect((await refresh(minh.cookie)).body.code).toBe('auth.expired');
      expect((await login('minh', PERSON_PASSWORD)).answer.status).toBe(200);
    });

    it('notices within five seconds what another process did to an account', async () => {
      const id = await addPerson(people.accounts, 'binh', { role: 'viewer' });
      const { token } = await login('binh', PERSON_PASSWORD);
      expect(await me(token)).toBe('binh');
      revoked.length = 0;
      await database.query({ text: `update users set status = 'locked' where id = $1`, values: [id] });
      const ended = new Promise<void>((resolve) => people.bus.on('wait', 'user.revoked', () => resolve()));
      clock.advance(5000);
      await ended;
      people.bus.off('wait');
      expect(revoked.map((event) => event.userId)).toEqual([id]);
      expect(await me(token)).toBe('auth.expired');
    });

    it('applies changed and ended grants to sessions that are open', async () => {
      const id = await addPerson(people.accounts, 'hoa', { role: 'viewer' });
      const { token } = await login('hoa', PERSON_PASSWORD);
      const permissions = async () => (await api.call('GET', '/me', { token })).body.permissions as string[];
      expect(await permissions()).not.toContain('alerts.operate');
      await database.query({ text: `update grants set role = 'operator' where user_id = $1`, values: [id] });
      clock.advance(4000);
      await expect.poll(permissions).toContain('alerts.operate');
      await database.query({
        text: `update grants set valid_to = $2 where user_id = $1 and valid_to is null`,
        values: [id, new Date(clock.now() + 60_000)],
      });
      clock.advance(4000);
      await expect
        .poll(async () => (await api.call('GET', '/me', { token })).body.grants[0]?.validTo)
        .not.toBeNull();
      expect(await permissions()).toContain('alerts.operate');
      clock.advance(60_000);
      await expect.poll(permissions).toEqual([]);
    });

    it('changes a password: the other sessions end, this one goes on', async () => {
      await addPerson(people.accounts, 'thu', { role: 'viewer' });
      const [here, elsewhere] = [await login('thu', PERSON_PASSWORD), await login('thu', PERSON_PASSWORD)];
      const change = (current: string, next: string) =>
        api.call('POST', '/me/password', { token: here.token, body: { current, next } });
      expect((await change('wrong-wrong-wrong', 'cầu-Cần-Thơ.bắc-2010')).body.code).toBe(
        'auth.proof_invalid',
      );
      expect((await change(PERSON_PASSWORD, 'matkhau-2026-thu')).status).toBe(400);
      expect((await change(PERSON_PASSWORD, 'cầu-Cần-Thơ.bắc-2010')).status).toBe(204);
      expect([await me(here.token), await me(elsewhere.token)]).toEqual(['thu', 'auth.expired']);
      expect((await login('thu', PERSON_PASSWORD)).answer.status).toBe(401);
      expect((await login('thu', 'cầu-Cần-Thơ.bắc-2010')).answer.status).toBe(200);
    });

    it('gives nobody more than the giver holds, and does not leave the centre without an administrator', async () => {
      await people.areas.import(
        {
          type: 'FeatureCollection',
          features: ['99', '99001', '99002'].map((code, n) => ({
            type: 'Feature',
            properties: { code, name: code },
            geometry: {
              type: 'Polygon',
              coordinates: [n === 0 ? square(110, 2) : square(109 + n, 1)],
            },
          })),
        },
        {},
      );
      await addPerson(people.accounts, 'local', { role: 'admin', areaIds: ['99001'] });
      const outsider = await addPerson(people.accounts, 'outsider', { role: 'viewer', areaIds: ['99002'] });
      const { token } = await login('local', PERSON_PASSWORD);
      const local = await people.accounts.sessions.authenticate(token);
      const post = async (grant: object) => {
        const username = `new${Math.abs(JSON.stringify(grant).length)}`;
        const input = UserCreate.parse({ username, displayName: 'New', grants: [grant] });
        return people.accounts.users.create(input, local).then(
          () => 201,
          (error) => error.status,
        );
      };
      expect(await post({ role: 'viewer', areaIds: ['99001'] })).toBe(201);
      expect(await post({ role: 'viewer', areaIds: ['99002'] })).toBe(403);
      expect(await post({ role: 'admin', areaIds: null })).toBe(403);
      expect(await post({ role: 'viewer', areaIds: ['99'] })).toBe(403);
      const seen = (await api.call('GET', '/users', { token })).body.items.map(
        (user: { username: string }) => user.username,
      );
      expect(seen).toContain('local');
      expect(seen).not.toContain('outsider');
      expect(seen).not.toContain('admin');
      const foreign = await api.call('PATCH', `/users/${outsider}`, { token, body: { displayName: 'X' } });
      const missing = await api.call('PATCH', '/users/none', { token, body: { displayName: 'X' } });
      expect({ ...foreign.body, requestId: '' }).toEqual({ ...missing.body, requestId: '' });
      const admin = await login('admin', ADMIN_PASSWORD);
      const self = (await api.call('GET', '/me', { token: admin.token })).body.id;
      for (const body of [{ status: 'locked' }, { grants: [{ role: 'viewer' }] }])
        expect((await api.call('PATCH', `/users/${self}`, { token: MACHINE, body })).body).toMatchObject({
          code: 'request.conflict',
        });
    });
  });
});

const square = (west: number, width: number) => [
  [west, 10],
  [west + width, 10],
  [west + width, 11],
  [west, 11],
  [west, 10],
];

describe.each(DATABASE_ADAPTERS.filter(({ name }) => name === 'PostgreSQL'))(
  'the very first start on $name',
  ({ available, open }) => {
    describe.skipIf(!available)('', () => {
      it('refuses weak passwords from the configuration, generates one otherwise, and does so once', async () => {
        const database = await open();
        const dataDir = mkdtempSync(join(tmpdir(), 'haidang-first-'));
        const passwords = await createPasswords();
        const start = (adminPassword?: string) =>
          makeFirstUser({
            database,
            clock: manualClock(0),
            logger: testLogger(),
            passwords,
            dataDir,
            adminPassword,
            policy: signInPolicy(SignInSettings.parse({}), { reachable: true, termsVersion: '1' }),
          });
        for (const weak of ['', 'admin', 'admin-admin-123', 'changeme-changeme'])
          await expect(start(weak)).rejects.toThrow('config.invalid');
        // Left behind by an earlier database, for all to read.
        writeFileSync(join(dataDir, 'first-password'), 'old', { mode: 0o644 });
        const file = await start();
        expect(file).toBe(join(dataDir, 'first-password'));
        expect(statSync(file ?? '').mode & 0o777).toBe(0o600);
        const password = readFileSync(file ?? '', 'utf8').trim();
        const [row] = await database.query<{ password_hash: string }>({
          text: 'select password_hash from users',
          values: [],
        });
        expect(await passwords.verify(row?.password_hash, password)).toBe(true);
        rmSync(file ?? '');
        expect(await start()).toBeUndefined();
        expect(existsSync(file ?? '')).toBe(false);
        await expect(start('admin')).rejects.toThrow('config.invalid');
        rmSync(dataDir, { recursive: true });
        await database.close();
      });
    });
  },
);
