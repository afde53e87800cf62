/** Units on the map: a house-arrow with its call sign, turned where it drives, faded when its fix is old. */
import type { Unit } from '../../../core/api/dispatch.ts';
import { type Shape, unitShapes, unitTextToken } from '../../glyphs/index.ts';
import type { Token } from '../../theme/index.ts';

export interface UnitLook {
  shapes: readonly Shape[];
  sizePx: number;
  /** Degrees clockwise from north, in steps; null = stands still: upright. */
  headingDeg: number | null;
  /** Null = too long for the sign: stands under it. */
  callSign: string | null;
  text: Token;
  opacity: number;
}

/** A parked tracker jitters; under walking pace its heading means nothing. */
const MOVING_KMH = 3;
/** Finer turns nobody sees, coarser ones look wrong; it also bounds the number of sprites. */
const HEADING_STEP_DEG = 15;
const LATE_MS = 2 * 60_000;
const SILENT_MS = 10 * 60_000;
const SIZE_PX = 25;
const COMPACT_PX = 15;
/** With a fleet larger than this the whole province shows small signs; call signs come closer up. */
const FLEET = 60;
const COMPACT_BELOW_ZOOM = 11.5;
const LONGEST_INSIDE = 3;

export type Freshness = 'fresh' | 'late' | 'silent';

export function unitFreshness(positionAtMs: number, nowMs: number): Freshness {
  const ageMs = nowMs - positionAtMs;
  if (ageMs > SILENT_MS) return 'silent';
  return ageMs > LATE_MS ? 'late' : 'fresh';
}

export type UnitSign = Pick<Unit, 'callSign' | 'status' | 'speedKmh' | 'headingDeg'>;

export function shownHeading({ speedKmh, headingDeg }: Pick<Unit, 'speedKmh' | 'headingDeg'>): number | null {
  if (headingDeg === null || speedKmh === null || speedKmh < MOVING_KMH) return null;
  return (Math.round(headingDeg / HEADING_STEP_DEG) * HEADING_STEP_DEG) % 360;
}

const OPACITY: Record<Freshness, number> = { fresh: 1, late: 0.72, silent: 0.5 };

export function isCompact(fleet: number, zoom: number): boolean {
  return fleet > FLEET && zoom < COMPACT_BELOW_ZOOM;
}

export function unitLook(unit: UnitSign, freshness: Freshness, compact: boolean): UnitLook {
  return {
    shapes: unitShapes(unit.status),
    sizePx: compact ? COMPACT_PX : SIZE_PX,
    // Where a silent unit was driving to, nobody knows.
    headingDeg: freshness === 'silent' ? null : shownHeading(unit),
    callSign: !compact && unit.callSign.length <= LONGEST_INSIDE ? unit.callSign : null,
    text: unitTextToken(unit.status),
    opacity: OPACITY[freshness],
  };
}

/** On its way to (or at) something: its line is drawn. */
export function isOnTask(status: Unit['status']): boolean {
  return status === 'assigned' || status === 'en_route';
}
