import Flatbush from 'flatbush';
import type { LonLat } from '../core/reading.ts';
import type { PolygonRings } from './geo.ts';
import { orientation } from './orientation.ts';

interface Segment {
  ring: number;
  /** Place within its ring, and how many its ring has. */
  at: number;
  of: number;
  a: LonLat;
  b: LonLat;
}

/**
 * A place where the border of one polygon is not simple, or null: a ring that crosses, touches or doubles back on
 * itself; two rings that cross or share a stretch. Rings must be closed and without repeated neighbours. Two rings
 * that touch in a point are fine. Holes outside their outer ring are not looked for: PostGIS has the last word.
 */
export function findCrossing(rings: PolygonRings): LonLat | null {
  const segments: Segment[] = rings.flatMap((ring, index) =>
    ring.slice(1).map((b, at) => ({ ring: index, at, of: ring.length - 1, a: ring[at] as LonLat, b })),
  );
  if (segments.length === 0) return null;
  const boxes = new Flatbush(segments.length);
  for (const { a, b } of segments) {
    boxes.add(Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1]));
  }
  boxes.finish();
  for (const [index, first] of segments.entries()) {
    const { a, b } = first;
    const near = boxes.search(
      Math.min(a[0], b[0]),
      Math.min(a[1], b[1]),
      Math.max(a[0], b[0]),
      Math.max(a[1], b[1]),
    );
    for (const other of near) {
      const second = segments[other];
      if (other <= index || !second) continue;
      const place = conflict(first, second);
      if (place) return place;
    }
  }
  return null;
}

function conflict(first: Segment, second: Segment): LonLat | null {
  if (first.ring !== second.ring) return meet(first, second, false);
  if (second.at - first.at === 1) return doublesBack(first.a, first.b, second.b) ? first.b : null;
  if (first.at === 0 && second.at === second.of - 1) {
    return doublesBack(second.a, second.b, first.b) ? second.b : null;
  }
  return meet(first, second, true);
}

/** Whether the way a → b → c goes back over itself. */
function doublesBack(a: LonLat, b: LonLat, c: LonLat): boolean {
  const ahead = (a[0] - b[0]) * (c[0] - b[0]) + (a[1] - b[1]) * (c[1] - b[1]);
  return ahead > 0 && orientation(a[0], a[1], b[0], b[1], c[0], c[1]) === 0;
}

/** A common place of two segments; `touching` = whether a single common end or a touch counts. */
function meet(first: Segment, second: Segment, touching: boolean): LonLat | null {
  const { a, b } = first;
  const { a: c, b: d } = second;
  const side = (p: LonLat, q: LonLat, r: LonLat) =>
    Math.sign(orientation(p[0], p[1], q[0], q[1], r[0], r[1]));
  const [abc, abd, cda, cdb] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
  if (abc * abd < 0 && cda * cdb < 0) return crossingPoint(a, b, c, d);
  const ends: LonLat[] = [];
  if (abc === 0 && between(a, b, c)) ends.push(c);
  if (abd === 0 && between(a, b, d)) ends.push(d);
  if (cda === 0 && between(c, d, a)) ends.push(a);
  if (cdb === 0 && between(c, d, b)) ends.push(b);
  const [place, ...others] = ends;
  if (!place) return null;
  const shareStretch = others.some((end) => end[0] !== place[0] || end[1] !== place[1]);
  return touching || shareStretch ? place : null;
}

function between(a: LonLat, b: LonLat, p: LonLat): boolean {
  return (
    Math.min(a[0], b[0]) <= p[0] &&
    p[0] <= Math.max(a[0], b[0]) &&
    Math.min(a[1], b[1]) <= p[1] &&
    p[1] <= Math.max(a[1], b[1])
  );
}

function crossingPoint(a: LonLat, b: LonLat, c: LonLat, d: LonLat): LonLat {
  const [rx, ry, sx, sy] = [b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]];
  const along = ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / (rx * sy - ry * sx);
  return [a[0] + along * rx, a[1] + along * ry];
}
