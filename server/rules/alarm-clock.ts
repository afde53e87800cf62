import type { Clock } from '../../core/clock.ts';
import type { Cell } from './cells.ts';
import type { Tick } from './kind.ts';
import { createWheel } from './wheel.ts';

const SLOT_MS = 1000;

/**
 * Deadlines in event time: when nothing comes, event time runs on from the last item as fast as our clock. What
 * comes fires the deadlines before it by itself, so a replay at any speed gives the same alarms.
 */
export interface AlarmClock {
  /** A cell was judged by an item that came just now. */
  judged(cell: Cell): void;
  forget(cell: Cell): void;
  start(): void;
  stop(): void;
}

export function createAlarmClock(deps: {
  clock: Clock;
  /** A clock that never steps. */
  now: () => number;
  step: (cell: Cell, tick: Tick) => void;
  done: () => void;
}): AlarmClock {
  const { clock, now, step } = deps;
  /** Cells that wait, with the deadline they wait for. */
  const waiting = new Map<Cell, number>();

  const arm = (cell: Cell) => {
    const due = cell.state ? cell.rule.deadlineMs(cell.state) : null;
    if (due === null || !cell.state) {
      if (waiting.delete(cell)) wheel.disarm(cell);
      return;
    }
    waiting.set(cell, due);
    wheel.arm(cell, now() + Math.max(0, due - cell.state.t));
  };

  const wheel = createWheel<Cell>({
    clock,
    now,
    slotMs: SLOT_MS,
    due(cells) {
      for (const cell of cells) {
        const due = waiting.get(cell);
        waiting.delete(cell);
        if (due === undefined || !cell.state || cell.rule.deadlineMs(cell.state) !== due) continue;
        step(cell, { kind: 'tick', timeMs: due, position: null, areaId: null });
        arm(cell);
      }
      deps.done();
    },
  });

  return {
    judged: arm,
    forget(cell) {
      if (waiting.delete(cell)) wheel.disarm(cell);
    },
    start: () => wheel.start(),
    stop: () => wheel.stop(),
  };
}
