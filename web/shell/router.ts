import { create } from 'zustand';
import { type Selected, select, useSelection } from '../state/index.ts';

export const PAGES = [
  'map',
  'alarms',
  'units',
  'cameras',
  'devices',
  'quarantine',
  'users',
  'system',
] as const;
export type Page = (typeof PAGES)[number];

/** The page is in the path, the selection in the query: an address can be sent to a colleague. */
export const useRoute = create<{ page: Page }>(() => ({ page: pageOf(location.pathname) }));

const KINDS = ['alert', 'device', 'camera', 'unit', 'area'] as const;

function pageOf(path: string): Page {
  const name = path.replace(/^\/|\/$/g, '');
  return PAGES.find((page) => page === name) ?? 'map';
}

export function pathOf(page: Page): string {
  return page === 'map' ? '/' : `/${page}`;
}

export function selectedOf(search: string): Selected | null {
  const query = new URLSearchParams(search);
  for (const kind of KINDS) {
    const id = query.get(kind);
    if (id === null) continue;
    if (kind !== 'alert') return { kind, id };
    if (/^\d{1,15}$/.test(id)) return { kind, id: Number(id) };
  }
  return null;
}

export function searchOf(selected: Selected | null): string {
  return selected ? `?${new URLSearchParams({ [selected.kind]: String(selected.id) })}` : '';
}

export function go(page: Page): void {
  if (page === useRoute.getState().page) return;
  history.pushState(null, '', pathOf(page) + searchOf(useSelection.getState().selected));
  useRoute.setState({ page });
}

/** Connects the address bar; called once when the room opens. */
export function followAddress(): () => void {
  const read = () => {
    useRoute.setState({ page: pageOf(location.pathname) });
    select(selectedOf(location.search));
  };
  const stop = useSelection.subscribe((state, before) => {
    if (state.selected === before.selected) return;
    // Walking a list must not fill the history.
    history.replaceState(null, '', location.pathname + searchOf(state.selected));
  });
  read();
  addEventListener('popstate', read);
  return () => {
    stop();
    removeEventListener('popstate', read);
  };
}
