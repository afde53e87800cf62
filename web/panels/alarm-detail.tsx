import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Alert } from '../../core/api/alerts.ts';
import { AlarmGlyph } from '../glyphs/index.ts';
import { coordinates, dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { ErrorNote, Skeleton } from '../parts/states.tsx';
import { useKeys } from '../shell/keys.ts';
import { api, timeOf, useAlerts, useMay } from '../state/index.ts';
import { AlarmActionBar } from './alarm-action-bar.tsx';
import { useAlarmActs } from './alarm-acts.ts';
import css from './alarm-detail.module.css';
import { AlarmEvidence } from './alarm-evidence.tsx';
import { AlarmHistory } from './alarm-history.tsx';
import { AlarmPicture } from './alarm-picture.tsx';
import detail from './detail.module.css';
import { DetailHead } from './detail-head.tsx';
import { DispatchList } from './dispatch-list.tsx';
import { Forces } from './forces.tsx';

/** One alarm, understood without another click; what can be done about it is always in sight at the foot. */
export function AlarmDetail({ id }: { id: number }) {
  const live = useAlerts((state) => state.byId.get(id));
  const { data, error, refetch } = useQuery({
    queryKey: ['alert', id],
    queryFn: ({ signal }) => api.alert(id, signal),
  });
  // The store is told of every change at once; the query brings the history and alarms closed long ago.
  const alert = live && (!data || live.seq >= data.seq) ? live : data;
  if (!alert) {
    return error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : <Skeleton lines={5} />;
  }
  return <Loaded alert={alert} history={data?.events} />;
}

function Loaded({ alert, history }: { alert: Alert; history: Parameters<typeof AlarmHistory>[0]['events'] }) {
  const { t, language, pick, timeZone } = useTexts();
  const acts = useAlarmActs(alert);
  const mayOperate = useMay('alerts.operate');
  const mayDispatch = useMay('dispatch.operate');
  const [writing, setWriting] = useState<'comment' | 'resolve' | 'shelve' | null>(null);
  const forces = useRef<HTMLDivElement>(null);

  const toFirstUnit = () => {
    const button = forces.current?.querySelector<HTMLButtonElement>('button[data-dispatch]');
    button?.scrollIntoView({ block: 'nearest' });
    button?.focus();
  };
  useKeys({
    ...(mayOperate && !writing && acts.canAcknowledge && acts.busy === null
      ? { a: () => void acts.acknowledge() }
      : {}),
    ...(mayOperate && !writing ? { c: () => setWriting('comment') } : {}),
    ...(mayOperate && !writing && acts.canResolve ? { r: () => setWriting('resolve') } : {}),
    ...(mayOperate && !writing && acts.shelve ? { s: () => setWriting('shelve') } : {}),
    ...(mayDispatch && acts.canResolve ? { d: toFirstUnit } : {}),
  });

  const raisedMs = timeOf(alert.raisedAt);
  const where = [
    dateTime(raisedMs, timeZone),
    ...(alert.position ? [coordinates(alert.position, language)] : []),
    alert.areaName ?? t('alarms.noArea'),
  ];
  return (
    <>
      <div className={detail.scroll}>
        <DetailHead
          glyph={
            <AlarmGlyph
              severity={alert.severity}
              state={alert.state}
              size={18}
              label={`${t(`severity.${alert.severity}`)}, ${t(`alertState.${alert.state}`)}`}
            />
          }
          title={alert.title}
          where={where.join(' · ')}
        />
        <p className={css.state}>
          {t(`severity.${alert.severity}`)} · {t(`alertState.${alert.state}`)}
          {alert.acknowledgedBy && ` · ${alert.acknowledgedBy}`}
          {alert.occurrences > 1 && ` · ${t('alarms.occurrences', { count: alert.occurrences })}`}
        </p>
        <AlarmPicture alert={alert} />
        <p className={css.why}>
          <span className="sr-only">{t('alarms.why')}: </span>
          {pick(alert.explanation)}
        </p>
        <DispatchList alertId={alert.id} />
        <Forces ref={forces} alert={alert} />
        <AlarmEvidence alert={alert} />
        <AlarmHistory events={history} />
      </div>
      <AlarmActionBar
        acts={acts}
        writing={writing}
        onWrite={setWriting}
        onDispatch={acts.canResolve ? toFirstUnit : undefined}
      />
    </>
  );
}
