import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../../core/clock.ts';
import type { EventMap } from '../../../core/events.ts';
import { can, placeOnly } from '../../../core/permissions.ts';
import { DATABASE_ADAPTERS } from '../../../test/support/adapters.ts';
import { startApi, type TestApi } from '../../../test/support/api.ts';
import { addPerson, createPeople, PERSON_PASSWORD, type People } from '../../../test/support/people.ts';
import { SAMPLE_AREAS } from '../../../test/support/sample-areas.ts';
import { testTrail } from '../../../test/support/trail.ts';
import { until } from '../../../test/support/wait.ts';
import type { OpenDatabase } from '../../db/index.ts';
import { withEmergencyNotes } from './emergency.ts';

const START = Date.parse('2026-11-22T08:00:00+07:00');
const HOUR_MS = 3600_000;
const BODIES = [
  { id: 'dst', nameVi: 'Sở KHCN', nameEn: 'DST', type: 'department' as const },
  { id: 'police', nameVi: 'Công an', nameEn: 'Police', type: 'police' as const },
];
const inHours = (n: number) => new Date(START + n * HOUR_MS).toISOString();

describe.each(DATABASE_ADAPTERS)('lent powers on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    let database: OpenDatabase;
    let people: People;
    let api: TestApi;
    const clock = manualClock(START);
    const rights: EventMap['user.rights'][] = [];
    const tokens = new Map<string, string>();
    const grantIds = new Map<string, number>();

    beforeAll(async () => {
      database = await open();
      people = await createPeople(database, clock, BODIES);
      people.bus.on('test', 'user.rights', (event) => rights.push(event));
      const routes = [...people.accounts.routes, ...people.areas.routes];
      const watched = withEmergencyNotes(testTrail(database, clock), routes);
      api = await startApi(watched, people.accounts.sessions, { clock });
      await people.areas.import(SAMPLE_AREAS, {});
      const areaIds = ['99001'];
      for (const [name, grant, agency] of [
        ['director', { role: 'centre_director', maxClass: 'restricted' }, 'dst'],
        ['deputy', { role: 'viewer', areaIds }, 'dst'],
        ['second', { role: 'viewer', areaIds }, 'dst'],
        ['head', { role: 'agency_head', areaIds, domains: ['environment'], validTo: inHours(2000) }, 'dst'],
        ['officer', { role: 'viewer', areaIds: ['99002'] }, 'police'],
        ['engineer', { role: 'provider_engineer' }, undefined],
        ['manager', { role: 'platform_admin' }, 'dst'],
      ] as const)
        await addPerson(
          people.accounts,
          name,
          {
            ...grant,
            areaIds: 'areaIds' in grant ? [...grant.areaIds] : null,
            domains: 'domains' in grant ? [...grant.domains] : null,
          },
          agency,
        );
      for (const username of ['director', 'deputy', 'second', 'head', 'officer', 'engineer', 'manager']) {
        const { body } = await api.call('POST', '/auth/login', {
          body: { username, password: PERSON_PASSWORD },
        });
        tokens.set(username, body.accessToken);
        grantIds.set(username, (await api.call('GET', '/me', { token: body.accessToken })).body.grants[0].id);
      }
    });
    afterAll(async () => {
      await api?.close();
      people?.close();
      await database?.close();
    });

    const as = (name: string) => ({ token: tokens.get(name) ?? '' });
    const lend = (from: string, to: string, more: object = {}) =>
      api.call('POST', '/delegations', {
        ...as(from),
        body: { grantId: grantIds.get(from), to, validTo: inHours(48), reason: 'đi công tác', ...more },
      });
    const callerOf = (name: string) => people.accounts.sessions.authenticate(tokens.get(name) ?? '');
    /** What somebody may do, once the process that asks has heard of a change. */
    const may = async (name: string, permission: Parameters<typeof can>[1], areaId = '99001') =>
      can(await callerOf(name), permission, placeOnly(areaId));
    const soon = (name: string, permission: Parameters<typeof can>[1], expected: boolean) =>
      until(
        `${name} ${expected ? 'has' : 'loses'} ${permission}`,
        async () => (await may(name, permission)) === expected,
      );

    it('lends a part of a grant: these permissions, there, until then, with both names', async () => {
      expect(await may('deputy', 'dispatch.operate')).toBe(false);
      const answer = await lend('head', 'deputy', { permissions: ['dispatch.operate'] });
      expect(answer.status).toBe(201);
      expect(answer.body).toMatchObject({
        kind: 'delegation',
        from: { username: 'head' },
        to: { username: 'deputy' },
        permissions: ['dispatch.operate'],
        areaIds: ['99001'],
        domains: ['environment'],
        state: 'active',
      });
      await soon('deputy', 'dispatch.operate', true);
      expect(await may('deputy', 'dispatch.operate', '99002')).toBe(false);
      expect(await may('deputy', 'devices.write')).toBe(false);
      const lent = (await callerOf('deputy')).grants.find(({ loan }) => loan !== undefined);
      expect(lent?.delegatedFrom).toMatchObject({ username: 'head' });
      const entries = await database.query<{ actor_name: string; object_name: string; reason: string }>({
        text: `select actor_name, object_name, reason from audit_log where action = 'delegation.lend'`,
        values: [],
      });
      expect(entries).toEqual([{ actor_name: 'head', object_name: 'deputy', reason: 'đi công tác' }]);
      expect(rights.some(({ userId }) => userId === answer.body.to.id)).toBe(true);
    });

    it('is seen by both sides and by nobody else, and is given back by hand', async () => {
      const [loan] = (await api.call('GET', '/delegations', as('head'))).body.items;
      expect((await api.call('GET', '/delegations', as('deputy'))).body.items).toEqual([loan]);
      expect((await api.call('GET', '/delegations', as('officer'))).body.items).toEqual([]);
      const foreign = await api.call('POST', `/delegations/${loan.id}/end`, { ...as('officer'), body: {} });
      expect(foreign.status).toBe(404);
      const end = await api.call('POST', `/delegations/${loan.id}/end`, {
        ...as('deputy'),
        body: { reason: 'đã xong' },
      });
      expect(end.body).toMatchObject({ state: 'ended', endedBy: 'deputy' });
      await soon('deputy', 'dispatch.operate', false);
      const again = await api.call('POST', `/delegations/${loan.id}/end`, { ...as('head'), body: {} });
      expect(again.status).toBe(409);
    });

    it('never reaches beyond the own grant, in no dimension', async () => {
      for (const more of [
        { areaIds: ['99002'] },
        { areaIds: ['99'] },
        { domains: ['traffic'] },
        { maxClass: 'restricted' },
        { permissions: ['alerts.operate'] },
        { permissions: ['delegations.lend'] },
      ])
        expect([more, (await lend('head', 'deputy', more)).status]).toEqual([more, 403]);
      for (const more of [
        { areaIds: ['nowhere'] },
        { agencies: ['nobody'] },
        { grantId: grantIds.get('director') },
        { to: 'head' },
        { to: 'nobody' },
        { validTo: inHours(-1) },
        { validTo: inHours(24 * 400) },
        { reason: '' },
      ])
        expect([more, (await lend('head', 'deputy', more)).status]).toEqual([more, 400]);
      expect((await lend('deputy', 'second')).status).toBe(403);
      expect((await lend('head', 'deputy', { role: 'admin' })).status).toBe(400);
    });

    it('cannot be lent on, and gives nothing that outlives it', async () => {
      const loan = (await lend('director', 'second')).body;
      expect(loan.permissions).toContain('rules.activate');
      for (const never of ['delegations.lend', 'breakglass.open', 'approvals.decide', 'users.write'])
        expect(loan.permissions).not.toContain(never);
      await soon('second', 'alerts.operate', true);
      expect((await lend('second', 'deputy', { grantId: grantIds.get('director') })).status).toBe(403);
      await api.call('POST', `/delegations/${loan.id}/end`, { ...as('director'), body: {} });
      await soon('second', 'alerts.operate', false);
    });

    it('has one acting director at a time, however many are named at once', async () => {
      const acting = { kind: 'acting', validTo: inHours(24) };
      expect((await lend('head', 'deputy', acting)).status).toBe(403);
      expect((await lend('director', 'deputy', { ...acting, maxClass: 'internal' })).status).toBe(400);
      const named = await Promise.all(
        ['deputy', 'second', 'manager', 'deputy', 'second'].map((to) => lend('director', to, acting)),
      );
      expect(named.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
      const winner = named.find(({ status }) => status === 201)?.body;
      await soon(winner.to.username, 'approvals.decide', true);
      const later = await lend('director', 'head', {
        kind: 'acting',
        validFrom: inHours(24),
        validTo: inHours(30),
      });
      expect(later.body.state).toBe('planned');
      await api.call('POST', `/delegations/${winner.id}/end`, { ...as('director'), body: {} });
      await api.call('POST', `/delegations/${later.body.id}/end`, { ...as('director'), body: {} });
      await soon(winner.to.username, 'approvals.decide', false);
      expect((await lend('director', 'head', acting)).status).toBe(201);
    });

    it('opens nothing to a provider but for hours, by who may, and ends by itself', async () => {
      expect((await api.call('GET', '/areas', as('engineer'))).status).toBe(403);
      expect((await lend('director', 'engineer')).status).toBe(400);
      expect((await lend('head', 'engineer', { kind: 'break_glass', validTo: inHours(4) })).status).toBe(403);
      const glass = (hours: number) =>
        lend('manager', 'engineer', {
          kind: 'break_glass',
          validTo: inHours(hours),
          reason: 'mất kết nối camera',
        });
      expect((await glass(9)).status).toBe(400);
      expect((await glass(4)).status).toBe(201);
      await soon('engineer', 'areas.read', true);
      expect((await api.call('GET', '/areas', as('engineer'))).status).toBe(200);
      clock.advance(4 * HOUR_MS);
      const { body } = await api.call('POST', '/auth/login', {
        body: { username: 'engineer', password: PERSON_PASSWORD },
      });
      expect((await api.call('GET', '/areas', { token: body.accessToken })).status).toBe(403);
      const entries = await database.query({
        text: `select action, object_id from audit_log where action like 'breakglass.%' order by action`,
        values: [],
      });
      expect(entries).toEqual([
        { action: 'breakglass.open', object_id: expect.any(String) },
        { action: 'breakglass.use', object_id: 'GET /api/v1/areas' },
      ]);
    });

    it('helps another agency for days, not weeks', async () => {
      const { body } = await api.call('POST', '/auth/login', {
        body: { username: 'head', password: PERSON_PASSWORD },
      });
      tokens.set('head', body.accessToken);
      const aid = (to: string, hours: number) =>
        lend('head', to, {
          kind: 'mutual_aid',
          validTo: inHours(4 + hours),
          permissions: ['units.read', 'dispatch.operate'],
        });
      expect((await aid('deputy', 10)).status).toBe(400);
      expect((await aid('officer', 73)).status).toBe(400);
      expect((await aid('officer', 72)).body).toMatchObject({ kind: 'mutual_aid', state: 'active' });
    });

    it('sleeps while the grant behind it does not hold', async () => {
      const loan = (await lend('head', 'deputy', { validTo: inHours(100) })).body;
      expect(loan.state).toBe('active');
      await database.query({
        text: `update users set status = 'locked' where username = 'head'`,
        values: [],
      });
      const { body } = await api.call('POST', '/auth/login', {
        body: { username: 'deputy', password: PERSON_PASSWORD },
      });
      const { items } = (await api.call('GET', '/delegations', { token: body.accessToken })).body;
      expect(items.find(({ id }: { id: number }) => id === loan.id).state).toBe('dormant');
      const caller = await people.accounts.sessions.authenticate(body.accessToken);
      expect(can(caller, 'dispatch.operate', placeOnly('99001'))).toBe(false);
    });
  });
});
