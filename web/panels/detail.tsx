import type { Selected } from '../state/index.ts';
import { AlarmDetail } from './alarm-detail.tsx';
import { AreaDetail } from './area-detail.tsx';
import { CameraDetail } from './camera-detail.tsx';
import css from './detail.module.css';
import { DeviceDetail } from './device-detail.tsx';
import { UnitDetail } from './unit-detail.tsx';

/** The lower half of the right panel: whatever is selected, by its kind. */
export function Detail({ selected }: { selected: Selected }) {
  return (
    <section className={css.detail} aria-live="off">
      {/* A new thing gets a new panel: no open comment, chart or player of the last one is carried over. */}
      {selected.kind === 'alert' && <AlarmDetail key={selected.id} id={selected.id} />}
      {selected.kind === 'device' && <DeviceDetail key={selected.id} id={selected.id} />}
      {selected.kind === 'camera' && <CameraDetail key={selected.id} id={selected.id} />}
      {selected.kind === 'unit' && <UnitDetail key={selected.id} id={selected.id} />}
      {selected.kind === 'area' && <AreaDetail key={selected.id} id={selected.id} />}
    </section>
  );
}
