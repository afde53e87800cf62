import { fastDistanceM, fastOffset } from '../../core/plane.ts';
import type { LonLat } from '../../core/reading.ts';

/** Something out of the ordinary, put into the world on purpose. */
export interface Episode {
  /**
   * - `pollution`: `peak` µg/m³ of PM2.5 on top of the air there is (smoke: CO, NO₂ and SO₂ rise with it);
   * - `salinity`: `peak` ‰ on top of the water there is;
   * - `congestion`: `peak` from 0 to 1, the share of the roads' capacity that is blocked.
   */
  kind: 'pollution' | 'salinity' | 'congestion';
  startMs: number;
  durationMs: number;
  /** From nothing to the peak; falls as fast at the end. Absent = a sixth of the duration. */
  riseMs?: number;
  centre: LonLat;
  /** Where the strength has fallen to 37 %. */
  radiusKm: number;
  peak: number;
  /** The centre moves on, as smoke does with the wind. */
  drift?: { towardsDeg: number; speedKmh: number };
  /** Comes back with this period: a demo that runs for days stays alive. */
  everyMs?: number;
}

/** What the episodes of one kind add at a place and time, in the kind's unit. Congestion adds up to at most 1. */
export function episodeStrength(
  episodes: readonly Episode[],
  kind: Episode['kind'],
  timeMs: number,
  at: LonLat,
): number {
  let sum = 0;
  for (const episode of episodes) {
    if (episode.kind !== kind) continue;
    let sinceMs = timeMs - episode.startMs;
    if (episode.everyMs !== undefined && sinceMs > 0) sinceMs %= episode.everyMs;
    if (sinceMs <= 0 || sinceMs >= episode.durationMs) continue;
    const riseMs = Math.min(episode.riseMs ?? episode.durationMs / 6, episode.durationMs / 2);
    const time = ease(Math.min(sinceMs, episode.durationMs - sinceMs) / riseMs);
    const distanceKm = fastDistanceM(centreAt(episode, sinceMs), at) / 1000;
    sum += episode.peak * time * Math.exp(-((distanceKm / episode.radiusKm) ** 2));
  }
  return kind === 'congestion' ? Math.min(1, sum) : sum;
}

function centreAt({ centre, drift }: Episode, sinceMs: number): LonLat {
  if (!drift) return centre;
  const lengthM = (drift.speedKmh * sinceMs) / 3600;
  const azimuth = (drift.towardsDeg * Math.PI) / 180;
  return fastOffset(centre, lengthM * Math.sin(azimuth), lengthM * Math.cos(azimuth));
}

/** 0 → 1 with a soft start and end. */
function ease(share: number): number {
  const x = Math.max(0, Math.min(1, share));
  return x * x * (3 - 2 * x);
}
