/** Lines on the map, as kinds that look at ways need them. */
import type { Bbox, LonLat } from '../../core/reading.ts';
import type { FlatPolygon } from '../../gis/index.ts';

/** The segments of a line in the shape that `borderDistanceM` measures to. */
export function flatLine(line: readonly LonLat[]): FlatPolygon {
  const edges: number[] = [];
  const bbox: Bbox = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [index, [lon, lat]] of line.entries()) {
    bbox[0] = Math.min(bbox[0], lon);
    bbox[1] = Math.min(bbox[1], lat);
    bbox[2] = Math.max(bbox[2], lon);
    bbox[3] = Math.max(bbox[3], lat);
    const next = line[index + 1];
    if (next && (next[0] !== lon || next[1] !== lat)) edges.push(lon, lat, next[0], next[1]);
  }
  return { bbox, edges: Float64Array.from(edges) };
}

/**
 * Where the straight way from `a` to `b` ends, seen along the segment that it crosses; null = it crosses none, or an
 * even number of them, which leads back to the same side.
 */
export function sideOfCrossing({ edges }: FlatPolygon, a: LonLat, b: LonLat): 'left' | 'right' | null {
  let crossings = 0;
  let side: 'left' | 'right' = 'left';
  for (let i = 0; i < edges.length; i += 4) {
    const p: LonLat = [edges[i] as number, edges[i + 1] as number];
    const q: LonLat = [edges[i + 2] as number, edges[i + 3] as number];
    const from = turn(p, q, a);
    const to = turn(p, q, b);
    // Half open at the segment's ends, so that a way through a joint crosses once.
    if (from > 0 === to > 0 || turn(a, b, p) > 0 === turn(a, b, q) > 0) continue;
    crossings += 1;
    side = to > 0 ? 'left' : 'right';
  }
  return crossings % 2 === 1 ? side : null;
}

/** Positive = `c` lies to the left of the way from `a` to `b`. */
function turn(a: LonLat, b: LonLat, c: LonLat): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}
