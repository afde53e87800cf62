import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Feature, FeatureCollection, Position } from 'geojson';
import { describe, expect, it } from 'vitest';
import { COMMUNES } from './areas-design.ts';
import { drawProvince } from './draw.ts';
import { at, crossing, inRing, ringArea } from './plane.ts';
import { SegmentGrid } from './segments.ts';

const FOLDER = join(import.meta.dirname, '../../config/provinces/demo');
const read = (name: string) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as FeatureCollection;
const id = (p: Position) => `${p[0]},${p[1]}`;
const pt = (p: Position): [number, number] => [p[0] ?? Number.NaN, p[1] ?? Number.NaN];

/** Every polygon of a feature: shell first, then holes. */
function polygons(feature: Feature): Position[][][] {
  const g = feature.geometry;
  return g.type === 'Polygon' ? [g.coordinates] : g.type === 'MultiPolygon' ? g.coordinates : [];
}

const sides = (rings: Position[][]) =>
  rings.flatMap((ring) => ring.slice(1).map((p, i) => [id(at(ring, i)), id(p)] as const));

/** What is wrong with a ring, or nothing: open, too short, a vertex twice, an edge across another. */
function ringFault(ring: Position[]): string | undefined {
  if (ring.length < 4) return 'too short';
  if (id(at(ring, 0)) !== id(at(ring, -1))) return 'open';
  if (new Set(ring.slice(1).map(id)).size !== ring.length - 1) return 'touches itself';
  const grid = new SegmentGrid(0.01);
  for (let i = 0; i + 1 < ring.length; i++) grid.add(pt(at(ring, i)), pt(at(ring, i + 1)), 0, i);
  let fault: string | undefined;
  grid.pairs((a, b) => {
    const apart = Math.abs(a.index - b.index);
    if (apart > 1 && apart < ring.length - 2 && crossing(a.from, a.to, b.from, b.to))
      fault = `crosses at ${a.from}`;
  });
  return fault;
}

describe('the sample province', () => {
  const areas = read('areas.geojson');
  const [province, ...communes] = areas.features;
  const files = readdirSync(FOLDER).filter((f) => f.endsWith('.geojson'));

  it('is drawn to the same bytes each time', () => {
    const drawn = drawProvince();
    expect([...drawn.keys()].sort()).toEqual(files.sort());
    // Compared by hand: a difference of megabytes is no use in a report.
    for (const [name, text] of drawn)
      expect(text === readFileSync(join(FOLDER, name), 'utf8'), name).toBe(true);
  }, 60_000);

  it('is small enough to travel with every page', () => {
    const bytes = files.reduce((sum, f) => sum + statSync(join(FOLDER, f)).size, 0);
    expect(bytes).toBeLessThan(1_500_000);
  });

  it('has its province first and every commune once, with codes that no national code looks like', () => {
    expect(province?.properties).toMatchObject({ code: 'M', fullName: 'Tỉnh Mẫu', level: 'province' });
    expect(communes.map((c) => c.properties?.code)).toEqual(COMMUNES.map((c) => c.code));
    expect(communes.length).toBeGreaterThanOrEqual(18);
    expect(communes.length).toBeLessThanOrEqual(24);
    for (const commune of communes) {
      expect(commune.properties?.code).toMatch(/^M-\d{3}$/);
      expect(commune.properties?.fullName).toMatch(/^(Xã|Phường) /);
    }
  });

  it('is tiled by its communes exactly: every side is shared by two, or lies on the outline', () => {
    const seen = new Map<string, number>();
    for (const [a, b] of sides(communes.flatMap(polygons).flat()))
      seen.set(`${a}|${b}`, (seen.get(`${a}|${b}`) ?? 0) + 1);
    expect([...seen.values()].filter((n) => n > 1)).toEqual([]);
    const single = [...seen.keys()].filter((side) => !seen.has(side.split('|').reverse().join('|')));
    const outline = sides(province ? polygons(province).flat() : []).map(([a, b]) => `${a}|${b}`);
    expect(single.sort()).toEqual(outline.sort());
    const km2 = (f: Feature | undefined) => Number(f?.properties?.areaKm2);
    expect(communes.reduce((sum, c) => sum + km2(c), 0)).toBeCloseTo(km2(province), 0);
  });

  it('has no polygon that crosses itself, and every hole lies in its shell', () => {
    const faults: string[] = [];
    for (const file of files)
      for (const [n, feature] of read(file).features.entries())
        for (const rings of polygons(feature))
          for (const [r, ring] of rings.entries()) {
            const where = `${file} ${n} ${feature.properties?.class ?? ''} ${feature.properties?.name ?? ''} ring ${r}`;
            const fault = ringFault(ring);
            if (fault) faults.push(`${where}: ${fault}`);
            if (ringArea(ring.map(pt)) > 0 !== (r === 0)) faults.push(`${where}: runs the wrong way`);
            if (r > 0 && !inRing(pt(at(ring, 0)), at(rings, 0).map(pt)))
              faults.push(`${where}: hole outside`);
          }
    expect(faults).toEqual([]);
  });

  it('has one connected road graph, with bridges over the rivers and a ring round the centre', () => {
    const roads = read('roads.geojson').features;
    const links = new Map<string, Set<string>>();
    const link = (a: string, b: string) => links.set(a, (links.get(a) ?? new Set()).add(b));
    for (const road of roads) {
      if (road.geometry.type !== 'LineString') throw new Error('a road is a line');
      const line = road.geometry.coordinates.map(id);
      for (let i = 1; i < line.length; i++) {
        link(at(line, i - 1), at(line, i));
        link(at(line, i), at(line, i - 1));
      }
    }
    const reached = new Set<string>();
    const stack = [...links.keys()].slice(0, 1);
    for (let p = stack.pop(); p !== undefined; p = stack.pop()) {
      if (reached.has(p)) continue;
      reached.add(p);
      stack.push(...(links.get(p) ?? []));
    }
    expect(reached.size).toBe(links.size);
    const bridges = roads.filter((r) => r.properties?.bridge);
    expect(bridges.map((b) => b.properties?.name)).toEqual(
      expect.arrayContaining(['Cầu Trung Tâm', 'Cầu Trà Sen', 'Cầu Mỹ Lân', 'Cầu Ba Dừa']),
    );
    expect(roads.some((r) => r.properties?.class === 'ring')).toBe(true);
  });

  it('puts every point of interest and every name of a settlement on land inside the province', () => {
    const shell = province ? polygons(province).map((rings) => at(rings, 0).map(pt)) : [];
    const rivers = read('water.geojson').features.flatMap((f) =>
      polygons(f).map((rings) => at(rings, 0).map(pt)),
    );
    const settled = read('places.geojson').features.filter((f) =>
      ['ward', 'commune', 'hamlet'].includes(f.properties?.kind),
    );
    const wrong = [...settled, ...read('pois.geojson').features].filter((f) => {
      if (f.geometry.type !== 'Point') return true;
      const p = pt(f.geometry.coordinates);
      const wet = f.properties?.kind !== 'bridge' && rivers.some((ring) => inRing(p, ring));
      return wet || !shell.some((ring) => inRing(p, ring));
    });
    expect(wrong.map((f) => f.properties?.name)).toEqual([]);
  });
});
