import { useMemo } from 'react';
import { DISPATCH_STATES, type Dispatch, type DispatchState } from '../../core/api/dispatch.ts';
import { isActiveDispatch, nextDispatchStates } from '../../core/dispatch-state.ts';
import { formatDistance } from '../../core/format.ts';
import { UnitGlyph } from '../glyphs/index.ts';
import { shortTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { classes } from '../parts/classes.ts';
import { ErrorNote } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { api, select, serverNow, timeOf, useDispatches, useMay, useUnits } from '../state/index.ts';
import detail from './detail.module.css';
import css from './dispatch-list.module.css';

/** The way of a dispatch that goes well. */
const WAY: readonly DispatchState[] = ['assigned', 'accepted', 'en_route', 'on_scene', 'done'];
const OFF_WAY: ReadonlySet<DispatchState> = new Set(DISPATCH_STATES.filter((state) => !WAY.includes(state)));

/** Who has been sent to this alarm and how far they are; the operator may write down what comes by radio. */
export function DispatchList({ alertId }: { alertId: number }) {
  const { t } = useTexts();
  const byId = useDispatches((state) => state.byId);
  const dispatches = useMemo(
    () => [...byId.values()].filter((dispatch) => dispatch.alertId === alertId).sort((a, b) => b.id - a.id),
    [byId, alertId],
  );
  if (dispatches.length === 0) return null;
  return (
    <section>
      <h3 className={detail.label}>{t('dispatch.title')}</h3>
      {dispatches.map((dispatch) => (
        <DispatchCard key={dispatch.id} dispatch={dispatch} />
      ))}
    </section>
  );
}

export function DispatchCard({ dispatch }: { dispatch: Dispatch }) {
  const { t, language, timeZone } = useTexts();
  const mayOperate = useMay('dispatch.operate');
  const unit = useUnits((state) => state.byId.get(dispatch.unitId));
  const { busy, error, run, clearError } = useAct<DispatchState>();
  const next = nextDispatchStates(dispatch.state);
  const [step, ...others] = next;
  const set = (state: DispatchState) =>
    run(state, async () => useDispatches.put([await api.setDispatchState(dispatch.id, state)]));
  const reached = (state: DispatchState) => dispatch.history.find((line) => line.state === state);
  return (
    <article className={classes(css.card, !isActiveDispatch(dispatch.state) && css.over)}>
      <header className={css.head}>
        <UnitGlyph status={unit?.status ?? 'assigned'} size={18} />
        <button
          type="button"
          className={css.name}
          onClick={() => select({ kind: 'unit', id: dispatch.unitId })}
        >
          {unit ? `${unit.callSign} · ${unit.name}` : dispatch.unitName}
        </button>
        <span className={css.meta}>
          {dispatch.distanceM !== null && formatDistance(dispatch.distanceM, language)}
        </span>
      </header>
      {OFF_WAY.has(dispatch.state) ? (
        <p className={css.meta}>
          {t(`dispatchState.${dispatch.state}`)} ·{' '}
          {shortTime(timeOf(dispatch.updatedAt), timeZone, serverNow())}
        </p>
      ) : (
        <ol className={css.way}>
          {WAY.map((state) => {
            const line = reached(state);
            return (
              <li
                key={state}
                className={classes(line && css.reached, dispatch.state === state && css.now)}
                aria-current={dispatch.state === state ? 'step' : undefined}
              >
                <span>{t(`dispatchState.${state}`)}</span>
                <time>{line ? shortTime(timeOf(line.at), timeZone, serverNow()) : ''}</time>
              </li>
            );
          })}
        </ol>
      )}
      {mayOperate && step && (
        <div className={css.next}>
          <Button look="link" busy={busy === step} onClick={() => void set(step)}>
            {t(`dispatchStep.${step as 'accepted'}`)}
          </Button>
          {others.map((state) => (
            <Button
              key={state}
              look="link"
              className={css.other ?? ''}
              busy={busy === state}
              onClick={() => void set(state)}
            >
              {t(`dispatchStep.${state as 'cancelled'}`)}
            </Button>
          ))}
        </div>
      )}
      {error !== null && <ErrorNote compact error={error} onRetry={clearError} />}
    </article>
  );
}
