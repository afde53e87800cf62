import type { DeviceDirectory, DeviceRecord } from '../../core/ports.ts';
import type { CompiledRule } from './compile.ts';
import type { KindState } from './kind.ts';
import type { StateRow } from './sql.ts';

/** What one rule remembers about one subject. */
export interface Cell {
  rule: CompiledRule;
  readonly subjectType: 'device' | 'unit';
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
  /** Takes out cells whose device is gone, switched off, not the rule's any more, or now a unit's. */
  takeUnwatched(devices: DeviceDirectory): Cell[];
}

const keyOf = (ruleId: string, subjectType: string, subjectId: string) =>
  `${ruleId}\n${subjectType}\n${subjectId}`;

function isAboutUnit(rule: CompiledRule, device: DeviceRecord | undefined): boolean {
  return rule.kind.subject === 'unit' && device != null && device.unitId !== null;
}

export function createCells(): Cells {
  const cells = new Map<string, Cell>();
  return {
    of(rule, device) {
      const aboutUnit = isAboutUnit(rule, device);
      const subjectType = aboutUnit ? 'unit' : 'device';
      const subjectId = aboutUnit ? (device.unitId ?? device.id) : device.id;
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
      if (row.subject_type === 'camera') return;
      cells.set(keyOf(row.rule_id, row.subject_type, row.subject_id), {
        rule,
        subjectType: row.subject_type,
        subjectId: row.subject_id,
        deviceId: row.subject_id,
        state: row.state,
        arrivedMs: 0,
      });
    },

    adopt(ruleOf) {
      const gone: Cell[] = [];
      for (const [key, cell] of cells) {
        const rule = ruleOf(cell.rule.info.id);
        if (rule?.info.version === cell.rule.info.version) {
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
