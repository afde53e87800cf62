import { useMemo, useRef } from 'react';
import { create } from 'zustand';
import { useTexts } from '../i18n/index.ts';
import { AlarmList } from '../panels/alarm-list.tsx';
import { Detail } from '../panels/detail.tsx';
import { UnitList } from '../panels/unit-list.tsx';
import { Boundary } from '../parts/boundary.tsx';
import { classes } from '../parts/classes.ts';
import { useAlerts, useMay, useSelection, useUi, useUnits } from '../state/index.ts';
import { DEFAULT_UI } from '../state/ui.ts';
import css from './side.module.css';
import { Splitter } from './splitter.tsx';

type Tab = 'alarms' | 'units';
const useSideTab = create<{ tab: Tab }>(() => ({ tab: 'alarms' }));

/** The right panel: a list above, the selected thing below. With nothing selected the list has it all. */
export function Side() {
  const { t } = useTexts();
  const box = useRef<HTMLDivElement>(null);
  const selected = useSelection((state) => state.selected);
  const listShare = useUi((state) => state.listShare);
  const wanted = useSideTab((state) => state.tab);
  const alarms = useAlerts((state) => state.byId.size);
  const units = useUnits((state) => state.byId.size);
  const mayAlarms = useMay('alerts.read');
  const mayUnits = useMay('units.read');
  const tabs = useMemo(
    () =>
      [
        ...(mayAlarms ? [{ id: 'alarms' as const, count: alarms }] : []),
        ...(mayUnits ? [{ id: 'units' as const, count: units }] : []),
      ] satisfies { id: Tab; count: number }[],
    [mayAlarms, mayUnits, alarms, units],
  );
  const tab = tabs.find(({ id }) => id === wanted)?.id ?? tabs[0]?.id;
  return (
    <div ref={box} className={css.side}>
      {tab && (
        <section className={css.list} style={selected ? { flex: `0 0 ${listShare * 100}%` } : undefined}>
          <div className={css.head}>
            <div className={css.tabs} role="tablist">
              {tabs.map(({ id, count }) => (
                <button
                  key={id}
                  type="button"
                  role="tab"
                  id={`side-tab-${id}`}
                  aria-selected={tab === id}
                  aria-controls="side-list"
                  className={classes(css.tab, tab === id && css.on)}
                  onClick={() => useSideTab.setState({ tab: id })}
                >
                  {t(`side.${id}`)} <span>{count}</span>
                </button>
              ))}
            </div>
            <div id="side-tools" className={css.tools} />
          </div>
          <div id="side-list" role="tabpanel" aria-labelledby={`side-tab-${tab}`} className={css.panel}>
            <Boundary>{tab === 'alarms' ? <AlarmList /> : <UnitList />}</Boundary>
          </div>
        </section>
      )}
      {selected && (
        <>
          {tab && (
            <Splitter
              along="column"
              label={t('shell.resizeList')}
              value={listShare}
              min={0.15}
              max={0.85}
              perPixel={() => 1 / (box.current?.clientHeight ?? 700)}
              step={0.04}
              preferred={DEFAULT_UI.listShare}
              onChange={(value) => useUi.setState({ listShare: value })}
            />
          )}
          <Boundary resetKey={selected}>
            <Detail selected={selected} />
          </Boundary>
        </>
      )}
    </div>
  );
}
