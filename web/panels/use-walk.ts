import { type RefObject, useEffect, useRef } from 'react';
import type { VirtualListHandle } from '../parts/virtual-list.tsx';
import { useKeys } from '../shell/keys.ts';

/** J and K walk a list from the selected row; whoever selects it, the row comes into sight. Hand the ref to the list. */
export function useWalk<T extends { id: string | number }>(
  rows: readonly T[],
  selectedId: T['id'] | null,
  open: (row: T) => void,
): RefObject<VirtualListHandle | null> {
  const list = useRef<VirtualListHandle>(null);
  const at = rows.findIndex((row) => row.id === selectedId);
  const walk = (step: 1 | -1) => {
    const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))];
    if (next) open(next);
  };
  useKeys({ j: () => walk(1), k: () => walk(-1), arrowdown: () => walk(1), arrowup: () => walk(-1) });
  useEffect(() => {
    if (at >= 0) list.current?.reveal(at);
  }, [at]);
  return list;
}
