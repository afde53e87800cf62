import { metresPerDegree } from '../core/plane.ts';
import type { Bbox } from '../core/reading.ts';
import type { MultiPolygonRings } from './geo.ts';
import { bboxOf } from './geo.ts';
import { orientation } from './orientation.ts';

/** A MultiPolygon ready to be asked many times: its edges in one flat list, four numbers each. */
export interface FlatPolygon {
  bbox: Bbox;
  /** x1, y1, x2, y2 of every edge of every ring, in degrees. */
  edges: Float64Array;
}

/** Rings need not be oriented; each must be closed. Edges of no length are left out. */
export function flattenPolygon(polygons: MultiPolygonRings): FlatPolygon {
  const edges: number[] = [];
  for (const rings of polygons) {
    for (const ring of rings) {
      let previous = ring[0];
      for (const point of ring) {
        if (previous && (previous[0] !== point[0] || previous[1] !== point[1])) {
          edges.push(previous[0], previous[1], point[0], point[1]);
        }
        previous = point;
      }
    }
  }
  return { bbox: bboxOf(polygons), edges: Float64Array.from(edges) };
}

/**
 * Whether a polygon covers a point: inside or exactly on its border (outer rings and holes alike), as PostGIS
 * `ST_Covers` says. Edges are straight in longitude and latitude. 0.3 µs per 100 edges.
 *
 * Crossing number over all rings at once: in a valid MultiPolygon holes and parts take care of themselves.
 */
export function covers({ bbox, edges }: FlatPolygon, lon: number, lat: number): boolean {
  if (lon < bbox[0] || lon > bbox[2] || lat < bbox[1] || lat > bbox[3]) return false;
  let inside = false;
  for (let i = 0; i < edges.length; i += 4) {
    const y1 = edges[i + 1] as number;
    const y2 = edges[i + 3] as number;
    if ((y1 > lat && y2 > lat) || (y1 < lat && y2 < lat)) continue;
    const x1 = edges[i] as number;
    const x2 = edges[i + 2] as number;
    if (y1 === y2) {
      // Level with the point: it matters only when the point is on it.
      if (Math.min(x1, x2) <= lon && lon <= Math.max(x1, x2)) return true;
      continue;
    }
    if (x1 < lon && x2 < lon) continue;
    const side = orientation(x1, y1, x2, y2, lon, lat);
    if (side === 0) return true;
    // Half open, so that a vertex level with the point is counted once. A ray to the east is crossed by edges that
    // go up with the point on their left, or down with it on their right.
    if (y1 > lat !== y2 > lat && side > 0 === y2 > y1) inside = !inside;
  }
  return inside;
}

/**
 * Metres from a point to the nearest place on the border, inside or outside alike.
 *
 * Measured on a plane that touches the ellipsoid at the point: off by less than 0.1 % for borders within 20 km at
 * the latitudes of Vietnam, and growing with distance, which is where the exact figure stops to matter.
 */
export function borderDistanceM({ edges }: FlatPolygon, lon: number, lat: number): number {
  const scale = metresPerDegree(lat);
  let nearest2 = Infinity;
  for (let i = 0; i < edges.length; i += 4) {
    const ax = ((edges[i] as number) - lon) * scale.lon;
    const ay = ((edges[i + 1] as number) - lat) * scale.lat;
    const dx = ((edges[i + 2] as number) - (edges[i] as number)) * scale.lon;
    const dy = ((edges[i + 3] as number) - (edges[i + 1] as number)) * scale.lat;
    const along = Math.min(1, Math.max(0, -(ax * dx + ay * dy) / (dx * dx + dy * dy)));
    const x = ax + along * dx;
    const y = ay + along * dy;
    const distance2 = x * x + y * y;
    if (distance2 < nearest2) nearest2 = distance2;
  }
  return Math.sqrt(nearest2);
}
