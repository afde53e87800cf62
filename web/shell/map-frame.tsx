import { MapView } from '../map/index.tsx';
import { useUi } from '../state/index.ts';
import { Legend } from './legend.tsx';
import { MapChips } from './map-chips.tsx';
import css from './map-frame.module.css';
import { Timeline } from './timeline.tsx';

/** The map with what stands at its walls. */
export function MapFrame() {
  const timelineOpen = useUi((state) => state.timelineOpen);
  return (
    <div className={css.frame}>
      <MapView />
      <div className={css.top}>
        <MapChips />
      </div>
      <div className={css.bottom}>
        <Legend />
        {timelineOpen && <Timeline />}
      </div>
    </div>
  );
}
