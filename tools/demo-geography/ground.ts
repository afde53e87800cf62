/** Everything one may want to know about a place on the board: inside or outside, how far to the coast, river, road. */
import type { Areas } from './areas.ts';
import type { Base } from './base.ts';
import { distanceTo, Field, type Frame } from './field.ts';
import { at, distance, inPolygon, type Line, type Pt } from './plane.ts';
import type { Road } from './roads.ts';
import { TOWNS } from './roads.ts';

export const FRAME: Frame = { west: -1, south: -8, stepKm: 0.14, columns: 836, rows: 740 };

export interface Ground {
  /** Above zero inside the province, km to its outline; below zero outside. */
  inside: Field;
  coastKm: Field;
  riverKm: Field;
  roadKm: Field;
  /** 1 in the middle of a town, 0 at its edge, below outside. */
  town: Field;
  inRiver(p: Pt): boolean;
}

/** 1 inside, −1 outside, by crossing counts along every row: far cheaper than asking point by point. */
function sides(frame: Frame, rings: readonly Line[]): Field {
  const rowsCut: number[][] = Array.from({ length: frame.rows }, () => []);
  for (const ring of rings)
    for (let i = 0; i + 1 < ring.length; i++) {
      const a = at(ring, i);
      const b = at(ring, i + 1);
      const low = Math.max(0, Math.ceil((Math.min(a[1], b[1]) - frame.south) / frame.stepKm));
      const high = Math.min(frame.rows - 1, Math.floor((Math.max(a[1], b[1]) - frame.south) / frame.stepKm));
      for (let r = low; r <= high; r++) {
        const y = frame.south + r * frame.stepKm;
        if (a[1] > y !== b[1] > y) rowsCut[r]?.push(a[0] + ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]));
      }
    }
  for (const row of rowsCut) row.sort((a, b) => a - b);
  return new Field(frame, (p, index) => {
    const row = rowsCut[Math.floor(index / frame.columns)] ?? [];
    let n = 0;
    for (const x of row) if (x < p[0]) n++;
    return n % 2 === 1 ? 1 : -1;
  });
}

export function survey(base: Base, areas: Areas, roads: readonly Road[]): Ground {
  const side = sides(FRAME, areas.province.rings);
  const outlineKm = distanceTo(FRAME, areas.province.rings);
  const coastKm = distanceTo(FRAME, [base.coast, ...areas.islets.map((i) => i.ring)]);
  const riverKm = distanceTo(
    FRAME,
    base.rivers.flatMap((r) => r.polygon.slice(0, 1)),
  );
  const roadKm = distanceTo(
    FRAME,
    roads.map((r) => r.line),
  );
  const town = new Field(FRAME, (p) => {
    let best = -9;
    for (const t of TOWNS) best = Math.max(best, 1 - distance(p, t.at) / t.radiusKm);
    return best;
  });
  return {
    inside: new Field(FRAME, (_, i) => (side.values[i] ?? -1) * (outlineKm.values[i] ?? 0)),
    coastKm,
    riverKm,
    roadKm,
    town,
    inRiver: (p) => base.rivers.some((r) => inPolygon(p, r.polygon.slice(0, 1))),
  };
}
