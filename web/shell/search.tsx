import { Modal } from '@mantine/core';
import {
  IconBell,
  IconBroadcast,
  IconMapPin,
  IconPolygon,
  IconSearch,
  IconTruck,
  IconVideo,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useMemo, useState } from 'react';
import type { SearchResult } from '../../core/api/centre.ts';
import { useTexts } from '../i18n/index.ts';
import { classes } from '../parts/classes.ts';
import { Empty, ErrorNote } from '../parts/states.tsx';
import { api, requestFocus, select, useAreas } from '../state/index.ts';
import { go } from './router.ts';
import css from './search.module.css';

const ICONS = {
  area: IconPolygon,
  device: IconBroadcast,
  camera: IconVideo,
  unit: IconTruck,
  alert: IconBell,
  place: IconMapPin,
} as const satisfies Record<SearchResult['kind'], unknown>;

/** Places and things by name, without minding diacritics. Enter goes to the first. */
export function SearchDialog({ onClose }: { onClose(): void }) {
  const { t } = useTexts();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const query = useDelayed(text.trim(), 120);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['search', query],
    queryFn: ({ signal }) => api.search(query, signal),
    enabled: query.length >= 2,
    placeholderData: (previous) => previous,
    staleTime: 10_000,
  });
  const results = useMemo(() => (query.length >= 2 ? (data?.items ?? []) : []), [data, query]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new results start at the first
  useEffect(() => setAt(0), [results]);

  const open = (result: SearchResult | undefined) => {
    if (!result) return;
    onClose();
    if (result.kind === 'area') {
      go('map');
      select({ kind: 'area', id: result.id });
      const bbox = useAreas.getState().byId.get(result.id)?.bbox ?? null;
      requestFocus({ bbox, position: result.position, mode: 'go' });
      return;
    }
    if (result.kind === 'alert') select({ kind: 'alert', id: Number(result.id) });
    else if (result.kind !== 'place') select({ kind: result.kind, id: result.id });
    else go('map');
    requestFocus({ position: result.position, mode: 'go' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt((n) => Math.min(results.length - 1, n + 1));
    else if (event.key === 'ArrowUp') setAt((n) => Math.max(0, n - 1));
    else if (event.key === 'Enter') open(results[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      centered={false}
      yOffset={64}
      size={560}
      padding={0}
      aria-label={t('search.title')}
    >
      <div className={css.field}>
        <IconSearch size={16} stroke={1.8} aria-hidden />
        <input
          data-autofocus
          role="combobox"
          aria-expanded={results.length > 0}
          aria-controls="search-results"
          aria-activedescendant={results[at] ? `search-${at}` : undefined}
          aria-label={t('search.title')}
          autoComplete="off"
          spellCheck={false}
          placeholder={t('search.placeholder')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <kbd aria-hidden>Esc</kbd>
      </div>
      {error && !data && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {query.length < 2 && <p className={css.hint}>{t('search.hint')}</p>}
      {query.length >= 2 && !error && !isFetching && results.length === 0 && (
        <Empty title={t('search.none', { text: query })}>{t('search.noneMore')}</Empty>
      )}
      <div id="search-results" role="listbox" aria-label={t('search.title')} className={css.results}>
        {results.map((result, n) => {
          const Icon = ICONS[result.kind];
          return (
            <div
              key={`${result.kind}-${result.id}`}
              id={`search-${n}`}
              role="option"
              tabIndex={-1}
              aria-selected={n === at}
              className={classes(css.result, n === at && css.on)}
              onPointerMove={() => setAt(n)}
              onClick={() => open(result)}
              onKeyDown={onKeyDown}
            >
              <Icon size={17} stroke={1.6} aria-hidden />
              <b>{result.title}</b>
              <span>{result.subtitle}</span>
              <small>{t(`search.kind.${result.kind}`)}</small>
            </div>
          );
        })}
      </div>
    </Modal>
  );
}

function useDelayed(value: string, delayMs: number): string {
  const [late, setLate] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), delayMs);
    return () => clearTimeout(timer);
  }, [value, delayMs]);
  return late;
}
