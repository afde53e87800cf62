import type { Announcement } from '../../core/ports.ts';
import type { PositionFix } from '../../core/reading.ts';
import { type Item, NO_EFFECTS } from '../pipeline/job.ts';
import { type Committed, commitRows, type Rows } from './batch.ts';
import type { Entry, QuarantineRow } from './entry.ts';
import { storable } from './entry.ts';
import { failureKind, isCollision, messageOf } from './failures.ts';
import { showOutage } from './outage.ts';
import { weekOf } from './partitions.ts';
import type { Activity } from './sql.ts';
import type { WriterOptions } from './writer.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;

/** How the batches in flight keep their order. */
export interface Turn {
  /** Resolves when the rows of the first attempt are in, or it failed. */
  rowsIn: Promise<void>;
  markRowsIn(): void;
  /** Outcome of the first attempt. */
  first: Promise<'committed' | 'failed'>;
  decide(outcome: 'committed' | 'failed'): void;
  /** Resolves when the batch is committed and settled. */
  done: Promise<void>;
  finish(): void;
  /** Nothing in this batch has an order to keep with the batch after it. */
  free: boolean;
}

export function newTurn(): Turn {
  const { promise: rowsIn, resolve: markRowsIn } = Promise.withResolvers<void>();
  const { promise: first, resolve: decide } = Promise.withResolvers<'committed' | 'failed'>();
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();
  return { rowsIn, markRowsIn, first, decide, done, finish, free: false };
}

export interface Stored {
  /** Rows that the database says it took. */
  rowsInDatabase: number;
  latest: Item[];
  moved: PositionFix[];
  announcements: Announcement[];
}

export interface Store {
  /** Resolves when every row is stored, found to be a duplicate, or quarantined. Retries for ever; never rejects. */
  write(entries: readonly Entry[], previous: Turn | undefined, turn: Turn): Promise<Stored>;
}

/** The batch before this one has to be tried again: this one rolls back and waits for it. */
class OutOfTurn extends Error {}

