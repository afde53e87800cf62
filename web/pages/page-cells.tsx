import type { ReactNode } from 'react';
import css from './page-cells.module.css';

/** A sign and a name, with a quieter line beside it. */
export function Named({ glyph, name, more }: { glyph?: ReactNode; name: string; more?: string | null }) {
  return (
    <span className={css.named}>
      {glyph}
      <span>{name}</span>
      {more && <small>{more}</small>}
    </span>
  );
}

export function Quiet({ children }: { children: ReactNode }) {
  return <span className={css.quiet}>{children}</span>;
}

/** A date and time on one line. */
export function Moment({ children }: { children: ReactNode }) {
  return <span className={css.moment}>{children}</span>;
}
