import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FeatureCollection, Position } from 'geojson';
import { beforeAll, describe, expect, it } from 'vitest';
import { fastDistanceM } from '../../../core/plane.ts';
import type { ProvinceProfile } from '../../../core/profile.ts';
import { isQuantity } from '../../../core/quantities.ts';
import { type DeviceTypes, loadDeviceTypes } from '../../../devices/index.ts';
import { loadProfile } from '../../profile/index.ts';
import { loadRuleKinds } from '../../rules/kind-registry.ts';
import { readSeed, type Seed } from './seed.ts';

const PROVINCES = join(import.meta.dirname, '../../../config/provinces');
const FOLDER = join(PROVINCES, 'demo');
const layer = (name: string) =>
  JSON.parse(readFileSync(join(FOLDER, `${name}.geojson`), 'utf8')) as FeatureCollection;
const lonLat = (p: Position): [number, number] => [p[0] ?? Number.NaN, p[1] ?? Number.NaN];

/** Metres to the nearest vertex or segment of any line or outline of these features. */
function metresTo(features: FeatureCollection['features'], at: readonly [number, number]): number {
  let best = Number.POSITIVE_INFINITY;
  const walk = (line: Position[]) => {
    for (let i = 1; i < line.length; i++) {
      const [a, b] = [lonLat(line[i - 1] as Position), lonLat(line[i] as Position)];
      // Far away: not worth walking.
      if (Math.abs(a[0] - at[0]) > 0.02 || Math.abs(a[1] - at[1]) > 0.02) continue;
      const steps = Math.ceil(fastDistanceM(a, b) / 15);
      for (let s = 0; s <= steps; s++) {
        const share = s / steps;
        best = Math.min(
          best,
          fastDistanceM([a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share], [...at]),
        );
      }
    }
  };
  for (const { geometry: g } of features) {
    if (g.type === 'LineString') walk(g.coordinates);
    else if (g.type === 'Polygon') g.coordinates.forEach(walk);
  }
  return best;
}

function inRings(rings: Position[][], [x, y]: readonly [number, number]): boolean {
  let inside = false;
  for (const ring of rings)
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [a, b] = [lonLat(ring[i] as Position), lonLat(ring[j] as Position)];
      if (a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside;
    }
  return inside;
}

describe('the registry of the sample province', () => {
  let seed: Seed;
  let types: DeviceTypes;
  let profile: ProvinceProfile;
  beforeAll(async () => {
    [seed, types, profile] = await Promise.all([
      readSeed(FOLDER),
      loadDeviceTypes(),
      loadProfile(PROVINCES, 'demo'),
    ]);
  });

  it('has enough of everything, and devices of every type', () => {
    expect(seed.devices.length).toBeGreaterThanOrEqual(60);
    expect(seed.cameras).toHaveLength(8);
    expect(seed.units).toHaveLength(12);
    expect(new Set(seed.devices.map((d) => d.type))).toEqual(new Set([...types.all()].map((t) => t.id)));
    expect(new Set(seed.units.map((u) => u.unit.kind))).toEqual(
      new Set(profile.dispatch.unitKinds.map((k) => k.id)),
    );
  });

  it('knows only types, domains, quantities and areas that exist', () => {
    const domains = new Set(profile.domains.filter((d) => d.enabled).map((d) => d.id));
    for (const item of [...seed.devices, ...seed.cameras, ...seed.rules])
      if (item.domain !== undefined) expect(domains, item.id).toContain(item.domain);
    for (const rule of seed.rules) {
      for (const type of rule.appliesTo.types ?? []) expect(types.get(type), rule.id).toBeDefined();
      if (typeof rule.params.quantity === 'string')
        expect(isQuantity(rule.params.quantity), rule.id).toBe(true);
    }
    const codes = layer('areas').features.map((f) => f.properties?.code);
    for (const account of seed.accounts)
      for (const grant of account.grants)
        for (const area of grant.areaIds ?? []) expect(codes).toContain(area);
  });

  it('has rules of the kinds that its devices can show, with parameters that their kind accepts', async () => {
    const kinds = await loadRuleKinds();
    expect(new Set(seed.rules.map((r) => r.kind))).toEqual(
      new Set(['threshold', 'rate-of-change', 'missing-data', 'geofence']),
    );
    for (const rule of seed.rules)
      expect(kinds.get(rule.kind)?.params.safeParse(rule.params).error, rule.id).toBeUndefined();
  });

  it('stands where it says: gauges on the water, counters and posts on roads, everything in the province', () => {
    const [province] = layer('areas').features;
    const rings = province?.geometry.type === 'MultiPolygon' ? province.geometry.coordinates.flat() : [];
    const water = layer('water').features;
    const roads = layer('roads').features;
    const wet = (p: readonly [number, number]) =>
      water.some((f) => f.geometry.type === 'Polygon' && inRings(f.geometry.coordinates.slice(0, 1), p));
    for (const device of seed.devices) {
      expect(inRings(rings, device.position), `${device.id} in the province`).toBe(true);
      if (device.type === 'water-level' || device.type === 'salinity')
        expect(wet(device.position), `${device.id} on the water`).toBe(true);
      else
        expect(wet(device.position) && device.type !== 'traffic-counter', `${device.id} on dry land`).toBe(
          false,
        );
      if (device.type === 'traffic-counter')
        expect(metresTo(roads, device.position), `${device.id} on a road`).toBeLessThan(30);
    }
    for (const { unit, home, patrol } of seed.units)
      for (const post of [home, ...patrol])
        expect(metresTo(roads, post), `post of ${unit.id}`).toBeLessThan(60);
    for (const camera of seed.cameras) expect(inRings(rings, camera.position), camera.id).toBe(true);
  });

  it('starts its first pollution within two minutes', () => {
    const first = seed.life.episodes.filter((e) => e.kind === 'pollution').map((e) => e.startS);
    expect(Math.min(...first)).toBeLessThan(120);
  });

  it('refuses a reference that leads nowhere, and says where', async () => {
    const broken = await mkdtemp(join(tmpdir(), 'seed-'));
    try {
      await cp(join(FOLDER, 'seed'), join(broken, 'seed'), { recursive: true });
      const file = join(broken, 'seed', 'rules.yaml');
      await writeFile(file, (await readFile(file, 'utf8')).replace('[gps-d1]', '[gps-nobody]'));
      await expect(readSeed(broken)).rejects.toMatchObject({
        code: 'config.invalid',
        detail: expect.stringContaining('rule patrol-left-area: no device "gps-nobody"'),
      });
    } finally {
      await rm(broken, { recursive: true, force: true });
    }
  });
});
