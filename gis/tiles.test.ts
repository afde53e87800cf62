import fc from 'fast-check';
import MVT from 'ol/format/MVT.js';
import RenderFeature from 'ol/render/Feature.js';
import { describe, expect, it } from 'vitest';
import type { LonLat } from '../core/reading.ts';
import { covers, flattenPolygon } from './polygon.ts';
import {
  createTileSource,
  MAX_ZOOM,
  parseTileId,
  type TileFeature,
  type TileId,
  tileAt,
  tileBbox,
} from './tiles.ts';

const lon = fc.double({ min: -179.99, max: 179.99, noNaN: true });
const lat = fc.double({ min: -85, max: 85, noNaN: true });

describe('tile numbers', () => {
  it('lead from a point to a tile whose box holds it', () => {
    fc.assert(
      fc.property(lon, lat, fc.nat({ max: MAX_ZOOM }), (x, y, z) => {
        const id = tileAt([x, y], z);
        const [west, south, east, north] = tileBbox(id);
        const slack = 1e-9;
        expect(x >= west - slack && x <= east + slack && y >= south - slack && y <= north + slack).toBe(true);
        expect(parseTileId(String(id.z), String(id.x), String(id.y))).toEqual(id);
      }),
    );
  });

  it('stay in the world at its edges', () => {
    expect(tileAt([180, 90], 3)).toEqual({ z: 3, x: 7, y: 0 });
    expect(tileAt([-180, -90], 3)).toEqual({ z: 3, x: 0, y: 7 });
  });

  it.each([
    ['1', '2', '0'],
    ['15', '0', '0'],
    ['-1', '0', '0'],
    ['1.5', '0', '0'],
    ['1', '0', '1e1'],
    ['', '0', '0'],
    ['99999999', '0', '0'],
  ])('refuse %s/%s/%s', (z, x, y) => {
    expect(parseTileId(z, x, y)).toBeUndefined();
  });
});

describe('a tile source', () => {
  const ring: LonLat[] = [
    [105, 9],
    [105.5, 9.1],
    [105.4, 9.5],
    [105.05, 9.4],
    [105, 9],
  ];
  const features: TileFeature[] = [
    {
      geometry: { type: 'Polygon', coordinates: [ring] },
      properties: { id: 'a', level: 'commune', size: 3.5 },
    },
    {
      geometry: { type: 'Point', coordinates: [105.2, 9.2] },
      properties: { id: 'b', open: true, note: null },
    },
  ];
  const source = createTileSource('areas', features);
  const read = (id: TileId, visible?: Parameters<typeof source.tile>[1]): RenderFeature[] => {
    const bytes = source.tile(id, visible);
    if (!bytes) return [];
    return new MVT({ featureClass: RenderFeature }).readFeatures(bytes.slice().buffer) as RenderFeature[];
  };

  it('writes what the map’s own reader reads', () => {
    const features = read(tileAt([105.2, 9.2], 8));
    expect(features.map((feature) => feature.getProperties())).toEqual([
      { id: 'a', level: 'commune', size: 3.5, layer: 'areas' },
      { id: 'b', open: true, layer: 'areas' },
    ]);
    expect(features.map((feature) => feature.getType())).toEqual(['Polygon', 'Point']);
  });

  it('has a feature in exactly the tiles it reaches into', () => {
    const flat = flattenPolygon([[ring]]);
    fc.assert(
      fc.property(
        fc.double({ min: 104.8, max: 105.7, noNaN: true }),
        fc.double({ min: 8.8, max: 9.7, noNaN: true }),
        fc.integer({ min: 4, max: MAX_ZOOM }),
        (x, y, z) => {
          const found = read(tileAt([x, y], z)).some((feature) => feature.get('id') === 'a');
          if (covers(flat, x, y)) expect(found).toBe(true);
          const [west, south, east, north] = tileBbox(tileAt([x, y], z));
          // More than a tile's buffer away from the polygon's box there is nothing.
          const buffer = (east - west) / 32;
          const apart =
            west - buffer > 105.5 || east + buffer < 105 || south - buffer > 9.5 || north + buffer < 9;
          if (apart) expect(found).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('gives the same tiles after it has forgotten those it kept', () => {
    const ids = Array.from({ length: 300 }, (_, i) =>
      tileAt([105 + (i % 20) * 0.022, 9 + Math.floor(i / 20) * 0.03], MAX_ZOOM),
    );
    const forgetful = createTileSource('areas', features, 100);
    for (const id of [...ids, ...ids]) {
      expect(forgetful.tile(id)).toEqual(source.tile(id));
      // One cut may add a chain of tiles from the top.
      expect(forgetful.kept()).toBeLessThan(100 + 4 * MAX_ZOOM);
    }
    expect(source.kept()).toBeGreaterThan(200);
  });

  it('leaves out what the caller may not see, and is empty when nothing remains', () => {
    const id = tileAt([105.2, 9.2], 10);
    expect(read(id, (properties) => properties.level === 'commune').map((f) => f.get('id'))).toEqual(['a']);
    expect(source.tile(id, () => false)).toBeNull();
    expect(source.tile(tileAt([100, 20], 10))).toBeNull();
  });
});
