import { useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import type { AuditItem } from '../../core/api/audit.ts';
import { AUDIT_ACTIONS, type AuditAction } from '../../core/audit-actions.ts';
import { dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Empty, ErrorNote, Skeleton } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { api, timeOf } from '../state/index.ts';
import css from './account.module.css';
import { Moment } from './page-cells.tsx';

type Item = z.infer<typeof AuditItem>;

/** What was done with the account lately: whoever answers for it can see it. */
export function OwnActivity() {
  const { t, pick, timeZone } = useTexts();
  const { data, error, refetch } = useQuery({ queryKey: ['my-activity'], queryFn: api.ownActivity });
  const word = (action: string) =>
    Object.hasOwn(AUDIT_ACTIONS, action) ? pick(AUDIT_ACTIONS[action as AuditAction]) : action;
  const columns: Column<Item>[] = [
    {
      id: 'at',
      title: t('activity.at'),
      width: '170px',
      render: (item) => <Moment>{dateTime(timeOf(item.at), timeZone)}</Moment>,
    },
    { id: 'what', title: t('activity.what'), render: (item) => word(item.action) },
    {
      id: 'object',
      title: t('activity.object'),
      render: (item) => item.object?.name ?? item.object?.id ?? '',
    },
    { id: 'ip', title: t('activity.from'), render: (item) => item.ip ?? '' },
  ];
  return (
    <section className={css.section} aria-label={t('activity.title')}>
      <header className={css.head}>
        <h2>{t('activity.title')}</h2>
      </header>
      {!data && !error && <Skeleton lines={4} />}
      {!data && error && <ErrorNote compact error={error} onRetry={() => void refetch()} />}
      {data?.length === 0 && <Empty compact title={t('activity.none')} />}
      {data && data.length > 0 && (
        <Table
          label={t('activity.title')}
          rows={data}
          columns={columns}
          keyOf={(item) => `${item.chain} ${item.seq}`}
        />
      )}
    </section>
  );
}
