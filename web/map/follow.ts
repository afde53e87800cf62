import type { EntityStore } from '../state/index.ts';

/**
 * Follows a table by its deltas: calls `apply` now with everything (null) and after each change with the keys that
 * changed. Returns the function that ends it.
 */
export function follow<K, T>(
  store: EntityStore<K, T>,
  apply: (changed: readonly K[] | null, rows: ReadonlyMap<K, T>) => void,
): () => void {
  apply(null, store.getState().byId);
  return store.subscribe((state, previous) => {
    if (state.byId !== previous.byId) apply(state.changed, state.byId);
  });
}

/** The same, row by row; `all` when rows have gone, too. */
export function followRows<K, T>(
  store: EntityStore<K, T>,
  put: (row: T) => void,
  all: (rows: ReadonlyMap<K, T>) => void,
): () => void {
  return follow(store, (changed, rows) => {
    if (changed?.every((key) => rows.has(key))) {
      for (const key of changed) put(rows.get(key) as T);
    } else all(rows);
  });
}

export function endAll(ends: readonly (() => void)[]): void {
  for (const end of ends) end();
}

/** Calls `listener` when the chosen part of a store changes (by identity). */
export function onChange<S, P>(
  store: { subscribe(listener: (state: S, previous: S) => void): () => void },
  choose: (state: S) => P,
  listener: (part: P) => void,
): () => void {
  return store.subscribe((state, previous) => {
    const part = choose(state);
    if (!Object.is(part, choose(previous))) listener(part);
  });
}
