/** A number for every point of a grid, and the outlines where it passes a level: how patches of land cover are drawn. */
import { at, inRing, type Line, type Pt, ringArea } from './plane.ts';

export interface Frame {
  west: number;
  south: number;
  stepKm: number;
  columns: number;
  rows: number;
}

export class Field {
  readonly frame: Frame;
  readonly values: Float32Array;

  constructor(frame: Frame, value: (p: Pt, index: number) => number) {
    this.frame = frame;
    this.values = new Float32Array(frame.columns * frame.rows);
    for (let r = 0; r < frame.rows; r++)
      for (let c = 0; c < frame.columns; c++) {
        const i = r * frame.columns + c;
        this.values[i] = value([frame.west + c * frame.stepKm, frame.south + r * frame.stepKm], i);
      }
  }

  /** Bilinear; outside the grid the value of its edge. */
  value(p: Pt): number {
    const { west, south, stepKm, columns, rows } = this.frame;
    const x = Math.min(columns - 1.001, Math.max(0, (p[0] - west) / stepKm));
    const y = Math.min(rows - 1.001, Math.max(0, (p[1] - south) / stepKm));
    const c = Math.floor(x);
    const r = Math.floor(y);
    const v = (dc: number, dr: number) => at2(this.values, (r + dr) * columns + c + dc);
    const u = x - c;
    const w = y - r;
    return (v(0, 0) * (1 - u) + v(1, 0) * u) * (1 - w) + (v(0, 1) * (1 - u) + v(1, 1) * u) * w;
  }

  /**
   * Polygons where the value is above zero, as shells with their holes, by marching squares with linear
   * interpolation. The edge of the grid counts as below.
   */
  polygons(minAreaKm2: number): Line[][] {
    const rings = this.#rings().filter((ring) => Math.abs(ringArea(ring)) >= minAreaKm2);
    const shells = rings.filter((ring) => ringArea(ring) > 0).map((ring) => ({ ring, holes: [] as Line[] }));
    for (const hole of rings.filter((ring) => ringArea(ring) < 0)) {
      const owners = shells.filter((shell) => inRing(at(hole, 0), shell.ring));
      owners.sort((a, b) => ringArea(a.ring) - ringArea(b.ring));
      owners[0]?.holes.push(hole);
    }
    return shells.map((shell) => [shell.ring, ...shell.holes]);
  }

  #rings(): Line[] {
    const { west, south, stepKm, columns, rows } = this.frame;
    const get = (c: number, r: number) =>
      c <= 0 || r <= 0 || c >= columns - 1 || r >= rows - 1 ? -1 : at2(this.values, r * columns + c);
    // Every piece of outline goes from one grid edge to another, with the high side on its left.
    const next = new Map<number, number>();
    const edgeId = (c: number, r: number, vertical: boolean) => (r * columns + c) * 2 + (vertical ? 1 : 0);
    for (let r = 0; r < rows - 1; r++)
      for (let c = 0; c < columns - 1; c++) {
        const [a, b, d, e] = [get(c, r) > 0, get(c + 1, r) > 0, get(c + 1, r + 1) > 0, get(c, r + 1) > 0];
        const bits = (a ? 1 : 0) | (b ? 2 : 0) | (d ? 4 : 0) | (e ? 8 : 0);
        if (bits === 0 || bits === 15) continue;
        const bottom = edgeId(c, r, false);
        const top = edgeId(c, r + 1, false);
        const left = edgeId(c, r, true);
        const right = edgeId(c + 1, r, true);
        const link = (from: number, to: number) => next.set(from, to);
        if (bits === 1) link(bottom, left);
        else if (bits === 2) link(right, bottom);
        else if (bits === 3) link(right, left);
        else if (bits === 4) link(top, right);
        else if (bits === 5) {
          link(bottom, left);
          link(top, right);
        } else if (bits === 6) link(top, bottom);
        else if (bits === 7) link(top, left);
        else if (bits === 8) link(left, top);
        else if (bits === 9) link(bottom, top);
        else if (bits === 10) {
          link(left, top);
          link(right, bottom);
        } else if (bits === 11) link(right, top);
        else if (bits === 12) link(left, right);
        else if (bits === 13) link(bottom, right);
        else link(left, bottom);
      }
    const point = (id: number): Pt => {
      const vertical = id % 2 === 1;
      const cell = (id - (vertical ? 1 : 0)) / 2;
      const c = cell % columns;
      const r = (cell - c) / columns;
      const v0 = get(c, r);
      const v1 = vertical ? get(c, r + 1) : get(c + 1, r);
      const t = v0 === v1 ? 0.5 : Math.min(0.98, Math.max(0.02, v0 / (v0 - v1)));
      return [west + (c + (vertical ? 0 : t)) * stepKm, south + (r + (vertical ? t : 0)) * stepKm];
    };
    const rings: Line[] = [];
    for (const start of [...next.keys()]) {
      if (!next.has(start)) continue;
      const ring: Line = [];
      let id = start;
      for (let to = next.get(id); to !== undefined; to = next.get(id)) {
        next.delete(id);
        ring.push(point(id));
        id = to;
      }
      ring.push(at(ring, 0));
      rings.push(ring);
    }
    return rings;
  }
}

