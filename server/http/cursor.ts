import { AppError } from '../../core/errors.ts';

/** Keyset cursors are opaque to clients: base64url of a JSON array with the last row's sort key. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** The sort key in a cursor; `length` and the element types must fit, otherwise `request.invalid`. */
export function decodeCursor(
  cursor: string | undefined,
  shape: readonly ('string' | 'number')[],
): (string | number)[] | undefined {
  if (cursor === undefined) return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === shape.length && key.every((part, i) => fits(part, shape[i])))
      return key;
  } catch {
    // Falls through to the same answer: the cursor was not made here.
  }
  throw new AppError('request.invalid', { detail: 'query.cursor: not a cursor of this list' });
}

/** The last moment that there is, epoch ms; ids are smaller, too. */
const LAST = 8.64e15;

/** Numbers of sort keys are ids and times; texts are such that a database takes them. */
function fits(part: unknown, shape: 'string' | 'number' | undefined): boolean {
  if (shape === 'number') return Number.isSafeInteger(part) && Math.abs(Number(part)) <= LAST;
  return typeof part === 'string' && !part.includes('\0') && part.isWellFormed();
}

/**
 * A page of rows that were read one more than asked for: whether that one came says whether there is more. `key` is
 * the sort key of a row, from which the next page goes on.
 */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  item: (row: Row) => Item,
  key: (row: Row) => readonly (string | number)[],
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { items: shown.map(item), nextCursor: last === undefined ? null : encodeCursor(key(last)) };
}
