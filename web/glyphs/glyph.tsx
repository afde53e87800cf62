import type { AlertState } from '../../core/api/alerts.ts';
import type { CameraState } from '../../core/api/cameras.ts';
import type { Severity } from '../../core/api/common.ts';
import type { Device } from '../../core/api/devices.ts';
import type { Unit } from '../../core/api/dispatch.ts';
import { cssName } from '../theme/tokens.ts';
import {
  type AlarmDrawing,
  alarmShapes,
  cameraShapes,
  deviceShapes,
  type Shape,
  unitShapes,
} from './shapes.ts';

interface GlyphProps {
  shapes: readonly Shape[];
  size?: number;
  /** Read out by screen readers; without it the sign is decoration beside a text that says the same. */
  label?: string;
  className?: string;
}

function Glyph({ shapes, size = 16, label, className }: GlyphProps) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="-8 -8 16 16"
      strokeLinejoin="round"
      className={className}
      role="img"
      aria-label={label ?? ''}
      aria-hidden={label === undefined}
    >
      {shapes.map((shape) => (
        <path
          key={shape.d}
          d={shape.d}
          fill={shape.fill ? `var(${cssName(shape.fill)})` : 'none'}
          stroke={shape.stroke ? `var(${cssName(shape.stroke)})` : undefined}
          strokeWidth={shape.strokeWidth}
          strokeDasharray={shape.dash?.join(' ')}
          strokeDashoffset={shape.dashOffset}
          strokeLinecap={shape.dash ? 'butt' : 'round'}
          opacity={shape.opacity}
        />
      ))}
    </svg>
  );
}

type Rest = Omit<GlyphProps, 'shapes'>;

export function AlarmGlyph({
  severity,
  state,
  ...rest
}: Rest & { severity: Severity; state: AlarmDrawing | AlertState }) {
  // A closed alarm is history: the outline of its severity, as for one that nobody has to look at.
  return <Glyph shapes={alarmShapes(severity, state === 'closed' ? 'acknowledged' : state)} {...rest} />;
}

export function UnitGlyph({ status, ...rest }: Rest & { status: Unit['status'] }) {
  return <Glyph shapes={unitShapes(status)} {...rest} />;
}

export function CameraGlyph({ state, ...rest }: Rest & { state: CameraState }) {
  return <Glyph shapes={cameraShapes(state)} {...rest} />;
}

export function DeviceGlyph({ state, ...rest }: Rest & { state: Device['state'] }) {
  return <Glyph shapes={deviceShapes(state)} {...rest} />;
}
