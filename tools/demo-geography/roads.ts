/**
 * Roads as one connected graph: wherever two of them meet or cross they share a vertex, exactly.
 */
import { COMMUNES } from './areas-design.ts';
import { key, type River, snap, snapLine } from './base.ts';
import { SEED } from './design.ts';
import { hash, wander } from './noise.ts';
import {
  at,
  clip,
  crossing,
  distance,
  inPolygon,
  type Line,
  lengthOf,
  mix,
  nearest,
  type Pt,
  resample,
  simplify,
  smoothThrough,
} from './plane.ts';
import { BRIDGE_NAMES, ROADS, type RoadClass, type RoadDesign } from './roads-design.ts';
import { SegmentGrid } from './segments.ts';

export interface Road {
  class: RoadClass;
  ref?: string;
  name?: string;
  nameEn?: string;
  bridge: boolean;
  /** In the neighbours' land: drawn quietly, part of the graph. */
  outside?: boolean;
  line: Line;
}

export function mainRoads(): Road[] {
  return ROADS.map((road) => ({ class: road.class, ...label(road), bridge: false, line: courseOf(road) }));
}

function label(road: RoadDesign) {
  return {
    ...(road.ref ? { ref: road.ref } : {}),
    ...(road.name ? { name: road.name } : {}),
    ...(road.nameEn ? { nameEn: road.nameEn } : {}),
  };
}

function courseOf(road: RoadDesign): Line {
  const fine = resample(smoothThrough(road.course, 0.15, road.closed), 0.1);
  const waves = [
    { km: 4.5, amplitudeKm: road.class === 'ring' ? 0.1 : 0.34 },
    { km: 1.6, amplitudeKm: road.class === 'national' || road.class === 'ring' ? 0.03 : 0.09 },
  ];
  return snapLine(simplify(wander(fine, waves, hash(road.ref ?? road.name ?? '') ^ SEED, 1.5), 0.008));
}

/**
 * Makes one graph of the roads. Ends of main roads that lie within `reachKm` of another road end on it; streets and
 * lanes go straight on to the next road if one is near enough. Then every pair that crosses gets a common vertex
 * where it does, and stubs of streets shorter than `stubKm` behind the last crossing go.
 */
export function join(roads: Road[], reachKm: number, stubKm: number): void {
  for (const road of roads) {
    if (road.class === 'street' || road.class === 'local' || isLoop(road.line)) continue;
    for (const end of ['first', 'last'] as const) endOnNearest(road, end, roads, reachKm);
  }
  const grid = gridOf(roads);
  for (const [r, road] of roads.entries()) {
    if (road.class !== 'street' && road.class !== 'local') continue;
    for (const end of ['first', 'last'] as const)
      goOn(road, end, grid, r, road.class === 'local' ? 2.2 : 0.35);
  }
  for (const road of roads) road.line = snapLine(road.line);
  shareCrossings(roads);
  trimStubs(roads, stubKm);
}

const isLoop = (line: Line): boolean => key(at(line, 0)) === key(at(line, -1));
type End = 'first' | 'last';
const fromEnd = (line: Line, end: End): Line => (end === 'first' ? [...line] : [...line].reverse());

function endOnNearest(road: Road, end: End, roads: readonly Road[], reachKm: number): void {
  const line = fromEnd(road.line, end);
  const tip = at(line, 0);
  let best: { other: Road; index: number; point: Pt; km: number } | undefined;
  for (const other of roads) {
    if (other === road || other.class === 'street' || other.class === 'local') continue;
    const hit = nearest(other.line, tip);
    if (hit.km < reachKm && (!best || hit.km < best.km)) best = { other, ...hit };
  }
  if (!best || best.km === 0) return;
  const p = snap(best.point);
  if (key(p) !== key(at(best.other.line, best.index)) && key(p) !== key(at(best.other.line, best.index + 1)))
    best.other.line.splice(best.index + 1, 0, p);
  // What is left beyond or beside the junction would make a hook: the road goes straight there at the end.
  const rest = line.slice(1);
  while (rest.length > 2 && distance(at(rest, 0), p) < reachKm * 0.7) rest.shift();
  road.line = fromEnd([p, ...rest], end);
}

function gridOf(roads: readonly Road[]): SegmentGrid {
  const grid = new SegmentGrid(0.5);
  for (const [r, road] of roads.entries())
    for (let i = 0; i + 1 < road.line.length; i++) grid.add(at(road.line, i), at(road.line, i + 1), r, i);
  return grid;
}

function goOn(road: Road, end: End, grid: SegmentGrid, self: number, reachKm: number): void {
  const line = fromEnd(road.line, end);
  const tip = at(line, 0);
  const before = at(line, 1);
  const d = distance(tip, before);
  if (d === 0) return;
  const far: Pt = [
    tip[0] + ((tip[0] - before[0]) / d) * reachKm,
    tip[1] + ((tip[1] - before[1]) / d) * reachKm,
  ];
  let best: { t: number; point: Pt } | undefined;
  grid.near(tip, far, (segment) => {
    if (segment.owner === self) return;
    const hit = crossing(tip, far, segment.from, segment.to);
    if (hit && hit.t > 1e-6 && (!best || hit.t < best.t)) best = hit;
  });
  // A few metres beyond, so that the crossing is surely found again; the stub is cut off later.
  if (best) road.line = fromEnd([mix(tip, far, Math.min(1, best.t + 0.004 / reachKm)), ...line], end);
}

