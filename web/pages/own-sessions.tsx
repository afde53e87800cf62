import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Session } from '../../core/api/sign-in.ts';
import { useTexts } from '../i18n/index.ts';
import { Age } from '../parts/age.tsx';
import { Button } from '../parts/button.tsx';
import { ErrorNote, Skeleton } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { useAct } from '../parts/use-act.ts';
import { api, timeOf } from '../state/index.ts';
import css from './account.module.css';
import { browserOf } from './browser-name.ts';
import { Named, Quiet } from './page-cells.tsx';

/** Where the account is signed in; each can be ended. */
export function OwnSessions() {
  const { t } = useTexts();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({ queryKey: ['sessions'], queryFn: api.sessions });
  const { busy, error: failure, run, clearError } = useAct<string>();
  const columns = useMemo<Column<Session>[]>(() => {
    const end = (id: string) =>
      run(id, async () => {
        await api.endSession(id);
        await queries.invalidateQueries({ queryKey: ['sessions'] });
      });
    return [
      {
        id: 'where',
        title: t('sessions.where'),
        render: (session) => <Named name={browserOf(session.userAgent)} more={session.ip} />,
      },
      {
        id: 'how',
        title: t('sessions.how'),
        render: (session) =>
          [
            t(`sessions.${session.method}`),
            session.secondFactor && session.method === 'password' && t('sessions.second'),
          ]
            .filter(Boolean)
            .join(' + '),
      },
      {
        id: 'used',
        title: t('sessions.used'),
        render: (session) =>
          session.locked ? t('sessions.locked') : <Age sinceMs={timeOf(session.lastUsedAt)} ago />,
      },
      {
        id: 'acts',
        title: '',
        align: 'right',
        render: (session) =>
          session.current ? (
            <Quiet>{t('sessions.this')}</Quiet>
          ) : (
            <Button look="link" busy={busy === session.id} onClick={() => void end(session.id)}>
              {t('sessions.end')}
            </Button>
          ),
      },
    ];
  }, [t, busy, run, queries]);
  const endOthers = () =>
    run('all', async () => {
      await api.endOtherSessions();
      await queries.invalidateQueries({ queryKey: ['sessions'] });
    });
  return (
    <section className={css.section} aria-label={t('sessions.title')}>
      <header className={css.head}>
        <h2>{t('sessions.title')}</h2>
        {data && data.length > 1 && (
          <Button busy={busy === 'all'} onClick={() => void endOthers()}>
            {t('sessions.endOthers')}
          </Button>
        )}
      </header>
      {failure !== null && <ErrorNote compact error={failure} onRetry={clearError} />}
      {!data && !error && <Skeleton lines={3} />}
      {!data && error && <ErrorNote compact error={error} onRetry={() => void refetch()} />}
      {data && (
        <Table label={t('sessions.title')} rows={data} columns={columns} keyOf={(session) => session.id} />
      )}
    </section>
  );
}
