import type { Pt } from './plane.ts';

export interface Segment {
  from: Pt;
  to: Pt;
  owner: number;
  index: number;
}

/** Buckets of segments, so that "which of these cross" does not look at every pair. */
export class SegmentGrid {
  readonly #cellKm: number;
  readonly #cells = new Map<string, Segment[]>();

  constructor(cellKm: number) {
    this.#cellKm = cellKm;
  }

  add(from: Pt, to: Pt, owner: number, index: number): void {
    const segment = { from, to, owner, index };
    this.#visit(from, to, (cell) => {
      const list = this.#cells.get(cell);
      if (list) list.push(segment);
      else this.#cells.set(cell, [segment]);
    });
  }

  #visit(from: Pt, to: Pt, fn: (cell: string) => void): void {
    const k = this.#cellKm;
    for (let x = Math.floor(Math.min(from[0], to[0]) / k); x <= Math.floor(Math.max(from[0], to[0]) / k); x++)
      for (
        let y = Math.floor(Math.min(from[1], to[1]) / k);
        y <= Math.floor(Math.max(from[1], to[1]) / k);
        y++
      )
        fn(`${x},${y}`);
  }

  /** Every segment in a bucket that the box of `from`–`to` touches; some come more than once. */
  near(from: Pt, to: Pt, fn: (segment: Segment) => void): void {
    this.#visit(from, to, (cell) => {
      for (const segment of this.#cells.get(cell) ?? []) fn(segment);
    });
  }

  /** Every pair that shares a bucket, each pair once. */
  pairs(fn: (a: Segment, b: Segment) => void): void {
    const seen = new Set<string>();
    for (const list of this.#cells.values())
      for (let i = 0; i < list.length; i++)
        for (let j = i + 1; j < list.length; j++) {
          const a = list[i];
          const b = list[j];
          if (!a || !b) continue;
          const id = `${a.owner}.${a.index}|${b.owner}.${b.index}`;
          if (seen.has(id)) continue;
          seen.add(id);
          fn(a, b);
        }
  }
}
