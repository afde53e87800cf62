import { useMemo, useState } from 'react';
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
import { isLow, useFlood } from './flood.ts';
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
  const [shelf, setShelf] = useState(false);
  const [unfolded, setUnfolded] = useState(false);
  const held = useMemo(() => all.filter((alert) => alert.hold), [all]);
  const wanted = useMemo(
    () => all.filter((alert) => Boolean(alert.hold) === shelf && passes(filter, alert)),
    [all, filter, shelf],
  );
  const flood = useFlood(all);
  // In a flood what is low steps behind one line; it is neither dropped nor out of the counts.
  const low = useMemo(() => (flood === null || shelf ? [] : wanted.filter(isLow)), [flood, shelf, wanted]);
  const folded = low.length > 0 && !unfolded;
  const shown = useMemo(() => (folded ? wanted.filter((alert) => !isLow(alert)) : wanted), [folded, wanted]);
  const list = useWalk(shown, selectedId, openAlarm);
  const tools = document.getElementById('side-tools');
  return (
    <>
      {tools && createPortal(<AlarmFilterButton />, tools)}
      {isFiltered(filter) && (
        <Partial>
          {t('filter.shown', { shown: wanted.length, all: all.length })}{' '}
          <Button look="link" onClick={clearFilter}>
            {t('filter.clear')}
          </Button>
        </Partial>
      )}
      {flood !== null && (
        <Partial>
          {t('alarms.flood', { count: flood })}{' '}
          {low.length > 0 && (
            <Button look="link" aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
              {unfolded ? t('alarms.floodFold') : t('alarms.floodFolded', { count: low.length })}
            </Button>
          )}
        </Partial>
      )}
      {(held.length > 0 || shelf) && (
        <Partial>
          {held.length > 0 ? t('alarms.shelvedCount', { count: held.length }) : t('alarms.shelvedNone')}{' '}
          <Button look="link" aria-pressed={shelf} onClick={() => setShelf(!shelf)}>
            {t(shelf ? 'alarms.shelvedBack' : 'alarms.shelvedShow')}
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
