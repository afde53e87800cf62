import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Alert } from '../../core/api/alerts.ts';
import { isValidQuality, QUALITY } from '../../core/quality.ts';
import { useTexts } from '../i18n/index.ts';
import { Chart, type Series } from '../parts/chart.tsx';
import { Empty, ErrorNote, Skeleton } from '../parts/states.tsx';
import { api, serverNow, timeOf, useLatest } from '../state/index.ts';
import { evidenceOf } from './evidence.ts';

const HOUR_MS = 3_600_000;
/** Beyond this the raw values would be thousands of points; means tell the same. */
const RAW_MS = 3 * HOUR_MS;

/** The series around the alarm with the rule's limit: the proof behind the sentence. */
export function AlarmEvidence({ alert }: { alert: Alert }) {
  const { quantity } = evidenceOf(alert);
  if (alert.subject.type !== 'device' || quantity === null) return null;
  return <EvidenceChart alert={alert} deviceId={alert.subject.id} quantity={quantity} />;
}

function EvidenceChart({ alert, deviceId, quantity }: { alert: Alert; deviceId: string; quantity: string }) {
  const { t } = useTexts();
  const { limit, sinceMs } = evidenceOf(alert);
  const raisedMs = timeOf(alert.raisedAt);
  const clearedMs = alert.clearedAt ? timeOf(alert.clearedAt) : null;
  const startMs = Math.min(raisedMs, sinceMs ?? raisedMs);
  const span = Math.max(HOUR_MS, (clearedMs ?? serverNow()) - startMs);
  // Rounded, so that the same question is asked again instead of a new one every second.
  const fromMs = Math.floor((startMs - Math.min(span * 0.5, 6 * HOUR_MS)) / 60_000) * 60_000;
  const toMs = clearedMs === null ? null : Math.min(serverNow(), clearedMs + Math.max(span * 0.15, 600_000));
  const raw = (toMs ?? serverNow()) - fromMs <= RAW_MS;

  const { data, error, refetch } = useQuery({
    queryKey: ['evidence', deviceId, quantity, fromMs, toMs === null, raw],
    queryFn: ({ signal }) =>
      read(
        deviceId,
        {
          quantity,
          from: new Date(fromMs).toISOString(),
          ...(toMs === null ? {} : { to: new Date(toMs).toISOString() }),
        },
        raw ? null : bucketFor((toMs ?? serverNow()) - fromMs),
        signal,
      ),
    refetchInterval: toMs === null ? 60_000 : false,
  });
  const latest = useLatest((state) => state.byId.get(deviceId)?.readings[quantity]);
  const series = useMemo(
    () => (data ? withLatest(data, toMs === null ? latest : undefined) : undefined),
    [data, latest, toMs],
  );
  const marks = useMemo(
    () => [
      { timeMs: raisedMs, strong: true },
      ...(clearedMs === null ? [] : [{ timeMs: clearedMs, strong: false }]),
    ],
    [raisedMs, clearedMs],
  );
  if (error && !series) return <ErrorNote compact error={error} onRetry={() => void refetch()} />;
  if (!series) return <Skeleton lines={1} height={112} />;
  if (series.timesMs.length === 0) return <Empty compact title={t('chart.empty')} />;
  return (
    <Chart
      quantity={quantity}
      series={series}
      fromMs={fromMs}
      toMs={Math.max(toMs ?? serverNow(), series.timesMs.at(-1) ?? 0)}
      height={118}
      limit={limit}
      marks={marks}
    />
  );
}

/** A bucket that gives a few hundred points. */
export function bucketFor(spanMs: number): string {
  const minutes = spanMs / 60_000 / 300;
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440];
  return `${steps.find((step) => step >= minutes) ?? 1440}m`;
}

/** Values of a series, bad ones as gaps; with a bucket also the envelope. */
export async function read(
  deviceId: string,
  query: { quantity: string; from: string; to?: string },
  bucket: string | null,
  signal: AbortSignal,
): Promise<Series> {
  if (bucket === null) {
    const { rows } = await api.observations(deviceId, query, signal);
    const sorted = rows.toSorted((a, b) => timeOf(a.time) - timeOf(b.time));
    return {
      timesMs: sorted.map((row) => timeOf(row.time)),
      values: sorted.map((row) => (isValidQuality(QUALITY[row.quality]) ? row.value : null)),
    };
  }
  const { rows } = await api.buckets(deviceId, { ...query, bucket }, signal);
  const sorted = rows.toSorted((a, b) => timeOf(a.time) - timeOf(b.time));
  return {
    timesMs: sorted.map((row) => timeOf(row.time)),
    values: sorted.map((row) => row.avg),
    min: sorted.map((row) => row.min),
    max: sorted.map((row) => row.max),
  };
}

/** Adds the value that came by the live socket since the series was read. */
export function withLatest(series: Series, latest: { timeMs: number; value: number } | undefined): Series {
  if (!latest || latest.timeMs <= (series.timesMs.at(-1) ?? 0)) return series;
  return {
    timesMs: [...series.timesMs, latest.timeMs],
    values: [...series.values, latest.value],
    ...(series.min && series.max
      ? { min: [...series.min, latest.value], max: [...series.max, latest.value] }
      : {}),
  };
}
