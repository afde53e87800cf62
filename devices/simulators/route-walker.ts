import type { LonLat } from '../../core/reading.ts';
import { type Driving, HURRYING, type Motion, PATROLLING, planTrip, type Trip, tripAt } from './motion.ts';
import { hash01 } from './noise.ts';
import { type RoadGraph, shortestRoute } from './road-graph.ts';

/** A round that a unit drives again and again, with a stop at each of its posts. */
interface Loop {
  /** Trips with their start counted from the beginning of the round. */
  trips: readonly Trip[];
  periodMs: number;
}

/**
 * What one unit is doing; a value, never changed. `sendTo` and `backToPatrol` give the next one, `walkerAt` says where
 * the unit is at any time.
 */
export interface Walker {
  loop: Loop;
  doing:
    | { kind: 'patrol'; originMs: number }
    /** Drives there and stays. */
    | { kind: 'errand'; trip: Trip }
    /** Drives to the first post of its round, then goes on with it. */
    | { kind: 'returning'; trip: Trip };
}

export interface PatrolOptions {
  seed: number;
  /** Stops at each post last this long, give or take a half. */
  dwellS: number;
  /** Where in time the round begins; different units get different ones. */
  originMs: number;
  driving?: Driving;
}

/**
 * Plans the round over the posts in their order and back to the first. Posts that no road reaches are left out; with
 * fewer than two the unit stands at its post.
 */
export function createPatrol(graph: RoadGraph, posts: readonly LonLat[], options: PatrolOptions): Walker {
  const driving = options.driving ?? PATROLLING;
  const trips: Trip[] = [];
  let atMs = 0;
  const dwellMs = (index: number) => options.dwellS * 1000 * (0.5 + hash01(options.seed, index));
  let here = posts[0] as LonLat;
  for (const [index, post] of [...posts.slice(1), here].entries()) {
    const route = shortestRoute(graph, here, post);
    if (!route || route.lengthM === 0) continue;
    // No two rounds take exactly as long.
    const mood = {
      ...driving,
      speedFactor: driving.speedFactor * (0.9 + 0.2 * hash01(options.seed, index, 1)),
    };
    const trip = planTrip(route, mood, atMs + dwellMs(index));
    trips.push(trip);
    atMs = trip.endMs;
    here = route.line.at(-1) as LonLat;
  }
  if (trips.length === 0) {
    trips.push(planTrip({ line: [here], speedKmh: [], lengthM: 0 }, driving, 0));
    atMs = 60_000;
  }
  return { loop: { trips, periodMs: atMs }, doing: { kind: 'patrol', originMs: options.originMs } };
}

export function walkerAt(walker: Walker, timeMs: number): Motion & { arrived: boolean } {
  const { loop, doing } = walker;
  if (doing.kind === 'errand') return { ...tripAt(doing.trip, timeMs), arrived: timeMs >= doing.trip.endMs };
  if (doing.kind === 'returning' && timeMs < doing.trip.endMs) {
    return { ...tripAt(doing.trip, timeMs), arrived: false };
  }
  const originMs = doing.kind === 'patrol' ? doing.originMs : doing.trip.endMs;
  const inRoundMs = (((timeMs - originMs) % loop.periodMs) + loop.periodMs) % loop.periodMs;
  // The trip that is under way or was finished last; before the first one the unit stands at its start.
  const current = loop.trips.findLast((trip) => trip.startMs <= inRoundMs) ?? loop.trips[0];
  return { ...tripAt(current as Trip, inRoundMs), arrived: false };
}

/** From wherever the unit is, at the speed it has, in a hurry to the road nearest to a place; it stays there. */
export function sendTo(
  graph: RoadGraph,
  walker: Walker,
  target: LonLat,
  nowMs: number,
  driving = HURRYING,
): Walker {
  const trip = tripFrom(graph, walker, target, nowMs, driving);
  return { ...walker, doing: { kind: 'errand', trip } };
}

/** Back to the first post of the round, and on with it. */
export function backToPatrol(graph: RoadGraph, walker: Walker, nowMs: number, driving = PATROLLING): Walker {
  const post = walker.loop.trips[0]?.line[0] as LonLat;
  return { ...walker, doing: { kind: 'returning', trip: tripFrom(graph, walker, post, nowMs, driving) } };
}

function tripFrom(graph: RoadGraph, walker: Walker, target: LonLat, nowMs: number, driving: Driving): Trip {
  const now = walkerAt(walker, nowMs);
  const route = shortestRoute(graph, now.position, target) ?? {
    line: [now.position],
    speedKmh: [],
    lengthM: 0,
  };
  return planTrip(route, driving, nowMs, now);
}
