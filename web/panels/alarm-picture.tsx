import { IconPhoto, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Alert } from '../../core/api/alerts.ts';
import type { Camera } from '../../core/api/cameras.ts';
import { formatDistance } from '../../core/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Picture } from '../parts/picture.tsx';
import { Player } from '../player/player.tsx';
import { api, timeOf, useCameras, useMay } from '../state/index.ts';
import css from './alarm-picture.module.css';

/** The picture that was stored when it was raised; one click to what the camera sees now. */
export function AlarmPicture({ alert }: { alert: Alert }) {
  const { t, language } = useTexts();
  const [live, setLive] = useState(false);
  const mayPlay = useMay('cameras.play');
  const seeing = useQuery({
    queryKey: ['seeing', alert.position?.join()],
    queryFn: async () => (alert.position ? (await api.camerasSeeing(alert.position)).rows : []),
    // A stored picture already names its camera.
    enabled: alert.snapshot === null && alert.position !== null && mayPlay,
    staleTime: 300_000,
  });
  const cameras = useCameras((state) => state.byId);
  const stored = alert.snapshot;
  const nearest: Camera | undefined = stored ? cameras.get(stored.cameraId) : seeing.data?.[0];
  if (!stored && !nearest) return null;
  const canPlay = nearest !== undefined && mayPlay;
  const place = stored
    ? `${stored.cameraName} · ${formatDistance(stored.distanceM, language)}`
    : (nearest?.name ?? '');
  return (
    <div className={css.frame}>
      {live && canPlay ? (
        <Player camera={nearest} />
      ) : stored ? (
        <Picture
          className={css.fill}
          url={stored.url}
          alt={t('alarms.pictureAlt', { camera: stored.cameraName })}
          caption={place}
          takenAtMs={timeOf(stored.takenAt)}
        />
      ) : (
        nearest && <Player camera={nearest} mode="snapshots" />
      )}
      {canPlay && (
        <button type="button" className={css.toggle} aria-pressed={live} onClick={() => setLive(!live)}>
          {live ? <IconPhoto size={14} aria-hidden /> : <IconPlayerPlay size={14} aria-hidden />}
          {live ? t('player.showStored') : t('player.showLive')}
        </button>
      )}
    </div>
  );
}
