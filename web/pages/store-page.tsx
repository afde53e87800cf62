import type { ReactNode } from 'react';
import { useTexts } from '../i18n/index.ts';
import { PageBody, PageHead } from '../parts/page.tsx';
import { Empty, type ListedStore, ListNotes } from '../parts/states.tsx';

interface StorePageProps {
  title: string;
  of: ListedStore;
  /** How many rows the filters let through. */
  shown: number;
  /** What narrows the list. */
  tools: ReactNode;
  /** What stands there when the store has no rows at all. */
  empty: ReactNode;
  children: ReactNode;
}

/** A page over the rows of one store: filters above, the rows below, and what is to be said about them. */
export function StorePage({ title, of, shown, tools, empty, children }: StorePageProps) {
  const { t } = useTexts();
  const all = of.byId.size;
  return (
    <>
      <PageHead title={title} count={t('filter.shown', { shown, all })}>
        {tools}
      </PageHead>
      <ListNotes of={of} lines={10}>
        {empty}
      </ListNotes>
      <PageBody>
        {all > 0 && shown === 0 && <Empty title={t('filter.nothing')} />}
        {shown > 0 && children}
      </PageBody>
    </>
  );
}
