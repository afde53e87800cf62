/**
 * Limits of the national technical regulations, by the date from which they hold. Only figures that were read in the
 * regulation or in a faithful copy stand here; a class or a quantity that is missing was not certain.
 */
import type { QuantityCode } from './quantities.ts';
import type { Bilingual } from './text.ts';

/** Hours that a limit's mean is taken over; 0 = every single value. */
type AveragingH = 0 | 1 | 8 | 24;

export interface LimitRow {
  quantity: QuantityCode;
  averagingH: AveragingH;
  /** Class of the water body; null = the table has none. */
  class: string | null;
  /** In the quantity's canonical unit; a value on the limit complies. */
  max?: number;
  min?: number;
  /** First day, local, on which it holds. */
  from: string;
  /** Last day; absent = until further notice. */
  to?: string;
}

export interface LimitTable extends Bilingual {
  id: string;
  /** Where the figures stand. */
  source: string;
  rows: readonly LimitRow[];
}

const AIR_FROM = '2023-09-12';
const air = (
  quantity: QuantityCode,
  averagingH: AveragingH,
  max: number,
  dates: { from?: string; to?: string } = {},
): LimitRow => ({
  quantity,
  averagingH,
  class: null,
  max,
  from: dates.from ?? AIR_FROM,
  ...(dates.to ? { to: dates.to } : {}),
});
const water = (
  quantity: QuantityCode,
  waterClass: string,
  limit: { max?: number; min?: number },
): LimitRow => ({
  quantity,
  averagingH: 0,
  class: waterClass,
  ...limit,
  from: AIR_FROM,
});

export const LIMIT_TABLES: readonly LimitTable[] = [
  {
    id: 'qcvn-05-2023',
    vi: 'QCVN 05:2023/BTNMT, không khí xung quanh',
    en: 'QCVN 05:2023/BTNMT, ambient air',
    source: 'Circular 01/2023/TT-BTNMT, Table 1 (µg/Nm³ at 25 °C and 760 mmHg)',
    rows: [
      air('so2', 1, 350),
      air('so2', 24, 125),
      air('co', 1, 30_000),
      air('co', 8, 10_000),
      air('no2', 1, 200),
      air('no2', 24, 100),
      air('o3', 1, 200),
      air('o3', 8, 120),
      air('pm10', 24, 100),
      air('pm25', 24, 50, { to: '2025-12-31' }),
      air('pm25', 24, 45, { from: '2026-01-01' }),
    ],
  },
  {
    id: 'qcvn-08-2023-rivers',
    vi: 'QCVN 08:2023/BTNMT, nước mặt sông, suối, kênh, mương, khe, rạch',
    en: 'QCVN 08:2023/BTNMT, surface water of rivers and canals',
    source: 'Circular 01/2023/TT-BTNMT, Table 2',
    rows: [
      water('ph', 'A', { min: 6.5, max: 8.5 }),
      water('ph', 'B', { min: 6, max: 8.5 }),
      water('ph', 'C', { min: 6, max: 8.5 }),
      water('dissolved_oxygen', 'B', { min: 5 }),
      water('dissolved_oxygen', 'C', { min: 4 }),
    ],
  },
];

/** The limit in force at a time, on the local date of `timeZone`; undefined = the table says nothing about it then. */
export function limitAt(
  table: LimitTable,
  wanted: { quantity: string; averagingH: number; class: string | null },
  timeMs: number,
  timeZone: string,
): LimitRow | undefined {
  const day = localDay(timeMs, timeZone);
  return table.rows.find(
    (row) =>
      row.quantity === wanted.quantity &&
      row.averagingH === wanted.averagingH &&
      row.class === wanted.class &&
      row.from <= day &&
      day <= (row.to ?? '9999'),
  );
}

const dayFormats = new Map<string, Intl.DateTimeFormat>();

/** `2026-11-22` of the zone's calendar. */
export function localDay(timeMs: number, timeZone: string): string {
  let format = dayFormats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    dayFormats.set(timeZone, format);
  }
  return format.format(timeMs);
}
