/** The pointer over the map: what is under it, what a click means. */

import type { Coordinate } from 'ol/coordinate';
import type OlMap from 'ol/Map';
import type MapBrowserEvent from 'ol/MapBrowserEvent';
import { hover, isSame, select, useSelection } from '../state/index.ts';
import type { LayerHandle, MapLayer, Picked } from './contract.ts';
import { order } from './pick.ts';

const MOUSE_TOLERANCE_PX = 9;
const TOUCH_TOLERANCE_PX = 20;

export interface PointerOptions {
  map: OlMap;
  target: HTMLElement;
  made: readonly { layer: MapLayer; handle: LayerHandle }[];
  isOn(layer: MapLayer): boolean;
  onHover(picked: Picked | null, pixel: readonly [number, number] | null): void;
  onPointer(at: Coordinate | null): void;
}

/** Set while a tool (measuring) takes the clicks for itself. */
let held = false;
export function holdPointer(on: boolean): void {
  held = on;
  if (on) hover(null);
}

export function followPointer({ map, target, made, isOn, onHover, onPointer }: PointerOptions): () => void {
  let frame = 0;
  let hovered: Picked | null = null;

  const at = (coordinate: Coordinate, tolerancePx: number): Picked[] =>
    order(
      made.flatMap(({ layer, handle }) =>
        isOn(layer) ? (handle.pick?.(coordinate, tolerancePx) ?? []) : [],
      ),
    );
  const show = (picked: Picked | null, pixel: readonly [number, number] | null) => {
    if (picked?.selected || hovered?.selected) {
      const next = picked?.selected ?? null;
      if (!isSame(next, useSelection.getState().hovered)) hover(next);
    }
    hovered = picked;
    target.style.cursor = picked && (picked.act || picked.selected?.kind !== 'area') ? 'pointer' : '';
    onHover(picked, pixel);
  };
  const move = (event: MapBrowserEvent) => {
    if (event.dragging || held) {
      if (hovered) show(null, null);
      return;
    }
    const { coordinate, pixel } = event;
    onPointer(coordinate);
    if ((event.originalEvent as PointerEvent).pointerType === 'touch') return;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      const [first] = at(coordinate, MOUSE_TOLERANCE_PX);
      show(first ?? null, first ? [pixel[0] ?? 0, pixel[1] ?? 0] : null);
    });
  };
  const click = (event: MapBrowserEvent) => {
    if (held) return;
    const touch = (event.originalEvent as PointerEvent).pointerType === 'touch';
    const picked = at(event.coordinate, touch ? TOUCH_TOLERANCE_PX : MOUSE_TOLERANCE_PX);
    const { selected } = useSelection.getState();
    const things = picked.filter((one) => one.act || one.selected?.kind !== 'area');
    if (things.length === 0) {
      // On empty ground the first click lets go of what is selected; only the next one means the area itself.
      const area = picked[0]?.selected ?? null;
      select(selected ? null : area);
      return;
    }
    // Things on top of each other: every further click goes one deeper.
    const present = things.findIndex((one) => one.selected !== null && isSame(one.selected, selected));
    const next = things[(present + 1) % things.length];
    if (next?.act) next.act();
    else if (next) select(next.selected);
  };
  const leave = () => {
    cancelAnimationFrame(frame);
    if (hovered) show(null, null);
    onPointer(null);
  };
  map.on('pointermove', move);
  map.on('click', click);
  target.addEventListener('pointerleave', leave);
  return () => {
    leave();
    map.un('pointermove', move);
    map.un('click', click);
    target.removeEventListener('pointerleave', leave);
  };
}
