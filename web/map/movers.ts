/**
 * Where every unit is drawn at this moment. Fixes arrive about once in a few seconds; between them units glide, and
 * the map redraws only as often as something has moved half a pixel on this screen at this zoom.
 */
import { fromLonLat } from 'ol/proj';
import { timeOf, useUnits } from '../state/index.ts';
import { follow } from './follow.ts';
import {
  frameIntervalMs,
  type Glide,
  glideTo,
  isMoving,
  pixelsPerSecond,
  positionAt,
  restingAt,
} from './glide.ts';

type MapPoint = readonly [number, number];

export interface Movers {
  /** In map coordinates; undefined = no known position. */
  placeOf(unitId: string): MapPoint | undefined;
  onMove(listener: (unitId: string, at: MapPoint) => void): () => void;
  dispose(): void;
}

export interface MoversPorts {
  nowMs(): number;
  /** Map units per pixel. */
  resolution(): number;
  /** Calls back with the milliseconds that the next frame has taken, drawing and painting. */
  costOfNextFrame(tell: (costMs: number) => void): void;
  /** Reduced motion: units jump to each fix. */
  still(): boolean;
}

export function createMovers({ nowMs, resolution, costOfNextFrame, still }: MoversPorts): Movers {
  const glides = new Map<string, { glide: Glide; fixMs: number; arrivedMs: number }>();
  const listeners = new Set<(unitId: string, at: MapPoint) => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let costMs = 0;

  const tell = (id: string, at: MapPoint) => {
    for (const listener of listeners) listener(id, at);
  };
  const step = () => {
    timer = undefined;
    const now = nowMs();
    let fastest = 0;
    for (const [id, { glide }] of glides) {
      if (glide.durationMs === 0) continue;
      tell(id, positionAt(glide, now));
      if (isMoving(glide, now)) fastest = Math.max(fastest, pixelsPerSecond(glide, resolution()));
      else glide.durationMs = 0;
    }
    if (fastest === 0) return;
    costOfNextFrame((ms) => {
      // Smoothed: one slow frame (a list that opens) must not make the cars stutter.
      costMs += (ms - costMs) * 0.4;
    });
    timer = setTimeout(step, frameIntervalMs(fastest, costMs));
  };

  const end = follow(useUnits, (changed, rows) => {
    const now = nowMs();
    if (changed === null) {
      for (const id of glides.keys()) if (!rows.has(id)) glides.delete(id);
    }
    for (const id of changed ?? rows.keys()) {
      const unit = rows.get(id);
      if (!unit?.position) {
        glides.delete(id);
        continue;
      }
      const [x = 0, y = 0] = fromLonLat(unit.position);
      const fixMs = timeOf(unit.positionAt);
      const known = glides.get(id);
      if (!known) {
        glides.set(id, { glide: restingAt([x, y]), fixMs, arrivedMs: now });
        continue;
      }
      const last = known.glide.to;
      if (last[0] === x && last[1] === y) continue;
      const glide = glideTo(known.glide, [x, y], now, now - known.arrivedMs, still() || document.hidden);
      glides.set(id, { glide, fixMs, arrivedMs: now });
      if (glide.durationMs === 0) tell(id, [x, y]);
    }
    // A faster mover may have come; while steps are under way the next one notices.
    timer ??= setTimeout(step, 0);
  });

  return {
    placeOf(id) {
      const mover = glides.get(id);
      return mover && positionAt(mover.glide, nowMs());
    },
    onMove(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose() {
      end();
      clearTimeout(timer);
    },
  };
}
