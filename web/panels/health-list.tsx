import { useTexts } from '../i18n/index.ts';
import { Age } from '../parts/age.tsx';
import { classes } from '../parts/classes.ts';
import type { System } from '../state/connection.ts';
import { timeOf } from '../state/index.ts';
import css from './health-list.module.css';

/** What the platform says about itself, the unwell first. */
export function HealthList({ items }: { items: System['health'] }) {
  const { t, pick } = useTexts();
  const order = { down: 0, degraded: 1, ok: 2 } as const;
  const sorted = [...items].sort((a, b) => order[a.state] - order[b.state]);
  return (
    <ul className={css.list}>
      {sorted.map((item) => (
        <li key={item.component} className={css.item}>
          <i className={classes(css.dot, css[item.state])} />
          <span>
            {pick(item.message)}
            {item.code && <small> {item.code}</small>}
          </span>
          <span className={css.state}>
            {t(`health.${item.state}`)} · <Age sinceMs={timeOf(item.since)} />
          </span>
        </li>
      ))}
    </ul>
  );
}
