import { useQuery } from '@tanstack/react-query';
import type { Severity } from '../../core/api/common.ts';
import { api, serverNow } from '../state/index.ts';
import { cssName } from '../theme/tokens.ts';

const WIDTH = 56;
const HEIGHT = 14;
const SPAN_MS = 2 * 3_600_000;

interface SparklineProps {
  deviceId: string;
  quantity: string;
  limit: number | null;
  severity: Severity;
}

/** The last two hours of what raised an alarm, as a line that fits a row; nothing while it is unknown. */
export function Sparkline({ deviceId, quantity, limit, severity }: SparklineProps) {
  const { data } = useQuery({
    queryKey: ['spark', deviceId, quantity],
    queryFn: ({ signal }) =>
      api.buckets(
        deviceId,
        { quantity, from: new Date(serverNow() - SPAN_MS).toISOString(), bucket: '5m' },
        signal,
      ),
    staleTime: 60_000,
    refetchInterval: 60_000,
    retry: false,
  });
  const values = (data?.rows ?? []).map((row) => row.avg).filter((value) => value !== null);
  if (values.length < 2) return <svg width={WIDTH} height={HEIGHT} aria-hidden />;
  const all = limit === null ? values : [...values, limit];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const y = (value: number) => HEIGHT - 1.5 - ((value - low) / (high - low || 1)) * (HEIGHT - 3);
  const points = values.map(
    (value, n) => `${((n / (values.length - 1)) * WIDTH).toFixed(1)} ${y(value).toFixed(1)}`,
  );
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} fill="none" aria-hidden>
      {limit !== null && (
        <path d={`M0 ${y(limit)}H${WIDTH}`} stroke={`var(${cssName('faint')})`} strokeDasharray="2 2" />
      )}
      <path
        d={`M${points.join('L')}`}
        stroke={`var(${cssName(severity)})`}
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
    </svg>
  );
}
