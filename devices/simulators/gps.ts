import { fastOffset, normalizeDeg } from '../../core/plane.ts';
import type { LonLat } from '../../core/reading.ts';
import type { Motion } from './motion.ts';
import { gauss, hashText, smooth } from './noise.ts';

const MINUTE_MS = 60_000;

export interface GpsFix {
  position: LonLat;
  speedKmh: number;
  /** Receivers know no direction while they stand. */
  headingDeg: number | undefined;
  accuracyM: number;
}

/**
 * What a receiver makes of a motion: an error that wanders over minutes (satellites move) with a little jitter on
 * top, and an accuracy that says how large it may be; now and then, between houses, both are much worse.
 */
export function gpsFix(seed: number, deviceId: string, timeMs: number, motion: Motion): GpsFix {
  const device = hashText(deviceId);
  const sky = smooth(timeMs / (4 * MINUTE_MS), seed, device, 1);
  const accuracyM = 4.5 + 1.5 * sky + (sky > 0.85 ? (sky - 0.85) * 160 : 0);
  const wander = (axis: number) =>
    0.55 * accuracyM * smooth(timeMs / (1.5 * MINUTE_MS), seed, device, axis) +
    0.3 * gauss(seed, device, axis, timeMs);
  const position = fastOffset(motion.position, wander(2), wander(3));
  const speedKmh = Math.max(0, motion.speedKmh + 0.4 * gauss(seed, device, 4, timeMs));
  const moving = motion.speedKmh > 2;
  return {
    position: [round6(position[0]), round6(position[1])],
    speedKmh: moving ? Math.round(speedKmh * 10) / 10 : 0,
    headingDeg: moving
      ? Math.round(normalizeDeg(motion.headingDeg + 2 * gauss(seed, device, 5, timeMs))) % 360
      : undefined,
    accuracyM: Math.round(accuracyM * 10) / 10,
  };
}

/** Six decimals of a degree are 11 cm: more would be invented. */
function round6(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
