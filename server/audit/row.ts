import { canonicalObject } from './canonical.ts';
import type { AuditRow } from './sql.ts';

/** Members of the canonical entry and the columns that keep them, the JSON ones aside. */
const TEXTS = [
  ['action', 'action'],
  ['actorId', 'actor_id'],
  ['actorName', 'actor_name'],
  ['onBehalfId', 'on_behalf_id'],
  ['onBehalfName', 'on_behalf_name'],
  ['sessionId', 'session_id'],
  ['ip', 'ip'],
  ['objectType', 'object_type'],
  ['objectId', 'object_id'],
  ['objectName', 'object_name'],
  ['areaId', 'area_id'],
  ['domain', 'domain'],
  ['agencyId', 'agency_id'],
  ['class', 'class'],
  ['reason', 'reason'],
  ['requestId', 'request_id'],
] as const;

/** What a row shows of an entry, whoever stored it. */
export type EntryColumns = Omit<AuditRow, 'chain' | 'seq' | 'prev_hash' | 'hash'>;

/**
 * The canonical text of a stored row, from its columns. `before` and `after` are taken as they stand, so that a change
 * of a single blank shows; times with more than milliseconds were not written by us and stay as they are.
 */
export function canonicalRow(row: EntryColumns): string {
  const members: [string, string][] = [['at', JSON.stringify(millis(row.at))]];
  for (const [key, column] of TEXTS) {
    const text = row[column];
    if (text !== null) members.push([key, JSON.stringify(text)]);
  }
  if (row.before !== null) members.push(['before', row.before]);
  if (row.after !== null) members.push(['after', row.after]);
  return canonicalObject(members);
}

/** `…:21.123000Z` → `…:21.123Z` */
export function millis(at: string): string {
  return at.replace(/000Z$/, 'Z');
}
