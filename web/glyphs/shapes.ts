/**
 * The console's own signs as data: one source for the list, the map's canvas, the timeline and the legend.
 * Paths live in a box of 16 × 16 centred on (0, 0), y down; colours are roles, resolved when drawn.
 */
import type { AlertState } from '../../core/api/alerts.ts';
import type { CameraState } from '../../core/api/cameras.ts';
import type { Severity } from '../../core/api/common.ts';
import type { UnitStatus } from '../../core/api/dispatch.ts';
import type { Token } from '../theme/index.ts';

export interface Shape {
  d: string;
  fill?: Token;
  stroke?: Token;
  /** In units of the 16-unit box. */
  strokeWidth?: number;
  dash?: readonly number[];
  dashOffset?: number;
  opacity?: number;
}

/** Severity is a shape first, so that it can be told apart without colour. */
const SEVERITY_OUTLINE: Record<Severity, (scale: number) => string> = {
  critical: polygon([0, -7.2], [7.2, 0], [0, 7.2], [-7.2, 0]),
  major: polygon([0, -6.6], [7.1, 5.9], [-7.1, 5.9]),
  minor: (k) => circle(round(5.6 * k)),
  info: polygon([-5, -5], [5, -5], [5, 5], [-5, 5]),
};

/** Length of one dash and its gap: a side, so that every corner is drawn; for the circle a sixth of the way round. */
const DASH_PERIOD: Record<Severity, number> = {
  critical: 7.2 * Math.SQRT2,
  major: (2 * Math.hypot(7.1, 12.5) + 14.2) / 3,
  minor: (2 * Math.PI * 5.6) / 6,
  info: 10,
};
/** Share of a period that is drawn. */
const DASH_ON = 0.6;

const CLOCK_HANDS = 'M0-2.8V0L2 1.3';

/** How an alarm is drawn beyond its severity. Shelving is not in the data yet; its sign is. */
export type AlarmDrawing = Exclude<AlertState, 'closed'> | 'shelved';

const INSET = 0.86;

/** Filled = unacknowledged, outline = acknowledged, dashed = returned but unacknowledged, clock = shelved. */
export function alarmShapes(severity: Severity, state: AlarmDrawing): Shape[] {
  if (state === 'unacknowledged') return [{ d: SEVERITY_OUTLINE[severity](1), fill: severity }];
  // Outlines stay inside the filled shape's edge, so that all states look equally large.
  const outline: Shape = { d: SEVERITY_OUTLINE[severity](INSET), stroke: severity, strokeWidth: 1.9 };
  if (state === 'acknowledged') return [outline];
  if (state === 'returned_unacknowledged') {
    const period = DASH_PERIOD[severity] * INSET;
    const on = round(period * DASH_ON);
    // The outline begins in the middle of a side, and so in the middle of a gap.
    return [{ ...outline, dash: [on, round(period - on)], dashOffset: round((period + on) / 2) }];
  }
  return [
    { ...outline, stroke: 'muted' },
    { d: CLOCK_HANDS, stroke: 'muted', strokeWidth: 1.4 },
  ];
}

const UNIT_BODY = 'M0-7.4 6-1.6V6.4H-6V-1.6Z';

/**
 * A unit: a house-shaped plate that carries its call sign. On its way or on scene it is lit by the lamp;
 * out of service it is faint.
 */
export function unitShapes(status: UnitStatus): Shape[] {
  switch (status) {
    case 'assigned':
    case 'en_route':
      return [{ d: UNIT_BODY, fill: 'lamp' }];
    case 'on_scene':
      return [
        { d: UNIT_BODY, fill: 'panel', stroke: 'lamp', strokeWidth: 1.5 },
        { d: 'M-6 4.1H6V6.4H-6Z', fill: 'lamp' },
      ];
    case 'out_of_service':
      return [{ d: UNIT_BODY, fill: 'panel', stroke: 'faint', strokeWidth: 1.1, dash: [2.2, 1.8] }];
    default:
      return [{ d: UNIT_BODY, fill: 'panel', stroke: 'text', strokeWidth: 1.1 }];
  }
}

/** Token of the call sign on a unit's plate. */
export function unitTextToken(status: UnitStatus): Token {
  if (status === 'assigned' || status === 'en_route') return 'onLamp';
  return status === 'out_of_service' ? 'muted' : 'text';
}

const CAMERA_BODY =
  'M-6-5.4H6A1.6 1.6 0 0 1 7.6-3.8V3.8A1.6 1.6 0 0 1 6 5.4H-6A1.6 1.6 0 0 1-7.6 3.8V-3.8A1.6 1.6 0 0 1-6-5.4Z';

export function cameraShapes(state: CameraState): Shape[] {
  if (state === 'offline' || state === 'auth_failed') {
    return [
      { d: CAMERA_BODY, fill: 'panel', stroke: 'faint', strokeWidth: 1.4 },
      { d: 'M-3.4-3.4 3.4 3.4M3.4-3.4-3.4 3.4', stroke: 'muted', strokeWidth: 1.4 },
    ];
  }
  const dim = state !== 'online';
  return [
    {
      d: CAMERA_BODY,
      fill: 'panel',
      stroke: dim ? 'faint' : 'info',
      strokeWidth: 1.4,
      ...(state === 'disabled' ? { dash: [2.2, 1.8] } : {}),
    },
    { d: circle(2.6), fill: dim ? 'faint' : 'info' },
  ];
}

/** A sensor: a quiet grey dot; hollow and dashed while nothing (new) is heard from it. */
export function deviceShapes(state: 'online' | 'late' | 'offline' | 'never' | 'disabled'): Shape[] {
  if (state === 'online') return [{ d: circle(3.6), fill: 'ok' }];
  if (state === 'late') return [{ d: circle(3.4), stroke: 'ok', strokeWidth: 1.5 }];
  return [
    {
      d: circle(3.4),
      stroke: 'ok',
      strokeWidth: 1.3,
      dash: [2, 1.9],
      ...(state === 'disabled' ? { opacity: 0.5 } : {}),
    },
  ];
}

/** A closed outline that begins in the middle of its last side. */
function polygon(...corners: readonly [number, number][]): (scale: number) => string {
  const [firstX, firstY] = corners[0] ?? [0, 0];
  const [lastX, lastY] = corners.at(-1) ?? [0, 0];
  const points = [[(firstX + lastX) / 2, (firstY + lastY) / 2] as const, ...corners];
  return (k) => `M${points.map(([x, y]) => `${round(x * k)} ${round(y * k)}`).join('L')}Z`;
}

function circle(radius: number): string {
  return `M${-radius} 0A${radius} ${radius} 0 1 1 ${radius} 0 ${radius} ${radius} 0 1 1 ${-radius} 0Z`;
}

const round = (value: number) => Math.round(value * 1000) / 1000;
