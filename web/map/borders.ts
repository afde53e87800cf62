/**
 * Borders as lines of their own: without the coast, where land ends and nobody needs a dashed line, and each only
 * once, because two neighbours' dashes laid over each other make a solid line. Pure.
 */
import type { Coordinate } from 'ol/coordinate';

export type Ring = readonly Coordinate[];

const pointKey = ([x = 0, y = 0]: Coordinate) => `${x.toFixed(1)} ${y.toFixed(1)}`;

export function coastPoints(lines: readonly Ring[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.map(pointKey)));
}

/**
 * Hands out the parts of rings that have not been handed out before and do not run along the coast (both ends of a
 * segment on it). Give the greater areas first: their line is the one that is drawn.
 */
export function borderDrawer(
  coast: ReadonlySet<string> = new Set(),
): (rings: readonly Ring[]) => Coordinate[][] {
  const drawn = new Set<string>();
  return (rings) =>
    rings.flatMap((ring) => {
      const parts: Coordinate[][] = [];
      let part: Coordinate[] = [];
      for (let i = 1; i < ring.length; i++) {
        const [from, to] = [ring[i - 1], ring[i]];
        if (!from || !to) continue;
        const [a, b] = [pointKey(from), pointKey(to)];
        const segment = a < b ? `${a} ${b}` : `${b} ${a}`;
        if (drawn.has(segment) || (coast.has(a) && coast.has(b))) {
          if (part.length > 1) parts.push(part);
          part = [];
          continue;
        }
        drawn.add(segment);
        if (part.length === 0) part = [from];
        part.push(to);
      }
      if (part.length > 1) parts.push(part);
      return parts;
    });
}
