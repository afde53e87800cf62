import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ALERT_STATES, type Alert } from '../../core/api/alerts.ts';
import { SEVERITIES } from '../../core/api/common.ts';
import { createAlarmFeed } from './alarm-feed.ts';
import { compareAlarms, countUnacknowledged, worstAlarm } from './alarm-order.ts';
import { noteArrival, useArrivals } from './arrivals.ts';
import { useAlerts } from './stores.ts';

function alarm(over: Partial<Alert> = {}): Alert {
  return {
    id: 1,
    seq: 1,
    ruleId: null,
    ruleVersion: null,
    kind: 'threshold',
    title: 'PM2,5 vượt ngưỡng',
    domain: 'environment',
    severity: 'major',
    state: 'unacknowledged',
    active: true,
    subject: { type: 'device', id: 'd', name: 'D' },
    position: null,
    areaId: null,
    areaName: null,
    agencyId: null,
    class: 'internal',
    parties: [],
    raisedAt: '2026-11-22T01:00:00Z',
    clearedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    closedAt: null,
    explanation: { vi: '', en: '' },
    evidence: {},
    occurrences: 1,
    peak: null,
    snapshot: null,
    dispatches: [],
    ...over,
  };
}

beforeEach(() => useAlerts.reset());

describe('the order of alarms', () => {
  it('puts the unacknowledged first, then the returned, then the acknowledged; severity and the latest change within', () => {
    const sorted = [
      alarm({ id: 1, severity: 'critical', state: 'acknowledged', acknowledgedAt: '2026-11-22T05:00:00Z' }),
      alarm({ id: 2, severity: 'minor' }),
      alarm({ id: 3, severity: 'critical', state: 'returned_unacknowledged' }),
      alarm({ id: 4, severity: 'critical', raisedAt: '2026-11-22T01:00:00Z' }),
      alarm({ id: 5, severity: 'critical', raisedAt: '2026-11-22T02:00:00Z' }),
    ].sort(compareAlarms);
    expect(sorted.map(({ id }) => id)).toEqual([5, 4, 2, 3, 1]);
  });

  it('is a total order whatever the alarms are', () => {
    const any = fc.record({
      id: fc.integer({ min: 1, max: 50 }),
      severity: fc.constantFrom(...SEVERITIES),
      state: fc.constantFrom(...ALERT_STATES),
      minute: fc.integer({ min: 0, max: 59 }),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 20 }), (specs) => {
        const rows = specs.map(({ minute, ...spec }) =>
          alarm({ ...spec, raisedAt: new Date(Date.UTC(2026, 10, 22, 1, minute)).toISOString() }),
        );
        const sorted = rows.toSorted(compareAlarms);
        for (let n = 1; n < sorted.length; n++) {
          const [a, b] = [sorted[n - 1], sorted[n]];
          if (a && b) {
            expect(compareAlarms(a, b)).toBeLessThanOrEqual(0);
            expect(Math.sign(compareAlarms(a, b))).toBe(-Math.sign(compareAlarms(b, a)) + 0);
          }
        }
      }),
    );
  });

  it('counts what still needs an acknowledgement, also after it has returned', () => {
    const counts = countUnacknowledged([
      alarm({ severity: 'critical' }),
      alarm({ severity: 'critical', state: 'returned_unacknowledged' }),
      alarm({ severity: 'critical', state: 'acknowledged' }),
    ]);
    expect(counts).toEqual({ critical: 2, major: 0, minor: 0, info: 0 });
  });

  it('names the worst by severity before state', () => {
    const worst = worstAlarm([
      alarm({ id: 1, severity: 'minor' }),
      alarm({ id: 2, severity: 'critical', state: 'acknowledged' }),
    ]);
    expect(worst?.id).toBe(2);
  });
});

describe('the alarm feed', () => {
  it('applies a change once, in the order of the sequence, and lets a closed alarm go', () => {
    const feed = createAlarmFeed();
    expect(feed.changed({ seq: 5, alert: alarm({ seq: 5 }) })).toBe(true);
    expect(feed.changed({ seq: 5, alert: alarm({ seq: 5 }) })).toBe(false);
    expect(feed.changed({ seq: 4, alert: alarm({ seq: 4, state: 'acknowledged' }) })).toBe(false);
    expect(useAlerts.getState().byId.get(1)?.state).toBe('unacknowledged');
    expect(feed.changed({ seq: 7, alert: alarm({ seq: 7, state: 'closed' }) })).toBe(true);
    expect(useAlerts.getState().byId.size).toBe(0);
    expect(feed.lastSeq()).toBe(7);
  });

  it('does not let a slow load bring back what a younger frame has closed', () => {
    const feed = createAlarmFeed();
    feed.changed({ seq: 9, alert: alarm({ seq: 9, state: 'closed' }) });
    expect(feed.loaded([alarm({ seq: 8 }), alarm({ id: 2, seq: 6 })]).map(({ id }) => id)).toEqual([2]);
  });

  it('starts anew when the database has gone back in time', () => {
    const feed = createAlarmFeed();
    feed.changed({ seq: 90, alert: alarm({ seq: 90, state: 'closed' }) });
    feed.forget();
    expect(feed.lastSeq()).toBe(0);
    expect(feed.loaded([alarm({ seq: 2 })])).toHaveLength(1);
  });
});

it('forgets an arrival after its pulse', () => {
  noteArrival({ id: 1, severity: 'critical' }, 1000);
  noteArrival({ id: 2, severity: 'minor' }, 6000);
  expect([...useArrivals.getState().atMs.keys()]).toEqual([2]);
  expect(useArrivals.getState().latest).toMatchObject({ id: 2, serial: 2 });
});
