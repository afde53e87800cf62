import { useMemo } from 'react';
import type { Unit } from '../../core/api/dispatch.ts';
import { isActiveDispatch } from '../../core/dispatch-state.ts';
import { formatNumber } from '../../core/format.ts';
import { UnitGlyph } from '../glyphs/index.ts';
import { compass, coordinates } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Age } from '../parts/age.tsx';
import { Button } from '../parts/button.tsx';
import { ErrorNote, Missing } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { api, timeOf, useAlerts, useAreas, useDispatches, useMay, useUnits } from '../state/index.ts';
import { AlarmLines } from './alarm-lines.tsx';
import detail from './detail.module.css';
import { DetailHead, ShowOnMap } from './detail-head.tsx';
import device from './device-detail.module.css';
import { DispatchCard } from './dispatch-list.tsx';

export function UnitDetail({ id }: { id: string }) {
  const { t } = useTexts();
  const unit = useUnits((state) => state.byId.get(id));
  const status = useUnits((state) => state.status);
  if (!unit) return <Missing loading={status === 'loading'} title={t('units.gone', { id })} />;
  return <Loaded unit={unit} />;
}

function Loaded({ unit }: { unit: Unit }) {
  const { t, language } = useTexts();
  const mayWrite = useMay('dispatch.operate');
  const dispatches = useDispatches((state) => state.byId);
  const alert = useAlerts((state) => (unit.alertId === null ? undefined : state.byId.get(unit.alertId)));
  const area = useAreas((state) => (unit.areaId === null ? undefined : state.byId.get(unit.areaId)));
  const act = useAct<'status'>();
  const recent = useMemo(
    () =>
      [...dispatches.values()]
        .filter((dispatch) => dispatch.unitId === unit.id)
        .sort((a, b) => b.id - a.id)
        .slice(0, 3),
    [dispatches, unit.id],
  );
  const bound = recent.some((dispatch) => isActiveDispatch(dispatch.state));
  const toggle = () =>
    act.run('status', async () => {
      const next = unit.status === 'out_of_service' ? 'available' : 'out_of_service';
      useUnits.put([await api.setUnitStatus(unit.id, next)]);
    });
  return (
    <div className={detail.scroll}>
      <DetailHead
        glyph={<UnitGlyph status={unit.status} size={18} />}
        title={`${unit.callSign} · ${unit.name}`}
        where={[unit.agency, unit.crew === null ? null : t('units.crew', { count: unit.crew }), area?.name]
          .filter(Boolean)
          .join(' · ')}
      />
      <p className={device.state}>
        {t(`unitStatus.${unit.status}`)} · <Age sinceMs={timeOf(unit.statusSince)} />
      </p>
      {alert && <AlarmLines alarms={[alert]} />}
      {recent.map((dispatch) => (
        <DispatchCard key={dispatch.id} dispatch={dispatch} />
      ))}
      {act.error !== null && <ErrorNote compact error={act.error} onRetry={act.clearError} />}
      <div className={detail.buttons}>
        <ShowOnMap position={unit.position} />
        {mayWrite && !bound && (
          <Button busy={act.busy !== null} onClick={() => void toggle()}>
            {unit.status === 'out_of_service' ? t('units.putInService') : t('units.putOutOfService')}
          </Button>
        )}
      </div>
      <dl className={detail.facts}>
        <dt>{t('units.position')}</dt>
        <dd>
          {unit.position ? coordinates(unit.position, language) : t('units.noPosition')}
          {unit.positionAt && (
            <>
              {' · '}
              <Age sinceMs={timeOf(unit.positionAt)} />
            </>
          )}
        </dd>
        {unit.speedKmh !== null && (
          <>
            <dt>{t('units.speed')}</dt>
            <dd>
              {formatNumber(unit.speedKmh, 0, language)} km/h
              {unit.headingDeg !== null && unit.speedKmh >= 3 && ` · ${compass(unit.headingDeg, language)}`}
            </dd>
          </>
        )}
        {unit.trackerDeviceId && (
          <>
            <dt>{t('units.tracker')}</dt>
            <dd>{unit.trackerDeviceId}</dd>
          </>
        )}
      </dl>
    </div>
  );
}
