import { create } from 'zustand';
import type { Severity } from '../../core/api/common.ts';

/** Alarms that were raised before our eyes, for the pulse and the tone; loads and resumes do not count. */
export interface ArrivalsState {
  /** Alert id → local time of arrival; an entry leaves after `ARRIVAL_MS`. */
  readonly atMs: ReadonlyMap<number, number>;
  readonly latest: { id: number; severity: Severity; serial: number } | null;
}

const ARRIVAL_MS = 4000;

export const useArrivals = create<ArrivalsState>(() => ({ atMs: new Map(), latest: null }));

export function noteArrival(alert: { id: number; severity: Severity }, nowMs: number): void {
  useArrivals.setState(({ atMs, latest }) => ({
    atMs: new Map([...[...atMs].filter(([, at]) => nowMs - at < ARRIVAL_MS), [alert.id, nowMs]]),
    latest: { id: alert.id, severity: alert.severity, serial: (latest?.serial ?? 0) + 1 },
  }));
}
