import { fastDistanceM, fastOffset, normalizeDeg } from '../../core/plane.ts';
import type { LonLat } from '../../core/reading.ts';
import { hash01, hashText, smooth } from './noise.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const RAD = Math.PI / 180;

const TEMPERATURE = hashText('temperature');
const MOISTURE = hashText('moisture');
const PRESSURE = hashText('pressure');
const CLOUD = hashText('cloud');
const WIND = hashText('wind');
const SHOWER = hashText('shower');

export interface Weather {
  temperatureC: number;
  dewPointC: number;
  humidityPct: number;
  pressureHpa: number;
  windSpeedMs: number;
  /** Where the wind comes from. */
  windDirectionDeg: number;
  rainRateMmh: number;
  irradianceWm2: number;
  /** 0 clear … 1 overcast. */
  cloud: number;
}

export interface Climate {
  /** Middle of the province: showers pass around it. */
  centre: LonLat;
  /** Half of the province's width. */
  radiusKm: number;
  utcOffsetH: number;
  /** Mean of the day, and half of the difference between afternoon and dawn. */
  meanTemperatureC: number;
  diurnalAmplitudeC: number;
  meanDewPointC: number;
  /** The season's wind, from where; the sea breeze of the afternoon adds to it. */
  monsoonFromDeg: number;
  seaFromDeg: number;
  showersPerDay: number;
}

interface Shower {
  startMs: number;
  lifeMs: number;
  from: LonLat;
  eastMs: number;
  northMs: number;
  radiusKm: number;
  peakMmh: number;
}

/** Hours since local midnight, 0 ≤ h < 24. */
export function localHour(timeMs: number, utcOffsetH: number): number {
  return (((timeMs / HOUR_MS + utcOffsetH) % 24) + 24) % 24;
}

/**
 * The weather of a day in the tropics: a warm afternoon with a sea breeze and a shower or two that crosses the
 * land, a still and humid night. A pure function of seed, time and place.
 */
