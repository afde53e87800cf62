/** A cluster of devices: a grey ring, an arc in the colour of its worst open state, a count. */
import type { Severity } from '../../../core/api/common.ts';
import { alarmShapes, type Shape } from '../../glyphs/index.ts';

export interface ClusterLook {
  radiusPx: number;
  fontPx: number;
  label: string;
  /** Share of the ring (0…1): devices with an open alarm among all; null = all is well. */
  arc: { share: number; worst: Severity; shapes: readonly Shape[] } | null;
}

export interface ClusterSign {
  count: number;
  alarmed: number;
  worst: Severity | null;
}

/** A sixteenth of the ring: one device in a thousand must still be seen. */
const MIN_SHARE = 1 / 16;
const MAX_RADIUS_PX = 24;

export function clusterLook({ count, alarmed, worst }: ClusterSign): ClusterLook {
  return {
    radiusPx: Math.round(Math.min(MAX_RADIUS_PX, 10 + 1.9 * Math.log2(count))),
    fontPx: count >= 1000 ? 11 : 12,
    label: count >= 10_000 ? `${Math.floor(count / 1000)}k` : String(count),
    arc:
      worst === null
        ? null
        : {
            share: Math.max(MIN_SHARE, Math.min(1, alarmed / count)),
            worst,
            shapes: alarmShapes(worst, 'unacknowledged'),
          },
  };
}
