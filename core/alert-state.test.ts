import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlertEventKind, type AlertStatus, nextAlertStatus } from './alert-state.ts';
import { ALERT_EVENT_KINDS } from './api/alerts.ts';
import { isAppError } from './errors.ts';

/** The same rules told another way: three facts that never go back, instead of a table of states. */
interface Model {
  raised: boolean;
  ended: boolean;
  seen: boolean;
  resolved: boolean;
  held: 'shelved' | 'suppressed' | 'out_of_service' | null;
}

const BEGINS = { shelved: 'shelved', suppressed: 'suppressed', taken_out: 'out_of_service' } as const;
const ENDS = { unshelved: 'shelved', released: 'suppressed', put_back: 'out_of_service' } as const;

function modelAllows(model: Model, kind: AlertEventKind): boolean {
  const open = model.raised && !model.resolved && !(model.ended && model.seen);
  if (kind === 'raised') return !model.raised || (open && !model.ended);
  if (!model.raised) return false;
  if (kind === 'updated' || kind === 'cleared') return open && !model.ended;
  if (kind === 'acknowledged') return open && !model.seen;
  if (kind === 'resolved') return open;
  if (kind in BEGINS) return open && model.held === null;
  if (kind in ENDS) return open && model.held === ENDS[kind as keyof typeof ENDS];
  return true;
}

function modelApply(model: Model, kind: AlertEventKind): void {
  if (kind === 'raised') model.raised = true;
  if (kind === 'cleared') model.ended = true;
  if (kind === 'acknowledged') model.seen = true;
  if (kind === 'resolved') model.resolved = true;
  if (kind in BEGINS) model.held = BEGINS[kind as keyof typeof BEGINS];
  if (kind in ENDS) model.held = null;
}

function modelStatus(model: Model): AlertStatus {
  if (model.resolved || (model.ended && model.seen)) return { state: 'closed', active: false };
  const held = model.held === null ? {} : { hold: model.held };
  if (model.ended) return { state: 'returned_unacknowledged', active: false, ...held };
  return { state: model.seen ? 'acknowledged' : 'unacknowledged', active: true, ...held };
}

describe('the alert state machine', () => {
  it('agrees with a model of three facts over every order of events', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ALERT_EVENT_KINDS), { maxLength: 30 }), (kinds) => {
        const model: Model = { raised: false, ended: false, seen: false, resolved: false, held: null };
        let status: AlertStatus | null = null;
        for (const kind of kinds) {
          const before = status && { ...status };
          if (modelAllows(model, kind)) {
            modelApply(model, kind);
            status = nextAlertStatus(status, kind);
            expect(status).toEqual(modelStatus(model));
          } else {
            let error: unknown;
            try {
              nextAlertStatus(status, kind);
            } catch (thrown) {
              error = thrown;
            }
            expect(isAppError(error, 'alert.illegal_transition')).toBe(true);
            expect(status).toEqual(before);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps a returned alert open until somebody acknowledges it', () => {
    const raised = nextAlertStatus(null, 'raised');
    const returned = nextAlertStatus(raised, 'cleared');
    expect(returned).toEqual({ state: 'returned_unacknowledged', active: false });
    expect(nextAlertStatus(returned, 'acknowledged')).toEqual({ state: 'closed', active: false });
  });

  it('closes an acknowledged alert when its condition ends', () => {
    const acknowledged = nextAlertStatus(nextAlertStatus(null, 'raised'), 'acknowledged');
    expect(acknowledged).toEqual({ state: 'acknowledged', active: true });
    expect(nextAlertStatus(acknowledged, 'cleared').state).toBe('closed');
  });

  it('does not bring a cleared alert back: that is a new occurrence', () => {
    const returned = nextAlertStatus(nextAlertStatus(null, 'raised'), 'cleared');
    expect(() => nextAlertStatus(returned, 'raised')).toThrow(/alert.illegal_transition/);
  });

  it.each(['commented', 'snapshot', 'dispatched'] as const)('keeps its status when %s', (kind) => {
    const statuses: AlertStatus[] = [
      { state: 'unacknowledged', active: true },
      { state: 'acknowledged', active: true },
      { state: 'returned_unacknowledged', active: false },
      { state: 'closed', active: false },
    ];
    for (const status of statuses) expect(nextAlertStatus(status, kind)).toEqual(status);
  });
});
