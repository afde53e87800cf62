import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { SEVERITIES, type Severity } from '../../core/api/common.ts';
import { clockTime, dayMonth } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { classes } from '../parts/classes.ts';
import { api, isApiError, timeOf, useConnection, useMay, useNow } from '../state/index.ts';
import { cssName } from '../theme/tokens.ts';
import css from './timeline.module.css';

const HOURS = 24;
const HOUR_MS = 3_600_000;
const WIDTH = 960;
const HEIGHT = 44;
/** From the ground up: the worst stands on top, where it is seen first. */
const STACK: readonly Severity[] = [...SEVERITIES].reverse();

interface Bar {
  startMs: number;
  counts: Record<Severity, number>;
  total: number;
}

/** The last 24 hours as a histogram of alarms; its right edge is now. */
export function Timeline() {
  const { t, timeZone } = useTexts();
  const now = useNow(10_000);
  const link = useConnection((state) => state.link);
  const allowed = useMay('alerts.read');
  const [pointed, setPointed] = useState<Bar | null>(null);
  const { data, error } = useQuery({
    queryKey: ['histogram'],
    queryFn: () => api.histogram(HOURS),
    enabled: allowed,
    refetchInterval: 60_000,
  });
  const bars = useMemo<Bar[]>(
    () =>
      (data?.buckets ?? []).map(({ time, ...counts }) => ({
        startMs: timeOf(time),
        counts,
        total: SEVERITIES.reduce((sum, severity) => sum + counts[severity], 0),
      })),
    [data],
  );
  if (!allowed) return null;
  const bucketMs = (data?.bucketS ?? 3600) * 1000;
  const fromMs = now - HOURS * HOUR_MS;
  const x = (ms: number) => ((ms - fromMs) / (now - fromMs)) * WIDTH;
  const most = Math.max(4, ...bars.map((bar) => bar.total));
  const live = link === 'live';
  return (
    <section className={css.timeline} aria-label={t('timeline.title')}>
      <div className={css.plot} onPointerLeave={() => setPointed(null)}>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden>
          {hourTicks(fromMs, now).map((ms) => (
            <path key={ms} d={`M${x(ms)} 0V${HEIGHT}`} className={css.tick} />
          ))}
          {bars.map((bar) => {
            const [left, right] = [Math.max(0, x(bar.startMs)), Math.min(WIDTH, x(bar.startMs + bucketMs))];
            // The hour that has just begun is a sliver, its bar is not.
            const width = (bucketMs / (HOURS * HOUR_MS)) * WIDTH * 0.3;
            const barX = Math.min(WIDTH - width, Math.max(0, x(bar.startMs + bucketMs / 2) - width / 2));
            let top = HEIGHT - 1;
            return (
              <g
                key={bar.startMs}
                className={pointed && pointed.startMs !== bar.startMs ? css.other : undefined}
              >
                {STACK.map((severity) => {
                  const height = (bar.counts[severity] / most) * (HEIGHT - 4);
                  if (height === 0) return null;
                  top -= height;
                  return (
                    <rect
                      key={severity}
                      x={barX}
                      y={top}
                      width={width}
                      height={height}
                      fill={`var(${cssName(severity === 'info' ? 'ok' : severity)})`}
                    />
                  );
                })}
                {/* The whole column answers the pointer, not only the bar. */}
                <rect
                  x={left}
                  y={0}
                  width={right - left}
                  height={HEIGHT}
                  fill="transparent"
                  onPointerEnter={() => setPointed(bar)}
                />
              </g>
            );
          })}
          <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} className={css.ground} />
        </svg>
        <i className={classes(css.head, !live && css.dead)} />
        <div className={css.hours} aria-hidden>
          {hourTicks(fromMs, now).map((ms) => (
            <span key={ms} style={{ left: `${(x(ms) / WIDTH) * 100}%` }}>
              {clockTime(ms, timeZone).slice(0, 5)}
            </span>
          ))}
        </div>
      </div>
      <div className={css.side}>
        {pointed ? (
          <>
            <b>
              {clockTime(pointed.startMs, timeZone).slice(0, 5)}–
              {clockTime(pointed.startMs + bucketMs, timeZone).slice(0, 5)}
            </b>
            <span>{t('timeline.alarms', { count: pointed.total })}</span>
          </>
        ) : (
          <>
            <b className={live ? css.live : undefined}>
              <i className={classes(css.dot, !live && css.dead)} />
              {live ? t('timeline.live') : t(`link.${link}`)}
            </b>
            <span>
              {error && isApiError(error)
                ? error.code
                : t('timeline.span', { day: dayMonth(now, timeZone), hours: HOURS })}
            </span>
          </>
        )}
      </div>
      <table className="sr-only">
        <caption>{t('timeline.title')}</caption>
        <tbody>
          {bars
            .filter((bar) => bar.total > 0)
            .map((bar) => (
              <tr key={bar.startMs}>
                <th scope="row">{clockTime(bar.startMs, timeZone).slice(0, 5)}</th>
                <td>{bar.total}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}

/** Every fourth full hour of the local clock (Vietnam and its neighbours have whole-hour offsets). */
function hourTicks(fromMs: number, toMs: number): number[] {
  const ticks: number[] = [];
  const step = 4 * HOUR_MS;
  // UTC+7: local midnight is 17:00 UTC, one hour past a multiple of four.
  for (let ms = Math.ceil((fromMs - HOUR_MS) / step) * step + HOUR_MS; ms < toMs - HOUR_MS / 2; ms += step) {
    if (ms > fromMs + HOUR_MS / 2) ticks.push(ms);
  }
  return ticks;
}
