import { fastDistanceM, metresPerDegree } from '../../core/plane.ts';
import type { LonLat } from '../../core/reading.ts';
import { Heap } from './heap.ts';

/** One drawn road. Roads meet where they share a vertex; lines that merely cross are bridges. */
export interface RoadLine {
  line: readonly LonLat[];
  speedKmh: number;
  /** Only in the direction it is drawn. */
  oneWay?: boolean;
}

interface Edge {
  from: number;
  to: number;
  lengthM: number;
  speedKmh: number;
}

/** A drawn segment: an edge, and its reverse too unless the road is one-way. */
interface Segment extends Edge {
  twoWay: boolean;
}

/** Every vertex a node, every segment one or two directed edges. */
export interface RoadGraph {
  nodes: readonly LonLat[];
  segments: readonly Segment[];
  /** Edges that leave each node. */
  leaving: readonly (readonly Edge[])[];
  /** Nodes from which every other of them can be reached and left again. */
  connected: ReadonlySet<number>;
  fastestKmh: number;
}

/** A way along roads: `speedKmh[i]` is what the road allows between `line[i]` and `line[i + 1]`. */
export interface Route {
  line: LonLat[];
  speedKmh: number[];
  lengthM: number;
}

/** Vertices closer than this (about 10 cm) are one. */
const MERGE_DEG = 1e-6;
/** Nearer to a node than this is on it. */
const AT_NODE_M = 0.01;

export function buildRoadGraph(roads: Iterable<RoadLine>): RoadGraph {
  const nodes: LonLat[] = [];
  const idOf = new Map<string, number>();
  const segments: Segment[] = [];
  const node = ([lon, lat]: LonLat): number => {
    const key = `${Math.round(lon / MERGE_DEG)},${Math.round(lat / MERGE_DEG)}`;
    const known = idOf.get(key);
    if (known !== undefined) return known;
    idOf.set(key, nodes.length);
    return nodes.push([lon, lat]) - 1;
  };
  for (const { line, speedKmh, oneWay } of roads) {
    const ids = line.map(node);
    for (const [i, to] of ids.entries()) {
      const from = ids[i - 1];
      if (from === undefined || from === to) continue;
      const lengthM = fastDistanceM(nodes[from] as LonLat, nodes[to] as LonLat);
      segments.push({ from, to, lengthM, speedKmh, twoWay: !oneWay });
    }
  }
  const leaving: Edge[][] = nodes.map(() => []);
  const entering: Edge[][] = nodes.map(() => []);
  for (const { from, to, lengthM, speedKmh, twoWay } of segments) {
    const edges = [{ from, to, lengthM, speedKmh }];
    if (twoWay) edges.push({ from: to, to: from, lengthM, speedKmh });
    for (const edge of edges) {
      leaving[edge.from]?.push(edge);
      entering[edge.to]?.push(edge);
    }
  }
  return {
    nodes,
    segments,
    leaving,
    connected: largestConnected(leaving, entering),
    fastestKmh: Math.max(1, ...segments.map((segment) => segment.speedKmh)),
  };
}

/** The largest set of nodes that can all reach each other (Kosaraju, without recursion). */
function largestConnected(leaving: Edge[][], entering: Edge[][]): Set<number> {
  const finished: number[] = [];
  const seen = new Set<number>();
  for (const start of leaving.keys()) {
    if (seen.has(start)) continue;
    seen.add(start);
    const path = [{ node: start, next: 0 }];
    for (let step = path.at(-1); step; step = path.at(-1)) {
      const edge = leaving[step.node]?.[step.next++];
      if (!edge) {
        finished.push(step.node);
        path.pop();
      } else if (!seen.has(edge.to)) {
        seen.add(edge.to);
        path.push({ node: edge.to, next: 0 });
      }
    }
  }
  let largest = new Set<number>();
  for (const start of finished.reverse()) {
    if (!seen.delete(start)) continue;
    const group = new Set([start]);
    for (const node of group) {
      for (const edge of entering[node] ?? []) if (seen.delete(edge.from)) group.add(edge.from);
    }
    if (group.size > largest.size) largest = group;
  }
  return largest;
}

/** The place on a road nearest to a point: so many metres after the segment's start. */
interface Snap {
  segment: Segment;
  fromM: number;
  place: LonLat;
}

