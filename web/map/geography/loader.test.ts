import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createGeography, PROVINCE_LAYERS, WORLD_PARTS } from './loader.ts';

const CONFIG = new URL('../../../config/', import.meta.url);
const fileOf = (path: string) =>
  path.startsWith('/basemap/province/')
    ? `provinces/demo/${path.slice('/basemap/province/'.length)}`
    : path.slice(1);
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(fileOf(path), CONFIG), 'utf8'));

describe('the ground', () => {
  it('is readable, every part of it', async () => {
    const failed: string[] = [];
    const geography = createGeography({
      file: async (path) => read(path),
      hasProvince: () => true,
      failed: (what) => failed.push(what),
    });
    const parts = await Promise.all([
      ...WORLD_PARTS.map((part) => geography.world(part)),
      ...PROVINCE_LAYERS.map((layer) => geography.province(layer)),
      geography.base('labels'),
      geography.base('archipelagos'),
    ]);
    expect(failed).toEqual([]);
    for (const part of parts) expect(part.length).toBeGreaterThan(0);
  });

  it('has both archipelagos, named as parts of Việt Nam, with islands of their own', async () => {
    const geography = createGeography({
      file: async (path) => read(path),
      hasProvince: () => false,
      failed() {},
    });
    const names = (await geography.base('labels'))
      .filter((label) => label.get('kind') === 'archipelago')
      .map((label) => String(label.get('name')));
    expect(names).toEqual(['Quần đảo Hoàng Sa (Việt Nam)', 'Quần đảo Trường Sa (Việt Nam)']);
    const islands = await geography.base('archipelagos');
    for (const archipelago of ['Hoàng Sa', 'Trường Sa']) {
      expect(islands.filter((island) => island.get('archipelago') === archipelago).length).toBeGreaterThan(5);
    }
  });

  it('asks once for what several layers need, and again after a failure', async () => {
    const asked: string[] = [];
    let broken = true;
    const geography = createGeography({
      async file(path) {
        asked.push(path);
        if (broken) throw new Error('no line');
        return read(path);
      },
      hasProvince: () => true,
      failed() {},
    });
    expect(await geography.province('places')).toEqual([]);
    broken = false;
    const [a, b] = await Promise.all([geography.province('places'), geography.province('places')]);
    expect(a).toBe(b);
    expect(asked).toEqual(['/basemap/province/places.geojson', '/basemap/province/places.geojson']);
  });

  it('tells what could not be read and draws the rest', async () => {
    const failed: string[] = [];
    const geography = createGeography({
      file: async () => ({ type: 'Feature' }),
      hasProvince: () => true,
      failed: (what) => failed.push(what),
    });
    expect(await geography.province('roads')).toEqual([]);
    expect(failed).toEqual(['province/roads']);
  });

  it('asks for no layers of a province that has none', async () => {
    const geography = createGeography({
      file: async (path) => Promise.reject(new Error(path)),
      hasProvince: () => false,
      failed: (what) => expect(what).toBeUndefined(),
    });
    expect(await geography.province('roads')).toEqual([]);
  });
});
