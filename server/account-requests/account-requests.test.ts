import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LETTER, type Office, openOffice, PDF, WHOLE, worker } from '../../test/support/account-requests.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';

const HOUR_MS = 3600_000;
const { reason: _reason, ...DOCUMENT } = LETTER;

describe.each(DATABASE_ADAPTERS)('account requests on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    let office: Office;
    beforeAll(async () => {
      office = await openOffice(await open());
    });
    afterAll(async () => {
      await office?.close();
    });
    const as = (name: string) => office.as(name);
    const signIn: Office['signIn'] = (...who) => office.signIn(...who);

    it('gives an account on a letter: filed, checked, decided, carried out, confirmed, each step with its hand', async () => {
      const filed = await office.desk.file(as('head'), worker('an.nguyen'));
      expect(filed.status).toBe(201);
      const { id } = filed.body;
      expect(filed.body).toMatchObject({
        state: 'submitted',
        done: false,
        documentNumber: '12/CV-TTYT',
        target: { userId: null, username: 'an.nguyen', agencyId: 'so-a' },
        allowed: ['withdraw'],
      });
      expect((await office.desk.step(as('clerk'), id, 'check')).body.code).toBe('account_request.no_scan');
      expect((await office.desk.scan(as('head'), id, PDF, 'Công văn số 12.pdf')).body).toMatchObject({
        name: 'Công văn số 12.pdf',
        mediaType: 'application/pdf',
        sizeBytes: PDF.length,
      });
      expect((await office.desk.step(as('chief'), id, 'approve')).body.code).toBe(
        'account_request.illegal_step',
      );
      expect((await office.desk.step(as('clerk'), id, 'check', { note: 'đủ' })).status).toBe(200);
      expect((await office.desk.step(as('clerk'), id, 'execute')).body.code).toBe(
        'account_request.illegal_step',
      );
      expect((await office.desk.step(as('chief'), id, 'approve')).status).toBe(200);
      const done = (await office.desk.step(as('clerk'), id, 'execute')).body;
      expect(done).toMatchObject({ state: 'executed', done: true, target: { status: 'active' } });
      const confirmed = await office.desk.step(as('clerk'), id, 'confirm', { replyNumber: '45/TB' });
      expect(confirmed.body).toMatchObject({ state: 'confirmed', replyNumber: '45/TB' });
      expect(
        confirmed.body.steps.map(
          (one: { step: string; by: { name: string } }) => `${one.step} ${one.by.name}`,
        ),
      ).toEqual(['submit head', 'check clerk', 'approve chief', 'execute clerk', 'confirm clerk']);
      expect(confirmed.body.password).toBeUndefined();
      expect((await signIn('an.nguyen', done.password)).status).toBe(200);
      const [grant] = await office.database.query<{
        role: string;
        agency_rule: string;
        basis_request_id: number;
      }>({
        text: 'select role, agency_rule, basis_request_id from grants where user_id = $1',
        values: [done.target.userId],
      });
      expect(grant).toEqual({ role: 'viewer', agency_rule: 'self', basis_request_id: id });
    });

    it('lets nobody who signed in act on accounts without a request, an administrator neither', async () => {
      const token = as('boss');
      const refused = async (method: string, path: string, body: unknown) =>
        (await office.api.call(method, path, { token, body })).body.code;
      const { username, displayName, grants } = worker('no.request');
      expect(await refused('POST', '/users', { username, displayName, grants })).toBe(
        'account_request.required',
      );
      for (const body of [{ status: 'locked' }, { grants }, { agencyId: 'so-b' }, { status: 'active' }])
        expect(await refused('PATCH', `/users/${office.ids.head}`, body)).toBe('account_request.required');
      expect(
        (
          await office.api.call('PATCH', `/users/${office.ids.head}`, {
            token,
            body: { displayName: 'Trưởng' },
          })
        ).status,
      ).toBe(200);
    });

    it('takes nobody for the owner of the machine because powers were lent to them', async () => {
      await office.database.query({
        text: `insert into delegations (kind, from_user, to_user, grant_id, reason, valid_from, valid_to, created_at)
               select 'delegation', $1, $2, min(id), 'x', $3, $3::timestamptz + interval '1 day', $3
               from grants where user_id = $1`,
        values: [office.ids.chief, office.ids.boss, new Date(office.clock.now())],
      });
      await office.renew('boss');
      const { displayName, grants } = worker('lent.power');
      const body = { username: 'lent.power', displayName, grants };
      const answer = await office.api.call('POST', '/users', { token: as('boss'), body });
      expect(answer.body.code).toBe('account_request.required');
      await office.database.query({ text: 'delete from delegations', values: [] });
      await office.renew('boss');
    });

    it('keeps asking and deciding apart, and nobody handles what is about their own account', async () => {
      const { id } = (await office.desk.file(as('boss'), worker('own.asker'))).body;
      await office.desk.scan(as('boss'), id);
      expect((await office.desk.step(as('boss'), id, 'check')).status).toBe(200);
      for (const step of ['approve', 'refuse'])
        expect((await office.desk.step(as('boss'), id, step, { note: 'x' })).body).toMatchObject({
          code: 'account_request.own',
          data: { reason: 'own_request' },
        });
      expect(
        (await office.desk.step(as('chief'), id, 'refuse', { note: 'Không đúng đối tượng' })).body.state,
      ).toBe('refused');
      const more = {
        ...LETTER,
        action: 'change',
        userId: office.ids.chief,
        grants: [{ role: 'supervisor', ...WHOLE }],
      };
      const own = (await office.desk.file(as('clerk'), more)).body.id;
      await office.desk.scan(as('clerk'), own);
      await office.desk.step(as('clerk'), own, 'check');
      expect((await office.desk.step(as('chief'), own, 'approve')).body).toMatchObject({
        code: 'account_request.own',
        data: { reason: 'own_account' },
      });
      expect((await office.desk.step(as('director'), own, 'approve')).body.state).toBe('approved');
      expect((await office.desk.step(as('clerk'), own, 'withdraw', { note: 'nhầm' })).body.state).toBe(
        'withdrawn',
      );
    });

    it('shows a request to who filed it and to who reads such accounts; to others it does not exist', async () => {
      const { id } = (await office.desk.file(as('head'), worker('seen.by'))).body;
      const see = async (name: string) =>
        (await office.api.call('GET', `/account-requests/${id}`, { token: as(name) })).status;
      expect([await see('head'), await see('clerk'), await see('headb'), await see('shift')]).toEqual([
        200, 200, 404, 404,
      ]);
      const listed = async (name: string) =>
        (
          await office.api.call('GET', '/account-requests?state=open&limit=1000', { token: as(name) })
        ).body.items.map((one: { id: number }) => one.id);
      expect(await listed('head')).toContain(id);
      expect(await listed('headb')).toEqual([]);
      // Page by page the same, whatever lies in between.
      const paged: number[] = [];
      let cursor = '';
      do {
        const { body } = await office.api.call('GET', `/account-requests?state=open&limit=1${cursor}`, {
          token: as('clerk'),
        });
        paged.push(...body.items.map((one: { id: number }) => one.id));
        cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
      } while (cursor !== '');
      expect(paged).toEqual(await listed('clerk'));
      expect((await office.desk.step(as('headb'), id, 'withdraw', { note: 'x' })).status).toBe(404);
      expect((await office.desk.step(as('clerk'), id, 'withdraw', { note: 'x' })).status).toBe(403);
      expect((await office.desk.step(as('head'), id, 'withdraw', { note: 'thôi' })).body.state).toBe(
        'withdrawn',
      );
    });

    it('takes nothing beyond the grants of who asks, and nothing about accounts that are not theirs', async () => {
      const wide = { ...worker('too.wide'), grants: [{ role: 'viewer', agencies: 'all' }] };
      expect((await office.desk.file(as('head'), wide)).body.code).toBe('auth.forbidden');
      expect((await office.desk.file(as('head'), worker('other.agency', 'so-b'))).body.code).toBe(
        'auth.forbidden',
      );
      const foreign = { ...LETTER, action: 'lock', userId: office.ids.headb };
      const missing = { ...LETTER, action: 'lock', userId: 'no-such-user' };
      const [a, b] = [
        await office.desk.file(as('head'), foreign),
        await office.desk.file(as('head'), missing),
      ];
      expect([a.status, a.body.code, a.body.detail]).toEqual([b.status, b.body.code, b.body.detail]);
      expect(a.status).toBe(404);
    });

    it('sends an incomplete request back, takes the correction, and asks for the letter to be of today or before', async () => {
      const { id } = (await office.desk.file(as('head'), worker('sent.back'))).body;
      expect((await office.desk.step(as('clerk'), id, 'return', {})).body.code).toBe('request.invalid');
      expect((await office.desk.step(as('clerk'), id, 'return', { note: 'Thiếu chữ ký' })).body.state).toBe(
        'returned',
      );
      expect((await office.desk.step(as('clerk'), id, 'resubmit', {})).status).toBe(403);
      const amend = { documentNumber: '13/CV-TTYT', grants: [{ role: 'operator', agencies: 'self' }] };
      expect(
        (await office.desk.step(as('head'), id, 'resubmit', { ...amend, documentDate: '2027-01-01' })).body
          .code,
      ).toBe('request.invalid');
      const wide = { grants: [{ role: 'viewer', agencies: 'all' }] };
      expect((await office.desk.step(as('head'), id, 'resubmit', wide)).body.code).toBe('auth.forbidden');
      expect((await office.desk.step(as('head'), id, 'resubmit', amend)).body).toMatchObject({
        state: 'submitted',
        documentNumber: '13/CV-TTYT',
        grants: [{ role: 'operator' }],
      });
      await office.desk.step(as('head'), id, 'withdraw', { note: 'thôi' });
    });

    it('ends every session with the lock that the police asked for, and undoes nothing by unlocking', async () => {
      const made = await office.desk.carriedOut(office.hands(), worker('live.one'));
      const { userId } = made.target;
      const session = (await signIn('live.one', made.password)).body.accessToken;
      const order = {
        ...LETTER,
        requesterKind: 'police',
        requesterName: 'Công an tỉnh',
        documentNumber: '7/CAT',
      };
      office.ended.length = 0;
      await office.desk.carriedOut(
        { ...office.hands(), asker: as('clerk') },
        { ...order, action: 'lock', userId },
      );
      expect(office.ended).toContainEqual({ userId, sessionId: null });
      expect((await office.api.call('GET', '/me', { token: session })).status).toBe(401);
      expect((await signIn('live.one', made.password)).body.code).toBe('auth.invalid');
      const again = await office.desk.file(as('clerk'), { ...order, action: 'lock', userId });
      expect(again.body.code).toBe('request.conflict');
      await office.desk.carriedOut(
        { ...office.hands(), asker: as('clerk') },
        { ...order, action: 'unlock', userId },
      );
      expect((await office.api.call('GET', '/me', { token: session })).status).toBe(401);
      expect((await signIn('live.one', made.password)).status).toBe(200);
    });

    it('ends the sessions when a role is cut', async () => {
      const made = await office.desk.carriedOut(office.hands(), worker('cut.role'));
      const { userId } = made.target;
      const session = (await signIn('cut.role', made.password)).body.accessToken;
      const less = {
        ...LETTER,
        action: 'change',
        userId,
        grants: [{ role: 'field_responder', agencies: 'self' }],
      };
      await office.desk.carriedOut(office.hands(), less);
      expect((await office.api.call('GET', '/me', { token: session })).status).toBe(401);
      const { body } = await office.api.call('GET', '/me', {
        token: (await signIn('cut.role', made.password)).body.accessToken,
      });
      expect(body.grants.map((one: { role: string }) => one.role)).toEqual(['field_responder']);
    });

    it('keeps a revoked account for ever closed, and its name for ever taken, however it is written', async () => {
      const made = await office.desk.carriedOut(office.hands(), worker('gone.one'));
      const { userId } = made.target;
      await office.desk.carriedOut(office.hands(), { ...LETTER, action: 'revoke', userId });
      expect((await signIn('gone.one', made.password)).body.code).toBe('auth.invalid');
      expect((await office.desk.file(as('clerk'), { ...LETTER, action: 'unlock', userId })).body.code).toBe(
        'request.conflict',
      );
      expect((await office.desk.file(as('head'), worker('gone.one'))).body.code).toBe('request.conflict');
      for (const name of ['Gone.One', 'ｇｏｎｅ.one', 'gone.öne', 'gone.one '])
        expect((await office.desk.file(as('head'), worker(name))).body.code).toBe('request.invalid');
      const change = (text: string, ...values: unknown[]) => office.database.query({ text, values });
      await expect(change(`update users set status = 'active' where id = $1`, userId)).rejects.toThrow();
      await expect(change(`update users set username = 'other' where id = $1`, userId)).rejects.toThrow();
      await expect(change(`delete from users where id = $1`, userId)).rejects.toThrow();
      for (const name of ['GONE.one', 'ｇone.one'])
        await expect(
          change(`insert into users (username, display_name, password_hash) values ($1, 'x', 'x')`, name),
        ).rejects.toThrow();
    });

    it('takes one open request for a new name at a time, and one hand of two that race', async () => {
      const { id } = (await office.desk.file(as('head'), worker('race.one'))).body;
      expect((await office.desk.file(as('clerk'), worker('race.one'))).body.code).toBe('request.conflict');
      await office.desk.scan(as('head'), id);
      await office.desk.step(as('clerk'), id, 'check');
      await office.desk.step(as('chief'), id, 'approve');
      const both = await Promise.all([
        office.desk.step(as('clerk'), id, 'execute'),
        office.desk.step(as('boss'), id, 'execute'),
      ]);
      expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
      const loser = both.find(({ status }) => status === 409);
      expect(loser?.body.code).toBe('account_request.illegal_step');
      expect(loser?.body.password).toBeUndefined();
    });

    it('locks at once in an emergency; the document comes within a day or is flagged, and refusing undoes the lock', async () => {
      const made = await office.desk.carriedOut(office.hands(), worker('emergency'));
      const { userId } = made.target;
      const session = (await signIn('emergency', made.password)).body.accessToken;
      const lock = (token: string, id: string) =>
        office.api.call('POST', `/users/${id}/emergency-lock`, {
          token,
          body: { reason: 'Nghi lộ mật khẩu' },
        });
      expect((await lock(as('head'), userId)).status).toBe(403);
      expect((await lock(as('shift'), 'no-such-user')).status).toBe(404);
      expect((await lock(as('shift'), office.ids.shift ?? '')).body.code).toBe('account_request.own');
      const locked = await lock(as('shift'), userId);
      expect(locked.status).toBe(201);
      expect(locked.body).toMatchObject({
        state: 'awaiting_document',
        done: true,
        atOnce: true,
        documentLate: false,
      });
      expect(Date.parse(locked.body.documentDueAt) - office.clock.now()).toBe(24 * HOUR_MS);
      expect((await office.api.call('GET', '/me', { token: session })).status).toBe(401);
      expect((await lock(as('shift'), userId)).body.code).toBe('request.conflict');

      const { id } = locked.body;
      const watched = () =>
        office.health.items().find((item) => item.component === 'account-requests')?.state;
      office.module.start();
      // The first look has ended before the second begins: they read the clock when they begin.
      await expect.poll(watched, { timeout: 60_000 }).toBe('ok');
      office.leap(25 * HOUR_MS);
      office.steady.advance(61_000);
      await office.renew('shift', 'clerk', 'chief', 'head', 'headb');
      const late = await office.api.call('GET', '/account-requests?late=true', { token: as('clerk') });
      expect(late.body.items).toMatchObject([{ id, documentLate: true }]);
      await expect.poll(watched, { timeout: 60_000 }).toBe('degraded');

      expect((await office.desk.step(as('shift'), id, 'document', DOCUMENT)).body.code).toBe(
        'account_request.no_scan',
      );
      await office.desk.scan(as('shift'), id);
      expect((await office.desk.step(as('shift'), id, 'document', DOCUMENT)).body).toMatchObject({
        state: 'submitted',
        documentLate: true,
      });
      await office.desk.step(as('clerk'), id, 'check');
      expect(
        (await office.desk.step(as('chief'), id, 'refuse', { note: 'Không có căn cứ' })).body,
      ).toMatchObject({
        state: 'refused',
        done: false,
        target: { status: 'active' },
      });
      expect((await signIn('emergency', made.password)).status).toBe(200);
      office.steady.advance(61_000);
      await expect.poll(watched, { timeout: 60_000 }).toBe('ok');
    });
  });
});
