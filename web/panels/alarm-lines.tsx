import { useMemo } from 'react';
import type { Alert } from '../../core/api/alerts.ts';
import { AlarmGlyph } from '../glyphs/index.ts';
import { useTexts } from '../i18n/index.ts';
import { Age } from '../parts/age.tsx';
import { compareAlarms, timeOf, useAlerts } from '../state/index.ts';
import css from './alarm-lines.module.css';
import { openAlarm } from './alarm-list.tsx';

/** Alarms in one line each, each one click away; nothing at all when there are none. */
export function AlarmLines({ alarms }: { alarms: readonly Alert[] }) {
  const { t } = useTexts();
  if (alarms.length === 0) return null;
  return (
    <ul className={css.lines} aria-label={t('side.alarms')}>
      {alarms.map((alert) => (
        <li key={alert.id}>
          <button type="button" onClick={() => openAlarm(alert)}>
            <AlarmGlyph severity={alert.severity} state={alert.state} size={14} />
            <span>{alert.title}</span>
            <Age sinceMs={timeOf(alert.raisedAt)} />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Open alarms about one device, unit or camera. */
export function AlarmsOf({ subjectId }: { subjectId: string }) {
  const byId = useAlerts((state) => state.byId);
  const alarms = useMemo(
    () => [...byId.values()].filter((alert) => alert.subject.id === subjectId).sort(compareAlarms),
    [byId, subjectId],
  );
  return <AlarmLines alarms={alarms} />;
}
