/**
 * One topology, simplified with a tolerance that depends on the place, so that nothing has a seam: as the source has
 * it round Viet Nam, coarser in the region, coarse in the rest of the world.
 */
interface Shape {
  type: 'Polygon' | 'MultiPolygon' | string;
  id?: string;
  arcs?: number[][] | number[][][];
}

/** What is used of world-atlas' countries-10m.json. */
export interface WorldAtlas {
  transform?: { scale: [number, number]; translate: [number, number] };
  objects: { countries: { geometries: Shape[] }; land: { geometries: Shape[] } };
  arcs: [number, number][][];
}

const polygonsIn = (shape: Shape): number[][][] =>
  shape.type === 'Polygon'
    ? [shape.arcs as number[][]]
    : shape.type === 'MultiPolygon'
      ? (shape.arcs as number[][][])
      : [];

type Box = readonly [west: number, south: number, east: number, north: number];

/** Finest first; degrees. Rings smaller than `minDegrees` across vanish. */
const ZONES: readonly { box: Box; toleranceDegrees: number; minDegrees: number }[] = [
  { box: [101, 6, 117.5, 24], toleranceDegrees: 0, minDegrees: 0 },
  { box: [90, -11, 128, 32], toleranceDegrees: 0.012, minDegrees: 0.06 },
  { box: [-180, -90, 180, 90], toleranceDegrees: 0.08, minDegrees: 0.4 },
];

/**
 * Here the islands of Hoàng Sa and Trường Sa come from a file of our own, with their names; the source's few specks
 * would only double them.
 */
const ARCHIPELAGOS: readonly Box[] = [
  [111, 15.4, 113.2, 17.3],
  [111, 6.2, 117.2, 12.2],
];

const within = (p: readonly number[], [west, south, east, north]: Box): boolean =>
  (p[0] ?? 0) >= west && (p[0] ?? 0) <= east && (p[1] ?? 0) >= south && (p[1] ?? 0) <= north;

const zoneOf = (p: readonly number[]) => ZONES.find((zone) => within(p, zone.box)) ?? ZONES[ZONES.length - 1];

type Arc = [number, number][];

export interface World {
  type: 'Topology';
  transform: { scale: [number, number]; translate: [number, number] };
  objects: {
    land: { type: 'MultiPolygon'; arcs: number[][][] };
    vietnam: { type: 'MultiPolygon'; arcs: number[][][] };
    borders: { type: 'MultiLineString'; arcs: number[][] };
  };
  arcs: Arc[];
}

export function buildWorld(atlas: WorldAtlas): World {
  const transform = atlas.transform;
  if (!transform) throw new Error('the atlas is expected to be quantised');
  const [sx, sy] = transform.scale;
  const [tx, ty] = transform.translate;
  const degrees = (p: readonly [number, number]): [number, number] => [p[0] * sx + tx, p[1] * sy + ty];

  const arcs: Arc[] = atlas.arcs.map((arc) => {
    let x = 0;
    let y = 0;
    return arc.map(([dx, dy]) => {
      x += dx;
      y += dy;
      return [x, y];
    });
  });
  const users = countUsers(atlas, arcs.length);
  const simple = arcs.map((arc) => thin(arc, degrees));

  const ringPoints = (ring: readonly number[]) =>
    ring.flatMap((i) => {
      const arc = simple[i < 0 ? ~i : i] ?? [];
      return i < 0 ? [...arc].reverse() : arc;
    });
  const worthDrawing = (ring: readonly number[]): boolean => {
    const points = ringPoints(ring).map(degrees);
    const first = points[0];
    if (!first || new Set(points.map(String)).size < 3) return false;
    if (ARCHIPELAGOS.some((box) => points.every((p) => within(p, box)))) return false;
    const xs = points.map((p) => p[0]);
    const ys = points.map((p) => p[1]);
    const across = Math.max(spread(xs), spread(ys));
    return across >= (zoneOf(first)?.minDegrees ?? 0);
  };
  const polygonsOf = (shapes: readonly Shape[]): number[][][] =>
    shapes.flatMap((shape) => {
      const polygons = polygonsIn(shape);
      return polygons
        .map((rings) => rings.filter(worthDrawing))
        .filter((rings, i) => {
          const shell = polygons[i]?.[0];
          return shell !== undefined && rings[0] === shell;
        });
    });

  const land = polygonsOf(atlas.objects.land.geometries);
  const vietnam = polygonsOf(atlas.objects.countries.geometries.filter((g) => g.id === '704'));
  const borders = users.flatMap((count, i) => (count > 1 ? [[i]] : []));

  // Only the arcs that something still uses, renumbered.
  const renumber = new Map<number, number>();
  const kept: Arc[] = [];
  const ref = (i: number): number => {
    const arc = i < 0 ? ~i : i;
    let n = renumber.get(arc);
    if (n === undefined) {
      n = kept.length;
      renumber.set(arc, n);
      kept.push(simple[arc] ?? []);
    }
    return i < 0 ? ~n : n;
  };
  const objects = {
    land: { type: 'MultiPolygon' as const, arcs: land.map((rings) => rings.map((ring) => ring.map(ref))) },
    vietnam: {
      type: 'MultiPolygon' as const,
      arcs: vietnam.map((rings) => rings.map((ring) => ring.map(ref))),
    },
    borders: { type: 'MultiLineString' as const, arcs: borders.map((line) => line.map(ref)) },
  };
  return {
    type: 'Topology',
    transform: { scale: [sx, sy], translate: [tx, ty] },
    objects,
    arcs: kept.map(delta),
  };
}

const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);

/** How many countries use each arc: two means it is a border on land. */
function countUsers(atlas: WorldAtlas, arcCount: number): number[] {
  const users = new Array<number>(arcCount).fill(0);
  for (const geometry of atlas.objects.countries.geometries) {
    for (const i of new Set(
      polygonsIn(geometry)
        .flat(2)
        .map((arc) => (arc < 0 ? ~arc : arc)),
    ))
      users[i] = (users[i] ?? 0) + 1;
  }
  return users;
}

function delta(arc: Arc): Arc {
  let x = 0;
  let y = 0;
  return arc.map((p) => {
    const d: [number, number] = [p[0] - x, p[1] - y];
    [x, y] = p;
    return d;
  });
}

/** Douglas–Peucker whose tolerance is that of the zone where the farthest vertex lies. Ends stay. */
function thin(arc: Arc, degrees: (p: [number, number]) => [number, number]): Arc {
  if (arc.length < 3) return arc;
  const points = arc.map(degrees);
  const keep = new Set([0, arc.length - 1]);
  const stack: [number, number][] = [[0, arc.length - 1]];
  for (let range = stack.pop(); range; range = stack.pop()) {
    const [from, to] = range;
    const a = points[from];
    const b = points[to];
    if (!a || !b) continue;
    let worst = -1;
    let worstRatio = 0;
    for (let i = from + 1; i < to; i++) {
      const p = points[i];
      if (!p) continue;
      const ratio = offLine(p, a, b) / Math.max(1e-9, zoneOf(p)?.toleranceDegrees ?? 0);
      if (ratio > worstRatio) {
        worst = i;
        worstRatio = ratio;
      }
    }
    if (worst > 0 && worstRatio > 1) {
      keep.add(worst);
      stack.push([from, worst], [worst, to]);
    }
  }
  return arc.filter((_, i) => keep.has(i));
}

function offLine(p: [number, number], a: [number, number], b: [number, number]): number {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const len2 = dx * dx + dy * dy;
  const t = len2 === 0 ? 0 : Math.min(1, Math.max(0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / len2));
  return Math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy);
}
