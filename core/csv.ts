/** What spreadsheets take for the beginning of a formula, also in its full-width form. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/** One cell, quoted (RFC 4180); what a spreadsheet would run as a formula gets an apostrophe in front. */
function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** A table as a spreadsheet opens it: a byte-order mark, or the letters would be taken for another encoding. */
export function csvTable(
  heading: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const lines = [heading, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`);
  return `\ufeff${lines.join('')}`;
}
