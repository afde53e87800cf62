/**
 * Glyphs as pictures, drawn once for each look and screen density. Canvas layers then only copy pixels, in the
 * painter's order that drawing shapes and letters one by one could not keep.
 */
import Icon from 'ol/style/Icon';
import type { Pen } from './styles/glyphs.ts';

export interface SpriteSize {
  widthPx: number;
  heightPx: number;
}

/** About 20 KB each at twice the density: 24 MB at most. */
const MAX_SPRITES = 1200;

export class Sprites {
  private readonly made = new Map<string, HTMLCanvasElement>();
  private readonly measuring: Pen | null = document.createElement('canvas').getContext('2d');

  /** Drawn at least twice as fine as CSS pixels: glyphs are small and looked at closely. */
  get density(): number {
    return Math.max(2, Math.ceil(window.devicePixelRatio));
  }

  canvas(key: string, size: SpriteSize, draw: (pen: Pen) => void): HTMLCanvasElement {
    const known = this.made.get(key);
    if (known) {
      // Last in is last out.
      this.made.delete(key);
      this.made.set(key, known);
      return known;
    }
    const canvas = document.createElement('canvas');
    canvas.width = Math.ceil(size.widthPx * this.density);
    canvas.height = Math.ceil(size.heightPx * this.density);
    const pen = canvas.getContext('2d');
    if (pen) {
      pen.scale(this.density, this.density);
      pen.translate(size.widthPx / 2, size.heightPx / 2);
      draw(pen);
    }
    this.made.set(key, canvas);
    if (this.made.size > MAX_SPRITES) {
      const [oldest] = this.made.keys();
      if (oldest !== undefined) this.made.delete(oldest);
    }
    return canvas;
  }

  icon(
    key: string,
    size: SpriteSize,
    draw: (pen: Pen) => void,
    options: { dx?: number; dy?: number; declutterMode: 'declutter' | 'obstacle' | 'none' },
  ): Icon {
    return new Icon({
      img: this.canvas(key, size, draw),
      scale: 1 / this.density,
      // CSS pixels, whatever the scale; up is positive.
      displacement: [options.dx ?? 0, -(options.dy ?? 0)],
      declutterMode: options.declutterMode,
    });
  }

  measure(work: (pen: Pen) => number): number {
    return this.measuring ? work(this.measuring) : 0;
  }

  /** After a change of palette, fonts or density. */
  clear(): void {
    this.made.clear();
  }
}
