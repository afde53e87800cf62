/**
 * Movers glide: between two fixes a unit is drawn on the straight line from where it was seen to where it now is,
 * so that the eye can follow it. What is drawn is never ahead of the last fix.
 */
export interface Glide {
  from: readonly [number, number];
  to: readonly [number, number];
  startMs: number;
  durationMs: number;
}

/** Slower trackers would drift for minutes behind the truth; faster ones need no more than a blink. */
const MIN_GLIDE_MS = 250;
const MAX_GLIDE_MS = 4000;
/** A jump this large (map units per second, in metres) is a new fix after a gap, not a drive: 250 km/h. */
const MAX_SPEED_M_S = 70;

export function restingAt(position: readonly [number, number]): Glide {
  return { from: position, to: position, startMs: 0, durationMs: 0 };
}

/** Position at a moment: linear, clamped to both ends. */
export function positionAt(glide: Glide, nowMs: number): [number, number] {
  const share = glide.durationMs > 0 ? (nowMs - glide.startMs) / glide.durationMs : 1;
  const t = Math.min(1, Math.max(0, share));
  return [
    glide.from[0] + (glide.to[0] - glide.from[0]) * t,
    glide.from[1] + (glide.to[1] - glide.from[1]) * t,
  ];
}

export function isMoving(glide: Glide, nowMs: number): boolean {
  return (
    nowMs < glide.startMs + glide.durationMs &&
    (glide.from[0] !== glide.to[0] || glide.from[1] !== glide.to[1])
  );
}

/**
 * The glide after a new fix: it starts where the unit is drawn now and lasts as long as fixes have been apart.
 * Coordinates in metres (Web Mercator is near enough at the latitudes of Viet Nam).
 */
export function glideTo(
  glide: Glide,
  to: readonly [number, number],
  nowMs: number,
  sinceLastFixMs: number,
  still: boolean,
): Glide {
  const from = positionAt(glide, nowMs);
  const distanceM = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const durationMs = Math.min(MAX_GLIDE_MS, Math.max(MIN_GLIDE_MS, sinceLastFixMs));
  const jump = distanceM > MAX_SPEED_M_S * (Math.max(sinceLastFixMs, 1000) / 1000) * 2;
  if (still || jump) return restingAt(to);
  return { from, to, startMs: nowMs, durationMs };
}

/** Pixels that the unit moves per second while it glides: decides how often the map must draw at all. */
export function pixelsPerSecond(glide: Glide, resolution: number): number {
  if (glide.durationMs <= 0) return 0;
  const metres = Math.hypot(glide.to[0] - glide.from[0], glide.to[1] - glide.from[1]);
  return metres / resolution / (glide.durationMs / 1000);
}

/** Gliding may take this share of the page's time, not more: alarms, lists and video want the rest. */
const GLIDE_SHARE = 0.2;

/**
 * Milliseconds until the next step: until the fastest mover has moved half a pixel (at province scale a patrol car
 * crosses one pixel in seconds, and drawing it sixty times a second would heat the room for nothing), but so seldom
 * that drawing, which took `frameCostMs` the last time, keeps to its share.
 */
export function frameIntervalMs(fastestPxPerS: number, frameCostMs: number): number {
  if (fastestPxPerS <= 0) return Number.POSITIVE_INFINITY;
  return Math.min(1000, Math.max(33, 500 / fastestPxPerS, frameCostMs / GLIDE_SHARE));
}
