import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Delegation } from '../../core/api/delegations.ts';
import { dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { PageBody, PageHead } from '../parts/page.tsx';
import { Empty, ErrorNote, Skeleton } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { useAct } from '../parts/use-act.ts';
import { useRoles } from '../parts/use-roles.ts';
import { notify } from '../shell/notices.ts';
import { api, timeOf, useAreas, useMay, useSession } from '../state/index.ts';
import { LendForm } from './lend-form.tsx';
import { Moment, Named, Quiet } from './page-cells.tsx';
import css from './powers.module.css';

/** Powers that one lent or borrowed: what they allow, until when, and how to end them. */
export function PowersPage() {
  const { t, timeZone } = useTexts();
  const queries = useQueryClient();
  const me = useSession((state) => state.me);
  const mayLend = useMay('delegations.lend');
  const mayOpen = useMay('breakglass.open');
  const { roleName } = useRoles();
  const areas = useAreas((state) => state.byId);
  const [all, setAll] = useState(false);
  const [lending, setLending] = useState(false);
  const { busy, error: failure, run, clearError } = useAct<string>();
  const { data, error, refetch } = useQuery({
    queryKey: ['delegations', all],
    queryFn: () => api.delegations(all ? 'all' : 'open'),
  });
  const renew = () => queries.invalidateQueries({ queryKey: ['delegations'] });
  const end = (loan: Delegation) =>
    run(String(loan.id), async () => {
      await api.endDelegation(loan.id);
      await renew();
      notify(t('powers.ended'));
    });
  const when = (time: string) => dateTime(timeOf(time), timeZone);
  const columns: Column<Delegation>[] = [
    {
      id: 'who',
      title: t('powers.column.who'),
      render: ({ from, to, reason }) => (
        <Named
          name={
            to.id === me?.id
              ? t('powers.toMe', { name: from.displayName })
              : t('powers.fromMe', { name: to.displayName })
          }
          more={reason}
        />
      ),
    },
    {
      id: 'what',
      title: t('powers.column.what'),
      render: ({ kind, role, areaIds, permissions }) => (
        <>
          {t(`powers.kind.${kind}`)} · {roleName(role)}{' '}
          <Quiet>{areaIds?.map((id) => areas.get(id)?.name ?? id).join(', ') ?? t('users.everywhere')}</Quiet>
          <details className={css.permissions}>
            <summary>{t('powers.permissions')}</summary>
            {permissions.join(', ')}
          </details>
        </>
      ),
    },
    {
      id: 'when',
      title: t('powers.column.when'),
      sort: (a, b) => a.validTo.localeCompare(b.validTo),
      render: (loan) => (
        <Moment>
          {when(loan.validFrom)} – {when(loan.endedAt ?? loan.validTo)}
        </Moment>
      ),
    },
    { id: 'state', title: t('column.state'), render: ({ state }) => t(`powers.state.${state}`) },
    {
      id: 'acts',
      title: '',
      align: 'right',
      render: (loan) =>
        loan.state !== 'ended' && (
          <Button look="link" busy={busy === String(loan.id)} onClick={() => void end(loan)}>
            {t(loan.to.id === me?.id ? 'powers.giveBack' : 'powers.end')}
          </Button>
        ),
    },
  ];
  return (
    <>
      <PageHead title={t('page.powers')} count={data?.length}>
        <label className={css.all}>
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
          {t('powers.showAll')}
        </label>
        {(mayLend || mayOpen) && (
          <Button look="primary" onClick={() => setLending(true)}>
            {t('powers.lend')}
          </Button>
        )}
      </PageHead>
      <PageBody>
        {failure !== null && <ErrorNote compact error={failure} onRetry={clearError} />}
        {!data && !error && <Skeleton lines={4} />}
        {!data && error && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {data?.length === 0 && <Empty title={t('powers.none')}>{t('powers.noneMore')}</Empty>}
        {data && data.length > 0 && (
          <Table label={t('powers.list')} rows={data} columns={columns} keyOf={(loan) => loan.id} />
        )}
      </PageBody>
      {lending && me && (
        <LendForm
          me={me}
          onClose={() => setLending(false)}
          onLent={(loan) => {
            setLending(false);
            void renew();
            notify(t('powers.done', { name: loan.to.displayName }));
          }}
        />
      )}
    </>
  );
}
