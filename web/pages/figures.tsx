import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AlertFigures } from '../../core/api/alerts.ts';
import { SEVERITIES } from '../../core/api/common.ts';
import { formatNumber, formatSpan } from '../../core/format.ts';
import { AlarmGlyph } from '../glyphs/index.ts';
import { shortTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Choice, PageBody, PageHead } from '../parts/page.tsx';
import { Empty, ErrorNote, Partial, Skeleton } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { api, serverNow, timeOf } from '../state/index.ts';
import { CountBars, FigureList } from './figure-list.tsx';
import { Named } from './page-cells.tsx';
import css from './trial.module.css';

const SPANS = { '24h': 24, '7d': 168, '30d': 720 } as const;
type Span = keyof typeof SPANS;
type Worst = AlertFigures['worst'][number];

/** How the alarms behave: whether an operator can keep up with them, and which ones to put right first. */
export function FiguresPage() {
  const { t } = useTexts();
  const [span, setSpan] = useState<Span>('24h');
  const query = useQuery({
    queryKey: ['figures', span],
    queryFn: ({ signal }) => api.figures(SPANS[span], signal),
    refetchInterval: 60_000,
  });
  return (
    <>
      <PageHead title={t('page.figures')} count={query.data?.total}>
        <Choice
          label={t('figures.span')}
          value={span}
          onChange={setSpan}
          options={[
            { value: '24h', label: t('rules.span.1d') },
            { value: '7d', label: t('rules.span.7d') },
            { value: '30d', label: t('rules.span.30d') },
          ]}
        />
      </PageHead>
      <PageBody>
        {query.isPending && <Skeleton lines={8} />}
        {query.error && !query.data && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
        {query.data && <Figures data={query.data} />}
      </PageBody>
    </>
  );
}

function Figures({ data }: { data: AlertFigures }) {
  const { t, language, timeZone } = useTexts();
  const number = (value: number, decimals = 0) => formatNumber(value, decimals, language);
  const columns: Column<Worst>[] = [
    {
      id: 'title',
      title: t('alarms.column.title'),
      render: (row) => <Named name={row.title} more={row.subjectName} />,
    },
    { id: 'count', title: t('figures.count'), align: 'right', render: (row) => number(row.count) },
    {
      id: 'share',
      title: t('figures.share'),
      align: 'right',
      render: (row) => `${number(row.share * 100, 1)} %`,
    },
    {
      id: 'chatter',
      title: t('rules.chatter'),
      align: 'right',
      render: (row) => number(row.chatterIndex, 3),
    },
  ];
  return (
    <div className={css.page}>
      {data.truncated && <Partial>{t('figures.truncated', { count: data.total })}</Partial>}
      <FigureList
        figures={[
          { name: t('figures.total'), value: number(data.total) },
          { name: t('figures.per10'), value: number(data.per10MinMean, 2) },
          { name: t('figures.most10'), value: number(data.per10MinMost) },
          { name: t('figures.floodShare'), value: `${number(data.floodShare * 100, 1)} %` },
          { name: t('figures.stale'), value: number(data.stale) },
          { name: t('figures.held'), value: number(data.held) },
          { name: t('figures.chattering'), value: number(data.chattering) },
          {
            name: t('figures.ack'),
            value: data.medianAcknowledgeS === null ? '–' : formatSpan(data.medianAcknowledgeS, language),
          },
        ]}
      />
      <h3 className={css.label}>{t('figures.mix')}</h3>
      <FigureList
        figures={SEVERITIES.map((severity) => ({
          name: t(`severity.${severity}`),
          value: (
            <>
              <AlarmGlyph severity={severity} state="unacknowledged" size={14} />{' '}
              {number(data.severities[severity])}
            </>
          ),
        }))}
      />
      {data.total === 0 ? (
        <Empty title={t('figures.none')}>{t('figures.noneMore')}</Empty>
      ) : (
        <>
          <CountBars
            label={t('figures.perHour')}
            bars={data.hours.map((hour) => ({
              id: hour.time,
              name: shortTime(timeOf(hour.time), timeZone, serverNow()),
              count: hour.count,
            }))}
          />
          <h3 className={css.label}>{t('figures.worst')}</h3>
          <Table
            label={t('figures.worst')}
            rows={data.worst}
            columns={columns}
            keyOf={(row) => `${row.ruleId} ${row.subjectId}`}
          />
        </>
      )}
    </div>
  );
}
