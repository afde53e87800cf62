/** How numbers, spans and times read in the product's two languages, wherever a sentence is made. */
import type { Bilingual } from './text.ts';

export type Language = keyof Bilingual;

const LOCALE = { vi: 'vi-VN', en: 'en-GB' } as const;

const numberFormats = new Map<string, Intl.NumberFormat>();
const timeFormats = new Map<string, Intl.DateTimeFormat>();

/** `formatNumber(1234.5, 1, 'vi') === '1.234,5'`; no more decimals than asked, none for whole numbers. */
export function formatNumber(value: number, decimals: number, language: Language): string {
  const key = `${language}${decimals}`;
  let format = numberFormats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(LOCALE[language], { maximumFractionDigits: decimals });
    numberFormats.set(key, format);
  }
  return format.format(value);
}

const SPANS = [
  { s: 86_400, vi: 'ngày', en: 'day' },
  { s: 3600, vi: 'giờ', en: 'hour' },
  { s: 60, vi: 'phút', en: 'minute' },
  { s: 1, vi: 'giây', en: 'second' },
] as const;

/** The two largest parts of a span that are not zero: `3 giờ`, `1 giờ 30 phút`; `1 hour 30 minutes`. */
export function formatSpan(seconds: number, language: Language): string {
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const span of SPANS) {
    const count = Math.floor(rest / span.s);
    rest -= count * span.s;
    if (count > 0 && parts.length < 2) parts.push(`${count} ${wordOf(span, count, language)}`);
    // Hours without minutes but with seconds would read as if they touched.
    else if (parts.length === 1) break;
  }
  return parts.length > 0 ? parts.join(' ') : `0 ${wordOf(SPANS[3], 0, language)}`;
}

function wordOf(span: (typeof SPANS)[number], count: number, language: Language): string {
  return language === 'vi' || count === 1 ? span[language] : `${span.en}s`;
}

/** `2,4 km`, `850 m`. */
export function formatDistance(distanceM: number, language: Language): string {
  return Math.round(distanceM) < 1000
    ? `${formatNumber(distanceM, 0, language)} m`
    : `${formatNumber(distanceM / 1000, distanceM < 100_000 ? 1 : 0, language)} km`;
}

/** Wall-clock time in a zone: `08:00`, with the day when it is not the day of `near`: `08:00 22/11`. */
export function formatClock(timeMs: number, timeZone: string, nearMs: number = timeMs): string {
  const time = partsOf(timeMs, timeZone);
  const near = partsOf(nearMs, timeZone);
  const clock = `${time.hour}:${time.minute}`;
  if (time.year !== near.year) return `${clock} ${time.day}/${time.month}/${time.year}`;
  return time.day === near.day && time.month === near.month ? clock : `${clock} ${time.day}/${time.month}`;
}

/** Times come in crowds of the same minute, and taking one apart costs ten times as much as the rest of a sentence. */
const minutes = new Map<string, Record<string, string>>();
const MOST_MINUTES = 1024;

function partsOf(timeMs: number, timeZone: string): Record<string, string> {
  const key = `${timeZone}\n${Math.floor(timeMs / 60_000)}`;
  let parts = minutes.get(key);
  if (!parts) {
    if (minutes.size >= MOST_MINUTES) minutes.clear();
    parts = takeApart(timeMs, timeZone);
    minutes.set(key, parts);
  }
  return parts;
}

function takeApart(timeMs: number, timeZone: string): Record<string, string> {
  let format = timeFormats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    timeFormats.set(timeZone, format);
  }
  return Object.fromEntries(format.formatToParts(timeMs).map((part) => [part.type, part.value]));
}
