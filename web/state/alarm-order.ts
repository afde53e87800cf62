import type { Alert, AlertState } from '../../core/api/alerts.ts';
import { SEVERITIES, type Severity } from '../../core/api/common.ts';
import { timeOf } from './stores.ts';

const STATE_ORDER: Record<AlertState, number> = {
  unacknowledged: 0,
  returned_unacknowledged: 1,
  acknowledged: 2,
  closed: 3,
};

export function lastChangeMs(alert: Alert): number {
  return Math.max(
    timeOf(alert.raisedAt),
    timeOf(alert.clearedAt),
    timeOf(alert.acknowledgedAt),
    timeOf(alert.closedAt),
  );
}

/** IEC 62682 order of a list: what still asks for somebody first, then severity, then the latest change. */
export function compareAlarms(a: Alert, b: Alert): number {
  return (
    STATE_ORDER[a.state] - STATE_ORDER[b.state] ||
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    lastChangeMs(b) - lastChangeMs(a) ||
    b.id - a.id
  );
}

export function needsAcknowledgement(alert: Pick<Alert, 'state'>): boolean {
  return alert.state === 'unacknowledged' || alert.state === 'returned_unacknowledged';
}

export function countUnacknowledged(alerts: Iterable<Alert>): Record<Severity, number> {
  const counts: Record<Severity, number> = { critical: 0, major: 0, minor: 0, info: 0 };
  for (const alert of alerts) if (needsAcknowledgement(alert) && !alert.hold) counts[alert.severity]++;
  return counts;
}

/** The worst open state at one thing, for its dot, its cluster and its row; undefined = all is well. */
export function worstAlarm(alerts: Iterable<Alert>): Alert | undefined {
  let worst: Alert | undefined;
  for (const alert of alerts) {
    if (!worst || rank(alert) < rank(worst)) worst = alert;
  }
  return worst;
}

/** Severity counts more than state here: a critical alarm that is acknowledged is still critical. */
function rank(alert: Alert): number {
  return SEVERITIES.indexOf(alert.severity) * 4 + STATE_ORDER[alert.state];
}
