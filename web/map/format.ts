/** Numbers of the map in the forms of the two languages: `9,1836 N 105,1502 E`, `1,24 km`, `2 ph`. */
import type { Language } from '../state/index.ts';

const LOCALE: Record<Language, string> = { vi: 'vi-VN', en: 'en-GB' };
const formats = new Map<string, Intl.NumberFormat>();

/** Always so many decimals: figures that change must not change their width. */
export function fixed(value: number, decimals: number, language: Language): string {
  const key = `${language}${decimals}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(LOCALE[language], {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    formats.set(key, format);
  }
  return format.format(value);
}

/** Latitude first, as people say it; four decimals are eleven metres. */
export function coordinates([lon, lat]: readonly [number, number], language: Language): string {
  const part = (value: number, positive: string, negative: string) =>
    `${fixed(Math.abs(value), 4, language)} ${value < 0 ? negative : positive}`;
  return `${part(lat, 'N', 'S')} ${part(lon, 'E', 'W')}`;
}

/** Lengths that a person measures by hand: finer than the distances in sentences (core/format). */
export function length(metres: number, language: Language): string {
  if (metres < 1000) return `${fixed(metres, metres < 10 ? 1 : 0, language)} m`;
  return `${fixed(metres / 1000, metres < 100_000 ? 2 : 0, language)} km`;
}

/** Age in the shortest form: `45 s`, `2 ph`, `1 g`, `3 ng` (English: `45 s`, `2 min`, `1 h`, `3 d`). */
export function age(ms: number, language: Language): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const step = AGE_STEPS.find(({ s }) => seconds >= s) ?? { s: 1, vi: 's', en: 's' };
  return `${Math.floor(seconds / step.s)} ${step[language]}`;
}

const AGE_STEPS = [
  { s: 86_400, vi: 'ng', en: 'd' },
  { s: 3600, vi: 'g', en: 'h' },
  { s: 60, vi: 'ph', en: 'min' },
] as const;

/** Hour, minute and second where the operator sits; the day behind it when it is not today. */
export function clockTime(iso: string, nowMs: number): string {
  const time = new Date(iso);
  const two = (n: number) => String(n).padStart(2, '0');
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  if (time.toDateString() === new Date(nowMs).toDateString()) return clock;
  return `${clock} ${two(time.getDate())}/${two(time.getMonth() + 1)}`;
}

/** A line of the graticule: `105°30′ E`; never more than whole minutes and seconds that matter. */
export function degrees(value: number, axis: 'lon' | 'lat'): string {
  const seconds = Math.round(Math.abs(value) * 3600);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number | undefined) => String(n).padStart(2, '0');
  const hemisphere = axis === 'lon' ? (value < 0 ? 'W' : 'E') : value < 0 ? 'S' : 'N';
  const tail = parts[2] ? `${two(parts[1])}′${two(parts[2])}″` : parts[1] ? `${two(parts[1])}′` : '';
  return `${parts[0]}°${tail} ${hemisphere}`;
}
