import { useTexts } from '../i18n/index.ts';
import { Empty } from '../parts/states.tsx';
import { api } from '../state/index.ts';
import { AuditList, useOpened } from './audit-list.tsx';
import { AuditSheet } from './audit-sheet.tsx';
import { PagedPage, usePages } from './paged-page.tsx';
import { useChainName } from './use-chain-name.ts';

/** What I did, and what was done to my account: everybody's own part of the audit trail. */
export function ActivityPage() {
  const { t } = useTexts();
  const chainName = useChainName();
  const pages = usePages({
    key: ['activity'],
    read: (cursor, signal) => api.activity({ limit: 100, cursor }, signal),
    everyMs: 60_000,
  });
  const opened = useOpened(pages.rows);
  return (
    <>
      <PagedPage
        title={t('page.activity')}
        pages={pages}
        empty={<Empty title={t('myActivity.none')}>{t('myActivity.noneMore')}</Empty>}
      >
        <AuditList label={t('page.activity')} rows={pages.rows} opened={opened} />
      </PagedPage>
      {opened.item && <AuditSheet item={opened.item} chainName={chainName} />}
    </>
  );
}
