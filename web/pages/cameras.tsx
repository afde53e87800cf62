import { useMemo, useState } from 'react';
import { CAMERA_STATES, type Camera } from '../../core/api/cameras.ts';
import { fold } from '../../core/text.ts';
import { CameraGlyph } from '../glyphs/index.ts';
import { useTexts } from '../i18n/index.ts';
import { classes } from '../parts/classes.ts';
import { Choice, PageBody, PageHead, TextFilter } from '../parts/page.tsx';
import { Empty, ErrorNote, NoPermission, Partial, Skeleton } from '../parts/states.tsx';
import { Player } from '../player/player.tsx';
import { reload, requestFocus, select, useCameras, useMay, useSelection } from '../state/index.ts';
import css from './cameras.module.css';

/** Pictures of all cameras with their age; a click plays one, here and in its panel. */
export function CamerasPage() {
  const { t } = useTexts();
  const { byId, status, error, skipped } = useCameras();
  const mayPlay = useMay('cameras.play');
  const selected = useSelection((state) => state.selected);
  const [text, setText] = useState('');
  const [wanted, setWanted] = useState<'all' | Camera['state']>('all');
  const rows = useMemo(() => {
    const needle = fold(text);
    return [...byId.values()]
      .filter(
        (camera) =>
          (wanted === 'all' || camera.state === wanted) &&
          (needle === '' || fold(`${camera.name} ${camera.id} ${camera.areaName ?? ''}`).includes(needle)),
      )
      .sort((a, b) => a.name.localeCompare(b.name, 'vi', { numeric: true }));
  }, [byId, text, wanted]);
  const open = (camera: Camera) => {
    select({ kind: 'camera', id: camera.id });
    requestFocus({ position: camera.position, mode: 'reveal' });
  };
  if (!mayPlay) return <NoPermission permission="cameras.play" />;
  return (
    <>
      <PageHead title={t('page.cameras')} count={t('filter.shown', { shown: rows.length, all: byId.size })}>
        <TextFilter label={t('filter.text')} value={text} onChange={setText} />
        <Choice
          label={t('column.state')}
          value={wanted}
          onChange={setWanted}
          options={[
            { value: 'all', label: t('filter.all') },
            ...CAMERA_STATES.map((value) => ({ value, label: t(`cameraState.${value}`) })),
          ]}
        />
      </PageHead>
      {skipped > 0 && <Partial>{t('state.skipped', { count: skipped })}</Partial>}
      <PageBody>
        {status === 'loading' && <Skeleton lines={6} />}
        {status === 'error' && <ErrorNote error={error} onRetry={reload} />}
        {status === 'ready' && byId.size === 0 && (
          <Empty title={t('cameras.none')}>{t('cameras.noneMore')}</Empty>
        )}
        {byId.size > 0 && rows.length === 0 && <Empty title={t('filter.nothing')} />}
        <ul className={css.grid}>
          {rows.map((camera) => {
            const on = selected?.kind === 'camera' && selected.id === camera.id;
            return (
              <li key={camera.id} className={classes(css.tile, on && css.on)}>
                <div className={css.picture}>
                  {/* The chosen one plays in the panel; two streams of one camera show nothing more. */}
                  <Player camera={camera} mode="snapshots" caption="" />
                </div>
                <button
                  type="button"
                  className={css.name}
                  aria-current={on || undefined}
                  onClick={() => open(camera)}
                >
                  <CameraGlyph state={camera.state} size={15} />
                  <b>{camera.name}</b>
                  <span>
                    {[camera.areaName, camera.state === 'online' ? null : t(`cameraState.${camera.state}`)]
                      .filter(Boolean)
                      .join(' · ')}
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      </PageBody>
    </>
  );
}
