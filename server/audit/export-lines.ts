import { AUDIT_ACTIONS } from '../../core/audit-actions.ts';
import { CSV_MARK, csvRow } from '../../core/csv.ts';
import { canonicalObject } from './canonical.ts';
import { canonicalRow, millis } from './row.ts';
import type { AuditRow } from './sql.ts';

/** One row as a line that verifies by itself: SHA-256(prevHash ‖ seq ‖ entry) = hash. */
export function jsonLine(row: AuditRow): string {
  return `${canonicalObject([
    ['chain', JSON.stringify(row.chain)],
    ['seq', JSON.stringify(row.seq)],
    ['prevHash', JSON.stringify(row.prev_hash.toString('hex'))],
    ['hash', JSON.stringify(row.hash.toString('hex'))],
    ['entry', canonicalRow(row)],
  ])}\n`;
}

const COLUMNS: readonly (readonly [string, (row: AuditRow) => string | number | null])[] = [
  ['time', (row) => millis(row.at)],
  ['action', (row) => row.action],
  ['what', (row) => wordsOf(row.action)],
  ['actor', (row) => row.actor_name],
  ['actorId', (row) => row.actor_id],
  ['onBehalfOf', (row) => row.on_behalf_name],
  ['ip', (row) => row.ip],
  ['objectType', (row) => row.object_type],
  ['objectId', (row) => row.object_id],
  ['objectName', (row) => row.object_name],
  ['areaId', (row) => row.area_id],
  ['domain', (row) => row.domain],
  ['agencyId', (row) => row.agency_id],
  ['class', (row) => row.class],
  ['before', (row) => row.before],
  ['after', (row) => row.after],
  ['reason', (row) => row.reason],
  ['requestId', (row) => row.request_id],
  ['sessionId', (row) => row.session_id],
  ['chain', (row) => row.chain],
  ['seq', (row) => row.seq],
  ['prevHash', (row) => row.prev_hash.toString('hex')],
  ['hash', (row) => row.hash.toString('hex')],
];

export const CSV_HEADING = `${CSV_MARK}${COLUMNS.map(([name]) => name).join(',')}\r\n`;

export function csvLine(row: AuditRow): string {
  return csvRow(COLUMNS.map(([, read]) => read(row)));
}

function wordsOf(action: string): string {
  const known: Record<string, { vi: string }> = AUDIT_ACTIONS;
  return known[action]?.vi ?? action;
}
