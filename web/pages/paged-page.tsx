import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { PageBody, PageHead } from '../parts/page.tsx';
import { ErrorNote, Skeleton } from '../parts/states.tsx';
import css from './paged-page.module.css';

interface Source<T> {
  key: QueryKey;
  /** The rows after the cursor; null = from the start. */
  read(cursor: string | null, signal: AbortSignal): Promise<{ items: T[]; nextCursor: string | null }>;
  everyMs: number;
}

interface Pages<T> {
  rows: readonly T[];
  loading: boolean;
  error: unknown;
  retry(): void;
  /** Absent at the end of the list. */
  more: (() => void) | undefined;
  loadingMore: boolean;
}

/** A list the server hands out in pages, read again every so often as far as it has been read. */
export function usePages<T>({ key, read, everyMs }: Source<T>): Pages<T> {
  const query = useInfiniteQuery({
    queryKey: key,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: everyMs,
  });
  const { data } = query;
  return {
    rows: useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]),
    loading: query.isPending,
    error: query.error,
    retry: () => void query.refetch(),
    more: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    loadingMore: query.isFetchingNextPage,
  };
}

interface PagedPageProps {
  title: string;
  pages: Pages<unknown>;
  /** What narrows the list. */
  tools?: ReactNode;
  /** What narrows the list and is too much for the head. */
  filter?: ReactNode;
  /** What stands there when the list has no rows. */
  empty: ReactNode;
  /** The rows. */
  children: ReactNode;
}

/** A page over a list that the server hands out in pages. */
export function PagedPage({ title, pages, tools, filter, empty, children }: PagedPageProps) {
  const { t } = useTexts();
  const { rows, loading, error, retry, more, loadingMore } = pages;
  const none = rows.length === 0;
  return (
    <>
      <PageHead title={title} count={none ? undefined : `${rows.length}${more ? '+' : ''}`}>
        {tools}
      </PageHead>
      {filter}
      <PageBody>
        {loading && <Skeleton lines={10} />}
        {error !== null && none && <ErrorNote error={error} onRetry={retry} />}
        {!loading && error === null && none && empty}
        {!none && children}
        {more && (
          <div className={css.more}>
            <Button busy={loadingMore} onClick={more}>
              {t('act.more')}
            </Button>
          </div>
        )}
      </PageBody>
    </>
  );
}
