import { type ReactNode, useMemo, useState } from 'react';
import { REQUEST_ACTIONS, type RegisterEntry, type RequestAction } from '../../core/api/account-requests.ts';
import { dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Named, Quiet } from '../pages/page-cells.tsx';
import { PagedPage, usePages } from '../pages/paged-page.tsx';
import { Button } from '../parts/button.tsx';
import { FilterChoice } from '../parts/page.tsx';
import { Empty, ErrorLine } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { useAct } from '../parts/use-act.ts';
import { api } from '../state/index.ts';
import css from './accounts.module.css';
import { RequestDetail } from './request-detail.tsx';
import { save } from './save.ts';

const PAGE_ROWS = 200;

/** Every account act with the document it stands on; the whole of it can be kept as a table. */
export function Register({ tabs }: { tabs: ReactNode }) {
  const { t, timeZone } = useTexts();
  const [action, setAction] = useState<RequestAction | 'all'>('all');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [opened, setOpened] = useState<number | null>(null);
  const act = useAct<'export'>();
  const filter = { action: action === 'all' ? undefined : action, from, to };
  const pages = usePages<RegisterEntry>({
    key: ['account-register', action, from, to],
    read: (cursor, signal) => api.accountRegister({ ...filter, limit: PAGE_ROWS, cursor }, signal),
    everyMs: 60_000,
  });
  const columns = useMemo<Column<RegisterEntry>[]>(() => {
    const hand = (at: string | null, by: string | null) =>
      at === null ? <Quiet>–</Quiet> : <Named name={dateTime(Date.parse(at), timeZone)} more={by} />;
    return [
      {
        id: 'id',
        title: t('accounts.column.number'),
        width: '64px',
        render: (one) => <Quiet>{one.requestId}</Quiet>,
      },
      { id: 'action', title: t('accounts.action'), render: (one) => t(`accounts.action.${one.action}`) },
      {
        id: 'account',
        title: t('accounts.account'),
        render: (one) => <Named name={one.displayName} more={one.username} />,
      },
      {
        id: 'document',
        title: t('accounts.documentNumber'),
        render: (one) =>
          one.documentNumber === null ? (
            <span className={one.documentLate ? css.late : css.quiet}>
              {t(one.documentLate ? 'accounts.lateDocument' : 'accounts.noDocument')}
            </span>
          ) : (
            <Named name={one.documentNumber} more={(one.documentDate ?? '').split('-').reverse().join('/')} />
          ),
      },
      {
        id: 'requester',
        title: t('accounts.requester'),
        render: (one) => <Named name={one.requesterName} more={t(`accounts.kind.${one.requesterKind}`)} />,
      },
      {
        id: 'decided',
        title: t('accounts.column.decided'),
        render: (one) => hand(one.decidedAt, one.decidedBy),
      },
      {
        id: 'executed',
        title: t('accounts.column.executed'),
        render: (one) => hand(one.executedAt, one.executedBy),
      },
      { id: 'state', title: t('column.state'), render: (one) => t(`accounts.state.${one.state}`) },
    ];
  }, [t, timeZone]);
  const keep = () =>
    act.run('export', async () => save((await api.exportRegister(filter)).blob, 'so-tai-khoan.csv'));
  const day = (label: string, value: string, set: (value: string) => void) => (
    <label className={css.day}>
      <span>{label}</span>
      <input type="date" value={value} onChange={(event) => set(event.currentTarget.value)} />
    </label>
  );
  return (
    <>
      <PagedPage
        title={t('page.accounts')}
        pages={pages}
        tools={
          <>
            {tabs}
            <FilterChoice
              label={t('accounts.action')}
              value={action}
              onChange={setAction}
              options={REQUEST_ACTIONS.map((one) => ({ value: one, label: t(`accounts.action.${one}`) }))}
            />
            {day(t('accounts.from'), from, setFrom)}
            {day(t('accounts.to'), to, setTo)}
            <ErrorLine error={act.error} />
            <Button busy={act.busy !== null} onClick={() => void keep()}>
              {t('accounts.export')}
            </Button>
          </>
        }
        empty={<Empty title={t('accounts.noActs')}>{t('accounts.noActsMore')}</Empty>}
      >
        <Table
          label={t('accounts.tab.register')}
          rows={pages.rows}
          columns={columns}
          keyOf={(one) => one.requestId}
          isSelected={(one) => one.requestId === opened}
          onOpen={(one) => setOpened(one.requestId)}
        />
      </PagedPage>
      {opened !== null && <RequestDetail id={opened} onClose={() => setOpened(null)} />}
    </>
  );
}
