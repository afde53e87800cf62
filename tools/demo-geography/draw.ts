/** Puts the layers together and writes them as compact GeoJSON. */
import { buildAreas, type Commune } from './areas.ts';
import { buildBase, fromDegrees, toDegrees } from './base.ts';
import { buildCover, buildDykes, builtupField } from './cover.ts';
import { LAND_INLAND_DEG, SEA_DEG } from './frame-design.ts';
import { survey } from './ground.ts';
import { buildPlaces } from './places.ts';
import { at, clip, inPolygon, type Line, type Pt, ringArea } from './plane.ts';
import { bridges, connected, join, mainRoads, splitOutside } from './roads.ts';
import { buildFieldCanals, buildStreets } from './streets.ts';

interface Feature {
  properties: Record<string, unknown>;
  geometry: { type: string; coordinates: unknown };
}

const degrees = (p: Pt): [number, number] => {
  const [lon, lat] = toDegrees(p);
  return [Math.round(lon * 1e5) / 1e5, Math.round(lat * 1e5) / 1e5];
};
const line = (points: Line) => ({ type: 'LineString', coordinates: points.map(degrees) });
const point = (p: Pt) => ({ type: 'Point', coordinates: degrees(p) });
/** RFC 7946: shells anticlockwise, holes clockwise. */
const polygon = (rings: Line[]) => ({
  type: 'Polygon',
  coordinates: rings.map((ring, i) =>
    (ringArea(ring) > 0 === (i === 0) ? ring : [...ring].reverse()).map(degrees),
  ),
});
const multi = (shells: Line[]) =>
  shells.length === 1
    ? polygon(shells)
    : { type: 'MultiPolygon', coordinates: shells.map((shell) => polygon([shell]).coordinates) };

function collection(features: Feature[]): string {
  const lines = features.map(
    (f) =>
      `{"type":"Feature","properties":${JSON.stringify(f.properties)},"geometry":${JSON.stringify(f.geometry)}}`,
  );
  return `{"type":"FeatureCollection","features":[\n${lines.join(',\n')}\n]}\n`;
}

function communeFeature(c: Commune): Feature {
  return {
    properties: {
      code: c.code,
      name: c.name,
      fullName: `${c.kind} ${c.name}`,
      fullNameEn: `${c.nameEn} ${c.kind === 'Phường' ? 'Ward' : 'Commune'}`,
      level: 'commune',
      areaKm2: Math.round(c.areaKm2 * 100) / 100,
    },
    geometry: multi(c.rings),
  };
}

export function drawProvince(): Map<string, string> {
  const base = buildBase();
  const areas = buildAreas(base);
  const main = mainRoads();
  const ground = survey(base, areas, main);
  const built = builtupField(ground);
  const { cover, lakes } = buildCover(ground, built);
  const lakeRings = lakes.flatMap((l) => l.rings.slice(0, 1));
  const { canals, lanes } = buildFieldCanals(areas, ground, built, base.rivers, lakeRings);
  const roads = [...main, ...buildStreets(areas, ground, built, base.rivers, lakeRings), ...lanes];
  join(roads, 0.45, 0.17);
  const network = splitOutside(connected(bridges(roads, base.rivers)), (p) => ground.inside.value(p) > -0.05);
  const { places, pois } = buildPlaces(areas, base, lakes, network, cover, ground);
  const dykes = buildDykes(cover);

  const inRivers = (p: Pt) => base.rivers.some((r) => r.mouth && inPolygon(p, r.polygon.slice(0, 1)));
  const coastline = clip(base.coast, (p) => !inRivers(p), 0.05, 0.1);
  const seaDeg = SEA_DEG.map(fromDegrees);
  const landDeg = [...base.coast, ...LAND_INLAND_DEG.map(fromDegrees).reverse()];

  const files = new Map<string, string>();
  files.set(
    'areas.geojson',
    collection([
      {
        properties: {
          code: 'M',
          name: 'Mẫu',
          fullName: 'Tỉnh Mẫu',
          fullNameEn: 'Sample Province',
          level: 'province',
          areaKm2: Math.round(areas.province.areaKm2 * 100) / 100,
        },
        geometry: multi(areas.province.rings),
      },
      ...areas.communes.map(communeFeature),
    ]),
  );
  files.set(
    'land.geojson',
    collection([
      { properties: { kind: 'sea' }, geometry: polygon([[...seaDeg, at(seaDeg, 0)]]) },
      { properties: { kind: 'land' }, geometry: polygon([[...landDeg, at(landDeg, 0)]]) },
      ...areas.islets.map((i) => ({ properties: { kind: 'land' }, geometry: polygon([i.ring]) })),
      ...[...coastline, ...areas.islets.map((i) => i.ring)].map((l) => ({
        properties: { kind: 'coastline' },
        geometry: line(l),
      })),
    ]),
  );
  files.set(
    'water.geojson',
    collection([
      ...base.rivers.map((r) => ({
        properties: { class: 'river', name: r.name, nameEn: r.nameEn },
        geometry: polygon(r.polygon),
      })),
      ...lakes.map((l) => ({
        properties: { class: 'lake', name: l.name, nameEn: l.nameEn },
        geometry: polygon(l.rings),
      })),
    ]),
  );
  files.set(
    'waterways.geojson',
    collection([
      ...base.rivers.map((r) => ({
        properties: { class: 'river', id: r.id, name: r.name, nameEn: r.nameEn },
        geometry: line(r.mouth ? r.line.slice(0, r.line.indexOf(r.mouth) + 1) : r.line),
      })),
      ...base.canals.map((c) => ({
        properties: { class: 'canal', id: c.id, name: c.name, nameEn: c.nameEn, widthM: c.widthM },
        geometry: line(c.line),
      })),
      {
        properties: { class: 'ditch', widthM: 10 },
        geometry: { type: 'MultiLineString', coordinates: canals.map((c) => c.map(degrees)) },
      },
    ]),
  );
  files.set(
    'landcover.geojson',
    collection([
      ...cover.map((p) => ({
        properties: { class: p.class, ...(p.name ? { name: p.name, nameEn: p.nameEn } : {}) },
        geometry: polygon(p.rings),
      })),
      {
        properties: { class: 'dyke' },
        geometry: { type: 'MultiLineString', coordinates: dykes.map((d) => d.map(degrees)) },
      },
    ]),
  );
  files.set(
    'roads.geojson',
    collection(
      network.map((r) => ({
        properties: {
          class: r.class,
          ...(r.ref ? { ref: r.ref } : {}),
          ...(r.name ? { name: r.name, nameEn: r.nameEn } : {}),
          ...(r.bridge ? { bridge: true } : {}),
          ...(r.outside ? { outside: true } : {}),
        },
        geometry: line(r.line),
      })),
    ),
  );
  files.set(
    'places.geojson',
    collection(places.map((p) => ({ properties: { ...p, at: undefined }, geometry: point(p.at) }))),
  );
  files.set(
    'pois.geojson',
    collection(pois.map((p) => ({ properties: { ...p, at: undefined }, geometry: point(p.at) }))),
  );
  return files;
}
