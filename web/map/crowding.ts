/** Keeps the room of the screen up to date with what the layers have put there. */
import type OlMap from 'ol/Map';
import type { LayerHandle } from './contract.ts';
import { type Box, buildRoom, type Offset, type Room, stepAside } from './room.ts';

export interface Crowding {
  /** Where text of this size, meant for a place on the map, should stand. */
  place(
    at: readonly number[],
    size: { widthPx: number; heightPx: number },
    offsets: readonly Offset[],
  ): { offset: Offset; taken: number };
  subscribe(listener: () => void): () => void;
  /** Something has moved: look again soon. */
  touch(): void;
  dispose(): void;
}

/** Names that hop after every car would be worse than names that are touched by one for a second. */
const LOOK_EVERY_MS = 700;

export function createCrowding(map: OlMap, handles: () => readonly LayerHandle[]): Crowding {
  const listeners = new Set<() => void>();
  let room: Room = buildRoom([]);
  let resolution = 1;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const look = () => {
    timer = undefined;
    resolution = map.getView().getResolution() ?? 1;
    room = buildRoom(
      handles().flatMap((handle) =>
        [...(handle.occupies?.() ?? [])].map(({ at, dx, dy, radiusPx }) => ({
          x: (at[0] ?? 0) / resolution + dx,
          y: -(at[1] ?? 0) / resolution + dy,
          radiusPx,
        })),
      ),
    );
    for (const listener of listeners) listener();
  };
  return {
    place(at, size, offsets) {
      const box: Box = { x: (at[0] ?? 0) / resolution, y: -(at[1] ?? 0) / resolution, ...size };
      return stepAside(room, box, offsets);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    touch() {
      timer ??= setTimeout(look, LOOK_EVERY_MS);
    },
    dispose() {
      clearTimeout(timer);
    },
  };
}
