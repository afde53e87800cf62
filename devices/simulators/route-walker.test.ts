import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fastDistanceM, fastOffset, turnDeg } from '../../core/plane.ts';
import type { LonLat } from '../../core/reading.ts';
import { gpsFix } from './gps.ts';
import { HURRYING, PATROLLING, planTrip, tripAt } from './motion.ts';
import { buildRoadGraph, type RoadLine, shortestRoute } from './road-graph.ts';
import { backToPatrol, createPatrol, sendTo, type Walker, walkerAt } from './route-walker.ts';

const origin: LonLat = [105.4, 9.2];
const at = (eastM: number, northM: number): LonLat => fastOffset(origin, eastM, northM);
const BLOCK_M = 300;
const SIZE = 7;

/** A town of square blocks; every third street is fast, one is one-way. */
const town: RoadLine[] = Array.from({ length: SIZE }, (_, i) => {
  const speedKmh = i % 3 === 0 ? 60 : 30;
  const street = (point: (j: number) => LonLat) => Array.from({ length: SIZE }, (_, j) => point(j));
  return [
    { line: street((j) => at(i * BLOCK_M, j * BLOCK_M)), speedKmh },
    { line: street((j) => at(j * BLOCK_M, i * BLOCK_M)), speedKmh, oneWay: i === 2 },
  ];
}).flat();
const graph = buildRoadGraph(town);
const place = fc.tuple(
  fc.double({ min: -50, max: 1850, noNaN: true }),
  fc.double({ min: -50, max: 1850, noNaN: true }),
);

/** Distance from a point to the nearest street of the town, in metres. */
const offRoadM = (position: LonLat): number => {
  const east = fastDistanceM([origin[0], position[1]], position);
  const north = fastDistanceM([position[0], origin[1]], position);
  const toLine = (metres: number) => Math.abs(metres - Math.round(metres / BLOCK_M) * BLOCK_M);
  return Math.min(toLine(east), toLine(north));
};

describe('the road graph', () => {
  it('joins roads where they share a vertex and keeps to what can be left again', () => {
    expect(graph.nodes).toHaveLength(SIZE * SIZE);
    expect(graph.connected.size).toBe(SIZE * SIZE);
    const trap = buildRoadGraph([...town, { line: [at(0, 0), at(-100, 0)], speedKmh: 30, oneWay: true }]);
    expect(trap.connected.size).toBe(SIZE * SIZE);
    expect(shortestRoute(trap, at(300, 0), at(-100, 0))?.line.at(-1)).toEqual(trap.nodes[0]);
  });

  it('finds the way that Floyd and Warshall find', () => {
    const count = graph.nodes.length;
    const best = Array.from({ length: count }, (_, i) =>
      Array.from({ length: count }, (_, j) => (i === j ? 0 : Infinity)),
    );
    const row = (i: number) => best[i] as number[];
    for (const { from, to, lengthM, speedKmh } of graph.leaving.flat())
      row(from)[to] = lengthM / (speedKmh / 3.6);
    for (let k = 0; k < count; k++)
      for (let i = 0; i < count; i++)
        for (let j = 0; j < count; j++)
          row(i)[j] = Math.min(row(i)[j] as number, (row(i)[k] as number) + (row(k)[j] as number));
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        const route = shortestRoute(graph, graph.nodes[i] as LonLat, graph.nodes[j] as LonLat);
        const seconds = route?.speedKmh.reduce(
          (sum, speed, k) =>
            sum + fastDistanceM(route.line[k] as LonLat, route.line[k + 1] as LonLat) / (speed / 3.6),
          0,
        );
        expect(seconds).toBeCloseTo(row(i)[j] as number, 6);
      }
    }
  });

  it('goes from anywhere to anywhere along the roads, without leaving or doubling back within a block', () => {
    fc.assert(
      fc.property(place, place, (from, to) => {
        const route = shortestRoute(graph, at(...from), at(...to));
        expect(route).toBeDefined();
        for (const point of route?.line ?? []) expect(offRoadM(point)).toBeLessThan(0.5);
        const straight = fastDistanceM(route?.line[0] as LonLat, route?.line.at(-1) as LonLat);
        expect(route?.lengthM).toBeGreaterThanOrEqual(straight - 0.01);
        expect(route?.lengthM).toBeLessThan(straight * 1.5 + 8 * BLOCK_M);
      }),
    );
  });

  it('goes back along a two-way street, and round the block against a one-way one', () => {
    const back = shortestRoute(graph, at(200, 0), at(100, 0));
    expect(back?.lengthM).toBeCloseTo(100, 0);
    const round = shortestRoute(graph, at(200, 600), at(100, 600));
    expect(round?.lengthM).toBeCloseTo(1100, 0);
  });

  it('knows no way where there is no road', () => {
    expect(shortestRoute(buildRoadGraph([]), at(0, 0), at(1, 1))).toBeUndefined();
  });
});

