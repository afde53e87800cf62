import geographiclib from 'geographiclib-geodesic';
import type { LonLat } from '../core/reading.ts';

const { Geodesic } = geographiclib;
const wgs84 = Geodesic.WGS84;

const DEG = Math.PI / 180;
/** WGS 84: semi-major axis in metres and first eccentricity squared. */
const A = 6_378_137;
const E2 = 0.00669437999014;

/** Rings of a GeoJSON polygon: the outer one first, then the holes; each closed. */
export type PolygonRings = LonLat[][];
export type MultiPolygonRings = PolygonRings[];
export type Bbox = [west: number, south: number, east: number, north: number];

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

/** Any angle → 0 ≤ degrees < 360. */
export function normalizeDeg(angle: number): number {
  return ((angle % 360) + 360) % 360;
}

/** Smallest turn from one direction to another, −180 < degrees ≤ 180, positive clockwise. */
export function turnDeg(from: number, to: number): number {
  const turn = normalizeDeg(to - from);
  return turn > 180 ? turn - 360 : turn;
}

/** Metres per degree of longitude and of latitude at a latitude: the ellipsoid's two radii of curvature there. */
export function metresPerDegree(lat: number): { lon: number; lat: number } {
  const sin = Math.sin(lat * DEG);
  const w2 = 1 - E2 * sin * sin;
  const primeVertical = A / Math.sqrt(w2);
  return {
    lon: primeVertical * Math.cos(lat * DEG) * DEG,
    lat: ((primeVertical * (1 - E2)) / w2) * DEG,
  };
}

/**
 * Distance on a plane that touches the ellipsoid at the middle latitude. Off by less than 0.1 % up to 100 km
 * between the latitudes ±60° (checked against {@link distanceM}); wrong across the antimeridian. 0.05 µs.
 */
export function fastDistanceM(a: LonLat, b: LonLat): number {
  const scale = metresPerDegree((a[1] + b[1]) / 2);
  return Math.hypot((b[0] - a[0]) * scale.lon, (b[1] - a[1]) * scale.lat);
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