export function createStore(options: WriterOptions): Store {
  const { database, rules, partitions, clock, logger, light, ruleLight } = options;
  // The embedded database loses the protocol's thread when COPY data comes in more than one piece through its socket
  // (seen with pglite-socket 0.2.11: "protocol synchronization was lost").
  const copies = database.capabilities.kind !== 'embedded';

  const wait = (delayMs: number) => new Promise<void>((resolve) => clock.after(delayMs, resolve));

  const ensurePartitions = async (rows: Rows) => {
    const weeks = { value: new Set<number>(), position: new Set<number>() };
    let last = Number.NaN;
    let lastKind: string | undefined;
    for (const { row } of rows.items) {
      const week = weekOf(row.timeMs);
      if (week === last && row.kind === lastKind) continue;
      weeks[row.kind].add(week);
      last = week;
      lastKind = row.kind;
    }
    await partitions.ensure('observations', weeks.value);
    await partitions.ensure('positions', weeks.position);
  };

  /** One piece of a batch, until it is through. Only data that is refused comes back as an error. */
  const commitSurely = async (rows: Rows, mode: 'copy' | 'merge', order: Order): Promise<Committed> => {
    let use = mode;
    for (let attempt = 0; ; ) {
      await order.beforeAttempt();
      try {
        await ensurePartitions(rows);
        const committed = await commitRows(rows, {
          database,
          rules,
          mode: use,
          nowMs: clock.now(),
          turn: order.turn,
          inOnePiece: use === 'copy' && order.isFree(),
        });
        order.succeeded();
        light.clear();
        return committed;
      } catch (error) {
        order.failed();
        if (error instanceof OutOfTurn) continue;
        const kind = failureKind(error, use === 'copy');
        if (kind === 'refused') throw error;
        if (kind === 'duplicate') {
          use = 'merge';
          continue;
        }
        if (attempt++ > 0 || !isCollision(error)) showOutage(light, error);
        await wait(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)));
      }
    }
  };

  const showRuleFault = (reason: string) => {
    logger.error({ err: reason }, 'effects of a rule could not be written');
    ruleLight.fault('degraded', 'internal', {
      vi: `Không ghi được kết quả của quy tắc: ${reason}. Số liệu vẫn được lưu, cảnh báo có thể thiếu`,
      en: `What the rules decided could not be written: ${reason}. Readings are stored, alerts may be missing`,
    });
  };

  /** Halves what is refused until the offender stands alone. */
  const storeRows = async (
    rows: Rows,
    mode: 'copy' | 'merge',
    order: Order,
    into: Results,
  ): Promise<void> => {
    try {
      into.add(rows, await commitSurely(rows, mode, order));
    } catch (error) {
      const parts = split(rows);
      for (const part of parts) await storeRows(part, mode, order, into);
      if (parts.length === 0) await storeOffender(rows, error, order, into);
    }
  };

  const storeOffender = async (rows: Rows, error: unknown, order: Order, into: Results): Promise<void> => {
    const reason = messageOf(error);
    const [item] = rows.items;
    const [row] = rows.quarantine;
    if (item && item.effects.length > 0) {
      // Perhaps only what a rule made of it: the reading itself comes first.
      showRuleFault(reason);
      item.effects = NO_EFFECTS;
      await storeRows(rows, 'merge', order, into);
    } else if (item) {
      await storeRows({ ...EMPTY, quarantine: [into.refuse(item, reason)] }, 'merge', order, into);
    } else if (row && row.payload !== null) {
      logger.error({ err: reason }, 'a quarantined message could not be stored; its payload is left out');
      row.payload = null;
      row.reason = storable(`${row.code}, not storable as sent`).replace(/[^\x20-\x7e]/g, '?');
      await storeRows(rows, 'merge', order, into);
    } else {
      // Nothing is left that could be at fault in the data. Waiting is all that remains; nothing is acknowledged.
      showOutage(light, error);
      await wait(LONGEST_WAIT_MS);
      await storeRows(rows, 'merge', order, into);
    }
  };

  return {
    async write(entries, previous, turn) {
      const results = new Results(entries);
      const mode = !copies || entries.some((entry) => entry.mayRepeat) ? 'merge' : 'copy';
      turn.free = mode === 'copy' && isFree(results.rows);
      const order = createOrder(previous, turn);
      await storeRows(results.rows, mode, order, results);
      return results;
    },
  };
}

const EMPTY: Rows = { items: [], quarantine: [], activity: [] };

/** Halves; pieces without items first. Nothing when there is only one thing left. */
function split(rows: Rows): Rows[] {
  const { items, quarantine, activity } = rows;
  if (items.length > 0 && (quarantine.length > 0 || activity.length > 0)) {
    return [
      { ...EMPTY, quarantine, activity },
      { ...EMPTY, items },
    ];
  }
  if (quarantine.length > 0 && activity.length > 0) {
    return [
      { ...EMPTY, activity },
      { ...EMPTY, quarantine },
    ];
  }
  const halves = <T>(list: readonly T[]): [readonly T[], readonly T[]] => {
    const middle = list.length >> 1;
    return [list.slice(0, middle), list.slice(middle)];
  };
  if (items.length > 1) return halves(items).map((half) => ({ ...EMPTY, items: half }));
  if (quarantine.length > 1) return halves(quarantine).map((half) => ({ ...EMPTY, quarantine: half }));
  if (activity.length > 1) return halves(activity).map((half) => ({ ...EMPTY, activity: half }));
  return [];
}

interface Order {
  beforeAttempt(): Promise<void>;
  turn(): Promise<void>;
  /** No batch that is still on its way has to be waited for. */
  isFree(): boolean;
  succeeded(): void;
  failed(): void;
}

/**
 * Only rows newer than everything before them in their series, and no rule with anything to say: such a batch can
 * neither meet a key of the batch before it nor be committed too early, because latest values never go back.
 */
function isFree({ items }: Rows): boolean {
  return items.every(({ live, effects }) => live && effects.length === 0);
}