function shareCrossings(roads: Road[]): void {
  const cuts = roads.map(() => new Map<number, { t: number; p: Pt }[]>());
  const cut = (road: number, segment: number, t: number, p: Pt) => {
    const list = at(cuts, road).get(segment) ?? [];
    list.push({ t, p });
    at(cuts, road).set(segment, list);
  };
  gridOf(roads).pairs((a, b) => {
    if (a.owner === b.owner) return;
    const hit = crossing(a.from, a.to, b.from, b.to);
    if (!hit) return;
    const p = snap(hit.point);
    cut(a.owner, a.index, hit.t, p);
    cut(b.owner, b.index, hit.u, p);
  });
  for (const [r, road] of roads.entries()) {
    const out: Line = [];
    for (let i = 0; i < road.line.length; i++) {
      out.push(at(road.line, i));
      const list = at(cuts, r).get(i) ?? [];
      list.sort((a, b) => a.t - b.t);
      out.push(...list.map((c) => c.p));
    }
    road.line = snapLine(out);
  }
}

function trimStubs(roads: Road[], stubKm: number): void {
  const users = new Map<string, number>();
  for (const road of roads) for (const p of road.line) users.set(key(p), (users.get(key(p)) ?? 0) + 1);
  for (const road of roads) {
    if (road.class !== 'street' && road.class !== 'local') continue;
    for (const end of ['first', 'last'] as const) {
      const line = fromEnd(road.line, end);
      const junction = line.findIndex((p) => (users.get(key(p)) ?? 0) > 1);
      if (junction > 0 && lengthOf(line.slice(0, junction + 1)) < stubKm)
        road.line = fromEnd(line.slice(junction), end);
    }
  }
}

/** Splits every road where it crosses the province's outline, and says which parts lie outside. */
export function splitOutside(roads: readonly Road[], inside: (p: Pt) => boolean): Road[] {
  return roads.flatMap((road) => {
    if (road.line.every(inside)) return [road];
    const parts: Road[] = [];
    let current: Line = [at(road.line, 0)];
    let out = !inside(at(road.line, 0));
    for (const p of road.line.slice(1)) {
      // The vertex where the side changes belongs to both parts, so that the graph stays whole.
      current.push(p);
      if (!inside(p) === out) continue;
      parts.push({ ...road, line: current, outside: out });
      current = [p];
      out = !out;
    }
    if (current.length > 1) parts.push({ ...road, line: current, outside: out });
    return parts;
  });
}

/** Cuts the parts over wide rivers out as bridges, a little longer than the water is wide. */
export function bridges(roads: readonly Road[], rivers: readonly River[]): Road[] {
  const out: Road[] = [];
  for (const road of roads) {
    if (road.class === 'street' || road.class === 'local') {
      out.push(road);
      continue;
    }
    const spans: { from: number; to: number; river: River }[] = [];
    for (const river of rivers) {
      const inside = clip(road.line, (p) => inPolygon(p, river.polygon.slice(0, 1)), 0.02);
      for (const part of inside) {
        const from = position(road.line, at(part, 0));
        const to = position(road.line, at(part, -1));
        spans.push({ from: from - 0.05, to: to + 0.05, river });
      }
    }
    spans.sort((a, b) => a.from - b.from);
    let walked = 0;
    const total = lengthOf(road.line);
    for (const span of spans) {
      const from = Math.max(walked, span.from);
      const to = Math.min(total, span.to);
      if (from >= to) continue;
      if (from > walked) out.push({ ...road, line: part(road.line, walked, from) });
      const named = BRIDGE_NAMES[`${road.ref ?? ''}|${span.river.id}`];
      out.push({
        ...road,
        bridge: true,
        ...(named ? { name: named[0], nameEn: named[1] } : {}),
        line: part(road.line, from, to),
      });
      walked = to;
    }
    if (walked < total) out.push({ ...road, line: part(road.line, walked, total) });
  }
  return out.filter((road) => road.line.length > 1);
}

function position(line: Line, p: Pt): number {
  const hit = nearest(line, p);
  return lengthOf(line.slice(0, hit.index + 1)) + distance(at(line, hit.index), hit.point);
}

function part(line: Line, fromKm: number, toKm: number): Line {
  const out: Line = [];
  let walked = 0;
  for (let i = 0; i < line.length; i++) {
    if (i > 0) {
      const a = at(line, i - 1);
      const b = at(line, i);
      const d = distance(a, b);
      for (const stop of [fromKm, toKm])
        if (stop > walked && stop < walked + d)
          out.push(
            snap([
              a[0] + ((b[0] - a[0]) * (stop - walked)) / d,
              a[1] + ((b[1] - a[1]) * (stop - walked)) / d,
            ]),
          );
      walked += d;
    }
    if (walked >= fromKm - 1e-9 && walked <= toKm + 1e-9) out.push(at(line, i));
  }
  return snapLine(out);
}

/** Only the roads that can be reached from the longest connected part. */
export function connected(roads: readonly Road[]): Road[] {
  const byVertex = new Map<string, number[]>();
  for (const [i, road] of roads.entries())
    for (const p of road.line) byVertex.set(key(p), [...(byVertex.get(key(p)) ?? []), i]);
  const part = new Int32Array(roads.length).fill(-1);
  const km: number[] = [];
  for (let start = 0; start < roads.length; start++) {
    if (part[start] !== -1) continue;
    const id = km.length;
    let sum = 0;
    const stack = [start];
    part[start] = id;
    for (let r = stack.pop(); r !== undefined; r = stack.pop()) {
      sum += lengthOf(at(roads, r).line);
      for (const p of at(roads, r).line)
        for (const other of byVertex.get(key(p)) ?? [])
          if (part[other] === -1) {
            part[other] = id;
            stack.push(other);
          }
    }
    km.push(sum);
  }
  const best = km.indexOf(Math.max(...km));
  return roads.filter((_, i) => part[i] === best);
}

/** Where the seats' towns are, for the streets and the built-up areas. */
export const TOWNS = COMMUNES.map((c) => ({ name: c.name, at: c.seat, radiusKm: c.townKm }));
