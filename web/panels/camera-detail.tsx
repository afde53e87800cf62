import { formatDistance } from '../../core/format.ts';
import { CameraGlyph } from '../glyphs/index.ts';
import { compass, coordinates, dateTime } from '../i18n/format.ts';
import { cameraReason, useTexts } from '../i18n/index.ts';
import { Age } from '../parts/age.tsx';
import { Missing, NoPermission } from '../parts/states.tsx';
import { Player } from '../player/player.tsx';
import { timeOf, useCameras, useMay } from '../state/index.ts';
import { AlarmsOf } from './alarm-lines.tsx';
import css from './camera-detail.module.css';
import detail from './detail.module.css';
import { DetailHead, ShowOnMap } from './detail-head.tsx';
import device from './device-detail.module.css';

export function CameraDetail({ id }: { id: string }) {
  const { t, language, timeZone } = useTexts();
  const camera = useCameras((state) => state.byId.get(id));
  const status = useCameras((state) => state.status);
  const mayPlay = useMay('cameras.play');
  if (!camera) return <Missing loading={status === 'loading'} title={t('cameras.gone', { id })} />;
  return (
    <div className={detail.scroll}>
      <DetailHead
        glyph={<CameraGlyph state={camera.state} size={18} label={t(`cameraState.${camera.state}`)} />}
        title={camera.name}
        where={[camera.areaName ?? t('alarms.noArea'), coordinates(camera.position, language)].join(' · ')}
      />
      <p className={device.state}>
        {t(`cameraState.${camera.state}`)}
        {camera.stateSince && (
          <>
            {' · '}
            <Age sinceMs={timeOf(camera.stateSince)} />
          </>
        )}
        {camera.stateReason && ` · ${cameraReason(camera.stateReason, language)}`}
      </p>
      {mayPlay ? (
        <div className={css.video}>
          <Player camera={camera} />
        </div>
      ) : (
        <NoPermission permission="cameras.play" />
      )}
      <AlarmsOf subjectId={camera.id} />
      <div className={detail.buttons}>
        <ShowOnMap position={camera.position} />
      </div>
      <dl className={detail.facts}>
        {camera.headingDeg !== null && (
          <>
            <dt>{t('cameras.heading')}</dt>
            <dd>
              {Math.round(camera.headingDeg)}° {compass(camera.headingDeg, language)}
              {camera.fovDeg !== null && ` · ${t('cameras.fov', { deg: Math.round(camera.fovDeg) })}`}
              {camera.rangeM !== null && ` · ${formatDistance(camera.rangeM, language)}`}
            </dd>
          </>
        )}
        <dt>{t('cameras.source')}</dt>
        <dd>
          {camera.source.kind} · {camera.source.address}
        </dd>
        {camera.ownerAgency && (
          <>
            <dt>{t('devices.owner')}</dt>
            <dd>{camera.ownerAgency}</dd>
          </>
        )}
        {camera.lastFrameAt && (
          <>
            <dt>{t('cameras.lastFrame')}</dt>
            <dd>{dateTime(timeOf(camera.lastFrameAt), timeZone)}</dd>
          </>
        )}
      </dl>
    </div>
  );
}
