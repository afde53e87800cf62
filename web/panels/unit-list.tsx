import { useMemo } from 'react';
import type { Unit } from '../../core/api/dispatch.ts';
import { compareNames } from '../../core/text.ts';
import { UnitGlyph } from '../glyphs/index.ts';
import { useTexts } from '../i18n/index.ts';
import { Age } from '../parts/age.tsx';
import { classes } from '../parts/classes.ts';
import { Empty, ListNotes } from '../parts/states.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { hover, reveal, timeOf, useSelectedId, useUnits } from '../state/index.ts';
import css from './alarm-list.module.css';
import row from './alarm-row.module.css';
import { useWalk } from './use-walk.ts';

/** Those who are under way first, then the free, then the rest. */
const ORDER: readonly Unit['status'][] = ['on_scene', 'en_route', 'assigned', 'available', 'out_of_service'];

export function compareUnits(a: Unit, b: Unit): number {
  return ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || compareNames(a.callSign, b.callSign);
}

export function openUnit(unit: Unit): void {
  reveal({ kind: 'unit', id: unit.id }, unit.position);
}

export function UnitList() {
  const { t } = useTexts();
  const store = useUnits();
  const selectedId = useSelectedId('unit');
  const units = useMemo(() => [...store.byId.values()].sort(compareUnits), [store.byId]);
  const list = useWalk(units, selectedId, openUnit);
  return (
    <>
      <ListNotes of={store} lines={6}>
        <Empty title={t('units.none')}>{t('units.noneMore')}</Empty>
      </ListNotes>
      {units.length > 0 && (
        <VirtualList
          ref={list}
          items={units}
          rowHeight={48}
          keyOf={(unit) => unit.id}
          label={t('side.units')}
          className={css.list}
          render={(unit) => <UnitRow unit={unit} selected={unit.id === selectedId} />}
        />
      )}
    </>
  );
}

function UnitRow({ unit, selected }: { unit: Unit; selected: boolean }) {
  const { t } = useTexts();
  const facts = [
    t(`unitStatus.${unit.status}`),
    unit.agency,
    unit.crew === null ? null : t('units.crew', { count: unit.crew }),
  ];
  return (
    <button
      type="button"
      className={classes(row.row, selected && row.selected, unit.status === 'out_of_service' && row.quiet)}
      aria-current={selected || undefined}
      onClick={() => openUnit(unit)}
      onPointerEnter={() => hover({ kind: 'unit', id: unit.id })}
      onPointerLeave={() => hover(null)}
    >
      <UnitGlyph status={unit.status} size={18} className={row.glyph ?? ''} />
      <span className={row.title}>
        {unit.callSign} · {unit.name}
      </span>
      <span className={row.age}>
        {unit.positionAt ? <Age sinceMs={timeOf(unit.positionAt)} /> : t('units.noPosition')}
      </span>
      <span className={row.place}>{facts.filter(Boolean).join(' · ')}</span>
      <span />
    </button>
  );
}
