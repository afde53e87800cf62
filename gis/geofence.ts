import type { LonLat } from '../core/reading.ts';
import { distanceM } from './geo.ts';
import { borderDistanceM, covers, type FlatPolygon } from './polygon.ts';

export type Fence =
  | { kind: 'polygon'; polygon: FlatPolygon }
  | { kind: 'circle'; centre: LonLat; radiusM: number };

export type FenceSide = 'inside' | 'outside' | 'uncertain';

export interface FenceVerdict {
  side: FenceSide;
  /** Where the reported point itself is; the border counts as inside. */
  inside: boolean;
  /** Metres from the reported point to the border. */
  borderM: number;
}

/** For a fix that does not say how good it is: what a receiver with a clear sky reaches. */
export const ASSUMED_ACCURACY_M = 10;

/**
 * On which side of a fence a fix is, as far as its accuracy (radius in metres; null = not said) can tell: when the
 * circle around the fix reaches across the border the answer is `uncertain`. A vehicle parked at the border does
 * not raise an alarm with every jump of its receiver.
 */
export function fenceVerdict(fence: Fence, [lon, lat]: LonLat, accuracyM: number | null): FenceVerdict {
  let inside: boolean;
  let borderM: number;
  if (fence.kind === 'circle') {
    const fromCentreM = distanceM(fence.centre, [lon, lat]);
    inside = fromCentreM <= fence.radiusM;
    borderM = Math.abs(fence.radiusM - fromCentreM);
  } else {
    inside = covers(fence.polygon, lon, lat);
    borderM = borderDistanceM(fence.polygon, lon, lat);
  }
  const certain = borderM >= (accuracyM ?? ASSUMED_ACCURACY_M);
  return { side: certain ? (inside ? 'inside' : 'outside') : 'uncertain', inside, borderM };
}

export type FenceState = 'inside' | 'outside' | 'unknown';
export type FenceCrossing = 'enter' | 'exit' | null;

/**
 * The next state of one thing and one fence. An uncertain fix changes nothing; the first certain one only tells
 * where the thing is, for nobody saw it cross.
 */
export function nextFenceState(
  state: FenceState,
  side: FenceSide,
): { state: FenceState; crossing: FenceCrossing } {
  if (side === 'uncertain' || side === state) return { state, crossing: null };
  if (state === 'unknown') return { state: side, crossing: null };
  return { state: side, crossing: side === 'inside' ? 'enter' : 'exit' };
}
