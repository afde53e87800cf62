/** Borders without the coast: where land ends nobody needs a dashed line. Pure. */
import type { Coordinate } from 'ol/coordinate';

const key = ([x = 0, y = 0]: Coordinate) => `${x.toFixed(1)} ${y.toFixed(1)}`;

export function coastPoints(lines: readonly (readonly Coordinate[])[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.map(key)));
}

/** The parts of a closed ring that do not run along the coast: segments with at least one end off it. */
export function inlandParts(ring: readonly Coordinate[], coast: ReadonlySet<string>): Coordinate[][] {
  const parts: Coordinate[][] = [];
  let part: Coordinate[] = [];
  for (let i = 1; i < ring.length; i++) {
    const [from, to] = [ring[i - 1], ring[i]];
    if (!from || !to) continue;
    if (coast.has(key(from)) && coast.has(key(to))) {
      if (part.length > 1) parts.push(part);
      part = [];
      continue;
    }
    if (part.length === 0) part = [from];
    part.push(to);
  }
  if (part.length > 1) parts.push(part);
  return parts;
}
