import type { AlertEvent } from '../../core/api/alerts.ts';
import { shortTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Skeleton } from '../parts/states.tsx';
import { serverNow, timeOf } from '../state/index.ts';
import css from './alarm-history.module.css';
import detail from './detail.module.css';

/** Every line of an alarm's life, latest first; repeated updates fold into the latest. */
export function AlarmHistory({ events }: { events: readonly AlertEvent[] | undefined }) {
  const { t, timeZone } = useTexts();
  if (!events) return <Skeleton lines={2} />;
  const lines = events
    .toSorted((a, b) => b.seq - a.seq)
    .filter((event, n, all) => event.kind !== 'updated' || all[n - 1]?.kind !== 'updated');
  return (
    <section>
      <h3 className={detail.label}>{t('history.title')}</h3>
      <ol className={css.lines}>
        {lines.map((event) => (
          <li key={event.seq}>
            <time dateTime={event.at}>{shortTime(timeOf(event.at), timeZone, serverNow())}</time>
            <span>
              {t(`history.${event.kind}`)}
              {event.actor !== 'system' && <span className={css.actor}> · {event.actor}</span>}
              {event.text && <q className={css.text}>{event.text}</q>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
