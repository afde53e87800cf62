import type { ErrorCode } from '../../core/errors.ts';
import type { IntakeMessage, IntakeReceipt } from '../../core/ports.ts';
import type { Item, Job, Refusal } from '../pipeline/job.ts';

/** A row for the quarantine. `id` is null until it is stored; a replay's refusals carry the id of their old row. */
export interface QuarantineRow {
  id: number | null;
  receivedAtMs: number;
  source: 'mqtt' | 'http' | 'file';
  deviceId: string | null;
  topic: string | null;
  code: ErrorCode;
  reason: string;
  payload: Uint8Array | null;
  payloadBytes: number;
}

/** What became of an item once its batch was committed. */
type Outcome = 'stored' | 'duplicate' | 'refused';

/** One message in the writer: everything of it is committed before `settle` is called. */
export interface Entry {
  /** Null for rows that the front itself writes about something it turned away. */
  deviceId: string | null;
  message: IntakeMessage | null;
  receivedAtMs: number;
  items: Item[];
  outcomes: Map<Item, Outcome>;
  quarantine: QuarantineRow[];
  /** Exact repeats that never got here. */
  duplicates: number;
  /** Values and fixes of the message, and those refused before they got here. */
  parts: number;
  refusedParts: number;
  /** Redelivered or replayed: probably in the database already, so no COPY is tried first. */
  mayRepeat: boolean;
  /** Rough memory held by this entry. */
  bytes: number;
  settle(receipt: IntakeReceipt): void;
}

/** Refused parts of one message that get a row each; the others share one row per code. */
const MAX_SINGLE_ROWS = 16;
const MAX_TEXT = 500;
/** An item with its row, its effects and its place in the batch. Measured: 260–340 bytes. */
const ITEM_BYTES = 300;

export function entryOf(job: Job): Entry {
  const quarantine = quarantineOf(job);
  const kept = quarantine.reduce((sum, row) => sum + (row.payload?.length ?? 0) + 200, 0);
  return {
    deviceId: job.message.deviceId,
    message: job.message,
    receivedAtMs: job.message.receivedAtMs,
    items: job.items,
    outcomes: new Map(),
    quarantine,
    duplicates: job.duplicates,
    parts: job.parts,
    refusedParts: job.refusedParts,
    mayRepeat: job.message.redelivered === true || job.message.replayOf !== undefined,
    bytes: job.items.length * ITEM_BYTES + kept,
    settle: job.settle,
  };
}

/** An entry that holds nothing but rows about what the front turned away. */
export function refusalEntry(rows: QuarantineRow[]): Entry {
  return {
    deviceId: null,
    message: null,
    receivedAtMs: rows[0]?.receivedAtMs ?? 0,
    items: [],
    outcomes: new Map(),
    quarantine: rows,
    duplicates: 0,
    parts: 0,
    refusedParts: 0,
    mayRepeat: false,
    bytes: rows.length * ITEM_BYTES,
    settle: () => undefined,
  };
}

/** The raw message goes with the first row; the others of the same message find it there. */
function quarantineOf(job: Job): QuarantineRow[] {
  if (job.refusals.length === 0) return [];
  const { message } = job;
  return folded(job.refusals).map((refusal, index) => ({
    id: message.replayOf ?? null,
    receivedAtMs: message.receivedAtMs,
    source: message.source,
    deviceId: message.deviceId,
    topic: message.topic,
    code: refusal.code,
    reason: storable(refusal.part === '' ? refusal.reason : `${refusal.part}: ${refusal.reason}`),
    payload: index === 0 ? message.payload : null,
    payloadBytes: message.payload.length,
  }));
}

function folded(refusals: readonly Refusal[]): Refusal[] {
  const rows = refusals.slice(0, MAX_SINGLE_ROWS);
  const rest = new Map<ErrorCode, { first: Refusal; count: number }>();
  for (const refusal of refusals.slice(MAX_SINGLE_ROWS)) {
    const group = rest.get(refusal.code);
    if (group) group.count++;
    else rest.set(refusal.code, { first: refusal, count: 1 });
  }
  for (const { first, count } of rest.values()) {
    rows.push(count === 1 ? first : { ...first, reason: `${first.reason} (and ${count - 1} more like it)` });
  }
  return rows;
}

/** PostgreSQL's text takes neither NUL nor half a surrogate pair, and a device may send both. */
export function storable(text: string): string {
  return text.replaceAll('\u0000', '').slice(0, MAX_TEXT).toWellFormed();
}

/** What became of the values and fixes of a message. */
export interface Tally {
  parts: number;
  stored: number;
  duplicates: number;
  refused: number;
}

export function tallyOf(entry: Entry): Tally {
  const { parts } = entry;
  let { duplicates, refusedParts: refused } = entry;
  // Nearly always: nothing of it was there already, nothing was refused by the database.
  if (entry.outcomes.size === 0) return { parts, stored: entry.items.length, duplicates, refused };
  let stored = 0;
  for (const item of entry.items) {
    const outcome = entry.outcomes.get(item) ?? 'stored';
    if (outcome === 'stored') stored++;
    else if (outcome === 'duplicate') duplicates++;
    else refused++;
  }
  return { parts, stored, duplicates, refused };
}

export function receiptOf(entry: Entry, { stored, duplicates }: Tally): IntakeReceipt {
  const quarantined = entry.quarantine.map(({ id, code, reason }) => ({ id: id ?? 0, code, reason }));
  return { stored, duplicates, quarantined };
}
