import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DISPATCH_STATES, type DispatchState } from './api/dispatch.ts';
import {
  checkDispatchTransition,
  isActiveDispatch,
  nextDispatchStates,
  unitStatusDuring,
} from './dispatch-state.ts';
import { isAppError } from './errors.ts';

const WAY: readonly DispatchState[] = ['assigned', 'accepted', 'en_route', 'on_scene', 'done'];

/** The rules as the regulation tells them, not as the table does. */
function mayFollow(from: DispatchState, to: DispatchState): boolean {
  const step = WAY.indexOf(from);
  if (step < 0 || from === 'done') return false;
  if (to === 'cancelled') return true;
  if (to === 'refused') return from === 'assigned';
  return WAY[step + 1] === to;
}

describe('the dispatch state machine', () => {
  it('lets exactly the steps through that the rules name', () => {
    for (const from of DISPATCH_STATES) {
      for (const to of DISPATCH_STATES) {
        if (mayFollow(from, to)) {
          expect(() => checkDispatchTransition(from, to)).not.toThrow();
          continue;
        }
        let error: unknown;
        try {
          checkDispatchTransition(from, to);
        } catch (thrown) {
          error = thrown;
        }
        expect(isAppError(error, 'dispatch.illegal_transition'), `${from} → ${to}`).toBe(true);
      }
    }
  });

  it('ends after at most four steps, and the unit is free exactly when it has ended', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 5, maxLength: 5 }), (choices) => {
        let state: DispatchState = 'assigned';
        let steps = 0;
        for (const choice of choices) {
          expect(unitStatusDuring(state) !== 'available').toBe(isActiveDispatch(state));
          const options = nextDispatchStates(state);
          const next = options[choice % Math.max(1, options.length)];
          if (next === undefined) break;
          state = next;
          steps += 1;
        }
        expect(steps).toBeLessThanOrEqual(4);
        expect(isActiveDispatch(state)).toBe(false);
      }),
    );
  });
});
