import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { FeatureCollection, MultiPolygon, Point } from 'geojson';
import { feature } from 'topojson-client';
import { describe, expect, it } from 'vitest';
import { buildArchipelagos, buildLabels } from './names.ts';
import { buildWorld, type World, type WorldAtlas } from './world.ts';

const FOLDER = join(import.meta.dirname, '../../config/basemap');
const text = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const points = (name: string) => JSON.parse(text(name)) as FeatureCollection<Point>;
const HOANG_SA = [111, 15.4, 113.2, 17.3] as const;
const TRUONG_SA = [111, 6.2, 117.2, 12.2] as const;
const within = (
  [lon = Number.NaN, lat = Number.NaN]: number[],
  [w, s, e, n]: readonly [number, number, number, number],
) => lon >= w && lon <= e && lat >= s && lat <= n;

describe('the offline base map', () => {
  it('is made to the same bytes each time, from the data that is installed', () => {
    const source = createRequire(import.meta.url).resolve('world-atlas/countries-10m.json');
    const atlas = JSON.parse(readFileSync(source, 'utf8')) as WorldAtlas;
    expect(`${JSON.stringify(buildWorld(atlas))}\n` === text('world.topojson')).toBe(true);
    expect(buildArchipelagos()).toBe(text('archipelagos.geojson'));
    expect(buildLabels()).toBe(text('labels.geojson'));
  });

  it('is small', () => {
    const files = ['world.topojson', 'archipelagos.geojson', 'labels.geojson'];
    const bytes = files.reduce((sum, name) => sum + statSync(join(FOLDER, name)).size, 0);
    expect(bytes).toBeLessThan(700_000);
  });

  it('shows and names both archipelagos as Vietnamese, at every zoom at which they are in sight', () => {
    const labels = points('labels.geojson').features.filter((f) => f.properties?.kind === 'archipelago');
    expect(labels.map((f) => f.properties?.name)).toEqual([
      'Quần đảo Hoàng Sa (Việt Nam)',
      'Quần đảo Trường Sa (Việt Nam)',
    ]);
    for (const label of labels) {
      expect(label.properties?.nameEn).toMatch(/\(Viet Nam\)$/);
      expect(label.properties?.minZoom).toBeLessThanOrEqual(4);
    }
    const islands = points('archipelagos.geojson').features;
    for (const [name, box, least] of [
      ['Hoàng Sa', HOANG_SA, 10],
      ['Trường Sa', TRUONG_SA, 20],
    ] as const) {
      const own = islands.filter((f) => f.properties?.archipelago === name);
      expect(own.length).toBeGreaterThanOrEqual(least);
      for (const island of own)
        expect(within(island.geometry.coordinates, box), island.properties?.name).toBe(true);
    }
  });

  it('puts no other name and no unnamed land into their waters', () => {
    const others = points('labels.geojson').features.filter((f) => f.properties?.kind !== 'archipelago');
    const inside = others.filter(
      (f) => within(f.geometry.coordinates, HOANG_SA) || within(f.geometry.coordinates, TRUONG_SA),
    );
    expect(inside.map((f) => f.properties?.name)).toEqual([]);
    const world = JSON.parse(text('world.topojson')) as World;
    const land = feature(world as never, world.objects.land as never) as unknown as {
      geometry: MultiPolygon;
    };
    const specks = land.geometry.coordinates.filter((polygon) =>
      polygon[0]?.every((p) => within(p, HOANG_SA) || within(p, TRUONG_SA)),
    );
    expect(specks).toEqual([]);
  });

  it('calls the sea by its Vietnamese name', () => {
    const sea = points('labels.geojson').features.find((f) => f.properties?.kind === 'sea');
    expect(sea?.properties).toMatchObject({ name: 'BIỂN ĐÔNG', nameEn: 'EAST SEA' });
  });
});
