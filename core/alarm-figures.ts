/** Figures of an alarm system over lists of alarms, as back-tests and the page of alarm figures show them. Pure. */

export interface AlarmSpan {
  /** What raised it: rule and subject together. */
  key: string;
  raisedAtMs: number;
  /** null = it stands at the end. */
  clearedAtMs: number | null;
}

/** A flood begins with more than this many alarms in ten minutes, and ends with fewer than {@link FLOOD_ENDS_BELOW}. */
export const FLOOD_BEGINS_ABOVE = 10;
export const FLOOD_ENDS_BELOW = 5;
const WINDOW_MS = 600_000;
const MINUTE_MS = 60_000;

/** Seconds in which at least the given alarm stood, summed over alarms, cut to the range. */
export function timeInAlarmS(alarms: readonly AlarmSpan[], fromMs: number, toMs: number): number {
  let total = 0;
  for (const { raisedAtMs, clearedAtMs } of alarms) {
    total += Math.max(0, Math.min(clearedAtMs ?? toMs, toMs) - Math.max(raisedAtMs, fromMs));
  }
  return total / 1000;
}

/**
 * Chattering index after Kondaveeti et al. (2010): the mean of 1/r over the run lengths r (whole seconds, at least 1)
 * between successive alarms of the same key; alarms per second. From 0.05 (three a minute) on, it chatters.
 */
export function chatterIndex(alarms: readonly AlarmSpan[]): number {
  const last = new Map<string, number>();
  let sum = 0;
  let runs = 0;
  for (const { key, raisedAtMs } of [...alarms].sort((a, b) => a.raisedAtMs - b.raisedAtMs)) {
    const before = last.get(key);
    last.set(key, raisedAtMs);
    if (before === undefined) continue;
    runs += 1;
    sum += 1 / Math.max(1, Math.floor((raisedAtMs - before) / 1000));
  }
  return runs === 0 ? 0 : sum / runs;
}

/** Stretches of flood, looked at every minute of our count: `[begin, end]`, the last one cut to `toMs`. */
export function floods(raisedAtMs: readonly number[], toMs: number): [beginMs: number, endMs: number][] {
  const times = [...raisedAtMs].sort((a, b) => a - b);
  const found: [number, number][] = [];
  let first = 0;
  let open: number | null = null;
  let next = 0;
  for (let at = times[0] ?? toMs; at <= toMs; ) {
    while (next < times.length && (times[next] ?? 0) <= at) next += 1;
    while ((times[first] ?? Infinity) <= at - WINDOW_MS) first += 1;
    const count = next - first;
    if (open === null && count > FLOOD_BEGINS_ABOVE) open = at;
    else if (open !== null && count < FLOOD_ENDS_BELOW) {
      found.push([open, at]);
      open = null;
    }
    // Between alarms nothing begins; inside a flood every minute may be the one that ends it.
    const upcoming = times[next];
    if (open !== null) at = Math.min(at + MINUTE_MS, upcoming ?? Infinity);
    else if (upcoming === undefined) break;
    else at = upcoming;
  }
  if (open !== null) found.push([open, toMs]);
  return found;
}

export function floodMinutes(raisedAtMs: readonly number[], toMs: number): number {
  return floods(raisedAtMs, toMs).reduce((sum, [begin, end]) => sum + (end - begin), 0) / MINUTE_MS;
}
