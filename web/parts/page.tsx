import type { ReactNode } from 'react';
import { useTexts } from '../i18n/index.ts';
import css from './page.module.css';

/** Head of a page: its name, what it counts, and its tools. */
export function PageHead({
  title,
  count,
  children,
}: {
  title: string;
  count?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <header className={css.head}>
      <h1>{title}</h1>
      {count !== undefined && <span className={css.count}>{count}</span>}
      <div className={css.tools}>{children}</div>
    </header>
  );
}

/** The scrolled part below the head. */
export function PageBody({ children }: { children: ReactNode }) {
  return <div className={css.body}>{children}</div>;
}

/** Chooses one of a few; a plain select with the look of the other fields. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly { value: NoInfer<T>; label: string }[];
  onChange(value: NoInfer<T>): void;
}) {
  return (
    <label className={css.choice}>
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Narrows a list to one of a few, or to `'all'`. */
export function FilterChoice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T | 'all';
  options: readonly { value: NoInfer<T>; label: string }[];
  onChange(value: NoInfer<T> | 'all'): void;
}) {
  const { t } = useTexts();
  return (
    <Choice<T | 'all'>
      label={label}
      value={value}
      onChange={onChange}
      options={[{ value: 'all', label: t('filter.all') }, ...options]}
    />
  );
}

/** Narrows a list to the rows with these words; see `textFilter`. */
export function TextFilter({ value, onChange }: { value: string; onChange(value: string): void }) {
  const { t } = useTexts();
  const label = t('filter.text');
  return (
    <input
      type="search"
      className={css.filter}
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