const at2 = (values: Float32Array, i: number): number => values[i] ?? 0;

/** Distance in km from every grid point to the nearest of the lines (exact transform of their rasterised cells). */
export function distanceTo(frame: Frame, lines: readonly (readonly Pt[])[]): Field {
  const { west, south, stepKm, columns, rows } = frame;
  const far = 1e12;
  const grid = new Float64Array(columns * rows).fill(far);
  for (const line of lines)
    for (let i = 0; i + 1 < line.length; i++) {
      const a = at(line, i);
      const b = at(line, i + 1);
      const steps = Math.max(1, Math.ceil(Math.hypot(b[0] - a[0], b[1] - a[1]) / (stepKm * 0.7)));
      for (let s = 0; s <= steps; s++) {
        const c = Math.round((a[0] + ((b[0] - a[0]) * s) / steps - west) / stepKm);
        const r = Math.round((a[1] + ((b[1] - a[1]) * s) / steps - south) / stepKm);
        if (c >= 0 && r >= 0 && c < columns && r < rows) grid[r * columns + c] = 0;
      }
    }
  const pass = (n: number, read: (i: number) => number, write: (i: number, v: number) => void) => {
    // Lower envelope of parabolas (Felzenszwalb and Huttenlocher 2012), one row or column at a time.
    const v = new Int32Array(n);
    const z = new Float64Array(n + 1);
    const f = Float64Array.from({ length: n }, (_, i) => read(i));
    let k = 0;
    z[0] = -far;
    z[1] = far;
    const value = (i: number) => f[i] ?? far;
    for (let q = 1; q < n; q++) {
      let s = 0;
      for (;;) {
        const p = v[k] ?? 0;
        s = (value(q) + q * q - (value(p) + p * p)) / (2 * q - 2 * p);
        if (s > (z[k] ?? -far) || k === 0) break;
        k--;
      }
      if (s > (z[k] ?? -far)) k++;
      v[k] = q;
      z[k] = s;
      z[k + 1] = far;
    }
    k = 0;
    for (let q = 0; q < n; q++) {
      while ((z[k + 1] ?? far) < q) k++;
      const p = v[k] ?? 0;
      write(q, (q - p) * (q - p) + value(p));
    }
  };
  for (let c = 0; c < columns; c++)
    pass(
      rows,
      (r) => grid[r * columns + c] ?? far,
      (r, value) => {
        grid[r * columns + c] = value;
      },
    );
  for (let r = 0; r < rows; r++)
    pass(
      columns,
      (c) => grid[r * columns + c] ?? far,
      (c, value) => {
        grid[r * columns + c] = value;
      },
    );
  return new Field(frame, (_, i) => Math.sqrt(grid[i] ?? far) * stepKm);
}
