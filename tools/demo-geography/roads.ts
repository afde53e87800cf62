/**
 * Roads as one connected graph: wherever two of them meet or cross they share a vertex, exactly.
 */
import { COMMUNES } from './areas-design.ts';
import { type Base, key, type River, snap, snapLine } from './base.ts';
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
 * Lets ends that lie within `reachKm` of another road end on it, then gives every pair of roads that cross a
 * common vertex where they do.
 */
export function join(roads: Road[], reachKm: number): void {
  for (const road of roads) {
    if (key(at(road.line, 0)) === key(at(road.line, -1))) continue;
    for (const end of [0, -1]) {
      const tip = at(road.line, end);
      let best: { other: Road; index: number; point: Pt; km: number } | undefined;
      for (const other of roads) {
        if (other === road) continue;
        const hit = nearest(other.line, tip);
        if (hit.km < reachKm && (!best || hit.km < best.km)) best = { other, ...hit };
      }
      if (!best || best.km === 0) continue;
      const p = snap(best.point);
      if (
        key(p) !== key(at(best.other.line, best.index)) &&
        key(p) !== key(at(best.other.line, best.index + 1))
      )
        best.other.line.splice(best.index + 1, 0, p);
      // What is left beyond or beside the junction would make a hook: the road goes straight there at the end.
      const rest = (end === 0 ? road.line : [...road.line].reverse()).filter(
        (q, i) => i > 0 || distance(q, p) > 0,
      );
      while (rest.length > 2 && distance(at(rest, 0), p) < Math.min(reachKm * 0.7, lengthOf(rest) / 3))
        rest.shift();
      const mended = [p, ...rest];
      road.line = end === 0 ? mended : mended.reverse();
    }
    road.line = snapLine(road.line);
  }
  const grid = new SegmentGrid(0.5);
  for (const [r, road] of roads.entries())
    for (let i = 0; i + 1 < road.line.length; i++) grid.add(at(road.line, i), at(road.line, i + 1), r, i);
  const cuts = roads.map(() => new Map<number, { t: number; p: Pt }[]>());
  const cut = (road: number, segment: number, t: number, p: Pt) => {
    const list = at(cuts, road).get(segment) ?? [];
    list.push({ t, p });
    at(cuts, road).set(segment, list);
  };
  grid.pairs((a, b) => {
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

export const allLines = (base: Base): Line[] => [base.coast, ...base.rivers.map((r) => r.line)];
