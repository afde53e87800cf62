import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { User } from '../../core/api/auth.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { PageBody, PageHead } from '../parts/page.tsx';
import { Empty, ErrorNote, Skeleton } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { useAct } from '../parts/use-act.ts';
import { useRoles } from '../parts/use-roles.ts';
import { api, useAreas, useMay } from '../state/index.ts';
import { CreateUser } from './create-user.tsx';
import { Named, Quiet } from './page-cells.tsx';
import { ServiceKeys } from './service-keys.tsx';

/** Accounts of machines, and their API keys. */
export function ServicesPage() {
  const { t } = useTexts();
  const queries = useQueryClient();
  const mayWrite = useMay('users.write');
  const { roleName } = useRoles();
  const areas = useAreas((state) => state.byId);
  const [creating, setCreating] = useState(false);
  const [openId, setOpenId] = useState<string | null>(null);
  const { busy, error: failure, run, clearError } = useAct<string>();
  const { data, error, refetch } = useQuery({ queryKey: ['users'], queryFn: () => api.users() });
  const services = useMemo(() => data?.rows.filter((user) => user.kind === 'service'), [data]);
  const opened = services?.find((user) => user.id === openId);

  const columns = useMemo<Column<User>[]>(() => {
    const setStatus = (user: User, status: 'active' | 'locked') =>
      run(user.id, async () => {
        await api.patchUser(user.id, { status });
        await queries.invalidateQueries({ queryKey: ['users'] });
      });
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
            {mayWrite && user.status !== 'revoked' && (
              <Button
                look="link"
                busy={busy === user.id}
                onClick={() => void setStatus(user, user.status === 'active' ? 'locked' : 'active')}
              >
                {t(user.status === 'active' ? 'users.lock' : 'users.unlock')}
              </Button>
            )}
          </>
        ),
      },
    ];
  }, [t, roleName, areas, mayWrite, busy, run, queries]);

  return (
    <>
      <PageHead title={t('page.services')} count={services?.length}>
        {mayWrite && (
          <Button look="primary" onClick={() => setCreating(true)}>
            {t('services.create')}
          </Button>
        )}
      </PageHead>
      <PageBody>
        {failure !== null && <ErrorNote compact error={failure} onRetry={clearError} />}
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
      {creating && <CreateUser kind="service" onClose={() => setCreating(false)} />}
      {opened && <ServiceKeys service={opened} onClose={() => setOpenId(null)} />}
    </>
  );
}