/** Samples a motion and checks that nothing about it is impossible for a vehicle. */
const checkDrive = (
  motionAt: (timeMs: number) => { position: LonLat; speedKmh: number },
  fromMs: number,
  toMs: number,
) => {
  const stepMs = 200;
  let before = motionAt(fromMs);
  for (let time = fromMs + stepMs; time <= toMs; time += stepMs) {
    const now = motionAt(time);
    const movedM = fastDistanceM(before.position, now.position);
    const fastest = Math.max(before.speedKmh, now.speedKmh) / 3.6;
    // Within a step it may speed up and brake again.
    expect(movedM).toBeLessThan((fastest + 0.35) * (stepMs / 1000) + 0.02);
    const change = (now.speedKmh - before.speedKmh) / 3.6 / (stepMs / 1000);
    expect(change).toBeLessThan(HURRYING.accelerationMs2 + 0.01);
    expect(change).toBeGreaterThan(-HURRYING.brakingMs2 - 0.01);
    before = now;
  }
};

describe('a trip', () => {
  it('keeps to speed limits, accelerates believably, slows for corners and ends standing at its goal', () => {
    fc.assert(
      fc.property(place, place, fc.constantFrom(PATROLLING, HURRYING), (from, to, driving) => {
        const route = shortestRoute(graph, at(...from), at(...to));
        fc.pre(route !== undefined && route.lengthM > 1);
        if (!route) return;
        const trip = planTrip(route, driving, 1_000_000);
        checkDrive((time) => tripAt(trip, time), 1_000_000 - 1000, trip.endMs + 1000);
        for (let time = trip.startMs; time < trip.endMs; time += 500) {
          expect(tripAt(trip, time).speedKmh).toBeLessThanOrEqual(60 * driving.speedFactor + 0.01);
        }
        const end = tripAt(trip, trip.endMs);
        expect(fastDistanceM(end.position, route.line.at(-1) as LonLat)).toBeLessThan(0.01);
        expect(end.speedKmh).toBe(0);
        const meanKmh = (route.lengthM / (trip.endMs - trip.startMs)) * 3600;
        expect(meanKmh).toBeLessThan(60 * driving.speedFactor);
        if (route.lengthM > 500) expect(meanKmh).toBeGreaterThan(10);
      }),
      { numRuns: 40 },
    );
  });

  it('drives a road the same however many points it is drawn with', () => {
    const drawn = (stepM: number) => {
      const line = Array.from({ length: 1200 / stepM + 1 }, (_, i) => at(i * stepM, 0));
      const route = shortestRoute(buildRoadGraph([{ line, speedKmh: 60 }]), at(0, 0), at(1200, 0));
      if (!route) throw new Error('no route');
      return planTrip(route, PATROLLING, 0, { speedKmh: 20, headingDeg: 90 });
    };
    const [coarse, fine] = [drawn(1200), drawn(4)];
    expect(Math.abs(coarse.endMs - fine.endMs)).toBeLessThan(20);
    for (let time = 0; time < coarse.endMs; time += 700) {
      const [a, b] = [tripAt(coarse, time), tripAt(fine, time)];
      expect(fastDistanceM(a.position, b.position)).toBeLessThan(0.3);
      expect(Math.abs(a.speedKmh - b.speedKmh)).toBeLessThan(0.3);
    }
  });

  it('takes a right-angled corner slowly', () => {
    const route = shortestRoute(graph, at(0, 0), at(900, 900));
    if (!route) throw new Error('no route');
    const trip = planTrip(route, PATROLLING, 0);
    let slowest = Infinity;
    for (let time = 8000; time < trip.endMs - 8000; time += 100)
      slowest = Math.min(slowest, tripAt(trip, time).speedKmh);
    expect(slowest).toBeGreaterThan(8);
    expect(slowest).toBeLessThan(20);
  });
});

