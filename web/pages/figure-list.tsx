import type { ReactNode } from 'react';
import css from './trial.module.css';

/** Numbers side by side, each with its name. */
export function FigureList({ figures }: { figures: readonly { name: string; value: ReactNode }[] }) {
  return (
    <dl className={css.figures}>
      {figures.map(({ name, value }) => (
        <div key={name} className={css.figure}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Counts over time as bars; read out as one sentence per bar. */
export function CountBars({
  label,
  bars,
}: {
  label: string;
  bars: readonly { id: string; name: string; count: number }[];
}) {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  return (
    <>
      <h3 className={css.label}>{label}</h3>
      <div
        className={css.bars}
        role="img"
        aria-label={`${label}: ${bars.map((bar) => `${bar.name} ${bar.count}`).join(', ')}`}
      >
        {bars.map((bar) => (
          <span
            key={bar.id}
            title={`${bar.name}: ${bar.count}`}
            style={{ height: `${(bar.count / most) * 100}%` }}
          />
        ))}
      </div>
    </>
  );
}
