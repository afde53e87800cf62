import { type ReactNode, type Ref, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';

export interface VirtualListHandle {
  /** Scrolls just enough for the row to be seen. */
  reveal(index: number): void;
}

interface VirtualListProps<T> {
  items: readonly T[];
  rowHeight: number;
  keyOf(item: T): string | number;
  render(item: T, index: number): ReactNode;
  label: string;
  className?: string | undefined;
  ref?: Ref<VirtualListHandle>;
}

/** Below this many rows everything is in the page: simpler for screen readers and for finding text. */
const VIRTUAL_FROM = 200;
const OVERSCAN = 8;

/** A list of rows of one height that draws only those in sight once there are many. */
export function VirtualList<T>({
  items,
  rowHeight,
  keyOf,
  render,
  label,
  className,
  ref,
}: VirtualListProps<T>) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const virtual = items.length > VIRTUAL_FROM;

  useLayoutEffect(() => {
    const element = box.current;
    if (!element || !virtual) return;
    const read = () => setView({ top: element.scrollTop, height: element.clientHeight });
    read();
    element.addEventListener('scroll', read, { passive: true });
    const observer = new ResizeObserver(read);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', read);
      observer.disconnect();
    };
  }, [virtual]);

  useImperativeHandle(ref, () => ({
    reveal(index) {
      const element = box.current;
      if (!element) return;
      const top = index * rowHeight;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (top + rowHeight > element.scrollTop + element.clientHeight)
        element.scrollTop = top + rowHeight - element.clientHeight;
    },
  }));

  const first = virtual ? Math.max(0, Math.floor(view.top / rowHeight) - OVERSCAN) : 0;
  const last = virtual
    ? Math.min(items.length, Math.ceil((view.top + view.height) / rowHeight) + OVERSCAN)
    : items.length;
  return (
    <div ref={box} className={className} style={{ overflowY: 'auto' }}>
      <ul
        aria-label={label}
        style={{ paddingTop: first * rowHeight, paddingBottom: (items.length - last) * rowHeight }}
      >
        {items.slice(first, last).map((item, n) => (
          <li
            key={keyOf(item)}
            style={{ height: rowHeight }}
            aria-setsize={items.length}
            aria-posinset={first + n + 1}
          >
            {render(item, first + n)}
          </li>
        ))}
      </ul>
    </div>
  );
}
