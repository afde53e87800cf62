import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { User } from '../../core/api/auth.ts';
import { useAccountActs } from '../accounts/use-account-acts.tsx';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { PageBody, PageHead } from '../parts/page.tsx';
import { ErrorNote, Skeleton } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { useRoles } from '../parts/use-roles.ts';
import { api, useAreas, useConnection, useMay, useSession } from '../state/index.ts';
import { Named, Quiet } from './page-cells.tsx';
import { SightOf } from './sight.tsx';

/** Accounts: who may see and do what, and where. */
export function UsersPage() {
  const { t, nameOf } = useTexts();
  const { mayAsk, askNew, actsOn, dialogs } = useAccountActs();
  const me = useSession((state) => state.me);
  const { roleName } = useRoles();
  const areas = useAreas((state) => state.byId);
  const domains = useConnection((state) => state.centre?.domains);
  const mayExplain = useMay('accounts.explain');
  const [explained, setExplained] = useState<User | null>(null);
  const { data, error, refetch } = useQuery({ queryKey: ['users'], queryFn: () => api.users() });

  const columns = useMemo<Column<User>[]>(() => {
    const domainName = (id: string) => {
      const domain = domains?.find((one) => one.id === id);
      return domain ? nameOf(domain) : id;
    };
    return [
      {
        id: 'name',
        title: t('column.name'),
        sort: (a, b) => a.username.localeCompare(b.username),
        render: (user) => <Named name={user.displayName} more={user.username} />,
      },
      {
        id: 'grants',
        title: t('users.column.grants'),
        render: (user) => (
          <ul>
            {user.grants.map((grant) => {
              const where =
                grant.areaIds?.map((id) => areas.get(id)?.name ?? id).join(', ') ?? t('users.everywhere');
              const what = grant.domains?.map(domainName).join(', ') ?? t('users.allDomains');
              return (
                <li key={grant.id}>
                  {roleName(grant.role)} <Quiet>{`${where} · ${what}`}</Quiet>
                </li>
              );
            })}
          </ul>
        ),
      },
      { id: 'status', title: t('column.state'), render: (user) => t(`users.${user.status}`) },
      ...(mayExplain
        ? [
            {
              id: 'sight',
              title: '',
              render: (user: User) => (
                <Button look="link" onClick={() => setExplained(user)}>
                  {t('sight.open')}
                </Button>
              ),
            },
          ]
        : []),
      {
        id: 'acts',
        title: '',
        align: 'right' as const,
        render: (user: User) => (user.id === me?.id ? <Quiet>{t('users.you')}</Quiet> : actsOn(user)),
      },
    ];
  }, [t, nameOf, roleName, actsOn, mayExplain, me, areas, domains]);

  return (
    <>
      <PageHead title={t('page.users')} count={data?.rows.length}>
        {mayAsk && (
          <Button look="primary" onClick={() => askNew('person')}>
            {t('accounts.askNew')}
          </Button>
        )}
      </PageHead>
      <PageBody>
        {!data && !error && <Skeleton lines={6} />}
        {!data && error && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {data && (
          <Table
            label={t('page.users')}
            rows={data.rows.filter((user) => user.kind === 'person')}
            columns={columns}
            keyOf={(user) => user.id}
            sortedBy="name"
          />
        )}
      </PageBody>
      {explained && <SightOf user={explained} onClose={() => setExplained(null)} />}
      {dialogs}
    </>
  );
}
