import { hashText, smooth } from './noise.ts';
import type { Weather } from './weather.ts';

const DAY_MS = 86_400_000;
const BACKGROUND = hashText('background');

/** Mass concentrations in µg/m³. */
export interface Air {
  pm25: number;
  pm10: number;
  so2: number;
  no2: number;
  co: number;
  o3: number;
}

/**
 * The air over a place: what the region brings, what its traffic (`trafficShare` 0…1 of the rush) adds, both thinned
 * by wind and by the height to which the sun mixes the air, thick under the inversion of a still night, washed by
 * rain; ozone made by the sun and eaten by fresh exhaust. `smoke` is the PM2.5 of a pollution episode.
 */
export function airAt(
  seed: number,
  timeMs: number,
  hour: number,
  urban: number,
  trafficShare: number,
  weather: Weather,
  smoke: number,
): Air {
  const days = timeMs / DAY_MS;
  const region =
    1 + 0.35 * smooth(days * 0.6, seed, BACKGROUND) + 0.1 * smooth(days * 10, seed, BACKGROUND, 2);
  // 0 in the well-mixed afternoon, 1 before sunrise; wind breaks the inversion.
  const night = Math.cos(((hour - 4.5) / 24) * 2 * Math.PI) * 0.5 + 0.5;
  const inversion = night ** 2 / (1 + 0.25 * weather.windSpeedMs);
  const mixing = 0.75 + 1.1 * inversion;
  const thinning = 2.2 / (1.2 + weather.windSpeedMs * 0.5);
  const washed = 1 / (1 + weather.rainRateMmh / 18);
  const exhaust = urban * trafficShare * thinning * mixing;
  const sun = weather.irradianceWm2 / 900;

  const pm25 = (11 * region * mixing + 16 * exhaust) * washed + smoke * (0.6 + 0.4 * washed);
  const dust = 9 + 12 * urban * (0.3 + trafficShare) + 1.2 * weather.windSpeedMs;
  return {
    pm25,
    pm10: pm25 * 1.25 + dust * washed,
    so2: 4 + 5 * urban * mixing + 0.05 * smoke,
    no2: 7 * mixing + 38 * exhaust + 0.12 * smoke,
    co: 230 * mixing + 900 * exhaust + 9 * smoke,
    o3: Math.max(4, 26 + 62 * sun - 22 * exhaust - 8 * inversion),
  };
}
