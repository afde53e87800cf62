import { lazy, Suspense, useEffect, useState } from 'react';
import { useTexts } from '../i18n/index.ts';
import { Boundary } from '../parts/boundary.tsx';
import { select, useConnection, useSelection, useUi } from '../state/index.ts';
import { DEFAULT_UI, SIDE_WIDTH } from '../state/ui.ts';
import { KeyHelp } from './key-help.tsx';
import { useKeys } from './keys.ts';
import { NoticeBar } from './notice-bar.tsx';
import { OfflineBanner } from './offline-banner.tsx';
import { PageFrame } from './page-frame.tsx';
import { Rail } from './rail.tsx';
import css from './room.module.css';
import { followAddress, useRoute } from './router.ts';
import { SearchDialog } from './search.tsx';
import { Side } from './side.tsx';
import { startSound, toggleSilence } from './sound.ts';
import { Splitter } from './splitter.tsx';
import { TopBar } from './top-bar.tsx';

// OpenLayers is the largest part of the console; the panels do not wait for it.
const MapFrame = lazy(() => import('./map-frame.tsx').then((module) => ({ default: module.MapFrame })));

/** The whole screen of somebody who is signed in. The map is the room; the rest stands at its walls. */
export function Room() {
  const { t } = useTexts();
  const page = useRoute((state) => state.page);
  const sideOpen = useUi((state) => state.sideOpen);
  const sideWidthPx = useUi((state) => state.sideWidthPx);
  const link = useConnection((state) => state.link);
  const [searching, setSearching] = useState(false);
  const [help, setHelp] = useState(false);
  const [mapNeeded, setMapNeeded] = useState(page === 'map');
  if (page === 'map' && !mapNeeded) setMapNeeded(true);

  useEffect(followAddress, []);
  useEffect(startSound, []);
  useKeys({
    'ctrl+k': () => setSearching(true),
    '/': () => setSearching(true),
    '?': () => setHelp(true),
    l: () => useUi.setState(({ legendOpen }) => ({ legendOpen: !legendOpen })),
    m: () => toggleSilence(Date.now()),
    escape: () => {
      if (useSelection.getState().selected) select(null);
    },
  });

  return (
    <div className={css.room} data-link={link}>
      <TopBar onSearch={() => setSearching(true)} onHelp={() => setHelp(true)} />
      <OfflineBanner />
      <div className={css.body}>
        <Rail />
        <main className={css.main}>
          {/* Once drawn, the map stays alive behind a page: coming back is instant and nothing is lost. */}
          <div className={css.map} hidden={page !== 'map'}>
            <Suspense fallback={null}>
              <Boundary>{mapNeeded && <MapFrame />}</Boundary>
            </Suspense>
          </div>
          {page !== 'map' && (
            <Boundary resetKey={page}>
              <PageFrame page={page} />
            </Boundary>
          )}
          <NoticeBar />
        </main>
        {sideOpen && (
          <>
            <Splitter
              along="row"
              label={t('shell.resizeSide')}
              value={sideWidthPx}
              min={SIDE_WIDTH.min}
              max={SIDE_WIDTH.max}
              perPixel={() => -1}
              step={16}
              preferred={DEFAULT_UI.sideWidthPx}
              onChange={(value) => useUi.setState({ sideWidthPx: Math.round(value) })}
            />
            <aside className={css.side} style={{ width: sideWidthPx }} aria-label={t('shell.side')}>
              <Side />
            </aside>
          </>
        )}
      </div>
      {searching && <SearchDialog onClose={() => setSearching(false)} />}
      {help && <KeyHelp onClose={() => setHelp(false)} />}
    </div>
  );
}
