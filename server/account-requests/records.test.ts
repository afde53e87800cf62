import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LETTER, type Office, openOffice, PDF, PNG, worker } from '../../test/support/account-requests.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';

const HOUR_MS = 3600_000;
const { reason: _reason, ...DOCUMENT } = LETTER;

describe.each(DATABASE_ADAPTERS)('what account requests leave behind on $name', ({ available, open }) => {
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

    it('takes as scan what is one by its bytes, and hands it out as a download that can run nothing', async () => {
      const { id } = (await office.desk.file(as('head'), worker('scans'))).body;
      const html = Buffer.from('<!doctype html><script>alert(1)</script>');
      const refusedOnes = [
        html,
        Buffer.alloc(0),
        Buffer.from('%PDF-1.7 without an end'),
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        Buffer.concat([html, PDF]),
      ];
      for (const content of refusedOnes)
        expect((await office.desk.scan(as('head'), id, content, 'x.pdf')).body.code).toBe(
          'account_request.scan_refused',
        );
      const made = (await office.desk.scan(as('head'), id, PNG, '../../etc/\u202egnp.exe\r\nX-Evil: 1.html'))
        .body;
      expect(made.name).toMatch(/^[^/\\\r\n\u202e]*\.png$/);
      const path = `/account-requests/${id}/scans/${made.id}`;
      const got = await office.api.call('GET', path, { token: as('clerk') });
      expect(Buffer.from(got.body).equals(PNG)).toBe(true);
      expect(got.headers.get('content-type')).toBe('image/png');
      expect(got.headers.get('x-content-type-options')).toBe('nosniff');
      expect(got.headers.get('content-disposition')).toMatch(
        /^attachment; filename="scan\.png"; filename\*=UTF-8''/,
      );
      expect(got.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
      expect(got.headers.get('cache-control')).toBe('no-store');
      expect((await office.api.call('GET', path, { token: as('headb') })).status).toBe(404);
      expect((await office.desk.scan(as('headb'), id)).status).toBe(404);
      const big = Buffer.concat([PNG, Buffer.alloc(10 * 1024 * 1024)]);
      expect((await office.desk.scan(as('head'), id, big)).status).toBe(413);
      await office.desk.step(as('clerk'), id, 'check');
      expect((await office.desk.scan(as('head'), id)).body.code).toBe('account_request.illegal_step');
    });

    it('keeps a register with the numbers of the documents, also as a table that no spreadsheet runs', async () => {
      const evil = {
        ...worker('formula'),
        requesterName: '=HYPERLINK("http://x")',
        documentNumber: '@SUM(1)',
      };
      await office.desk.carriedOut(office.hands(), worker('plain'));
      await office.desk.carriedOut(office.hands(), evil);
      await office.desk.file(as('head'), worker('only.asked'));
      const { body } = await office.api.call('GET', '/account-register?limit=1000', { token: as('clerk') });
      expect(body.items.find((one: { username: string }) => one.username === 'formula')).toMatchObject({
        action: 'grant',
        documentNumber: '@SUM(1)',
        decidedBy: 'chief',
        executedBy: 'clerk',
      });
      // What was only asked for is no act.
      expect(body.items.some((one: { username: string }) => one.username === 'only.asked')).toBe(false);
      const answer = await office.api.call('GET', '/account-register/export', { token: as('clerk') });
      expect(answer.headers.get('content-disposition')).toContain('account-register.csv');
      const text = Buffer.from(answer.body).toString('utf8');
      expect(text.startsWith('\ufeff"Số đề nghị"')).toBe(true);
      expect(text).toContain(`"'@SUM(1)"`);
      expect(text).toContain(`"'=HYPERLINK(""http://x"")"`);
      expect(text).toContain('"12/CV-TTYT"');
      expect(text).not.toMatch(/,"[=+\-@]/);
    });

    it('reviews grants that nobody confirmed in time, one by one', async () => {
      const made = await office.desk.carriedOut(office.hands(), worker('reviewed'));
      const { userId } = made.target;
      const due = async (name: string, query = '') =>
        (await office.api.call('GET', `/access-review${query}`, { token: as(name) })).body;
      const of = (list: { items: { username: string }[] }) =>
        list.items.find((one) => one.username === 'reviewed') as { grant: { id: number } } | undefined;
      expect(of(await due('clerk'))).toBeUndefined();
      expect(of(await due('clerk', '?due=false'))).toMatchObject({ due: false, basisDocument: '12/CV-TTYT' });
      office.leap(31 * 24 * HOUR_MS);
      await office.renew('clerk', 'chief', 'head', 'boss');
      const item = of(await due('clerk'));
      expect(item).toMatchObject({ due: true, confirmedAt: null });
      const grantId = item?.grant.id ?? 0;
      const review = (name: string, verb: string, body: unknown = {}, id = grantId) =>
        office.api.call('POST', `/access-review/${id}/${verb}`, { token: as(name), body });
      expect((await review('head', 'confirm')).status).toBe(403);
      expect((await review('clerk', 'confirm', {}, 987654321)).status).toBe(404);
      const own = (await due('clerk')).items.find((one: { username: string }) => one.username === 'clerk');
      expect((await review('clerk', 'confirm', {}, own.grant.id)).body.code).toBe('account_request.own');
      expect((await review('clerk', 'confirm', { note: 'Còn công tác' })).body).toMatchObject({
        due: false,
        confirmedBy: 'clerk',
      });
      expect(of(await due('clerk'))).toBeUndefined();

      const session = (await signIn('reviewed', made.password)).body.accessToken;
      const taken = await review('clerk', 'withdraw', { note: 'Đã chuyển công tác' });
      expect(taken.body).toMatchObject({
        state: 'awaiting_document',
        action: 'change',
        atOnce: true,
        heldGrants: [],
      });
      expect((await office.api.call('GET', '/me', { token: session })).status).toBe(401);
      await office.desk.scan(as('clerk'), taken.body.id);
      await office.desk.step(as('clerk'), taken.body.id, 'document', DOCUMENT);
      await office.desk.step(as('clerk'), taken.body.id, 'check');
      const back = await office.desk.step(as('chief'), taken.body.id, 'refuse', { note: 'Vẫn cần' });
      expect(back.body.heldGrants).toMatchObject([{ role: 'viewer', agencies: 'self' }]);
      expect(userId).toBe(back.body.target.userId);
    });

    it('does not leave the centre without an administrator', async () => {
      // `admin` of the first start and `boss`: the last one stays.
      const [{ id: first } = { id: '' }] = await office.database.query<{ id: string }>({
        text: `select id from users where username = 'admin'`,
        values: [],
      });
      expect(
        (
          await office.api.call('POST', `/users/${first}/emergency-lock`, {
            token: as('boss'),
            body: { reason: 'thử' },
          })
        ).status,
      ).toBe(201);
      const last = await office.desk.approved(
        { ...office.hands(), asker: as('clerk') },
        { ...LETTER, action: 'revoke', userId: office.ids.boss },
      );
      const refused = await office.desk.step(as('clerk'), last, 'execute');
      expect(refused.body.code).toBe('request.conflict');
      expect(
        (await office.api.call('GET', `/account-requests/${last}`, { token: as('clerk') })).body.state,
      ).toBe('approved');
    });

    it('leaves each act in the audit trail, with the account before and after', async () => {
      const rows = await office.database.query<{ action: string; actor_name: string; count: number }>({
        text: `select action, actor_name, count(*)::int as count from audit_log
               where action like 'account%' group by 1, 2`,
        values: [],
      });
      const seen = new Set(rows.map((row) => `${row.action} ${row.actor_name}`));
      for (const line of [
        'account_request.submit head',
        'account_request.step chief',
        'account_request.scan head',
        'account_request.scan_read clerk',
        'account.create clerk',
        'account.lock boss',
        'account.grants clerk',
        'account.review clerk',
        'account.register_export clerk',
      ])
        expect(seen).toContain(line);
    });
  });
});
