import { type ReactNode, useMemo, useState } from 'react';
import { REQUEST_STATES, type RequestState } from '../../core/account-request-state.ts';
import { type AccountRequest, REQUEST_ACTIONS, type RequestAction } from '../../core/api/account-requests.ts';
import { dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Named, Quiet } from '../pages/page-cells.tsx';
import { PagedPage, usePages } from '../pages/paged-page.tsx';
import { Button } from '../parts/button.tsx';
import { Choice, FilterChoice } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { api, useMay } from '../state/index.ts';
import css from './accounts.module.css';
import { RequestDetail } from './request-detail.tsx';
import { RequestForm } from './request-form.tsx';

const PAGE_ROWS = 100;

/** Requests by state; a row opens with what can be done. */
export function Requests({ tabs }: { tabs: ReactNode }) {
  const { t, timeZone } = useTexts();
  const mayAsk = useMay('accounts.request');
  const [state, setState] = useState<RequestState | 'open' | 'all'>('open');
  const [action, setAction] = useState<RequestAction | 'all'>('all');
  const [opened, setOpened] = useState<number | null>(null);
  const [asking, setAsking] = useState(false);
  const pages = usePages<AccountRequest>({
    key: ['account-requests', 'list', state, action],
    read: (cursor, signal) =>
      api.accountRequests(
        {
          state: state === 'all' ? undefined : state,
          action: action === 'all' ? undefined : action,
          limit: PAGE_ROWS,
          cursor,
        },
        signal,
      ),
    everyMs: 30_000,
  });
  const columns = useMemo<Column<AccountRequest>[]>(
    () => [
      {
        id: 'id',
        title: t('accounts.column.number'),
        width: '64px',
        render: ({ id }) => <Quiet>{id}</Quiet>,
      },
      { id: 'action', title: t('accounts.action'), render: (one) => t(`accounts.action.${one.action}`) },
      {
        id: 'account',
        title: t('accounts.account'),
        render: ({ target }) => <Named name={target.displayName} more={target.username} />,
      },
      {
        id: 'requester',
        title: t('accounts.requester'),
        render: (one) => <Named name={one.requesterName} more={t(`accounts.kind.${one.requesterKind}`)} />,
      },
      {
        id: 'document',
        title: t('accounts.documentNumber'),
        render: (one) =>
          one.documentNumber ?? (
            <span className={one.documentLate ? css.late : css.quiet}>
              {t(one.documentLate ? 'accounts.lateDocument' : 'accounts.noDocument')}
            </span>
          ),
      },
      {
        id: 'submitted',
        title: t('accounts.column.submitted'),
        render: (one) => (
          <Named name={dateTime(Date.parse(one.submittedAt), timeZone)} more={one.submittedBy.name} />
        ),
      },
      { id: 'state', title: t('column.state'), render: (one) => t(`accounts.state.${one.state}`) },
    ],
    [t, timeZone],
  );
  return (
    <>
      <PagedPage
        title={t('page.accounts')}
        pages={pages}
        tools={
          <>
            {tabs}
            <Choice
              label={t('column.state')}
              value={state}
              onChange={setState}
              options={[
                { value: 'open', label: t('accounts.open') },
                { value: 'all', label: t('filter.all') },
                ...REQUEST_STATES.map((one) => ({ value: one, label: t(`accounts.state.${one}`) })),
              ]}
            />
            <FilterChoice
              label={t('accounts.action')}
              value={action}
              onChange={setAction}
              options={REQUEST_ACTIONS.map((one) => ({ value: one, label: t(`accounts.action.${one}`) }))}
            />
            {mayAsk && (
              <Button look="primary" onClick={() => setAsking(true)}>
                {t('accounts.askNew')}
              </Button>
            )}
          </>
        }
        empty={
          <Empty title={t('accounts.none')}>{t(mayAsk ? 'accounts.noneMore' : 'accounts.noneRead')}</Empty>
        }
      >
        <Table
          label={t('page.accounts')}
          rows={pages.rows}
          columns={columns}
          keyOf={({ id }) => id}
          isSelected={({ id }) => id === opened}
          onOpen={({ id }) => setOpened(id)}
        />
      </PagedPage>
      {asking && (
        <RequestForm
          onClose={() => setAsking(false)}
          onFiled={(id) => {
            setAsking(false);
            setOpened(id);
          }}
        />
      )}
      {opened !== null && <RequestDetail id={opened} onClose={() => setOpened(null)} />}
    </>
  );
}
