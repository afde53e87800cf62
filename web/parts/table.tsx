import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { type ReactNode, useMemo, useState } from 'react';
import { classes } from './classes.ts';
import css from './table.module.css';

export interface Column<T> {
  id: string;
  title: string;
  render(row: T): ReactNode;
  /** Absent = the column cannot be sorted by. */
  sort?(a: T, b: T): number;
  align?: 'right';
  /** CSS width. */
  width?: string;
}

interface TableProps<T> {
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  keyOf(row: T): string | number;
  /** Column id, `-` before it for falling; absent = the order of the rows. */
  sortedBy?: string;
  isSelected?(row: T): boolean;
  onOpen?(row: T): void;
}

/** Beyond this a page of rows is cut and says so; filters narrow it. */
const MAX_ROWS = 500;

/** A table with sortable columns whose rows open with a click or Enter. */
export function Table<T>({ label, rows, columns, keyOf, sortedBy, isSelected, onOpen }: TableProps<T>) {
  const [order, setOrder] = useState(sortedBy ?? '');
  const sorted = useMemo(() => {
    const falling = order.startsWith('-');
    const column = columns.find(({ id }) => id === order.replace('-', ''));
    if (!column?.sort) return rows;
    const result = rows.toSorted(column.sort);
    return falling ? result.reverse() : result;
  }, [rows, columns, order]);
  return (
    <table className={css.table} aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => {
            const on = order.replace('-', '') === column.id;
            const falling = on && order.startsWith('-');
            return (
              <th
                key={column.id}
                scope="col"
                className={column.align === 'right' ? css.right : undefined}
                style={{ width: column.width }}
                aria-sort={on ? (falling ? 'descending' : 'ascending') : undefined}
              >
                {column.sort ? (
                  <button
                    type="button"
                    onClick={() => setOrder(on && !falling ? `-${column.id}` : column.id)}
                  >
                    {column.title}
                    {on && (falling ? <IconChevronDown size={13} /> : <IconChevronUp size={13} />)}
                  </button>
                ) : (
                  column.title
                )}
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {sorted.slice(0, MAX_ROWS).map((row) => (
          <tr
            key={keyOf(row)}
            className={classes(onOpen && css.open, isSelected?.(row) && css.selected)}
            aria-current={isSelected?.(row) || undefined}
            tabIndex={onOpen ? 0 : undefined}
            onClick={onOpen && (() => onOpen(row))}
            onKeyDown={
              onOpen &&
              ((event) => {
                if (event.key === 'Enter' && event.target === event.currentTarget) onOpen(row);
              })
            }
          >
            {columns.map((column) => (
              <td key={column.id} className={column.align === 'right' ? css.right : undefined}>
                {column.render(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
      {sorted.length > MAX_ROWS && (
        <tfoot>
          <tr>
            <td colSpan={columns.length}>
              {MAX_ROWS} / {sorted.length}
            </td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}
