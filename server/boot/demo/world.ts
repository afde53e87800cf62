import type { LonLat } from '../../../core/reading.ts';
import { createWorld, type World } from '../../../devices/index.ts';
import type { Life } from './seed.ts';

/** The world of the sample province, with its episodes counted from the start of the demo. */
export function worldOf(life: Life, centre: LonLat, startMs: number): World {
  return createWorld({
    seed: life.seed,
    centre,
    intrusionKm: life.intrusionKm,
    episodes: life.episodes.map((episode) => ({
      kind: episode.kind,
      startMs: startMs + episode.startS * 1000,
      durationMs: episode.durationS * 1000,
      riseMs: episode.riseS === undefined ? undefined : episode.riseS * 1000,
      centre: episode.centre,
      radiusKm: episode.radiusKm,
      peak: episode.peak,
      drift: episode.drift,
      everyMs: episode.everyS === undefined ? undefined : episode.everyS * 1000,
    })),
  });
}

/** Whether a device’s modem is out, so many milliseconds after the start of the demo. */
export function outageAt(life: Life, deviceId: string, sinceStartMs: number): boolean {
  return life.outages.some((outage) => {
    if (outage.device !== deviceId) return false;
    const since = sinceStartMs - outage.startS * 1000;
    return since >= 0 && since % (outage.everyS * 1000) < outage.durationS * 1000;
  });
}
