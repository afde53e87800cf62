import { useMemo, useState } from 'react';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { Empty } from '../parts/states.tsx';
import { api } from '../state/index.ts';
import { ExportAudit } from './audit-export.tsx';
import { AuditFilter, auditQueryOf, NOTHING_ASKED } from './audit-filter.tsx';
import { AuditList, useOpened } from './audit-list.tsx';
import { AuditSheet } from './audit-sheet.tsx';
import { PagedPage, usePages } from './paged-page.tsx';
import { useChainName } from './use-chain-name.ts';

/** Who did what, when and from where: searched, looked into, exported. */
export function AuditPage() {
  const { t, timeZone } = useTexts();
  const chainName = useChainName();
  const [asked, setAsked] = useState(NOTHING_ASKED);
  const [exporting, setExporting] = useState(false);
  const query = useMemo(() => auditQueryOf(asked, timeZone), [asked, timeZone]);
  const pages = usePages({
    key: ['audit', query],
    read: (cursor, signal) => api.auditPage({ ...query, limit: 100, cursor }, signal),
    everyMs: 60_000,
  });
  const opened = useOpened(pages.rows);
  return (
    <>
      <PagedPage
        title={t('page.audit')}
        pages={pages}
        tools={<Button onClick={() => setExporting(true)}>{t('audit.export')}</Button>}
        filter={<AuditFilter asked={asked} onChange={setAsked} />}
        empty={<Empty title={t('audit.none')}>{t('audit.noneMore')}</Empty>}
      >
        <AuditList label={t('page.audit')} rows={pages.rows} opened={opened} />
      </PagedPage>
      {opened.item && <AuditSheet item={opened.item} chainName={chainName} />}
      {exporting && <ExportAudit query={query} onClose={() => setExporting(false)} />}
    </>
  );
}
