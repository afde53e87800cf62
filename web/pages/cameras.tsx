import { useMemo, useState } from 'react';
import { CAMERA_STATES, type Camera } from '../../core/api/cameras.ts';
import { compareNames, textFilter } from '../../core/text.ts';
import { CameraGlyph } from '../glyphs/index.ts';
import { useTexts } from '../i18n/index.ts';
import { classes } from '../parts/classes.ts';
import { FilterChoice, TextFilter } from '../parts/page.tsx';
import { Empty, NoPermission } from '../parts/states.tsx';
import { Player } from '../player/player.tsx';
import { reveal, useCameras, useMay, useSelectedId } from '../state/index.ts';
import css from './cameras.module.css';
import { StorePage } from './store-page.tsx';

/** Pictures of all cameras with their age; a click plays one, here and in its panel. */
export function CamerasPage() {
  const { t } = useTexts();
  const store = useCameras();
  const mayPlay = useMay('cameras.play');
  const selectedId = useSelectedId('camera');
  const [text, setText] = useState('');
  const [state, setState] = useState<'all' | Camera['state']>('all');
  const rows = useMemo(() => {
    const wanted = textFilter(text);
    return [...store.byId.values()]
      .filter(
        (camera) =>
          (state === 'all' || camera.state === state) && wanted(camera.name, camera.id, camera.areaName),
      )
      .sort((a, b) => compareNames(a.name, b.name));
  }, [store.byId, text, state]);
  if (!mayPlay) return <NoPermission permission="cameras.play" />;
  return (
    <StorePage
      title={t('page.cameras')}
      of={store}
      shown={rows.length}
      tools={
        <>
          <TextFilter value={text} onChange={setText} />
          <FilterChoice
            label={t('column.state')}
            value={state}
            onChange={setState}
            options={CAMERA_STATES.map((value) => ({ value, label: t(`cameraState.${value}`) }))}
          />
        </>
      }
      empty={<Empty title={t('cameras.none')}>{t('cameras.noneMore')}</Empty>}
    >
      <ul className={css.grid}>
        {rows.map((camera) => {
          const on = camera.id === selectedId;
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
                onClick={() => reveal({ kind: 'camera', id: camera.id }, camera.position)}
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
    </StorePage>
  );
}
