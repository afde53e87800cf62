import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/clock.ts';
import type { Caller } from '../../core/permissions.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { createTestRegistry, START, type TestRegistry } from '../../test/support/registry.ts';
import { IN_EAST, IN_WEST } from '../../test/support/sample-areas.ts';
import type { OpenDatabase } from '../db/index.ts';
import type { DeviceService } from './devices.ts';
import type { ObservationService } from './observations.ts';
import { createSeriesDirectory } from './series.ts';

describe.each(DATABASE_ADAPTERS)('observations on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    let database: OpenDatabase;
    let registry: TestRegistry;
    let devices: DeviceService;
    let observations: ObservationService;
    let person: TestRegistry['person'];
    beforeAll(async () => {
      database = await open();
      registry = await createTestRegistry(database);
      ({ devices, observations, person } = registry);
      for (const [id, position] of [
        ['csv-1', IN_WEST],
        ['csv-2', IN_EAST],
      ] as const)
        await devices.create({ site: 'main', id, name: id, type: 'salinity', position });
      const series = await createSeriesDirectory(database);
      for (const quantity of ['salinity', 'ph']) {
        const id = await series.resolve('csv-2', quantity, quantity === 'ph' ? 'pH' : 'ppt');
        // Three days at uneven times, some values bad, around midnight of the centre too.
        for (
          let timeMs = START - 3 * 86_400_000;
          timeMs < START;
          timeMs += 60_000 + Math.floor(random.next() * 900_000)
        ) {
          stored.push({
            quantity,
            timeMs,
            value: Math.round(random.next() * 1000) / 100,
            quality: random.next() < 0.1 ? 2 : 0,
          });
        }
        const own = stored.filter((row) => row.quantity === quantity);
        await database.query({
          text: `insert into observations select $1, t, v, q from unnest($2::timestamptz[], $3::float8[], $4::smallint[]) as x(t, v, q)`,
          values: [
            id,
            own.map((row) => new Date(row.timeMs)),
            own.map((row) => row.value),
            own.map((row) => row.quality),
          ],
        });
        const last = own.at(-1);
        await database.query({
          text: `insert into latest_values values ($1, $2, $3, $4, $2)`,
          values: [id, new Date(last?.timeMs ?? 0), last?.value, last?.quality],
        });
      }
      await database.query({
        text: `insert into device_activity values ('csv-2', $1, $1)`,
        values: [new Date(START - 60_000)],
      });
    });
    afterAll(async () => {
      registry?.close();
      await database?.close();
    });
    interface Stored {
      quantity: string;
      timeMs: number;
      value: number;
      quality: number;
    }
    const stored: Stored[] = [];
    const random = seededRandom(11);
    const viewer = () => person('viewer');
    const ask = (query: Partial<Parameters<ObservationService['ofDevice']>[2]>) =>
      observations.ofDevice(viewer(), 'csv-2', { limit: 1000, ...query });
    const iso = (ms: number) => new Date(ms).toISOString();

    it('come back one by one, exactly those in the span, over as many pages as it takes', async () => {
      for (const order of ['asc', 'desc'] as const) {
        const [from, to] = [START - 50 * 3600_000, START - 7 * 3600_000];
        const found: unknown[] = [];
        let cursor: string | undefined;
        do {
          const page = await ask({ from: iso(from), to: iso(to), order, limit: 37, cursor });
          found.push(...page.items);
          cursor = page.nextCursor ?? undefined;
        } while (cursor);
        const times = found.map((row) => Date.parse((row as { time: string }).time));
        expect(times).toEqual([...times].sort((a, b) => (order === 'asc' ? a - b : b - a)));
        const expected = stored.filter((row) => row.timeMs >= from && row.timeMs < to);
        const key = (row: { quantity: string; time?: string; timeMs?: number; value: number }) =>
          `${row.quantity} ${row.timeMs ?? Date.parse(row.time ?? '')} ${row.value}`;
        expect((found as { quantity: string; time: string; value: number }[]).map(key).sort()).toEqual(
          expected.map(key).sort(),
        );
      }
    });

    it('start with the newest when no span is given, and name unit and quality', async () => {
      const { items } = await ask({ quantity: 'ph', limit: 1 });
      const last = stored.filter((row) => row.quantity === 'ph').at(-1);
      expect(items).toEqual([
        {
          time: iso(last?.timeMs ?? 0),
          quantity: 'ph',
          unit: 'pH',
          value: last?.value,
          quality: last?.quality === 2 ? 'bad' : 'good',
        },
      ]);
    });

    it.each(['15m', '1h', '7h', '1d'])(
      'are summed up in buckets of %s as a reading of all rows says',
      async (bucket) => {
        const [from, to] = [START - 60 * 3600_000, START];
        const widthMs =
          Number(bucket.slice(0, -1)) *
          { m: 60_000, h: 3600_000, d: 86_400_000 }[bucket.slice(-1) as 'm' | 'h' | 'd'];
        // Local midnight of 1 January 2001 in a zone that is seven hours ahead and never changes.
        const origin = Date.parse('2001-01-01T00:00:00+07:00');
        const expected = new Map<string, Stored[]>();
        for (const row of stored) {
          if (row.timeMs < from || row.timeMs >= to) continue;
          const key = `${row.quantity} ${iso(origin + Math.floor((row.timeMs - origin) / widthMs) * widthMs)}`;
          expected.set(key, [...(expected.get(key) ?? []), row]);
        }
        const found = new Map<string, Record<string, number | null>>();
        let cursor: string | undefined;
        do {
          const page = await ask({ from: iso(from), to: iso(to), bucket, limit: 20, cursor });
          for (const { time, quantity, unit: _unit, ...figures } of page.items as unknown as {
            time: string;
            quantity: string;
            unit: string;
          }[])
            found.set(`${quantity} ${time}`, figures);
          cursor = page.nextCursor ?? undefined;
        } while (cursor);
        expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
        for (const [key, rows] of expected) {
          const valid = rows.filter((row) => row.quality <= 1).sort((a, b) => a.timeMs - b.timeMs);
          const values = valid.map((row) => row.value);
          const got = found.get(key);
          expect(got).toMatchObject({
            count: rows.length,
            valid: valid.length,
            min: values.length === 0 ? null : Math.min(...values),
            max: values.length === 0 ? null : Math.max(...values),
            last: valid.at(-1)?.value ?? null,
          });
          if (values.length > 0)
            expect(got?.avg).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 9);
        }
      },
    );

    it('are complete when as many came as were expected in the part of the bucket that has passed', async () => {
      const interval = { expectedIntervalS: 600 };
      await devices.update('csv-2', interval, person('admin'));
      const { items } = await ask({
        quantity: 'ph',
        from: iso(START - 3600_000),
        to: iso(START + 3600_000),
        bucket: '1h',
      });
      const count = stored.filter((row) => row.quantity === 'ph' && row.timeMs >= START - 3600_000).length;
      expect(items).toMatchObject([{ count, completeness: Math.min(1, count / 6) }]);
    });

    it('are refused for a span that is empty or too long, a cursor of another list, and a device out of scope', async () => {
      await expect(ask({ from: iso(START), to: iso(START) })).rejects.toThrow('request.invalid');
      await expect(ask({ from: '1990-01-01T00:00:00Z', to: iso(START) })).rejects.toThrow('request.invalid');
      await expect(ask({ from: iso(START - 15 * 366 * 86_400_000), bucket: '1s' })).rejects.toThrow(
        'too narrow',
      );
      await expect(ask({ cursor: Buffer.from('["x"]').toString('base64url') })).rejects.toThrow(
        'request.invalid',
      );
      await expect(
        observations.ofDevice(person('viewer', ['99001']), 'csv-2', { limit: 10 }),
      ).rejects.toThrow('request.not_found');
      expect((await observations.ofDevice(viewer(), 'csv-1', { limit: 10, quantity: 'none' })).items).toEqual(
        [],
      );
    });

    it('have their latest values listed within scope, box and quantity', async () => {
      const latest = async (caller: Caller, query: object = {}) =>
        (await observations.latest(caller, { limit: 100, ...query })).items.map(
          (row) => `${row.deviceId} ${row.quantity}`,
        );
      expect(await latest(viewer())).toEqual(['csv-2 salinity', 'csv-2 ph']);
      expect(await latest(viewer(), { quantity: 'ph' })).toEqual(['csv-2 ph']);
      expect(await latest(viewer(), { bbox: [110, 10, 111, 11] })).toEqual([]);
      expect(await latest(person('viewer', ['99001']))).toEqual([]);
      expect(await latest(person('viewer', ['99002']))).toEqual(['csv-2 salinity', 'csv-2 ph']);
    });

    it('make their device online, and count for those who may see it', async () => {
      expect((await devices.get(viewer(), 'csv-2')).state).toBe('online');
      expect(await devices.counts(viewer())).toEqual({ total: 2, online: 1 });
      expect(await devices.counts(person('viewer', ['99001']))).toEqual({ total: 1, online: 0 });
    });
  });
});