function snap(graph: RoadGraph, [lon, lat]: LonLat): Snap | undefined {
  const scale = metresPerDegree(lat);
  let best: Snap | undefined;
  let best2 = Infinity;
  for (const segment of graph.segments) {
    if (!graph.connected.has(segment.from) || !graph.connected.has(segment.to)) continue;
    const [x1, y1] = graph.nodes[segment.from] as LonLat;
    const [x2, y2] = graph.nodes[segment.to] as LonLat;
    const [ax, ay] = [(x1 - lon) * scale.lon, (y1 - lat) * scale.lat];
    const [dx, dy] = [(x2 - x1) * scale.lon, (y2 - y1) * scale.lat];
    const along = Math.min(1, Math.max(0, -(ax * dx + ay * dy) / (dx * dx + dy * dy)));
    const distance2 = (ax + along * dx) ** 2 + (ay + along * dy) ** 2;
    if (distance2 >= best2) continue;
    best2 = distance2;
    const place: LonLat = [x1 + along * (x2 - x1), y1 + along * (y2 - y1)];
    best = { segment, fromM: along * segment.lengthM, place };
  }
  return best;
}

/**
 * The fastest way between the places on the road nearest to two points (A* over travel time), or undefined when the
 * graph has no road at all. One-way roads are kept to.
 */
export function shortestRoute(graph: RoadGraph, from: LonLat, to: LonLat): Route | undefined {
  const [start, goal] = [snap(graph, from), snap(graph, to)];
  if (!start || !goal) return undefined;
  const along = sameSegment(start, goal);
  if (along) return along;

  const seconds = (metres: number, speedKmh: number) => metres / (speedKmh / 3.6);
  const rest = (node: number) =>
    seconds(fastDistanceM(graph.nodes[node] as LonLat, goal.place), graph.fastestKmh);
  const cost = new Map<number, number>();
  const cameBy = new Map<number, Edge | null>();
  const open = new Heap();
  const offer = (node: number, costS: number, by: Edge | null) => {
    if (costS >= (cost.get(node) ?? Infinity)) return;
    cost.set(node, costS);
    cameBy.set(node, by);
    open.push(node, costS + rest(node));
  };
  for (const { node, metres, speedKmh } of waysOff(start)) offer(node, seconds(metres, speedKmh), null);
  const last = waysOff(goal, true);
  let best: { node: number; costS: number } | undefined;
  for (;;) {
    const next = open.pop();
    if (next === undefined || next.priority >= (best?.costS ?? Infinity)) break;
    const costS = cost.get(next.item) ?? Infinity;
    if (next.priority > costS + rest(next.item)) continue;
    for (const end of last) {
      if (end.node !== next.item) continue;
      const total = costS + seconds(end.metres, end.speedKmh);
      if (total < (best?.costS ?? Infinity)) best = { node: next.item, costS: total };
    }
    for (const edge of graph.leaving[next.item] ?? []) {
      offer(edge.to, costS + seconds(edge.lengthM, edge.speedKmh), edge);
    }
  }
  if (!best) return undefined;

  const line: LonLat[] = [goal.place];
  const speedKmh: number[] = [goal.segment.speedKmh];
  let node: number | undefined = best.node;
  while (node !== undefined) {
    line.push(graph.nodes[node] as LonLat);
    const by: Edge | null | undefined = cameBy.get(node);
    speedKmh.push(by ? by.speedKmh : start.segment.speedKmh);
    node = by?.from;
  }
  line.push(start.place);
  return tidy(line.reverse(), speedKmh.reverse());
}

/** Nodes next to a snapped place and how far they are; `arriving` = ways onto the place instead of off it. */
function waysOff(
  { segment, fromM }: Snap,
  arriving = false,
): { node: number; metres: number; speedKmh: number }[] {
  const { from, to, lengthM, speedKmh, twoWay } = segment;
  const ways: { node: number; metres: number; speedKmh: number }[] = [];
  // Whoever stands on a node may leave it by any road, and be reached by any.
  const open = (metres: number) => twoWay || metres < AT_NODE_M;
  if (arriving || open(fromM)) ways.push({ node: from, metres: fromM, speedKmh });
  if (!arriving || open(lengthM - fromM)) ways.push({ node: to, metres: lengthM - fromM, speedKmh });
  return ways;
}

/** Start and goal on one segment: straight there, unless that is against a one-way street. */
function sameSegment(start: Snap, goal: Snap): Route | undefined {
  if (start.segment !== goal.segment) return undefined;
  if (goal.fromM < start.fromM && !start.segment.twoWay) return undefined;
  return tidy([start.place, goal.place], [start.segment.speedKmh]);
}

/** Drops steps of no length, keeping at least one point. */
function tidy(line: LonLat[], speeds: number[]): Route {
  const route: Route = { line: [line[0] as LonLat], speedKmh: [], lengthM: 0 };
  for (const [i, speed] of speeds.entries()) {
    const lengthM = fastDistanceM(route.line.at(-1) as LonLat, line[i + 1] as LonLat);
    if (lengthM < 0.01) continue;
    route.line.push(line[i + 1] as LonLat);
    route.speedKmh.push(speed);
    route.lengthM += lengthM;
  }
  return route;
}