/**
 * Two free batches run side by side. Otherwise the first attempt of a batch may run beside the batch before it: its rows go in while that one commits (never
 * before that one's rows, or each could wait for a key of the other), and it waits its turn before anything that
 * has an order. After any failure a batch goes on alone, when the one before it is through.
 */
function createOrder(previous: Turn | undefined, turn: Turn): Order {
  let alone = previous === undefined;
  let free = turn.free && (previous === undefined || previous.free);
  return {
    async beforeAttempt() {
      if (!free) await (alone ? previous?.done : previous?.rowsIn);
    },
    // Alone, everything before it is through.
    isFree: () => free || alone,
    async turn() {
      turn.markRowsIn();
      if (!alone && (await previous?.first) === 'failed') throw new OutOfTurn();
    },
    succeeded() {
      turn.markRowsIn();
      turn.decide('committed');
    },
    failed() {
      alone = true;
      free = false;
      turn.markRowsIn();
      turn.decide('failed');
    },
  };
}

/** What became of a batch's rows, gathered over its pieces. */
class Results implements Stored {
  readonly rows: Rows;
  rowsInDatabase = 0;
  readonly latest: Item[] = [];
  readonly moved: PositionFix[] = [];
  readonly announcements: Announcement[] = [];
  readonly #entries: readonly Entry[];

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
    const items: Item[] = [];
    const quarantine: QuarantineRow[] = [];
    const activity = new Map<string, Activity>();
    for (const entry of entries) {
      for (const item of entry.items) items.push(item);
      for (const row of entry.quarantine) if (row.id === null) quarantine.push(row);
      if (entry.items.length > 0) noteActivity(activity, entry);
    }
    this.rows = { items, quarantine, activity: [...activity.values()] };
  }

  add(rows: Rows, committed: Committed): void {
    this.rowsInDatabase += committed.stored;
    if (committed.duplicates.size > 0) this.#noteDuplicates(committed.duplicates);
    for (const [index, row] of rows.quarantine.entries()) row.id = committed.quarantineIds[index] ?? null;
    this.latest.push(...committed.latest);
    this.moved.push(...committed.moved);
    this.announcements.push(...committed.announcements);
  }

  #noteDuplicates(duplicates: ReadonlySet<Item>): void {
    for (const { items, outcomes } of this.#entries) {
      for (const item of items) if (duplicates.has(item)) outcomes.set(item, 'duplicate');
    }
  }

  /** The quarantine row of an item that the database will not have. */
  refuse(item: Item, reason: string): QuarantineRow {
    const entry = this.#entries.find(({ items }) => items.includes(item));
    entry?.outcomes.set(item, 'refused');
    const { row } = item;
    const quantity = row.kind === 'value' ? row.quantity : 'position';
    const shown = row.kind === 'value' ? { [quantity]: row.value } : { position: [row.lon, row.lat] };
    const refused: QuarantineRow = {
      id: null,
      receivedAtMs: entry?.receivedAtMs ?? row.timeMs,
      source: entry?.message?.source ?? 'mqtt',
      deviceId: row.deviceId,
      topic: entry?.message?.topic ?? null,
      code: 'value.refused',
      reason: storable(`${JSON.stringify(shown)}: ${reason}`),
      payload: entry?.message?.payload ?? null,
      payloadBytes: entry?.message?.payload.length ?? 0,
    };
    entry?.quarantine.push(refused);
    return refused;
  }
}

function noteActivity(activity: Map<string, Activity>, entry: Entry): void {
  if (entry.deviceId === null) return;
  let observedAtMs = Number.NEGATIVE_INFINITY;
  for (const { row } of entry.items) observedAtMs = Math.max(observedAtMs, row.timeMs);
  const known = activity.get(entry.deviceId);
  if (!known) {
    activity.set(entry.deviceId, {
      deviceId: entry.deviceId,
      receivedAtMs: entry.receivedAtMs,
      observedAtMs,
    });
    return;
  }
  known.receivedAtMs = Math.max(known.receivedAtMs, entry.receivedAtMs);
  known.observedAtMs = Math.max(known.observedAtMs, observedAtMs);
}
