import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SystemStatus } from '../../core/api/centre.ts';
import { AppError } from '../../core/errors.ts';
import type { Health } from '../../core/ports.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { startApi, type TestApi } from '../../test/support/api.ts';
import { testLogger } from '../../test/support/logger.ts';
import { createTestRegistry, type TestRegistry } from '../../test/support/registry.ts';
import { IN_EAST, IN_WEST } from '../../test/support/sample-areas.ts';
import { CALLERS } from '../../test/support/two-communes.ts';
import { type OpenDatabase, pendingMigrations } from '../db/index.ts';
import { route } from '../http/index.ts';
import { createHealth, createSystem, type System, type SystemOptions } from './index.ts';

const INGEST = {
  receivedTotal: 12,
  storedTotal: 30,
  duplicateTotal: 2,
  quarantinedTotal: 1,
  ratePerS: 0.5,
  delayP50Ms: 4.1,
  delayP99Ms: 25,
};
const TOKEN = 'for-figures-only-8f1c';

const nobodySignsIn = { authenticate: () => Promise.reject(new AppError('auth.required')) };

describe.each(DATABASE_ADAPTERS)('the system on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    let database: OpenDatabase;
    let registry: TestRegistry;
    let clock: TestRegistry['clock'];
    let health: Health;
    let parts: SystemOptions;
    let system: System;
    let api: TestApi;
    let trouble: 'none' | 'fails' | 'hangs' = 'none';

    beforeAll(async () => {
      database = await open();
      registry = await createTestRegistry(database);
      clock = registry.clock;
      health = createHealth(clock);
      const { devices, cameras } = registry;
      for (const [side, position] of [
        ['west', IN_WEST],
        ['east', IN_EAST],
      ] as const) {
        for (const n of side === 'west' ? [1] : [1, 2])
          await devices.create({ site: 'main', name: `${side} ${n}`, type: 'water-level', position });
        await cameras.create({
          name: `Camera ${side}`,
          position,
          source: { kind: 'test-pattern', scene: 'road' },
        });
      }
      await database.query({
        text: `insert into device_activity (device_id, last_received_at, last_observed_at)
               values ('east-1', $1, $1)`,
        values: [new Date(clock.now())],
      });
      const query: OpenDatabase['query'] = async (statement) => {
        if (trouble === 'fails') throw new AppError('db.unavailable', { detail: 'secret host name' });
        if (trouble === 'hangs') return new Promise(() => {});
        return database.query(statement);
      };
      const shaky = { query, transaction: database.transaction, as: database.as };
      parts = {
        database,
        bus: registry.people.bus,
        clock,
        logger: testLogger(),
        health: createHealth(clock),
        dataDir: registry.people.dataDir,
        counts: () => Promise.reject(new Error('nobody asks for counts')),
        ingest: () => INGEST,
        pendingMigrations: () => pendingMigrations(database),
      };
      system = createSystem({
        ...parts,
        database: shaky,
        health,
        async counts(caller) {
          if (trouble === 'fails') throw new AppError('db.unavailable');
          return { devices: await devices.counts(caller), cameras: await cameras.counts(caller) };
        },
        pendingMigrations: () => pendingMigrations(shaky),
        metricsToken: TOKEN,
        samples: () => [
          { name: 'haidang_mqtt_connections', help: 'Devices connected', type: 'gauge', value: 7 },
        ],
      });
      const thing = route({
        method: 'get',
        path: '/things/:id',
        summary: '',
        tag: 'test',
        access: 'public',
        params: z.object({ id: z.string() }),
        response: z.object({}),
        handler: async () => ({}),
      });
      api = await startApi(
        [...system.routes, thing],
        {
          authenticate: async (token) => {
            const caller = CALLERS[token];
            if (!caller) throw new AppError('auth.required');
            return caller;
          },
        },
        { mount: system.mount },
      );
    });
    afterAll(async () => {
      await api?.close();
      system?.close();
      registry?.close();
      await database?.close();
    });
    beforeEach(() => {
      trouble = 'none';
      // Answers to probes are kept for a moment.
      clock.advance(1000);
    });

    const get = (path: string, headers: Record<string, string> = {}) =>
      fetch(`${api.url}${path}`, { headers }).then(async (answer) => ({
        status: answer.status,
        type: answer.headers.get('content-type'),
        text: await answer.text(),
      }));

    it('tells who may know how the platform is doing, and counts only what they may see', async () => {
      health.set({
        component: 'media',
        state: 'down',
        code: 'camera.media_off',
        message: { vi: 'tắt', en: 'off' },
      });
      const whole = await api.call('GET', '/system', { token: 'everywhere' });
      expect(whole.status).toBe(200);
      expect(SystemStatus.strict().parse(whole.body)).toMatchObject({
        devices: { total: 3, online: 1 },
        cameras: { total: 2, online: 0 },
        ingest: INGEST,
        health: [
          {
            component: 'media',
            state: 'down',
            code: 'camera.media_off',
            message: { vi: 'tắt', en: 'off' },
            since: new Date(clock.now()).toISOString(),
          },
        ],
      });
      const west = await api.call('GET', '/system', { token: 'westOperator' });
      expect(west.body).toMatchObject({ devices: { total: 1, online: 0 }, cameras: { total: 1, online: 0 } });
      expect((await api.call('GET', '/system', { token: 'west' })).status).toBe(403);
      expect((await api.call('GET', '/system')).status).toBe(401);
    });

    it('is alive whatever the database does, and ready only when it answers', async () => {
      expect(await get('/healthz')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
      expect(await get('/readyz')).toMatchObject({ status: 200, text: '{"status":"ready"}' });
      trouble = 'fails';
      clock.advance(1000);
      const refused = await get('/readyz');
      expect(refused).toMatchObject({ status: 503, type: 'application/problem+json; charset=utf-8' });
      expect(JSON.parse(refused.text)).toMatchObject({ code: 'db.unavailable' });
      expect(await get('/healthz')).toMatchObject({ status: 200 });

      trouble = 'hangs';
      clock.advance(1000);
      const hanging = get('/readyz');
      // The request must be inside before its deadline passes.
      let done = false;
      void hanging.finally(() => {
        done = true;
      });
      for (let i = 0; i < 1000 && !done; i++) {
        await new Promise((resolve) => setImmediate(resolve));
        clock.advance(10);
      }
      expect((await hanging).status).toBe(503);
    });

    it('is not ready while a migration is missing', async () => {
      const last = await pendingMigrations(database);
      expect(last).toEqual([]);
      const [row] = await database.query<{ name: string }>({
        text: `delete from migrations_core where name = (select max(name) from migrations_core) returning name`,
        values: [],
      });
      expect(await pendingMigrations(database)).toEqual([`core/${row?.name}`]);
      const fresh = createSystem({
        database,
        bus: registry.people.bus,
        clock,
        logger: testLogger(),
        health: createHealth(clock),
        dataDir: registry.people.dataDir,
        counts: () => Promise.reject(new Error('not asked')),
        ingest: () => INGEST,
        pendingMigrations: () => pendingMigrations(database),
      });
      const other = await startApi([], nobodySignsIn, { mount: fresh.mount });
      try {
        const answer = await fetch(`${other.url}/readyz`);
        expect(answer.status).toBe(503);
        expect(await answer.json()).toMatchObject({
          code: 'system.not_ready',
          data: { pending: [`core/${row?.name}`] },
        });
        await database.query({
          text: `insert into migrations_core (name, run_on) values ($1, now())`,
          values: [row?.name],
        });
        clock.advance(1000);
        expect((await fetch(`${other.url}/readyz`)).status).toBe(200);
      } finally {
        await other.close();
        fresh.close();
      }
    });

    it('is not ready while an essential part is down; cameras are not essential', async () => {
      const say = (component: string, state: 'ok' | 'down') =>
        health.set({ component, state, message: { vi: 'x', en: 'a detail for operators only' } });
      say('media', 'down');
      expect((await get('/readyz')).status).toBe(200);
      say('ingest.writer', 'down');
      clock.advance(999);
      // Whoever asks faster than once a second gets the answer of before.
      expect((await get('/readyz')).status).toBe(200);
      clock.advance(1);
      const refused = await get('/readyz');
      expect(refused.status).toBe(503);
      expect(JSON.parse(refused.text)).toMatchObject({
        code: 'system.not_ready',
        data: { components: [{ component: 'ingest.writer', state: 'down' }] },
      });
      expect(refused.text).not.toContain('operators');
      say('ingest.writer', 'ok');
      clock.advance(1000);
      expect((await get('/readyz')).status).toBe(200);
    });

    it('gives figures to programs of this machine that speak for nobody else, or to the token', async () => {
      const open = await get('/metrics');
      expect(open).toMatchObject({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
      for (const header of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip', 'x-forwarded-host'])
        expect((await get('/metrics', { [header]: '203.0.113.9' })).status, header).toBe(401);
      const from = { 'x-forwarded-for': '203.0.113.9' };
      const bearer = (token: string) => ({ ...from, authorization: `Bearer ${token}` });
      expect((await get('/metrics', bearer(TOKEN))).status).toBe(200);
      expect((await get('/metrics', bearer('wrong'))).status).toBe(401);
      expect((await get('/metrics', { authorization: 'Bearer wrong' })).status).toBe(401);
    });

    it('gives figures to nobody without the token behind a proxy that may hide where requests come from', async () => {
      const hidden = createSystem({ ...parts, metricsToken: TOKEN, behindProxy: true });
      const other = await startApi([], nobodySignsIn, { mount: hidden.mount });
      try {
        expect((await fetch(`${other.url}/metrics`)).status).toBe(401);
        const authorization = `Bearer ${TOKEN}`;
        expect((await fetch(`${other.url}/metrics`, { headers: { authorization } })).status).toBe(200);
      } finally {
        await other.close();
        hidden.close();
      }
    });

    it('measures requests by their template, and reports what others count', async () => {
      await api.call('GET', '/things/secret-id-1');
      await api.call('GET', '/things/secret-id-2');
      await api.call('GET', '/no-such-thing/secret-id-3');
      health.set({ component: 'media', state: 'degraded', message: { vi: '', en: '' } });
      const text = (await get('/metrics')).text;
      expect(text).toContain(
        'haidang_http_request_duration_seconds_count{method="GET",route="/api/v1/things/:id",status="200"} 2',
      );
      expect(text).toMatch(/request_duration_seconds_count\{method="GET",route="none",status="404"\} \d/);
      expect(text).not.toContain('secret-id');
      for (const line of [
        'haidang_ingest_received_total 12',
        'haidang_ingest_stored_total 30',
        'haidang_ingest_duplicates_total 2',
        'haidang_ingest_quarantined_total 1',
        'haidang_ingest_rate_per_second 0.5',
        'haidang_ingest_delay_seconds{quantile="0.99"} 0.025',
        'haidang_health_state{component="media"} 1',
        'haidang_mqtt_connections 7',
      ])
        expect(text.split('\n')).toContain(line);
      expect(text).toMatch(/^process_cpu_seconds_total \d/m);
      expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
      // The same scrape again: totals of others are not added up.
      expect((await get('/metrics')).text).toContain('haidang_ingest_received_total 12\n');
    });
  });
});
