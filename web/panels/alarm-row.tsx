import type { Alert } from '../../core/api/alerts.ts';
import type { DispatchState } from '../../core/api/dispatch.ts';
import { isActiveDispatch } from '../../core/dispatch-state.ts';
import { AlarmGlyph } from '../glyphs/index.ts';
import { quantityValue, shortTime } from '../i18n/format.ts';
import { type Texts, useTexts } from '../i18n/index.ts';
import { Age } from '../parts/age.tsx';
import { classes } from '../parts/classes.ts';
import { Sparkline } from '../parts/sparkline.tsx';
import { hover, lastChangeMs, serverNow, timeOf, useArrivals, useUnits } from '../state/index.ts';
import css from './alarm-row.module.css';
import { evidenceOf } from './evidence.ts';

/** CSS pixels; the list is virtual, so every row has this height. */
export const ROW_HEIGHT = 53;

interface AlarmRowProps {
  alert: Alert;
  selected: boolean;
  onOpen(alert: Alert): void;
}

export function AlarmRow({ alert, selected, onOpen }: AlarmRowProps) {
  const texts = useTexts();
  const arrived = useArrivals((state) => state.atMs.has(alert.id));
  const callSigns = useCallSigns(alert);
  const evidence = evidenceOf(alert);
  const { t } = texts;
  return (
    <button
      type="button"
      className={classes(
        css.row,
        selected && css.selected,
        alert.state === 'acknowledged' && css.quiet,
        arrived && alert.severity === 'critical' && css.arrived,
      )}
      aria-current={selected || undefined}
      onClick={() => onOpen(alert)}
      onPointerEnter={() => hover({ kind: 'alert', id: alert.id })}
      onPointerLeave={() => hover(null)}
    >
      <AlarmGlyph
        severity={alert.severity}
        state={alert.state}
        size={16}
        className={css.glyph ?? ''}
        label={`${t(`severity.${alert.severity}`)}, ${t(`alertState.${alert.state}`)}`}
      />
      <span className={css.title}>{alert.title}</span>
      <Age
        className={css.age}
        sinceMs={alert.state === 'unacknowledged' ? timeOf(alert.raisedAt) : lastChangeMs(alert)}
      />
      <span className={css.place}>
        {alert.state === 'unacknowledged' && evidence.quantity !== null && evidence.value !== null && (
          <b>{quantityValue(evidence.quantity, alert.peak ?? evidence.value, texts.language)} </b>
        )}
        {[...placeLine(alert, texts), ...callSigns].join(' · ')}
      </span>
      <span className={css.spark}>
        {alert.subject.type === 'device' && evidence.quantity && alert.state !== 'acknowledged' && (
          <Sparkline
            deviceId={alert.subject.id}
            quantity={evidence.quantity}
            limit={evidence.limit}
            severity={alert.severity}
          />
        )}
      </span>
    </button>
  );
}

function placeLine(alert: Alert, { t, timeZone }: Texts): string[] {
  const at = (iso: string | null) => shortTime(timeOf(iso), timeZone, serverNow());
  if (alert.hold) {
    const { until, by, reason } = alert.hold;
    return [t('alarms.shelvedUntil', { time: at(until), by, reason })];
  }
  if (alert.state === 'acknowledged') {
    return [
      t('alarms.acknowledgedAt', { time: at(alert.acknowledgedAt) }),
      ...(alert.acknowledgedBy ? [alert.acknowledgedBy] : []),
    ];
  }
  if (alert.state === 'returned_unacknowledged') {
    return [
      t('alarms.returnedAt', { time: at(alert.clearedAt) }),
      ...(alert.areaName ? [alert.areaName] : []),
    ];
  }
  return [...(alert.areaName ? [alert.areaName] : []), alert.subject.name];
}

/** Call signs of the units on their way to it. */
function useCallSigns(alert: Alert): string[] {
  const { t } = useTexts();
  const units = useUnits((state) => state.byId);
  const active = alert.dispatches.filter((dispatch) => isActiveDispatch(dispatch.state as DispatchState));
  if (active.length === 0) return [];
  const names = active.map((dispatch) => units.get(dispatch.unitId)?.callSign ?? dispatch.unitId);
  return [t('alarms.dispatched', { units: names.join(', ') })];
}
