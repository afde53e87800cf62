import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock, seededRandom } from '../../core/clock.ts';
import type { EventMap } from '../../core/events.ts';
import type { Caller, Role } from '../../core/permissions.ts';
import { loadDeviceTypes } from '../../devices/index.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { testLogger } from '../../test/support/logger.ts';
import { createPeople, type People } from '../../test/support/people.ts';
import { IN_EAST, IN_WEST, OUTSIDE, SAMPLE_AREAS } from '../../test/support/sample-areas.ts';
import type { OpenDatabase } from '../db/index.ts';
import { type CameraService, createCameraService } from './cameras.ts';
import { importDevices } from './device-import.ts';
import { createDeviceService, type DeviceService } from './devices.ts';
import { createDirectory, type KnownDevices } from './directory.ts';
import { createObservationService, type ObservationService } from './observations.ts';
import { createSeriesDirectory } from './series.ts';

const START = Date.parse('2026-11-22T08:00:00+07:00');
const TIMEZONE = 'Asia/Ho_Chi_Minh';
const DEVICE_QUERY = { limit: 100 };

describe.each(DATABASE_ADAPTERS)('the registry on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    let database: OpenDatabase;
    let people: People;
    let directory: KnownDevices;
    let devices: DeviceService;
    let observations: ObservationService;
    let cameras: CameraService;
    let deps: Parameters<typeof importDevices>[0];
    const clock = manualClock(START);
    const person = (
      role: Role,
      areaIds: string[] | 'all' = 'all',
      domains: string[] | 'all' = 'all',
    ): Caller => ({
      userId: 'u',
      username: 'u',
      displayName: 'u',
      sessionId: 's',
      grants: [
        {
          role,
          areas: areaIds === 'all' ? 'all' : people.areas.tree.subtree(areaIds),
          domains: domains === 'all' ? 'all' : new Set(domains),
        },
      ],
    });

    beforeAll(async () => {
      database = await open();
      people = await createPeople(database, clock);
      await people.areas.import(SAMPLE_AREAS, {});
      const { bus } = people;
      const logger = testLogger();
      const types = await loadDeviceTypes();
      const hasDomain = (id: string) => ['environment', 'traffic'].includes(id);
      directory = await createDirectory({ database, bus, logger, types });
      deps = { database, bus, clock, types, areas: people.areas.tree, directory, hasDomain };
      devices = createDeviceService(deps);
      observations = createObservationService({ ...deps, timezone: TIMEZONE });
      cameras = await createCameraService({
        database,
        bus,
        logger,
        secrets: people.secrets,
        areas: people.areas.tree,
        hasDomain,
      });
    });
    afterAll(async () => {
      cameras?.close();
      directory?.close();
      people?.close();
      await database?.close();
    });
    const idsOf = async (caller: Caller, query: object = {}) =>
      (await devices.list(caller, { ...DEVICE_QUERY, ...query }, '')).items.map((device) => device.id);

    it('registers devices, puts them into their area, and shows the credential once', async () => {
      const made = await devices.create({
        site: 'main',
        name: 'Trạm đo Cửa Sông',
        type: 'water-level',
        position: IN_WEST,
        domain: 'environment',
      });
      expect(made).toMatchObject({
        id: 'tram-do-cua-song',
        areaId: '99001',
        areaName: 'Xã Tây',
        state: 'never',
        credential: { username: 'tram-do-cua-song', topic: 'ioc/v1/main/tram-do-cua-song/up' },
      });
      const again = await devices.create({
        site: 'main',
        name: 'Trạm đo Cửa Sông',
        type: 'water-level',
        position: IN_EAST,
      });
      expect(again).toMatchObject({ id: 'tram-do-cua-song-2', areaId: '99002' });
      const lost = await devices.create({
        site: 'main',
        id: 'lost',
        name: 'Lạc',
        type: 'water-level',
        position: OUTSIDE,
      });
      expect([lost.areaId, lost.areaName]).toEqual([null, null]);
      await devices.create({ site: 'main', id: 'mover', name: 'Xe 1', type: 'gps-tracker' });

      const { password } = made.credential;
      expect(password).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(await directory.authenticate(made.id, password)).toBe(made.id);
      expect(await directory.authenticate(made.id, again.credential.password)).toBeUndefined();
      expect(await directory.authenticate('nobody', password)).toBeUndefined();
      expect(await directory.authenticate(made.id, '')).toBeUndefined();
      const rows = await database.query<{ text: string }>({
        text: `select row_to_json(c)::text as text from device_credentials c`,
        values: [],
      });
      expect(rows.map((row) => row.text).join()).not.toContain(password);
      expect(directory.byId(made.id)).toEqual({
        id: made.id,
        site: 'main',
        type: 'water-level',
        enabled: true,
        position: IN_WEST,
        areaId: '99001',
        domain: 'environment',
        mobile: false,
        unitId: null,
        expectedIntervalS: made.expectedIntervalS,
      });
    });

    it('refuses what does not fit, by its reason', async () => {
      const create = (more: object) =>
        devices.create({ site: 'main', name: 'X', type: 'water-level', ...more }, person('integrator'));
      await expect(create({ id: 'lost' })).rejects.toThrow('request.conflict');
      await expect(create({ type: 'teapot' })).rejects.toThrow('no device type teapot');
      await expect(create({ domain: 'magic' })).rejects.toThrow('no domain magic');
    });

    it('renews a credential: the old one ends at once', async () => {
      const first = await devices.renewCredential('lost', person('integrator'));
      const second = await devices.renewCredential('lost', person('integrator'));
      expect(await directory.authenticate('lost', first.password)).toBeUndefined();
      expect(await directory.authenticate('lost', second.password)).toBe('lost');
    });

    it('shows and lets change only what the grants cover', async () => {
      const west = person('integrator', ['99001']);
      expect(await idsOf(person('viewer'))).toEqual([
        'lost',
        'mover',
        'tram-do-cua-song',
        'tram-do-cua-song-2',
      ]);
      expect(await idsOf(west)).toEqual(['tram-do-cua-song']);
      expect(await idsOf(person('viewer', ['99']))).toEqual(['tram-do-cua-song', 'tram-do-cua-song-2']);
      expect(await idsOf(person('viewer', 'all', ['traffic']))).not.toContain('tram-do-cua-song');
      await expect(devices.get(west, 'tram-do-cua-song-2')).rejects.toThrow('request.not_found');
      await expect(devices.update('tram-do-cua-song-2', { name: 'Y' }, west)).rejects.toThrow(
        'request.not_found',
      );
      await expect(devices.renewCredential('tram-do-cua-song-2', west)).rejects.toThrow('request.not_found');
      await expect(devices.update('tram-do-cua-song', { position: IN_EAST }, west)).rejects.toThrow(
        'auth.forbidden',
      );
      await expect(
        devices.create({ site: 'main', name: 'Z', type: 'water-level', position: IN_EAST }, west),
      ).rejects.toThrow('auth.forbidden');
      await expect(devices.create({ site: 'main', name: 'Z', type: 'water-level' }, west)).rejects.toThrow(
        'auth.forbidden',
      );
      const mixed: Caller = { ...west, grants: [...west.grants, ...person('viewer').grants] };
      await expect(devices.update('tram-do-cua-song-2', { name: 'Y' }, mixed)).rejects.toThrow(
        'auth.forbidden',
      );
    });

    it('filters by type, area with its subtree, and box, page by page', async () => {
      const all = person('viewer');
      expect(await idsOf(all, { type: 'gps-tracker' })).toEqual(['mover']);
      expect(await idsOf(all, { area: '99' })).toEqual(['tram-do-cua-song', 'tram-do-cua-song-2']);
      expect(await idsOf(all, { bbox: [111, 10, 112, 11] })).toEqual(['tram-do-cua-song-2']);
      const first = await devices.list(all, { limit: 3 }, '');
      expect([first.items.length, first.more]).toEqual([3, true]);
      const rest = await devices.list(all, { limit: 3 }, first.items.at(-1)?.id ?? '');
      expect([rest.items.length, rest.more]).toEqual([1, false]);
    });

    it('changes a device, moves it into its new area, and forgets what is set to null', async () => {
      const admin = person('admin');
      const moved = await devices.update(
        'lost',
        { position: IN_EAST, domain: 'traffic', ownerAgency: 'Sở A' },
        admin,
      );
      expect(moved).toMatchObject({ areaId: '99002', domain: 'traffic', ownerAgency: 'Sở A' });
      const bare = await devices.update(
        'lost',
        { position: null, domain: null, ownerAgency: null, enabled: false },
        admin,
      );
      expect(bare).toMatchObject({
        areaId: null,
        position: null,
        domain: null,
        ownerAgency: null,
        state: 'disabled',
      });
      expect(directory.byId('lost')?.enabled).toBe(false);
    });

    it('imports a table: a verdict per row, the same again changes nothing', async () => {
      const table = Buffer.from(
        [
          'id,name,type,lon,lat,domain,prop_serial',
          'csv-1,Một,salinity,110.5,10.5,environment,A1',
          'csv-2,Hai,salinity,111.5,10.5,,A2',
          'csv-3,Ba,teapot,111.5,10.5,,',
          'csv 4,Bốn,salinity,,,,',
          'lost,Lạc,gps-tracker,,,,',
        ].join('\n'),
      );
      const verdicts = (report: Awaited<ReturnType<typeof importDevices>>) =>
        report.rows.map((row) => row.verdict);
      const dry = await importDevices(deps, table, { dryRun: true });
      expect(verdicts(dry)).toEqual(['created', 'created', 'rejected', 'rejected', 'rejected']);
      expect(directory.byId('csv-1')).toBeUndefined();
      const first = await importDevices(deps, table, { dryRun: false });
      expect(verdicts(first)).toEqual(['created', 'created', 'rejected', 'rejected', 'rejected']);
      const [row] = first.rows;
      expect(await directory.authenticate('csv-1', row?.credential?.password ?? '')).toBe('csv-1');
      const second = await importDevices(deps, table, { dryRun: false });
      expect(verdicts(second).slice(0, 2)).toEqual(['unchanged', 'unchanged']);
      expect(second.rows.every((each) => each.credential === null)).toBe(true);
      expect(await directory.authenticate('csv-1', row?.credential?.password ?? '')).toBe('csv-1');
      const changed = await importDevices(deps, Buffer.from('id,name,type\ncsv-1,Một mới,salinity'), {
        dryRun: false,
      });
      expect(verdicts(changed)).toEqual(['updated']);
      expect(await devices.get(person('viewer'), 'csv-1')).toMatchObject({
        name: 'Một mới',
        position: IN_WEST,
        domain: 'environment',
        properties: { serial: 'A1' },
      });
      const limited = await importDevices(deps, table, { dryRun: true }, person('integrator', ['99002']));
      expect(verdicts(limited)[0]).toBe('rejected');
    });

    it('makes a series once, whoever races for it', async () => {
      const [a, b] = [await createSeriesDirectory(database), await createSeriesDirectory(database)];
      const ids = await Promise.all(
        Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? a : b).resolve('csv-1', 'salinity', 'ppt')),
      );
      expect(new Set(ids).size).toBe(1);
      expect(await a.resolve('csv-1', 'ph', 'pH')).not.toBe(ids[0]);
    });

    describe('observations', () => {
      interface Stored {
        quantity: string;
        timeMs: number;
        value: number;
        quality: number;
      }
      const stored: Stored[] = [];
      const random = seededRandom(11);
      beforeAll(async () => {
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
        await expect(ask({ from: '1990-01-01T00:00:00Z', to: iso(START) })).rejects.toThrow(
          'request.invalid',
        );
        await expect(ask({ from: iso(START - 15 * 366 * 86_400_000), bucket: '1s' })).rejects.toThrow(
          'too narrow',
        );
        await expect(ask({ cursor: Buffer.from('["x"]').toString('base64url') })).rejects.toThrow(
          'request.invalid',
        );
        await expect(
          observations.ofDevice(person('viewer', ['99001']), 'csv-2', { limit: 10 }),
        ).rejects.toThrow('request.not_found');
        expect(
          (await observations.ofDevice(viewer(), 'csv-1', { limit: 10, quantity: 'none' })).items,
        ).toEqual([]);
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
        expect(await devices.counts(viewer())).toEqual({ total: 5, online: 1 });
        expect(await devices.counts(person('viewer', ['99001']))).toEqual({ total: 2, online: 0 });
      });
    });

    it('places a mover where it was last seen, in that area', async () => {
      const series = await createSeriesDirectory(database);
      const id = await series.resolve('mover', 'position', 'deg');
      await database.query({
        text: `insert into latest_positions (series_id, time, lon, lat, area_id, received_at) values ($1, $2, $3, $4, '99002', $2)`,
        values: [id, new Date(START), ...IN_EAST],
      });
      expect(await devices.get(person('viewer', ['99002']), 'mover')).toMatchObject({
        position: IN_EAST,
        areaId: '99002',
      });
      await expect(devices.get(person('viewer', ['99001']), 'mover')).rejects.toThrow('request.not_found');
      await devices.update('mover', { name: 'Xe một' }, person('admin'));
      expect(directory.byId('mover')).toMatchObject({ position: null, areaId: null, mobile: true });
    });

    describe('cameras', () => {
      const changes: EventMap['camera.changed'][] = [];
      beforeAll(() => people.bus.on('test', 'camera.changed', (camera) => changes.push(camera)));
      const integrator = () => person('integrator');
      const rtsp = (url: string, more: object = {}) => ({ kind: 'rtsp' as const, url, ...more });

      it('keep their password sealed and never show it', async () => {
        const made = await cameras.create(
          {
            name: 'Cầu Cảng',
            position: IN_WEST,
            headingDeg: 90,
            fovDeg: 60,
            rangeM: 200,
            source: rtsp('rtsp://admin:hunter2@10.1.2.3/live'),
          },
          integrator(),
        );
        expect(made).toMatchObject({
          id: 'cau-cang',
          areaId: '99001',
          state: 'unknown',
          source: { kind: 'rtsp', address: 'rtsp://10.1.2.3/live', hasCredential: true },
        });
        expect(await cameras.credentialOf('cau-cang')).toEqual({ username: 'admin', password: 'hunter2' });
        const everything = JSON.stringify([
          made,
          changes,
          [...cameras.directory.all()],
          await cameras.list(integrator(), { limit: 10 }, ''),
        ]);
        expect(everything).not.toContain('hunter2');
        const dump = await database.query<{ text: string }>({
          text: 'select row_to_json(c)::text as text from cameras c',
          values: [],
        });
        expect(JSON.stringify(dump)).not.toContain('hunter2');
      });

      it('lose the password when they are pointed at another place, and keep it otherwise', async () => {
        await cameras.update(
          'cau-cang',
          { source: rtsp('rtsp://10.1.2.3/other'), name: 'Cầu Cảng 1' },
          integrator(),
        );
        expect(await cameras.credentialOf('cau-cang')).toEqual({ username: 'admin', password: 'hunter2' });
        const moved = await cameras.update(
          'cau-cang',
          { source: rtsp('rtsp://10.6.6.6/live') },
          integrator(),
        );
        expect(moved.source.hasCredential).toBe(false);
        expect(await cameras.credentialOf('cau-cang')).toBeUndefined();
        await cameras.update(
          'cau-cang',
          { source: rtsp('rtsp://10.6.6.6/live', { username: 'a', password: 'b' }) },
          integrator(),
        );
        expect(await cameras.credentialOf('cau-cang')).toEqual({ username: 'a', password: 'b' });
      });

      it('take the media plane’s verdicts, in order, and say when the last frame was', async () => {
        changes.length = 0;
        const frame = START - 5000;
        cameras.recordHealth('cau-cang', {
          state: 'online',
          reason: null,
          sinceMs: START - 9000,
          lastFrameAtMs: frame,
        });
        cameras.recordHealth('cau-cang', {
          state: 'offline',
          reason: 'timeout',
          sinceMs: START,
          lastFrameAtMs: frame - 60_000,
        });
        cameras.recordHealth('no-such-camera', {
          state: 'online',
          reason: null,
          sinceMs: START,
          lastFrameAtMs: null,
        });
        await cameras.settled();
        expect(changes.map((camera) => camera.state)).toEqual(['online', 'offline']);
        expect(await cameras.get(person('viewer'), 'cau-cang')).toMatchObject({
          state: 'offline',
          stateReason: 'timeout',
          stateSince: new Date(START).toISOString(),
          lastFrameAt: new Date(frame).toISOString(),
        });
        expect(await cameras.counts(person('viewer'))).toEqual({ total: 1, online: 0 });
        const off = await cameras.update('cau-cang', { enabled: false }, integrator());
        expect(off.state).toBe('disabled');
        cameras.recordHealth('cau-cang', {
          state: 'online',
          reason: null,
          sinceMs: START,
          lastFrameAtMs: null,
        });
        await cameras.settled();
        expect((await cameras.update('cau-cang', { enabled: true }, integrator())).state).toBe('unknown');
      });

      it('are found by what they see, the nearest first, within scope', async () => {
        await cameras.create({
          id: 'dome',
          name: 'Vòm',
          position: [110.5005, 10.5],
          source: { kind: 'test-pattern', scene: 'road' },
        });
        await cameras.create({
          id: 'back',
          name: 'Quay lưng',
          position: IN_WEST,
          headingDeg: 270,
          fovDeg: 60,
          source: { kind: 'file', path: 'a.mp4' },
        });
        await cameras.create({
          id: 'east',
          name: 'Đông',
          position: IN_EAST,
          source: { kind: 'test-pattern', scene: 'road' },
        });
        const seeing = async (caller: Caller) =>
          (await cameras.list(caller, { limit: 10, sees: [110.501, 10.5] }, '')).items.map(
            (camera) => camera.id,
          );
        expect(await seeing(person('viewer'))).toEqual(['dome', 'cau-cang']);
        expect(await seeing(person('viewer', ['99002']))).toEqual([]);
        expect(
          (await cameras.list(person('viewer', ['99002']), { limit: 10 }, '')).items.map(
            (camera) => camera.id,
          ),
        ).toEqual(['east']);
        await expect(cameras.get(person('viewer', ['99002']), 'dome')).rejects.toThrow('request.not_found');
        await expect(cameras.update('dome', { name: 'X' }, person('integrator', ['99002']))).rejects.toThrow(
          'request.not_found',
        );
        await expect(cameras.get(integrator(), 'dome', 'cameras.play')).rejects.toThrow('request.not_found');
      });
    });
  });
});
