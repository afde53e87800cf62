import { useEffect, useMemo, useRef } from 'react';
import { createPortal } from 'react-dom';
import type { Alert } from '../../core/api/alerts.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { Empty, ErrorNote, Partial, Skeleton } from '../parts/states.tsx';
import { VirtualList, type VirtualListHandle } from '../parts/virtual-list.tsx';
import { useKeys } from '../shell/keys.ts';
import { compareAlarms, reload, requestFocus, select, useAlerts, useSelection } from '../state/index.ts';
import { AlarmFilterButton, clearFilter, isFiltered, passes, useAlarmFilter } from './alarm-filter.tsx';
import css from './alarm-list.module.css';
import { AlarmRow, ROW_HEIGHT } from './alarm-row.tsx';

export function openAlarm(alert: Alert): void {
  select({ kind: 'alert', id: alert.id });
  requestFocus({ position: alert.position, mode: 'reveal' });
}

/** Open alarms in the order in which they ask for somebody. J and K walk them. */
export function AlarmList() {
  const { t } = useTexts();
  const list = useRef<VirtualListHandle>(null);
  const { byId, status, error, skipped } = useAlerts();
  const filter = useAlarmFilter();
  const selectedId = useSelection(({ selected }) => (selected?.kind === 'alert' ? selected.id : null));
  const all = useMemo(() => [...byId.values()].sort(compareAlarms), [byId]);
  const shown = useMemo(() => all.filter((alert) => passes(filter, alert)), [all, filter]);
  const at = shown.findIndex((alert) => alert.id === selectedId);

  const walk = (step: 1 | -1) => {
    const next = shown[at < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, at + step))];
    if (next) openAlarm(next);
  };
  useKeys({ j: () => walk(1), k: () => walk(-1), arrowdown: () => walk(1), arrowup: () => walk(-1) });
  useEffect(() => {
    if (at >= 0) list.current?.reveal(at);
  }, [at]);

  const tools = document.getElementById('side-tools');
  return (
    <>
      {tools && createPortal(<AlarmFilterButton />, tools)}
      {isFiltered(filter) && (
        <Partial>
          {t('filter.shown', { shown: shown.length, all: all.length })}{' '}
          <Button look="link" onClick={clearFilter}>
            {t('filter.clear')}
          </Button>
        </Partial>
      )}
      {skipped > 0 && <Partial>{t('state.skipped', { count: skipped })}</Partial>}
      {status === 'loading' && <Skeleton lines={6} />}
      {status === 'error' && <ErrorNote error={error} onRetry={reload} />}
      {status === 'ready' && all.length === 0 && (
        <Empty title={t('alarms.none')}>{t('alarms.noneMore')}</Empty>
      )}
      {shown.length > 0 && (
        <VirtualList
          ref={list}
          items={shown}
          rowHeight={ROW_HEIGHT}
          keyOf={(alert) => alert.id}
          label={t('side.alarms')}
          className={css.list}
          render={(alert) => <AlarmRow alert={alert} selected={alert.id === selectedId} onOpen={openAlarm} />}
        />
      )}
    </>
  );
}
