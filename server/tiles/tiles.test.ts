import MVT from 'ol/format/MVT.js';
import RenderFeature from 'ol/render/Feature.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Database } from '../../core/ports.ts';
import { tileAt } from '../../gis/index.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { type Answer, startApi, type TestApi } from '../../test/support/api.ts';
import { testLogger } from '../../test/support/logger.ts';
import { IN_EAST, IN_WEST } from '../../test/support/sample-areas.ts';
import {
  CALLERS,
  EAST,
  seedAlert,
  seedTwoCommunes,
  type TwoCommunes,
  WEST,
} from '../../test/support/two-communes.ts';
import type { OpenDatabase } from '../db/index.ts';
import { createTiles, type Tiles } from './index.ts';
import { LAYERS } from './layers.ts';

const START = Date.parse('2026-11-22T08:00:00+07:00');
const LAYER_NAMES = Object.keys(LAYERS);

const read = ({ body }: Answer): RenderFeature[] =>
  new MVT({ featureClass: RenderFeature }).readFeatures(body) as RenderFeature[];
const idsIn = (answer: Answer) =>
  read(answer)
    .map((feature) => String(feature.get('id')))
    .sort();

describe.each(DATABASE_ADAPTERS)('tiles on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    const clock = manualClock(START);
    let database: OpenDatabase;
    let world: TwoCommunes;
    let tiles: Tiles;
    let api: TestApi;
    let queries = 0;
    let broken = false;
    beforeAll(async () => {
      database = await open();
      world = await seedTwoCommunes(database, clock);
      const counted: Database = {
        query(query) {
          queries++;
          if (broken) throw new AppError('db.unavailable');
          return database.query(query);
        },
        transaction: database.transaction,
        as: database.as,
      };
      tiles = createTiles({
        database: counted,
        bus: world.bus,
        clock,
        logger: testLogger(),
        areas: world.areas.tree,
      });
      api = await startApi(tiles.routes, {
        authenticate: async (token) => {
          const caller = CALLERS[token];
          if (!caller) throw new AppError('auth.required');
          return caller;
        },
      });
    });
    afterAll(async () => {
      await api?.close();
      tiles?.close();
      world?.close();
      await database?.close();
    });

    const get = (
      token: string,
      layer: string,
      at: [number, number],
      z: number,
      headers?: Record<string, string>,
    ) => {
      const { x, y } = tileAt(at, z);
      return api.call('GET', `/tiles/${layer}/${z}/${x}/${y}.mvt`, { token, headers });
    };
    /** Every layer at every zoom from the world down to a street, round both communes. */
    const everything = async (token: string) => {
      const seen: string[] = [];
      for (const layer of LAYER_NAMES)
        for (const z of [0, 3, 6, 8, 10, 12, 14])
          for (const at of [IN_WEST, IN_EAST, [111, 10.5] as [number, number]]) {
            const answer = await get(token, layer, at, z);
            expect(answer.status, `${layer} ${z}`).toBe(200);
            seen.push(...read(answer).map((feature) => JSON.stringify(feature.getProperties())));
          }
      return seen;
    };

    it('show what there is, with the properties a style needs', async () => {
      const areas = await get('everywhere', 'areas', IN_WEST, 8);
      expect(areas.headers.get('content-type')).toBe('application/vnd.mapbox-vector-tile');
      expect(areas.headers.get('vary')).toMatch(/Accept-Encoding/);
      expect(read(areas).map((f) => [f.getType(), f.getProperties()])).toEqual(
        expect.arrayContaining([
          [
            'Polygon',
            {
              layer: 'areas',
              id: WEST,
              code: WEST,
              level: 'commune',
              name: 'Tây',
              fullName: 'Xã Tây',
              fullNameEn: '',
              parentId: '99',
            },
          ],
        ]),
      );
      const first = async (layer: string) =>
        read(await get('west', layer, IN_WEST, 10)).map((f) => f.getProperties());
      expect(await first('devices')).toEqual([
        {
          layer: 'devices',
          id: 'cars-west',
          name: 'Đếm xe Tây',
          type: 'traffic',
          domain: 'traffic',
          enabled: true,
          areaId: WEST,
        },
        expect.objectContaining({ id: 'dust-west', domain: 'environment' }),
      ]);
      expect(await first('cameras')).toEqual([
        expect.objectContaining({ id: 'cam-west', headingDeg: 90, state: 'online', areaId: WEST }),
      ]);
      expect(await first('units')).toEqual([
        expect.objectContaining({
          id: 'unit-west',
          callSign: 'Tây 01',
          status: 'available',
          headingDeg: 45,
          at: '2026-11-22T01:00:00.000Z',
        }),
      ]);
      expect(await first('alerts')).toEqual([
        expect.objectContaining({ subjectId: 'dust-west', severity: 'major', state: 'unacknowledged' }),
      ]);
    });

    it('hold no trace of another commune at any zoom, not even an attribute', async () => {
      const west = await everything('west');
      expect(west.length).toBeGreaterThan(30);
      expect(west.filter((text) => /east|Đông|99002/.test(text))).toEqual([]);
      const east = await everything('east');
      expect(east.filter((text) => /west|Tây|99001/.test(text))).toEqual([]);
      expect(await everything('nowhere')).toEqual([]);
      // The bytes too: a value that no feature uses must not stay in the tile's table of values.
      const { body } = await get('west', 'devices', IN_WEST, 3);
      expect(Buffer.from(body).toString('utf8')).not.toMatch(/east|Đông|99002/);
    });

    it('keep to the domains of the grant', async () => {
      expect(idsIn(await get('westTraffic', 'devices', IN_WEST, 8))).toEqual(['cars-west']);
      expect(idsIn(await get('westTraffic', 'cameras', IN_WEST, 8))).toEqual(['cam-west']);
      expect(idsIn(await get('westTraffic', 'alerts', IN_WEST, 8))).toEqual([]);
      // A unit belongs to no domain.
      expect(idsIn(await get('westTraffic', 'units', IN_WEST, 8))).toEqual(['unit-west']);
    });

    it('ask for the permission of each layer', async () => {
      expect(await get('integrator', 'alerts', IN_WEST, 8)).toMatchObject({
        status: 403,
        body: { code: 'auth.forbidden' },
      });
      expect((await get('integrator', 'devices', IN_WEST, 8)).status).toBe(200);
      for (const layer of LAYER_NAMES) {
        expect((await get('nobody', layer, IN_WEST, 8)).status, layer).toBe(403);
        expect((await get('a stranger', layer, IN_WEST, 8)).status, layer).toBe(401);
      }
    });

    it('refuse unknown layers and tiles that do not exist', async () => {
      for (const layer of ['rules', '__proto__', 'constructor', 'areas%20'])
        expect(await api.call('GET', `/tiles/${layer}/0/0/0.mvt`, { token: 'everywhere' })).toMatchObject({
          status: 404,
          body: { code: 'request.not_found' },
        });
      // No text with NUL gets as far as a route.
      expect(await api.call('GET', '/tiles/areas%00/0/0/0.mvt', { token: 'everywhere' })).toMatchObject({
        status: 400,
        body: { code: 'request.invalid' },
      });
      for (const path of ['15/0/0', '3/8/0', '3/0/8', '-1/0/0', '1e0/0/0', '0/0/0.5', '3/x/y'])
        expect(
          await api.call('GET', `/tiles/areas/${path}.mvt`, { token: 'everywhere' }),
          path,
        ).toMatchObject({
          status: 400,
          body: { code: 'request.invalid' },
        });
    });

    it('answer 304 to who has the tile already, and to nobody else', async () => {
      const west = await get('west', 'devices', IN_WEST, 8);
      const etag = west.headers.get('etag') ?? '';
      expect(west.headers.get('cache-control')).toBe('private, no-cache');
      expect(west.headers.get('vary')).toMatch(/Authorization/);
      const tag = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
      const again = await get('west', 'devices', IN_WEST, 8, tag);
      expect(again.status).toBe(304);
      expect(again.body.byteLength).toBe(0);
      // The tag of one scope opens nothing in another.
      expect(idsIn(await get('east', 'devices', IN_EAST, 8, tag))).toEqual(['cars-east', 'dust-east']);
      expect((await get('everywhere', 'devices', IN_WEST, 8, tag)).status).toBe(200);
      const empty = await get('nowhere', 'devices', IN_WEST, 8);
      expect([empty.status, empty.body.byteLength]).toEqual([200, 0]);
      expect(empty.headers.get('etag')).not.toBe(etag);
    });

    it('read a layer again when it has changed and is watched, at most once in a while', async () => {
      clock.advance(5000);
      world.bus.emit('alert.changed', {} as never);
      await get('west', 'alerts', IN_WEST, 8);
      const before = queries;
      await get('west', 'alerts', IN_WEST, 8);
      expect(queries).toBe(before);

      const etag = (await get('west', 'alerts', IN_WEST, 8)).headers.get('etag') ?? '';
      await seedAlert(database, {
        subjectId: 'cars-west',
        subjectName: 'Đếm xe Tây',
        title: 'Ùn tắc',
        at: IN_WEST,
        areaId: WEST,
      });
      for (let i = 0; i < 100; i++) world.bus.emit('alert.changed', {} as never);
      expect(queries).toBe(before);
      clock.advance(999);
      expect(read(await get('west', 'alerts', IN_WEST, 8)).length).toBe(1);
      clock.advance(1);
      const answers = await Promise.all([1, 2, 3, 4].map(() => get('west', 'alerts', IN_WEST, 8)));
      expect(answers.map((answer) => read(answer).length)).toEqual([2, 2, 2, 2]);
      expect(queries).toBe(before + 1);
      expect(answers[0]?.headers.get('etag')).not.toBe(etag);
    });

    it('keep their tag when a reading brought nothing new', async () => {
      const etag = (await get('west', 'units', IN_WEST, 8)).headers.get('etag');
      world.bus.emit('unit.moved', []);
      clock.advance(2000);
      const before = queries;
      expect((await get('west', 'units', IN_WEST, 8)).headers.get('etag')).toBe(etag);
      expect(queries).toBe(before + 1);
      await database.query({
        text: `update unit_positions set geom = st_setsrid(st_makepoint(111.5, 10.5), 4326), area_id = $1
               where unit_id = 'unit-west'`,
        values: [EAST],
      });
      world.bus.emit('unit.moved', []);
      clock.advance(2000);
      // A unit is seen by those in whose area it is now.
      expect(idsIn(await get('west', 'units', IN_WEST, 8))).toEqual([]);
      expect(idsIn(await get('east', 'units', IN_EAST, 8))).toEqual(['unit-east', 'unit-west']);
    });

    it('show a mover where it was last seen, though nobody announced it', async () => {
      await database.query({
        text: `with s as (insert into series (device_id, quantity, unit) values ('dust-west', 'position', '') returning id)
               insert into latest_positions (series_id, time, lon, lat, area_id, received_at)
               select id, now(), 111.25, 10.25, $1, now() from s`,
        values: [EAST],
      });
      clock.advance(30_000);
      expect(idsIn(await get('west', 'devices', IN_WEST, 8))).toEqual(['cars-west']);
      expect(idsIn(await get('east', 'devices', IN_EAST, 8))).toEqual([
        'cars-east',
        'dust-east',
        'dust-west',
      ]);
    });

    it('follow the areas when these change', async () => {
      expect(idsIn(await get('everywhere', 'areas', [110.01, 10.99], 12))).toEqual(['99', WEST]);
      const ring = [
        [109, 10],
        [110, 10],
        [110, 10.9],
        [109, 10.9],
        [109, 10],
      ];
      await world.areas.import(
        {
          type: 'FeatureCollection',
          features: [
            {
              type: 'Feature',
              properties: { code: '98', name: 'Láng giềng' },
              geometry: { type: 'Polygon', coordinates: [ring] },
            },
          ],
        },
        {},
      );
      expect(idsIn(await get('everywhere', 'areas', [109.5, 10.5], 12))).toEqual(['98']);
      expect(idsIn(await get('west', 'areas', [109.5, 10.5], 12))).toEqual([]);
    });

    it('say so when the database is away, and are back when it is', async () => {
      clock.advance(60_000);
      broken = true;
      expect(await get('west', 'cameras', IN_WEST, 8)).toMatchObject({
        status: 503,
        body: { code: 'db.unavailable' },
      });
      // Borders are in memory.
      expect(idsIn(await get('west', 'areas', IN_WEST, 8))).toEqual([WEST]);
      broken = false;
      expect(idsIn(await get('west', 'cameras', IN_WEST, 8))).toEqual(['cam-west']);
    });
  });
});
