import type { Announcement, Effect, RuleEngine } from '../../core/ports.ts';
import type { Observation, PositionFix } from '../../core/reading.ts';
import type { Item } from '../pipeline/job.ts';
import { type BatchTx, type IngestDatabase, inTransaction, transactionScript } from './connection.ts';
import { encodeObservations, encodePositions, microsOf } from './copy.ts';
import type { QuarantineRow } from './entry.ts';
import { type LateSpan, lateSpans } from './late.ts';
import type { ScriptStep } from './script.ts';
import {
  type Activity,
  COPY_OBSERVATIONS,
  COPY_POSITIONS,
  insertQuarantine,
  mergeObservations,
  mergePositions,
  noteLate,
  upsertActivity,
  upsertLatestAndActivity,
  upsertLatestPositions,
  upsertLatestValues,
  upsertUnitPositions,
} from './sql.ts';

/** What goes into one transaction. */
export interface Rows {
  items: readonly Item[];
  quarantine: readonly QuarantineRow[];
  activity: readonly Activity[];
}

export interface Committed {
  /** Rows that the database says it took. */
  stored: number;
  /** Items that were there already. */
  duplicates: Set<Item>;
  quarantineIds: number[];
  /** Values that became their series' latest. */
  latest: Item[];
  /** Fixes that became their unit's latest. */
  moved: PositionFix[];
  announcements: Announcement[];
}

export interface CommitOptions {
  database: IngestDatabase;
  rules: Pick<RuleEngine, 'persist'>;
  /** `copy` fails on the first row that is there already; `merge` leaves such rows out. */
  mode: 'copy' | 'merge';
  /** Awaited when the rows are in and before anything that has an order between batches; may throw. */
  turn?: () => Promise<void>;
  /** By the clock of the centre: values of hours long past have their summaries computed again. */
  nowMs: number;
  /** Nothing here waits for anything: the whole transaction may go to the database in one piece. */
  inOnePiece?: boolean;
}

type ValueItem = Item & { row: Observation };
type FixItem = Item & { row: PositionFix };

/** One batch, one transaction: rows, latest, activity, quarantine, and the rules' effects, or nothing of it. */
export async function commitRows(rows: Rows, options: CommitOptions): Promise<Committed> {
  const values: ValueItem[] = [];
  const fixes: FixItem[] = [];
  const effects: Effect[] = [];
  for (const item of rows.items) {
    if (isValue(item)) values.push(item);
    else if (isFix(item)) fixes.push(item);
    for (const effect of item.effects) effects.push(effect);
  }
  const latestFixes = newest(fixes);
  const unitFixes = newestPerUnit(fixes);
  const late = lateSpans(values, options.nowMs);
  if (options.inOnePiece && effects.length === 0 && rows.quarantine.length === 0) {
    return await commitInOnePiece(options.database, {
      values,
      late,
      fixes,
      latestFixes,
      unitFixes,
      activity: rows.activity,
    });
  }
  return await inTransaction(options.database, async (tx) => {
    const duplicates = new Set<Item>();
    const stored =
      (await storeValues(tx, values, options.mode, duplicates)) +
      (await storeFixes(tx, fixes, options.mode, duplicates));
    if (late.length > 0) await tx.query(noteLate(late));
    await options.turn?.();
    const latestValues = newest(values);
    const moved = await moveLatest(tx, latestValues, rows.activity);
    if (latestFixes.length > 0) await tx.query(upsertLatestPositions(latestFixes));
    const units = new Set(
      unitFixes.length === 0
        ? []
        : (await tx.query<{ unitId: string }>(upsertUnitPositions(unitFixes))).map((row) => row.unitId),
    );
    const quarantineIds =
      rows.quarantine.length === 0
        ? []
        : (await tx.query<{ id: number }>(insertQuarantine(rows.quarantine))).map((row) => row.id);
    // Last, because the alerts' sequence is locked from here to the commit.
    const announcements = effects.length === 0 ? [] : await options.rules.persist(tx, effects);
    return {
      stored,
      duplicates,
      quarantineIds,
      latest: latestValues.filter(({ row }) => moved.has(row.seriesId)),
      moved: unitFixes.filter((fix) => fix.unitId !== null && units.has(fix.unitId)),
      announcements,
    };
  });
}

interface PlainRows {
  values: readonly ValueItem[];
  late: readonly LateSpan[];
  fixes: readonly FixItem[];
  latestFixes: readonly FixItem[];
  unitFixes: readonly PositionFix[];
  activity: readonly Activity[];
}

