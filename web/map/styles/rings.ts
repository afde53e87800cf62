/** The rings round what is selected and what is under the pointer. */
import type { Severity } from '../../../core/api/common.ts';
import type { Selected } from '../../state/index.ts';
import type { Token } from '../../theme/index.ts';

export interface RingLook {
  radiusPx: number;
  widthPx: number;
  colour: Token;
  /** A second, soft ring in the alarm's own colour. */
  inner: Severity | null;
}

const RADIUS: Record<Selected['kind'], number> = { alert: 25, unit: 20, camera: 18, device: 13, area: 0 };

export function ringLook(
  kind: Selected['kind'],
  role: 'selected' | 'hovered',
  severity: Severity | null,
): RingLook {
  if (role === 'hovered')
    return { radiusPx: Math.min(20, RADIUS[kind]), widthPx: 1.2, colour: 'muted', inner: null };
  return { radiusPx: RADIUS[kind], widthPx: 1.7, colour: 'lamp', inner: severity };
}
