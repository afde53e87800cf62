import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Ref } from 'react';
import type { Alert } from '../../core/api/alerts.ts';
import type { Recommendation } from '../../core/api/dispatch.ts';
import { formatDistance } from '../../core/format.ts';
import { UnitGlyph } from '../glyphs/index.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorNote, Skeleton } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { notify } from '../shell/notices.ts';
import { api, hover, useDispatches, useMay } from '../state/index.ts';
import detail from './detail.module.css';
import css from './forces.module.css';
import { openUnit } from './unit-list.tsx';

const SHOWN = 5;

/** The nearest forces that suit, each with its reason; one click sends one, ten seconds take it back. */
export function Forces({ alert, ref }: { alert: Alert; ref: Ref<HTMLDivElement> }) {
  const { t, language, pick } = useTexts();
  const queries = useQueryClient();
  const mayDispatch = useMay('dispatch.operate');
  const mayUnits = useMay('units.read');
  const { busy: sending, error: failure, run, clearError } = useAct<string>();
  const open = alert.state !== 'closed';
  const { data, error, refetch } = useQuery({
    queryKey: ['recommendations', alert.id],
    queryFn: ({ signal }) => api.recommendations(alert.id, signal),
    enabled: open && mayUnits && alert.position !== null,
    // Units drive on: a ranking a quarter of a minute old still names the right one.
    refetchInterval: 15_000,
  });

  const send = async ({ unit }: Recommendation) => {
    await run(unit.id, async () => {
      const dispatch = await api.createDispatch(alert.id, unit.id);
      useDispatches.put([dispatch]);
      notify(t('dispatch.sent', { unit: unit.callSign }), {
        undo: async () => {
          useDispatches.put([await api.setDispatchState(dispatch.id, 'cancelled')]);
          void queries.invalidateQueries({ queryKey: ['recommendations'] });
        },
      });
    });
    void queries.invalidateQueries({ queryKey: ['recommendations'] });
  };

  if (!open || !mayUnits) return null;
  return (
    <section ref={ref}>
      <h3 className={detail.label}>{t('forces.title')}</h3>
      {alert.position === null && <p className={css.none}>{t('forces.noPlace')}</p>}
      {failure !== null && (
        <ErrorNote
          compact
          error={failure}
          onRetry={() => {
            clearError();
            void refetch();
          }}
        />
      )}
      {error && !data && <ErrorNote compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && alert.position !== null && <Skeleton lines={3} />}
      {data?.items.length === 0 && <p className={css.none}>{t('forces.none')}</p>}
      <ul>
        {data?.items.slice(0, SHOWN).map((item, n) => (
          <li
            key={item.unit.id}
            className={css.unit}
            onPointerEnter={() => hover({ kind: 'unit', id: item.unit.id })}
            onPointerLeave={() => hover(null)}
          >
            <UnitGlyph status={item.unit.status} size={18} />
            <button type="button" className={css.who} onClick={() => openUnit(item.unit)}>
              <b>
                {item.unit.callSign} · {item.unit.name}
              </b>
              <span>{pick(item.reason)}</span>
            </button>
            <b className={css.far}>{formatDistance(item.distanceM, language)}</b>
            {mayDispatch && (
              <Button
                look="link"
                data-dispatch=""
                busy={sending === item.unit.id}
                disabled={sending !== null}
                aria-label={t('forces.sendUnit', { unit: item.unit.callSign })}
                className={n === 0 ? css.first : undefined}
                onClick={() => void send(item)}
              >
                {t('forces.send')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {data && data.excluded.length > 0 && (
        <details className={css.excluded}>
          <summary>{t('forces.excluded', { count: data.excluded.length })}</summary>
          <ul>
            {data.excluded.map((unit) => (
              <li key={unit.unitId}>
                {unit.unitName} <span>{pick(unit.reason)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
