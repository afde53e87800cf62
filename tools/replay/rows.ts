import type { ReplayMapping } from './mapping.ts';

export type Row = Record<string, string>;

export interface RowReading {
  /** ISO 8601 with the offset of the mapping. */
  ts: string;
  values: Record<string, number | { v: number; unit: string }>;
}

export interface RowResult {
  reading: RowReading;
  values: number;
  missing: number;
  /** Cells that are neither missing nor a number, with their column. */
  unreadable: { column: string; text: string }[];
}

/** Clockwise from north, 22.5° apart. */
const COMPASS = 'N NNE NE ENE E ESE SE SSE S SSW SW WSW W WNW NW NNW'.split(' ');

/** One line of the table → one reading, by the mapping. Throws when its time cannot be read. */
export function readRow(row: Row, mapping: ReplayMapping): RowResult {
  const missing = new Set(mapping.missing);
  const result: RowResult = {
    reading: { ts: timeOf(row, mapping), values: {} },
    values: 0,
    missing: 0,
    unreadable: [],
  };
  for (const [column, { quantity, unit, compass }] of Object.entries(mapping.columns)) {
    const text = (row[column] ?? '').trim();
    if (missing.has(text)) {
      result.missing++;
      continue;
    }
    const value = compass === undefined ? numberOf(text) : degreesOf(text);
    if (value === undefined) {
      result.unreadable.push({ column, text });
      continue;
    }
    result.values++;
    result.reading.values[quantity] = unit === undefined ? value : { v: value, unit };
  }
  return result;
}

/** Decimal numbers only: `Number` would also take `0x10`, `1e400` and the empty text. */
function numberOf(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))
    ? Number(text)
    : undefined;
}

export function degreesOf(point: string): number | undefined {
  const index = COMPASS.indexOf(point.toUpperCase());
  return index < 0 ? undefined : index * 22.5;
}

function timeOf(row: Row, { time }: ReplayMapping): string {
  if ('column' in time) {
    const text = (row[time.column] ?? '').trim().replace(' ', 'T');
    return time.utcOffset === undefined ? text : `${text}${time.utcOffset}`;
  }
  const { year, month, day, hour, minute } = time.parts;
  const part = (column: string | undefined, digits: number) => {
    const text = column === undefined ? '0' : (row[column] ?? '').trim();
    if (!/^\d+$/.test(text))
      throw new Error(`column ${column}: ${JSON.stringify(text)} is no part of a time`);
    return text.padStart(digits, '0');
  };
  const date = `${part(year, 4)}-${part(month, 2)}-${part(day, 2)}`;
  return `${date}T${part(hour, 2)}:${part(minute, 2)}:00${time.utcOffset}`;
}
