import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../core/errors.ts';
import { readAreaFile } from './geojson.ts';
import { judgeRepair } from './repair.ts';

const RING = [
  [105, 9],
  [105.1, 9],
  [105.1, 9.1],
  [105, 9.1],
  [105, 9],
];
const polygon = (...rings: unknown[]) => ({ type: 'Polygon', coordinates: rings });
const feature = (geometry: unknown, properties: Record<string, unknown> = {}) => ({
  type: 'Feature',
  properties: { code: '31825', name: 'Bạc Liêu', ...properties },
  geometry,
});
const read = (...features: unknown[]) => readAreaFile({ type: 'FeatureCollection', features });
const readOne = (one: unknown) => {
  const { areas, refused } = read(one);
  return { area: areas[0], reason: refused[0]?.reason.en };
};
const reversed = (ring: unknown[]) => [...ring].reverse();

describe('an area file', () => {
  it('gives a sound feature as it is', () => {
    const { area } = readOne(
      feature(polygon(RING), { fullName: 'Phường Bạc Liêu', fullNameEn: 'Bac Lieu Ward', areaKm2: 5.98 }),
    );
    expect(area).toEqual({
      index: 0,
      code: '31825',
      name: 'Bạc Liêu',
      fullName: 'Phường Bạc Liêu',
      fullNameEn: 'Bac Lieu Ward',
      areaKm2: 5.98,
      level: 'commune',
      parentCode: null,
      polygons: [[RING]],
      repairs: [],
      crossingAt: null,
    });
  });

  it('takes the level from the file, else from the length of the national code', () => {
    const level = (properties: object) => readOne(feature(polygon(RING), { ...properties })).area?.level;
    expect(level({ code: '96' })).toBe('province');
    expect(level({ code: 964 })).toBe('district');
    expect(level({ code: 'khu-1' })).toBe('commune');
    expect(level({ code: 'khu-12' })).toBeNull();
    expect(level({ code: '96', level: 'commune' })).toBe('commune');
  });

  it.each<[string, unknown, RegExp]>([
    ['no Feature', { type: 'Point' }, /not a Feature/],
    ['no geometry', feature(null), /no geometry/],
    ['a point', feature({ type: 'Point', coordinates: [105, 9] }), /Point is no area/],
    [
      'a collection',
      feature({ type: 'GeometryCollection', geometries: [] }),
      /GeometryCollection is no area/,
    ],
    ['coordinates that are no list', feature({ type: 'Polygon', coordinates: 7 }), /wrong structure/],
    [
      'a position in words',
      feature(
        polygon([
          ['105', '9'],
          [1, 1],
          [2, 2],
        ]),
      ),
      /not a number/,
    ],
    [
      'an infinite position',
      feature(
        polygon([
          [Infinity, 9],
          [1, 1],
          [2, 2],
        ]),
      ),
      /not a number/,
    ],
    [
      'metres',
      feature(
        polygon([
          [532000, 1015000],
          [532100, 1015000],
          [532100, 1015100],
        ]),
      ),
      /not in EPSG:4326; convert/,
    ],
    ['latitude first', feature(polygon(RING.map(([lon, lat]) => [lat, lon]))), /may be swapped/],
    ['nothing drawn', feature({ type: 'MultiPolygon', coordinates: [] }), /empty/],
    [
      'a line drawn as an area',
      feature(
        polygon([
          [105, 9],
          [106, 9],
          [105, 9],
        ]),
      ),
      /empty/,
    ],
    [
      'a crossing of the date line',
      feature(
        polygon([
          [-179, 0],
          [179, 0],
          [179, 1],
          [-179, 1],
          [-179, 0],
        ]),
      ),
      /180° meridian/,
    ],
    ['no code', feature(polygon(RING), { code: undefined }), /code is missing/],
    ['a code with a slash', feature(polygon(RING), { code: '../x' }), /code is missing or not a code/],
    ['an empty name', feature(polygon(RING), { name: ' \n ' }), /name is missing/],
    [
      'a name that turns the line round',
      feature(polygon(RING), { name: 'a\u202eb' }),
      /name is missing or not/,
    ],
    ['an unknown level', feature(polygon(RING), { level: 'village' }), /level must be one of province/],
    ['a negative size', feature(polygon(RING), { areaKm2: -1 }), /property areaKm2 is wrong/],
  ])('refuses a feature with %s and says why', (_name, one, reason) => {
    expect(readOne(one).reason).toMatch(reason);
  });

  it('keeps the good features and names the others by place and code', () => {
    const { areas, refused } = read(
      feature(null, { code: '1' }),
      feature(polygon(RING), { code: '2' }),
      feature(polygon(RING), { code: '2' }),
      7,
    );
    expect(areas.map((area) => area.index)).toEqual([1]);
    expect(refused.map(({ index, code }) => [index, code])).toEqual([
      [0, '1'],
      [2, '2'],
      [3, null],
    ]);
    expect(refused[1]?.reason.en).toBe('has the same code as feature 1');
  });

  it('puts right what needs no guess, and says what', () => {
    const open = RING.slice(0, -1).map(([lon, lat]) => [lon, lat, 3]);
    const hole = [
      [105.02, 9.02],
      [105.04, 9.02],
      [105.04, 9.02],
      [105.04, 9.04],
      [105.02, 9.02],
    ];
    const { area } = readOne(feature(polygon(reversed(open), hole, [[105.05, 9.05]])));
    expect(area?.repairs.map((repair) => repair.en)).toEqual([
      'closed 1 ring(s)',
      'dropped 1 repeated point(s)',
      'turned 2 ring(s) round',
      'dropped the height of 4 point(s)',
      'dropped 1 ring(s) without area',
    ]);
    expect(area?.polygons).toHaveLength(1);
    expect(area?.polygons[0]).toHaveLength(2);
    expect(area?.crossingAt).toBeNull();
  });

  it('gives one answer however the rings are turned, opened or stuttered', () => {
    const base = readOne(feature(polygon(RING))).area?.polygons;
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.array(fc.nat({ max: 4 })), (turn, open, stutter) => {
        let ring: unknown[] = RING.flatMap((point, i) =>
          Array.from({ length: 1 + stutter.filter((at) => at === i).length }, () => point),
        );
        if (turn) ring = reversed(ring);
        if (open) while (JSON.stringify(ring.at(-1)) === JSON.stringify(ring[0])) ring.pop();
        const polygons = readOne(feature(polygon(ring))).area?.polygons;
        const points = (rings: typeof polygons) => new Set(rings?.[0]?.[0]?.map(String));
        expect(points(polygons)).toEqual(points(base));
        expect(polygons?.[0]?.[0]).toHaveLength(5);
      }),
    );
  });

  it('shows where a border crosses itself and leaves it to the database', () => {
    const { area } = readOne(
      feature(
        polygon([
          [105, 9],
          [105.2, 9.2],
          [105.2, 9],
          [105, 9.1],
        ]),
      ),
    );
    expect(area?.crossingAt?.[0]).toBeCloseTo(105.0667, 3);
    expect(area?.crossingAt?.[1]).toBeCloseTo(9.0667, 3);
  });

  it('answers anything at all with a verdict per feature, or refuses the whole with one code', () => {
    const odd = fc.oneof(fc.jsonValue(), fc.constant(feature(polygon(RING))));
    const geometry = fc.record({
      type: fc.constantFrom('Polygon', 'MultiPolygon', 'Point'),
      coordinates: fc.jsonValue(),
    });
    const one = fc.oneof(
      odd,
      geometry.map((g) => feature(g)),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(one).map((features) => ({ type: 'FeatureCollection', features })),
          odd,
        ),
        (input) => {
          try {
            const { areas, refused } = readAreaFile(input);
            expect(areas.length + refused.length).toBe((input as { features: unknown[] }).features.length);
          } catch (error) {
            expect(isAppError(error, 'request.invalid')).toBe(true);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuses another coordinate system by its name', () => {
    const crs = (name: string) => ({ type: 'name', properties: { name } });
    const features = [feature(polygon(RING))];
    for (const name of ['urn:ogc:def:crs:OGC:1.3:CRS84', 'EPSG:4326', 'urn:ogc:def:crs:EPSG::4326']) {
      expect(readAreaFile({ type: 'FeatureCollection', crs: crs(name), features }).areas).toHaveLength(1);
    }
    expect(() => readAreaFile({ type: 'FeatureCollection', crs: crs('EPSG:9218'), features })).toThrow(
      /EPSG:9218/,
    );
  });
});

describe('a repair', () => {
  it('is refused when nothing with an area remains', () => {
    const before = readOne(feature(polygon(RING))).area?.polygons ?? [];
    for (const after of [
      null,
      { type: 'LineString', coordinates: RING },
      { type: 'GeometryCollection', geometries: [] },
    ]) {
      expect(judgeRepair(before, after)).toMatchObject({
        refused: { en: expect.stringContaining('no area') },
      });
    }
  });

  it.each([
    [1.009, true],
    [0.991, true],
    [1.011, false],
    [0.989, false],
  ])('to %s of the area is accepted: %s', (share, accepted) => {
    const before = readOne(feature(polygon(RING))).area?.polygons ?? [];
    const after = polygon(RING.map(([lon = 0, lat = 0]) => [lon, 9 + (lat - 9) * share]));
    expect('polygons' in judgeRepair(before, after)).toBe(accepted);
  });

  it('takes the polygons out of a collection', () => {
    const before = readOne(feature(polygon(RING))).area?.polygons ?? [];
    const after = {
      type: 'GeometryCollection',
      geometries: [polygon(RING), { type: 'LineString', coordinates: RING }],
    };
    expect(judgeRepair(before, after)).toEqual({ polygons: before });
  });
});
