import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { User } from '../../core/api/auth.ts';
import { useAccountActs } from '../accounts/use-account-acts.tsx';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { PageBody, PageHead } from '../parts/page.tsx';
import { Empty, ErrorNote, Skeleton } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { useRoles } from '../parts/use-roles.ts';
import { api, useAreas } from '../state/index.ts';
import { Named, Quiet } from './page-cells.tsx';
import { ServiceKeys } from './service-keys.tsx';

/** Accounts of machines, and their API keys. */
export function ServicesPage() {
  const { t } = useTexts();
  const { mayAsk, askNew, actsOn, dialogs } = useAccountActs();
  const { roleName } = useRoles();
  const areas = useAreas((state) => state.byId);
  const [openId, setOpenId] = useState<string | null>(null);
  const { data, error, refetch } = useQuery({ queryKey: ['users'], queryFn: () => api.users() });
  const services = useMemo(() => data?.rows.filter((user) => user.kind === 'service'), [data]);
  const opened = services?.find((user) => user.id === openId);

  const columns = useMemo<Column<User>[]>(() => {
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
            {user.grants.map((grant) => (
              <li key={grant.id}>
                {roleName(grant.role)}{' '}
                <Quiet>
                  {grant.areaIds?.map((id) => areas.get(id)?.name ?? id).join(', ') ?? t('users.everywhere')}
                </Quiet>
              </li>
            ))}
          </ul>
        ),
      },
      { id: 'status', title: t('column.state'), render: (user) => t(`users.${user.status}`) },
      {
        id: 'acts',
        title: '',
        align: 'right',
        render: (user) => (
          <>
            <Button look="link" onClick={() => setOpenId(user.id)}>
              {t('keys.open')}
            </Button>
            {actsOn(user)}
          </>
        ),
      },
    ];
  }, [t, roleName, areas, actsOn]);

  return (
    <>
      <PageHead title={t('page.services')} count={services?.length}>
        {mayAsk && (
          <Button look="primary" onClick={() => askNew('service')}>
            {t('services.create')}
          </Button>
        )}
      </PageHead>
      <PageBody>
        {!data && !error && <Skeleton lines={4} />}
        {!data && error && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {services?.length === 0 && <Empty title={t('services.none')}>{t('services.noneMore')}</Empty>}
        {services && services.length > 0 && (
          <Table
            label={t('page.services')}
            rows={services}
            columns={columns}
            keyOf={(user) => user.id}
            sortedBy="name"
          />
        )}
      </PageBody>
      {dialogs}
      {opened && <ServiceKeys service={opened} onClose={() => setOpenId(null)} />}
    </>
  );
}
