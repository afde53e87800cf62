/** Where the figures of a part of a span come from: the single values, or the summaries per minute, hour or day. */
type Source = 'values' | '1m' | '1h' | '1d';

export interface Part {
  source: Source;
  fromMs: number;
  toMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

export interface PlanOptions {
  fromMs: number;
  toMs: number;
  /** Width of the buckets asked for, and where one of them begins. */
  widthMs: number;
  bucketStartMs: number;
  /** Hours before it are summarised; null = none. */
  watermarkMs: number | null;
  /** First local midnight at or after `fromMs` and last one at or before the end of what is summarised. */
  days?: { fromMs: number; toMs: number };
}

/**
 * Cuts a span into parts, each read from the coarsest summary whose buckets lie wholly inside the part and inside the
 * buckets asked for. The parts follow each other without gap or overlap.
 */
export function planParts(options: PlanOptions): Part[] {
  const { fromMs, toMs, widthMs, bucketStartMs, watermarkMs, days } = options;
  const doneMs = Math.min(toMs, watermarkMs ?? fromMs);
  const fits = (unitMs: number) => widthMs % unitMs === 0 && bucketStartMs % unitMs === 0;
  const parts: Part[] = [];
  const add = (source: Source, from: number, to: number) => {
    const last = parts.at(-1);
    if (last?.source === source) last.toMs = Math.max(last.toMs, to);
    else if (to > from) parts.push({ source, fromMs: from, toMs: to });
  };
  /** [from, to) by this unit, its ragged ends by `finer`. */
  const by = (
    source: Source,
    from: number,
    to: number,
    inner: { fromMs: number; toMs: number },
    finer: (from: number, to: number) => void,
  ) => {
    const start = Math.max(from, inner.fromMs);
    const end = Math.min(to, inner.toMs);
    if (end <= start) return finer(from, to);
    finer(from, start);
    add(source, start, end);
    finer(end, to);
  };
  const whole = (from: number, to: number, unitMs: number) => ({
    fromMs: Math.ceil(from / unitMs) * unitMs,
    toMs: Math.floor(to / unitMs) * unitMs,
  });
  const values = (from: number, to: number) => add('values', from, to);
  const minutes = (from: number, to: number) =>
    fits(MINUTE_MS) ? by('1m', from, to, whole(from, to, MINUTE_MS), values) : values(from, to);
  const hours = (from: number, to: number) =>
    fits(HOUR_MS) ? by('1h', from, to, whole(from, to, HOUR_MS), minutes) : minutes(from, to);
  const inDays = (from: number, to: number) =>
    widthMs % DAY_MS === 0 && days ? by('1d', from, to, days, hours) : hours(from, to);

  if (doneMs > fromMs) inDays(fromMs, doneMs);
  values(Math.max(fromMs, doneMs), toMs);
  return parts;
}

export interface SeriesSpan {
  seriesId: number;
  fromMs: number;
  toMs: number;
}

/** Spans of each series, merged where they touch or overlap, and cut to [fromMs, toMs). */
export function mergeSpans(spans: readonly SeriesSpan[], fromMs: number, toMs: number): SeriesSpan[] {
  const merged: SeriesSpan[] = [];
  const sorted = [...spans].sort((a, b) => a.seriesId - b.seriesId || a.fromMs - b.fromMs);
  for (const span of sorted) {
    const from = Math.max(span.fromMs, fromMs);
    const to = Math.min(span.toMs, toMs);
    if (to <= from) continue;
    const last = merged.at(-1);
    if (last && last.seriesId === span.seriesId && last.toMs >= from) last.toMs = Math.max(last.toMs, to);
    else merged.push({ seriesId: span.seriesId, fromMs: from, toMs: to });
  }
  return merged;
}
