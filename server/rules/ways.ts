import type { DeviceDirectory, DeviceRecord } from '../../core/ports.ts';
import type { Bbox, PositionFix } from '../../core/reading.ts';
import { ASSUMED_ACCURACY_M, bboxAround } from '../../gis/index.ts';
import type { Cell, Cells } from './cells.ts';
import type { CompiledRule, RuleIndex } from './compile.ts';

/**
 * Which rules with a place have to look at a fix: those whose box the way from the last fix touches, and those that
 * remember something about the mover. Of 23 000 fences a fix meets two or three.
 */
export interface Ways {
  /** Cells for this fix. A new one is shown the fix before, if the rule was there to see it. */
  cellsOf(item: PositionFix, device: DeviceRecord): Iterable<Cell>;
  /** After all cells were judged: forgets those that the mover has left behind. */
  passed(item: PositionFix): void;
  /** The last fix before the start. */
  restore(item: PositionFix, arrivedMs: number): void;
  /** Rules or devices have changed. */
  rewire(devices: DeviceDirectory): void;
}

interface Mover {
  last: PositionFix;
  arrivedMs: number;
  /** Cells with a memory, by rule. */
  cells: Map<string, Cell>;
}

export function createWays(deps: {
  cells: Cells;
  index: () => RuleIndex;
  now: () => number;
  step: (cell: Cell, item: PositionFix) => void;
}): Ways {
  const { cells, index, now, step } = deps;
  const movers = new Map<number, Mover>();
  const byDevice = new Map<string, Mover>();

  const pathBox = (from: PositionFix | undefined, to: PositionFix): Bbox => {
    const box = bboxAround([to.lon, to.lat], to.accuracyM ?? ASSUMED_ACCURACY_M);
    if (!from) return box;
    return [
      Math.min(box[0], from.lon),
      Math.min(box[1], from.lat),
      Math.max(box[2], from.lon),
      Math.max(box[3], from.lat),
    ];
  };

  const isBusy = ({ state }: Cell) =>
    state !== undefined && (state.raised || (state as { since?: number | null }).since != null);

  return {
    *cellsOf(item, device) {
      const mover = movers.get(item.seriesId);
      const seen = mover?.cells;
      const touched = index().near(pathBox(mover?.last, item));
      for (const rule of touched) {
        if (seen?.has(rule.info.id) || !maySee(rule, device)) continue;
        const cell = cells.of(rule, device);
        // A fence that was there already saw the mover outside; one that is new must first find out.
        if (!cell.state && mover && mover.arrivedMs >= rule.sinceMs) step(cell, mover.last);
        if (mover) mover.cells.set(rule.info.id, cell);
        else yield cell;
      }
      if (!mover) {
        const first: Mover = { last: item, arrivedMs: now(), cells: new Map() };
        for (const rule of touched)
          if (maySee(rule, device)) first.cells.set(rule.info.id, cells.of(rule, device));
        movers.set(item.seriesId, first);
        byDevice.set(item.deviceId, first);
        return;
      }
      yield* [...mover.cells.values()];
    },

    passed(item) {
      const mover = movers.get(item.seriesId);
      if (!mover) return;
      mover.last = item;
      mover.arrivedMs = now();
      const here = bboxAround([item.lon, item.lat], item.accuracyM ?? ASSUMED_ACCURACY_M);
      for (const [ruleId, cell] of mover.cells) {
        const { box } = cell.rule;
        if (isBusy(cell) || !box || touches(box, here)) continue;
        mover.cells.delete(ruleId);
        cells.drop(cell);
      }
    },

    restore(item, arrivedMs) {
      const mover: Mover = { last: item, arrivedMs, cells: new Map() };
      movers.set(item.seriesId, mover);
      byDevice.set(item.deviceId, mover);
    },

    rewire(devices) {
      for (const mover of movers.values()) mover.cells.clear();
      const trackers = new Map<string, DeviceRecord>();
      for (const device of devices.all()) if (device.unitId !== null) trackers.set(device.unitId, device);
      for (const cell of cells.all()) {
        if (!cell.rule.box || cell.state === undefined) continue;
        const device =
          cell.subjectType === 'unit' ? trackers.get(cell.subjectId) : devices.byId(cell.subjectId);
        const mover = device && byDevice.get(device.id);
        if (!mover) continue;
        const here = bboxAround([mover.last.lon, mover.last.lat], mover.last.accuracyM ?? ASSUMED_ACCURACY_M);
        if (isBusy(cell) || touches(cell.rule.box, here)) mover.cells.set(cell.rule.info.id, cell);
      }
    },
  };
}

function maySee(rule: CompiledRule, device: DeviceRecord): boolean {
  return (rule.devices === null || rule.devices.includes(device.id)) && rule.covers(device);
}

function touches(a: Bbox, b: Bbox): boolean {
  return a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];
}
