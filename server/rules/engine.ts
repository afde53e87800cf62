import type { Clock } from '../../core/clock.ts';
import { type DataClass, strictest } from '../../core/permissions.ts';
import type {
  Bus,
  Database,
  DeviceDirectory,
  DeviceRecord,
  Effect,
  Health,
  Logger,
  RuleEngine,
} from '../../core/ports.ts';
import { type Evaluable, POSITION_SERIES } from '../../core/reading.ts';
import type { Alerts } from '../alerts/index.ts';
import { createAlarmClock } from './alarm-clock.ts';
import { type Cell, createCells } from './cells.ts';
import { type CompiledRule, kindTools, type RuleAreas } from './compile.ts';
import type { KindItem, KindTools } from './kind.ts';
import type { RuleKinds } from './kind-registry.ts';
import { createOutbox } from './outbox.ts';
import { persistEffects } from './persist.ts';
import { createRuleBook } from './rule-book.ts';
import { createSilence } from './silence.ts';
import * as q from './sql.ts';
import { createWays } from './ways.ts';

export interface LiveEngine extends RuleEngine {
  /** The device directory must be complete by now: what it does not know is no longer watched. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when the next item meets the rules as they were when this was asked. */
  ready(): Promise<void>;
  readonly tools: KindTools;
  /** Resolves when what the engine does by itself is stored and announced. */
  settled(): Promise<void>;
}

/** Changes of the registry come in crowds; the rules look at them together. */
const GATHER_MS = 100;
const RETRY_MS = 2000;
const OWNER = 'rules.engine';

/** What one rule may cost. Every so many-th step is looked at: a rule that is always too much is found at once. */
const LOOK_EVERY = 64;
const MOST_STEP_MS = 500;
const MOST_STATE_CHARS = 1_000_000;

const NOT_WATCHED = {
  vi: 'Không còn được theo dõi theo quy tắc này',
  en: 'No longer watched by this rule',
};

/**
 * Keeps every rule's state in memory and judges each item as it passes, in event time; silence is judged on a clock
 * that never steps. States and alerts go to the database with the batch that caused them, so after a crash the
 * evaluator goes on from exactly what is stored.
 */
