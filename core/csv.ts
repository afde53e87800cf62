/** What spreadsheets take for the beginning of a formula, also in its full-width form. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/** One cell, quoted (RFC 4180); what a spreadsheet would run as a formula gets an apostrophe in front. */
function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** What a file for spreadsheets begins with, or they take its letters for another encoding. */
export const CSV_MARK = '\ufeff';

/** One line with its end. */
export function csvRow(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** A whole table as a spreadsheet opens it. */
export function csvTable(
  heading: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  return `${CSV_MARK}${[heading, ...rows].map(csvRow).join('')}`;
}
