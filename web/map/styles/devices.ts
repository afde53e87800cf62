/** Devices on the map. Grey is normal; a hollow dot is late, a dashed one silent, a faint one switched off. */
import type { FlatStyleLike } from 'ol/style/flat';
import type { Device } from '../../../core/api/devices.ts';
import { alpha, type MapPalette } from './palette.ts';

/** States that look alike, so that a dot changes only when its look does. */
export type DotKind = 'normal' | 'late' | 'silent' | 'off';

export function dotKind(state: Device['state']): DotKind {
  if (state === 'online') return 'normal';
  if (state === 'late') return 'late';
  return state === 'disabled' ? 'off' : 'silent';
}

/** The device state whose sign stands for the kind. */
export const DOT_STATE = {
  normal: 'online',
  late: 'late',
  silent: 'offline',
  off: 'disabled',
} as const satisfies Record<DotKind, Device['state']>;

/** Width of the sign's 16-unit box: a little larger close up, where there is room and a finger may aim at it. */
export function dotSizePx(zoom: number): number {
  if (zoom < 9) return 12;
  return zoom < 13 ? 16 : 20;
}

/** What the dot and its rim take of the sign's box. */
export function dotBoxPx(sizePx: number): number {
  return Math.ceil(sizePx * 0.5) + 4;
}

/**
 * The same dots for the graphics card, where a province has thousands: `kind` decides, as above. The dashed ring
 * becomes a thin one there: no dashes on the card.
 */
export function dotFlatStyle(palette: MapPalette): FlatStyleLike {
  const rim = alpha(palette.bg, 0.9);
  const radius = (share: number) => [
    'interpolate',
    ['linear'],
    ['zoom'],
    8.9,
    6 * share,
    9,
    8 * share,
    12.9,
    8 * share,
    13,
    10 * share,
  ];
  const rule = (kind: DotKind, style: Record<string, unknown>) => ({
    filter: ['==', ['get', 'kind'], kind],
    style: { 'circle-radius': radius(0.45), ...style },
  });
  const hollow = (opacity: number, width: number) => ({
    'circle-fill-color': rim,
    'circle-stroke-color': alpha(palette.ok, opacity),
    'circle-stroke-width': width,
  });
  return [
    rule('normal', {
      'circle-fill-color': palette.ok,
      'circle-stroke-color': rim,
      'circle-stroke-width': 1.4,
    }),
    rule('late', hollow(1, 1.5)),
    rule('silent', hollow(0.75, 1)),
    rule('off', hollow(0.4, 1)),
  ] as unknown as FlatStyleLike;
}
