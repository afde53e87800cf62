/**
 * Communes as faces of one planar graph: every border exists once, both neighbours use it, so nothing gaps or overlaps.
 */
import { COMMUNES, type CommuneDesign, EDGES, ISLETS, NODES } from './areas-design.ts';
import { type Base, key, snap, snapLine } from './base.ts';
import { SEED } from './design.ts';
import { hash, noise2, wander } from './noise.ts';
import {
  at,
  inRing,
  type Line,
  nearestVertex,
  type Pt,
  resample,
  ringArea,
  simplify,
  smoothThrough,
} from './plane.ts';

export interface Commune extends CommuneDesign {
  /** Mainland ring first, then the islets; anticlockwise, closed. */
  rings: Line[];
  areaKm2: number;
}

export interface Areas {
  communes: Commune[];
  province: { rings: Line[]; areaKm2: number };
  islets: { name: string; nameEn: string; at: Pt; ring: Line }[];
  nodes: ReadonlyMap<string, Pt>;
}

function placeNodes(base: Base): Map<string, Pt> {
  const nodes = new Map<string, Pt>();
  for (const [id, node] of Object.entries(NODES)) {
    const [first, second] = (node.on ?? []).map((line) => base.line(line));
    if (!first) {
      nodes.set(id, snap(node.at));
      continue;
    }
    const shared = second ? new Set(second.map(key)) : undefined;
    const candidates = shared ? first.filter((p) => shared.has(key(p))) : first;
    if (candidates.length === 0) throw new Error(`node ${id}: its lines do not meet`);
    nodes.set(id, at(candidates, nearestVertex(candidates, node.at)));
  }
  return nodes;
}

function slice(line: Line, from: Pt, to: Pt, name: string): Line {
  const i = line.findIndex((p) => key(p) === key(from));
  const j = line.findIndex((p) => key(p) === key(to));
  if (i < 0 || j < 0) throw new Error(`edge ${name}: end is not on its line`);
  return i < j ? line.slice(i, j + 1) : line.slice(j, i + 1).reverse();
}

function buildEdges(base: Base, nodes: ReadonlyMap<string, Pt>) {
  const node = (id: string): Pt => {
    const p = nodes.get(id);
    if (!p) throw new Error(`no node ${id}`);
    return p;
  };
  return EDGES.map(([from, to, way]) => {
    const name = `${from}-${to}`;
    if (typeof way === 'string') return { from, to, line: slice(base.line(way), node(from), node(to), name) };
    const fine = resample(smoothThrough([node(from), ...way, node(to)], 0.25), 0.12);
    const waves = [
      { km: 2.6, amplitudeKm: 0.42 },
      { km: 1.0, amplitudeKm: 0.14 },
      { km: 0.4, amplitudeKm: 0.04 },
    ];
    return { from, to, line: snapLine(simplify(wander(fine, waves, hash(name) ^ SEED, 1.4), 0.012)) };
  });
}

interface HalfEdge {
  from: string;
  to: string;
  line: Line;
  used: boolean;
}

/** Walks every face once, always turning to the next edge clockwise from where it came. */
function traceFaces(edges: { from: string; to: string; line: Line }[]): Line[] {
  const out = new Map<string, HalfEdge[]>();
  const add = (edge: HalfEdge) => out.set(edge.from, [...(out.get(edge.from) ?? []), edge]);
  for (const e of edges) {
    add({ ...e, used: false });
    add({ from: e.to, to: e.from, line: [...e.line].reverse(), used: false });
  }
  const angle = (e: HalfEdge) =>
    Math.atan2(at(e.line, 1)[1] - at(e.line, 0)[1], at(e.line, 1)[0] - at(e.line, 0)[0]);
  for (const list of out.values()) list.sort((a, b) => angle(a) - angle(b));
  const faces: Line[] = [];
  for (const start of [...out.values()].flat()) {
    if (start.used) continue;
    const ring: Line = [];
    let edge = start;
    while (!edge.used) {
      edge.used = true;
      ring.push(...edge.line.slice(0, -1));
      const back = edge;
      const fan = out.get(edge.to) ?? [];
      const k = fan.findIndex((e) => e.to === back.from && key(at(e.line, 1)) === key(at(back.line, -2)));
      edge = at(fan, (k - 1 + fan.length) % fan.length);
    }
    ring.push(at(ring, 0));
    faces.push(ring);
  }
  return faces;
}

function isletRing(name: string, center: Pt, radiusKm: number, stretch: number, angle: number): Line {
  const seed = hash(name) ^ SEED;
  const ring: Line = [];
  for (let i = 0; i < 160; i++) {
    const a = (i / 160) * 2 * Math.PI;
    const r =
      radiusKm *
      (1 +
        0.3 * noise2(Math.cos(a) * 1.3 + 5, Math.sin(a) * 1.3, seed) +
        0.16 * noise2(Math.cos(a) * 3, Math.sin(a) * 3 + 9, seed) +
        0.05 * noise2(Math.cos(a) * 8, Math.sin(a) * 8, seed));
    const x = Math.cos(a) * r * Math.sqrt(stretch);
    const y = (Math.sin(a) * r) / Math.sqrt(stretch);
    ring.push([
      center[0] + x * Math.cos(angle) - y * Math.sin(angle),
      center[1] + x * Math.sin(angle) + y * Math.cos(angle),
    ]);
  }
  return snapLine(simplify([...ring, at(ring, 0)], 0.008));
}

export function buildAreas(base: Base): Areas {
  const nodes = placeNodes(base);
  const faces = traceFaces(buildEdges(base, nodes));
  const outer = faces.filter((ring) => ringArea(ring) < 0);
  if (outer.length !== 1)
    throw new Error(`${outer.length} outer rings: the border graph is not in one piece`);
  const inner = faces.filter((ring) => ringArea(ring) > 0);
  const islets = ISLETS.map((islet) => ({
    ...islet,
    ring: isletRing(islet.name, islet.at, islet.radiusKm, islet.stretch, islet.angle),
  }));
  const communes = COMMUNES.map((commune) => {
    const found = inner.filter((ring) => inRing(commune.seat, ring));
    if (found.length !== 1) throw new Error(`${commune.name}: seat lies in ${found.length} faces`);
    const rings = [at(found, 0), ...islets.filter((i) => i.commune === commune.code).map((i) => i.ring)];
    return { ...commune, rings, areaKm2: rings.reduce((sum, ring) => sum + ringArea(ring), 0) };
  });
  if (new Set(communes.map((c) => at(c.rings, 0))).size !== inner.length)
    throw new Error(`${inner.length} faces for ${communes.length} communes`);
  const rings = [[...at(outer, 0)].reverse(), ...islets.map((i) => i.ring)];
  return {
    communes,
    province: { rings, areaKm2: rings.reduce((sum, ring) => sum + ringArea(ring), 0) },
    islets,
    nodes,
  };
}
