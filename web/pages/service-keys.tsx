import { Modal, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { User } from '../../core/api/auth.ts';
import { type ApiKey, ApiKeyCreate } from '../../core/api/sign-in.ts';
import type { Permission } from '../../core/permissions.ts';
import { dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Age } from '../parts/age.tsx';
import { Button } from '../parts/button.tsx';
import { Choice } from '../parts/page.tsx';
import { Empty, ErrorLine, ErrorNote, Skeleton } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { useAct } from '../parts/use-act.ts';
import { api, serverNow, timeOf, useMay } from '../state/index.ts';
import { Named, Quiet } from './page-cells.tsx';
import css from './service-keys.module.css';

/** The API keys of one machine's account: make one, see when each was used, end one at once. */
export function ServiceKeys({ service, onClose }: { service: User; onClose(): void }) {
  const { t, timeZone } = useTexts();
  const queries = useQueryClient();
  const mayWrite = useMay('users.write') && service.status === 'active';
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const { busy, error: failure, run, clearError } = useAct<string>();
  const queryKey = ['api-keys', service.id];
  const { data, error, refetch } = useQuery({ queryKey, queryFn: () => api.apiKeys(service.id) });
  const end = (key: ApiKey) =>
    run(key.id, async () => {
      await api.revokeApiKey(service.id, key.id);
      await queries.invalidateQueries({ queryKey });
    });
  const stateOf = (key: ApiKey) => {
    if (key.revokedAt) return t('keys.ended', { time: dateTime(timeOf(key.revokedAt), timeZone) });
    const over = timeOf(key.expiresAt) <= serverNow();
    return t(over ? 'keys.expired' : 'keys.until', { time: dateTime(timeOf(key.expiresAt), timeZone) });
  };
  const columns: Column<ApiKey>[] = [
    {
      id: 'name',
      title: t('column.name'),
      render: (key) => <Named name={key.name} more={`hdk_${key.id}_…`} />,
    },
    {
      id: 'limits',
      title: t('keys.limits'),
      render: (key) => (
        <Quiet>
          {[key.permissions?.join(', ') ?? t('keys.allPermissions'), key.networks?.join(', ')]
            .filter(Boolean)
            .join(' · ')}
        </Quiet>
      ),
    },
    {
      id: 'used',
      title: t('keys.used'),
      render: (key) => (key.lastUsedAt ? <Age sinceMs={timeOf(key.lastUsedAt)} ago /> : <Quiet>–</Quiet>),
    },
    { id: 'state', title: t('column.state'), render: stateOf },
    {
      id: 'acts',
      title: '',
      align: 'right',
      render: (key) =>
        mayWrite &&
        key.revokedAt === null &&
        timeOf(key.expiresAt) > serverNow() && (
          <Button look="link" busy={busy === key.id} onClick={() => void end(key)}>
            {t('keys.end')}
          </Button>
        ),
    },
  ];
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('keys.of', { name: service.displayName })}
      size={760}
      closeOnClickOutside={made === null}
      closeButtonProps={{ 'aria-label': t('act.close') }}
    >
      <div className={css.keys}>
        {failure !== null && <ErrorNote compact error={failure} onRetry={clearError} />}
        {!data && !error && <Skeleton lines={3} />}
        {!data && error && <ErrorNote compact error={error} onRetry={() => void refetch()} />}
        {data?.length === 0 && <Empty compact title={t('keys.none')} />}
        {data && data.length > 0 && (
          <Table label={t('keys.list')} rows={data} columns={columns} keyOf={(key) => key.id} />
        )}
        {made !== null && (
          <div className={css.made}>
            <p>{t('keys.once')}</p>
            <output className={css.key}>{made}</output>
            <div className={css.row}>
              <Button look="primary" onClick={() => void navigator.clipboard?.writeText(made)}>
                {t('act.copy')}
              </Button>
              <Button onClick={() => setMade(null)}>{t('act.close')}</Button>
            </div>
          </div>
        )}
        {adding && (
          <NewKey
            service={service}
            onMade={(key) => {
              setAdding(false);
              setMade(key);
              void queries.invalidateQueries({ queryKey });
            }}
          />
        )}
        {mayWrite && !adding && made === null && (
          <div className={css.row}>
            <Button look="primary" onClick={() => setAdding(true)}>
              {t('keys.make')}
            </Button>
          </div>
        )}
      </div>
    </Modal>
  );
}

const LIVES = ['30', '90', '180', '366'] as const;

function NewKey({ service, onMade }: { service: User; onMade(key: string): void }) {
  const { t } = useTexts();
  const { data: roles } = useQuery({ queryKey: ['roles'], queryFn: api.roles });
  const [name, setName] = useState('');
  const [days, setDays] = useState<(typeof LIVES)[number]>('90');
  const [networks, setNetworks] = useState('');
  const [without, setWithout] = useState<ReadonlySet<Permission>>(new Set());
  const act = useAct<'make'>();
  const held = [
    ...new Set(
      service.grants.flatMap((grant) => roles?.find((role) => role.id === grant.role)?.permissions ?? []),
    ),
  ];
  const listed = networks.split(/[\s,;]+/).filter((part) => part !== '');
  const body = {
    name: name.trim(),
    days: Number(days),
    networks: listed.length > 0 ? listed : null,
    permissions: without.size > 0 ? held.filter((permission) => !without.has(permission)) : null,
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await act.run('make', async () => onMade((await api.createApiKey(service.id, body)).key));
  };
  const toggle = (permission: Permission) => {
    const next = new Set(without);
    if (!next.delete(permission)) next.add(permission);
    setWithout(next);
  };
  return (
    <form className={css.form} onSubmit={(event) => void submit(event)}>
      <TextInput
        label={t('keys.name')}
        description={t('keys.nameHint')}
        autoComplete="off"
        autoFocus
        maxLength={64}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Choice
        label={t('keys.life')}
        value={days}
        onChange={setDays}
        options={LIVES.map((value) => ({ value, label: t('keys.days', { count: Number(value) }) }))}
      />
      <TextInput
        label={t('keys.networks')}
        description={t('keys.networksHint')}
        autoComplete="off"
        value={networks}
        onChange={(event) => setNetworks(event.currentTarget.value)}
      />
      <fieldset className={css.permissions}>
        <legend>{t('keys.permissions')}</legend>
        {held.map((permission) => (
          <label key={permission}>
            <input type="checkbox" checked={!without.has(permission)} onChange={() => toggle(permission)} />{' '}
            {permission}
          </label>
        ))}
      </fieldset>
      <ErrorLine error={act.error} />
      <Button
        look="primary"
        type="submit"
        busy={act.busy !== null}
        disabled={!ApiKeyCreate.safeParse(body).success}
      >
        {t('keys.make')}
      </Button>
    </form>
  );
}