export function createEngine(deps: {
  database: Database;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  health: Health;
  devices: DeviceDirectory;
  areas: RuleAreas;
  alerts: Pick<Alerts, 'apply' | 'lock'>;
  kinds: RuleKinds;
  timeZone: string;
}): LiveEngine {
  const { database, bus, clock, logger, devices, alerts } = deps;
  const tools = kindTools(deps.areas, deps.timeZone);
  const book = createRuleBook({ ...deps, tools });
  const cells = createCells();
  const outbox = createOutbox(deps);
  /** Cells that look at a series; found when its first item comes, forgotten when anything changes. */
  let bySeries = new Map<number, { device: DeviceRecord; cells: readonly Cell[] }>();
  /** Time of the newest item of every series: what is not newer is late and raises nothing. */
  const newest = new Map<number, number>();
  /** What the steps since the last look left to be stored. */
  let effects: Effect[] = [];
  let running = false;
  let gathering: (() => void) | undefined;
  let retry: (() => void) | undefined;
  let reloads: Promise<void> = Promise.resolve();

  let steps = 0;
  const step = (cell: Cell, item: KindItem) => {
    const { rule } = cell;
    if (book.isPaused(rule)) return;
    steps += 1;
    const looked = steps % LOOK_EVERY === 0;
    const startedMs = looked ? clock.monotonic() : 0;
    let verdicts: ReturnType<typeof rule.judge>;
    try {
      verdicts = rule.judge(cell.state, item);
      if (looked) checkCost(clock.monotonic() - startedMs, verdicts.at(-1)?.state);
    } catch (error) {
      // One faulty rule must cost neither the reading nor the other rules.
      book.fault(rule, cell.subjectId, error);
      return;
    }
    for (const { state, durable, signal } of verdicts) {
      cell.state = state;
      if (!durable) continue;
      effects.push({
        ruleId: rule.info.id,
        ruleVersion: rule.info.version,
        subjectType: cell.subjectType,
        subjectId: cell.subjectId,
        state,
        signal: signal && cell.subjectType === 'group' ? { ...signal, class: groupClass(rule) } : signal,
      });
    }
    if (verdicts.length > 0) alarmClock.judged(cell);
  };

  /** What is said of a group is said of all its devices. */
  const classes = new Map<CompiledRule, DataClass>();
  const groupClass = (rule: CompiledRule): DataClass => {
    let found = classes.get(rule);
    if (found === undefined) {
      found = 'public';
      for (const device of devices.all()) if (rule.covers(device)) found = strictest(found, device.class);
      classes.set(rule, found);
    }
    return found;
  };

  const takeEffects = () => {
    const taken = effects;
    if (taken.length > 0) effects = [];
    return taken;
  };
  const storeEffects = () => {
    const taken = takeEffects();
    if (taken.length > 0) outbox.put((tx) => persistEffects(tx, taken, alerts));
  };

  const silence = createSilence({ database, clock, devices, cells, step, judged: storeEffects });
  const alarmClock = createAlarmClock({ clock, now: silence.now, step, done: storeEffects });
  const ways = createWays({ cells, index: book.index, now: () => clock.now(), step });

  const cellsOf = (item: Evaluable): readonly Cell[] => {
    const known = bySeries.get(item.seriesId);
    const device = devices.byId(item.deviceId);
    if (!device) return [];
    if (known?.device === device) return known.cells;
    // Another unit, area or owner since: what was judged by the old record may have to end.
    if (known) reloadSoon();
    const [input, quantity] =
      item.kind === 'value' ? (['values', item.quantity] as const) : (['positions', null] as const);
    const found = book
      .index()
      .candidates(input, item.deviceId, quantity)
      .filter((rule) => rule.covers(device))
      .map((rule) => cells.of(rule, device));
    bySeries.set(item.seriesId, { device, cells: found });
    return found;
  };

  /** Who is judged by what, anew; states stay with their rule version and subject. */
  const rewire = () => {
    bySeries = new Map();
    classes.clear();
    const forget = (cell: Cell) => {
      silence.forget(cell);
      alarmClock.forget(cell);
    };
    for (const cell of cells.adopt(book.get)) forget(cell);
    const unwatched = cells.takeUnwatched(devices).filter((cell) => cell.state !== undefined);
    for (const cell of unwatched) forget(cell);
    ways.rewire(devices);
    if (unwatched.length > 0) end(unwatched);
    silence.rewire(book.index().arrivals);
  };

  /** An alert about something that is not watched any more would stand for ever. */
  const end = (ended: readonly Cell[]) => {
    const keys = ended.map((cell) => ({
      rule_id: cell.rule.info.id,
      subject_type: cell.subjectType,
      subject_id: cell.subjectId,
    }));
    const signals = ended
      .filter((cell) => cell.state?.raised)
      .map((cell) => ({
        rule: cell.rule.info,
        subjectType: cell.subjectType,
        subjectId: cell.subjectId,
        signal: {
          kind: 'clear' as const,
          timeMs: Math.max(silence.now(), cell.state?.t ?? 0),
          position: null,
          areaId: null,
          evidence: {},
          explanation: NOT_WATCHED,
          peak: null,
        },
      }));
    outbox.put(async (tx) => {
      await tx.query(q.deleteStates(keys));
      return await alerts.apply(tx, signals);
    });
  };

  const reloadSoon = () => {
    gathering ??= clock.after(GATHER_MS, () => {
      gathering = undefined;
      reload();
    });
  };

  const reload = () => {
    // One after the other: whoever waits sees a reading that began after the change.
    reloads = reloads.then(async () => {
      if (!running) return;
      try {
        await book.read();
        await silence.refresh(book.index().arrivals);
        rewire();
      } catch (error) {
        logger.error({ err: String(error) }, 'rules could not be read, the old ones go on');
        if (running)
          retry ??= clock.after(RETRY_MS, () => {
            retry = undefined;
            reload();
          });
      }
    });
  };

  return {
    tools,
    ready: () => reloads,
    persist: (tx, given) => persistEffects(tx, given, alerts),

    evaluate(item) {
      if (!running) return [];
      silence.arrived(item);
      const last = newest.get(item.seriesId);
      if (last === undefined || item.timeMs > last) {
        newest.set(item.seriesId, item.timeMs);
        for (const cell of cellsOf(item)) step(cell, item);
        const device = item.kind === 'position' ? devices.byId(item.deviceId) : undefined;
        if (item.kind === 'position' && device) {
          for (const cell of ways.cellsOf(item, device)) step(cell, item);
          ways.passed(item);
        }
      } else if (item.timeMs > last - book.index().latenessMs) {
        // Late, but some rules wait for such.
        for (const cell of cellsOf(item)) if (cell.rule.latenessMs > 0) step(cell, item);
      }
      return takeEffects();
    },

    async start() {
      const rows = await database.query<q.NewestRow>(q.newestRows());
      for (const row of rows) newest.set(row.series_id, row.time.getTime());
      await book.read();
      await silence.refresh(book.index().arrivals);
      for (const row of await database.query<q.StateRow>(q.statesInForce())) {
        const rule = book.get(row.rule_id);
        if (rule) cells.restore(rule, row);
      }
      for (const row of rows) {
        const item = itemOf(row);
        if (item?.kind === 'position') ways.restore(item, row.received_at.getTime());
      }
      running = true;
      rewire();
      // What a group remembers of its members follows from their newest items, so it was not stored.
      for (const row of rows) {
        const item = itemOf(row);
        const device = devices.byId(row.device_id);
        if (!item || !device) continue;
        const placed =
          item.kind === 'value' ? { ...item, position: device.position, areaId: device.areaId } : item;
        for (const cell of cellsOf(item)) if (cell.subjectType === 'group') step(cell, placed);
      }
      for (const cell of cells.all()) alarmClock.judged(cell);
      storeEffects();
      silence.start();
      alarmClock.start();
      bus.on(OWNER, 'registry.changed', ({ kind }) => {
        if (kind === 'rule') reload();
        // Rules hold the borders of areas too, so they are read again whatever changed.
        else if (kind !== 'camera' && kind !== 'user') reloadSoon();
      });
    },

    async stop() {
      bus.off(OWNER);
      gathering?.();
      retry?.();
      silence.stop();
      alarmClock.stop();
      running = false;
      await reloads;
      await outbox.stop();
    },

    async settled() {
      await reloads;
      await outbox.idle();
    },
  };
}

function checkCost(tookMs: number, state: unknown): void {
  if (tookMs > MOST_STEP_MS) throw new Error(`one step took ${Math.round(tookMs)} ms`);
  const chars = JSON.stringify(state ?? null).length;
  if (chars > MOST_STATE_CHARS) throw new Error(`its memory has grown to ${chars} characters`);
}

/** A stored newest row as the item that it was. */
function itemOf(row: q.NewestRow): Evaluable | undefined {
  const of = { deviceId: row.device_id, seriesId: row.series_id, timeMs: row.time.getTime() };
  if (row.quantity === POSITION_SERIES.quantity) {
    if (row.lon === null || row.lat === null) return undefined;
    return {
      ...of,
      kind: 'position',
      lon: row.lon,
      lat: row.lat,
      speedKmh: row.speed_kmh,
      headingDeg: row.heading_deg,
      accuracyM: row.accuracy_m,
      areaId: row.area_id,
      unitId: null,
    };
  }
  if (row.value === null) return undefined;
  return {
    ...of,
    kind: 'value',
    quantity: row.quantity,
    value: row.value,
    quality: row.quality ?? 0,
    areaId: null,
    position: null,
  };
}
