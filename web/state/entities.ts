import { create, type StoreApi, type UseBoundStore } from 'zustand';
import type { ApiError } from './http.ts';

type LoadStatus = 'idle' | 'loading' | 'ready' | 'error';

interface EntityState<K, T> {
  readonly byId: ReadonlyMap<K, T>;
  /** Keys touched by the last change, so that a drawing can follow without comparing everything; null = all. */
  readonly changed: readonly K[] | null;
  readonly status: LoadStatus;
  readonly error: ApiError | null;
  /** Rows of the last load that could not be understood: shown as "partial", never hidden. */
  readonly skipped: number;
  readonly loadedAtMs: number | null;
}

export type EntityStore<K, T> = UseBoundStore<StoreApi<EntityState<K, T>>> & {
  /** Replaces everything with the rows of a full load. */
  replaceAll(rows: Iterable<T>, options?: { skipped?: number; nowMs?: number }): void;
  /** Adds or replaces rows; `undefined` from `merge` leaves the present row. */
  put(rows: Iterable<T>): void;
  remove(keys: Iterable<K>): void;
  setStatus(status: LoadStatus, error?: ApiError | null): void;
  reset(): void;
};

interface EntityOptions<K, T> {
  keyOf(row: T): K;
  /** Decides between the present row and an arriving one; by default the arriving one wins. */
  newer?(present: T, arriving: T): T;
}

/** A table in memory: one immutable map per change, so that both React and the map's canvas can follow it. */
export function createEntities<K, T>(options: EntityOptions<K, T>): EntityStore<K, T> {
  const empty: EntityState<K, T> = {
    byId: new Map(),
    changed: null,
    status: 'idle',
    error: null,
    skipped: 0,
    loadedAtMs: null,
  };
  const store = create<EntityState<K, T>>(() => empty);
  const choose = (present: T | undefined, arriving: T) =>
    present === undefined || !options.newer ? arriving : options.newer(present, arriving);

  return Object.assign(store, {
    replaceAll(rows: Iterable<T>, info: { skipped?: number; nowMs?: number } = {}) {
      const present = store.getState().byId;
      const byId = new Map<K, T>();
      for (const row of rows) {
        const key = options.keyOf(row);
        // A frame that arrived while the load was under way may be younger than the load.
        byId.set(key, choose(present.get(key), row));
      }
      store.setState({
        byId,
        changed: null,
        status: 'ready',
        error: null,
        skipped: info.skipped ?? 0,
        loadedAtMs: info.nowMs ?? Date.now(),
      });
    },
    put(rows: Iterable<T>) {
      const present = store.getState().byId;
      let byId: Map<K, T> | undefined;
      const changed: K[] = [];
      for (const row of rows) {
        const key = options.keyOf(row);
        const chosen = choose((byId ?? present).get(key), row);
        if (chosen === (byId ?? present).get(key)) continue;
        byId ??= new Map(present);
        byId.set(key, chosen);
        changed.push(key);
      }
      if (byId) store.setState({ byId, changed });
    },
    remove(keys: Iterable<K>) {
      const present = store.getState().byId;
      const changed = [...keys].filter((key) => present.has(key));
      if (changed.length === 0) return;
      const byId = new Map(present);
      for (const key of changed) byId.delete(key);
      store.setState({ byId, changed });
    },
    setStatus(status: LoadStatus, error: ApiError | null = null) {
      store.setState({ status, error });
    },
    reset() {
      store.setState(empty);
    },
  });
}
