/**
 * Geometry on a plane that touches the WGS 84 ellipsoid near the points in question: exact enough (0.1 % up to
 * 100 km between the latitudes ±60°) and very cheap. Exact geodesics are in `gis/geo.ts`. Nothing here works across
 * the antimeridian.
 */
import type { LonLat } from './reading.ts';

const DEG = Math.PI / 180;
/** WGS 84: semi-major axis in metres and first eccentricity squared. */
const A = 6_378_137;
const E2 = 0.00669437999014;

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

/** Distance in metres. 0.07 µs. */
export function fastDistanceM(a: LonLat, b: LonLat): number {
  const scale = metresPerDegree((a[1] + b[1]) / 2);
  return Math.hypot((b[0] - a[0]) * scale.lon, (b[1] - a[1]) * scale.lat);
}

/** Direction from `a` to `b` in degrees clockwise from north, 0 ≤ azimuth < 360. */
export function fastAzimuthDeg(a: LonLat, b: LonLat): number {
  const scale = metresPerDegree((a[1] + b[1]) / 2);
  return normalizeDeg(Math.atan2((b[0] - a[0]) * scale.lon, (b[1] - a[1]) * scale.lat) / DEG);
}

/** The point so many metres east and north of another. */
export function fastOffset([lon, lat]: LonLat, eastM: number, northM: number): LonLat {
  const scale = metresPerDegree(lat);
  return [lon + eastM / scale.lon, lat + northM / scale.lat];
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
