import type { AuditObject } from '../../core/audit-actions.ts';
import type { Caller, DataClass, ResourceScope } from '../../core/permissions.ts';
import type { AuditTrail } from '../../core/ports.ts';

/** A console reads the same lists again and again: one entry, and in the end how many more there were. */
const WINDOW_MS = 10 * 60_000;
const MAX_IDS = 50;

/** What the first part of an address is about. */
const OBJECTS: Readonly<Record<string, AuditObject>> = {
  devices: 'device',
  latest: 'device',
  cameras: 'camera',
  units: 'unit',
  alerts: 'alert',
  dispatches: 'dispatch',
};

type Row = Record<string, unknown>;

/**
 * Writes down that rows of class `restricted` are about to be handed out; resolves when that is committed, and rejects
 * when it could not be: then nothing is handed out. Rows are known by their own class, readings by their device's.
 */
export function createRestrictedReads(options: {
  trail: AuditTrail;
  classOfDevice(id: string): DataClass | undefined;
}): (caller: Caller, path: string, answer: unknown) => Promise<void> {
  const { trail, classOfDevice } = options;

  const isRestricted = (row: Row, ofDevice: string | undefined) => {
    if (row.class !== undefined) return row.class === 'restricted';
    const device = ofDevice ?? row.deviceId;
    return typeof device === 'string' && classOfDevice(device) === 'restricted';
  };

  return async (caller, path, answer) => {
    const [, first = '', id, part] = path.split('/');
    const type = OBJECTS[first];
    if (type === undefined) return;
    const ofDevice = first === 'devices' && part === 'observations' ? id : undefined;
    const rows = rowsOf(answer).filter((row) => isRestricted(row, ofDevice));
    const [row] = rows;
    if (!row) return;
    const single = id ?? null;
    const ids = [...new Set(rows.map((each) => String(each.deviceId ?? each.id ?? '')))];
    await trail.note(
      {
        by: caller,
        action: 'restricted.read',
        object: { type, id: single ?? 'list', name: single === null ? null : textOf(row.name ?? row.title) },
        place: placeOf(row),
        after: single === null ? { rows: ids.length, ids: ids.slice(0, MAX_IDS) } : { path },
      },
      { must: true, fold: { key: `${caller.sessionId} ${path}`, windowMs: WINDOW_MS } },
    );
  };
}

function rowsOf(answer: unknown): Row[] {
  if (!isRow(answer)) return [];
  return Array.isArray(answer.items) ? answer.items.filter(isRow) : [answer];
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null;
const textOf = (value: unknown) => (typeof value === 'string' ? value : null);

const placeOf = (row: Row): ResourceScope => ({
  areaId: textOf(row.areaId),
  domain: textOf(row.domain),
  agencyId: textOf(row.agencyId),
  class: 'restricted',
});
