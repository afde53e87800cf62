import { useMemo, useRef } from 'react';
import type { Unit } from '../../core/api/dispatch.ts';
import { UnitGlyph } from '../glyphs/index.ts';
import { useTexts } from '../i18n/index.ts';
import { Age } from '../parts/age.tsx';
import { classes } from '../parts/classes.ts';
import { Empty, ErrorNote, Partial, Skeleton } from '../parts/states.tsx';
import { VirtualList, type VirtualListHandle } from '../parts/virtual-list.tsx';
import { useKeys } from '../shell/keys.ts';
import { hover, reload, requestFocus, select, timeOf, useSelection, useUnits } from '../state/index.ts';
import css from './alarm-list.module.css';
import row from './alarm-row.module.css';

/** Those who are under way first, then the free, then the rest. */
const ORDER: readonly Unit['status'][] = ['on_scene', 'en_route', 'assigned', 'available', 'out_of_service'];

export function compareUnits(a: Unit, b: Unit): number {
  return (
    ORDER.indexOf(a.status) - ORDER.indexOf(b.status) ||
    a.callSign.localeCompare(b.callSign, 'vi', { numeric: true })
  );
}

export function openUnit(unit: Unit): void {
  select({ kind: 'unit', id: unit.id });
  requestFocus({ position: unit.position, mode: 'reveal' });
}

export function UnitList() {
  const { t } = useTexts();
  const list = useRef<VirtualListHandle>(null);
  const { byId, status, error, skipped } = useUnits();
  const selectedId = useSelection(({ selected }) => (selected?.kind === 'unit' ? selected.id : null));
  const units = useMemo(() => [...byId.values()].sort(compareUnits), [byId]);
  const at = units.findIndex((unit) => unit.id === selectedId);
  const walk = (step: 1 | -1) => {
    const index = at < 0 ? 0 : Math.min(units.length - 1, Math.max(0, at + step));
    const next = units[index];
    if (!next) return;
    openUnit(next);
    list.current?.reveal(index);
  };
  useKeys({ j: () => walk(1), k: () => walk(-1), arrowdown: () => walk(1), arrowup: () => walk(-1) });
  return (
    <>
      {skipped > 0 && <Partial>{t('state.skipped', { count: skipped })}</Partial>}
      {status === 'loading' && <Skeleton lines={6} />}
      {status === 'error' && <ErrorNote error={error} onRetry={reload} />}
      {status === 'ready' && units.length === 0 && (
        <Empty title={t('units.none')}>{t('units.noneMore')}</Empty>
      )}
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
