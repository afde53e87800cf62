import type { DeviceDirectory, DeviceRecord } from '../../core/ports.ts';
import type { CompiledRule } from './compile.ts';
import type { KindState } from './kind.ts';
import type { StateRow } from './sql.ts';

/** What one rule remembers about one subject. */
export interface Cell {
  rule: CompiledRule;
  readonly subjectType: 'device' | 'unit' | 'group';
  readonly subjectId: string;
  /** The device whose items it judges: where the subject is when nothing comes from it. */
  deviceId: string;
  state: KindState | undefined;
  /** When it was last told about an arrival. */
  arrivedMs: number;
}

/** Every cell of the process, by rule and subject. */
export interface Cells {
  /** The cell of a rule for a device or its unit; made at first sight. */
  of(rule: CompiledRule, device: DeviceRecord): Cell;
  restore(rule: CompiledRule, row: StateRow): void;
  /** Gives cells the rules that are in force now; takes out those whose version is not. */
  adopt(rule: (id: string) => CompiledRule | undefined): Cell[];
  /** Forgets a cell that has nothing to remember. */
  drop(cell: Cell): void;
  all(): Iterable<Cell>;
  /** Takes out cells whose device is gone, switched off, not the rule's any more, or now a unit's. */
  takeUnwatched(devices: DeviceDirectory): Cell[];
}

const keyOf = (ruleId: string, subjectType: string, subjectId: string) =>
  `${ruleId}\n${subjectType}\n${subjectId}`;

function isAboutUnit(rule: CompiledRule, device: DeviceRecord | undefined): boolean {
  return rule.subject === 'unit' && device != null && device.unitId !== null;
}

function subjectOf(rule: CompiledRule, device: DeviceRecord): ['device' | 'unit' | 'group', string] {
  if (rule.subject === 'group') return ['group', rule.info.id];
  return isAboutUnit(rule, device) ? ['unit', device.unitId ?? device.id] : ['device', device.id];
}

export function createCells(): Cells {
  const cells = new Map<string, Cell>();
  return {
    of(rule, device) {
      const [subjectType, subjectId] = subjectOf(rule, device);
      const key = keyOf(rule.info.id, subjectType, subjectId);
      let cell = cells.get(key);
      if (!cell) {
        cell = { rule, subjectType, subjectId, deviceId: device.id, state: undefined, arrivedMs: 0 };
        cells.set(key, cell);
      }
      cell.deviceId = device.id;
      return cell;
    },

    restore(rule, row) {
      // A rule's group and its single devices are never both its subjects.
      if (row.subject_type === 'camera' || (row.subject_type === 'group') !== (rule.subject === 'group'))
        return;
      cells.set(keyOf(row.rule_id, row.subject_type, row.subject_id), {
        rule,
        subjectType: row.subject_type,
        subjectId: row.subject_id,
        deviceId: row.subject_id,
        state: row.state,
        arrivedMs: 0,
      });
    },

    drop: (cell) => cells.delete(keyOf(cell.rule.info.id, cell.subjectType, cell.subjectId)),
    all: () => cells.values(),

    adopt(ruleOf) {
      const gone: Cell[] = [];
      for (const [key, cell] of cells) {
        const rule = ruleOf(cell.rule.info.id);
        // Out of the shadow it begins anew, as the database does.
        if (rule?.info.version === cell.rule.info.version && rule.shadow === cell.rule.shadow) {
          cell.rule = rule;
          continue;
        }
        cells.delete(key);
        gone.push(cell);
      }
      return gone;
    },

    takeUnwatched(devices) {
      const trackers = new Map<string, DeviceRecord>();
      for (const device of devices.all()) if (device.unitId !== null) trackers.set(device.unitId, device);
      const gone: Cell[] = [];
      for (const [key, cell] of cells) {
        if (cell.subjectType === 'group') continue;
        const device =
          cell.subjectType === 'unit' ? trackers.get(cell.subjectId) : devices.byId(cell.subjectId);
        const takenOver = cell.subjectType === 'device' && isAboutUnit(cell.rule, device);
        if (device && cell.rule.covers(device) && !takenOver) continue;
        cells.delete(key);
        gone.push(cell);
      }
      return gone;
    },
  };
}
