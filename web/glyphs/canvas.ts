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

export interface SvgOptions {
  sizePx: number;
  /** Outline round every filled shape, so that a sign stands off whatever is under it. */
  halo?: string;
}

/** The same as an SVG document, for an `Icon` of the map (`data:image/svg+xml,` + encodeURIComponent). */
export function shapesToSvg(shapes: readonly Shape[], palette: Palette, options: SvgOptions): string {
  const paint = (shape: Shape) => {
    const parts = [`d="${shape.d}"`, `fill="${shape.fill ? palette[shape.fill] : 'none'}"`];
    if (shape.stroke) {
      parts.push(`stroke="${palette[shape.stroke]}"`, `stroke-width="${shape.strokeWidth ?? 1}"`);
      if (shape.dash)
        parts.push(
          `stroke-dasharray="${shape.dash.join(' ')}"`,
          `stroke-dashoffset="${shape.dashOffset ?? 0}"`,
        );
      else parts.push('stroke-linecap="round"');
    } else if (options.halo) {
      parts.push(`stroke="${options.halo}"`, 'stroke-width="1.4"', 'paint-order="stroke"');
    }
    if (shape.opacity !== undefined) parts.push(`opacity="${shape.opacity}"`);
    return `<path ${parts.join(' ')}/>`;
  };
  const box = options.halo ? '-9 -9 18 18' : '-8 -8 16 16';
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${options.sizePx}" height="${options.sizePx}" viewBox="${box}" ` +
    `stroke-linejoin="round">${shapes.map(paint).join('')}</svg>`
  );
}
