/**
 * The Vietnamese air quality index (VN_AQI, Decision 1459/QĐ-TCMT of 12 November 2019): breakpoints, Nowcast, the
 * hourly and the daily index. Concentrations are in µg/m³, CO too. Pure and browser-safe.
 */
import type { Bilingual } from './text.ts';

export const AQI_POLLUTANTS = ['pm25', 'pm10', 'o3', 'no2', 'so2', 'co'] as const;
export type AqiPollutant = (typeof AQI_POLLUTANTS)[number];
type AqiColumn = AqiPollutant | 'o3_8h';

interface AqiBand {
  /** The largest index of the band. */
  to: number;
  vi: string;
  en: string;
  /** The colour that the decision prescribes, as `#rrggbb`. */
  colour: string;
}

const AQI_BANDS: readonly AqiBand[] = [
  { to: 50, vi: 'Tốt', en: 'Good', colour: '#00e400' },
  { to: 100, vi: 'Trung bình', en: 'Moderate', colour: '#ffff00' },
  { to: 150, vi: 'Kém', en: 'Poor', colour: '#ff7e00' },
  { to: 200, vi: 'Xấu', en: 'Bad', colour: '#ff0000' },
  { to: 300, vi: 'Rất xấu', en: 'Very bad', colour: '#8f3f97' },
  { to: 500, vi: 'Nguy hại', en: 'Hazardous', colour: '#7e0023' },
];

const INDEX = [0, 50, 100, 150, 200, 300, 400, 500] as const;
/** Concentrations at {@link INDEX}; null = the column ends there. The scale is continuous between them. */
const BREAKPOINTS: Record<AqiColumn, readonly (number | null)[]> = {
  o3: [0, 160, 200, 300, 400, 800, 1000, 1200],
  o3_8h: [0, 100, 120, 170, 210, 400, null, null],
  co: [0, 10_000, 30_000, 45_000, 60_000, 90_000, 120_000, 150_000],
  so2: [0, 125, 350, 550, 800, 1600, 2100, 2630],
  no2: [0, 100, 200, 700, 1200, 2350, 3100, 3850],
  pm10: [0, 50, 150, 250, 350, 420, 500, 600],
  pm25: [0, 25, 50, 80, 150, 250, 350, 500],
};

/** AQIx of one concentration, not rounded, at most 500; null where the decision gives no scale (8-hour O3 over 400). */
export function aqiOf(column: AqiColumn, concentration: number): number | null {
  if (concentration < 0) return null;
  const steps = BREAKPOINTS[column];
  for (let i = 1; i < INDEX.length; i += 1) {
    const upper = steps[i];
    const lower = steps[i - 1];
    if (upper == null || lower == null) return null;
    if (concentration <= upper) {
      const [from, to] = [INDEX[i - 1] ?? 0, INDEX[i] ?? 0];
      return from + ((to - from) / (upper - lower)) * (concentration - lower);
    }
  }
  return 500;
}

export function aqiBand(index: number): AqiBand & Bilingual {
  return AQI_BANDS.find(({ to }) => Math.round(index) <= to) ?? (AQI_BANDS.at(-1) as AqiBand);
}

/**
 * Nowcast of up to 12 hourly means, the current hour first, null = missing; null when fewer than two of the last
 * three exist. The weight of the ratio is held at ½ from below; with gaps the sums are normalised by the weights that
 * exist, for the decision's unnormalised form at w = ½ reads low then. Without gaps both are the same to 0.03 %.
 */
export function nowcast(hours: readonly (number | null)[]): number | null {
  const last = hours.slice(0, 12);
  if (last.slice(0, 3).filter((c) => c !== null).length < 2) return null;
  const known = last.filter((c): c is number => c !== null);
  const highest = Math.max(...known);
  if (highest === 0) return 0;
  const weight = Math.max(Math.min(...known) / highest, 0.5);
  let sum = 0;
  let weights = 0;
  for (const [age, value] of last.entries()) {
    if (value === null) continue;
    sum += weight ** age * value;
    weights += weight ** age;
  }
  return sum / weights;
}

export interface AirIndex {
  /** Whole number, 0 to 500. */
  index: number;
  /** What it comes from. */
  dominant: AqiPollutant;
  /** Every index that counted, rounded. */
  parts: Partial<Record<AqiPollutant, number>>;
}

/**
 * The hourly index from hourly means, the current hour first, null = missing. PM by Nowcast, the gases by their last
 * hour. Null without PM2.5 and PM10: then nothing is published.
 */
export function hourlyIndex(
  means: Partial<Record<AqiPollutant, readonly (number | null)[]>>,
): AirIndex | null {
  const parts: Partial<Record<AqiPollutant, number>> = {};
  for (const pollutant of AQI_POLLUTANTS) {
    const hours = means[pollutant] ?? [];
    const concentration = pollutant === 'pm25' || pollutant === 'pm10' ? nowcast(hours) : (hours[0] ?? null);
    const index = concentration === null ? null : aqiOf(pollutant, concentration);
    if (index !== null) parts[pollutant] = Math.round(index);
  }
  return highestOf(parts);
}

/**
 * The daily index from 24 hourly means in the order of the day (01:00 to 24:00), null = missing; the seven hours
 * before the day let the first 8-hour means of O3 be whole, and may be left out.
 */
export function dailyIndex(
  day: Partial<Record<AqiPollutant, readonly (number | null)[]>>,
  o3Before: readonly (number | null)[] = [],
): AirIndex | null {
  const parts: Partial<Record<AqiPollutant, number>> = {};
  for (const pollutant of AQI_POLLUTANTS) {
    const known = (day[pollutant] ?? []).filter((c): c is number => c !== null);
    if (known.length === 0) continue;
    const isDust = pollutant === 'pm25' || pollutant === 'pm10';
    const concentration = isDust ? meanOf(known) : Math.max(...known);
    let index = aqiOf(pollutant, concentration);
    if (pollutant === 'o3') {
      const eight = maxOfEightHours([...o3Before.slice(-7), ...(day.o3 ?? [])]);
      const longer = eight === null ? null : aqiOf('o3_8h', eight);
      if (longer !== null) index = Math.max(index ?? 0, longer);
    }
    if (index !== null) parts[pollutant] = Math.round(index);
  }
  return highestOf(parts);
}

/** The largest mean of eight successive hours with at least six values; null when there is none. */
export function maxOfEightHours(hours: readonly (number | null)[]): number | null {
  let highest: number | null = null;
  for (let end = 8; end <= hours.length; end += 1) {
    const known = hours.slice(end - 8, end).filter((c): c is number => c !== null);
    if (known.length < 6) continue;
    highest = Math.max(highest ?? 0, meanOf(known));
  }
  return highest;
}

function highestOf(parts: Partial<Record<AqiPollutant, number>>): AirIndex | null {
  if (parts.pm25 === undefined && parts.pm10 === undefined) return null;
  let dominant: AqiPollutant = parts.pm25 === undefined ? 'pm10' : 'pm25';
  for (const pollutant of AQI_POLLUTANTS) {
    if ((parts[pollutant] ?? -1) > (parts[dominant] ?? -1)) dominant = pollutant;
  }
  return { index: parts[dominant] ?? 0, dominant, parts };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
