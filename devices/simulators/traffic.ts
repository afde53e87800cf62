import type { LonLat } from '../../core/reading.ts';
import { hashText, smooth } from './noise.ts';
import { localHour } from './weather.ts';

const DAY_MS = 86_400_000;
const DEMAND = hashText('demand');
/** Length of road that a vehicle, mostly a motorcycle, covers over a loop, in kilometres. */
const VEHICLE_KM = 0.0038;

export interface Road {
  lanes: number;
  /** What passes per lane and hour at best; motorcycles make it more than a car lane's 1 900. */
  laneCapacityVehH: number;
  freeSpeedKmh: number;
  /** How full the road is at the height of the morning rush on a working day: 1 = at capacity. */
  rushLoad: number;
}

export interface Traffic {
  flowVehH: number;
  speedKmh: number;
  /** Share of the time that something stands over the loop. */
  occupancyPct: number;
}

/** Share of the rush's demand by the local clock: two peaks (06:30–08:00, 16:30–18:30), a shoulder at noon. */
export function demandShare(timeMs: number, utcOffsetH: number): number {
  const hour = localHour(timeMs, utcOffsetH);
  // The Unix epoch was a Thursday.
  const weekday = (Math.floor(timeMs / DAY_MS + utcOffsetH / 24) + 4) % 7;
  const weekend = weekday === 0 || weekday === 6;
  const peak = (at: number, width: number) => Math.exp(-(((hour - at) / width) ** 2));
  const rush = (weekend ? 0.45 : 1) * (peak(7.25, 0.75) + 0.97 * peak(17.5, 1));
  const day = 0.42 * (peak(12, 4.2) + 0.35 * peak(20, 1.8)) + 0.16 * peak(11.4, 0.6);
  return 0.03 + 0.97 * Math.min(1, rush * 0.8 + day);
}

/**
 * Flow, speed and occupancy of one road, tied together as on a real one: below capacity speed falls slowly with
 * the load; beyond it a queue stands over the counter, so that fewer vehicles pass although more want to.
 *
 * `blocked` 0…1 is the share of the capacity lost to an incident, `rainMmh` slows everybody down.
 */
export function trafficAt(
  seed: number,
  timeMs: number,
  at: LonLat,
  road: Road,
  utcOffsetH: number,
  blocked: number,
  rainMmh: number,
): Traffic {
  const wet = Math.min(1, rainMmh / 30);
  const place = (at[0] * 13 + at[1] * 7) * 8;
  const swing = 1 + 0.08 * smooth(timeMs / 900_000 + place, seed, DEMAND);
  const wanted = road.lanes * road.laneCapacityVehH * road.rushLoad * swing * demandShare(timeMs, utcOffsetH);
  const capacity = road.lanes * road.laneCapacityVehH * (1 - 0.9 * blocked) * (1 - 0.15 * wet);
  const load = wanted / capacity;
  const freeKmh = road.freeSpeedKmh * (1 - 0.2 * wet);
  const flowVehH = load <= 1 ? wanted : capacity * (0.85 + 0.15 / load);
  const speedKmh = Math.max(4, load <= 1 ? freeKmh * (1 - 0.45 * load ** 3) : (freeKmh * 0.55) / load ** 2);
  const densityPerLane = flowVehH / road.lanes / speedKmh;
  return { flowVehH, speedKmh, occupancyPct: Math.min(95, densityPerLane * VEHICLE_KM * 100) };
}
