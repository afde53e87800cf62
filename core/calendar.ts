/** When a rule applies: days of the week, hours, holidays, day and night. Pure; the holidays are a table. */
import { z } from 'zod';
import type { Language } from './format.ts';
import { localDay } from './limit-tables.ts';
import { lunarDay } from './lunar.ts';
import type { LonLat } from './reading.ts';

const Clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM');

export const Schedule = z
  .strictObject({
    days: z
      .array(z.number().int().min(1).max(7))
      .min(1)
      .max(7)
      .optional()
      .describe('1 = Monday … 7 = Sunday'),
    from: Clock.optional().describe('first minute, local time'),
    to: Clock.optional().describe(
      'the minute it ends; earlier than from = over midnight, belonging to the day it began',
    ),
    holidays: z.enum(['any', 'only', 'never']).default('any').describe('public holidays of Vietnam'),
    sun: z.enum(['any', 'day', 'night']).default('any').describe('by the sun at the place of the item'),
  })
  .refine((s) => (s.from === undefined) === (s.to === undefined), 'from and to go together');
export type Schedule = z.infer<typeof Schedule>;

interface Holiday {
  vi: string;
  en: string;
  /** Month and day, of the Gregorian or of the lunar calendar. */
  on: [month: number, day: number];
  lunar?: true;
  /** Days off before and after it. */
  before?: number;
  after?: number;
}

/** Days off by Article 112 of the Labour Code 2019: a year's exact choice of the Tết and National Day rest varies by decree. */
const VIETNAM_HOLIDAYS: readonly Holiday[] = [
  { vi: 'Tết Dương lịch', en: 'New Year’s Day', on: [1, 1] },
  { vi: 'Tết Nguyên đán', en: 'Lunar New Year', on: [1, 1], lunar: true, before: 1, after: 3 },
  { vi: 'Giỗ Tổ Hùng Vương', en: 'Hùng Kings’ Day', on: [3, 10], lunar: true },
  { vi: 'Ngày Chiến thắng', en: 'Reunification Day', on: [4, 30] },
  { vi: 'Ngày Quốc tế lao động', en: 'Labour Day', on: [5, 1] },
  { vi: 'Quốc khánh', en: 'National Day', on: [9, 2], before: 1 },
];

const DAY_MS = 86_400_000;
const years = new Map<number, ReadonlyMap<string, Holiday>>();

/** The holidays of a Gregorian year by their days. */
function holidaysOf(year: number): ReadonlyMap<string, Holiday> {
  const known = years.get(year);
  if (known) return known;
  const days = new Map<string, Holiday>();
  for (const holiday of VIETNAM_HOLIDAYS) {
    const [month, day] = holiday.on;
    const on = holiday.lunar
      ? lunarDay(year, month, day)
      : `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
    for (let offset = -(holiday.before ?? 0); offset <= (holiday.after ?? 0); offset += 1) {
      days.set(new Date(Date.parse(`${on}T00:00:00Z`) + offset * DAY_MS).toISOString().slice(0, 10), holiday);
    }
  }
  years.set(year, days);
  return days;
}

export function holidayAt(timeMs: number, timeZone: string): Holiday | undefined {
  const day = localDay(timeMs, timeZone);
  return holidaysOf(Number(day.slice(0, 4))).get(day);
}

const clockFormats = new Map<string, Intl.DateTimeFormat>();

/** Minutes since local midnight. */
function minuteOfDay(timeMs: number, timeZone: string): number {
  let format = clockFormats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
    clockFormats.set(timeZone, format);
  }
  const [hour, minute] = format.format(timeMs).split(':').map(Number);
  return (hour ?? 0) * 60 + (minute ?? 0);
}

/** Whether a schedule covers a moment; without a place day and night are not asked. */
export function isWithin(
  schedule: Schedule,
  timeMs: number,
  timeZone: string,
  place: LonLat | null,
): boolean {
  if (schedule.sun !== 'any' && place && isDaylight(timeMs, place) !== (schedule.sun === 'day')) return false;
  let belongsTo = timeMs;
  if (schedule.from !== undefined && schedule.to !== undefined) {
    const now = minuteOfDay(timeMs, timeZone);
    const [from, to] = [minutesOf(schedule.from), minutesOf(schedule.to)];
    const inside = from < to ? from <= now && now < to : now >= from || now < to;
    if (!inside) return false;
    // What runs over midnight belongs to the evening on which it began.
    if (from >= to && now < to) belongsTo -= DAY_MS;
  }
  if (schedule.days) {
    const weekday = new Date(`${localDay(belongsTo, timeZone)}T00:00:00Z`).getUTCDay() || 7;
    if (!schedule.days.includes(weekday)) return false;
  }
  if (schedule.holidays === 'any') return true;
  return (holidayAt(belongsTo, timeZone) !== undefined) === (schedule.holidays === 'only');
}

function minutesOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
}

/** Whether the upper edge of the sun is above the horizon; the almanac's low-precision formulas, good to a minute. */
export function isDaylight(timeMs: number, [lon, lat]: LonLat): boolean {
  const rad = Math.PI / 180;
  const days = timeMs / DAY_MS + 2440587.5 - 2451545;
  const anomaly = (357.528 + 0.9856003 * days) * rad;
  const longitude =
    (280.46 + 0.9856474 * days + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * rad;
  const tilt = (23.439 - 0.0000004 * days) * rad;
  const declination = Math.asin(Math.sin(tilt) * Math.sin(longitude));
  const ascension = Math.atan2(Math.cos(tilt) * Math.sin(longitude), Math.cos(longitude));
  const hourAngle = (280.46061837 + 360.98564736629 * days + lon) * rad - ascension;
  const altitude = Math.asin(
    Math.sin(lat * rad) * Math.sin(declination) +
      Math.cos(lat * rad) * Math.cos(declination) * Math.cos(hourAngle),
  );
  return altitude > -0.833 * rad;
}

const DAYS = {
  vi: ['thứ Hai', 'thứ Ba', 'thứ Tư', 'thứ Năm', 'thứ Sáu', 'thứ Bảy', 'Chủ nhật'],
  en: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
};

/** `từ 22:00 đến 05:00, thứ Bảy, Chủ nhật, trừ ngày lễ`; empty = always. */
export function scheduleWords(schedule: Schedule, language: Language): string {
  const vi = language === 'vi';
  const parts: string[] = [];
  if (schedule.from !== undefined) {
    parts.push(vi ? `từ ${schedule.from} đến ${schedule.to}` : `from ${schedule.from} to ${schedule.to}`);
  }
  if (schedule.days && schedule.days.length < 7) {
    parts.push(
      [...schedule.days]
        .sort()
        .map((day) => DAYS[language][day - 1])
        .join(', '),
    );
  }
  if (schedule.holidays === 'only') parts.push(vi ? 'chỉ ngày lễ' : 'on public holidays only');
  if (schedule.holidays === 'never') parts.push(vi ? 'trừ ngày lễ' : 'not on public holidays');
  if (schedule.sun === 'day') parts.push(vi ? 'ban ngày' : 'by day');
  if (schedule.sun === 'night') parts.push(vi ? 'ban đêm' : 'by night');
  return parts.join(', ');
}
