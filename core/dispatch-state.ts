/** The way of one dispatch, and what the unit's own status is meanwhile. */
import type { DispatchState, UnitStatus } from './api/dispatch.ts';
import { AppError } from './errors.ts';

const NEXT: Readonly<Record<DispatchState, readonly DispatchState[]>> = {
  assigned: ['accepted', 'refused', 'cancelled'],
  accepted: ['en_route', 'cancelled'],
  en_route: ['on_scene', 'cancelled'],
  on_scene: ['done', 'cancelled'],
  done: [],
  refused: [],
  cancelled: [],
};

/** Status of a unit whose dispatch is in this state; when it is over the unit is free again. */
const UNIT_STATUS: Readonly<Record<DispatchState, UnitStatus>> = {
  assigned: 'assigned',
  accepted: 'assigned',
  en_route: 'en_route',
  on_scene: 'on_scene',
  done: 'available',
  refused: 'available',
  cancelled: 'available',
};

/** States a dispatch may go to from here; none = it is over. */
export function nextDispatchStates(from: DispatchState): readonly DispatchState[] {
  return NEXT[from];
}

/** Whether the unit is still bound by the dispatch. */
export function isActiveDispatch(state: DispatchState): boolean {
  return NEXT[state].length > 0;
}

export function unitStatusDuring(state: DispatchState): UnitStatus {
  return UNIT_STATUS[state];
}

/** Throws `dispatch.illegal_transition` unless `to` may follow `from`. */
export function checkDispatchTransition(from: DispatchState, to: DispatchState): void {
  if (NEXT[from].includes(to)) return;
  throw new AppError('dispatch.illegal_transition', {
    detail: `${from} cannot become ${to}`,
    data: { from, to, allowed: NEXT[from] },
  });
}
