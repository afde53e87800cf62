import type { LonLat } from '../../core/reading.ts';
import { type Air, airAt } from './air.ts';
import { type Episode, episodeStrength } from './episodes.ts';
import { hashText, smooth } from './noise.ts';
import { tideM, tideRateMH } from './tide.ts';
import { demandShare, type Road, type Traffic, trafficAt } from './traffic.ts';
import { type Climate, localHour, type Weather, weatherModel } from './weather.ts';

const HOUR_MS = 3_600_000;
const SURGE = hashText('surge');

/** What the air of a place depends on besides the weather. */
interface Surroundings {
  /** 0 fields and water … 1 the middle of a town. */
  urban: number;
}

/** Where on a river or canal something is. */
interface Reach {
  /** Kilometres upstream of the sea, along the water. */
  seaKm: number;
  /** Metres from the gauge's zero to mean sea level. */
  zeroM: number;
}

interface Water {
  levelM: number;
  /** Positive while the water runs upstream. */
  currentMs: number;
  salinityPpt: number;
  temperatureC: number;
  turbidityNtu: number;
  dissolvedOxygenMgL: number;
  ph: number;
}

/**
 * A day in a province of the southern delta, as a pure function of seed, time and place: everything that asks at
 * the same moment sees the same weather, tide, rush hour and episodes, so what simulated devices say hangs together.
 */
export interface World {
  weather(timeMs: number, at: LonLat): Weather;
  /** Millimetres of rain within the window that ends at `timeMs`. */
  rainfallMm(timeMs: number, at: LonLat, windowMs: number): number;
  air(timeMs: number, at: LonLat, surroundings: Surroundings): Air;
  water(timeMs: number, at: LonLat, reach: Reach): Water;
  traffic(timeMs: number, at: LonLat, road: Road): Traffic;
}

export interface WorldOptions {
  seed: number;
  /** Middle of the province. */
  centre: LonLat;
  episodes?: readonly Episode[];
  climate?: Partial<Omit<Climate, 'centre'>>;
  /** How far up the rivers half of the sea's salt reaches at mean water: 18 in the rains, 30 and more in the dry season. */
  intrusionKm?: number;
}

/** Late in the rainy season: warm, humid, a shower on most afternoons, wind from the north-east, sea in the south-east. */
const CLIMATE: Omit<Climate, 'centre'> = {
  radiusKm: 45,
  utcOffsetH: 7,
  meanTemperatureC: 27.3,
  diurnalAmplitudeC: 3.4,
  meanDewPointC: 23.6,
  monsoonFromDeg: 50,
  seaFromDeg: 140,
  showersPerDay: 9,
};

/** Salinity of the sea off the delta, how far it reaches in at mean water of the season, how soft its front is. */
const SEA_PPT = 30;
const INTRUSION_KM = 18;
const FRONT_KM = 6.5;
/** How far the tide carries the front to and fro per metre of tide. */
const EXCURSION_KM_PER_M = 5;

export function createWorld(options: WorldOptions): World {
  const { seed, centre, episodes = [], climate: overrides, intrusionKm = INTRUSION_KM } = options;
  const climate: Climate = { ...CLIMATE, ...overrides, centre };
  const { weather, rainfallMm } = weatherModel(seed, climate);
  const strength = (kind: Episode['kind'], timeMs: number, at: LonLat) =>
    episodeStrength(episodes, kind, timeMs, at);

  const water = (timeMs: number, at: LonLat, { seaKm, zeroM }: Reach): Water => {
    const now = weather(timeMs, at);
    // The front follows the water with a delay: the current turns about an hour after high water.
    const carried = tideM(timeMs - 0.8 * HOUR_MS, seaKm * 0.5);
    const reachKm =
      intrusionKm + 4 * smooth(timeMs / (60 * HOUR_MS), seed, SURGE, 2) + EXCURSION_KM_PER_M * carried;
    const front = 1 / (1 + Math.exp((seaKm - reachKm) / FRONT_KM));
    const intrusion = strength('salinity', timeMs, at) * (0.75 + 0.25 * Math.tanh(carried));
    const salinityPpt = Math.min(SEA_PPT + 4, 0.08 + SEA_PPT * front + intrusion);
    const rate = tideRateMH(timeMs, seaKm);
    const rainMmh = now.rainRateMmh;
    const day = localHour(timeMs, climate.utcOffsetH);
    const temperatureC = climate.meanTemperatureC + 1.3 + 0.8 * Math.cos(((day - 16) / 12) * Math.PI);
    return {
      levelM:
        zeroM +
        0.15 +
        0.004 * seaKm +
        tideM(timeMs, seaKm) +
        0.12 * smooth(timeMs / (30 * HOUR_MS), seed, SURGE) +
        // A heavy shower over a canal shows as a few centimetres.
        0.01 * rainfallMm(timeMs, at, 2 * HOUR_MS),
      currentMs: 0.9 * rate - 0.12,
      salinityPpt,
      temperatureC,
      turbidityNtu: 35 + 60 * Math.abs(rate) + 3 * rainMmh,
      // Saturation falls with warmth and salt; fields and towns eat some, the sun makes some.
      dissolvedOxygenMgL:
        7.9 - 0.13 * (temperatureC - 27) - 0.045 * salinityPpt - 1.4 + (0.9 * now.irradianceWm2) / 900,
      ph: 7.2 + 0.025 * salinityPpt + (0.15 * now.irradianceWm2) / 900,
    };
  };

  return {
    weather,
    rainfallMm,
    water,
    air: (timeMs, at, { urban }) =>
      airAt(
        seed,
        timeMs,
        localHour(timeMs, climate.utcOffsetH),
        urban,
        demandShare(timeMs, climate.utcOffsetH),
        weather(timeMs, at),
        strength('pollution', timeMs, at),
      ),
    traffic: (timeMs, at, road) =>
      trafficAt(
        seed,
        timeMs,
        at,
        road,
        climate.utcOffsetH,
        strength('congestion', timeMs, at),
        weather(timeMs, at).rainRateMmh,
      ),
  };
}
