import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import css from './splitter.module.css';

interface SplitterProps {
  /** Which way the two parts stand beside each other. */
  along: 'row' | 'column';
  label: string;
  value: number;
  min: number;
  max: number;
  /** How much of `value` one pixel of movement to the right or down is. */
  perPixel(): number;
  step: number;
  onChange(value: number): void;
  /** Double click. */
  preferred: number;
}

/** A wall between two panels that can be moved by pointer and by arrow keys. */
export function Splitter({
  along,
  label,
  value,
  min,
  max,
  perPixel,
  step,
  onChange,
  preferred,
}: SplitterProps) {
  const drag = useRef<{ at: number; value: number; perPixel: number } | null>(null);
  const set = (next: number) => onChange(Math.min(max, Math.max(min, next)));
  const at = (event: PointerEvent) => (along === 'row' ? event.clientX : event.clientY);
  const onKeyDown = (event: KeyboardEvent) => {
    const direction = perPixel() < 0 ? -1 : 1;
    const [less, more] = along === 'row' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    if (event.key === less) set(value - step * direction);
    else if (event.key === more) set(value + step * direction);
    else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be focused and moved
    <div
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={along === 'row' ? 'vertical' : 'horizontal'}
      aria-valuenow={Math.round(value * 100) / 100}
      aria-valuemin={min}
      aria-valuemax={max}
      className={along === 'row' ? css.row : css.column}
      onKeyDown={onKeyDown}
      onDoubleClick={() => set(preferred)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { at: at(event), value, perPixel: perPixel() };
      }}
      onPointerMove={(event) => {
        if (drag.current) set(drag.current.value + (at(event) - drag.current.at) * drag.current.perPixel);
      }}
      onPointerUp={() => {
        drag.current = null;
      }}
      onPointerCancel={() => {
        drag.current = null;
      }}
    />
  );
}
