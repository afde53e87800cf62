import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import type { ReviewGrant } from '../../core/api/account-requests.ts';
import { dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Named, Quiet } from '../pages/page-cells.tsx';
import { Button } from '../parts/button.tsx';
import { Choice, PageBody, PageHead } from '../parts/page.tsx';
import { Empty, ErrorNote, Skeleton } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { useAct } from '../parts/use-act.ts';
import { notify } from '../shell/notices.ts';
import { api, useSession } from '../state/index.ts';
import { ReasonDialog } from './reason-dialog.tsx';
import { RequestDetail } from './request-detail.tsx';
import { useGrantWords } from './use-limits.ts';

/** Who holds what: each grant is confirmed or withdrawn, one by one, those that wait longest first. */
export function Review({ tabs }: { tabs: ReactNode }) {
  const { t, timeZone } = useTexts();
  const queries = useQueryClient();
  const wordsOf = useGrantWords();
  const me = useSession((state) => state.me);
  const [shown, setShown] = useState<'due' | 'all'>('due');
  const [taking, setTaking] = useState<ReviewGrant | null>(null);
  const [opened, setOpened] = useState<number | null>(null);
  const { busy, error: failure, run, clearError } = useAct<string>();
  const { data, error, refetch } = useQuery({
    queryKey: ['access-review', shown],
    queryFn: () => api.accessReview(shown === 'due'),
  });
  const columns = useMemo<Column<ReviewGrant>[]>(() => {
    const day = (iso: string) => dateTime(Date.parse(iso), timeZone).split(' ')[0] ?? '';
    const confirm = async (item: ReviewGrant) => {
      const done = await run(String(item.grant.id), async () => {
        await api.confirmGrant(item.grant.id);
        await queries.invalidateQueries({ queryKey: ['access-review'] });
      });
      if (done) notify(t('accounts.confirmedDone', { name: item.username }));
    };
    return [
      {
        id: 'account',
        title: t('accounts.account'),
        sort: (a, b) => a.username.localeCompare(b.username),
        render: (item) => <Named name={item.displayName} more={item.username} />,
      },
      {
        id: 'grant',
        title: t('accounts.grant'),
        render: ({ grant }) => {
          const { role, reach } = wordsOf(grant);
          return (
            <>
              {role} <Quiet>{reach}</Quiet>
            </>
          );
        },
      },
      {
        id: 'basis',
        title: t('accounts.basis'),
        render: (item) => item.basisDocument ?? <Quiet>{t('accounts.onMachine')}</Quiet>,
      },
      {
        id: 'confirmed',
        title: t('accounts.lastConfirmed'),
        render: (item) =>
          item.confirmedAt === null ? (
            <Quiet>{t('accounts.given', { day: day(item.givenAt) })}</Quiet>
          ) : (
            <Named name={day(item.confirmedAt)} more={item.confirmedBy} />
          ),
      },
      {
        id: 'due',
        title: t('accounts.due'),
        sort: (a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt),
        render: (item) => day(item.dueAt),
      },
      {
        id: 'acts',
        title: '',
        align: 'right',
        render: (item) =>
          item.userId === me?.id ? (
            <Quiet>{t('users.you')}</Quiet>
          ) : (
            <>
              <Button look="link" busy={busy === String(item.grant.id)} onClick={() => void confirm(item)}>
                {t('accounts.stillNeeded')}
              </Button>
              <Button look="link" onClick={() => setTaking(item)}>
                {t('accounts.withdraw')}
              </Button>
            </>
          ),
      },
    ];
  }, [t, timeZone, wordsOf, me, busy, run, queries]);
  return (
    <>
      <PageHead
        title={t('page.accounts')}
        count={data && t('accounts.dueOf', { due: data.due, total: data.total })}
      >
        {tabs}
        <Choice
          label={t('accounts.show')}
          value={shown}
          onChange={setShown}
          options={[
            { value: 'due', label: t('accounts.onlyDue') },
            { value: 'all', label: t('accounts.everyGrant') },
          ]}
        />
      </PageHead>
      <PageBody>
        {failure !== null && <ErrorNote compact error={failure} onRetry={clearError} />}
        {!data && !error && <Skeleton lines={8} />}
        {!data && error && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {data && data.items.length === 0 && (
          <Empty title={t('accounts.nothingDue')}>
            {t('accounts.nothingDueMore', { count: data.everyDays })}
          </Empty>
        )}
        {data && data.items.length > 0 && (
          <Table
            label={t('accounts.tab.review')}
            rows={data.items}
            columns={columns}
            keyOf={({ grant }) => grant.id}
            sortedBy="due"
          />
        )}
      </PageBody>
      {taking && (
        <ReasonDialog
          title={t('accounts.withdrawOf', { name: taking.username })}
          about={t('accounts.withdrawAbout')}
          act={t('accounts.withdraw')}
          onClose={() => setTaking(null)}
          onReason={async (reason) => {
            const { id } = await api.withdrawGrant(taking.grant.id, reason);
            await queries.invalidateQueries({ queryKey: ['access-review'] });
            setTaking(null);
            setOpened(id);
          }}
        />
      )}
      {opened !== null && <RequestDetail id={opened} onClose={() => setOpened(null)} />}
    </>
  );
}
