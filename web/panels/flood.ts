import { useMemo, useState } from 'react';
import { FLOOD_BEGINS_ABOVE, FLOOD_ENDS_BELOW } from '../../core/alarm-figures.ts';
import type { Alert } from '../../core/api/alerts.ts';
import { timeOf, useNow } from '../state/index.ts';

const WINDOW_MS = 600_000;

/** What steps back in a flood: critical and major alarms never do, nor what somebody has acknowledged already. */
export function isLow(alert: Alert): boolean {
  return (alert.severity === 'minor' || alert.severity === 'info') && alert.state !== 'acknowledged';
}

/** How many alarms came in the last ten minutes, while it is a flood; null = it is none. */
export function useFlood(alerts: readonly Alert[]): number | null {
  const now = useNow(10_000);
  const recent = useMemo(
    () => alerts.filter((alert) => !alert.hold && now - timeOf(alert.raisedAt) < WINDOW_MS).length,
    [alerts, now],
  );
  const [flooded, setFlooded] = useState(false);
  // It ends later than it begins, so that the list does not jump at the edge.
  const is = recent > FLOOD_BEGINS_ABOVE || (flooded && recent >= FLOOD_ENDS_BELOW);
  if (is !== flooded) setFlooded(is);
  return is ? recent : null;
}
