import type OlMap from 'ol/Map';
import { useEffect, useState } from 'react';
import { formatDistance } from '../../core/format.ts';
import type { Language } from '../state/index.ts';

import classes from './map-view.module.css';
import { stretchAt, toDegrees } from './project.ts';
import { scaleOf } from './styles/scale.ts';

/** How long a round distance is on this screen, at the middle of the map. */
export function ScaleLine({ map, language }: { map: OlMap; language: Language }) {
  const [scale, setScale] = useState<{ metres: number; widthPx: number } | null>(null);
  useEffect(() => {
    const view = map.getView();
    const update = () => {
      const center = view.getCenter();
      const resolution = view.getResolution();
      if (!center || resolution === undefined) return;
      const next = scaleOf(resolution / stretchAt(toDegrees(center)));
      setScale((known) =>
        known && known.metres === next.metres && known.widthPx === next.widthPx ? known : next,
      );
    };
    update();
    view.on('change', update);
    return () => view.un('change', update);
  }, [map]);
  if (!scale) return null;
  return (
    <div className={classes.scale}>
      {formatDistance(scale.metres, language)}
      <svg width={scale.widthPx} height="5" aria-hidden="true">
        <path d={`M.5 0V4.5H${scale.widthPx - 0.5}V0`} />
      </svg>
    </div>
  );
}
