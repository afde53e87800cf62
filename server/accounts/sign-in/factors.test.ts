import { generateSync } from 'otplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../../core/clock.ts';
import { unlimited } from '../../../core/permissions.ts';
import { DATABASE_ADAPTERS } from '../../../test/support/adapters.ts';
import { type Answer, startApi, type TestApi } from '../../../test/support/api.ts';
import {
  ADMIN_PASSWORD,
  addPerson,
  createPeople,
  PERSON_PASSWORD,
  type People,
} from '../../../test/support/people.ts';
import type { OpenDatabase } from '../../db/index.ts';

const LOCAL = unlimited('test');
const STEP_MS = 30_000;
const OWN_PASSWORD = 'Cầu-tre.lắc-lẻo-53';

describe.each(DATABASE_ADAPTERS)(
  'second factors and what a session needs, on $name',
  ({ available, open }) => {
    describe.skipIf(!available)('', () => {
      let database: OpenDatabase;
      let people: People;
      let api: TestApi;
      const clock = manualClock(Date.parse('2026-11-22T08:00:00+07:00'));

      beforeAll(async () => {
        database = await open();
        // What holds where others reach the centre.
        people = await createPeople(database, clock, [], { idleAccountDays: 1 });
        api = await startApi(people.accounts.routes, people.accounts.sessions, { clock });
      });
      afterAll(async () => {
        await api?.close();
        people?.close();
        await database?.close();
      });

      const login = (username: string, password: string, otp?: string) =>
        api.call('POST', '/auth/login', { body: { username, password, ...(otp ? { otp } : {}) } });
      const code = (secret: string, atMs = clock.now()) =>
        generateSync({ secret, epoch: Math.floor(atMs / 1000) });
      const needs = async (token: string) => (await api.call('GET', '/me', { token })).body.needs;
      const short = ({ status, body }: Answer) => [status, body.code];
      const addTotp = async (token: string) => {
        const { body } = await api.call('POST', '/me/totp/options', { token });
        const answer = await api.call('POST', '/me/totp', {
          token,
          body: { ticket: body.ticket, code: code(body.secret) },
        });
        expect(answer.status).toBe(200);
        clock.advance(STEP_MS);
        return { secret: body.secret as string, recoveryCodes: answer.body.recoveryCodes as string[] };
      };

      it('makes an administrator set up a second factor, then accept the terms, before anything else', async () => {
        const token = (await login('admin', ADMIN_PASSWORD)).body.accessToken;
        expect(await needs(token)).toBe('enrolment');
        expect((await api.call('GET', '/me', { token })).body.permissions).toEqual([]);
        expect(short(await api.call('GET', '/users', { token }))).toEqual([403, 'auth.incomplete']);
        const { secret } = await addTotp(token);
        expect(await needs(token)).toBe('terms');
        expect(short(await api.call('GET', '/users', { token }))).toEqual([403, 'auth.incomplete']);
        const { version } = (await api.call('GET', '/auth/terms')).body;
        expect((await api.call('POST', '/me/terms', { token, body: { version: 'another' } })).status).toBe(
          409,
        );
        expect((await api.call('POST', '/me/terms', { token, body: { version } })).status).toBe(204);
        expect(await needs(token)).toBeNull();
        expect((await api.call('GET', '/users', { token })).status).toBe(200);

        // From now on the password alone opens nothing.
        const first = await login('admin', ADMIN_PASSWORD);
        expect(short(first)).toEqual([401, 'auth.second_factor']);
        expect(first.body.accessToken).toBeUndefined();
        expect(first.headers.getSetCookie()).toEqual([]);
        expect((await login('admin', ADMIN_PASSWORD, code(secret))).status).toBe(200);
      });

      it('lets somebody with a password that others know do nothing but change it', async () => {
        await addPerson(people.accounts, 'issued', { role: 'viewer' });
        const token = (await login('issued', PERSON_PASSWORD)).body.accessToken;
        expect(await needs(token)).toBe('password');
        expect(short(await api.call('GET', '/me/sessions', { token }))).toEqual([403, 'auth.incomplete']);
        const change = (next: string) =>
          api.call('POST', '/me/password', { token, body: { current: PERSON_PASSWORD, next } });
        expect((await change(PERSON_PASSWORD)).status).toBe(409);
        expect((await change('Ngan-9')).status).toBe(400);
        expect((await change('chỉ-có-chữ-thường-thôi')).status).toBe(400);
        expect((await change(OWN_PASSWORD)).status).toBe(204);
        expect(await needs(token)).toBe('terms');
      });

      it('takes each code once, in its time, and none of somebody else', async () => {
        await settle('totp');
        const token = await signIn('totp');
        const { secret } = await addTotp(token);
        const now = code(secret);
        expect((await login('totp', OWN_PASSWORD, now)).status).toBe(200);
        expect(short(await login('totp', OWN_PASSWORD, now))).toEqual([401, 'auth.invalid']);
        clock.advance(STEP_MS);
        // The one before is within the tolerance, and used.
        expect(short(await login('totp', OWN_PASSWORD, now))).toEqual([401, 'auth.invalid']);
        expect(short(await login('totp', OWN_PASSWORD, code(secret, clock.now() - 10 * STEP_MS)))).toEqual([
          401,
          'auth.invalid',
        ]);
        // At once, from two places: one of them is in.
        const fresh = code(secret);
        const both = await Promise.all([
          login('totp', OWN_PASSWORD, fresh),
          login('totp', OWN_PASSWORD, fresh),
        ]);
        expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
      });

      it('keeps the two steps of one sign-in together', async () => {
        await settle('steps');
        const { secret } = await addTotp(await signIn('steps'));
        const wanted = (await login('steps', OWN_PASSWORD)).body.data;
        expect(wanted.factors).toEqual(['totp', 'recovery']);
        const second = (challenge: string, otp: string) =>
          api.call('POST', '/auth/second-factor', { body: { challenge, code: otp } });
        expect(short(await second('made-up', code(secret)))).toEqual([401, 'auth.expired']);
        expect(short(await second(wanted.challenge, '000000'))).toEqual([401, 'auth.code_invalid']);
        expect((await second(wanted.challenge, code(secret))).status).toBe(200);
        clock.advance(STEP_MS);
        // Spent, and later too old.
        expect(short(await second(wanted.challenge, code(secret)))).toEqual([401, 'auth.expired']);
        const late = (await login('steps', OWN_PASSWORD)).body.data;
        clock.advance(6 * 60_000);
        expect(short(await second(late.challenge, code(secret)))).toEqual([401, 'auth.expired']);
      });

      it('stops guessing codes although the password is right each time', async () => {
        await settle('guesser');
        const { secret } = await addTotp(await signIn('guesser'));
        const answers = [];
        for (let n = 0; n < 8; n++) answers.push((await login('guesser', OWN_PASSWORD, `00000${n}`)).status);
        expect(answers.filter((status) => status === 429).length).toBeGreaterThan(0);
        expect((await login('guesser', OWN_PASSWORD, code(secret))).status).toBe(429);
      });

      it('takes recovery codes once each, and new ones make the old worthless', async () => {
        await settle('lost');
        const token = await signIn('lost');
        const { recoveryCodes } = await addTotp(token);
        expect(recoveryCodes.length).toBe(10);
        const [first = '', second = ''] = recoveryCodes;
        expect((await login('lost', OWN_PASSWORD, first)).status).toBe(200);
        expect(short(await login('lost', OWN_PASSWORD, first))).toEqual([401, 'auth.invalid']);
        const { body } = await api.call('POST', '/me/recovery-codes', { token });
        expect(body.recoveryCodes.length).toBe(10);
        expect(short(await login('lost', OWN_PASSWORD, second))).toEqual([401, 'auth.invalid']);
        expect((await login('lost', OWN_PASSWORD, body.recoveryCodes[0])).status).toBe(200);
        const stored = await database.query<{ text: string }>({
          text: `select coalesce(string_agg(row_to_json(r)::text, ''), '') as text from recovery_codes r`,
          values: [],
        });
        expect(stored[0]?.text).not.toContain(second);
      });

      it('locks a console that nobody touches; its own requests do not keep it open', async () => {
        await settle('idle');
        const renew = await renewable('idle');
        let token = await renew();
        const ask = (headers: Record<string, string> = {}) =>
          api.call('GET', '/me/sessions', { token, headers });
        for (let n = 0; n < 3; n++) {
          clock.advance(6 * 60_000);
          token = await renew();
          expect((await ask({ 'x-background': '1' })).status).toBe(n < 2 ? 200 : 403);
        }
        expect(short(await ask())).toEqual([403, 'auth.locked']);
        expect(people.accounts.sessions.current(await sessionOf('idle'))).toBeUndefined();
        const unlock = (password: string) => api.call('POST', '/auth/step-up', { token, body: { password } });
        expect(short(await unlock('wrong'))).toEqual([403, 'auth.proof_invalid']);
        expect((await unlock(OWN_PASSWORD)).status).toBe(204);
        expect((await ask()).status).toBe(200);
      });

      it('asks for a fresh proof before an act that matters, and ends a session that cannot give it', async () => {
        await settle('sudo');
        const renew = await renewable('sudo');
        let token = await renew();
        const { secret } = await addTotp(token);
        for (let n = 0; n < 2; n++) {
          clock.advance(9 * 60_000);
          token = await renew();
          await api.call('GET', '/me', { token });
        }
        const remove = () => api.call('DELETE', '/me/totp', { token });
        expect(short(await remove())).toEqual([403, 'auth.step_up']);
        const prove = (body: object) => api.call('POST', '/auth/step-up', { token, body });
        // Beside a second factor the password alone proves too little.
        expect(short(await prove({ password: OWN_PASSWORD }))).toEqual([403, 'auth.proof_invalid']);
        expect((await prove({ code: code(secret) })).status).toBe(204);
        expect((await remove()).status).toBe(204);
        for (let n = 0; n < 5; n++) await prove({ password: `wrong ${n}` });
        expect((await api.call('GET', '/me', { token })).status).toBe(401);
      });

      it('lets an administrator take away lost factors, and the person begins anew', async () => {
        await settle('forgetful');
        const { id } = await person('forgetful');
        const held = await signIn('forgetful');
        await addTotp(held);
        await people.accounts.users.resetFactors(id, LOCAL);
        expect((await api.call('GET', '/me', { token: held })).status).toBe(401);
        expect((await login('forgetful', OWN_PASSWORD)).status).toBe(200);
      });

      it('locks accounts that nobody has used for too long, and keeps one administrator', async () => {
        await settle('away');
        clock.advance(25 * 3600_000);
        expect(short(await login('away', OWN_PASSWORD))).toEqual([401, 'auth.invalid']);
        await expect.poll(async () => (await person('away')).status, { timeout: 30_000 }).toBe('locked');
        expect((await person('admin')).status).toBe('active');
      });

      const person = async (username: string) => {
        const [row] = await database.query<{ id: string; status: string }>({
          text: 'select id, status from users where username = $1',
          values: [username],
        });
        if (!row) throw new Error(`no ${username}`);
        return row;
      };
      const sessionOf = async (username: string) => {
        const [row] = await database.query<{ id: string }>({
          text: `select s.id from sessions s join users u on u.id = s.user_id
               where u.username = $1 order by s.created_at desc limit 1`,
          values: [username],
        });
        return row?.id ?? '';
      };
      const signIn = async (username: string): Promise<string> =>
        (await login(username, OWN_PASSWORD)).body.accessToken;
      /** A session whose access token can be renewed, as consoles do every few minutes. */
      const renewable = async (username: string): Promise<() => Promise<string>> => {
        const cookieOf = (answer: Answer) =>
          answer.headers
            .getSetCookie()
            .find((each) => each.startsWith('haidang_refresh='))
            ?.split(';')[0] ?? '';
        let cookie = cookieOf(await login(username, OWN_PASSWORD));
        return async () => {
          const headers = { 'x-requested-with': 'haidang', cookie };
          const answer = await api.call('POST', '/auth/refresh', { headers });
          cookie = cookieOf(answer);
          return answer.body.accessToken;
        };
      };
      /** A person who has done what the first sign-in asks for. */
      const settle = async (username: string) => {
        await addPerson(people.accounts, username, { role: 'viewer' });
        const token = (await login(username, PERSON_PASSWORD)).body.accessToken;
        await api.call('POST', '/me/password', {
          token,
          body: { current: PERSON_PASSWORD, next: OWN_PASSWORD },
        });
        await api.call('POST', '/me/terms', { token, body: { version: '1' } });
        expect(await needs(token)).toBeNull();
      };
    });
  },
);
