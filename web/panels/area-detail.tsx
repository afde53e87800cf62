import { IconPolygon } from '@tabler/icons-react';
import { useMemo } from 'react';
import { formatNumber } from '../../core/format.ts';
import { coordinates } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Empty, Missing } from '../parts/states.tsx';
import { compareAlarms, useAlerts, useAreas, useCameras, useDevices, useUnits } from '../state/index.ts';
import { AlarmLines } from './alarm-lines.tsx';
import detail from './detail.module.css';
import { DetailHead, ShowOnMap } from './detail-head.tsx';

export function AreaDetail({ id }: { id: string }) {
  const { t, language } = useTexts();
  const areas = useAreas((state) => state.byId);
  const status = useAreas((state) => state.status);
  const alerts = useAlerts((state) => state.byId);
  const devices = useDevices((state) => state.byId);
  const cameras = useCameras((state) => state.byId);
  const units = useUnits((state) => state.byId);
  const area = areas.get(id);
  const inside = useMemo(() => {
    const ids = subtree(areas, id);
    const within = <T extends { areaId: string | null }>(rows: Iterable<T>) =>
      [...rows].filter((row) => row.areaId !== null && ids.has(row.areaId));
    return {
      alarms: within(alerts.values()).sort(compareAlarms),
      devices: within(devices.values()),
      cameras: within(cameras.values()).length,
      units: within(units.values()).length,
    };
  }, [areas, id, alerts, devices, cameras, units]);
  if (!area) return <Missing loading={status === 'loading'} title={t('areas.gone', { id })} />;
  const parent = area.parentId === null ? undefined : areas.get(area.parentId);
  const online = inside.devices.filter((one) => one.state === 'online').length;
  return (
    <div className={detail.scroll}>
      <DetailHead
        glyph={<IconPolygon size={18} stroke={1.6} aria-hidden />}
        title={language === 'vi' ? area.fullName : area.fullNameEn}
        where={[
          ...(parent ? [language === 'vi' ? parent.fullName : parent.fullNameEn] : []),
          t('areas.code', { code: area.code }),
          coordinates(area.centroid, language),
        ].join(' · ')}
      />
      <dl className={detail.facts}>
        {area.areaKm2 !== null && (
          <>
            <dt>{t('areas.size')}</dt>
            <dd>{formatNumber(area.areaKm2, 1, language)} km²</dd>
          </>
        )}
        <dt>{t('page.devices')}</dt>
        <dd>{t('areas.online', { online, total: inside.devices.length })}</dd>
        <dt>{t('page.cameras')}</dt>
        <dd>{inside.cameras}</dd>
        <dt>{t('page.units')}</dt>
        <dd>{inside.units}</dd>
      </dl>
      <section>
        <h3 className={detail.label}>{t('side.alarms')}</h3>
        {inside.alarms.length === 0 ? (
          <Empty compact title={t('areas.noAlarms')} />
        ) : (
          <AlarmLines alarms={inside.alarms} />
        )}
      </section>
      <div className={detail.buttons}>
        <ShowOnMap bbox={area.bbox} />
      </div>
    </div>
  );
}

/** The area and everything below it. */
function subtree(
  areas: ReadonlyMap<string, { id: string; parentId: string | null }>,
  root: string,
): Set<string> {
  const children = Map.groupBy(areas.values(), (area) => area.parentId);
  const ids = new Set<string>([root]);
  for (const id of ids) for (const child of children.get(id) ?? []) ids.add(child.id);
  return ids;
}
