/**
 * Draws the console's signs (web/glyphs) and the map's own (clusters, plates, shields) on a canvas, with a rim in
 * the colour of the ground so that they stand off whatever is under them. The middle is the origin; CSS pixels.
 */
import { drawShapes, type Shape } from '../../glyphs/index.ts';
import type { ClusterLook } from './clusters.ts';
import { alpha, type MapPalette } from './palette.ts';
import type { PlateLook } from './plates.ts';
import type { UnitLook } from './units.ts';

export type Pen = CanvasRenderingContext2D;
export const FONT = '"Be Vietnam Pro", system-ui, sans-serif';
const PLATE_FONT = `600 11px ${FONT}`;

/** Shapes of the 16-unit box at `sizePx`, on a closed ground of their own outline. */
export function drawSign(pen: Pen, shapes: readonly Shape[], palette: MapPalette, sizePx: number): void {
  const [outline] = shapes;
  if (outline) {
    pen.save();
    pen.scale(sizePx / 16, sizePx / 16);
    pen.lineJoin = 'round';
    const path = new Path2D(outline.d);
    pen.strokeStyle = alpha(palette.bg, 0.9);
    pen.lineWidth = ((outline.strokeWidth ?? 0) * sizePx) / 16 + 3.4;
    pen.lineWidth *= 16 / sizePx;
    pen.stroke(path);
    if (!outline.fill) {
      pen.fillStyle = palette.bg;
      pen.fill(path);
    }
    pen.restore();
  }
  drawShapes(pen, shapes, palette, { x: 0, y: 0, sizePx });
}

export function drawUnit(pen: Pen, look: UnitLook, palette: MapPalette): void {
  pen.globalAlpha = look.opacity;
  pen.save();
  if (look.headingDeg !== null) pen.rotate((look.headingDeg * Math.PI) / 180);
  drawSign(pen, look.shapes, palette, look.sizePx);
  pen.restore();
  pen.globalAlpha = look.opacity;
  if (look.callSign === null) return;
  pen.font = `700 ${look.callSign.length > 2 ? 8.5 : 10}px ${FONT}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillStyle = palette[look.text];
  pen.fillText(look.callSign, 0, look.headingDeg === null ? 2.2 : 0.8);
}

export function drawCluster(pen: Pen, look: ClusterLook, palette: MapPalette): void {
  const circle = (from: number, to: number) => {
    pen.beginPath();
    pen.arc(0, 0, look.radiusPx, from, to);
  };
  circle(0, 2 * Math.PI);
  pen.strokeStyle = alpha(palette.bg, 0.8);
  pen.lineWidth = 6;
  pen.stroke();
  pen.fillStyle = palette.panel;
  pen.fill();
  pen.lineWidth = 3;
  pen.strokeStyle = palette.ok;
  pen.stroke();
  if (look.arc) {
    circle(-Math.PI / 2, -Math.PI / 2 + look.arc.share * 2 * Math.PI);
    pen.strokeStyle = palette[look.arc.worst];
    pen.stroke();
    // Colour alone must not say it: the worst state's own shape rides on the ring.
    pen.save();
    pen.translate(look.radiusPx * 0.74, -look.radiusPx * 0.74);
    drawSign(pen, look.arc.shapes, palette, 9);
    pen.restore();
  }
  pen.font = `600 ${look.fontPx}px ${FONT}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillStyle = palette.text;
  pen.fillText(look.label, 0, 0.8);
}

/** Width of a plate that holds the text, CSS pixels. */
export function plateWidth(pen: Pen, text: string): number {
  pen.font = PLATE_FONT;
  return Math.ceil(pen.measureText(text).width) + 11;
}

export function drawPlate(pen: Pen, look: PlateLook, widthPx: number): void {
  pen.globalAlpha = look.opacity;
  const plate = new Path2D();
  plate.roundRect(-widthPx / 2, -8.5, widthPx, 17, look.cornerPx);
  pen.fillStyle = look.ground;
  pen.fill(plate);
  pen.strokeStyle = look.border;
  pen.lineWidth = 1;
  if (look.dashed) pen.setLineDash([3, 2]);
  pen.stroke(plate);
  pen.font = PLATE_FONT;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillStyle = look.colour;
  pen.fillText(look.text, 0, 0.8);
}
