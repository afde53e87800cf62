import { useMemo, useState } from 'react';
import { UNIT_STATUSES, type Unit } from '../../core/api/dispatch.ts';
import { compareNames, textFilter } from '../../core/text.ts';
import { UnitGlyph } from '../glyphs/index.ts';
import { useTexts } from '../i18n/index.ts';
import { compareUnits, openUnit } from '../panels/unit-list.tsx';
import { Age } from '../parts/age.tsx';
import { FilterChoice, TextFilter } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { timeOf, useAlerts, useAreas, useSelectedId, useUnits } from '../state/index.ts';
import { Named, Quiet } from './page-cells.tsx';
import { StorePage } from './store-page.tsx';

/** All forces: who is free, who is where, and what they are at. */
export function UnitsPage() {
  const { t } = useTexts();
  const store = useUnits();
  const alerts = useAlerts((state) => state.byId);
  const areas = useAreas((state) => state.byId);
  const selectedId = useSelectedId('unit');
  const [text, setText] = useState('');
  const [status, setStatus] = useState<'all' | Unit['status']>('all');
  const rows = useMemo(() => {
    const wanted = textFilter(text);
    return [...store.byId.values()]
      .filter(
        (unit) =>
          (status === 'all' || unit.status === status) && wanted(unit.callSign, unit.name, unit.agency),
      )
      .sort(compareUnits);
  }, [store.byId, text, status]);
  const columns = useMemo<Column<Unit>[]>(
    () => [
      {
        id: 'name',
        title: t('column.name'),
        sort: (a, b) => compareNames(a.callSign, b.callSign),
        render: (unit) => (
          <Named
            glyph={<UnitGlyph status={unit.status} size={18} />}
            name={`${unit.callSign} · ${unit.name}`}
          />
        ),
      },
      { id: 'agency', title: t('units.agency'), render: (unit) => unit.agency ?? <Quiet>–</Quiet> },
      {
        id: 'crew',
        title: t('units.column.crew'),
        align: 'right',
        render: (unit) => unit.crew ?? <Quiet>–</Quiet>,
      },
      {
        id: 'status',
        title: t('column.state'),
        sort: (a, b) => UNIT_STATUSES.indexOf(a.status) - UNIT_STATUSES.indexOf(b.status),
        render: (unit) => t(`unitStatus.${unit.status}`),
      },
      {
        id: 'task',
        title: t('units.column.task'),
        render: (unit) =>
          unit.alertId === null ? '' : (alerts.get(unit.alertId)?.title ?? `#${unit.alertId}`),
      },
      {
        id: 'area',
        title: t('column.area'),
        render: (unit) => (unit.areaId && areas.get(unit.areaId)?.name) || <Quiet>–</Quiet>,
      },
      {
        id: 'position',
        title: t('units.position'),
        align: 'right',
        render: (unit) => (unit.positionAt ? <Age sinceMs={timeOf(unit.positionAt)} /> : <Quiet>–</Quiet>),
      },
    ],
    [t, alerts, areas],
  );
  return (
    <StorePage
      title={t('page.units')}
      of={store}
      shown={rows.length}
      tools={
        <>
          <TextFilter value={text} onChange={setText} />
          <FilterChoice
            label={t('column.state')}
            value={status}
            onChange={setStatus}
            options={UNIT_STATUSES.map((value) => ({ value, label: t(`unitStatus.${value}`) }))}
          />
        </>
      }
      empty={<Empty title={t('units.none')}>{t('units.noneMore')}</Empty>}
    >
      <Table
        label={t('page.units')}
        rows={rows}
        columns={columns}
        keyOf={(unit) => unit.id}
        isSelected={(unit) => unit.id === selectedId}
        onOpen={openUnit}
      />
    </StorePage>
  );
}