export function weatherModel(seed: number, climate: Climate) {
  const showersOfDay = new Map<number, Shower[]>();

  const showers = (day: number): Shower[] => {
    const known = showersOfDay.get(day);
    if (known) return known;
    const chance = (index: number, what: number) => hash01(seed, SHOWER, day, index, what);
    const count = Math.round(climate.showersPerDay * (0.5 + chance(0, 0)));
    const made = Array.from({ length: count }, (_, i) => makeShower(day, (what) => chance(i + 1, what)));
    // Only today, and the days beside it, are ever asked for.
    if (showersOfDay.size > 4) showersOfDay.clear();
    showersOfDay.set(day, made);
    return made;
  };

  const makeShower = (day: number, chance: (what: number) => number): Shower => {
    // Sum of two: most of them between 13 and 18 o'clock.
    const hour = 11 + (chance(1) + chance(2)) * 5;
    const lifeMs = (50 + chance(3) * 60) * MINUTE_MS;
    const towards = (climate.seaFromDeg + 180 + (chance(4) - 0.5) * 80) * RAD;
    const speedMs = 4 + chance(5) * 4;
    const [eastMs, northMs] = [speedMs * Math.sin(towards), speedMs * Math.cos(towards)];
    // It passes a random place of the province in the middle of its life.
    const spread = climate.radiusKm * 1000 * Math.sqrt(chance(6));
    const angle = chance(7) * 2 * Math.PI;
    const half = lifeMs / 2000;
    return {
      startMs: (day * 24 + hour - climate.utcOffsetH) * HOUR_MS - lifeMs / 2,
      lifeMs,
      from: fastOffset(
        climate.centre,
        spread * Math.cos(angle) - eastMs * half,
        spread * Math.sin(angle) - northMs * half,
      ),
      eastMs,
      northMs,
      radiusKm: 4 + chance(8) * 6,
      peakMmh: 12 + 60 * chance(9) ** 2,
    };
  };

  /** Rain in mm/h, and how much of the sky the anvils around it hide. */
  const rain = (timeMs: number, at: LonLat): { rateMmh: number; shade: number } => {
    const day = Math.floor(timeMs / DAY_MS + climate.utcOffsetH / 24);
    let rateMmh = 0;
    let shade = 0;
    for (const shower of showers(day)) {
      const age = (timeMs - shower.startMs) / shower.lifeMs;
      if (age <= 0 || age >= 1) continue;
      const seconds = (timeMs - shower.startMs) / 1000;
      const centre = fastOffset(shower.from, shower.eastMs * seconds, shower.northMs * seconds);
      const distance = fastDistanceM(centre, at) / 1000 / shower.radiusKm;
      const strength = Math.sin(Math.PI * age) ** 2;
      rateMmh += shower.peakMmh * strength * Math.exp(-2 * distance * distance);
      shade = Math.max(shade, strength * Math.exp(-((distance / 2.5) ** 2)));
    }
    return { rateMmh: rateMmh < 0.2 ? 0 : rateMmh, shade };
  };

  /** Millimetres fallen within the last `windowMs`, minute by minute. */
  const rainfallMm = (timeMs: number, at: LonLat, windowMs: number): number => {
    const steps = Math.max(1, Math.round(windowMs / MINUTE_MS));
    let sum = 0;
    for (let i = 0; i < steps; i++) sum += rain(timeMs - (i + 0.5) * (windowMs / steps), at).rateMmh;
    return (sum / steps) * (windowMs / HOUR_MS);
  };

  const weather = (timeMs: number, at: LonLat): Weather => {
    const days = timeMs / DAY_MS;
    const hour = localHour(timeMs, climate.utcOffsetH);
    const { rateMmh, shade } = rain(timeMs, at);
    // Showers leave the air cooler for a while.
    const chilled = Math.max(shade, 0.6 * rain(timeMs - 25 * MINUTE_MS, at).shade);
    const place = (at[0] + at[1]) * 4;
    const cloud = Math.min(
      1,
      Math.max(
        shade,
        0.35 + 0.3 * smooth(days * 1.3, seed, CLOUD) + 0.25 * smooth(days * 12 + place, seed, CLOUD, 2),
      ),
    );
    // Warmest at half past two, coldest before sunrise; the second wave makes the morning steeper than the evening.
    const turn = ((hour - 14.5) / 24) * 2 * Math.PI;
    const daily = Math.cos(turn) + 0.22 * Math.cos(2 * turn + 0.6);
    const temperatureC =
      climate.meanTemperatureC +
      climate.diurnalAmplitudeC * (1.15 - 0.45 * cloud) * daily +
      1.2 * smooth(days * 0.7, seed, TEMPERATURE) +
      0.5 * smooth(place, seed, TEMPERATURE, 2) -
      4.5 * chilled;
    const dewPointC = Math.min(
      temperatureC - 0.2,
      climate.meanDewPointC + 1.2 * smooth(days * 0.8, seed, MOISTURE) + 1.5 * chilled,
    );
    // The atmosphere's own tide: highest about 10 and 22 o'clock in the tropics.
    const pressureHpa =
      1009.5 +
      1.5 * Math.cos(((hour - 10) / 12) * 2 * Math.PI) +
      2 * smooth(days * 0.5, seed, PRESSURE) +
      1.2 * shade;
    const { windSpeedMs, windDirectionDeg } = wind(days, hour, place, shade);
    return {
      temperatureC,
      dewPointC,
      humidityPct: relativeHumidity(temperatureC, dewPointC),
      pressureHpa,
      windSpeedMs,
      windDirectionDeg,
      rainRateMmh: rateMmh,
      irradianceWm2: clearSky(timeMs, at) * (1 - 0.78 * cloud ** 2.2),
      cloud,
    };
  };

  const wind = (days: number, hour: number, place: number, shade: number) => {
    const breeze = 3.2 * Math.max(0, Math.sin(((hour - 9) / 12) * Math.PI));
    const land = 0.8 * Math.max(0, Math.cos(((hour - 3) / 12) * Math.PI));
    const season = 1.6 + 0.8 * smooth(days * 0.9, seed, WIND);
    const vector = (fromDeg: number, speed: number) => [
      -speed * Math.sin(fromDeg * RAD),
      -speed * Math.cos(fromDeg * RAD),
    ];
    const parts = [
      vector(climate.monsoonFromDeg, season),
      vector(climate.seaFromDeg, breeze),
      vector(climate.seaFromDeg + 180, land),
      [0.7 * smooth(days * 48 + place, seed, WIND, 2), 0.7 * smooth(days * 48 + place, seed, WIND, 3)],
    ];
    const east = parts.reduce((sum, part) => sum + (part[0] ?? 0), 0);
    const north = parts.reduce((sum, part) => sum + (part[1] ?? 0), 0);
    return {
      windSpeedMs: Math.hypot(east, north) + 7 * shade ** 2,
      windDirectionDeg: normalizeDeg(Math.atan2(-east, -north) / RAD),
    };
  };

  return { weather, rainfallMm };
}

/** Magnus formula over water (coefficients of the WMO guide, CIMO No. 8). */
function relativeHumidity(temperatureC: number, dewPointC: number): number {
  const vapour = (t: number) => Math.exp((17.62 * t) / (243.12 + t));
  return Math.min(100, (100 * vapour(dewPointC)) / vapour(temperatureC));
}

/** Global irradiance under a clear sky in W/m² (Haurwitz 1945) for the sun's height at a time and place. */
function clearSky(timeMs: number, [lon, lat]: LonLat): number {
  const dayOfYear = (timeMs / DAY_MS) % 365.2422;
  const declination = -23.44 * RAD * Math.cos((2 * Math.PI * (dayOfYear + 10)) / 365.2422);
  const hourAngle = ((timeMs / HOUR_MS + lon / 15 + 12) % 24) * 15 * RAD;
  const sine =
    Math.sin(lat * RAD) * Math.sin(declination) +
    Math.cos(lat * RAD) * Math.cos(declination) * Math.cos(hourAngle);
  return sine <= 0 ? 0 : 1098 * sine * Math.exp(-0.057 / sine);
}
