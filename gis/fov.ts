import { fastAzimuthDeg, turnDeg } from '../core/plane.ts';
import type { Bbox, LonLat } from '../core/reading.ts';
import { bboxAround, destination, distanceM } from './geo.ts';

/** What a camera looks at, as its registration says. */
export interface View {
  position: LonLat;
  /** Middle of the picture, degrees clockwise from north; null = not known. */
  headingDeg: number | null;
  /** Horizontal angle of view; null or 360 = all round (a dome, or a camera that turns). */
  fovDeg: number | null;
  /** How far something can still be made out; null = not known. */
  rangeM: number | null;
}

/** For cameras that do not say how far they see: a car is recognised at about this distance by a usual street camera. */
export const DEFAULT_RANGE_M = 150;

/** Chords of the arc are at most this wide, so that the drawn sector loses less than 1 % of the radius. */
const STEP_DEG = 10;

function isAllRound({ headingDeg, fovDeg }: View): boolean {
  return headingDeg === null || fovDeg === null || fovDeg >= 360;
}

/** The sector a camera sees as a closed, counter-clockwise ring (GeoJSON Polygon); a circle when it sees all round. */
export function viewPolygon(view: View): LonLat[][] {
  const rangeM = view.rangeM ?? DEFAULT_RANGE_M;
  const allRound = isAllRound(view);
  const width = allRound ? 360 : (view.fovDeg ?? 360);
  const right = (view.headingDeg ?? 0) + width / 2;
  const steps = Math.ceil(width / STEP_DEG);
  const arc = Array.from({ length: allRound ? steps : steps + 1 }, (_, i) =>
    destination(view.position, right - (i * width) / steps, rangeM),
  );
  const ring = allRound ? arc : [view.position, ...arc];
  return [[...ring, ring[0] as LonLat]];
}

/** Whether a point lies in what the camera sees: in range (inclusive) and within half the angle of the heading. */
export function sees(view: View, point: LonLat): boolean {
  const distance = distanceM(view.position, point);
  if (distance > (view.rangeM ?? DEFAULT_RANGE_M)) return false;
  if (isAllRound(view) || distance === 0) return true;
  const off = Math.abs(turnDeg(view.headingDeg ?? 0, fastAzimuthDeg(view.position, point)));
  return off <= (view.fovDeg ?? 360) / 2;
}

/** Box of everything a camera may see, whichever way it looks. */
export function viewBbox(view: View): Bbox {
  return bboxAround(view.position, view.rangeM ?? DEFAULT_RANGE_M);
}

/**
 * How well a camera serves to look at a point, smaller is better: metres away, and far behind every camera that sees
 * it those that do not, nearest first. For "the nearest camera" to an alert.
 */
export function viewRank(view: View, point: LonLat): number {
  const distance = distanceM(view.position, point);
  return sees(view, point) ? distance : distance + 1e9;
}
