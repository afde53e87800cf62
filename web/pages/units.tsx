import { useMemo, useState } from 'react';
import { UNIT_STATUSES, type Unit } from '../../core/api/dispatch.ts';
import { fold } from '../../core/text.ts';
import { UnitGlyph } from '../glyphs/index.ts';
import { useTexts } from '../i18n/index.ts';
import { compareUnits, openUnit } from '../panels/unit-list.tsx';
import { Age } from '../parts/age.tsx';
import { Choice, PageBody, PageHead, TextFilter } from '../parts/page.tsx';
import { Empty, ErrorNote, Partial, Skeleton } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { reload, timeOf, useAlerts, useAreas, useSelection, useUnits } from '../state/index.ts';
import { Named, Quiet } from './page-cells.tsx';

/** All forces: who is free, who is where, and what they are at. */
export function UnitsPage() {
  const { t } = useTexts();
  const { byId, status, error, skipped } = useUnits();
  const alerts = useAlerts((state) => state.byId);
  const areas = useAreas((state) => state.byId);
  const selected = useSelection((state) => state.selected);
  const [text, setText] = useState('');
  const [wanted, setWanted] = useState<'all' | Unit['status']>('all');
  const rows = useMemo(() => {
    const needle = fold(text);
    return [...byId.values()]
      .filter(
        (unit) =>
          (wanted === 'all' || unit.status === wanted) &&
          (needle === '' || fold(`${unit.callSign} ${unit.name} ${unit.agency ?? ''}`).includes(needle)),
      )
      .sort(compareUnits);
  }, [byId, text, wanted]);
  const columns = useMemo<Column<Unit>[]>(
    () => [
      {
        id: 'name',
        title: t('column.name'),
        sort: (a, b) => a.callSign.localeCompare(b.callSign, 'vi', { numeric: true }),
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
    <>
      <PageHead title={t('page.units')} count={t('filter.shown', { shown: rows.length, all: byId.size })}>
        <TextFilter label={t('filter.text')} value={text} onChange={setText} />
        <Choice
          label={t('column.state')}
          value={wanted}
          onChange={setWanted}
          options={[
            { value: 'all', label: t('filter.all') },
            ...UNIT_STATUSES.map((value) => ({ value, label: t(`unitStatus.${value}`) })),
          ]}
        />
      </PageHead>
      {skipped > 0 && <Partial>{t('state.skipped', { count: skipped })}</Partial>}
      <PageBody>
        {status === 'loading' && <Skeleton lines={10} />}
        {status === 'error' && <ErrorNote error={error} onRetry={reload} />}
        {status === 'ready' && byId.size === 0 && (
          <Empty title={t('units.none')}>{t('units.noneMore')}</Empty>
        )}
        {byId.size > 0 && rows.length === 0 && <Empty title={t('filter.nothing')} />}
        {rows.length > 0 && (
          <Table
            label={t('page.units')}
            rows={rows}
            columns={columns}
            keyOf={(unit) => unit.id}
            isSelected={(unit) => selected?.kind === 'unit' && selected.id === unit.id}
            onOpen={openUnit}
          />
        )}
      </PageBody>
    </>
  );
}
