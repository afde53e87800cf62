import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock, seededRandom } from '../../core/clock.ts';
import type { Caller } from '../../core/permissions.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { realAreas } from '../../test/support/areas.ts';
import { testLogger } from '../../test/support/logger.ts';
import { grantWith } from '../../test/support/roles.ts';
import { testTrail } from '../../test/support/trail.ts';
import { createMemoryBus } from '../bus/index.ts';
import type { OpenDatabase } from '../db/index.ts';
import { type AreaService, createAreaService } from './service.ts';

const START = Date.parse('2026-11-22T08:00:00+07:00');
const everywhere: Caller = {
  userId: 'u',
  username: 'u',
  displayName: 'u',
  sessionId: 's',
  agencyId: null,
  grants: [grantWith('admin')],
};

type Ring = [number, number][];
const box = (west: number, south: number, east: number, north: number): Ring => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
];
const feature = (code: string, name: string, ring: Ring, more: object = {}) => ({
  type: 'Feature',
  properties: { code, name, ...more },
  geometry: { type: 'Polygon', coordinates: [ring] },
});
const collection = (...features: unknown[]) => ({ type: 'FeatureCollection', features });

describe.each(DATABASE_ADAPTERS)('areas on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    let database: OpenDatabase;
    let areas: AreaService;
    const clock = manualClock(START);
    const bus = createMemoryBus(testLogger());
    const announced: string[] = [];
    beforeAll(async () => {
      database = await open();
      bus.on('test', 'registry.changed', ({ kind }) => announced.push(kind));
      areas = await createAreaService({
        database,
        bus,
        clock,
        logger: testLogger(),
        audit: testTrail(database, clock),
        timezone: 'Asia/Ho_Chi_Minh',
      });
    });
    afterAll(async () => {
      areas?.close();
      await database?.close();
    });
    const at = async (lon: number, lat: number, when?: string) =>
      (await areas.at(everywhere, { lon, lat, when })).map((area) => area.id);

    it('imports a province with its communes, says what it put right, and refuses the rest by name', async () => {
      await database.query({
        text: `insert into devices (id, site, name, type, geom)
               values ('in-north', 'main', 'x', 'y', ST_SetSRID(ST_MakePoint(110.5, 9.75), 4326)),
                      ('outside', 'main', 'x', 'y', ST_SetSRID(ST_MakePoint(120, 9.75), 4326))`,
        values: [],
      });
      const slip: Ring = [
        [110, 9],
        [111, 9],
        [111, 9.5],
        [110.5, 9.5],
        [110.505, 9.505],
        [110.505, 9.499],
        [110.49, 9.5],
        [110, 9.5],
        [110, 9],
      ];
      const report = await areas.import(
        collection(
          feature('99', 'Mẫu', box(110, 9, 111, 10), { fullName: 'Tỉnh Mẫu', fullNameEn: 'Sample' }),
          feature('99001', 'Nam', slip),
          feature('99002', 'Bắc', box(110, 9.5, 111, 10)),
          feature('99003', 'Đảo', box(111.2, 9, 111.3, 9.1)),
          feature('99004', 'Nơ', [
            [110, 9],
            [111, 10],
            [111, 9],
            [110, 9.9],
            [110, 9],
          ]),
          {
            type: 'Feature',
            properties: { code: '99005', name: 'Điểm' },
            geometry: { type: 'Point', coordinates: [110, 9] },
          },
        ),
        {},
      );
      expect(report.imported).toEqual({ province: 1, district: 0, commune: 3 });
      expect(report.repaired.map((item) => item.code)).toEqual(['99001', '99003']);
      expect(report.rejected.map((item) => item.code)).toEqual(['99004', '99005']);
      expect(report.rejected[0]?.reasonVi).toMatch(/diện tích/);
      expect(report.relocated).toBe(1);
      expect(announced).toEqual(['area', 'device', 'camera']);
      const rows = await database.query<{ id: string; area_id: string | null }>({
        text: 'select id, area_id from devices order by id',
        values: [],
      });
      expect(rows).toEqual([
        { id: 'in-north', area_id: '99002' },
        { id: 'outside', area_id: null },
      ]);
    });

    it('changes nothing when the same file comes again', async () => {
      const before = areas.tree.all();
      const report = await areas.import(
        collection(
          feature('99', 'Mẫu', box(110, 9, 111, 10), { fullName: 'Tỉnh Mẫu', fullNameEn: 'Sample' }),
          feature('99002', 'Bắc', box(110, 9.5, 111, 10)),
        ),
        {},
      );
      expect(report).toMatchObject({ imported: { province: 1, commune: 1 }, ended: 0, relocated: 0 });
      expect(areas.tree.all()).toEqual(before);
    });

    it('answers where a point lies, the smallest area first, and nothing outside', async () => {
      expect(await at(110.5, 9.75)).toEqual(['99002', '99']);
      expect(await at(111.25, 9.05)).toEqual(['99003', '99']);
      expect(await at(107, 12)).toEqual([]);
      expect(areas.tree.pathOf('99003')).toEqual(['99', '99003']);
      expect(areas.tree.nameOf('99')).toBe('Tỉnh Mẫu');
      expect(areas.tree.locate(110.5, 9.2)).toBe('99001');
    });

    it('refuses a commune that lies in no province', async () => {
      const report = await areas.import(
        collection(feature('88001', 'Lạc', box(100, 20, 101, 21), { level: 'commune' })),
        {},
      );
      expect(report.imported.commune).toBe(0);
      expect(report.rejected[0]?.reason).toContain('no imported province');
      expect(areas.tree.get('88001')).toBeUndefined();
    });

    it('keeps versions: a later first day ends the older one, and takes over at midnight of the centre', async () => {
      const report = await areas.import(
        collection(
          feature('99', 'Mẫu', box(110, 9, 111, 10)),
          feature('99002', 'Bắc mới', box(110, 9.5, 110.5, 10)),
        ),
        { validFrom: '2026-12-01', closeMissing: true },
      );
      expect(report.ended).toBe(4);
      expect(await at(110.75, 9.75)).toEqual(['99002', '99']);
      expect(await at(110.75, 9.75, '2026-12-01')).toEqual(['99@2026-12-01']);
      expect(await at(110.25, 9.75, '2026-12-01')).toEqual(['99002@2026-12-01', '99@2026-12-01']);
      expect(await at(110.25, 9.25, '2026-12-01')).toEqual(['99@2026-12-01']);
      expect(await at(111.25, 9.05)).toEqual(['99003', '99']);
      // A grant on the commune goes on through the change of its borders.
      expect([...areas.tree.subtree(['99002'])].sort()).toEqual(['99002', '99002@2026-12-01']);
      expect(areas.tree.subtree(['99']).size).toBe(6);

      const generation = areas.tree.generation;
      clock.set(Date.parse('2026-11-30T23:59:59+07:00'));
      expect(areas.tree.locate(110.25, 9.75)).toBe('99002');
      const changed = new Promise<void>((resolve) => {
        bus.on('test-day', 'registry.changed', () => resolve());
      });
      clock.set(Date.parse('2026-12-01T00:01:00+07:00'));
      await changed;
      bus.off('test-day');
      expect(areas.tree.generation).toBe(generation + 1);
      expect(areas.tree.locate(110.25, 9.75)).toBe('99002@2026-12-01');
      expect(await at(110.25, 9.75, '2026-11-22')).toEqual(['99002', '99']);
    });

    it('shows an area only to those whose grants cover it', async () => {
      const north: Caller = {
        ...everywhere,
        grants: [grantWith('viewer', { areas: areas.tree.subtree(['99002']) })],
      };
      const query = { limit: 100, when: '2026-11-22' };
      expect((await areas.list(north, query, '')).items.map((area) => area.id)).toEqual(['99002']);
      expect((await areas.at(north, { lon: 110.5, lat: 9.75, when: '2026-11-22' })).map((a) => a.id)).toEqual(
        ['99002'],
      );
      await expect(areas.get(north, '99001')).rejects.toThrow('request.not_found');
      expect((await areas.get(north, '99002')).geometry.coordinates[0]?.[0]?.length).toBe(5);
      await expect(
        areas.import(collection(), {}, { ...north, grants: [grantWith('admin', { areas: ['99'] })] }),
      ).rejects.toThrow('auth.forbidden');
    });

    it('replaces a province that another file puts on the same ground, and brings it back when it is imported again', async () => {
      const sample = collection(
        feature('77', 'Thử', box(120, 1, 122, 2)),
        feature('77001', 'Thử Một', box(120, 1, 121, 2)),
      );
      const neighbour = collection(feature('76', 'Kề', box(118, 1, 120.05, 2)));
      const other = collection(
        feature('78', 'Thật', box(120, 1, 121.5, 2)),
        feature('78001', 'Thật Một', box(120, 1, 121, 2)),
      );
      await areas.import(sample, {});
      expect(await areas.import(neighbour, {})).toMatchObject({ ended: 0, replaced: [] });
      expect(await areas.import(other, {})).toMatchObject({
        ended: 2,
        replaced: [{ code: '77', name: 'Thử' }],
      });
      expect(await at(120.5, 1.5)).toEqual(['78001', '78']);
      expect(await areas.import(sample, {})).toMatchObject({ replaced: [{ code: '78', name: 'Thật' }] });
      expect(await at(120.5, 1.5)).toEqual(['77001', '77']);
    });

    const real = realAreas('ca-mau');
    it.skipIf(!real)(
      'reads the real areas of a province: one province, 64 communes, every point in the right one',
      async () => {
        const report = await areas.import(real, {});
        expect(report).toMatchObject({
          imported: { province: 1, district: 0, commune: 64 },
          rejected: [],
          repaired: [],
        });
        const random = seededRandom(64);
        const { items: communes } = await areas.list(
          everywhere,
          { limit: 1000, level: 'commune', parent: '96' },
          '',
        );
        expect(communes.length).toBe(64);
        for (let n = 0; n < 20; n++) {
          const commune = communes[Math.floor(random.next() * communes.length)];
          if (!commune) throw new Error('no commune');
          const [place] = await database.query<{ lon: number; lat: number }>({
            text: `select ST_X(p) as lon, ST_Y(p) as lat
                 from (select (ST_Dump(ST_GeneratePoints(geom, 1, $2))).geom as p from areas where id = $1) as made`,
            values: [commune.id, n + 1],
          });
          if (!place) throw new Error('no point');
          expect(await at(place.lon, place.lat)).toEqual([commune.id, '96']);
          expect(await at(place.lon, place.lat, '2026-12-24')).toEqual([commune.id, '96']);
        }
      },
    );
  });
});
