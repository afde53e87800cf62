/** Cameras on the map: the icon says whether there is a picture, the wedge where it looks. */
import type { Camera } from '../../../core/api/cameras.ts';
import { DEFAULT_RANGE_M } from '../../../gis/fov.ts';
import { cameraShapes, type Shape } from '../../glyphs/index.ts';
import { clockTime, dayMonth } from '../../i18n/format.ts';
import type { Language } from '../../state/index.ts';

export type CameraSign = Pick<Camera, 'state' | 'enabled'>;

export function isDown({ state, enabled }: CameraSign): boolean {
  return enabled && (state === 'offline' || state === 'auth_failed');
}

/** The console's sign; without a picture it is struck through in red, for the map is looked at from afar. */
export function cameraSign(camera: CameraSign): Shape[] {
  if (!camera.enabled) return cameraShapes('disabled');
  if (!isDown(camera)) return cameraShapes(camera.state);
  const [body] = cameraShapes('offline');
  return [
    ...(body ? [body] : []),
    { d: 'M-7.4 6.6 7.4-6.6', stroke: 'panel', strokeWidth: 3.6 },
    { d: 'M-7.4 6.6 7.4-6.6', stroke: 'critical', strokeWidth: 1.9 },
  ];
}

/** The line under a camera without a picture: `hình cuối 07:12:40`. */
export function lastFrameText(
  lastFrameAt: string | null,
  { nowMs, timeZone, language }: { nowMs: number; timeZone: string; language: Language },
): string {
  if (lastFrameAt === null) return language === 'vi' ? 'chưa có hình' : 'no picture yet';
  const timeMs = Date.parse(lastFrameAt);
  const day = dayMonth(timeMs, timeZone);
  const clock = clockTime(timeMs, timeZone);
  const time = day === dayMonth(nowMs, timeZone) ? clock : `${clock} ${day}`;
  return language === 'vi' ? `hình cuối ${time}` : `last frame ${time}`;
}

/** A wedge is drawn with its true range, but never so small that it says nothing. */
const MIN_WEDGE_PX = 30;

/** Range to draw in metres on the ground; `metresPerPx` is the ground under one pixel. */
export function wedgeRangeM(rangeM: number | null, metresPerPx: number): number {
  return Math.max(rangeM ?? DEFAULT_RANGE_M, MIN_WEDGE_PX * metresPerPx);
}
