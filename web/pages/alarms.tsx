import { useMemo, useState } from 'react';
import type { Alert } from '../../core/api/alerts.ts';
import { SEVERITIES, type Severity } from '../../core/api/common.ts';
import { AlarmGlyph } from '../glyphs/index.ts';
import { dateTime, quantityValue } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { openAlarm } from '../panels/alarm-list.tsx';
import { evidenceOf } from '../panels/evidence.ts';
import { Choice, FilterChoice } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { api, serverNow, timeOf, useSelectedId } from '../state/index.ts';
import { DomainChoice } from './domain-choice.tsx';
import { Moment, Named, Quiet } from './page-cells.tsx';
import { PagedPage, usePages } from './paged-page.tsx';

const SPANS = { '24h': 24, '7d': 168, '30d': 720, all: 0 } as const;
type Span = keyof typeof SPANS;

/** Every alarm, also those of the past: what happened, when, and who dealt with it. */
export function AlarmsPage() {
  const { t, language, timeZone } = useTexts();
  const [state, setState] = useState<'all' | 'open' | 'closed'>('all');
  const [severity, setSeverity] = useState<'all' | Severity>('all');
  const [domain, setDomain] = useState('all');
  const [span, setSpan] = useState<Span>('24h');
  const selectedId = useSelectedId('alert');
  const pages = usePages({
    key: ['alarms', state, severity, domain, span],
    read: (cursor, signal) =>
      api.alertPage(
        {
          limit: 100,
          cursor,
          state: state === 'all' ? null : state,
          severity: severity === 'all' ? null : severity,
          domain: domain === 'all' ? null : domain,
          since: SPANS[span] === 0 ? null : new Date(serverNow() - SPANS[span] * 3_600_000).toISOString(),
        },
        signal,
      ),
    everyMs: 30_000,
  });
  const columns = useMemo<Column<Alert>[]>(
    () => [
      {
        id: 'title',
        title: t('alarms.column.title'),
        render: (alert) => (
          <Named
            glyph={
              <AlarmGlyph
                severity={alert.severity}
                state={alert.state}
                size={15}
                label={t(`severity.${alert.severity}`)}
              />
            }
            name={alert.title}
          />
        ),
      },
      { id: 'place', title: t('column.area'), render: (alert) => alert.areaName ?? <Quiet>–</Quiet> },
      { id: 'subject', title: t('alarms.column.subject'), render: (alert) => alert.subject.name },
      {
        id: 'peak',
        title: t('alarms.column.peak'),
        align: 'right',
        render: (alert) => {
          const { quantity } = evidenceOf(alert);
          return quantity && alert.peak !== null ? quantityValue(quantity, alert.peak, language) : '';
        },
      },
      {
        id: 'raised',
        title: t('alarms.column.raised'),
        align: 'right',
        render: (alert) => <Moment>{dateTime(timeOf(alert.raisedAt), timeZone)}</Moment>,
      },
      {
        id: 'state',
        title: t('column.state'),
        render: (alert) => <Named name={t(`alertState.${alert.state}`)} more={alert.acknowledgedBy} />,
      },
    ],
    [t, language, timeZone],
  );
  return (
    <PagedPage
      title={t('page.alarms')}
      pages={pages}
      tools={
        <>
          <Choice
            label={t('column.state')}
            value={state}
            onChange={setState}
            options={(['all', 'open', 'closed'] as const).map((value) => ({
              value,
              label: t(`alarms.filter.${value}`),
            }))}
          />
          <FilterChoice
            label={t('filter.severity')}
            value={severity}
            onChange={setSeverity}
            options={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
          />
          <DomainChoice value={domain} onChange={setDomain} />
          <Choice
            label={t('filter.since')}
            value={span}
            onChange={setSpan}
            options={(Object.keys(SPANS) as Span[]).map((value) => ({
              value,
              label: t(`filter.span.${value}`),
            }))}
          />
        </>
      }
      empty={<Empty title={t('alarms.noneFound')}>{t('alarms.noneFoundMore')}</Empty>}
    >
      <Table
        label={t('page.alarms')}
        rows={pages.rows}
        columns={columns}
        keyOf={(alert) => alert.id}
        isSelected={(alert) => alert.id === selectedId}
        onOpen={openAlarm}
      />
    </PagedPage>
  );
}
