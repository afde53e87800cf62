import { create } from 'zustand';
import { select, useSelection } from '../state/index.ts';
import { type Page, pageOf, pathOf, searchOf, selectedOf } from './address.ts';

/** The page is in the path, the selection in the query: an address can be sent to a colleague. */
export const useRoute = create<{ page: Page }>(() => ({ page: pageOf(location.pathname) }));

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
