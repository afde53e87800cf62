import { fastAzimuthDeg, fastDistanceM, turnDeg } from '../../core/plane.ts';
import type { LonLat } from '../../core/reading.ts';
import type { Route } from './road-graph.ts';

/** Where a mover is and how it moves, exactly: what a receiver makes of it is in `gps.ts`. */
export interface Motion {
  position: LonLat;
  speedKmh: number;
  headingDeg: number;
}

export interface Driving {
  accelerationMs2: number;
  brakingMs2: number;
  /** What the driver makes of the speed the road allows: 1.25 with blue lights, 0.8 on patrol. */
  speedFactor: number;
}

export const PATROLLING: Driving = { accelerationMs2: 1.1, brakingMs2: 1.6, speedFactor: 0.75 };
export const HURRYING: Driving = { accelerationMs2: 2, brakingMs2: 2.6, speedFactor: 1.3 };

/** Comfortable sideways acceleration, and the radius of a right-angled street corner. */
const CORNERING_MS2 = 2.2;
const CORNER_RADIUS_M = 9;
const CRAWL_MS = 1.2;

/** One drive along a route from a given speed to a stop, as a function of time. */
export interface Trip {
  startMs: number;
  endMs: number;
  line: readonly LonLat[];
  legs: readonly Leg[];
  driving: Driving;
  /** Where it looks when there is nothing to drive. */
  headingDeg: number;
}

interface Leg {
  /** Seconds after the start of the trip. */
  startS: number;
  lengthM: number;
  headingDeg: number;
  /** Metres per second on entering, at the fastest and on leaving. */
  enterMs: number;
  peakMs: number;
  leaveMs: number;
  durationS: number;
}

/**
 * Plans speeds so that every leg keeps to what its road allows, every corner is taken at a speed that stays in the
 * lane, and acceleration and braking stay within the driver's: one sweep backward from the stop, one forward.
 */
export function planTrip(
  route: Route,
  driving: Driving,
  startMs: number,
  from: { speedKmh: number; headingDeg: number } = { speedKmh: 0, headingDeg: 0 },
): Trip {
  const { line } = route;
  const { accelerationMs2: a, brakingMs2: b } = driving;
  const lengths = route.speedKmh.map((_, i) => fastDistanceM(line[i] as LonLat, line[i + 1] as LonLat));
  const headings = route.speedKmh.map((_, i) => fastAzimuthDeg(line[i] as LonLat, line[i + 1] as LonLat));
  const limits = route.speedKmh.map((speedKmh) => Math.max(CRAWL_MS, (speedKmh / 3.6) * driving.speedFactor));
  // Speeds at the vertices.
  const at = line.map((_, i) => {
    if (i === line.length - 1) return 0;
    if (i === 0)
      return Math.min(from.speedKmh / 3.6, cornerMs(from.headingDeg, headings[0] ?? from.headingDeg));
    return Math.min(limits[i - 1] ?? 0, limits[i] ?? 0, cornerMs(headings[i - 1] ?? 0, headings[i] ?? 0));
  });
  for (let i = line.length - 2; i >= 0; i--) {
    at[i] = Math.min(at[i] as number, Math.sqrt((at[i + 1] as number) ** 2 + 2 * b * (lengths[i] as number)));
  }
  for (let i = 1; i < line.length; i++) {
    const reachable = Math.sqrt((at[i - 1] as number) ** 2 + 2 * a * (lengths[i - 1] as number));
    at[i] = Math.min(at[i] as number, reachable);
  }
  const legs: Leg[] = [];
  let startS = 0;
  for (const [i, lengthM] of lengths.entries()) {
    const [enterMs, leaveMs] = [at[i] as number, at[i + 1] as number];
    const meeting = Math.sqrt((2 * a * b * lengthM + b * enterMs ** 2 + a * leaveMs ** 2) / (a + b));
    const peakMs = Math.max(enterMs, leaveMs, Math.min(limits[i] as number, meeting));
    const speedingM = (peakMs ** 2 - enterMs ** 2) / (2 * a);
    const brakingM = (peakMs ** 2 - leaveMs ** 2) / (2 * b);
    const steadyS = Math.max(0, lengthM - speedingM - brakingM) / peakMs;
    const durationS = (peakMs - enterMs) / a + steadyS + (peakMs - leaveMs) / b;
    legs.push({ startS, lengthM, headingDeg: headings[i] as number, enterMs, peakMs, leaveMs, durationS });
    startS += durationS;
  }
  return { startMs, endMs: startMs + startS * 1000, line, legs, driving, headingDeg: from.headingDeg };
}

/** Corners are arcs: the sharper the turn, the smaller the radius that fits into the street. */
function cornerMs(before: number, after: number): number {
  const half = (Math.abs(turnDeg(before, after)) / 2) * (Math.PI / 180);
  return Math.max(CRAWL_MS, Math.sqrt((CORNERING_MS2 * CORNER_RADIUS_M) / Math.tan(Math.max(half, 1e-3))));
}

/** Exact for any time; before the start and after the end the mover stands. */
export function tripAt(trip: Trip, timeMs: number): Motion {
  const { legs, line, driving } = trip;
  const [first, last] = [line[0] as LonLat, line.at(-1) as LonLat];
  const lastHeading = legs.at(-1)?.headingDeg ?? trip.headingDeg;
  if (timeMs >= trip.endMs) return { position: last, speedKmh: 0, headingDeg: lastHeading };
  if (timeMs < trip.startMs) {
    return { position: first, speedKmh: 0, headingDeg: legs[0]?.headingDeg ?? trip.headingDeg };
  }
  const sinceS = (timeMs - trip.startMs) / 1000;
  const index = legIndex(legs, sinceS);
  const leg = legs[index] as Leg;
  const { metres, speedMs } = within(leg, driving, sinceS - leg.startS);
  const [from, to] = [line[index] as LonLat, line[index + 1] as LonLat];
  const share = Math.min(1, metres / leg.lengthM);
  return {
    position: [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])],
    speedKmh: speedMs * 3.6,
    headingDeg: leg.headingDeg,
  };
}

function within(leg: Leg, { accelerationMs2: a, brakingMs2: b }: Driving, s: number) {
  const speedingS = (leg.peakMs - leg.enterMs) / a;
  const brakingS = (leg.peakMs - leg.leaveMs) / b;
  if (s < speedingS) return { metres: leg.enterMs * s + (a * s * s) / 2, speedMs: leg.enterMs + a * s };
  const leftS = Math.max(0, leg.durationS - s);
  if (leftS < brakingS) {
    return {
      metres: leg.lengthM - leg.leaveMs * leftS - (b * leftS * leftS) / 2,
      speedMs: leg.leaveMs + b * leftS,
    };
  }
  const speedingM = (leg.peakMs ** 2 - leg.enterMs ** 2) / (2 * a);
  return { metres: speedingM + leg.peakMs * (s - speedingS), speedMs: leg.peakMs };
}

/** The leg that is driven at a moment (the last that has begun). */
function legIndex(legs: readonly Leg[], s: number): number {
  let [low, high] = [0, legs.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((legs[middle] as Leg).startS <= s) low = middle;
    else high = middle - 1;
  }
  return low;
}
