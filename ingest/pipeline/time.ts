/**
 * Times as devices send them → epoch milliseconds, UTC, with microseconds as the fraction.
 *
 * Accepted: ISO 8601 with an offset (`2026-11-22T08:00:00+07:00`, `…Z`, up to 9 decimals of which 6 count), and
 * epoch **milliseconds** as an integer. Refused as ambiguous: no offset, a day that is not in the calendar, a leap
 * second, and numbers that can only be epoch seconds (below 10^11) or microseconds (above 10^14).
 */
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d{2})(?::?(\d{2}))?)$/;
/** Epoch milliseconds of 1973 and of the year 5138: whatever lies outside is another unit. */
const MIN_EPOCH_MS = 1e11;
const MAX_EPOCH_MS = 1e14;
/** UTC+14 is the largest offset in use, UTC−12 the smallest. */
const MAX_OFFSET_MIN = 14 * 60;

export function parseTime(ts: unknown): number | undefined {
  if (typeof ts === 'number') {
    return Number.isInteger(ts) && ts >= MIN_EPOCH_MS && ts <= MAX_EPOCH_MS ? ts : undefined;
  }
  if (typeof ts !== 'string' || ts.length > 40) return undefined;
  const match = ISO.exec(ts);
  if (!match) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second = '0',
    decimals = '',
    ,
    sign,
    offsetH = '0',
    offsetM = '0',
  ] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || Number(offsetM) > 59)
    return undefined;
  const offsetMin = (Number(offsetH) * 60 + Number(offsetM)) * (sign === '-' ? -1 : 1);
  if (Math.abs(offsetMin) > MAX_OFFSET_MIN) return undefined;
  const midnight = calendarDay(Number(year), Number(month), Number(day));
  if (midnight === undefined) return undefined;
  const wholeMs =
    midnight + Number(hour) * 3_600_000 + (Number(minute) - offsetMin) * 60_000 + Number(second) * 1000;
  // One division of whole microseconds, so that the same moment is the same number wherever it comes from.
  return (wholeMs * 1000 + Number(decimals.slice(0, 6).padEnd(6, '0'))) / 1000;
}

/** Midnight UTC of a day that exists; `Date.UTC` alone would quietly roll 31 April over to 1 May. */
function calendarDay(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  // Not Date.UTC: it takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  const same =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return same ? date.getTime() : undefined;
}
