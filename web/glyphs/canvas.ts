import type { Palette } from '../theme/index.ts';
import type { Shape } from './shapes.ts';

/**
 * Draws shapes centred on (x, y) of a 2D context; `sizePx` is the width of the 16-unit box. For the map's own
 * layers and for printing; needs `Path2D`.
 */
export function drawShapes(
  context: CanvasRenderingContext2D,
  shapes: readonly Shape[],
  palette: Palette,
  at: { x: number; y: number; sizePx: number },
): void {
  const scale = at.sizePx / 16;
  context.save();
  context.translate(at.x, at.y);
  context.scale(scale, scale);
  context.lineJoin = 'round';
  for (const shape of shapes) {
    const path = new Path2D(shape.d);
    context.globalAlpha = shape.opacity ?? 1;
    if (shape.fill) {
      context.fillStyle = palette[shape.fill];
      context.fill(path);
    }
    if (shape.stroke) {
      context.strokeStyle = palette[shape.stroke];
      context.lineWidth = shape.strokeWidth ?? 1;
      context.setLineDash([...(shape.dash ?? [])]);
      context.lineDashOffset = shape.dashOffset ?? 0;
      // Round ends would close the gaps of a dashed outline.
      context.lineCap = shape.dash ? 'butt' : 'round';
      context.stroke(path);
    }
  }
  context.restore();
}
