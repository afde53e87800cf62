import { IconPlayerPlay, IconVideoOff } from '@tabler/icons-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { Camera } from '../../core/api/cameras.ts';
import { dateTime } from '../i18n/format.ts';
import { cameraReason, errorText, useTexts } from '../i18n/index.ts';
import { Age } from '../parts/age.tsx';
import { Button } from '../parts/button.tsx';
import { classes } from '../parts/classes.ts';
import { Picture } from '../parts/picture.tsx';
import { timeOf } from '../state/index.ts';
import css from './player.module.css';
import { useLiveVideo } from './use-live-video.ts';

/** How often a picture stands in for video, and how often a preview is renewed. */
const PICTURE_MS = 2000;
const PREVIEW_MS = 10_000;

interface PlayerProps {
  camera: Camera;
  /** `live` plays video while it is in sight; `snapshots` only renews pictures. */
  mode?: 'live' | 'snapshots';
  /** On the picture, beside its age; absent = the camera's name. */
  caption?: string;
}

/** What a camera sees now. Only while it is in sight; never an old picture without its age. */
export function Player({ camera, mode = 'live', caption = camera.name }: PlayerProps) {
  const box = useRef<HTMLDivElement>(null);
  const visible = useVisible(box);
  const off = camera.state === 'disabled' || !camera.enabled;
  return (
    <div ref={box} className={css.player}>
      {off ? (
        <Message camera={camera} />
      ) : mode === 'live' ? (
        <LiveVideo camera={camera} visible={visible} />
      ) : (
        visible && <Snapshots camera={camera} everyMs={PREVIEW_MS} caption={caption} />
      )}
    </div>
  );
}

function LiveVideo({ camera, visible }: { camera: Camera; visible: boolean }) {
  const { t, language } = useTexts();
  const video = useRef<HTMLVideoElement>(null);
  const { state, lastFrameMs, retry } = useLiveVideo(video, camera.id, visible);
  const frameMs = lastFrameMs ?? (camera.lastFrameAt ? timeOf(camera.lastFrameAt) : null);
  if (state.kind === 'pictures') {
    return (
      <>
        <Snapshots camera={camera} everyMs={PICTURE_MS} caption={camera.name} />
        <span className={css.badge}>
          {state.error ? errorText(state.error, language).title : t('player.picturesOnly')}
        </span>
      </>
    );
  }
  const fresh = state.kind === 'live';
  return (
    <>
      <video
        ref={video}
        className={classes(css.video, !fresh && css.dim)}
        muted
        playsInline
        aria-label={t('player.label', { camera: camera.name })}
      />
      {state.kind === 'down' && (
        <div className={css.over}>
          <IconVideoOff size={22} stroke={1.6} aria-hidden />
          <p>{errorText(state.error, language).title}</p>
          <small>{state.error.code}</small>
          <Button look="link" icon={<IconPlayerPlay size={14} aria-hidden />} onClick={retry}>
            {t('state.retry')}
          </Button>
        </div>
      )}
      {(state.kind === 'starting' || state.kind === 'waiting') && (
        <div className={css.over}>
          <p>{state.kind === 'starting' ? t('player.starting') : t('player.waiting')}</p>
        </div>
      )}
      <div className={css.caption}>
        <span className={css.name}>{camera.name}</span>
        {fresh ? (
          <span className={css.live}>
            <i /> {t('player.live')}
          </span>
        ) : (
          frameMs !== null && (
            <span>
              {t('player.lastFrame')} <Age ago sinceMs={frameMs} />
            </span>
          )
        )}
      </div>
    </>
  );
}

function Snapshots({ camera, everyMs, caption }: { camera: Camera; everyMs: number; caption: string }) {
  const { t } = useTexts();
  if (camera.state === 'offline' || camera.state === 'auth_failed') return <Message camera={camera} />;
  return (
    <Picture
      className={css.fill ?? ''}
      url={`/cameras/${encodeURIComponent(camera.id)}/snapshot?width=640&maxAgeS=${everyMs / 1000}`}
      alt={t('player.label', { camera: camera.name })}
      caption={caption}
      refreshMs={everyMs}
    />
  );
}

/** A camera that gives no picture says since when and why. */
function Message({ camera }: { camera: Camera }) {
  const { t, language, timeZone } = useTexts();
  return (
    <div className={css.over}>
      <IconVideoOff size={22} stroke={1.6} aria-hidden />
      <p>
        {camera.name}: {t(`cameraState.${camera.state}`)}
      </p>
      {camera.stateReason && <small>{cameraReason(camera.stateReason, language)}</small>}
      {camera.lastFrameAt && (
        <small>
          {t('player.lastFrame')} {dateTime(timeOf(camera.lastFrameAt), timeZone)}
        </small>
      )}
    </div>
  );
}

/** In sight: inside the scrolled area of a tab that is in front. */
function useVisible(ref: RefObject<Element | null>): boolean {
  const [inView, setInView] = useState(false);
  const [inFront, setInFront] = useState(!document.hidden);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new IntersectionObserver(([entry]) => setInView(entry?.isIntersecting ?? false), {
      threshold: 0.1,
    });
    observer.observe(element);
    const onChange = () => setInFront(!document.hidden);
    document.addEventListener('visibilitychange', onChange);
    return () => {
      observer.disconnect();
      document.removeEventListener('visibilitychange', onChange);
    };
  }, [ref]);
  return inView && inFront;
}
