import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../core/permissions.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { createTestRegistry, START, type TestRegistry } from '../../test/support/registry.ts';
import { IN_EAST, IN_WEST, OUTSIDE } from '../../test/support/sample-areas.ts';
import type { OpenDatabase } from '../db/index.ts';
import { importDevices } from './device-import.ts';
import type { DeviceService } from './devices.ts';
import type { KnownDevices } from './directory.ts';
import { createSeriesDirectory } from './series.ts';

const DEVICE_QUERY = { limit: 100 };

describe.each(DATABASE_ADAPTERS)('devices on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    let database: OpenDatabase;
    let registry: TestRegistry;
    let directory: KnownDevices;
    let devices: DeviceService;
    let deps: TestRegistry['deps'];
    let person: TestRegistry['person'];
    beforeAll(async () => {
      database = await open();
      registry = await createTestRegistry(database);
      ({ directory, devices, deps, person } = registry);
    });
    afterAll(async () => {
      registry?.close();
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
        agencyId: null,
        class: 'internal',
        mobile: false,
        unitId: null,
        unit: null,
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
  });
});
