import { formatNumber, type Language } from '../../core/format.ts';
import { describeQuantity, unitSymbol } from '../../core/quantities.ts';
import type { LonLat } from '../../core/reading.ts';

/** No-break space between a number and its unit. */
const NB = '\u00a0';

const wallFormats = new Map<string, Intl.DateTimeFormat>();
const fixedFormats = new Map<string, Intl.NumberFormat>();

/** Parts of a moment on the centre's wall clock, seconds too. */
function wallClock(timeMs: number, timeZone: string): Record<string, string> {
  let format = wallFormats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      dateStyle: 'short',
      timeStyle: 'medium',
      hourCycle: 'h23',
    });
    wallFormats.set(timeZone, format);
  }
  return Object.fromEntries(format.formatToParts(timeMs).map((part) => [part.type, part.value]));
}

/** `22/11/2026 08:12:21`, in both languages: Vietnam and international English agree on the order. */
export function dateTime(timeMs: number, timeZone: string): string {
  const t = wallClock(timeMs, timeZone);
  return `${t.day}/${t.month}/${t.year} ${t.hour}:${t.minute}:${t.second}`;
}

/** `08:12:21`. */
export function clockTime(timeMs: number, timeZone: string): string {
  const t = wallClock(timeMs, timeZone);
  return `${t.hour}:${t.minute}:${t.second}`;
}

/** `22/11`. */
export function dayMonth(timeMs: number, timeZone: string): string {
  const t = wallClock(timeMs, timeZone);
  return `${t.day}/${t.month}`;
}

/** `08:12` today, `21/11 08:12` on another day. */
export function shortTime(timeMs: number, timeZone: string, nowMs: number): string {
  const t = wallClock(timeMs, timeZone);
  const day = `${t.day}/${t.month}`;
  const clock = `${t.hour}:${t.minute}`;
  return day === dayMonth(nowMs, timeZone) ? clock : `${day} ${clock}`;
}

const AGES = [
  { s: 86_400, vi: 'ng', en: 'd' },
  { s: 3600, vi: 'g', en: 'h' },
  { s: 60, vi: 'ph', en: 'min' },
  { s: 1, vi: 's', en: 's' },
] as const;

/** The age of a thing in its largest part: `9 s`, `2 ph`, `1 g`, `3 ng`; `9 s`, `2 min`, `1 h`, `3 d`. */
export function age(spanMs: number, language: Language): string {
  const seconds = Math.max(0, Math.floor(spanMs / 1000));
  const part = AGES.find(({ s }) => seconds >= s) ?? AGES[3];
  return `${Math.floor(seconds / part.s)}${NB}${part[language]}`;
}

/** A number with exactly so many decimals, so that columns and changing values do not dance. */
export function fixed(value: number, decimals: number, language: Language): string {
  const key = `${language}${decimals}`;
  let format = fixedFormats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB', {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    fixedFormats.set(key, format);
  }
  // A rounded −0 reads as an error.
  return format.format(Math.abs(value) < 0.5 / 10 ** decimals ? 0 : value);
}

/** A value of a quantity with its unit: `4,1 ‰`, `163,0 µg/m³`. */
export function quantityValue(quantity: string, value: number, language: Language): string {
  const symbol = quantityUnit(quantity, language);
  const number = fixed(value, describeQuantity(quantity).decimals, language);
  if (symbol === '') return number;
  return symbol === '°' ? `${number}°` : `${number}${NB}${symbol}`;
}

/** Symbol of a quantity's unit; empty for plain counts and pH. */
export function quantityUnit(quantity: string, language: Language): string {
  const { unit } = describeQuantity(quantity);
  // The one unit whose symbol is a word.
  return unit === 'veh/h' && language === 'en' ? 'veh/h' : unitSymbol(unit);
}

export function quantityName(quantity: string, language: Language): string {
  return describeQuantity(quantity)[language];
}

/** `9,1836 N 105,1502 E`. */
export function coordinates([lon, lat]: Readonly<LonLat>, language: Language): string {
  const part = (value: number, positive: string, negative: string) =>
    `${fixed(Math.abs(value), 4, language)}${NB}${value < 0 ? negative : positive}`;
  return `${part(lat, 'N', 'S')} ${part(lon, 'E', 'W')}`;
}

const POINTS = {
  vi: ['B', 'ĐB', 'Đ', 'ĐN', 'N', 'TN', 'T', 'TB'],
  en: ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW'],
} as const;

/** Compass letters of a heading: `ĐB`, `NE`. */
export function compass(headingDeg: number, language: Language): string {
  const turn = ((headingDeg % 360) + 360) % 360;
  return POINTS[language][Math.round(turn / 45) % 8] ?? '';
}

/** `2 KB`, `1,2 MB`, in powers of 1024. */
export function bytes(count: number, language: Language): string {
  if (count < 1024) return `${formatNumber(count, 0, language)}${NB}B`;
  const kib = count / 1024;
  return kib < 1024
    ? `${formatNumber(kib, 1, language)}${NB}KB`
    : `${formatNumber(kib / 1024, 1, language)}${NB}MB`;
}