/** The same for rows that no rule had anything to say about, which is nearly always: one round trip, commit included. */
async function commitInOnePiece(database: IngestDatabase, rows: PlainRows): Promise<Committed> {
  const { values, late, fixes, latestFixes, unitFixes, activity } = rows;
  const steps: ScriptStep[] = [];
  if (values.length > 0) {
    steps.push({ text: COPY_OBSERVATIONS, data: encodeObservations(values.map(({ row }) => row)) });
  }
  if (fixes.length > 0) {
    steps.push({ text: COPY_POSITIONS, data: encodePositions(fixes.map(({ row }) => row)) });
  }
  if (late.length > 0) steps.push(noteLate(late));
  const latestValues = newest(values);
  const latestAt =
    latestValues.length > 0 ? steps.push(upsertLatestAndActivity(latestValues, activity)) - 1 : -1;
  if (latestAt < 0 && activity.length > 0) steps.push(upsertActivity(activity));
  if (latestFixes.length > 0) steps.push(upsertLatestPositions(latestFixes));
  const unitsAt = unitFixes.length > 0 ? steps.push(upsertUnitPositions(unitFixes)) - 1 : -1;
  const results = await transactionScript(database, steps);
  const firstFields = (at: number) => new Set((results[at]?.rows ?? []).map(([first]) => first ?? ''));
  // The COPYs come first.
  const copies = (values.length > 0 ? 1 : 0) + (fixes.length > 0 ? 1 : 0);
  const moved = firstFields(latestAt);
  const units = firstFields(unitsAt);
  return {
    stored: results.slice(0, copies).reduce((sum, { count }) => sum + count, 0),
    duplicates: new Set(),
    quarantineIds: [],
    latest: latestValues.filter(({ row }) => moved.has(String(row.seriesId))),
    moved: unitFixes.filter((fix) => fix.unitId !== null && units.has(fix.unitId)),
    announcements: [],
  };
}

/** Latest values and activity; answers with the series that moved on. */
async function moveLatest(
  tx: BatchTx,
  values: readonly ValueItem[],
  activity: readonly Activity[],
): Promise<ReadonlySet<number>> {
  if (values.length === 0) {
    if (activity.length > 0) await tx.query(upsertActivity(activity));
    return new Set();
  }
  const moving = activity.length > 0 ? upsertLatestAndActivity(values, activity) : upsertLatestValues(values);
  return new Set((await tx.query<{ seriesId: number }>(moving)).map((row) => row.seriesId));
}

const isValue = (item: Item): item is ValueItem => item.row.kind === 'value';
const isFix = (item: Item): item is FixItem => item.row.kind === 'position';

async function storeValues(
  tx: BatchTx,
  values: readonly ValueItem[],
  mode: 'copy' | 'merge',
  duplicates: Set<Item>,
): Promise<number> {
  if (values.length === 0) return 0;
  const rows = values.map(({ row }) => row);
  if (mode === 'copy') return await tx.copy(COPY_OBSERVATIONS, encodeObservations(rows));
  const stored = await tx.query<Key>(mergeObservations(rows));
  findDuplicates(values, stored, duplicates);
  return stored.length;
}

async function storeFixes(
  tx: BatchTx,
  fixes: readonly FixItem[],
  mode: 'copy' | 'merge',
  duplicates: Set<Item>,
): Promise<number> {
  if (fixes.length === 0) return 0;
  const rows = fixes.map(({ row }) => row);
  if (mode === 'copy') return await tx.copy(COPY_POSITIONS, encodePositions(rows));
  const stored = await tx.query<Key>(mergePositions(rows));
  findDuplicates(fixes, stored, duplicates);
  return stored.length;
}

interface Key {
  seriesId: number;
  micros: number;
}

/** Of several items with one key the first was stored. */
function findDuplicates(
  items: readonly (ValueItem | FixItem)[],
  stored: readonly Key[],
  duplicates: Set<Item>,
) {
  const keys = new Set(stored.map(({ seriesId, micros }) => `${seriesId}:${micros}`));
  for (const item of items) {
    const { seriesId, timeMs } = item.row;
    if (!keys.delete(`${seriesId}:${microsOf(timeMs)}`)) duplicates.add(item);
  }
}

/** The newest live item of each series. */
function newest<T extends ValueItem | FixItem>(items: readonly T[]): T[] {
  const bySeries = new Map<number, T>();
  for (const item of items) {
    if (!item.live) continue;
    const other = bySeries.get(item.row.seriesId);
    if (!other || item.row.timeMs > other.row.timeMs) bySeries.set(item.row.seriesId, item);
  }
  return [...bySeries.values()];
}

function newestPerUnit(items: readonly FixItem[]): PositionFix[] {
  const byUnit = new Map<string, PositionFix>();
  for (const { live, row } of items) {
    if (!live || row.unitId === null) continue;
    const other = byUnit.get(row.unitId);
    if (!other || row.timeMs > other.timeMs) byUnit.set(row.unitId, row);
  }
  return [...byUnit.values()];
}
