import type { Clock } from '../../core/clock.ts';
import type { Database, DeviceDirectory } from '../../core/ports.ts';
import type { Evaluable, LonLat } from '../../core/reading.ts';
import type { Cell, Cells } from './cells.ts';
import type { CompiledRule } from './compile.ts';
import type { KindItem } from './kind.ts';
import * as q from './sql.ts';
import { createWheel } from './wheel.ts';

/** Silence is judged no finer than this. */
const SLOT_MS = 1000;
/** After our own start every device gets this long to come back before it counts as silent. */
const RECONNECT_MS = 30_000;

interface LastArrival {
  timeMs: number;
  heard: boolean;
}

/** Tells rules about arrivals, and about deadlines at which nothing had arrived. */
export interface Silence {
  /** Reads when things last came, if a rule is among these that has not listened yet. */
  refresh(rules: readonly CompiledRule[]): Promise<void>;
  /** Finds out anew which rules listen to which devices. */
  rewire(rules: readonly CompiledRule[]): void;
  arrived(item: Evaluable): void;
  forget(cell: Cell): void;
  start(): void;
  stop(): void;
  /** Our clock: begins at the wall's time and never steps. */
  now(): number;
}

export function createSilence(deps: {
  database: Database;
  clock: Clock;
  devices: DeviceDirectory;
  cells: Cells;
  /** Judges one item by one cell. */
  step: (cell: Cell, item: KindItem) => void;
  /** After all cells of one deadline were judged. */
  judged: () => void;
}): Silence {
  const { database, clock, devices, cells, step } = deps;
  const startedMs = clock.now();
  const startedMono = clock.monotonic();
  const now = () => startedMs + (clock.monotonic() - startedMono);

  let listeners = new Map<string, Cell[]>();
  /** Versions of rules that listen already; a new one must know what came before it. */
  let listening = new Set<string>();
  /** When something last came as far as the database knew, by device and by device and quantity. */
  const before = new Map<string, LastArrival>();
  /** How long the centre itself was deaf before its start; undefined = not asked yet. */
  let deafMs: number | undefined;

  /** When a cell is to be looked at; arrivals only move its state, so this is asked again each time. */
  const dueAt = (cell: Cell): number => {
    const deadline = cell.state && cell.rule.kind.deadlineMs?.(cell.state, cell.rule.prepared);
    if (cell.state === undefined || deadline == null) return Number.POSITIVE_INFINITY;
    // While we were not there nobody could be heard: that time is not the device's silence.
    return cell.state.t >= startedMs
      ? deadline
      : Math.max(deadline + (deafMs ?? 0), startedMs + RECONNECT_MS);
  };

  const wheel = createWheel<Cell>({
    clock,
    now,
    slotMs: SLOT_MS,
    due(due) {
      for (const cell of due) {
        const device = devices.byId(cell.deviceId);
        // What was switched off or taken away since is silent on purpose.
        if (!device || !cell.rule.covers(device)) continue;
        if (dueAt(cell) <= now()) {
          step(cell, { kind: 'tick', timeMs: now(), position: device.position, areaId: device.areaId });
        }
        arm(cell);
      }
      deps.judged();
    },
  });

  const arm = (cell: Cell) => {
    const at = dueAt(cell);
    if (Number.isFinite(at)) wheel.arm(cell, at);
    else wheel.disarm(cell);
  };

  /** A device that is new to us is silent from now on, a quantity only once it has come or the rule names its device. */
  const lastArrival = (deviceId: string, rule: CompiledRule): LastArrival | undefined => {
    const ofDevice = before.get(deviceId) ?? { timeMs: now(), heard: false };
    if (rule.quantity === null) return ofDevice;
    const known = before.get(`${deviceId}\n${rule.quantity}`);
    return known ?? (rule.devices === null ? undefined : { ...ofDevice, heard: false });
  };

  return {
    now,
    forget: (cell) => wheel.disarm(cell),
    start: () => wheel.start(),
    stop: () => wheel.stop(),

    async refresh(rules) {
      const versions = new Set(rules.map(({ info }) => `${info.id}:${info.version}`));
      const isNew = [...versions].some((version) => !listening.has(version));
      listening = versions;
      if (!isNew) return;
      for (const row of await database.query<q.ActivityRow>(q.lastArrivals())) {
        before.set(row.device_id, { timeMs: row.last_at.getTime(), heard: row.heard });
      }
      for (const row of await database.query<q.QuantityArrivalRow>(q.lastArrivalsOfQuantities())) {
        before.set(`${row.device_id}\n${row.quantity}`, { timeMs: row.received_at.getTime(), heard: true });
      }
      if (deafMs !== undefined) return;
      const [heard] = await database.query<{ last_at: Date | null }>(q.lastArrivalAtAll());
      deafMs = Math.max(0, startedMs - (heard?.last_at?.getTime() ?? startedMs));
    },

    rewire(rules) {
      listeners = new Map();
      for (const rule of rules) {
        const named = rule.devices?.flatMap((id) => devices.byId(id) ?? []);
        for (const device of named ?? devices.all()) {
          if (!rule.covers(device)) continue;
          const cell = cells.of(rule, device);
          const list = listeners.get(device.id);
          if (list) list.push(cell);
          else listeners.set(device.id, [cell]);
          const last = lastArrival(device.id, rule);
          // What is remembered from before the start is older than any state of this run.
          if (last && (!cell.state || (last.timeMs < startedMs && last.timeMs > cell.state.t))) {
            step(cell, { kind: 'arrival', ...last, position: device.position, areaId: device.areaId });
          }
          arm(cell);
        }
      }
      deps.judged();
    },

    arrived(item) {
      const asked = listeners.get(item.deviceId);
      if (!asked) return;
      const timeMs = now();
      for (const cell of asked) {
        const { quantity } = cell.rule;
        if (quantity !== null && (item.kind !== 'value' || item.quantity !== quantity)) continue;
        const asleep = !cell.state || cell.state.raised;
        // A burst within one slot of the wheel says no more than its first message.
        if (!asleep && timeMs - cell.arrivedMs < SLOT_MS) continue;
        cell.arrivedMs = timeMs;
        step(cell, { kind: 'arrival', timeMs, heard: true, ...placeOf(item) });
        // A cell that waits for its deadline is armed already and finds out about this arrival there.
        if (asleep) arm(cell);
      }
    },
  };
}

function placeOf(item: Evaluable): { position: LonLat | null; areaId: string | null } {
  return {
    position: item.kind === 'position' ? [item.lon, item.lat] : item.position,
    areaId: item.areaId,
  };
}
