import { chatterIndex, floodMinutes, timeInAlarmS } from '../../core/alarm-figures.ts';
import type { DeviceRecord } from '../../core/ports.ts';
import type { Evaluable, LonLat } from '../../core/reading.ts';
import type { Bilingual } from '../../core/text.ts';
import { type Cell, createCells } from './cells.ts';
import type { CompiledRule } from './compile.ts';
import type { History } from './history.ts';
import type { KindItem } from './kind.ts';

/** An alarm that a rule would have raised. Times are event time, epoch ms. */
export interface WouldBe {
  subjectType: 'device' | 'unit' | 'group';
  subjectId: string;
  raisedAtMs: number;
  clearedAtMs: number | null;
  peak: number | null;
  position: LonLat | null;
  explanation: Bilingual;
}

export interface BacktestFigures {
  alarms: number;
  open: number;
  timeInAlarmS: number;
  /** Alarms per second between alarms of the same subject; from 0.05 on the rule chatters. */
  chatterIndex: number;
  floodMinutes: number;
  items: number;
  devices: number;
}

export interface Backtest extends BacktestFigures {
  list: WouldBe[];
}

/** More alarms than this are counted and not listed. */
const MOST_LISTED = 5000;

/**
 * What a rule would have done over a stretch of stored history: the very evaluator that runs live, fed with the items
 * in the order of their times. It begins without a memory, as a new version does.
 */
export async function runBacktest(
  history: History,
  rule: CompiledRule,
  devices: readonly DeviceRecord[],
  range: { fromMs: number; toMs: number },
): Promise<Backtest> {
  const covered = devices.filter((device) => rule.covers(device));
  const byId = new Map(covered.map((device) => [device.id, device]));
  const cells = createCells();
  const standing = new Map<string, WouldBe>();
  const all: WouldBe[] = [];
  let items = 0;

  const step = (cell: Cell, item: KindItem) => {
    for (const { state, signal } of rule.judge(cell.state, item)) {
      cell.state = state;
      if (!signal) continue;
      const key = `${cell.subjectType}\n${cell.subjectId}`;
      const open = standing.get(key);
      if (signal.kind === 'raise') {
        const alarm: WouldBe = {
          subjectType: cell.subjectType,
          subjectId: cell.subjectId,
          raisedAtMs: signal.timeMs,
          clearedAtMs: null,
          peak: signal.peak,
          position: signal.position ?? byId.get(cell.deviceId)?.position ?? null,
          explanation: signal.explanation,
        };
        standing.set(key, alarm);
        all.push(alarm);
      } else if (open) {
        open.peak = signal.peak ?? open.peak;
        if (signal.kind === 'clear') {
          open.clearedAtMs = signal.timeMs;
          standing.delete(key);
        }
      }
    }
  };
  /** Silence has no clock here: its deadlines are judged when something comes, and in the end. */
  const silence = (cell: Cell, upToMs: number) => {
    for (let turns = 0; turns < 1000 && cell.state; turns += 1) {
      const due = rule.kind.deadlineMs?.(cell.state, rule.prepared) ?? null;
      if (due === null || due > upToMs) return;
      step(cell, { kind: 'tick', timeMs: due, position: null, areaId: null });
    }
  };
  const feed = (item: Evaluable) => {
    const device = byId.get(item.deviceId);
    if (!device) return;
    items += 1;
    const cell = cells.of(rule, device);
    if (rule.kind.input !== 'arrivals') return step(cell, item);
    silence(cell, item.timeMs - 1);
    step(cell, {
      kind: 'arrival',
      timeMs: item.timeMs,
      heard: true,
      position: item.kind === 'value' ? item.position : [item.lon, item.lat],
      areaId: item.areaId,
    });
  };

  const what = { input: rule.kind.input, quantity: rule.quantity };
  // What belongs to one unit may come from several trackers, and a group from all: those are read together.
  const together = rule.subject === 'group';
  for (const some of together ? [covered] : bySubject(covered, rule)) {
    if (some.length === 0) continue;
    for await (const batch of history.read(some, what, range)) for (const item of batch) feed(item);
  }
  for (const cell of cells.all()) {
    if (rule.kind.input === 'arrivals') silence(cell, range.toMs - 1);
    else {
      const due = cell.state ? rule.deadlineMs(cell.state) : null;
      if (due !== null && due < range.toMs)
        step(cell, { kind: 'tick', timeMs: due, position: null, areaId: null });
    }
  }
  all.sort((a, b) => a.raisedAtMs - b.raisedAtMs || (a.subjectId < b.subjectId ? -1 : 1));
  const spans = all.map((alarm) => ({ key: `${alarm.subjectType}\n${alarm.subjectId}`, ...alarm }));
  return {
    list: all.slice(0, MOST_LISTED),
    alarms: all.length,
    open: standing.size,
    timeInAlarmS: timeInAlarmS(spans, range.fromMs, range.toMs),
    chatterIndex: chatterIndex(spans),
    floodMinutes: floodMinutes(
      all.map((alarm) => alarm.raisedAtMs),
      range.toMs,
    ),
    items,
    devices: covered.length,
  };
}

function bySubject(devices: readonly DeviceRecord[], rule: CompiledRule): DeviceRecord[][] {
  const groups = new Map<string, DeviceRecord[]>();
  for (const device of devices) {
    const key =
      rule.subject === 'unit' && device.unitId !== null ? `unit\n${device.unitId}` : `device\n${device.id}`;
    groups.set(key, [...(groups.get(key) ?? []), device]);
  }
  return [...groups.values()];
}

export interface Difference {
  same: number;
  /** Raised only by the new rule, and only by the one in force. */
  added: WouldBe[];
  removed: WouldBe[];
}

/** Two alarms about one subject are the same when they overlap in time; each is matched once, the earliest first. */
export function differenceOf(fresh: readonly WouldBe[], inForce: readonly WouldBe[]): Difference {
  const left = new Map<string, WouldBe[]>();
  const keyOf = (alarm: WouldBe) => `${alarm.subjectType}\n${alarm.subjectId}`;
  for (const alarm of inForce) left.set(keyOf(alarm), [...(left.get(keyOf(alarm)) ?? []), alarm]);
  const added: WouldBe[] = [];
  let same = 0;
  for (const alarm of fresh) {
    const candidates = left.get(keyOf(alarm)) ?? [];
    const match = candidates.findIndex(
      (other) =>
        other.raisedAtMs <= (alarm.clearedAtMs ?? Infinity) &&
        alarm.raisedAtMs <= (other.clearedAtMs ?? Infinity),
    );
    if (match < 0) added.push(alarm);
    else {
      candidates.splice(match, 1);
      same += 1;
    }
  }
  return { same, added, removed: [...left.values()].flat().sort((a, b) => a.raisedAtMs - b.raisedAtMs) };
}
