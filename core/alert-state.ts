/**
 * The life of one alert, after ISA-18.2 / IEC 62682: alarm → acknowledged → returned to normal, in either order.
 * One alert is one occurrence: from the moment its condition began to hold until it ended. When the condition comes
 * again a new alert is made, even while the old one still waits for its acknowledgement.
 */
import { type ALERT_EVENT_KINDS, ALERT_STATES, type AlertHold, type AlertState } from './api/alerts.ts';
import type { Severity } from './api/common.ts';
import { AppError } from './errors.ts';

export interface AlertStatus {
  state: AlertState;
  /** The condition still holds, as far as anybody watches: a closed alert is never active. */
  active: boolean;
  /** Kept out of the lists; absent = it is not. A closed alert never is. */
  hold?: AlertHold;
}

export type AlertEventKind = (typeof ALERT_EVENT_KINDS)[number];

/** States of an alert that somebody still has to look at. */
export const OPEN_ALERT_STATES: readonly AlertState[] = ALERT_STATES.filter((state) => state !== 'closed');

/** What begins and what ends each way of being held back (ISA-18.2: shelved, suppressed by design, out of service). */
const HOLD_OF = {
  shelved: 'shelved',
  unshelved: 'shelved',
  suppressed: 'suppressed',
  released: 'suppressed',
  taken_out: 'out_of_service',
  put_back: 'out_of_service',
} as const satisfies Partial<Record<AlertEventKind, AlertHold>>;

/** How long an operator may shelve an alarm at most, in minutes: the worse it is, the sooner it comes back. */
export const MOST_SHELVED_MIN: Readonly<Record<Severity, number>> = {
  critical: 60,
  major: 240,
  minor: 720,
  info: 1440,
};

const CLOSED: AlertStatus = { state: 'closed', active: false };

/**
 * The status after one more line in an alert's history; `null` = there is no alert yet.
 * `raised` on an active alert is the same occurrence seen again and changes nothing.
 * Throws `alert.illegal_transition`.
 */
export function nextAlertStatus(from: AlertStatus | null, kind: AlertEventKind): AlertStatus {
  if (from === null) {
    if (kind === 'raised') return { state: 'unacknowledged', active: true };
    throw illegal('an alert begins with being raised', from, kind);
  }
  const held = from.hold === undefined ? {} : { hold: from.hold };
  switch (kind) {
    case 'raised':
      if (from.active) return from;
      throw illegal('the condition ended; when it comes again that is a new alert', from, kind);
    case 'updated':
      if (from.active) return from;
      throw illegal('the condition has ended', from, kind);
    case 'cleared':
      if (!from.active) throw illegal('the condition has ended already', from, kind);
      return from.state === 'acknowledged'
        ? CLOSED
        : { state: 'returned_unacknowledged', active: false, ...held };
    case 'acknowledged':
      if (from.state === 'unacknowledged') return { state: 'acknowledged', active: true, ...held };
      if (from.state === 'returned_unacknowledged') return CLOSED;
      throw illegal('nothing is left to acknowledge', from, kind);
    case 'resolved':
      if (from.state === 'closed') throw illegal('the alert is closed already', from, kind);
      return CLOSED;
    case 'shelved':
    case 'suppressed':
    case 'taken_out':
      if (from.state === 'closed') throw illegal('the alert is closed already', from, kind);
      if (from.hold !== undefined) throw illegal('the alert is held back already', from, kind);
      return { state: from.state, active: from.active, hold: HOLD_OF[kind] };
    case 'unshelved':
    case 'released':
    case 'put_back':
      if (from.hold !== HOLD_OF[kind]) throw illegal('the alert is not held back so', from, kind);
      return { state: from.state, active: from.active };
    case 'commented':
    case 'snapshot':
    case 'dispatched':
    case 'forwarded':
    case 'recalled':
      return from;
  }
}

function illegal(detail: string, from: AlertStatus | null, kind: AlertEventKind): AppError {
  return new AppError('alert.illegal_transition', {
    detail,
    data: { state: from?.state ?? null, hold: from?.hold ?? null, act: kind },
  });
}
