import { useMemo } from 'react';
import { createPortal } from 'react-dom';
import type { Alert } from '../../core/api/alerts.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { Empty, ListNotes, Partial } from '../parts/states.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { compareAlarms, reveal, useAlerts, useSelectedId } from '../state/index.ts';
import { AlarmFilterButton, clearFilter, isFiltered, passes, useAlarmFilter } from './alarm-filter.tsx';
import css from './alarm-list.module.css';
import { AlarmRow, ROW_HEIGHT } from './alarm-row.tsx';
import { useWalk } from './use-walk.ts';

export function openAlarm(alert: Alert): void {
  reveal({ kind: 'alert', id: alert.id }, alert.position);
}

/** Open alarms in the order in which they ask for somebody. J and K walk them. */
export function AlarmList() {
  const { t } = useTexts();
  const store = useAlerts();
  const filter = useAlarmFilter();
  const selectedId = useSelectedId('alert');
  const all = useMemo(() => [...store.byId.values()].sort(compareAlarms), [store.byId]);
  const shown = useMemo(() => all.filter((alert) => passes(filter, alert)), [all, filter]);
  const list = useWalk(shown, selectedId, openAlarm);
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
      <ListNotes of={store} lines={6}>
        <Empty title={t('alarms.none')}>{t('alarms.noneMore')}</Empty>
      </ListNotes>
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
