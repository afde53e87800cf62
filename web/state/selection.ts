import { create } from 'zustand';
import type { Position } from '../../core/api/common.ts';
import type { Bbox } from '../../core/reading.ts';

/** The one thing that is selected; list, map and detail all follow it. Alert ids are numbers, others text. */
export type Selected =
  | { kind: 'alert'; id: number }
  | { kind: 'device' | 'camera' | 'unit' | 'area'; id: string };

export interface FocusRequest {
  /** Grows with every request, so that the same place can be asked for twice. */
  serial: number;
  position: Position | null;
  /** `[west, south, east, north]`; wins over `position`. */
  bbox: Readonly<Bbox> | null;
  /** `reveal` moves only when the place is off screen; `go` always flies there. */
  mode: 'reveal' | 'go';
}

export interface SelectionState {
  selected: Selected | null;
  /** What the pointer is over, in whichever panel; the map rings it softly. */
  hovered: Selected | null;
  /** Where the map should look; the map consumes it by its serial. */
  focus: FocusRequest | null;
}

export const useSelection = create<SelectionState>(() => ({ selected: null, hovered: null, focus: null }));

export function select(selected: Selected | null): void {
  useSelection.setState({ selected });
}

/** The id of what is selected, if it is of this kind. */
export function useSelectedId<K extends Selected['kind']>(
  kind: K,
): (K extends 'alert' ? number : string) | null {
  return useSelection(({ selected }) => (selected?.kind === kind ? selected.id : null)) as
    | (K extends 'alert' ? number : string)
    | null;
}

/** Selects a thing chosen from a list, and lets the map move to it if it is off screen. */
export function reveal(thing: Selected, position: Position | null): void {
  select(thing);
  requestFocus({ position, mode: 'reveal' });
}

export function hover(hovered: Selected | null): void {
  useSelection.setState({ hovered });
}

export function isSame(a: Selected | null, b: Selected | null): boolean {
  return a === b || (a !== null && b !== null && a.kind === b.kind && a.id === b.id);
}

/** Where to look; `bbox` wins over `position`. */
export interface Place {
  position?: Position | null;
  bbox?: FocusRequest['bbox'];
}

export function requestFocus(place: Place & { mode: FocusRequest['mode'] }): void {
  if (!place.position && !place.bbox) return;
  useSelection.setState(({ focus }) => ({
    focus: {
      serial: (focus?.serial ?? 0) + 1,
      position: place.position ?? null,
      bbox: place.bbox ?? null,
      mode: place.mode,
    },
  }));
}
