/** Alarms on the map: their sign is the console's (web/glyphs); the map decides size, order and who stands alone. */
import type { Alert } from '../../../core/api/alerts.ts';
import { SEVERITIES, type Severity } from '../../../core/api/common.ts';

export type AlertSign = Pick<Alert, 'severity' | 'state'>;

const SIZES: Record<Severity, number> = { critical: 23, major: 20, minor: 17, info: 16 };

/** Width of the sign's 16-unit box in CSS pixels: what is worse is also larger. */
export function alertSizePx({ severity }: AlertSign): number {
  return SIZES[severity];
}

/** Painter's order among alarms: the worst on top, among equals what still asks for a person. */
export function alertOrder({ severity, state }: AlertSign): number {
  const asks = state === 'unacknowledged' ? 2 : state === 'returned_unacknowledged' ? 1 : 0;
  return (SEVERITIES.length - SEVERITIES.indexOf(severity)) * 3 + asks;
}

/** A critical alarm that nobody has acknowledged is never inside a cluster, at any zoom. */
export function standsAlone({ severity, state }: AlertSign): boolean {
  return severity === 'critical' && state === 'unacknowledged';
}

export function worse(a: Severity | null, b: Severity | null): Severity | null {
  if (a === null) return b;
  if (b === null) return a;
  return SEVERITIES.indexOf(a) <= SEVERITIES.indexOf(b) ? a : b;
}
