import type { Alert } from '../../core/api/alerts.ts';
import { useAlerts } from './stores.ts';

export interface AlarmFeed {
  /** Rows of a full load, without those that a younger frame has closed meanwhile. */
  loaded(rows: readonly Alert[]): Alert[];
  /** Applies one change; false = already known (a resumed frame that came twice). */
  changed(change: { seq: number; alert: Alert }): boolean;
  lastSeq(): number;
  forget(): void;
}

/** How many closed alarms are remembered to keep a slow load from reopening them. */
const CLOSED_MEMORY = 5000;

/** Keeps `useAlerts` to the open alarms in the order of their sequence, whichever way they arrive. */
export function createAlarmFeed(): AlarmFeed {
  let lastSeq = 0;
  const closed = new Map<number, number>();

  return {
    loaded(rows) {
      for (const row of rows) lastSeq = Math.max(lastSeq, row.seq);
      return rows.filter((row) => row.state !== 'closed' && row.seq > (closed.get(row.id) ?? -1));
    },
    changed({ seq, alert }) {
      lastSeq = Math.max(lastSeq, seq);
      const known = useAlerts.getState().byId.get(alert.id)?.seq ?? closed.get(alert.id) ?? -1;
      if (alert.seq <= known) return false;
      if (alert.state === 'closed') {
        closed.set(alert.id, alert.seq);
        const [oldest] = closed.keys();
        if (closed.size > CLOSED_MEMORY && oldest !== undefined) closed.delete(oldest);
        useAlerts.remove([alert.id]);
      } else {
        closed.delete(alert.id);
        useAlerts.put([alert]);
      }
      return true;
    },
    lastSeq: () => lastSeq,
    forget() {
      lastSeq = 0;
      closed.clear();
    },
  };
}
