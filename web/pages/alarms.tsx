import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { Alert } from '../../core/api/alerts.ts';
import { SEVERITIES, type Severity } from '../../core/api/common.ts';
import { AlarmGlyph } from '../glyphs/index.ts';
import { dateTime, quantityValue } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { openAlarm } from '../panels/alarm-list.tsx';
import { evidenceOf } from '../panels/evidence.ts';
import { Button } from '../parts/button.tsx';
import { Choice, PageBody, PageHead } from '../parts/page.tsx';
import { Empty, ErrorNote, Skeleton } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { api, serverNow, timeOf, useConnection, useSelection } from '../state/index.ts';
import { Moment, Named, Quiet } from './page-cells.tsx';

const SPANS = { '24h': 24, '7d': 168, '30d': 720, all: 0 } as const;
type Span = keyof typeof SPANS;

/** Every alarm, also those of the past: what happened, when, and who dealt with it. */
export function AlarmsPage() {
  const { t, language, timeZone } = useTexts();
  const [state, setState] = useState<'all' | 'open' | 'closed'>('all');
  const [severity, setSeverity] = useState<'all' | Severity>('all');
  const [domain, setDomain] = useState('all');
  const [span, setSpan] = useState<Span>('24h');
  const domains = useConnection((store) => store.centre?.domains) ?? [];
  const selected = useSelection((store) => store.selected);
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } =
    useInfiniteQuery({
      queryKey: ['alarms', state, severity, domain, span],
      initialPageParam: null as string | null,
      queryFn: ({ pageParam, signal }) =>
        api.alertPage(
          {
            limit: 100,
            cursor: pageParam,
            state: state === 'all' ? null : state,
            severity: severity === 'all' ? null : severity,
            domain: domain === 'all' ? null : domain,
            since: SPANS[span] === 0 ? null : new Date(serverNow() - SPANS[span] * 3_600_000).toISOString(),
          },
          signal,
        ),
      getNextPageParam: (page) => page.nextCursor,
      refetchInterval: 30_000,
    });
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
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
    <>
      <PageHead
        title={t('page.alarms')}
        count={rows.length > 0 ? `${rows.length}${hasNextPage ? '+' : ''}` : undefined}
      >
        <Choice
          label={t('column.state')}
          value={state}
          onChange={setState}
          options={(['all', 'open', 'closed'] as const).map((value) => ({
            value,
            label: t(`alarms.filter.${value}`),
          }))}
        />
        <Choice
          label={t('filter.severity')}
          value={severity}
          onChange={setSeverity}
          options={[
            { value: 'all', label: t('filter.all') },
            ...SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) })),
          ]}
        />
        <Choice
          label={t('filter.domain')}
          value={domain}
          onChange={setDomain}
          options={[
            { value: 'all', label: t('filter.all') },
            ...domains.map((one) => ({ value: one.id, label: language === 'vi' ? one.nameVi : one.nameEn })),
          ]}
        />
        <Choice
          label={t('filter.since')}
          value={span}
          onChange={setSpan}
          options={(Object.keys(SPANS) as Span[]).map((value) => ({
            value,
            label: t(`filter.span.${value}`),
          }))}
        />
      </PageHead>
      <PageBody>
        {isPending && <Skeleton lines={10} />}
        {error && rows.length === 0 && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {!isPending && !error && rows.length === 0 && (
          <Empty title={t('alarms.noneFound')}>{t('alarms.noneFoundMore')}</Empty>
        )}
        {rows.length > 0 && (
          <Table
            label={t('page.alarms')}
            rows={rows}
            columns={columns}
            keyOf={(alert) => alert.id}
            isSelected={(alert) => selected?.kind === 'alert' && selected.id === alert.id}
            onOpen={openAlarm}
          />
        )}
        {hasNextPage && (
          <div style={{ padding: 16, textAlign: 'center' }}>
            <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              {t('act.more')}
            </Button>
          </div>
        )}
      </PageBody>
    </>
  );
}
