/**
 * How often a standing alert tells about itself: a new peak after a minute, anything else after ten. Each telling is
 * a line in the alert's history, and an alarm may stand for weeks.
 */
const NEW_PEAK_MS = 60_000;
const REFRESH_MS = 600_000;

/** What was told last: event time and the peak at that time. */
export type Told = [timeMs: number, peak: number | null];

export function isUpdateDue(told: Told, timeMs: number, peak: number | null): boolean {
  const since = timeMs - told[0];
  return since >= REFRESH_MS || (since >= NEW_PEAK_MS && peak !== told[1]);
}
