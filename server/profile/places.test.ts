import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPlaces } from './index.ts';

describe('the places of the map layers', () => {
  it('of the sample province have names in both languages', async () => {
    const places = await loadPlaces(join(import.meta.dirname, '../../config/provinces'), 'demo');
    expect(places.length).toBeGreaterThan(40);
    expect(places).toContainEqual(
      expect.objectContaining({
        kind: 'government',
        name: 'UBND tỉnh Mẫu',
        nameEn: 'Provincial People’s Committee',
      }),
    );
    expect(places.filter((place) => place.name === '' || place.nameEn === '')).toEqual([]);
  });

  it('are none where a province has no layers, and a broken file is named', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'haidang-places-'));
    try {
      expect(await loadPlaces(dir, undefined)).toEqual([]);
      expect(await loadPlaces(dir, 'nothing')).toEqual([]);
      await mkdir(join(dir, 'torn'));
      await writeFile(join(dir, 'torn', 'pois.geojson'), '{"features": [{}]}');
      await expect(loadPlaces(dir, 'torn')).rejects.toMatchObject({
        code: 'config.invalid',
        detail: expect.stringContaining('pois.geojson'),
      });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