describe('a walker', () => {
  const posts = [at(0, 0), at(1500, 300), at(900, 1500)];
  const patrol = createPatrol(graph, posts, { seed: 3, dwellS: 60, originMs: 5_000_000 });

  it('drives its round again and again, stopping at every post', () => {
    const { periodMs } = patrol.loop;
    checkDrive((time) => walkerAt(patrol, time), 5_000_000 - periodMs, 5_000_000 + 2 * periodMs);
    for (const post of posts) {
      let standsMs = 0;
      for (let time = 5_000_000; time < 5_000_000 + periodMs; time += 1000) {
        const now = walkerAt(patrol, time);
        if (now.speedKmh === 0 && fastDistanceM(now.position, post) < 5) standsMs += 1000;
      }
      expect(standsMs).toBeGreaterThan(29_000);
      expect(standsMs).toBeLessThan(100_000);
    }
    expect(walkerAt(patrol, 7_654_321)).toEqual(walkerAt(patrol, 7_654_321 + periodMs));
  });

  it('leaves its round from wherever it is, arrives, waits, and comes back, without a jump', () => {
    fc.assert(
      fc.property(fc.nat({ max: 3_000_000 }), place, (offsetMs, to) => {
        const now = 5_000_000 + offsetMs;
        const sent = sendTo(graph, patrol, at(...to), now);
        if (sent.doing.kind !== 'errand') throw new Error('not sent');
        expect(fastDistanceM(walkerAt(sent, now).position, walkerAt(patrol, now).position)).toBeLessThan(1);
        const arriveMs = sent.doing.trip.endMs;
        checkDrive((time) => walkerAt(sent, time), now, arriveMs + 2000);
        expect(walkerAt(sent, arriveMs - 1).arrived && arriveMs > now).toBe(false);
        expect(walkerAt(sent, arriveMs).arrived).toBe(true);
        expect(walkerAt(sent, arriveMs + 3_600_000)).toEqual(walkerAt(sent, arriveMs));
        const back: Walker = backToPatrol(graph, sent, arriveMs + 60_000);
        if (back.doing.kind !== 'returning') throw new Error('not returning');
        checkDrive((time) => walkerAt(back, time), arriveMs + 60_000, back.doing.trip.endMs + 200_000);
        expect(
          fastDistanceM(walkerAt(back, back.doing.trip.endMs).position, posts[0] as LonLat),
        ).toBeLessThan(1);
      }),
      { numRuns: 25 },
    );
  });

  it('takes a new errand in the middle of one', () => {
    const first = sendTo(graph, patrol, at(1800, 1800), 5_000_000);
    const second = sendTo(graph, first, at(0, 0), 5_020_000);
    const [before, after] = [walkerAt(first, 5_020_000), walkerAt(second, 5_020_000)];
    expect(fastDistanceM(before.position, after.position)).toBeLessThan(1);
  });

  it('stands at its post when there is no road to drive on', () => {
    const lonely = createPatrol(buildRoadGraph([]), [at(5, 5)], { seed: 1, dwellS: 10, originMs: 0 });
    expect(walkerAt(lonely, 123_456)).toMatchObject({ position: at(5, 5), speedKmh: 0 });
    expect(walkerAt(sendTo(buildRoadGraph([]), lonely, at(9, 9), 0), 1000)).toMatchObject({
      position: at(5, 5),
      arrived: true,
    });
  });
});

describe('a receiver', () => {
  it('is off by about as much as it says, wanders slowly and knows no direction when it stands', () => {
    const motion = { position: at(0, 0), speedKmh: 0, headingDeg: 77 };
    let within = 0;
    let jump = 0;
    let before = gpsFix(1, 'a', 0, motion);
    for (let i = 1; i <= 2000; i++) {
      const fix = gpsFix(1, 'a', i * 5000, motion);
      if (fastDistanceM(fix.position, motion.position) <= fix.accuracyM) within++;
      jump = Math.max(jump, fastDistanceM(fix.position, before.position));
      expect(fix.headingDeg).toBeUndefined();
      expect(fix.speedKmh).toBe(0);
      before = fix;
    }
    expect(within / 2000).toBeGreaterThan(0.9);
    expect(jump).toBeLessThan(8);
    const moving = gpsFix(1, 'a', 5000, { ...motion, speedKmh: 40 });
    expect(Math.abs(turnDeg(77, moving.headingDeg ?? 0))).toBeLessThan(8);
    expect(Math.abs(moving.speedKmh - 40)).toBeLessThan(2);
  });
});
