import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Backtest, Rule } from '../../core/api/rules.ts';
import { formatNumber, formatSpan } from '../../core/format.ts';
import { dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { Choice } from '../parts/page.tsx';
import { ErrorNote, Skeleton } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { useAct } from '../parts/use-act.ts';
import { api, serverNow, timeOf, useMay } from '../state/index.ts';
import { CountBars, FigureList } from './figure-list.tsx';
import { Moment } from './page-cells.tsx';
import css from './trial.module.css';

const SPANS = { '1d': 1, '7d': 7, '30d': 30 } as const;
type Span = keyof typeof SPANS;
type Alarm = Omit<Backtest['alarms'][number], 'position'>;

/** One rule: what it would have done, and the next steps on its way into force. */
export function RuleTrial({ rule, onChanged }: { rule: Rule; onChanged(): void }) {
  const { t, language } = useTexts();
  const mayWrite = useMay('rules.write');
  const mayApprove = useMay('rules.activate');
  const [span, setSpan] = useState<Span>('7d');
  const [found, setFound] = useState<Backtest | null>(null);
  const act = useAct<'backtest' | 'approve' | 'shadow' | 'activate' | 'retire'>();
  const step = async (what: 'approve' | 'shadow' | 'activate' | 'retire', work: () => Promise<unknown>) => {
    if (await act.run(what, work)) onChanged();
  };
  const look = () =>
    act.run('backtest', async () => {
      const to = serverNow();
      const from = to - SPANS[span] * 86_400_000;
      setFound(
        await api.backtest(rule.id, { from: new Date(from).toISOString(), to: new Date(to).toISOString() }),
      );
      onChanged();
    });
  const { state } = rule;
  const waits = state === 'draft' || state === 'simulated';
  const rests = waits || state === 'approved';
  return (
    <section className={css.sheet} aria-label={rule.name}>
      <div className={css.bar}>
        <h2>{rule.name}</h2>
        {mayWrite && (
          <>
            <Choice
              label={t('rules.span')}
              value={span}
              onChange={setSpan}
              options={[
                { value: '1d', label: t('rules.span.1d') },
                { value: '7d', label: t('rules.span.7d') },
                { value: '30d', label: t('rules.span.30d') },
              ]}
            />
            <Button look="primary" busy={act.busy === 'backtest'} onClick={() => void look()}>
              {t('rules.test')}
            </Button>
          </>
        )}
        {mayApprove && waits && (
          <Button
            busy={act.busy === 'approve'}
            onClick={() => void step('approve', () => api.ruleAct(rule.id, 'approve'))}
          >
            {t('rules.approve')}
          </Button>
        )}
        {mayWrite && rests && (
          <Button
            busy={act.busy === 'shadow'}
            onClick={() => void step('shadow', () => api.ruleAct(rule.id, 'shadow'))}
          >
            {t('rules.shadow')}
          </Button>
        )}
        {mayWrite && (rests || state === 'shadow') && (
          <Button
            busy={act.busy === 'activate'}
            onClick={() => void step('activate', () => api.ruleAct(rule.id, 'activate'))}
          >
            {t('rules.activate')}
          </Button>
        )}
        {mayWrite && (state === 'active' || state === 'shadow') && (
          <Button
            busy={act.busy === 'retire'}
            onClick={() => void step('retire', () => api.retireRule(rule.id))}
          >
            {t('rules.retire')}
          </Button>
        )}
      </div>
      <p className={css.says}>
        {rule.explanation[language]}
        {rule.approvedBy && ` · ${t('rules.approvedBy', { name: rule.approvedBy })}`}
      </p>
      {act.error !== null && <ErrorNote compact error={act.error} onRetry={act.clearError} />}
      {act.busy === 'backtest' && <Skeleton lines={4} />}
      {found && act.busy !== 'backtest' && <Found found={found} />}
      {state === 'shadow' && mayWrite && <Shadow ruleId={rule.id} />}
    </section>
  );
}

function Found({ found }: { found: Backtest }) {
  const { t, language } = useTexts();
  const number = (value: number, decimals = 0) => formatNumber(value, decimals, language);
  return (
    <>
      <FigureList
        figures={[
          { name: t('rules.found'), value: number(found.count) },
          { name: t('rules.timeIn'), value: formatSpan(found.timeInAlarmS, language) },
          { name: t('rules.chatter'), value: number(found.chatterIndex, 3) },
          { name: t('rules.flood'), value: number(found.floodMinutes) },
          { name: t('rules.devices'), value: number(found.devices) },
          { name: t('rules.judged'), value: number(found.items) },
        ]}
      />
      {found.count === 0 ? (
        <p className={css.says}>{t('rules.quiet')}</p>
      ) : (
        <>
          <CountBars
            label={t('rules.perDay')}
            bars={found.days.map(({ day, count }) => ({ id: day, name: day, count }))}
          />
          <Alarms alarms={found.alarms} label={t('rules.test')} />
        </>
      )}
    </>
  );
}

function Shadow({ ruleId }: { ruleId: string }) {
  const { t } = useTexts();
  const { data } = useQuery({
    queryKey: ['shadow', ruleId],
    queryFn: ({ signal }) => api.shadowAlarms(ruleId, signal),
    refetchInterval: 15_000,
  });
  return (
    <>
      <h3 className={css.label}>{t('rules.shadowFound')}</h3>
      {!data && <Skeleton lines={2} />}
      {data?.length === 0 && <p className={css.says}>{t('rules.quiet')}</p>}
      {data && data.length > 0 && <Alarms alarms={data} label={t('rules.shadowFound')} />}
    </>
  );
}

function Alarms({ alarms, label }: { alarms: readonly Alarm[]; label: string }) {
  const { t, language, timeZone } = useTexts();
  const moment = (iso: string | null) => (iso === null ? '–' : dateTime(timeOf(iso), timeZone));
  const columns: Column<Alarm>[] = [
    {
      id: 'raised',
      title: t('rules.raised'),
      width: '12em',
      render: (row) => <Moment>{moment(row.raisedAt)}</Moment>,
    },
    {
      id: 'cleared',
      title: t('rules.cleared'),
      width: '12em',
      render: (row) => <Moment>{moment(row.clearedAt)}</Moment>,
    },
    { id: 'about', title: t('rules.about'), width: '20%', render: (row) => row.subjectName },
    { id: 'why', title: t('rules.why'), render: (row) => row.explanation[language] },
  ];
  return (
    <Table
      label={label}
      rows={alarms}
      columns={columns}
      keyOf={(row) => `${row.subjectType} ${row.subjectId} ${row.raisedAt}`}
    />
  );
}
