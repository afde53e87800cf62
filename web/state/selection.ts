import { create } from 'zustand';
import type { Position } from '../../core/api/common.ts';

/** The one thing that is selected; list, map and detail all follow it. Alert ids are numbers, others text. */
export type Selected =
  | { kind: 'alert'; id: number }
  | { kind: 'device' | 'camera' | 'unit' | 'area'; id: string };

export interface FocusRequest {
  /** Grows with every request, so that the same place can be asked for twice. */
  serial: number;
  position: Position | null;
  /** `[west, south, east, north]`; wins over `position`. */
  bbox: readonly [number, number, number, number] | null;
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

export function hover(hovered: Selected | null): void {
  useSelection.setState({ hovered });
}

export function isSame(a: Selected | null, b: Selected | null): boolean {
  return a === b || (a !== null && b !== null && a.kind === b.kind && a.id === b.id);
}

export function requestFocus(place: {
  position?: Position | null;
  bbox?: readonly [number, number, number, number] | null;
  mode: FocusRequest['mode'];
}): void {
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
