import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../../core/permissions.ts';
import type { Ingest } from '../../ingest/index.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { startApi, type TestApi } from '../../test/support/api.ts';
import { startTestIngest } from '../../test/support/ingest.ts';
import { createTestRegistry, type TestRegistry } from '../../test/support/registry.ts';
import { IN_EAST, IN_WEST } from '../../test/support/sample-areas.ts';
import { testTrail } from '../../test/support/trail.ts';
import type { OpenDatabase } from '../db/index.ts';
import { createIntakeApi } from './index.ts';

const HOUR_MS = 3_600_000;

describe.each(DATABASE_ADAPTERS)('HTTP push and quarantine on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    let database: OpenDatabase;
    let registry: TestRegistry;
    let ingest: Ingest;
    let api: TestApi;
    const passwords = new Map<string, string>();
    const people = new Map<string, Caller>();

    beforeAll(async () => {
      database = await open();
      registry = await createTestRegistry(database);
      for (const [id, position] of [
        ['west-1', IN_WEST],
        ['east-1', IN_EAST],
      ] as const) {
        const made = await registry.devices.create({
          site: 'main',
          id,
          name: id,
          type: 'air-quality',
          position,
        });
        passwords.set(id, made.credential.password);
      }
      people.set('all', registry.person('integrator'));
      people.set('west', registry.person('integrator', ['99001']));
      people.set('viewer', registry.person('viewer'));
      ingest = await startTestIngest({ database, devices: registry.directory, front: false });
      const { routes } = createIntakeApi({
        database,
        intake: ingest.intake,
        clock: systemClock,
        audit: testTrail(database, systemClock),
      });
      api = await startApi(
        routes,
        {
          async authenticate(token) {
            const caller = people.get(token);
            if (!caller) throw new AppError('auth.required');
            return caller;
          },
        },
        { authenticateDevice: registry.directory.authenticate },
      );
    });
    afterAll(async () => {
      await api?.close();
      await ingest?.stop();
      registry?.close();
      await database?.close();
    });

    const basic = (user: string, password: string) => ({
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
    });
    const push = (device: string, body: unknown, as = device) =>
      api.call('POST', `/ingest/${device}`, { body, headers: basic(as, passwords.get(as) ?? '') });
    const ts = (hoursAgo: number) => new Date(Date.now() - hoursAgo * HOUR_MS).toISOString();
    const list = async (token: string, query = '') =>
      (await api.call('GET', `/quarantine${query}`, { token })).body.items as {
        id: number;
        deviceId: string | null;
        code: string;
        payload: string | null;
        replayResult: string | null;
      }[];
    const stored = async (device: string) => {
      const rows = await database.query<{ value: number }>({
        text: `select value from observations o join series s on s.id = o.series_id
               where device_id = $1 and quantity = 'pm25' order by time`,
        values: [device],
      });
      return rows.map((row) => row.value);
    };

    it('stores what a device pushes and says what became of it', async () => {
      const body = { ts: ts(5), values: { pm25: 12, pm10: 1e6, so2: 'x' } };
      const answer = await push('west-1', body);
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({
        stored: 2,
        duplicates: 0,
        quarantined: [{ id: expect.any(Number), code: 'value.not_number', reason: expect.any(String) }],
      });
      expect(await stored('west-1')).toEqual([12]);
      expect((await push('west-1', body)).body).toMatchObject({ stored: 0, duplicates: 2 });
    });

    it('takes the identity from the credential and from nothing else', async () => {
      expect((await push('east-1', { values: { pm25: 1 } }, 'west-1')).body.code).toBe('auth.forbidden');
      const wrong = await api.call('POST', '/ingest/west-1', {
        body: { values: { pm25: 1 } },
        headers: basic('west-1', 'guess'),
      });
      expect([wrong.status, wrong.body.code]).toEqual([401, 'auth.invalid']);
      const person = await api.call('POST', '/ingest/west-1', {
        body: { values: { pm25: 1 } },
        token: 'all',
      });
      expect(person.status).toBe(401);
      expect(await stored('east-1')).toEqual([]);
    });

    it('answers with the code when nothing of it can be stored, and keeps it', async () => {
      const answer = await push('east-1', '{"values": {"pm25": 1e999}}');
      expect([answer.status, answer.body.code]).toEqual([422, 'value.not_finite']);
      const [{ id }] = answer.body.data.quarantined;
      const item = await api.call('GET', `/quarantine/${id}`, { token: 'all' });
      expect(item.body).toMatchObject({
        deviceId: 'east-1',
        source: 'http',
        payload: '{"values": {"pm25": 1e999}}',
      });
      expect((await push('east-1', '')).body.code).toBe('payload.not_json');
      const large = await push('east-1', JSON.stringify({ values: { x: 'y'.repeat(300_000) } }));
      expect(large.status).toBe(413);
    });

    it('shows everybody only the rows of their own devices, and rows of nobody only without a limit', async () => {
      await database.query({
        text: `insert into quarantine (received_at, source, code, reason, payload_bytes)
               values (now(), 'mqtt', 'payload.too_large', 'a packet', 20000000)`,
        values: [],
      });
      const devicesOf = async (token: string) => new Set((await list(token)).map((row) => row.deviceId));
      expect(await devicesOf('all')).toEqual(new Set(['west-1', 'east-1', null]));
      expect(await devicesOf('west')).toEqual(new Set(['west-1']));
      expect((await api.call('GET', '/quarantine', { token: 'viewer' })).status).toBe(403);
      const [east] = await list('all', '?device=east-1');
      expect((await api.call('GET', `/quarantine/${east?.id}`, { token: 'west' })).status).toBe(404);
      const replay = await api.call('POST', `/quarantine/${east?.id}/replay`, { token: 'west' });
      expect(replay.status).toBe(404);
    });

    it('pages through the rows, newest first, and filters by code', async () => {
      const all = await list('all');
      const seen: number[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const query = `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
        const page: { body: { items: { id: number }[]; nextCursor: string | null } } = await api.call(
          'GET',
          `/quarantine${query}`,
          { token: 'all' },
        );
        seen.push(...page.body.items.map((row) => row.id));
        cursor = page.body.nextCursor;
      }
      expect(seen).toEqual(all.map((row) => row.id));
      expect(seen).toEqual([...seen].sort((a, b) => b - a));
      const finite = await list('all', '?code=value.not_finite');
      expect(finite.map((row) => row.code)).toEqual(['value.not_finite']);
    });

    it('replays a message as of its arrival once its fault is gone, and stores it once', async () => {
      // The type learns nothing new here: what changes is the clock's window, as after a wrong server clock.
      const future = { ts: new Date(Date.now() + HOUR_MS).toISOString(), values: { pm25: 77, pm10: 7 } };
      const refused = await push('west-1', future);
      expect(refused.body.code).toBe('time.future');
      const [{ id }] = refused.body.data.quarantined;
      const again = await api.call('POST', `/quarantine/${id}/replay`, { token: 'all' });
      expect(again.body.replayResult).toMatch(/^stored 0, duplicates 0; refused again: time.future/);
      // No new rows came of that.
      expect((await list('all', '?code=time.future')).map((row) => row.id)).toEqual([id]);

      await database.query({
        text: 'update quarantine set payload = $1 where id = $2',
        values: [Buffer.from(JSON.stringify({ ...future, ts: ts(2) })), id],
      });
      const third = await api.call('POST', `/quarantine/${id}/replay`, { token: 'west' });
      expect(third.body).toMatchObject({
        replayResult: 'stored 2, duplicates 0',
        replayedAt: expect.any(String),
      });
      const fourth = await api.call('POST', `/quarantine/${id}/replay`, { token: 'west' });
      expect(fourth.body.replayResult).toBe('stored 0, duplicates 2');
      expect(await stored('west-1')).toContain(77);
    });

    it('gives a reading without a time of its own the time at which it first arrived', async () => {
      const answer = await push('west-1', '{"values": {"pm25": "x"}}');
      const [{ id }] = answer.body.data.quarantined;
      const arrivedAt = new Date(Date.now() - 3 * HOUR_MS);
      await database.query({
        text: 'update quarantine set payload = $1, received_at = $2 where id = $3',
        values: [Buffer.from('{"values": {"pm25": 88}}'), arrivedAt, id],
      });
      await api.call('POST', `/quarantine/${id}/replay`, { token: 'all' });
      const [row] = await database.query<{ time: Date }>({
        text: 'select time from observations where value = 88',
        values: [],
      });
      expect(row?.time).toEqual(arrivedAt);
    });

    it('finds the payload of a message whose refused parts have a row each, and replays it once', async () => {
      const answer = await push('east-1', { ts: ts(1), values: { pm25: 'a', pm10: 'b', so2: 'c' } });
      const ids = (answer.body.data.quarantined as { id: number }[]).map((row) => row.id);
      expect(ids).toHaveLength(3);
      const last = await api.call('GET', `/quarantine/${ids[2]}`, { token: 'all' });
      expect(last.body.payload).toContain('"so2":"c"');
      const replayed = await api.call('POST', '/quarantine/replay', { token: 'all', body: { ids } });
      expect(replayed.body).toEqual({
        messages: 1,
        stored: 0,
        duplicates: 0,
        refused: 3,
        skipped: 0,
        more: false,
      });
      for (const row of (await list('all')).filter(({ id }) => ids.includes(id))) {
        expect(row.replayResult).toMatch(/refused again/);
      }
    });

    it('replays by filter what was never replayed, and says what it had to leave out', async () => {
      for (let n = 0; n < 3; n++) await push('east-1', { values: { [`unheard_of_${n}`]: n } });
      const body = { filter: { device: 'east-1', code: 'value.unknown_quantity' } };
      const first = await api.call('POST', '/quarantine/replay', { token: 'all', body });
      expect(first.body).toMatchObject({ messages: 3, refused: 3, more: false });
      const second = await api.call('POST', '/quarantine/replay', { token: 'all', body });
      expect(second.body).toMatchObject({ messages: 0 });
      const [unread] = await list('all', '?code=payload.too_large');
      const skipped = await api.call('POST', '/quarantine/replay', {
        token: 'all',
        body: { ids: [unread?.id] },
      });
      expect(skipped.body).toMatchObject({ messages: 0, skipped: 1 });
      const one = await api.call('POST', `/quarantine/${unread?.id}/replay`, { token: 'all' });
      expect([one.status, one.body.code]).toEqual([409, 'request.conflict']);
    });
  });
});
