import type { Observation } from '../../core/reading.ts';
import { weekOf } from './partitions.ts';

const HOUR_MS = 3_600_000;
/**
 * Values whose hour ended longer ago than this are late: the hour is noted, so that its summaries are computed again.
 * The keeper of the summaries comes to an hour 30 minutes after its end; no transaction of ours lasts the difference.
 */
const LATE_AFTER_MS = 15 * 60_000;

/** Whole hours of one series in one week. */
export interface LateSpan {
  seriesId: number;
  fromMs: number;
  toMs: number;
}

/** The spans in which the late ones among the rows lie; most batches have none. */
export function lateSpans(rows: readonly { row: Observation }[], nowMs: number): LateSpan[] {
  const beforeMs = Math.floor((nowMs - LATE_AFTER_MS) / HOUR_MS) * HOUR_MS;
  let spans: Map<string, LateSpan> | undefined;
  for (const { row } of rows) {
    if (row.timeMs >= beforeMs) continue;
    const fromMs = Math.floor(row.timeMs / HOUR_MS) * HOUR_MS;
    const key = `${row.seriesId}:${weekOf(row.timeMs)}`;
    spans ??= new Map();
    const span = spans.get(key);
    if (!span) spans.set(key, { seriesId: row.seriesId, fromMs, toMs: fromMs + HOUR_MS });
    else {
      span.fromMs = Math.min(span.fromMs, fromMs);
      span.toMs = Math.max(span.toMs, fromMs + HOUR_MS);
    }
  }
  return spans ? [...spans.values()] : [];
}
