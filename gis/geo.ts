import geographiclib from 'geographiclib-geodesic';
import { metresPerDegree, normalizeDeg } from '../core/plane.ts';
import type { Bbox, LonLat } from '../core/reading.ts';

const { Geodesic } = geographiclib;
const wgs84 = Geodesic.WGS84;

/** Rings of a GeoJSON polygon: the outer one first, then the holes; each closed. */
export type PolygonRings = LonLat[][];
export type MultiPolygonRings = PolygonRings[];

/** Shortest way over the WGS 84 ellipsoid in metres, exact to nanometres (Karney 2013). 2 µs. */
export function distanceM(a: LonLat, b: LonLat): number {
  return wgs84.Inverse(a[1], a[0], b[1], b[0], Geodesic.DISTANCE).s12 ?? 0;
}

/** Direction at `a` of the shortest way to `b`: degrees clockwise from north, 0 ≤ azimuth < 360. */
export function azimuthDeg(a: LonLat, b: LonLat): number {
  return normalizeDeg(wgs84.Inverse(a[1], a[0], b[1], b[0], Geodesic.AZIMUTH).azi1 ?? 0);
}

/** Where one arrives who leaves `from` in direction `azimuth` and goes straight on for `lengthM`. */
export function destination(from: LonLat, azimuth: number, lengthM: number): LonLat {
  const end = wgs84.Direct(from[1], from[0], azimuth, lengthM, Geodesic.LONGITUDE | Geodesic.LATITUDE);
  return [end.lon2 ?? from[0], end.lat2 ?? from[1]];
}

/** Area on the ellipsoid in m², holes subtracted; edges are geodesics. */
export function areaM2(polygons: MultiPolygonRings): number {
  let total = 0;
  for (const rings of polygons) {
    for (const [index, ring] of rings.entries()) {
      const polygon = wgs84.Polygon(false);
      for (const [lon, lat] of ring.slice(0, -1)) polygon.AddPoint(lat, lon);
      const area = Math.abs(polygon.Compute(false, true).area ?? 0);
      total += index === 0 ? area : -area;
    }
  }
  return total;
}

/** Smallest box that holds every point within `radiusM`; a hair too large rather than too small. */
export function bboxAround([lon, lat]: LonLat, radiusM: number): Bbox {
  const northDeg = (radiusM / metresPerDegree(0).lat) * 1.001;
  const widestLat = Math.min(89.9, Math.abs(lat) + northDeg);
  const eastDeg = (radiusM / metresPerDegree(widestLat).lon) * 1.001;
  return [
    Math.max(-180, lon - eastDeg),
    Math.max(-90, lat - northDeg),
    Math.min(180, lon + eastDeg),
    Math.min(90, lat + northDeg),
  ];
}

export function bboxOf(polygons: MultiPolygonRings): Bbox {
  const box: Bbox = [Infinity, Infinity, -Infinity, -Infinity];
  for (const rings of polygons) {
    for (const [lon, lat] of rings[0] ?? []) {
      if (lon < box[0]) box[0] = lon;
      if (lat < box[1]) box[1] = lat;
      if (lon > box[2]) box[2] = lon;
      if (lat > box[3]) box[3] = lat;
    }
  }
  return box;
}
